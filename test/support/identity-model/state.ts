/**
 * What is promised of signing in, as a small state with a clock of its own; seconds. It restates
 * the promises and imports none of them.
 */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const lasts = {
  access: 15 * MINUTE,
  /** Clocks of instances may lie that far apart. */
  skew: 5,
  refresh: 7 * DAY,
  refreshGrace: 10,
  former: 30,
  pending: 10 * MINUTE,
  enrolment: 15 * MINUTE,
  stepUp: 10 * MINUTE,
  grace: 7 * DAY,
  device: 14 * DAY,
  codeStep: 30,
  lock: 15 * MINUTE,
  longestLock: DAY,
  failure: HOUR,
  lockMemory: DAY,
  key: DAY,
  keyOverlap: HOUR,
  usualIdle: DAY,
};
export const TRIES = 5;
export const CODES = 10;

/**
 * Roles with what they bring: whether they ask for a second factor, and how long their sessions
 * last.
 */
export const roles = {
  client: { factor: false, idle: DAY, absolute: 30 * DAY },
  staff: { factor: true, idle: DAY, absolute: 30 * DAY },
  admin: { factor: true, idle: 12 * HOUR, absolute: 7 * DAY },
};
export type Role = keyof typeof roles;

export type Tries = { failures: number; failedAt: number; lockouts: number; lockedUntil: number | null };
const untried = (): Tries => ({
  failures: 0,
  failedAt: Number.NEGATIVE_INFINITY,
  lockouts: 0,
  lockedUntil: null,
});

export type User = {
  company: 'Acme' | 'Globex';
  suspended: boolean;
  role: Role;
  /** Since when a second factor is required of them. */
  graceFrom: number | null;
  /** Since when one was first required of them: it continues whenever one is required again. */
  graceStarted: number | null;
  /** How often they have changed their password. */
  password: number;
  /** The last step of their authenticator app that was taken; `null` without one. */
  totp: number | null;
  /** Since when an app waits to be confirmed. */
  waiting: number | null;
  tries: Record<'password' | 'totp' | 'backupCode', Tries>;
};

/** A sign-in. What opens it changes with each `generation`. */
export type Session = {
  user: number;
  began: number;
  ended: boolean;
  generation: number;
  idle: number;
  expires: number;
  absolute: number;
  mfaAt: number | null;
  /** Another user changed its user's rights: it gets a new token with its next cookie. */
  due: boolean;
  /** The generation that was before that, and until when it holds all the same. */
  former: { generation: number; until: number } | null;
};

/**
 * Everything that the server has given out, in that order: its place in the list names it. `gone`:
 * used up, revoked or replaced.
 */
export type Secret =
  | { kind: 'session'; session: number; generation: number }
  | { kind: 'access'; session: number; generation: number; issued: number }
  | { kind: 'refresh'; session: number; gone: boolean; expires: number; usedAt: number | null; next: number }
  | { kind: 'pending'; user: number; gone: boolean; expires: number; methods: string[] }
  | { kind: 'device'; user: number; gone: boolean; expires: number; tries: Tries }
  | { kind: 'backup'; user: number; gone: boolean }
  | { kind: 'key'; gone: boolean; expires: number; rotated: boolean };
export type Kind = Secret['kind'];
export type Of<K extends Kind> = Extract<Secret, { kind: K }>;

export type Model = {
  now: number;
  people: User[];
  sessions: Session[];
  secrets: Secret[];
  /** Acme's service account is disabled. */
  disabled: boolean;
  /** What the answer to the present request brings as a cookie, whatever was asked for. */
  byTheWay: Secret[];
};

const user = (company: User['company'], role: Role): User => ({
  ...{ company, role, suspended: false, graceFrom: roles[role].factor ? 0 : null },
  graceStarted: roles[role].factor ? 0 : null,
  ...{ password: 0, totp: null, waiting: null },
  tries: { password: untried(), totp: untried(), backupCode: untried() },
});

/** Two people of Acme, of one of whom a second factor is required, and one of Globex. */
export const begin = (): Model => ({
  now: 0,
  people: [user('Acme', 'client'), user('Acme', 'staff'), user('Globex', 'client')],
  sessions: [],
  secrets: [],
  disabled: false,
  byTheWay: [],
});

export const newDevice = (of: number, now: number): Of<'device'> => ({
  ...{ kind: 'device', user: of, gone: false, expires: now + lasts.device, tries: untried() },
});

/** The secrets of a kind with their names, as they were given out. */
export const secretsOf = <K extends Kind>(model: Model, kind: K): { id: number; is: Of<K> }[] =>
  model.secrets.flatMap((is, id) => (is.kind === kind ? [{ id, is: is as Of<K> }] : []));

export const stepOf = (now: number): number => Math.floor(now / lasts.codeStep);
