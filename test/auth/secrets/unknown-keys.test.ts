import { expect, test } from 'vitest';
import { unknownKeys } from '../../../src/auth/secrets/unknown-keys.ts';

const idOf = (number: number) => String(number).padStart(43, 'k');

function lookUps(answer: (id: string) => Promise<boolean> = async () => false) {
  const asked: string[] = [];
  const isNew = unknownKeys((id) => {
    asked.push(id);
    return answer(id);
  });
  return { asked, isNew };
}

test('[S14] an unknown key id is looked up once, however often and however parallel it is named', async () => {
  const { asked, isNew } = lookUps();
  const answers = await Promise.all(Array.from({ length: 50 }, () => isNew(idOf(1))));
  answers.push(await isNew(idOf(1)));
  expect([new Set(answers), asked]).toEqual([new Set([false]), [idOf(1)]]);
});

test.each(['', 'kid', '../../etc/passwd', 'k'.repeat(44), `${'k'.repeat(42)}=`])(
  '[S14] %j, which is no thumbprint, is never looked up',
  async (id) => {
    const { asked, isNew } = lookUps();
    expect([await isNew(id), asked]).toEqual([false, []]);
  },
);

test('[S14] no more than a thousand unknown key ids are kept', async () => {
  const { asked, isNew } = lookUps();
  for (let number = 0; number <= 1000; number++) await isNew(idOf(number));
  await isNew(idOf(1000));
  expect(asked).toHaveLength(1001);
  await isNew(idOf(0));
  expect(asked).toHaveLength(1002);
});

test('[S14] a key id that is known, or whose look-up failed, is looked up again', async () => {
  const { asked, isNew } = lookUps(async (id) => {
    if (id === idOf(1)) throw new Error('no connection');
    return true;
  });
  await expect(isNew(idOf(1))).rejects.toThrow('no connection');
  await expect(isNew(idOf(1))).rejects.toThrow('no connection');
  expect([await isNew(idOf(2)), await isNew(idOf(2))]).toEqual([true, true]);
  expect(asked).toHaveLength(4);
});
