import type { ModelName } from '../../db/guarantees.gen.ts';
import { type Action, events } from './events.ts';

/** The request that an event came by. */
export type Origin = { requestId: string; ip: string | null; userAgent: string | null };

/**
 * Who did it; `session` is the first 12 hex digits of the session's hash, enough to tell sessions
 * apart. A service account has its own id as `userId`, and `key` is the API key's.
 */
export type Performer = {
  kind: 'user' | 'service' | 'system' | 'anonymous';
  userId?: string;
  roles?: string[];
  session?: string;
  key?: string;
};

/**
 * The content of an event of no row besides performer and origin. `data` holds its facts; never a
 * secret or a sealed value. PostgreSQL writes the events of changed rows (declaration.ts).
 */
export type EventFacts = {
  action: Action;
  entity?: ModelName;
  entityId?: string;
  data?: Record<string, unknown>;
};

/** An audit event before it is appended. */
export type NewEvent = EventFacts & { performer: Performer; origin: Origin };

/** Longer user agents are cut: the audit log does not store what a client sends at will. */
const USER_AGENT_LENGTH = 400;

export const anonymous: Performer = { kind: 'anonymous' };
export const system: Performer = { kind: 'system' };
type Acting = { kind: 'user' | 'service' | 'system'; userId: string; roles: string[]; sessionId: string };

/** An actor as the performer of an event; `null` is anonymous. */
export function performerOf(actor: Acting | null): Performer {
  if (!actor) return anonymous;
  if (actor.kind === 'system') return system;
  const { kind, userId, roles, sessionId } = actor;
  return {
    kind,
    userId,
    roles,
    ...(kind === 'service' ? { key: sessionId } : { session: sessionId.slice(0, 12) }),
  };
}

/** The members of a performer in the order in which an event has them. */
export const performerMembers = ({ kind, userId, roles, session, key }: Performer): Performer =>
  ({ kind, userId, roles, session, key }) as Performer;

export const userAgentOf = (userAgent: string | null): string | null =>
  userAgent?.slice(0, USER_AGENT_LENGTH) ?? null;

/**
 * An event's body: the JSON text that is stored, hashed and exported, byte for byte. Members are in
 * a fixed order and absent ones left out.
 */
export function toBody({ performer, origin, ...facts }: NewEvent): string {
  const { action, entity, entityId, data } = facts;
  const { severity } = events[action];
  const { requestId, ip } = origin;
  const [actor, userAgent] = [performerMembers(performer), userAgentOf(origin.userAgent)];
  return JSON.stringify(
    { v: 1, action, severity, actor, entity, entityId, requestId, ip, userAgent, data },
    storable,
  );
}

/**
 * Replaces U+0000 and lone surrogates: jsonb rejects them, and an anonymous client's e-mail may
 * contain them.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

function storable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? storableText(value) : value;
}
