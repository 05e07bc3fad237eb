import type { InputFieldMap } from '@pothos/core';
import type { RateLimit } from '../../auth/rate-limit/limit.ts';
import type { ListedSession } from '../../auth/session/session-rows.ts';
import type { Started } from '../../auth/session/store.ts';
import {
  ownSessions,
  revokeSession,
  revokeSessions,
  signOut,
  switchCompany,
} from '../../auth/session/use-cases.ts';
import type { Completed } from '../../auth/sign-in/begin-session.ts';
import type { Context, UseCase } from '../../context.ts';
import { shortList, shortListNode } from '../connections/short-list.ts';
import { builder, type SchemaTypes } from '../core/builder.ts';
import { globalIdOf } from '../core/global-id.ts';
import { mutation } from '../core/mutation.ts';
import { Company } from '../organization/structure.ts';
import { Viewer, ViewerCompany } from './viewer.ts';

type ObjectFields<Parent> = PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Parent>;
type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/**
 * Declares the payload fields of a new session or a rotated token. `nullable` where there may be
 * none.
 */
export const sessionFields = (t: ObjectFields<Partial<Started>>, nullable = false) => ({
  sessionToken: t.string({
    nullable: nullable as true,
    description: 'For `Authorization: Bearer`; browsers get the same as a cookie. Shown this once.',
    resolve: ({ token }) => token,
  }),
  viewer: t.field({
    type: Viewer,
    nullable: nullable as true,
    description: 'The caller by this session.',
    resolve: ({ identity, actor }) => (identity && actor ? { identity, actor } : null),
  }),
});

const deviceFields = (t: ObjectFields<Completed>) => ({
  deviceToken: t.exposeString('deviceToken', {
    nullable: true,
    description:
      'With `isDeviceTrusted`: the token of the trusted device, for `signIn`; browsers get it as a cookie. Shown this once.',
  }),
});

/** Declares the input field that makes the device of a sign-in a trusted one. */
export const isDeviceTrusted = (t: InputFields) =>
  t.boolean({
    description: 'Whether this device needs the password alone from now on, for the days of the policy.',
  });

type SessionMutation<Fields extends InputFieldMap> = {
  description: string;
  rateLimit?: RateLimit;
  cost?: number;
  input?: (t: never) => Fields;
};

/**
 * Declares a mutation that starts a session or rotates its token. Browsers get the token as a
 * cookie.
 */
export function sessionMutation<Input, Fields extends InputFieldMap>(
  name: string,
  useCase: UseCase<Input, Started>,
  options: SessionMutation<Fields>,
): void {
  mutation(name, useCase, {
    ...(options as { description: string }),
    payload: (t) => sessionFields(t as never),
    resolve: async (input, context) => begun(context, await context.execute(useCase, input)),
  });
}

/** Declares such a mutation that can also make the device a trusted one. */
export function signInMutation<Input, Fields extends InputFieldMap>(
  name: string,
  useCase: UseCase<Input, Completed>,
  options: SessionMutation<Fields>,
): void {
  mutation(name, useCase, {
    ...(options as { description: string }),
    payload: (t) => ({ ...sessionFields(t as never), ...deviceFields(t as never) }),
    resolve: async (input, context) => {
      const done = begun(context, await context.execute(useCase, input));
      if (done.deviceToken) context.cookies.trustDevice(done.deviceToken);
      return done;
    },
  });
}

function begun<Session extends Started>({ cookies }: Context, session: Session): Session {
  cookies.setSession(session.token);
  return session;
}

const sessions = (context: Context) => context.read(ownSessions, undefined);

const Session = builder.node(builder.objectRef<ListedSession & { current: boolean }>('Session'), {
  ...shortListNode(sessions),
  description: 'A session of yours: one sign-in on one device.',
  authScopes: { signedIn: true },
  fields: (t) => ({
    isCurrent: t.exposeBoolean('current', { description: 'Whether this request was made by it.' }),
    ip: t.exposeString('ip', {
      nullable: true,
      description: 'The network address that the sign-in came from.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'The `User-Agent` header of the sign-in.',
    }),
    deviceName: t.exposeString('deviceName', {
      nullable: true,
      description: 'The browser and the system by their own account, such as `Firefox on Windows`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the session began.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was last used, exact to five minutes.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it expires if it is not used.' }),
  }),
});

shortList('sessions', {
  type: Session,
  description: 'Your sessions, latest first.',
  authScopes: { signedIn: true },
  order: ['-createdAt'],
  rows: sessions,
});

sessionMutation('switchCompany', switchCompany, {
  description: 'Makes the session act in another of your companies. It gets a new token; the old one ends.',
  input: (t: InputFields) => ({
    companyId: t.globalID({
      required: true,
      for: [ViewerCompany, Company],
      description: 'One of your companies.',
    }),
  }),
});
mutation('signOut', signOut, {
  description: 'Ends this session.',
  payload: (t) => ({
    revokedSessionId: t.id({
      description: 'The id of the session that ended.',
      resolve: ({ id }) => idOf(id),
    }),
  }),
  resolve: async (_input, context) => {
    const ended = await context.execute(signOut);
    context.cookies.clearSession();
    return ended;
  },
});
mutation('revokeSession', revokeSession, {
  description: 'Revokes one of your sessions.',
  input: (t) => ({
    sessionId: t.globalID({ required: true, for: [Session], description: 'The session to revoke.' }),
  }),
  payload: (t) => ({
    revokedSessionId: t.id({ description: 'The id of the revoked session.', resolve: ({ id }) => idOf(id) }),
  }),
});

const idOf = (id: string) => globalIdOf('Session', id);
const count = (t: ObjectFields<number>) => ({
  revokedSessionCount: t.int({
    description: 'The number of revoked sessions.',
    resolve: (revoked) => revoked,
  }),
});

mutation('revokeOtherSessions', revokeSessions, {
  description: 'Revokes all your sessions but this one.',
  payload: count,
  resolve: (_input, context) => context.execute(revokeSessions, { which: 'others' }),
});
mutation('revokeAllSessions', revokeSessions, {
  description: 'Revokes all your sessions, this one too.',
  payload: count,
  resolve: async (_input, context) => {
    const revoked = await context.execute(revokeSessions, { which: 'all' });
    context.cookies.clearSession();
    return revoked;
  },
});
