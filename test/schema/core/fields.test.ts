import { expect, it } from 'vitest';
import type { EventFacts } from '../../../src/audit/record/body.ts';
import { gatherFailures } from '../../../src/audit/record/failures.ts';
import type { Context } from '../../../src/context.ts';
import { last4, redacted } from '../../../src/schema/core/fields.ts';

const [own, other] = [crypto.randomUUID(), crypto.randomUUID()];

/**
 * Reads a masked IBAN as a member of `own` with or without employee.read; returns the answer and
 * the events.
 */
async function read(companyId: string, mayRead: boolean) {
  const events: EventFacts[] = [];
  const failures = gatherFailures(
    async (added) => void events.push(...added),
    () => {},
  );
  const actor = { companyId: own, can: () => mayRead };
  let answer: unknown;
  try {
    const context = { actor, failures } as unknown as Context;
    answer = redacted('employee.read', last4('ibanLast4'))({ companyId, ibanLast4: '4321' }, {}, context);
  } catch (error) {
    answer = error;
  }
  await failures.settle([]);
  return { answer, events };
}

it.each([
  ['without the type’s own permission', own, false],
  ['of another company', other, true],
])(
  '[M10] a masked value is refused to a reader %s, and the denial is audited',
  async (_, company, mayRead) => {
    const { answer, events } = await read(company, mayRead);
    expect(answer).toMatchObject({ code: 'FORBIDDEN' });
    expect(events).toEqual([{ action: 'access.denied', data: { fields: ['employee.read'] } }]);
  },
);

it('[E7] a reader with the type’s permission alone gets the mask, and no denial is audited', async () => {
  expect(await read(own, true)).toEqual({ answer: '•••• 4321', events: [] });
});
