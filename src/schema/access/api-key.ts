import { createApiKey, revokeApiKey, rotateApiKey } from '../../auth/api-keys/commands.ts';
import { listQuery, relatedList } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation, mutation } from '../core/mutation.ts';
import { ServiceAccount } from './service-account.ts';

const ApiKey = builder.prismaNode('ApiKey', {
  ...companyKey,
  description: 'A credential of a service account. The key itself is shown once, when it is created.',
  select: { id: true, companyId: true },
  authScopes: companyRow('apiKey.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the key.' }),
    allowedNetworks: t.exposeStringList('allowedNetworks', {
      description: 'The addresses and networks that may use the key. Empty for no restriction.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was created.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the key expires.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked.',
    }),
    serviceAccount: t.relation('serviceAccount', {
      description: 'The service account that the key authenticates.',
    }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the key was last used, exact to one minute.',
      select: { use: { select: { lastUsedAt: true } } },
      resolve: ({ use }) => use?.lastUsedAt,
    }),
    addresses: t.stringList({
      description: 'The IPv4 addresses and IPv6 networks that have used the key, latest last.',
      select: { use: { select: { addresses: true } } },
      resolve: ({ use }) => use?.addresses ?? [],
    }),
  }),
});

listQuery('apiKeys', {
  type: ApiKey,
  model: 'ApiKey',
  description: 'The API keys of the company, oldest first.',
  authScopes: { can: 'apiKey.read' },
  order: ['createdAt'],
});
relatedList('ServiceAccount', 'apiKeys', {
  type: ApiKey,
  model: 'ApiKey',
  relation: 'keys',
  description: 'The API keys of the service account, latest first.',
  order: ['-createdAt'],
  where: ({ id }) => ({ serviceAccountId: id }),
});

type Created = { id: string; text: string };
type PayloadFields = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Created>;

/** Declares the payload of mutations that create a key. */
const created = (t: PayloadFields) => ({
  token: t.exposeString('text', {
    description: 'The key itself, for `Authorization: Bearer`. Shown this once: the server keeps a hash.',
  }),
  apiKey: t.prismaField({
    type: ApiKey,
    description: 'The new key.',
    resolve: (query, { id }, _args, { db }) => db.apiKey.findFirstOrThrow({ ...query, where: { id } }),
  }),
});

mutation('createApiKey', createApiKey, {
  description: 'Creates an API key of a service account.',
  payload: created,
  input: (t) => ({
    serviceAccountId: t.globalID({
      required: true,
      for: [ServiceAccount],
      description: 'The service account that the key authenticates.',
    }),
    name: t.string({ required: true, description: 'The name of the key.' }),
    allowedNetworks: t.stringList({
      required: true,
      defaultValue: [],
      description: 'The addresses and networks that may use the key, such as 10.0.0.0/8.',
    }),
    expiresInDays: t.int({
      required: true,
      defaultValue: 90,
      description: 'In how many days the key expires, from 1 to 366.',
    }),
  }),
});
mutation('rotateApiKey', rotateApiKey, {
  description: 'Creates a successor of an API key. Both keys work during the overlap.',
  payload: created,
  input: (t) => ({
    apiKeyId: t.globalID({ required: true, for: [ApiKey], description: 'The key to replace.' }),
    overlapHours: t.int({
      required: true,
      defaultValue: 24,
      description: 'How many hours the old key keeps working, from 0 to 168.',
    }),
  }),
});
commandMutation('revokeApiKey', revokeApiKey, {
  description: 'Revokes an API key from the next request on.',
  type: ApiKey,
  returns: 'apiKey',
  input: (t) => ({
    apiKeyId: t.globalID({ required: true, for: [ApiKey], description: 'The key to revoke.' }),
  }),
});
