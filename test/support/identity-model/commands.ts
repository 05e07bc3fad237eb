import fc from 'fast-check';
import { expect } from 'vitest';
import * as administration from './administration.ts';
import * as requests from './requests.ts';
import { rowsBy, rowsOfServer } from './rows.ts';
import * as rules from './rules.ts';
import { newCookies, type Said, type Server } from './server.ts';
import type { Kind, Model, Role } from './state.ts';

// What may happen next: for each rule what it is chosen by, and how often it comes up.

/** Which of a list: 0 is the latest, which is what matters most often. */
const nth = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3, 5);
const at = <T>(list: T[], index: number): T | undefined => list.at(-1 - (index % (list.length || 1)));
const mostly = fc.constantFrom(true, true, true, false);
const usually = fc.nat(7).map((one) => one > 0);
const user = fc.constantFrom(0, 0, 0, 0, 1, 1, 2);
const proof = fc.constantFrom<rules.Proof>(
  ...(['right', 'right', 'right', 'next', 'wrong', 'again', 'backup', 'backup', 'usedBackup'] as const),
);

/** A secret of a kind: mostly one that is good for something still, else one that is not. */
const secret = fc.record({ nth, holds: usually });
type Choice = { nth: number; holds: boolean };
const secretOf = (model: Model, kinds: Kind[], { nth, holds }: Choice): number | undefined => {
  const all = model.secrets.flatMap(({ kind }, id) => (kinds.includes(kind) ? [id] : []));
  return at(
    all.filter((id) => rules.holds(model, id) === holds),
    nth,
  );
};

/** A user, by a credential. */
const whoWith = (holds: fc.Arbitrary<boolean>) =>
  fc.record({ nth, holds, way: fc.constantFrom<rules.Way>('bearer', 'bearer', 'cookie') });
const who = whoWith(usually);
type Who = typeof who extends fc.Arbitrary<infer T> ? T : never;
const credentialOf = (model: Model, { way, ...choice }: Who): rules.By | undefined => {
  const id = secretOf(model, ['session', 'access'], choice);
  return id === undefined ? undefined : { secret: id, way };
};

type Step = { often: number; chosen: fc.Arbitrary<never>; args: (model: Model, chosen: never) => unknown };

/**
 * `args` gives what rule and request are called with; one of them missing, the step cannot be taken
 * now.
 */
const step = <Chosen, Args extends object>(
  often: number,
  chosen: fc.Arbitrary<Chosen>,
  args: (model: Model, chosen: Chosen) => { [K in keyof Args]: Args[K] | undefined },
) => ({ often, chosen, args }) as unknown as Step;

/** By a user with a session, and what they choose besides. */
const asUser = <Chosen>(
  often: number,
  besides: fc.Arbitrary<Chosen>,
  args: (model: Model, chosen: Chosen) => object = (_model, chosen) => chosen as object,
) =>
  step(often, fc.tuple(who, besides), (model, [who, chosen]) => ({
    by: credentialOf(model, who),
    ...args(model, chosen),
  }));
const nothing = fc.constant({});
const asItIs = <Chosen extends object>(often: number, chosen: fc.Arbitrary<Chosen>) =>
  step(often, chosen, (_model, chosen) => chosen);
const ofKind = (often: number, name: string, kind: Kind) =>
  step(often, secret, (model, choice) => ({ [name]: secretOf(model, [kind], choice) }));

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
/** Mostly no more than a code's half minute: a user who is away for days has little left to try. */
const seconds = fc.constantFrom(
  ...[...times(3, 11), ...times(9, 31), ...times(2, 9 * MINUTE), ...times(3, 11 * MINUTE)],
  ...[
    ...times(3, 16 * MINUTE),
    ...times(2, 62 * MINUTE),
    5 * HOUR,
    13 * HOUR,
    25 * HOUR,
    ...times(2, 4 * DAY),
    8 * DAY,
    15 * DAY,
  ],
);

const completion = fc.record({ choice: secret, proof, trust: fc.boolean() });
const pendingOf = (model: Model, { choice, ...rest }: { choice: Choice }) => ({
  pending: secretOf(model, ['pending'], choice),
  ...rest,
});

const steps = {
  signIn: step(12, fc.record({ user, right: mostly, by: fc.option(secret) }), (model, { by, ...rest }) => ({
    ...rest,
    device: (by && secretOf(model, ['device'], by)) ?? null,
  })),
  fiveWrongPasswords: asItIs(1, fc.record({ user })),
  completeSignIn: step(24, completion, pendingOf),
  fiveWrongCodes: step(
    7,
    completion.map((one) => ({ ...one, proof: one.trust ? 'wrong' : 'usedBackup' })),
    pendingOf,
  ),
  stepUp: asUser(10, fc.record({ proof })),
  call: step(14, whoWith(fc.boolean()), (model, who) => ({ by: credentialOf(model, who) })),
  callByAny: step(
    4,
    fc.record({ nth: fc.nat(30), way: who.map(({ way }) => way) }),
    (model, { nth, way }) => {
      const id = at([...model.secrets.keys()], nth);
      return { by: id === undefined ? undefined : { secret: id, way } };
    },
  ),
  issueTokens: asUser(10, nothing),
  refresh: ofKind(20, 'token', 'refresh'),
  signOut: asUser(2, nothing),
  revokeSession: asUser(3, fc.nat({ max: 7 }), (model, index) => ({
    session: model.sessions.length === 0 ? undefined : at([...model.sessions.keys()], index),
  })),
  revokeOthers: asUser(2, nothing),
  revokeAll: asUser(1, nothing),
  changePassword: asUser(4, fc.record({ right: mostly })),
  startTotpEnrolment: asUser(6, nothing),
  finishTotpEnrolment: asUser(9, fc.record({ right: mostly })),
  removeTotp: asUser(3, nothing),
  regenerateBackupCodes: asUser(6, nothing),
  revokeDevice: asUser(2, secret, (model, choice) => ({ device: secretOf(model, ['device'], choice) })),
  suspend: asItIs(1, fc.record({ user })),
  restore: asItIs(3, fc.record({ user })),
  setRole: asItIs(4, fc.record({ user, role: fc.constantFrom<Role>('client', 'staff', 'admin') })),
  disableFactors: asItIs(1, fc.record({ user })),
  resetGrace: asItIs(2, fc.record({ user })),
  makeKey: asItIs(3, nothing),
  callByKey: step(4, secret, (model, choice) => {
    const id = secretOf(model, ['key'], choice);
    return { by: id === undefined ? undefined : { secret: id, way: 'bearer' } };
  }),
  rotateKey: ofKind(2, 'key', 'key'),
  revokeKey: ofKind(1, 'key', 'key'),
  disableAccount: asItIs(1, nothing),
  move: asItIs(18, fc.record({ seconds })),
} satisfies Record<string, Step>;
type Name = keyof typeof steps;

type Rule = (model: Model, args: never) => rules.Answer;
type Request = (server: Server, model: Model, args: never) => Promise<Said>;
const also = { callByAny: 'call', callByKey: 'call' } as const;
const ruleOf = (name: Name): Rule =>
  rules[(also[name as keyof typeof also] ?? name) as keyof typeof rules] as Rule;
const allRequests: Record<string, Request> = {
  ...requests,
  ...administration,
  ...{ callByAny: requests.call, callByKey: requests.call },
  // the clock moves with the model's
  move: async () => ({ says: 'ok' }),
};

/** Each answer that was met, and how often. */
export type Met = Map<string, number>;

const stepsOf = ({ steps }: Server) => `what the model says, after\n${steps.join('\n')}\n`;

/**
 * One step in both worlds: the server's answer and the rows after it must be what the model says.
 */
function command(met: Met, name: Name, chosen: never): fc.AsyncCommand<Model, Server> {
  const argsIn = (model: Model) => steps[name].args(model, chosen) as object;
  let taken: object = {};
  return {
    check: (model) => !Object.values(argsIn(model)).includes(undefined),
    run: async (model, server) => {
      taken = argsIn(model);
      server.steps.push(`${name} ${JSON.stringify(taken)}`);
      await server.clock.hold(model.now);
      const said = await (allRequests[name] as Request)(server, model, taken as never);
      const { says, gives = [], why } = ruleOf(name)(model, taken as never);
      const secrets = [...model.byTheWay.splice(0), ...gives];
      const texts = [...newCookies(server, said), ...(said.gives ?? [])];
      expect([said.says, texts.length], stepsOf(server)).toEqual([says, secrets.length]);
      model.secrets.push(...secrets);
      server.given.push(...texts.map((text) => ({ text, moved: server.clock.moved() })));
      await server.clock.hold(model.now);
      expect(await rowsOfServer(server), stepsOf(server)).toEqual(rowsBy(model));
      const by = secrets.length > gives.length ? 'with a new cookie' : undefined;
      const answer = [name, why, by, says].filter(Boolean).join(', ');
      met.set(answer, (met.get(answer) ?? 0) + 1);
    },
    toString: () => name,
  };
}

const IN_USE = { nth: 0, holds: true, way: 'bearer' };
/** With an app and codes, on a device that is trusted. */
const protectedBy = (user: number): [Name, object][] => [
  ['signIn', { user, right: true, by: null }],
  ['startTotpEnrolment', [IN_USE, {}]],
  ['finishTotpEnrolment', [IN_USE, { right: true }]],
  ['regenerateBackupCodes', [IN_USE, {}]],
  ['move', { seconds: 31 }],
  ['signIn', { user, right: true, by: null }],
  ['completeSignIn', { choice: IN_USE, proof: 'right', trust: true }],
];
const byTokens: [Name, object][] = [
  ['issueTokens', [IN_USE, {}]],
  ['refresh', IN_USE],
  ['refresh', { ...IN_USE, nth: 1 }],
  ['move', { seconds: 16 * MINUTE }],
  ['call', { ...IN_USE, holds: false }],
  ['refresh', { ...IN_USE, nth: 1 }],
];
const BY_COOKIE = { ...IN_USE, way: 'cookie' };
const changedRights: [Name, object][] = [
  ['setRole', { user: 0, role: 'staff' }],
  ['call', IN_USE],
  ['call', BY_COOKIE],
  ['call', { ...BY_COOKIE, nth: 1 }],
  ['call', { ...IN_USE, nth: 1 }],
  ['move', { seconds: 31 }],
  ['call', { ...IN_USE, holds: false }],
];
const again: [Name, object] = ['signIn', { user: 1, right: true, by: null }];
const usedUp: [Name, object][] = [
  ...(['backup', 'usedBackup', 'again', 'next'] as const).flatMap((proof): [Name, object][] => [
    again,
    ['completeSignIn', { choice: IN_USE, proof, trust: false }],
  ]),
  again,
  ['fiveWrongCodes', { choice: IN_USE, proof: 'wrong', trust: false }],
  ['fiveWrongPasswords', { user: 1 }],
  again,
];
const tooLate: [Name, object][] = [
  ['move', { seconds: 8 * DAY }],
  ['signIn', { user: 1, right: true, by: null }],
  ['call', IN_USE],
];
const keys: [Name, object][] = [
  ['makeKey', {}],
  ['rotateKey', IN_USE],
  ['move', { seconds: 62 * MINUTE }],
  ['callByKey', { nth: 0, holds: false }],
];
/**
 * How one of them may begin: with nothing, or protected; after their time to be so, with keys, by
 * tokens, with a session token beside them, with other rights, with codes that are used up.
 */
const beginnings: [Name, object][][] = [
  [],
  [...tooLate, ...protectedBy(1), ...keys],
  [...protectedBy(0), ...byTokens],
  [...protectedBy(0), ['issueTokens', [IN_USE, {}]], ['changePassword', [IN_USE, { right: true }]]],
  [...protectedBy(0), ...changedRights],
  [...protectedBy(1), ...usedUp],
];

const begun = (met: Met, steps: [Name, object][] = []) =>
  steps.map(([name, chosen]) => command(met, name, chosen as never));

/** Every beginning by itself, whatever else chance brings. */
export const examples = (met: Met) => beginnings.map((steps) => begun(met, steps));

/** A beginning, and what comes after it. */
export const walks = (met: Met, most: number) => {
  const after = fc.commands(
    Object.entries(steps).flatMap(([name, { often, chosen }]) =>
      times(
        often,
        chosen.map((given) => command(met, name as Name, given)),
      ),
    ),
    { maxCommands: most, size: 'max' },
  );
  const before = fc.nat({ max: beginnings.length - 1 }).map((index) => begun(met, beginnings[index]));
  return fc.noBias(fc.tuple(before, after)).map(([before, after]) => [...before, ...after]);
};
