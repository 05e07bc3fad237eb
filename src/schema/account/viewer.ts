import type { Actor, Assurance } from '../../auth/authorization/actor.ts';
import type { Identity } from '../../auth/authorization/identity.ts';
import type { ListedSession } from '../../auth/session/store.ts';
import {
  ownSessions,
  revokeSession,
  revokeSessions,
  type Started,
  signOut,
  switchCompany,
} from '../../auth/session/use-cases.ts';
import type { Pending } from '../../auth/sign-in/mfa-challenge.ts';
import { signIn } from '../../auth/sign-in/sign-in.ts';
import type { Context } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';
import { PendingSignIn, SecondFactor } from './mfa-challenge.ts';

type Me = { actor: Actor; identity: Identity };
const me = { public: true } as const; // see publicFields in rules.ts

const ViewerUser = builder.objectRef<Identity['user']>('ViewerUser').implement({
  authScopes: me,
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    language: t.exposeString('language', { description: 'What mails to you are written in.' }),
  }),
});

const ViewerCompany = builder
  .objectRef<Identity['memberships'][number]['company']>('ViewerCompany')
  .implement({
    authScopes: me,
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      currency: t.exposeString('currency'),
    }),
  });

const ViewerMembership = builder.objectRef<Identity['memberships'][number]>('ViewerMembership').implement({
  authScopes: me,
  fields: (t) => ({
    company: t.expose('company', { type: ViewerCompany }),
    roles: t.exposeStringList('roles'),
  }),
});

const ViewerSecondFactor = builder.objectRef<Assurance>('ViewerSecondFactor').implement({
  description: 'What is known of your second factor here.',
  authScopes: me,
  fields: (t) => ({
    methods: t.expose('factors', { type: [SecondFactor], description: 'Those that you could prove now.' }),
    provenAt: t.expose('mfaAt', { type: 'DateTime', nullable: true, description: 'In this session.' }),
    required: t.boolean({ resolve: ({ demand }) => demand.required }),
    graceEnds: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when you may go without.',
      resolve: ({ demand }) => demand.graceEnds,
    }),
    mustEnrol: t.exposeBoolean('mustEnrol', {
      description: 'You can do nothing but add one: everything else answers ENROLMENT_REQUIRED.',
    }),
  }),
});

const Viewer = builder.objectRef<Me>('Viewer').implement({
  description: 'Who you are here, and what you may do.',
  authScopes: me,
  fields: (t) => ({
    user: t.field({ type: ViewerUser, resolve: ({ identity }) => identity.user }),
    company: t.field({ type: ViewerCompany, resolve: ({ identity, actor }) => companyOf(identity, actor) }),
    memberships: t.field({ type: [ViewerMembership], resolve: ({ identity }) => identity.memberships }),
    roles: t.stringList({
      description: 'In this company, those of your teams included.',
      resolve: ({ actor }) => actor.roles,
    }),
    permissions: t.stringList({ resolve: ({ actor }) => [...actor.permissions].sort() }),
    secondFactor: t.field({
      type: ViewerSecondFactor,
      nullable: true,
      resolve: ({ actor }) => actor.assurance,
    }),
  }),
});

const companyOf = ({ memberships }: Identity, { companyId }: Actor) =>
  (memberships.find(({ company }) => company.id === companyId) as Identity['memberships'][number]).company;

/** A session, or what it still waits for. */
type SignedIn = Partial<Started> & { pending?: Pending; deviceToken?: string | null };

export const SignInPayload = builder.objectRef<SignedIn>('SignInPayload').implement({
  description: 'A session that has begun or got a new token; or, from `signIn` alone, `pending`.',
  authScopes: me,
  fields: (t) => ({
    sessionToken: t.string({
      nullable: true,
      description: 'For `Authorization: Bearer`; browsers get the same as a cookie. Shown this once.',
      resolve: ({ token }) => token,
    }),
    viewer: t.field({
      type: Viewer,
      nullable: true,
      resolve: ({ identity, actor }) => (identity && actor ? { identity, actor } : null),
    }),
    pending: t.field({
      type: PendingSignIn,
      nullable: true,
      description: 'You have a second factor: there is no session before `completeSignIn` has it.',
      resolve: ({ pending }) => pending,
    }),
    deviceToken: t.string({
      nullable: true,
      description:
        'From a second factor or a passkey with `trustDevice`: for `signIn`; browsers get it as a cookie. Shown this once.',
      resolve: ({ deviceToken }) => deviceToken,
    }),
  }),
});

const SignInInput = builder.inputType('SignInInput', {
  fields: (t) => ({
    email: t.string({ required: true }),
    password: t.string({ required: true }),
    deviceToken: t.string({ description: 'Of a device that you trust, where there is no cookie.' }),
  }),
});

const Session = builder.objectRef<ListedSession & { current: boolean }>('Session').implement({
  description: 'One of your own sign-ins.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    id: t.exposeID('id'),
    current: t.exposeBoolean('current'),
    ip: t.exposeString('ip', { nullable: true }),
    userAgent: t.exposeString('userAgent', { nullable: true }),
    deviceName: t.exposeString('deviceName', {
      nullable: true,
      description: 'Browser and system by their own account, as `Firefox on Windows`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
  }),
});

export function caller({ actor, identity }: Context): Me {
  if (!actor || !identity) throw new AppError('UNAUTHENTICATED', 'Sign in first.');
  return { actor, identity };
}

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    authScopes: { enrolling: true },
    resolve: (_root, _args, context) => caller(context),
  }),
  sessions: t.field({
    type: [Session],
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => context.read(ownSessions, undefined),
  }),
}));

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  fields: (t) => ({ sessionId: t.id({ required: true }) }),
});
const SwitchCompanyInput = builder.inputType('SwitchCompanyInput', {
  fields: (t) => ({ companyId: t.id({ required: true }) }),
});

builder.mutationFields((t) => ({
  signIn: t.field({
    type: SignInPayload,
    args: { input: t.arg({ type: SignInInput, required: true }) },
    ...allowedBy(signIn),
    resolve: async (_root, { input }, context) => {
      const device = input.deviceToken ?? context.deviceToken;
      const started = await context.execute(signIn, { ...input, deviceToken: device });
      if ('token' in started) context.cookies.setSession(started.token);
      return started;
    },
  }),
  switchCompany: t.field({
    type: SignInPayload,
    description:
      'Acts in another of your companies from now on. The session gets a new token; the old one ends.',
    args: { input: t.arg({ type: SwitchCompanyInput, required: true }) },
    ...allowedBy(switchCompany),
    resolve: async (_root, { input }, context) => {
      const started = await context.execute(switchCompany, input);
      context.cookies.setSession(started.token);
      return started;
    },
  }),
  signOut: t.boolean({
    ...allowedBy(signOut),
    resolve: async (_root, _args, context) => {
      await context.execute(signOut);
      context.cookies.clearSession();
      return true;
    },
  }),
  revokeSession: t.field({
    type: 'ID',
    args: { input: t.arg({ type: RevokeSessionInput, required: true }) },
    ...allowedBy(revokeSession),
    resolve: async (_root, { input }, context) => {
      await context.execute(revokeSession, input);
      return input.sessionId;
    },
  }),
  revokeOtherSessions: t.int({
    description: 'Ends all your sessions but this one; how many they were.',
    ...allowedBy(revokeSessions),
    resolve: (_root, _args, context) => context.execute(revokeSessions, { which: 'others' }),
  }),
  revokeAllSessions: t.int({
    description: 'Ends all your sessions, this one too; how many they were.',
    ...allowedBy(revokeSessions),
    resolve: async (_root, _args, context) => {
      const count = await context.execute(revokeSessions, { which: 'all' });
      context.cookies.clearSession();
      return count;
    },
  }),
}));
