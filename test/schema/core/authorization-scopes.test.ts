import { describe, expect, test } from 'vitest';
import type { Context } from '../../../src/context.ts';
import {
  evaluate,
  type Scopes,
  scopeLoaders,
  scopeNames,
} from '../../../src/schema/core/authorization-scopes.ts';

type CurrentActor = Context['actor'];
const actorWith = (changes: object): CurrentActor =>
  ({ kind: 'user', assurance: null, can: (name: string) => name === 'employee.read', ...changes }) as never;

const anonymous = null;
const user = actorWith({});
const service = actorWith({ kind: 'service' });
const overdue = actorWith({ assurance: { mustEnrol: true }, can: () => false });

describe('the one evaluator of authorization scopes', () => {
  test.each<[string, Partial<Scopes>, CurrentActor, boolean]>([
    ['anonymous may use what is public', { public: true }, anonymous, true],
    ['anonymous is not authenticated', { authenticated: true }, anonymous, false],
    ['a service account is authenticated', { authenticated: true }, service, true],
    ['[M6] a service account is not signed in', { signedIn: true }, service, false],
    ['a user is signed in', { signedIn: true }, user, true],
    ['[M6] a user who must enrol a factor is not authenticated', { authenticated: true }, overdue, false],
    ['[M6] a user who must enrol a factor is not signed in', { signedIn: true }, overdue, false],
    ['a user who must enrol a factor may enrol', { enrolling: true }, overdue, true],
    ['a service account enrols no factor', { enrolling: true }, service, false],
    ['a permission that the actor holds', { can: 'employee.read' }, user, true],
    ['a permission that the actor lacks', { can: 'employee.write' }, user, false],
    ['two scopes must both hold', { signedIn: true, can: 'employee.read' }, service, false],
  ])('%s', (_name, scopes, actor, expected) => {
    expect(evaluate(scopes, actor)).toBe(expected);
  });

  test('[M6] refuses unknown and missing scopes instead of passing them', () => {
    expect(() => evaluate({}, user)).toThrow('expected known scopes');
    expect(() => evaluate({ signedIn: true, alsoOnSundays: true } as never, user)).toThrow('alsoOnSundays');
  });

  test('gives the executor the same answers, scope by scope', () => {
    for (const actor of [anonymous, user, service, overdue])
      for (const name of scopeNames) {
        const required = name === 'can' ? 'employee.read' : true;
        expect(scopeLoaders(actor)[name](required as never)).toBe(evaluate({ [name]: required }, actor));
      }
  });
});
