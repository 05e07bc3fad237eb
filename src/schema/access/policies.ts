import { contentHash } from '../../crypto/digest.ts';
import { builder } from '../core/builder.ts';
import { type PolicyLine, policyCsv, policyMap } from '../core/policy-map.ts';

const PolicyLineType = builder.objectRef<PolicyLine>('PolicyLine').implement({
  description: 'Who may use one field or operation.',
  authScopes: { can: 'policy.read' },
  fields: (t) => ({
    type: t.exposeString('type'),
    field: t.exposeString('field'),
    access: t.exposeString('access', {
      description:
        '`public`, `authenticated` (people and API keys), `signedIn` (people), or the permission that it asks for.',
    }),
    self: t.exposeString('self', {
      nullable: true,
      description: 'The column that makes a row one’s own, which allows it too.',
    }),
    inherited: t.exposeBoolean('inherited', { description: 'The rule is the type’s.' }),
    visibility: t.exposeString('visibility', { nullable: true }),
    roles: t.exposeStringList('roles', { description: 'Built-in roles that hold it.' }),
    event: t.exposeString('event', {
      nullable: true,
      description: 'What the operation writes on the record.',
    }),
    mfa: t.exposeBoolean('mfa', {
      description: 'Refused to who owes a second factor and is past their grace period.',
    }),
    stepUp: t.exposeBoolean('stepUp', {
      description: 'Asks those who have a second factor for a recent one.',
    }),
  }),
});

const PolicyExport = builder.objectRef<{ lines: PolicyLine[] }>('PolicyExport').implement({
  authScopes: { can: 'policy.read' },
  fields: (t) => ({
    hash: t.string({
      description: 'SHA-256 of `json`: two equal hashes are the same policy.',
      resolve: ({ lines }) => contentHash(JSON.stringify(lines)),
    }),
    lines: t.field({ type: [PolicyLineType], resolve: ({ lines }) => lines }),
    json: t.string({ resolve: ({ lines }) => JSON.stringify(lines) }),
    csv: t.string({ resolve: ({ lines }) => policyCsv(lines) }),
  }),
});

builder.queryField('policies', (t) =>
  t.field({
    type: PolicyExport,
    description: 'The whole policy, read from the running schema.',
    authScopes: { can: 'policy.read' },
    resolve: (_root, _args, _context, info) => ({ lines: policyMap(info.schema) }),
  }),
);
