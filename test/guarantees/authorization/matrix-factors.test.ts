import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationMatrix, rolesIn } from '../../support/attack/operation-matrix.ts';
import { mfaStates, statesWithFactor } from '../../support/sign-in/mfa-states.ts';

let matrix: OperationMatrix;
beforeAll(async () => {
  matrix = await OperationMatrix.open();
});
afterAll(() => matrix?.end());

// the other states are in matrix.test.ts
describe('[R2][R7] every operation answers every role by the exported policy', () => {
  describe.each(statesWithFactor(true))(
    '[M5][M8][A6] and for each state of their second factor: %s',
    (name) => {
      it.each(rolesIn(mfaStates[name]))('%s', async (role) => {
        expect(await matrix.tryAs(role, name)).toEqual({ wrong: [], missing: 0 });
      });
    },
  );
});
