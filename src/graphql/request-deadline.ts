import type { FastifyReply } from 'fastify';
import { clientGone, Deadline, outcomeUnknown, outOfTime, withDeadline } from '../deadline.ts';
import { isSent } from './request/is-sent.ts';

/**
 * How long an operation may take to stop once its time is over; milliseconds. Then it is answered
 * for.
 */
const STOP_MS = 250;

export type RequestDeadline = {
  /** Aborts with the connection. */
  signal: AbortSignal;
  /** Ends the request as if its client had left. */
  abort(): void;
  /**
   * Runs the request's work. Rejects with UNAVAILABLE when its time is over and it does not stop by
   * itself.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
};

/**
 * Opens the deadline of a request: it ends after so many milliseconds, and when the client leaves
 * before the answer.
 */
export function openDeadline(reply: FastifyReply, milliseconds: number): RequestDeadline {
  const connection = new AbortController();
  const time = new Deadline();
  const deadline = new Deadline(time);
  const abort = () => {
    deadline.end(clientGone());
    connection.abort();
  };
  reply.raw.once('close', () => {
    if (!isSent(reply)) abort();
  });
  return { signal: connection.signal, abort, run: (work) => within(milliseconds, { deadline, time }, work) };
}

type Deadlines = { deadline: Deadline; time: Deadline };

async function within<T>(
  milliseconds: number,
  { deadline, time }: Deadlines,
  work: () => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const answerFor = () =>
      reject(deadline.mayHaveCommitted || time.mayHaveCommitted ? outcomeUnknown() : outOfTime());
    timer = setTimeout(() => {
      deadline.end(outOfTime());
      time.end(outOfTime());
      timer = setTimeout(answerFor, STOP_MS);
    }, milliseconds);
  });
  try {
    return await Promise.race([withDeadline(deadline, work), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
