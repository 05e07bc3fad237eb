import { generateSync } from 'otplib';
import { type Factor, factorNames } from '../../../src/auth/authorization/factor.ts';
import { publicIdOf } from '../../../src/auth/session/public-id.ts';
import { mutationOf } from '../documents.ts';
import { type Answer, newcomer, PASSWORD, rowsOf, type World } from '../server/world.ts';

export const codeOf = ({ errors }: Pick<Answer, 'errors'>): string => errors?.[0]?.extensions.code ?? 'ok';

/** The API's name of a kind of second factor or a channel. */
export const factorName = (kind: Factor): string => factorNames[kind];

/** One mutation; `input` of the type that is named after it. */
export const mutate = (
  world: World,
  name: string,
  input: object | null,
  selection = '{ __typename }',
  token?: string,
): Promise<Answer> =>
  input === null
    ? world.ask(`mutation { ${name} ${selection} }`, {}, token)
    : world.ask(mutationOf(name, selection), { input }, token);

/** The secret's code at a moment that is `steps` of 30 seconds from now. */
export const totp = (secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

/** Lets the user's last code be taken again, as if half a minute had gone by. */
export const forgetStep = (world: World, email: string) =>
  rowsOf(
    world,
    `UPDATE "TotpFactor" SET "lastStep" = NULL WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
    [email],
  );
/** Tries count from zero. */
export const clearAttempts = (world: World) => rowsOf(world, 'DELETE FROM "Throttle"');

export type Enrolled = { id: string; email: string; secret: string; token: string };

/** A new member with an authenticator app, signed in with it. */
export async function enrolled(world: World, roles = ['client']): Promise<Enrolled> {
  const { id, email, token } = await newcomer(world, roles);
  return { id, email, ...(await enrol(world, token)) };
}

/** Adds an authenticator app for who has this session; gives the new token. */
export async function enrol(world: World, token: string): Promise<{ secret: string; token: string }> {
  const begun = await mutate(world, 'startTotpEnrolment', null, '{ secret }', token);
  if (begun.errors) throw new Error(JSON.stringify(begun.errors));
  const secret = begun.data.startTotpEnrolment.secret as string;
  const confirmed = await mutate(
    world,
    'finishTotpEnrolment',
    { code: totp(secret) },
    '{ sessionToken }',
    token,
  );
  if (confirmed.errors) throw new Error(JSON.stringify(confirmed.errors));
  const next = confirmed.data.finishTotpEnrolment.sessionToken as string;
  // as if a minute had gone by, so that this moment's code can be used again
  await rowsOf(
    world,
    `UPDATE "TotpFactor" SET "lastStep" = "lastStep" - 2 WHERE "userId" = (SELECT "userId" FROM "Session" WHERE left(id, 12) = $1)`,
    [publicIdOf(next)],
  );
  return { secret, token: next };
}

export const begin = (world: World, email: string, password = PASSWORD) =>
  mutate(
    world,
    'signIn',
    { email, password },
    '{ sessionToken viewer { user { email } } mfaChallenge { token methods expiresAt } }',
  );

export async function pendingOf(world: World, email: string): Promise<string> {
  const { data } = await begin(world, email);
  return data.signIn.mfaChallenge.token;
}

export const complete = (world: World, input: object) =>
  mutate(world, 'completeSignIn', input, '{ sessionToken viewer { user { email } roles } }');
