import type { Answer } from '../server/world.ts';
import { globalId, PASSWORD } from '../server/world.ts';
import { factorName } from '../sign-in/factors.ts';
import { type By, type Completion, methodOf, newestOf, type Proof, type SignIn } from './rules.ts';
import {
  ask,
  codeAt,
  hashOf,
  memberOf,
  mutation,
  publicIdOf,
  type Said,
  type Server,
  said,
  textOf,
  wrongCode,
} from './server.ts';
import { type Model, secretsOf, stepOf, type User } from './state.ts';

// Each of these is the request for the rule of the same name.

const passwordOf = ({ people }: Model, user: number, changes = (people[user] as User).password) =>
  changes === 0 ? PASSWORD : `Kestrel-harbour-${user}-${changes}`;
/** The one before, where there is one. */
const wrongPassword = ({ people }: Model, user: number) => {
  const { password } = people[user] as User;
  return password === 0 ? 'wrong-Password-1' : passwordOf({ people } as Model, user, password - 1);
};

export async function signIn(server: Server, model: Model, { user, right, device }: SignIn): Promise<Said> {
  const answer = await ask(server, model, mutation('signIn', '{ sessionToken mfaChallenge { token } }'), {
    email: memberOf(server, user).email,
    password: right ? passwordOf(model, user) : wrongPassword(model, user),
    ...(device !== null && { deviceToken: await textOf(server, model, device) }),
  });
  const { says, gives } = said(answer, ({ signIn }) => [
    signIn.sessionToken,
    signIn.mfaChallenge?.token ?? null,
  ]);
  return { says: answer.data?.signIn.mfaChallenge ? 'pending' : says, gives: gives ?? [] };
}

export async function fiveWrongPasswords(server: Server, model: Model, { user }: { user: number }) {
  const wrong = { user, right: false, device: null };
  const answers = await Promise.all(Array.from({ length: 5 }, () => signIn(server, model, wrong)));
  const all = answers.map(({ says }) => says);
  return { says: all.sort().join(' ') };
}

/** What is typed as proof: never a code that would be right by chance. */
async function codeFor(server: Server, model: Model, user: number, proof: Proof): Promise<string> {
  const { app } = memberOf(server, user);
  if (methodOf(proof) === 'backupCode') {
    const own = secretsOf(model, 'backup').filter(({ is }) => is.user === user);
    // the one that was used last, as long as they are of the same ten
    const code = proof === 'backup' ? own.find(({ is }) => !is.gone) : own.findLast(({ is }) => is.gone);
    return code ? textOf(server, model, code.id) : 'AAAA-AAAA-AAAA';
  }
  if (!app) return '000000';
  const last = (model.people[user] as User).totp ?? 0;
  const steps = { right: 0, next: 1, again: last - stepOf(model.now) };
  return proof in steps ? codeAt(server, app, steps[proof as keyof typeof steps]) : wrongCode(server, app);
}

const session = (name: string) => (data: Answer['data']) => [data[name].sessionToken];

export async function completeSignIn(
  server: Server,
  model: Model,
  { pending, proof, trust }: Completion,
): Promise<Said> {
  const { user } = model.secrets[pending] as { user: number };
  const answer = await ask(server, model, mutation('completeSignIn', '{ sessionToken deviceToken }'), {
    challengeToken: await textOf(server, model, pending),
    method: factorName(methodOf(proof)),
    code: await codeFor(server, model, user, proof),
    isDeviceTrusted: trust,
  });
  return said(answer, ({ completeSignIn: { sessionToken, deviceToken } }) => [sessionToken, deviceToken]);
}

export async function fiveWrongCodes(server: Server, model: Model, completion: Completion): Promise<Said> {
  const proofs: Proof[] = [...Array.from({ length: 5 }, () => completion.proof), 'right'];
  const all: Said[] = [];
  for (const proof of proofs) all.push(await completeSignIn(server, model, { ...completion, proof }));
  return { says: all.map(({ says }) => says).join(' '), gives: all.flatMap(({ gives = [] }) => gives) };
}

/** The user whose session it was, whether it still holds or not. */
function ownerOf({ secrets, sessions }: Model, { secret: id }: By): number {
  const secret = secrets[id];
  return secret && 'session' in secret ? (sessions[secret.session]?.user as number) : 0;
}

export async function stepUp(server: Server, model: Model, { by, proof }: { by: By; proof: Proof }) {
  const code = await codeFor(server, model, ownerOf(model, by), proof);
  const input = { method: factorName(methodOf(proof)), code };
  return said(await ask(server, model, mutation('stepUp', '{ sessionToken }'), input, by), session('stepUp'));
}

export async function call(server: Server, model: Model, { by }: { by: By }): Promise<Said> {
  const isKey = model.secrets[by.secret]?.kind === 'key';
  const viewer = isKey ? '' : 'viewer { user { email } }';
  const answer = await ask(server, model, `{ ${viewer} company { name } }`, null, by);
  if (answer.errors) return said(answer);
  const { viewer: who, company } = answer.data;
  const user = server.people.findIndex(({ email }) => email === who?.user.email);
  return { says: who ? `user ${user} of ${company.name}` : company.name };
}

const TOKENS = '{ accessToken refreshToken }';

export async function issueTokens(server: Server, model: Model, { by }: { by: By }): Promise<Said> {
  const answer = await ask(server, model, `mutation { issueTokens ${TOKENS} }`, null, by);
  return said(answer, ({ issueTokens: { accessToken, refreshToken } }) => [accessToken, refreshToken]);
}

/** Three at once. */
export async function refresh(server: Server, model: Model, { token }: { token: number }): Promise<Said> {
  const input = { refreshToken: await textOf(server, model, token) };
  const answers = await Promise.all(
    [1, 2, 3].map(() => ask(server, model, mutation('refreshTokens', TOKENS), input)),
  );
  const all = answers.map((answer) =>
    said(answer, ({ refreshTokens: { accessToken, refreshToken } }) => [accessToken, refreshToken]),
  );
  if (new Set(all.map((one) => JSON.stringify(one))).size > 1)
    return { says: `different answers: ${all.map(({ says }) => says)}` };
  const { says, gives = [] } = all[0] as Said;
  const newest = newestOf(model, token);
  // given again
  const again = newest !== token && gives[1] === server.given[newest]?.text;
  return { says, gives: again ? gives.slice(0, 1) : gives };
}

const simple =
  (name: string, input: (server: Server, model: Model, args: never) => object | Promise<object>) =>
  async (server: Server, model: Model, args: { by: By }): Promise<Said> =>
    said(await ask(server, model, mutation(name), await input(server, model, args as never), args.by));
const bare =
  (name: string, field: string) =>
  async (server: Server, model: Model, { by }: { by: By }): Promise<Said> => {
    const answer = await ask(server, model, `mutation { ${name} { ${field} } }`, null, by);
    const count = answer.data?.[name]?.[field];
    return typeof count === 'number' ? { says: `ended ${count}` } : said(answer);
  };

export const signOut = bare('signOut', 'revokedSessionId');
export const revokeOthers = bare('revokeOtherSessions', 'revokedSessionCount');
export const revokeAll = bare('revokeAllSessions', 'revokedSessionCount');
export const revokeSession = simple('revokeSession', (server, model, { session }: { session: number }) => ({
  sessionId: globalId('Session', publicIdOf(server, model, session)),
}));
export const removeTotp = simple('removeFactor', () => ({ method: 'TOTP' }));

export async function revokeDevice(
  server: Server,
  model: Model,
  { by, device }: { by: By; device: number },
): Promise<Said> {
  const hash = hashOf(await textOf(server, model, device));
  const [row] = await server.clock.rows('SELECT id FROM "TrustedDevice" WHERE hash = $1', [hash]);
  const input = { trustedDeviceId: globalId('TrustedDevice', row?.id ?? crypto.randomUUID()) };
  return said(await ask(server, model, mutation('revokeTrustedDevice'), input, by));
}

export async function changePassword(
  server: Server,
  model: Model,
  { by, right }: { by: By; right: boolean },
): Promise<Said> {
  const user = ownerOf(model, by);
  const { password } = model.people[user] as User;
  const input = {
    currentPassword: right ? passwordOf(model, user) : wrongPassword(model, user),
    newPassword: passwordOf(model, user, password + 1),
  };
  const answer = await ask(server, model, mutation('changePassword', '{ sessionToken }'), input, by);
  return said(answer, session('changePassword'));
}

export async function startTotpEnrolment(server: Server, model: Model, { by }: { by: By }): Promise<Said> {
  const answer = await ask(server, model, 'mutation { startTotpEnrolment { secret } }', null, by);
  if (answer.data) memberOf(server, ownerOf(model, by)).waiting = answer.data.startTotpEnrolment.secret;
  return said(answer);
}

export async function finishTotpEnrolment(
  server: Server,
  model: Model,
  { by, right }: { by: By; right: boolean },
): Promise<Said> {
  const member = memberOf(server, ownerOf(model, by));
  const secret = member.waiting ?? 'A'.repeat(32);
  const input = { code: right ? codeAt(server, secret) : wrongCode(server, secret) };
  const answer = await ask(server, model, mutation('finishTotpEnrolment', '{ sessionToken }'), input, by);
  if (answer.data) member.app = secret;
  return said(answer, session('finishTotpEnrolment'));
}

export async function regenerateBackupCodes(server: Server, model: Model, { by }: { by: By }): Promise<Said> {
  const answer = await ask(server, model, 'mutation { regenerateBackupCodes { backupCodes } }', null, by);
  return said(answer, ({ regenerateBackupCodes }) => regenerateBackupCodes.backupCodes);
}
