import {
  CODES,
  lasts,
  type Model,
  newDevice,
  type Of,
  type Role,
  roles,
  type Secret,
  type Session,
  secretsOf,
  stepOf,
  TRIES,
  type Tries,
  type User,
} from './state.ts';

/**
 * What the server must answer: a code, `ok` or who is meant; and the secrets that it gives, in the
 * order in which the answer has them. `why` tells apart what is answered alike.
 */
export type Answer = { says: string; gives?: Secret[]; why?: string };
export type Way = 'bearer' | 'cookie';
/** A credential as it is sent. */
export type By = { secret: number; way: Way };
/** How a second factor is given. `again`: the code that was taken last. */
export type Proof = 'right' | 'next' | 'wrong' | 'again' | 'backup' | 'usedBackup';

const refused = (says: string): Answer => ({ says });
const UNAUTHENTICATED = refused('UNAUTHENTICATED');
const OK = refused('ok');

const userOf = (model: Model, { user }: { user: number }) => model.people[user] as User;
const sessionOf = (model: Model, { session }: { session: number }) => model.sessions[session] as Session;
const secretOf = <K extends Secret['kind']>(model: Model, kind: K, id: number): Of<K> => {
  const secret = model.secrets[id];
  if (secret?.kind !== kind) throw new Error(`${id} is no ${kind}`);
  return secret as Of<K>;
};

// Tries

const isLocked = ({ lockedUntil }: Tries, now: number) => lockedUntil !== null && lockedUntil > now;

/** Five failures lock, for twice as long each time; what is locked counts nothing. */
function settle(tries: Tries, now: number, succeeded: boolean): boolean {
  if (isLocked(tries, now)) return false;
  if (succeeded) {
    Object.assign(tries, { failures: 0, lockouts: 0, lockedUntil: null });
    return true;
  }
  const failures = (tries.failedAt < now - lasts.failure ? 0 : tries.failures) + 1;
  const lockouts = (tries.lockedUntil ?? tries.failedAt) < now - lasts.lockMemory ? 0 : tries.lockouts;
  const locks = failures >= TRIES;
  Object.assign(tries, {
    failedAt: now,
    failures: locks ? 0 : failures,
    lockouts: locks ? lockouts + 1 : lockouts,
    lockedUntil: locks ? now + Math.min(lasts.longestLock, lasts.lock * 2 ** lockouts) : null,
  });
  return true;
}

// Second factors

const freshCodes = (model: Model, of: number) =>
  secretsOf(model, 'backup').filter(({ is }) => is.user === of && !is.gone);

export function factorsOf(model: Model, of: number): string[] {
  if (userOf(model, { user: of }).totp === null) return [];
  return ['totp', ...(freshCodes(model, of).length > 0 ? ['backupCode'] : [])];
}

export const methodOf = (proof: Proof): 'totp' | 'backupCode' =>
  proof === 'backup' || proof === 'usedBackup' ? 'backupCode' : 'totp';

/** Whether the proof holds, which uses it up. */
function takes(model: Model, of: number, proof: Proof): boolean {
  const user = userOf(model, { user: of });
  if (proof === 'backup') {
    const code = freshCodes(model, of)[0];
    if (code) code.is.gone = true;
    return code !== undefined;
  }
  if ((proof !== 'right' && proof !== 'next') || user.totp === null) return false;
  const step = stepOf(model.now) + (proof === 'next' ? 1 : 0);
  if (step <= user.totp) return false;
  user.totp = step;
  return true;
}

/** `null` when it is verified. */
function prove(model: Model, of: number, proof: Proof): Answer | null {
  const tries = userOf(model, { user: of }).tries[methodOf(proof)];
  if (isLocked(tries, model.now)) return refused('RATE_LIMITED');
  const right = takes(model, of, proof);
  settle(tries, model.now, right);
  return right ? null : refused('INVALID_INPUT');
}

const mustEnrol = (model: Model, { graceFrom, totp }: User) =>
  graceFrom !== null && graceFrom + lasts.grace <= model.now && totp === null;

const owesStepUp = (model: Model, session: Session) =>
  factorsOf(model, session.user).length > 0 &&
  !(session.mfaAt !== null && model.now - session.mfaAt < lasts.stepUp);

/** Begins, ends or continues when the requirement of an active user changes. */
function settleGrace(model: Model): void {
  for (const user of model.people.filter(({ suspended }) => !suspended)) {
    const { factor } = roles[user.role];
    if (factor === (user.graceFrom !== null)) continue;
    if (factor) user.graceStarted ??= model.now;
    user.graceFrom = factor ? user.graceStarted : null;
  }
}

// Sessions

export const isAlive = (model: Model, session: Session): boolean =>
  !session.ended && model.now < session.expires && model.now < session.absolute;

const end = (model: Model, of: number, but?: Session): number => {
  const ending = model.sessions.filter((one) => one.user === of && !one.ended && one !== but);
  for (const one of ending) one.ended = true;
  return ending.length;
};

const lose = (model: Model, of: number, kinds: ('pending' | 'device' | 'backup')[]) => {
  for (const kind of kinds) for (const { is } of secretsOf(model, kind)) if (is.user === of) is.gone = true;
};

function newSession(model: Model, user: number, mfaAt: number | null): Secret {
  const { idle, absolute } = roles[userOf(model, { user }).role];
  const expires = model.now + idle;
  const length = model.sessions.push({
    ...{ user, began: model.now, ended: false, generation: 0, mfaAt, due: false, former: null },
    ...{ idle, expires, absolute: model.now + absolute },
  });
  return { kind: 'session', session: length - 1, generation: 0 };
}

/** The same sign-in under a new token: everything that opened it before is void. */
function rotate(model: Model, session: Session, mfaAt = session.mfaAt): Secret {
  Object.assign(session, { generation: session.generation + 1, former: null, mfaAt });
  session.expires = Math.min(model.now + session.idle, session.absolute);
  return { kind: 'session', session: model.sessions.indexOf(session), generation: session.generation };
}

/** The session that a credential opens, without using it. */
export function opens(model: Model, { secret: id, way }: By): Session | null {
  const secret = model.secrets[id];
  if (secret?.kind !== 'session' && secret?.kind !== 'access') return null;
  if (way === 'cookie' && secret.kind === 'access') return null;
  const session = sessionOf(model, secret);
  const { generation, former } = session;
  const isFormer =
    secret.kind === 'session' && former?.generation === secret.generation && model.now < former.until;
  if (!isAlive(model, session) || !(secret.generation === generation || isFormer)) return null;
  if (secret.kind === 'access' && model.now >= secret.issued + lasts.access + lasts.skew) return null;
  return userOf(model, session).suspended ? null : session;
}

/** Whether a secret is good for something still. */
export function holds(model: Model, id: number): boolean {
  const secret = model.secrets[id] as Secret;
  if (secret.kind === 'session' || secret.kind === 'access')
    return opens(model, { secret: id, way: 'bearer' }) !== null;
  const expired = 'expires' in secret && secret.expires <= model.now;
  return !secret.gone && !expired && !('session' in secret && !isAlive(model, sessionOf(model, secret)));
}

/**
 * Used in the second half of its idle time, a session lasts that time again; due for a new token,
 * it gets one where a cookie can be replaced.
 */
function use(model: Model, by: By): Session | null {
  const session = opens(model, by);
  if (!session || model.secrets[by.secret]?.kind !== 'session') return session;
  if (session.expires - model.now <= session.idle / 2)
    session.expires = Math.max(session.expires, Math.min(model.now + session.idle, session.absolute));
  if (session.due && by.way === 'cookie') {
    const { generation: before } = session;
    Object.assign(session, { due: false, generation: before + 1 });
    session.former = { generation: before, until: model.now + lasts.former };
    const id = model.sessions.indexOf(session);
    model.byTheWay.push({ kind: 'session', session: id, generation: session.generation });
  }
  return session;
}

type Then = (session: Session, user: User) => Answer;

/** Also for who may do nothing but add a second factor. */
function enrolling(model: Model, by: By, then: Then): Answer {
  const session = use(model, by);
  return session ? then(session, userOf(model, session)) : UNAUTHENTICATED;
}

const signedIn = (model: Model, by: By, then: Then): Answer =>
  enrolling(model, by, (session, user) =>
    mustEnrol(model, user) ? refused('ENROLMENT_REQUIRED') : then(session, user),
  );

// What people do

export type SignIn = { user: number; right: boolean; device: number | null };

export function signIn(model: Model, { user: of, right, device: id }: SignIn): Answer {
  const user = userOf(model, { user: of });
  const device = id === null ? null : secretOf(model, 'device', id);
  const known = device && !device.gone && device.user === of && model.now < device.expires;
  const tries = known ? device.tries : user.tries.password;
  if (isLocked(tries, model.now)) return refused('RATE_LIMITED');
  const succeeded = right && !user.suspended;
  settle(tries, model.now, succeeded);
  if (!succeeded) return UNAUTHENTICATED;
  const methods = factorsOf(model, of);
  if (known || methods.length === 0) {
    const why = known && methods.length > 0 ? 'on a trusted device' : 'without a factor';
    return { says: 'ok', gives: [newSession(model, of, null)], why };
  }
  const expires = model.now + lasts.pending;
  return { says: 'pending', gives: [{ kind: 'pending', user: of, gone: false, expires, methods }] };
}

/** Five wrong passwords at the same time: what each hears, in no order. */
export const fiveWrongPasswords = (model: Model, { user }: { user: number }): Answer => ({
  says: Array.from({ length: 5 }, () => signIn(model, { user, right: false, device: null }).says)
    .sort()
    .join(' '),
});

export type Completion = { pending: number; proof: Proof; trust: boolean };

export function completeSignIn(model: Model, { pending: id, proof, trust }: Completion): Answer {
  const pending = secretOf(model, 'pending', id);
  const suspended = userOf(model, pending).suspended;
  if (pending.gone || model.now >= pending.expires || suspended) return UNAUTHENTICATED;
  if (!pending.methods.includes(methodOf(proof))) return refused('INVALID_INPUT');
  const failed = prove(model, pending.user, proof);
  if (failed) return { ...failed, why: proof };
  pending.gone = true;
  const session = newSession(model, pending.user, model.now);
  const device = trust ? [newDevice(pending.user, model.now)] : [];
  return { says: 'ok', gives: [session, ...device], why: proof };
}

/** Five wrong codes, one after the other, and then the right one. */
export function fiveWrongCodes(model: Model, completion: Completion): Answer {
  const proofs: Proof[] = [...Array.from({ length: 5 }, () => completion.proof), 'right'];
  const all = proofs.map((proof) => completeSignIn(model, { ...completion, proof }));
  return { says: all.map(({ says }) => says).join(' '), gives: all.flatMap(({ gives = [] }) => gives) };
}

export const stepUp = (model: Model, { by, proof }: { by: By; proof: Proof }): Answer =>
  signedIn(model, by, (session) => {
    if (!factorsOf(model, session.user).includes(methodOf(proof))) return refused('INVALID_INPUT');
    const failed = prove(model, session.user, proof);
    return { ...(failed ?? { says: 'ok', gives: [rotate(model, session, model.now)] }), why: proof };
  });

/** Who they are and where. */
export function call(model: Model, { by }: { by: By }): Answer {
  const secret = model.secrets[by.secret];
  if (secret?.kind === 'key')
    return by.way === 'bearer' && keyHolds(model, secret) ? refused('Acme') : UNAUTHENTICATED;
  return signedIn(model, by, ({ user }, { company }) => ({ says: `user ${user} of ${company}` }));
}

export const issueTokens = (model: Model, { by }: { by: By }): Answer =>
  signedIn(model, by, (session) => {
    if (session.idle >= lasts.usualIdle) session.idle = lasts.refresh;
    const { session: id } = rotate(model, session) as Of<'session'>;
    for (const { is } of secretsOf(model, 'refresh')) if (is.session === id) is.gone = true;
    return { says: 'ok', gives: pair(model, id, session.expires, model.now) };
  });

function pair(model: Model, session: number, expires: number, issued: number): Secret[] {
  const { generation } = model.sessions[session] as Session;
  return [
    { kind: 'access', session, generation, issued },
    { kind: 'refresh', session, gone: false, expires, usedAt: null, next: -1 },
  ];
}

/**
 * However many ask at once, all get the same. Within the grace it is what was given before: then
 * only the access token's name is new.
 */
export function refresh(model: Model, { token }: { token: number }): Answer {
  const given = secretOf(model, 'refresh', token);
  const session = sessionOf(model, given);
  const holds = !given.gone && isAlive(model, session) && model.now < given.expires;
  if (!holds || userOf(model, session).suspended) return UNAUTHENTICATED;
  if (given.usedAt === null) {
    const expires = Math.min(model.now + Math.min(lasts.refresh, session.idle), session.absolute);
    session.expires = Math.max(session.expires, expires);
    // after the access token that comes before it
    Object.assign(given, { usedAt: model.now, next: model.secrets.length + 1 });
    return { says: 'ok', gives: pair(model, given.session, expires, model.now) };
  }
  if (model.now >= given.usedAt + lasts.refreshGrace) {
    session.ended = true;
    return { ...UNAUTHENTICATED, why: 'replayed' };
  }
  const { generation } = session;
  const issued = givenWith(model, newestOf(model, token)).issued;
  const access: Secret = { kind: 'access', session: given.session, generation, issued };
  return { says: 'ok', gives: [access], why: 'again' };
}

/** The one at the end of its line of successors. */
export function newestOf(model: Model, token: number): number {
  const { next } = secretOf(model, 'refresh', token);
  return next < 0 ? token : newestOf(model, next);
}

const givenWith = (model: Model, token: number) => secretOf(model, 'access', token - 1);

export const signOut = (model: Model, { by }: { by: By }): Answer =>
  enrolling(model, by, (session) => {
    session.ended = true;
    return OK;
  });

export const revokeSession = (model: Model, { by, session: id }: { by: By; session: number }): Answer =>
  signedIn(model, by, (own) => {
    const session = sessionOf(model, { session: id });
    // with its token a session's name changes, too: the one that was asked for names no session by
    // now
    const renamed = session === own && model.byTheWay.length > 0;
    if (session.ended || session.user !== own.user || renamed) return refused('NOT_FOUND');
    session.ended = true;
    return OK;
  });

export const revokeOthers = (model: Model, { by }: { by: By }): Answer =>
  signedIn(model, by, (session) => refused(`ended ${end(model, session.user, session)}`));

export const revokeAll = (model: Model, { by }: { by: By }): Answer =>
  signedIn(model, by, ({ user }) => refused(`ended ${end(model, user)}`));

/** The other sessions end, and what was begun with the old password. */
export const changePassword = (model: Model, { by, right }: { by: By; right: boolean }): Answer =>
  signedIn(model, by, (session, user) => {
    const tries = user.tries.password;
    if (isLocked(tries, model.now)) return refused('RATE_LIMITED');
    settle(tries, model.now, right);
    if (!right) return refused('INVALID_INPUT');
    user.password += 1;
    end(model, session.user, session);
    lose(model, session.user, ['pending']);
    return { says: 'ok', gives: [rotate(model, session)] };
  });

export const startTotpEnrolment = (model: Model, { by }: { by: By }): Answer =>
  enrolling(model, by, (session, user) => {
    if (owesStepUp(model, session)) return refused('STEP_UP_REQUIRED');
    user.waiting = model.now;
    return OK;
  });

/** In the place of an earlier app. The other sessions end, since they were begun without it. */
export const finishTotpEnrolment = (model: Model, { by, right }: { by: By; right: boolean }): Answer =>
  enrolling(model, by, (session, user) => {
    if (owesStepUp(model, session)) return refused('STEP_UP_REQUIRED');
    if (user.waiting === null || model.now >= user.waiting + lasts.enrolment) return refused('CONFLICT');
    if (!right) return refused('INVALID_INPUT');
    Object.assign(user, { totp: stepOf(model.now), waiting: null });
    end(model, session.user, session);
    return { says: 'ok', gives: [rotate(model, session, model.now)] };
  });

export const removeTotp = (model: Model, { by }: { by: By }): Answer =>
  signedIn(model, by, (session, user) => {
    if (owesStepUp(model, session)) return refused('STEP_UP_REQUIRED');
    if (user.totp === null) return refused('INVALID_INPUT');
    if (roles[user.role].factor) return refused('CONFLICT');
    user.totp = null;
    lose(model, session.user, ['backup', 'device']);
    return OK;
  });

export const regenerateBackupCodes = (model: Model, { by }: { by: By }): Answer =>
  signedIn(model, by, (session) => {
    if (factorsOf(model, session.user).length === 0) return refused('CONFLICT');
    if (owesStepUp(model, session)) return refused('STEP_UP_REQUIRED');
    lose(model, session.user, ['backup']);
    const codes = Array.from({ length: CODES }, () => ({ kind: 'backup' as const, gone: false }));
    return { says: 'ok', gives: codes.map((code) => ({ ...code, user: session.user })) };
  });

export const revokeDevice = (model: Model, { by, device: id }: { by: By; device: number }): Answer =>
  signedIn(model, by, ({ user }) => {
    const device = secretOf(model, 'device', id);
    if (device.gone || device.user !== user) return refused('NOT_FOUND');
    device.gone = true;
    return OK;
  });

// What an administrator does

const byTokens = (model: Model, session: Session) =>
  secretsOf(model, 'refresh').some(({ is }) => !is.gone && sessionOf(model, is) === session);

export function suspend(model: Model, { user: of }: { user: number }): Answer {
  const user = userOf(model, { user: of });
  if (user.suspended) return refused('CONFLICT');
  user.suspended = true;
  end(model, of);
  settleGrace(model);
  return OK;
}

export function restore(model: Model, { user: of }: { user: number }): Answer {
  const user = userOf(model, { user: of });
  if (!user.suspended) return refused('CONFLICT');
  user.suspended = false;
  settleGrace(model);
  return OK;
}

/** Sessions are held to the new role's limits from now on, and are never lengthened. */
export function setRole(model: Model, { user: of, role }: { user: number; role: Role }): Answer {
  const user = userOf(model, { user: of });
  const changes = user.role !== role;
  user.role = role;
  settleGrace(model);
  const { idle, absolute } = roles[role];
  for (const session of model.sessions.filter(({ user }) => user === of)) {
    // one that goes on by tokens lies unused for longer, unless its company or role allows less
    // than usual
    const most = byTokens(model, session) && idle >= lasts.usualIdle ? lasts.refresh : idle;
    session.due ||= changes;
    session.idle = Math.min(session.idle, most);
    session.absolute = Math.min(session.absolute, session.began + absolute);
    session.expires = Math.min(session.expires, model.now + most, session.absolute);
  }
  return OK;
}

export function disableFactors(model: Model, { user: of }: { user: number }): Answer {
  Object.assign(userOf(model, { user: of }), { totp: null, waiting: null });
  end(model, of);
  lose(model, of, ['pending', 'device', 'backup']);
  return OK;
}

export function resetGrace(model: Model, { user: of }: { user: number }): Answer {
  const user = userOf(model, { user: of });
  if (user.graceFrom === null) return refused('CONFLICT');
  user.graceFrom = model.now;
  user.graceStarted = model.now;
  return OK;
}

// API keys

const keyHolds = (model: Model, { gone, expires }: Of<'key'>) =>
  !gone && model.now < expires && !model.disabled;
const newKey = (model: Model): Secret => ({
  ...{ kind: 'key', gone: false, expires: model.now + lasts.key, rotated: false },
});

export const makeKey = (model: Model): Answer =>
  model.disabled ? refused('CONFLICT') : { says: 'ok', gives: [newKey(model)] };

export function rotateKey(model: Model, { key: id }: { key: number }): Answer {
  const key = secretOf(model, 'key', id);
  if (key.rotated || !keyHolds(model, key)) return refused('CONFLICT');
  Object.assign(key, { rotated: true, expires: Math.min(key.expires, model.now + lasts.keyOverlap) });
  return { says: 'ok', gives: [newKey(model)] };
}

export function revokeKey(model: Model, { key: id }: { key: number }): Answer {
  const key = secretOf(model, 'key', id);
  if (key.gone || model.now >= key.expires) return refused('CONFLICT');
  key.gone = true;
  return OK;
}

export function disableAccount(model: Model): Answer {
  if (model.disabled) return refused('CONFLICT');
  model.disabled = true;
  return OK;
}

// Time

/**
 * Moves the clock, and on past any moment at which something ends just now: no answer hangs on how
 * fast the machine is.
 */
export function move(model: Model, { seconds }: { seconds: number }): Answer {
  model.now += seconds;
  const ends = momentsOf(model);
  for (let near = nearest(model, ends); near; near = nearest(model, ends))
    model.now = near.at + near.within + 1;
  return OK;
}

type Moment = { at: number; within: number };
const nearest = ({ now }: Model, moments: Moment[]) =>
  moments.find(({ at, within }) => Math.abs(now - at) <= within);

/** When something ends or begins that was, for all who may ask. */
function momentsOf(model: Model): Moment[] {
  const usual = [
    ...model.sessions.flatMap(({ expires, absolute, idle, mfaAt }) => [
      ...[expires, absolute, expires - idle / 2, (mfaAt ?? Number.NaN) + lasts.stepUp],
    ]),
    ...model.people.flatMap(({ waiting, graceFrom, tries }) => [
      (waiting ?? Number.NaN) + lasts.enrolment,
      (graceFrom ?? Number.NaN) + lasts.grace,
      ...Object.values(tries).flatMap(momentsOfTries),
    ]),
    ...model.secrets.flatMap((secret) => ('expires' in secret ? [secret.expires] : [])),
    ...secretsOf(model, 'device').flatMap(({ is }) => momentsOfTries(is.tries)),
    ...secretsOf(model, 'access').map(({ is }) => is.issued + lasts.access + lasts.skew),
  ];
  const grace = secretsOf(model, 'refresh').map(({ is }) => (is.usedAt ?? Number.NaN) + lasts.refreshGrace);
  const former = model.sessions.map(({ former }) => former?.until ?? Number.NaN);
  return [
    ...usual.map((at) => ({ at, within: 20 })),
    ...[...grace, ...former].map((at) => ({ at, within: 4 })),
  ];
}

const momentsOfTries = ({ failedAt, lockedUntil }: Tries): number[] => [
  failedAt + lasts.failure,
  lockedUntil ?? Number.NaN,
  (lockedUntil ?? failedAt) + lasts.lockMemory,
];
