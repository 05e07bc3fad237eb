import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config, MailConfig, SmsConfig } from '../config.ts';
import { withoutDeadline } from '../deadline.ts';
import { type OutageWatch, outageWatch } from '../outage.ts';
import { devMailbox } from './dev-mailbox.ts';
import type { Deliver, Message } from './message.ts';
import { smsOverHttp } from './sms.ts';
import { smtp } from './smtp.ts';

/**
 * Delivers messages in the background. Operations never wait for delivery, so that answers take the
 * same time with and without a mail, and an unreachable mail server fails no operation. Undelivered
 * messages are lost when the process ends; users can request them again.
 */
export type Mailer = {
  /** Whether this channel is configured. */
  canSend: (channel: Message['channel']) => boolean;
  send: (message: Message) => void;
  /** The channels whose server cannot be reached, or refused the last message. */
  failing: () => Message['channel'][];
  /**
   * Runs work that ends in a message after the answer was sent, such as looking up an account and
   * creating its email token.
   */
  defer: (work: () => Promise<void>) => void;
  /** Resolves when every message and deferred work is delivered or failed. */
  settled: () => Promise<void>;
  close: () => Promise<void>;
};

/** Delays before each retry. */
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000];
/** Deferred work starts after the answer was sent, so that it cannot delay it. */
const DEFER_MS = 100;
/** Milliseconds between two probes of a mail server that cannot be reached. */
const PROBE_EVERY_MS = 5_000;
/**
 * Concurrent deliveries, and messages that may wait: further ones are dropped, which bounds memory.
 */
const CONCURRENCY = 2;
const QUEUE_LIMIT = 10_000;

type Delivery = {
  email: Deliver | null;
  sms: Deliver | null;
  /** Those whose last message was refused. */
  failing: Set<Message['channel']>;
  /** Null without a mail server. */
  mailServer: OutageWatch | null;
  close: () => void;
};

export function openMailer(config: Pick<Config, 'mail' | 'sms'>, log: Logger): Mailer {
  const delivery = deliveryOf(config, log);
  const queue: Message[] = [];
  const deferred = new Set<Promise<void>>();
  const workers = new Set<Promise<void>>();
  const closed = new AbortController();

  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      await deliver(delivery, next, log, closed.signal);
  };
  const start = () => {
    if (workers.size >= CONCURRENCY) return;
    const worker: Promise<void> = work().finally(() => workers.delete(worker));
    workers.add(worker);
  };
  delivery.mailServer?.suspect();
  const settled = async () => {
    while (deferred.size + workers.size > 0) await Promise.all([...deferred, ...workers]);
  };
  const defer: Mailer['defer'] = (work) => {
    const started: Promise<void> = sleep(DEFER_MS, undefined, { signal: closed.signal })
      .catch(() => {})
      .then(() => withoutDeadline(work))
      .catch((error) => log.error({ err: error }, 'message not created'))
      .finally(() => deferred.delete(started));
    deferred.add(started);
  };
  return {
    canSend: (channel) => delivery[channel] !== null,
    send(message) {
      if (queue.length >= QUEUE_LIMIT)
        return void log.error({ channel: message.channel }, 'message dropped: the queue is full');
      queue.push(message);
      start();
    },
    failing: () => failingOf(delivery),
    defer,
    settled,
    async close() {
      closed.abort();
      delivery.mailServer?.stop();
      await settled();
      delivery.close();
    },
  };
}

function failingOf({ failing, mailServer }: Delivery): Message['channel'][] {
  return mailServer?.isLost() ? [...new Set(failing).add('email')] : [...failing];
}

function deliveryOf({ mail, sms }: { mail: MailConfig; sms: SmsConfig }, log: Logger): Delivery {
  const overSmtp = mail.kind === 'smtp' ? smtp(mail) : null;
  return {
    email: overSmtp ?? (mail.kind === 'folder' ? devMailbox(mail.folder) : null),
    sms: sms.kind === 'http' ? smsOverHttp(sms) : sms.kind === 'folder' ? devMailbox(sms.folder) : null,
    failing: new Set(),
    mailServer: overSmtp && watchMailServer(overSmtp.verify, log),
    close: () => overSmtp?.close(),
  };
}

/** Probes the mail server at start, and from each failure until it answers; logs both once. */
function watchMailServer(verify: () => Promise<unknown>, log: Logger): OutageWatch {
  const why = ({ code }: { code?: string }) => code ?? 'no answer'; // its message may quote the address
  return outageWatch(
    {
      probe: () => verify().then(() => null, why),
      onLost: (reason) =>
        log.error({ channel: 'email', reason }, 'the mail server cannot be reached: check SMTP_URL'),
      onBack: (ms) => log.info({ channel: 'email', ms }, 'the mail server can be reached again'),
    },
    PROBE_EVERY_MS,
  );
}

/**
 * Delivers with retries; once the server stops, without delays. The log never contains an address
 * or a text.
 */
async function deliver(
  delivery: Delivery,
  message: Message,
  log: Logger,
  closed: AbortSignal,
): Promise<void> {
  const { channel } = message;
  const send = delivery[channel];
  if (!send) return void log.warn({ channel }, 'message discarded: the channel is not configured');
  for (const wait of [...RETRY_DELAYS_MS, null]) {
    try {
      await send(message);
      return void delivery.failing.delete(channel);
    } catch (error) {
      // The error's message may quote the address.
      const { code, responseCode } = error as { code?: string; responseCode?: number };
      if (channel === 'email') delivery.mailServer?.suspect();
      // of a mail server that gave no answer, its watch says whether it works again
      if (channel === 'sms' || responseCode) delivery.failing.add(channel);
      if (wait === null || closed.aborted)
        return void log.error({ channel, reason: code }, 'message not delivered');
      await sleep(wait, undefined, { signal: closed }).catch(() => {});
    }
  }
}
