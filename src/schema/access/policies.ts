import { contentHash } from '../../crypto/digest.ts';
import { builder } from '../core/builder.ts';
import { type PolicyLine, policyCsv, policyMap } from '../policy/policy-map.ts';

const PolicyLineType = builder.objectRef<PolicyLine>('PolicyLine').implement({
  description: 'Who may use one field or operation.',
  authScopes: { can: 'policy.read' },
  fields: (t) => ({
    type: t.exposeString('type', { description: 'The type that the field belongs to.' }),
    field: t.exposeString('field', { description: 'The name of the field.' }),
    access: t.exposeString('access', {
      description:
        '`public`, `authenticated` (users and API keys), `signedIn` (users), or the permission that is required.',
    }),
    ownerColumn: t.exposeString('self', {
      nullable: true,
      description: 'The column that makes a row the own row of a user, who may then read the field too.',
    }),
    isInherited: t.exposeBoolean('inherited', { description: 'Whether the rule is that of the type.' }),
    visibility: t.exposeString('visibility', {
      nullable: true,
      description: 'The columns that the access scope compares, such as `branch=branchId`.',
    }),
    roles: t.exposeStringList('roles', { description: 'The built-in roles that may use the field.' }),
    event: t.exposeString('event', {
      nullable: true,
      description: 'The audit event that the operation appends.',
    }),
    isMfaRequired: t.exposeBoolean('mfa', {
      description: 'Whether users who must have a second factor are refused without one.',
    }),
    isStepUpRequired: t.exposeBoolean('stepUp', {
      description: 'Whether users with a second factor must have verified it recently.',
    }),
  }),
});

const PolicyExport = builder.objectRef<{ lines: PolicyLine[] }>('PolicyExport').implement({
  description: 'The authorization policy of all fields, in several formats.',
  authScopes: { can: 'policy.read' },
  fields: (t) => ({
    hash: t.string({
      description: 'The SHA-256 of `json`: equal hashes mean equal policies.',
      resolve: ({ lines }) => contentHash(JSON.stringify(lines)),
    }),
    lines: t.field({
      type: [PolicyLineType],
      description: 'The rule of each field.',
      listSize: 1_000,
      resolve: ({ lines }) => lines,
    }),
    json: t.string({ description: 'The lines as JSON.', resolve: ({ lines }) => JSON.stringify(lines) }),
    csv: t.string({
      description: 'The lines as CSV (RFC 4180), with a header.',
      resolve: ({ lines }) => policyCsv(lines),
    }),
  }),
});

builder.queryField('policies', (t) =>
  t.field({
    type: PolicyExport,
    description: 'The authorization policy, read from the running schema.',
    authScopes: { can: 'policy.read' },
    resolve: (_root, _args, _context, info) => ({ lines: policyMap(info.schema) }),
  }),
);
