import type { Context } from '../../context.ts';
import {
  acceptInvitation,
  type Invitation as InvitationRow,
  invitations,
  joinCompany,
} from '../../domain/access/invitation.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { globalIdOf } from '../core/global-id.ts';
import { mutation } from '../core/mutation.ts';

const own = (context: Context) => context.read(invitations, undefined);

const Invitation = builder.node(builder.objectRef<InvitationRow>('Invitation'), {
  ...shortListNode(own),
  description: 'An invitation to join a company, which gives no access before you accept it.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    companyName: t.exposeString('companyName', { description: 'The name of the company.' }),
    roles: t.exposeStringList('roles', { description: 'The names of the roles that you are invited with.' }),
    expiresAt: t.expose('invitedUntil', {
      type: 'DateTime',
      description: 'Until when it can be accepted.',
    }),
  }),
});

shortList('invitations', {
  type: Invitation,
  description: 'Your invitations that can still be accepted, by the name of the company.',
  authScopes: { signedIn: true },
  order: ['companyName'],
  rows: own,
});

/** Declares the payload field of mutations that accept an invitation. */
const companyFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, { companyId: string }>) => ({
  joinedCompanyId: t.id({
    description: 'The id of the company that you are now a member of, for `switchCompany`.',
    resolve: ({ companyId }) => globalIdOf('ViewerCompany', companyId),
  }),
});

mutation('acceptInvitation', acceptInvitation, {
  description:
    'Accepts an invitation by the token of the mailed link, which works once. It starts no session.',
  input: (t) => ({
    token: t.string({ required: true, description: 'The token of the mailed link.' }),
    password: t.string({ description: 'The password to set, for a user who has no account yet.' }),
  }),
  payload: (t) => ({
    ...companyFields(t as never),
    email: t.exposeString('email', { description: 'The address to sign in with.' }),
  }),
});
mutation('joinCompany', joinCompany, {
  description: 'Accepts one of your invitations without its link.',
  input: (t) => ({
    invitationId: t.globalID({ required: true, for: [Invitation], description: 'The invitation to accept.' }),
  }),
  payload: companyFields,
});
