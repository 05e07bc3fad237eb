import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BY_PASSKEY,
  BY_PENDING,
  OperationMatrix,
  operations,
  readOnlyRoles,
  rolesIn,
} from '../../support/attack/operation-matrix.ts';
import type { Operation } from '../../support/operations.ts';
import { companyRoles, emailOf, must } from '../../support/server/policy-world.ts';
import { PASSWORD } from '../../support/server/world.ts';
import { newKey } from '../../support/sign-in/credentials.ts';
import { mfaStates, statesWithFactor } from '../../support/sign-in/mfa-states.ts';

let matrix: OperationMatrix;
beforeAll(async () => {
  matrix = await OperationMatrix.open();
});
afterAll(() => matrix?.end());

/** Public, but asking for a link that was never mailed. */
const BY_LINK = [
  ...['acceptInvitation', 'resetPassword', 'unlockAccount', 'verifyEmail'],
  ...['recoverAccount', 'verifyRecoveryEmail'],
];

// those with a factor are in matrix-factors.test.ts
describe('[R2][R7] every operation answers every role by the exported policy', () => {
  describe.each(statesWithFactor(false))(
    '[M5][M8][A6] and for each state of their second factor: %s',
    (name) => {
      it.each(rolesIn(mfaStates[name]))('%s', async (role) => {
        expect(await matrix.tryAs(role, name)).toEqual({ wrong: [], missing: 0 });
      });
    },
  );

  it.each(companyRoles)(
    '[A7] an API key of a service account with the role %s, without permissions reserved for users',
    async (role) => {
      const { key } = await newKey(matrix.world, await matrix.world.signIn('company_admin'), [role]);
      const { wrong, tried } = await matrix.tryByKey(role, key);
      expect(wrong).toEqual([]);
      expect(tried).toBeGreaterThan(40);
    },
  );

  it('an anonymous client may use public operations, and gets UNAUTHENTICATED for others', async () => {
    const found = await matrix.codesOf(operations, async () => '');
    for (const [operation, codes] of found)
      expect([operation.name, codes]).toEqual([operation.name, anonymousCodes(operation)]);
  });

  /** What a client without a valid credential gets. */
  function anonymousCodes(operation: Operation): string[] {
    const { name } = operation;
    if (!matrix.isPublic(operation)) return ['UNAUTHENTICATED'];
    if (BY_LINK.includes(name)) return ['NOT_FOUND'];
    if (BY_PASSKEY.includes(name)) return ['PASSKEY_REFUSED'];
    return BY_PENDING.includes(name) ? ['UNAUTHENTICATED'] : [];
  }

  it('a client with an MFA challenge is anonymous', async () => {
    const other = await matrix.states.userLike(
      emailOf('company_admin'),
      mfaStates['with a factor, proven just now'],
    );
    const { signIn } = must(
      await matrix.world.inside(
        'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken mfaChallenge { token } } }',
        { input: { email: other.email, password: PASSWORD } },
      ),
    );
    expect(signIn.sessionToken).toBeNull();
    for (const [operation, codes] of await matrix.codesOf(operations, async () => signIn.mfaChallenge.token))
      expect([operation.name, codes]).toEqual([operation.name, anonymousCodes(operation)]);
  });
});

describe('[R5][R7] a read-only role has no audited operation', () => {
  it.each(readOnlyRoles())('%s', (role) => {
    const written = [...matrix.policed.lines.values()].filter(
      ({ type, event }) => type === 'Mutation' && event !== null,
    );
    expect(written.length).toBeGreaterThan(15);
    expect(written.filter(({ roles }) => roles.includes(role))).toEqual([]);
  });
});
