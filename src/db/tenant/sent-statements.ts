import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Deadline } from '../../deadline.ts';
import { destroyConnection, requestCancel } from './pg-protocol.ts';

/**
 * How long a cancel request may take before it is sent again; milliseconds. It is lost when it
 * arrives between two statements.
 */
const CANCEL_AGAIN_MS = 100;
/** How long a cancelled statement may keep its connection before the connection is closed. */
const FROZEN_MS = 2_000;
/**
 * What a statement fails with because of a cancellation that was not meant for it: cancelled
 * itself, or without the statement's name, which the cancelled one in front of it would have
 * prepared.
 */
const BY_CANCELLATION = ['57014', '26000'];

/**
 * A statement was cancelled in favour of others, or in place of another one: it failed and can run
 * again elsewhere.
 */
export class Displaced extends Error {
  override readonly name = 'Displaced';
}

export type Terms = {
  /** What `displace` knows the statement by. */
  tag?: unknown;
  deadline?: Deadline | undefined;
  /**
   * How long the caller waits for the answer to a cancelled statement: of a COMMIT it says whether
   * it happened. Milliseconds.
   */
  patience?: number;
  /**
   * Called when PostgreSQL has answered or the connection is lost, which may be after the deadline.
   */
  onAnswered?: () => void;
};

type Sent = { tag: unknown; state: 'wanted' | 'abandoned' | 'displaced'; answered: Promise<unknown> };

/**
 * The statements that a connection has not answered yet, oldest first; PostgreSQL runs the first
 * one.
 */
export type SentStatements = {
  /** Sends a statement. Rejects when the deadline ends, and then cancels it as soon as it runs. */
  run<T>(submit: () => Promise<T>, terms: Terms): Promise<T>;
  /**
   * Cancels the statements with these tags as soon as they run, to let others run; they reject with
   * `Displaced`.
   */
  displace(isMeant: (tag: unknown) => boolean): void;
  /**
   * Whether statements are unanswered, or cancel requests on their way: the connection must not be
   * reused.
   */
  readonly busy: boolean;
};

export function sentStatements(client: pg.ClientBase): SentStatements {
  const sent: Sent[] = [];
  let cancelling = false;
  let cancels = 0;
  /** Cancel requests on their way: they may meet a statement that is sent after them. */
  let inFlight = 0;

  function cancel(): void {
    cancels += 1;
    inFlight += 1;
    void requestCancel(client).finally(() => {
      inFlight -= 1;
    });
  }

  /**
   * Cancels running statements without a waiting caller; closes the connection when cancelling
   * fails.
   */
  async function cancelUnwanted(): Promise<void> {
    if (cancelling) return;
    cancelling = true;
    let since = performance.now();
    for (let first = sent[0]; first && first.state !== 'wanted'; ) {
      cancel();
      await Promise.race([first.answered, sleep(CANCEL_AGAIN_MS)]);
      if (sent[0] !== first) since = performance.now();
      else if (performance.now() - since > FROZEN_MS) destroyConnection(client);
      first = sent[0];
    }
    cancelling = false;
  }

  async function answer<T>(entry: Sent, submitted: Promise<T>, onAnswered?: () => void): Promise<T> {
    const before = cancels - inFlight;
    try {
      return await submitted;
    } catch (error) {
      const cancelled =
        cancels > before && BY_CANCELLATION.includes(String((error as pg.DatabaseError).code));
      throw cancelled && entry.state !== 'abandoned' ? new Displaced('cancelled for another one') : error;
    } finally {
      sent.splice(sent.indexOf(entry), 1);
      onAnswered?.();
      if (sent[0] && sent[0].state !== 'wanted') void cancelUnwanted();
    }
  }

  return {
    run(submit, { tag, deadline, patience = 0, onAnswered }) {
      const entry: Sent = { tag, state: 'wanted', answered: Promise.resolve() };
      sent.push(entry);
      const answered = answer(entry, submit(), onAnswered);
      entry.answered = answered.catch(() => {});
      if (!deadline) return answered;
      return new Promise((resolve, reject) => {
        const forget = deadline.onEnd((reason) => {
          entry.state = 'abandoned';
          void cancelUnwanted();
          if (patience === 0) reject(reason);
          else setTimeout(reject, patience, reason);
        });
        answered.then(resolve, reject).finally(forget);
      });
    },
    displace(isMeant) {
      for (const entry of sent) if (entry.state === 'wanted' && isMeant(entry.tag)) entry.state = 'displaced';
      void cancelUnwanted();
    },
    get busy() {
      return sent.length > 0 || inFlight > 0;
    },
  };
}
