import type { AuditFilter } from '../../audit/read/query.ts';
import { auditEventCount, auditEventPage, auditEventStream } from '../../domain/audit/audit-events.ts';
import { connectionType } from '../connections/connection-types.ts';
import { connectionOf, pageOf } from '../connections/page.ts';
import { builder } from '../core/builder.ts';
import { uuidArgument } from '../core/fields.ts';
import { AuditEventType, Severity } from './audit-event.ts';

const AuditEventFilter = builder.inputType('AuditEventFilter', {
  description: 'Conditions that audit events must all meet.',
  fields: (t) => ({
    action: t.stringList({ description: 'The kinds of event, such as `employee.created`.' }),
    severity: t.field({ type: [Severity], description: 'The severities.' }),
    actorId: t.id({ description: 'The UUID of the user or service account that performed the operation.' }),
    entity: t.string({ description: 'The kind of object that changed, such as `Employee`.' }),
    entityId: t.id({ description: 'The UUID of the object that changed.' }),
    occurredFrom: t.field({ type: 'DateTime', description: 'The earliest time, inclusive.' }),
    occurredBefore: t.field({ type: 'DateTime', description: 'The latest time, exclusive.' }),
  }),
});

function filterOf(filter: typeof AuditEventFilter.$inferInput | null | undefined): AuditFilter {
  const { actorId, entityId, occurredFrom: from, occurredBefore: to, ...rest } = filter ?? {};
  return {
    ...rest,
    ...(from && { from }),
    ...(to && { to }),
    ...(actorId != null && { actor: uuidArgument('filter.actorId', actorId) }),
    ...(entityId != null && { entityId: uuidArgument('filter.entityId', entityId) }),
  };
}

builder.queryField('auditEvents', (t) =>
  t.connection(
    {
      type: AuditEventType,
      description: 'The audit log of the company in the order of commits; `last` reads from the end.',
      args: {
        filter: t.arg({ type: AuditEventFilter, description: 'Only events that meet these conditions.' }),
      },
      authScopes: { can: 'audit.read' },
      resolve: async (_root, { filter, ...args }, context) => {
        const wanted = filterOf(filter);
        const { take, backward } = pageOf(args);
        const { after, before } = args;
        const window = { after, before, [backward ? 'last' : 'first']: take + 1 };
        const { events } = await context.read(auditEventPage, { filter: wanted, window });
        const read = backward ? events.toReversed() : events;
        const count = () => context.read(auditEventCount, wanted);
        return connectionOf(read, args, ({ position }) => position, count) as never;
      },
    },
    connectionType(AuditEventType as never) as never,
  ),
);

builder.subscriptionField('auditEvents', (t) =>
  t.field({
    type: AuditEventType,
    description:
      'The audit log from a place on, then live, each event once. Ends within a second of the caller losing the permission.',
    args: {
      after: t.arg.string({
        description:
          'The `cursor` of the last event that the client has. Without it, only new events follow.',
      }),
      filter: t.arg({ type: AuditEventFilter, description: 'Only events that meet these conditions.' }),
    },
    authScopes: { can: 'audit.read' },
    subscribe: (_root, { after, filter }, context) =>
      context.read(auditEventStream, { after: context.lastEventId ?? after, filter: filterOf(filter) }),
    resolve: (event) => event,
  }),
);
