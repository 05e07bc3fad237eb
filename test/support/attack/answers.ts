import { request } from 'node:http';
import type { Answer, World } from '../server/world.ts';
import { leaveTime } from '../until.ts';

export const codesOf = ({ errors }: Pick<Answer, 'errors'>): string[] => [
  ...new Set(errors?.map(({ extensions }) => extensions.code)),
];

const idIn = (global: string) => Buffer.from(global, 'base64').toString().split(':')[1] as string;

/**
 * An answer without what differs between any two requests, and without the id that was asked for.
 */
export function comparable({ status, data, errors }: Answer, id: string): string {
  const raw = id.length > 36 || id.startsWith('U2Vzc2lvbjo') ? idIn(id) : id;
  const text = JSON.stringify({
    status,
    data: data ?? null,
    errors: errors?.map(({ extensions: { requestId: _, ...rest }, ...error }) => ({
      ...error,
      extensions: rest,
    })),
  });
  return text.replaceAll(id, '<id>').replaceAll(raw, '<id>');
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
export const uuidsIn = (text: string): string[] => text.match(UUID) ?? [];

/** A text, and what is readable in its global ids and cursors. */
export function decoded(text: string): string {
  const words = text.match(/[A-Za-z0-9+/=]{24,}/g) ?? [];
  return [text, ...words.map((word) => Buffer.from(word, 'base64').toString('latin1'))].join(' ');
}

/** Null, an empty list or an empty connection, wherever the operation's own field is. */
export function isEmpty(data: unknown): boolean {
  if (data === null || data === undefined) return true;
  if (Array.isArray(data)) return data.every(isEmpty);
  if (typeof data !== 'object') return false;
  if ('edges' in data)
    return isEmpty(data.edges) && ((data as { totalCount?: number }).totalCount ?? 0) === 0;
  return Object.values(data).every(isEmpty);
}

export async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

/**
 * The answer of a subscription: until the server ends it or `most` events came, however long
 * that takes; without `most`, what comes in its first moments.
 */
export async function listen(
  { url }: Pick<World, 'url'>,
  query: string,
  variables: object,
  token: string,
  most = Infinity,
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${token}`,
  };
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      let text = '';
      const done = () => resolve({ status: response.statusCode ?? 0, text });
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (eventsIn(text).length >= most) sent.destroy();
      });
      response.on('end', done).on('error', done);
      if (most === Infinity) void leaveTime(700).then(() => sent.destroy());
    });
    sent.on('error', reject).end(JSON.stringify({ query, variables }));
  });
  const events = eventsIn(text).map((json) => JSON.parse(json));
  const errors = events.flatMap((event) => event.errors ?? []);
  const data = events.flatMap((event) => (event.data ? [event.data] : []));
  return { status, headers: new Headers(), data, ...(errors.length > 0 && { errors }) };
}

const eventsIn = (text: string): string[] =>
  [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => json as string);
