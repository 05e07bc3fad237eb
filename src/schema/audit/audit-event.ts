import type { AuditEvent } from '../../audit/read/query.ts';
import { events as catalogue } from '../../audit/record/events.ts';
import { auditEventsByPosition } from '../../domain/audit/audit-events.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';

export const Severity = enumOf('Severity', 'How much attention an audit event deserves.', {
  LOW: 'Routine.',
  MEDIUM: 'A change worth a look in a review.',
  HIGH: 'A change of access, of pay, or of an account.',
  CRITICAL: 'A sign of an attack or of damage.',
});

const ActorKind = enumOf('ActorKind', 'What performed an operation.', {
  user: 'A user.',
  service: 'A service account, by an API key.',
  system: 'The server itself.',
  anonymous: 'A caller without a valid credential.',
});

type Body = {
  before?: unknown;
  after?: unknown;
  actor: { kind: typeof ActorKind.$inferType };
  requestId: string;
  ip: string | null;
  data?: unknown;
};
const bodyOf = (event: AuditEvent): Body => JSON.parse(event.body) as Body;

/** Positions are counted for each company, so the id of an event has its company too. */
const idOf = ({ companyId, position }: Pick<AuditEvent, 'companyId' | 'position'>) =>
  `${companyId}/${position}`;

export const AuditEventType = builder.node(builder.objectRef<AuditEvent>('AuditEvent'), {
  description: 'An event in the audit log of the company. Encrypted values in it stay encrypted.',
  authScopes: { can: 'audit.read' },
  id: { resolve: idOf },
  loadMany: async (ids, context) => {
    const positions = ids.map((id) => id.split('/')[1] ?? '');
    const found = await context.read(auditEventsByPosition, positions);
    return ids.map((id) => found.find((event) => idOf(event) === id) ?? null);
  },
  fields: (t) => ({
    cursor: t.exposeString('position', {
      description: 'The place of the event in the audit log, for `after` and `before`.',
    }),
    occurredAt: t.expose('at', { type: 'DateTime', description: 'When the event happened.' }),
    action: t.exposeString('action', { description: 'The kind of event, such as `employee.created`.' }),
    description: t.string({
      description: 'What happened, in one sentence.',
      resolve: ({ action }) => catalogue[action as keyof typeof catalogue]?.what ?? action,
    }),
    severity: t.expose('severity', { type: Severity, description: 'How much attention the event deserves.' }),
    actorKind: t.field({
      type: ActorKind,
      description: 'What performed the operation.',
      resolve: (event) => bodyOf(event).actor.kind,
    }),
    actorId: t.exposeID('actorId', {
      nullable: true,
      description: 'The UUID of the user or service account. Null for the system and anonymous callers.',
    }),
    entity: t.exposeString('entity', {
      nullable: true,
      description: 'The kind of object that changed, such as `Employee`.',
    }),
    entityId: t.exposeID('entityId', { nullable: true, description: 'The UUID of the object that changed.' }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The values before the change.',
      resolve: (event) => bodyOf(event).before,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The values after the change.',
      resolve: (event) => bodyOf(event).after,
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Further facts about the event.',
      resolve: (event) => bodyOf(event).data,
    }),
    requestId: t.string({
      description: 'The id of the request, which is also in the server log.',
      resolve: (event) => bodyOf(event).requestId,
    }),
    ip: t.string({
      nullable: true,
      description: 'The network address that the request came from.',
      resolve: (event) => bodyOf(event).ip,
    }),
    hash: t.exposeString('hash', {
      description: 'The hash of the chain up to this event, as hexadecimal SHA-256.',
    }),
  }),
});
