import { createApiKey, revokeApiKey, rotateApiKey } from '../../auth/api-keys/commands.ts';
import { createServiceAccount, disableServiceAccount } from '../../auth/api-keys/service-account.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { allowedBy, companyKey, page } from '../core/fields.ts';

const ServiceAccount = builder.prismaNode('ServiceAccount', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('apiKey.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    roles: t.exposeStringList('roles', {
      description:
        'They count less what is for people alone: accounts, roles, keys, and what needs four eyes.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    disabledAt: t.expose('disabledAt', { type: 'DateTime', nullable: true }),
    keys: t.relation('keys', { query: { orderBy: { createdAt: 'desc' }, take: 200 } }),
  }),
});

const ApiKey = builder.prismaNode('ApiKey', {
  ...companyKey,
  select: { id: true, companyId: true },
  authScopes: companyRow('apiKey.read'),
  fields: (t) => ({
    name: t.exposeString('name'),
    allowedNetworks: t.exposeStringList('allowedNetworks', {
      description: 'None: it is taken from anywhere.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true }),
    serviceAccount: t.relation('serviceAccount'),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Exact to a minute.',
      select: { use: { select: { lastUsedAt: true } } },
      resolve: ({ use }) => use?.lastUsedAt,
    }),
    addresses: t.stringList({
      description: 'From where it was used: IPv4 addresses and IPv6 networks, the latest last.',
      select: { use: { select: { addresses: true } } },
      resolve: ({ use }) => use?.addresses ?? [],
    }),
  }),
});

const ApiKeyPayload = builder.objectRef<{ id: string; text: string }>('ApiKeyPayload').implement({
  authScopes: { can: 'apiKey.write' },
  fields: (t) => ({
    key: t.exposeString('text', {
      description: 'For `Authorization: Bearer`. Shown this once: only a hash of it is kept.',
    }),
    apiKey: t.prismaField({
      type: ApiKey,
      resolve: (query, { id }, _args, { db }) => db.apiKey.findFirstOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const listed = { orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }] };

builder.queryFields((t) => ({
  serviceAccounts: t.prismaField({
    type: [ServiceAccount],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [ServiceAccount] }),
    },
    authScopes: { can: 'apiKey.read' },
    resolve: (query, _root, args, context) =>
      context.db.serviceAccount.findMany({ ...query, ...page(args, context), ...listed }),
  }),
  apiKeys: t.prismaField({
    type: [ApiKey],
    args: {
      first: t.arg.int({ defaultValue: 100, required: true }),
      after: t.arg.globalID({ for: [ApiKey] }),
    },
    authScopes: { can: 'apiKey.read' },
    resolve: (query, _root, args, context) =>
      context.db.apiKey.findMany({ ...query, ...page(args, context), ...listed }),
  }),
}));

const CreateServiceAccountInput = builder.inputType('CreateServiceAccountInput', {
  fields: (t) => ({ name: t.string({ required: true }), roles: t.stringList({ required: true }) }),
});
const ServiceAccountInput = builder.inputType('ServiceAccountInput', {
  fields: (t) => ({ serviceAccountId: t.globalID({ required: true, for: [ServiceAccount] }) }),
});
const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  fields: (t) => ({
    serviceAccountId: t.globalID({ required: true, for: [ServiceAccount] }),
    name: t.string({ required: true }),
    allowedNetworks: t.stringList({
      required: true,
      defaultValue: [],
      description: 'Addresses and networks, such as 10.0.0.0/8.',
    }),
    expiresInDays: t.int({ required: true, defaultValue: 90, description: '1 to 366.' }),
  }),
});
const RotateApiKeyInput = builder.inputType('RotateApiKeyInput', {
  fields: (t) => ({
    apiKeyId: t.globalID({ required: true, for: [ApiKey] }),
    overlapHours: t.int({
      required: true,
      defaultValue: 24,
      description: 'For how long the old key works, too; 0 to 168.',
    }),
  }),
});
const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  fields: (t) => ({ apiKeyId: t.globalID({ required: true, for: [ApiKey] }) }),
});

builder.mutationFields((t) => ({
  createServiceAccount: t.prismaField({
    type: ServiceAccount,
    args: { input: t.arg({ type: CreateServiceAccountInput, required: true }) },
    ...allowedBy(createServiceAccount),
    resolve: (query, _root, { input }, context) => context.execute(createServiceAccount, input, query),
  }),
  disableServiceAccount: t.prismaField({
    type: ServiceAccount,
    description: 'Ends all of its keys, for good.',
    args: { input: t.arg({ type: ServiceAccountInput, required: true }) },
    ...allowedBy(disableServiceAccount),
    resolve: (query, _root, { input }, context) => context.execute(disableServiceAccount, input, query),
  }),
  createApiKey: t.field({
    type: ApiKeyPayload,
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    ...allowedBy(createApiKey),
    resolve: (_root, { input }, context) => context.execute(createApiKey, input),
  }),
  rotateApiKey: t.field({
    type: ApiKeyPayload,
    description: 'A successor of a key; both work for a while.',
    args: { input: t.arg({ type: RotateApiKeyInput, required: true }) },
    ...allowedBy(rotateApiKey),
    resolve: (_root, { input }, context) => context.execute(rotateApiKey, input),
  }),
  revokeApiKey: t.prismaField({
    type: ApiKey,
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true }) },
    ...allowedBy(revokeApiKey),
    resolve: (query, _root, { input }, context) => context.execute(revokeApiKey, input, query),
  }),
}));
