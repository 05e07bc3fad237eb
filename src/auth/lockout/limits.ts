import { contentHash } from '../../crypto/digest.ts';
import { databaseNow } from '../../db/clock.ts';
import { limitedNetwork } from '../../network-address.ts';

/**
 * How many failures lock what, as data: a new kind of secret to try goes here. Each kind counts by
 * itself. `account` is who the tries are for, `address` where they come from: many people share
 * one, so it takes more. After the last one the subject is locked for 15 minutes, then for twice as
 * long each time, up to a day; a day without a lock forgets.
 */
export const limits = {
  password: { account: 5, address: 50 },
  totp: { account: 5, address: 50 },
  code: { account: 5, address: 50 },
  backupCode: { account: 5, address: 50 },
  recovery: { account: 5, address: 20 },
  /**
   * Counted for the network only: a key's id is not secret, and others could lock its owner out.
   */
  apiKey: { account: 50, address: 50 },
  /**
   * Locks no account: passkeys cannot be guessed, and a valid one is always accepted
   * (auth/passkeys/ceremony.ts).
   */
  passkey: { account: 50, address: 50 },
  /**
   * Counts started ceremonies, each of which writes a row: enough for an office that signs in at
   * once.
   */
  challenge: { account: 300, address: 300, windowSeconds: 5 * 60 },
  /**
   * Mails that anonymous clients request: each network has a share of an address's limit, so that
   * it cannot exhaust it.
   */
  resetMail: { account: 10, share: 3, address: 20 },
  signUpMail: { account: 10, share: 3, address: 20 },
  /**
   * Counts requests for codes and other messages to an address that a signed-in user names, not
   * failures.
   */
  message: { account: 5, address: 20 },
  /**
   * Counts denials, of which further ones are one event with a count
   * (auth/account/failure-bursts.ts).
   */
  denial: { account: 20, address: 20, windowSeconds: 5 * 60 },
  /**
   * Unique values that another row has, chosen by an actor who does not see all rows
   * (domain/unique-conflicts.ts).
   */
  uniqueValue: { account: 10, address: 100 },
  /**
   * Invitations that a member makes, to whichever addresses, in a day (domain/use-limits.ts):
   * enough for a company that moves in, too few for mail to strangers.
   */
  invitation: { account: 500, address: 500, windowSeconds: 24 * 3600 },
  /**
   * Attendance records of an actor who records for less than the company, in an hour: a year of
   * working days of one employee, or three weeks of a team of 20.
   */
  attendance: { account: 300, address: 300, windowSeconds: 3600 },
} as const satisfies Record<string, Limit>;

/**
 * With `windowSeconds`, the limit applies to each window and a lock ends with its window. With
 * `share`, an attempt for an account counts towards one network's share of that account's limit; an
 * attempt without an account counts for the network.
 */
type Limit = { account: number; address: number; windowSeconds?: number; share?: number };

/**
 * Seconds: the first lock, the longest, how long a failure counts, how long a lock is remembered.
 */
export const lockoutSeconds = { first: 15 * 60, longest: 24 * 3600, failure: 3600, memory: 24 * 3600 };

export type AttemptKind = keyof typeof limits;
/** `operation` counts against a rate limit (auth/rate-limit/), which no unlocking clears. */
export type CountedKind = AttemptKind | 'operation';
export const attemptKinds = Object.keys(limits) as AttemptKind[];

/**
 * The account and the network of an attempt. `account` is an e-mail address or a user's id, one of
 * both for each kind, with or without such an account. On a trusted device the device is counted
 * instead, so that strangers cannot lock its owner out.
 */
export type Attempt = {
  kind: AttemptKind;
  account: string | null;
  device?: string | null;
  ip: string | null;
};

/**
 * One row of counts. `clears`: a success resets it; never a network's, which the attacker's own
 * account could reset.
 */
export type Subject = { name: string; allowed: number; clears: boolean };

/** Not `accepted`: the subject was locked, and the answer must not depend on the attempt. */
export type AttemptResult = { accepted: boolean; waitSeconds: number; locked: string[] };

/**
 * Counts attempts exactly over all instances, in PostgreSQL or in Redis, with the same semantics.
 */
export type AttemptStore = {
  /** Seconds that a subject stays locked; 0 when none is. */
  wait(kind: CountedKind, subjects: Subject[]): Promise<number>;
  count(kind: CountedKind, subjects: Subject[], succeeded: boolean): Promise<AttemptResult>;
  /** Forgets these subjects' failures, by name, of some kinds. */
  clear(kinds: readonly AttemptKind[], names: string[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Returns the subjects of an attempt. Names contain hashes, so that the table does not list
 * accounts.
 */
export function subjectsOf(tried: Attempt): Subject[] {
  const { windowSeconds: every }: Limit = limits[tried.kind];
  const subjects = [...accountSubjects(tried), ...networkSubjects(tried)];
  return every ? subjects.map((one) => ({ ...one, name: `${one.name} ${windowOf(every)}` })) : subjects;
}

function accountSubjects({ kind, account, device }: Attempt): Subject[] {
  const allowed = limits[kind].account;
  if (device) return [{ name: `device:${device}`, allowed, clears: true }];
  return account === null ? [] : [{ name: accountSubject(account), allowed, clears: kind !== 'message' }];
}

function networkSubjects({ kind, account, ip }: Attempt): Subject[] {
  const { address, share }: Limit = limits[kind];
  if (ip === null) return [];
  return share !== undefined && account !== null
    ? [{ name: `share:${digest(`${limitedNetwork(ip)} ${account}`)}`, allowed: share, clears: false }]
    : [{ name: `address:${limitedNetwork(ip)}`, allowed: address, clears: false }];
}

const now = () => databaseNow() / 1000;
const windowOf = (every: number): number => Math.floor(now() / every);
/** Seconds that a lock of this kind lasts at most, from now on. */
export function longestLock(kind: AttemptKind): number {
  const { windowSeconds: every }: Limit = limits[kind];
  return every ? Math.ceil(every - (now() % every)) : lockoutSeconds.longest;
}

export const accountSubject = (account: string): string => `account:${digest(account)}`;

const digest = (text: string): string => contentHash(text).slice(0, 32);
