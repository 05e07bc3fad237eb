import { describe, expect, it } from 'vitest';
import type { Actor, Assurance } from '../../../src/auth/authorization/actor.ts';
import { authorize, authorizeCaller, type CallerKind } from '../../../src/auth/authorization/authorize.ts';
import type { Identity } from '../../../src/auth/authorization/identity.ts';
import { demandStepUp } from '../../../src/auth/authorization/step-up.ts';
import { AppError } from '../../../src/errors.ts';
import { actorWith } from '../../support/sign-in/people.ts';

const outcome = (run: () => unknown): string => {
  try {
    run();
    return 'passes';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};
const MINUTE = 60_000;
const base = actorWith({ roles: ['company_admin'] });
const withAssurance = (parts: Partial<Assurance>): Actor => ({
  ...base,
  assurance: { ...(base.assurance as Assurance), stepUpMinutes: 5, ...parts },
});
const ago = (ms: number) => new Date(Date.now() - ms);
const member = withAssurance({ mustEnrol: false });
const locked = withAssurance({ mustEnrol: true });
const stale = withAssurance({ mustEnrol: false, factors: ['totp'], mfaAt: ago(6 * MINUTE) });
const fresh = withAssurance({ mustEnrol: false, factors: ['totp'], mfaAt: ago(4 * MINUTE) });
const service: Actor = { ...base, kind: 'service', assurance: null };

describe('[M8] step-up', () => {
  it.each<[string, Actor, string]>([
    ['a service account', service, 'passes'],
    ['a user without a factor', member, 'passes'],
    ['a factor verified within the minutes', fresh, 'passes'],
    ['a factor verified earlier', stale, 'STEP_UP_REQUIRED'],
    [
      'a factor never verified in this session',
      { ...stale, assurance: { ...(stale.assurance as Assurance), mfaAt: null } },
      'STEP_UP_REQUIRED',
    ],
  ])('[M8] with %s', (_what, actor, expected) => {
    expect(outcome(() => demandStepUp(actor))).toBe(expected);
  });
});

describe('[M5] a command', () => {
  const read = { permission: 'employee.read' } as const;

  it('[M5] is refused without a session, a permission, or an enrolled factor past the grace period', () => {
    expect(outcome(() => authorize(null, read))).toBe('UNAUTHENTICATED');
    expect(outcome(() => authorize({ ...member, can: () => false }, read))).toBe('FORBIDDEN');
    expect(outcome(() => authorize({ ...locked, can: () => true }, read))).toBe('ENROLMENT_REQUIRED');
    expect(outcome(() => authorize(member, read))).toBe('passes');
    expect(outcome(() => authorize(service, read))).toBe('passes');
  });

  it('[M8] demands a recent factor only where it says so', () => {
    expect(outcome(() => authorize(stale, read))).toBe('passes');
    expect(outcome(() => authorize(stale, { ...read, stepUp: true }))).toBe('STEP_UP_REQUIRED');
    expect(outcome(() => authorize(fresh, { ...read, stepUp: true }))).toBe('passes');
  });
});

describe('[M5] an identity command', () => {
  const identity = {} as Identity;
  const callers = {
    anonymous: { actor: null, identity: null },
    service: { actor: service, identity: null },
    locked: { actor: locked, identity },
    user: { actor: member, identity },
  };
  const [no, enrol] = ['UNAUTHENTICATED', 'ENROLMENT_REQUIRED'];

  it.each<[CallerKind, Record<keyof typeof callers, string>]>([
    ['anyone', { anonymous: 'passes', service: 'passes', locked: 'passes', user: 'passes' }],
    ['enrolling', { anonymous: no, service: no, locked: 'passes', user: 'passes' }],
    ['user', { anonymous: no, service: no, locked: enrol, user: 'passes' }],
    ['actor', { anonymous: no, service: 'passes', locked: enrol, user: 'passes' }],
  ])('[M5] for callers of kind %s refuses all others', (kind, expected) => {
    const outcomes = Object.entries(callers).map(([name, caller]) => [
      name,
      outcome(() => authorizeCaller(caller, kind)),
    ]);
    expect(Object.fromEntries(outcomes)).toEqual(expected);
  });

  it('[M8] demands a recent factor where it says so, but not of anyone', () => {
    const caller = { actor: stale, identity };
    expect(outcome(() => authorizeCaller(caller, 'user'))).toBe('passes');
    expect(outcome(() => authorizeCaller(caller, 'user', true))).toBe('STEP_UP_REQUIRED');
    expect(outcome(() => authorizeCaller(caller, 'anyone', true))).toBe('passes');
  });
});
