import { createServiceAccount, disableServiceAccount } from '../../auth/api-keys/service-account.ts';
import { listQuery } from '../connections/lists.ts';
import { companyRow } from '../core/authorization-rules.ts';
import { builder } from '../core/builder.ts';
import { companyKey } from '../core/fields.ts';
import { commandMutation } from '../core/mutation.ts';

export const ServiceAccount = builder.prismaNode('ServiceAccount', {
  ...companyKey,
  description: 'An account for programs, which authenticate with its API keys.',
  select: { id: true, companyId: true },
  authScopes: companyRow('apiKey.read'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name; unique within the company.' }),
    roles: t.exposeStringList('roles', {
      description: 'The names of the roles. Permissions that are reserved for people do not count.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was created.' }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the account was disabled, with all of its API keys.',
    }),
  }),
});

listQuery('serviceAccounts', {
  type: ServiceAccount,
  model: 'ServiceAccount',
  description: 'The service accounts of the company, oldest first.',
  authScopes: { can: 'apiKey.read' },
  order: ['createdAt'],
});

commandMutation('createServiceAccount', createServiceAccount, {
  description: 'Creates a service account.',
  type: ServiceAccount,
  returns: 'serviceAccount',
  input: (t) => ({
    name: t.string({ required: true, description: 'The name; unique within the company.' }),
    roles: t.stringList({ required: true, description: 'The names of the roles.' }),
  }),
});
commandMutation('disableServiceAccount', disableServiceAccount, {
  description: 'Disables a service account and all of its API keys, irrevocably.',
  type: ServiceAccount,
  returns: 'serviceAccount',
  input: (t) => ({
    serviceAccountId: t.globalID({
      required: true,
      for: [ServiceAccount],
      description: 'The service account to disable.',
    }),
  }),
});
