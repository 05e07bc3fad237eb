import type { FastifyReply } from 'fastify';
import type { ExecutionResult, GraphQLError } from 'graphql';

const JSON_TYPES = ['application/graphql-response+json', 'application/json'] as const;
export type JsonType = (typeof JSON_TYPES)[number];

/**
 * The media ranges that the client takes; those of weight 0 it refuses (RFC 9110, 12.4.2). A field
 * without any range says as little as none (12.5.1).
 */
export function acceptedBy(accept = ''): string {
  const ranges = accept.split(',').filter((range) => range.trim() !== '');
  if (ranges.length === 0) return '*/*';
  return ranges.filter((range) => !REFUSED.test(range)).join();
}
const REFUSED = /;\s*q=0(\.0*)?\s*(;|$)/i;

/**
 * Which JSON the client takes: the first that it names, `application/json` for a wildcard.
 * Undefined when it asks for a stream.
 */
export function jsonTypeFor(accept: string): JsonType | undefined {
  if (/event-stream|multipart|charset=(?!"?utf-8)/i.test(accept)) return undefined;
  for (const range of accept.split(',')) {
    const wanted = range.split(';', 1)[0]?.trim().toLowerCase();
    if (wanted === '*/*' || wanted === 'application/*') return 'application/json';
    const known = JSON_TYPES.find((type) => type === wanted);
    if (known) return known;
  }
  return undefined;
}

type Http = { status?: number; spec?: boolean; headers?: Record<string, string> };
const httpOf = (error: GraphQLError) => error.extensions?.http as Http | undefined;

/**
 * GraphQL over HTTP § 6.4: errors of the whole request set the status, and in `application/json`
 * those of the document don't.
 */
export function sendJson(reply: FastifyReply, type: JsonType, result: ExecutionResult): FastifyReply {
  const requested = (result.errors ?? []).flatMap((error) => httpOf(error) ?? []);
  for (const { headers } of requested) if (headers) reply.headers(headers);
  const counted = requested.filter(({ spec }) => !(spec && type === 'application/json'));
  const status = Math.max(0, ...counted.map(({ status }) => status ?? 0));
  const shown = result.errors ? { ...result, errors: result.errors.map(withoutHttp) } : result;
  return reply
    .code(status || 200)
    .header('content-type', `${type}; charset=utf-8`)
    .send(JSON.stringify(shown));
}

function withoutHttp(error: GraphQLError) {
  const { http: _, ...extensions } = error.extensions ?? {};
  return { ...error.toJSON(), extensions };
}
