import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClock } from '../../support/identity-model/clock.ts';
import { examples, type Met, walks } from '../../support/identity-model/commands.ts';
import { enter, type Server } from '../../support/identity-model/server.ts';
import { begin, type Model } from '../../support/identity-model/state.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { withinTest } from '../../support/within-test.ts';

// Signing in, second factors, tokens and keys against test/support/identity-model/rules.ts, which
// says in one page what each of them promises. MODEL_RUNS makes it as long as one likes, MODEL_SEED
// takes other walks; a failure names its seed and the shortest way there.

const { MODEL_RUNS = '4', MODEL_SEED = '1' } = process.env;
const STEPS = 120;
/** They overlap, since most of the time is spent waiting for answers that are slow on purpose. */
const LANES = [1, 2, 3, 4];

let world: MailboxWorld;
const met: Met = new Map();
beforeAll(async () => {
  world = await openMailboxWorld();
  await installClock(world);
});
afterAll(() => world?.end());

async function walk(commands: fc.AsyncCommand<Model, Server>[]): Promise<void> {
  const server = await enter(world);
  try {
    await fc.asyncModelRun(() => ({ model: begin(), real: server }), commands);
  } finally {
    await server.clock.end();
  }
}

describe('[A1][A2][A4][A5][A6][A7][M1][M3][M4][M5][M7][M8][R6] whatever people do, in whatever order and at whatever time', () => {
  it.concurrent.for(LANES)('each answer and each row is what the model says: walk %s', async (lane, test) => {
    const seed = Number(MODEL_SEED) * LANES.length + lane;
    const mine = examples(met).filter((_, index) => index % LANES.length === lane - 1);
    await fc.assert(fc.asyncProperty(walks(met, STEPS), walk), {
      ...{ numRuns: Number(MODEL_RUNS) + mine.length, seed, examples: mine.map((one) => [one]) },
      ...withinTest(test),
    });
  });

  it('and the generated walks cover every outcome that matters', () => {
    expect([...met.keys()]).toEqual(expect.arrayContaining(MATTERS));
  });
});

const MATTERS = [
  ...[
    'signIn, UNAUTHENTICATED',
    'signIn, RATE_LIMITED',
    'signIn, pending',
    'signIn, on a trusted device, ok',
  ],
  ...['completeSignIn, UNAUTHENTICATED', 'completeSignIn, right, ok', 'completeSignIn, next, ok'],
  ...['completeSignIn, backup, ok', 'completeSignIn, usedBackup, INVALID_INPUT'],
  ...['completeSignIn, again, INVALID_INPUT', `fiveWrongCodes, ${'INVALID_INPUT '.repeat(5)}RATE_LIMITED`],
  ...['stepUp, again, INVALID_INPUT', 'stepUp, right, ok', 'stepUp, backup, ok'],
  ...[
    'startTotpEnrolment, STEP_UP_REQUIRED',
    'finishTotpEnrolment, ok',
    'regenerateBackupCodes, ok',
    'regenerateBackupCodes, CONFLICT',
  ],
  ...['call, ENROLMENT_REQUIRED', 'call, UNAUTHENTICATED', 'callByAny, UNAUTHENTICATED'],
  ...['call, user 0 of Acme', 'call, user 1 of Acme', 'call, with a new cookie, user 0 of Acme'],
  ...['callByKey, Acme', 'callByKey, UNAUTHENTICATED', 'rotateKey, ok', 'disableAccount, ok'],
  ...['issueTokens, ok', 'refresh, ok', 'refresh, again, ok', 'refresh, UNAUTHENTICATED'],
  ...['refresh, replayed, UNAUTHENTICATED', 'changePassword, ok'],
  ...['revokeSession, ok', 'setRole, ok', 'suspend, ok', 'disableFactors, ok'],
];
