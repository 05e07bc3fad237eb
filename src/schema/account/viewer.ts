import { setLanguage } from '../../auth/account/language.ts';
import type { Actor, Assurance } from '../../auth/authorization/actor.ts';
import type { Identity } from '../../auth/authorization/identity.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { languages } from '../../notifications/templates.ts';
import { shortListNode } from '../connections/short-list.ts';
import { builder } from '../core/builder.ts';
import { mutation } from '../core/mutation.ts';
import { SecondFactor } from './mfa-challenge.ts';

type Me = { actor: Actor; identity: Identity };
type Membership = Identity['memberships'][number];
const me = { public: true } as const; // see publicFields in authorization-rules.ts

export const ViewerUser = builder.node(builder.objectRef<Identity['user']>('ViewerUser'), {
  ...shortListNode(async ({ identity }) => (identity ? [identity.user] : [])),
  description: 'The user who is signed in.',
  authScopes: me,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The full name.' }),
    email: t.exposeString('email', { description: 'The email address to sign in with.' }),
    language: t.exposeString('language', {
      description: 'The language of mails and text messages to the user, as BCP 47.',
    }),
  }),
});

export const ViewerCompany = builder.node(builder.objectRef<Membership['company']>('ViewerCompany'), {
  ...shortListNode(async ({ identity }) => identity?.memberships.map(({ company }) => company) ?? []),
  description: 'A company that the user is a member of.',
  authScopes: me,
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the company.' }),
    currency: t.exposeString('currency', { description: 'The currency of all amounts, as ISO 4217.' }),
  }),
});

const ViewerMembership = builder.objectRef<Membership>('ViewerMembership').implement({
  description: 'The membership of the user in one company.',
  authScopes: me,
  fields: (t) => ({
    company: t.expose('company', { type: ViewerCompany, description: 'The company.' }),
    roles: t.exposeStringList('roles', {
      description: 'The names of the roles of the user there, those of teams left out.',
    }),
  }),
});

const ViewerSecondFactor = builder.objectRef<Assurance>('ViewerSecondFactor').implement({
  description: 'The state of the second factor of the user in this session and company.',
  authScopes: me,
  fields: (t) => ({
    methods: t.expose('factors', {
      type: [SecondFactor],
      description: 'The second factors that the user can verify now.',
    }),
    verifiedAt: t.expose('mfaAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a second factor was last verified in this session.',
    }),
    isRequired: t.boolean({
      description: 'Whether the company requires a second factor of the user.',
      resolve: ({ demand }) => demand.required,
    }),
    graceEndsAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when the user may go without the second factor that is required.',
      resolve: ({ demand }) => demand.graceEnds,
    }),
    isEnrolmentRequired: t.exposeBoolean('mustEnrol', {
      description:
        'Whether the user has to enrol a second factor first: every other operation answers ENROLMENT_REQUIRED.',
    }),
  }),
});

export const Viewer = builder.objectRef<Me>('Viewer').implement({
  description: 'The caller in the company that this request acts in, and what the caller may do there.',
  authScopes: me,
  fields: (t) => ({
    user: t.field({
      type: ViewerUser,
      description: 'The user who is signed in.',
      resolve: ({ identity }) => identity.user,
    }),
    company: t.field({
      type: ViewerCompany,
      description: 'The company that this request acts in.',
      resolve: ({ identity, actor }) => companyOf(identity, actor),
    }),
    memberships: t.field({
      type: [ViewerMembership],
      description: 'The memberships of the user in all companies.',
      listSize: 10,
      resolve: ({ identity }) => identity.memberships,
    }),
    roles: t.stringList({
      description: 'The names of the roles in this company, those of teams included.',
      resolve: ({ actor }) => actor.roles,
    }),
    permissions: t.stringList({
      description: 'The permissions in this company, sorted.',
      resolve: ({ actor }) => [...actor.permissions].sort(),
    }),
    secondFactor: t.field({
      type: ViewerSecondFactor,
      nullable: true,
      description: 'The state of the second factor.',
      resolve: ({ actor }) => actor.assurance,
    }),
  }),
});

const companyOf = ({ memberships }: Identity, { companyId }: Actor) =>
  (memberships.find(({ company }) => company.id === companyId) as Membership).company;

/** Returns the user who calls. Error: UNAUTHENTICATED. */
export function caller({ actor, identity }: Pick<Context, 'actor' | 'identity'>): Me {
  if (!actor || !identity) throw new AppError('UNAUTHENTICATED', 'Sign in first.');
  return { actor, identity };
}

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'The caller.',
    authScopes: { enrolling: true },
    resolve: (_root, _args, context) => caller(context),
  }),
);

mutation('setLanguage', setLanguage, {
  description: `Sets the language of mails and text messages to you. There are ${Object.keys(languages).join(', ')}; another language gets the nearest of them, or English.`,
  input: (t) => ({
    language: t.string({ required: true, description: 'A language as BCP 47, such as `de` or `pt-BR`.' }),
  }),
  payload: (t) => ({
    user: t.field({
      type: ViewerUser,
      description: 'The user with the new language.',
      resolve: (language, _args, context) => ({ ...caller(context).identity.user, language }),
    }),
  }),
});
