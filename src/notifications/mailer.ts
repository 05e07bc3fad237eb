import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config, MailConfig, SmsConfig } from '../config.ts';
import { devMailbox } from './dev-mailbox.ts';
import type { Deliver, Message } from './message.ts';
import { smsOverHttp } from './sms.ts';
import { smtp } from './smtp.ts';

/**
 * Where messages are handed in. Nobody waits for their delivery: an answer takes as long with a mail as without, and a mail server that
 * is down fails no operation. What is not delivered when the process ends is lost, so links can be asked for again.
 */
export type Mailer = {
  /** Whether messages of this channel go anywhere. */
  canSend: (channel: Message['channel']) => boolean;
  send: (message: Message) => void;
  /** Work that ends in a message and that nobody waits for either: looking somebody up, making them a link. */
  defer: (work: () => Promise<void>) => void;
  /** Everything that was handed in is delivered or given up. */
  settled: () => Promise<void>;
  close: () => Promise<void>;
};

/** Waits before each new try; milliseconds. */
const RETRY_DELAYS_MS = [1_000, 5_000, 30_000];
/** How long work waits for the answer to be gone: it would take the answer's time from it. */
const DEFER_MS = 100;
/** Messages on their way at once, and how many may wait: a flood is dropped rather than kept in memory. */
const CONCURRENCY = 2;
const QUEUE_LIMIT = 10_000;

type Delivery = { email: Deliver | null; sms: Deliver | null; close: () => void };

export function openMailer(config: Pick<Config, 'mail' | 'sms'>, log: Logger): Mailer {
  const delivery = deliveryOf(config);
  const waiting: Message[] = [];
  const running = new Set<Promise<void>>();
  const workers = new Set<Promise<void>>();
  const closed = new AbortController();

  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      await deliver(delivery, next, log, closed.signal);
  };
  const start = () => {
    if (workers.size >= CONCURRENCY) return;
    const worker: Promise<void> = work().finally(() => workers.delete(worker));
    workers.add(worker);
  };
  const settled = async () => {
    while (running.size + workers.size > 0) await Promise.all([...running, ...workers]);
  };
  const defer: Mailer['defer'] = (work) => {
    const started: Promise<void> = sleep(DEFER_MS, undefined, { signal: closed.signal })
      .catch(() => {})
      .then(work)
      .catch((error) => log.error({ err: error }, 'a message could not be prepared'))
      .finally(() => running.delete(started));
    running.add(started);
  };
  return {
    canSend: (channel) => delivery[channel] !== null,
    send(message) {
      if (waiting.length >= QUEUE_LIMIT)
        return void log.error({ channel: message.channel }, 'a message was dropped');
      waiting.push(message);
      start();
    },
    defer,
    settled,
    async close() {
      closed.abort();
      await settled();
      delivery.close();
    },
  };
}

function deliveryOf({ mail, sms }: { mail: MailConfig; sms: SmsConfig }): Delivery {
  const overSmtp = mail.kind === 'smtp' ? smtp(mail) : null;
  return {
    email: overSmtp ?? (mail.kind === 'folder' ? devMailbox(mail.folder) : null),
    sms: sms.kind === 'http' ? smsOverHttp(sms) : sms.kind === 'folder' ? devMailbox(sms.folder) : null,
    close: () => overSmtp?.close(),
  };
}

/** Tries, waits, tries again; once the server stops there are no more waits. The log never holds an address or a text. */
async function deliver(
  delivery: Delivery,
  message: Message,
  log: Logger,
  closed: AbortSignal,
): Promise<void> {
  const { channel } = message;
  const send = delivery[channel];
  if (!send) return void log.warn({ channel }, 'a message goes nowhere: this channel is not configured');
  for (const wait of [...RETRY_DELAYS_MS, null]) {
    try {
      return await send(message);
    } catch (error) {
      // its message may quote the address
      const { code } = error as { code?: string };
      if (wait === null || closed.aborted)
        return void log.error({ channel, reason: code }, 'a message could not be delivered');
      await sleep(wait, undefined, { signal: closed }).catch(() => {});
    }
  }
}
