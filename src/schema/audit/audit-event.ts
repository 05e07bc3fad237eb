import { resolveCursorConnection } from '@pothos/plugin-relay';
import type { AuditEvent, AuditFilter } from '../../audit/read/query.ts';
import { events as catalogue, severities } from '../../audit/record/events.ts';
import { auditEventPage, auditEventStream } from '../../domain/audit/audit-events.ts';
import { builder } from '../core/builder.ts';
import { uuidArgument } from '../core/fields.ts';

const Severity = builder.enumType('Severity', { values: severities });

type Body = {
  before?: unknown;
  after?: unknown;
  actor: { kind: string };
  requestId: string;
  ip: string | null;
  data?: unknown;
};
const bodyOf = (event: AuditEvent): Body => JSON.parse(event.body) as Body;

const AuditEventType = builder.objectRef<AuditEvent>('AuditEvent').implement({
  description: 'One event of the company’s record. Sealed values in it stay sealed.',
  authScopes: { can: 'audit.read' },
  fields: (t) => ({
    cursor: t.exposeString('position', {
      description: 'Its position in the company’s chain; subscribe `after` it to go on from here.',
    }),
    at: t.expose('at', { type: 'DateTime' }),
    action: t.exposeString('action'),
    what: t.string({ resolve: ({ action }) => catalogue[action as keyof typeof catalogue]?.what ?? action }),
    severity: t.expose('severity', { type: Severity }),
    actorKind: t.string({ resolve: (event) => bodyOf(event).actor.kind }),
    actorId: t.exposeID('actorId', {
      nullable: true,
      description: 'The user or service account; null for the system and for strangers.',
    }),
    entity: t.exposeString('entity', { nullable: true }),
    entityId: t.exposeID('entityId', { nullable: true }),
    before: t.field({ type: 'JSON', nullable: true, resolve: (event) => bodyOf(event).before }),
    after: t.field({ type: 'JSON', nullable: true, resolve: (event) => bodyOf(event).after }),
    data: t.field({ type: 'JSON', nullable: true, resolve: (event) => bodyOf(event).data }),
    requestId: t.string({ resolve: (event) => bodyOf(event).requestId }),
    ip: t.string({ nullable: true, resolve: (event) => bodyOf(event).ip }),
    hash: t.exposeString('hash', { description: 'The chain’s hash up to here, hex SHA-256.' }),
  }),
});

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  fields: (t) => ({
    action: t.stringList(),
    severity: t.field({ type: [Severity] }),
    actorId: t.id(),
    entity: t.string(),
    entityId: t.id(),
    from: t.field({ type: 'DateTime', description: 'This moment and later.' }),
    to: t.field({ type: 'DateTime', description: 'Before this moment.' }),
  }),
});

function filterOf(filter: typeof AuditEventFilter.$inferInput | null | undefined): AuditFilter {
  const { actorId, entityId, ...rest } = filter ?? {};
  return {
    ...rest,
    ...(actorId != null && { actor: uuidArgument('filter.actorId', actorId) }),
    ...(entityId != null && { entityId: uuidArgument('filter.entityId', entityId) }),
  };
}

type Window = { before?: string | undefined; after?: string | undefined; limit: number; inverted: boolean };

builder.queryField('auditEvents', (t) =>
  t.connection({
    type: AuditEventType,
    description: 'The company’s record in the order of commits, oldest first; `last` reads from the end.',
    args: { filter: t.arg({ type: AuditEventFilter }) },
    authScopes: { can: 'audit.read' },
    resolve: (_root, { filter, ...args }, context) => {
      const wanted = filterOf(filter);
      const connection = {
        args,
        defaultSize: 20,
        maxSize: 100,
        toCursor: (event: AuditEvent) => event.position,
      };
      return resolveCursorConnection(connection, async ({ before, after, limit, inverted }: Window) => {
        const window = { before, after, ...(inverted ? { last: limit } : { first: limit }) };
        const { events } = await context.read(auditEventPage, { filter: wanted, window });
        return inverted ? events.reverse() : events;
      });
    },
  }),
);

builder.subscriptionField('auditEvents', (t) =>
  t.field({
    type: AuditEventType,
    description:
      'Replays from the cursor, then goes on live, each event once. Ends within a second of losing the right.',
    args: { after: t.arg.string(), filter: t.arg({ type: AuditEventFilter }) },
    authScopes: { can: 'audit.read' },
    subscribe: (_root, { after, filter }, context) =>
      context.read(auditEventStream, { after: context.lastEventId ?? after, filter: filterOf(filter) }),
    resolve: (event) => event,
  }),
);
