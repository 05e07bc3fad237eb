import { describe, expect, it } from 'vitest';
import { deriveKey, newKeyBytes, toKey } from '../../../src/crypto/aead.ts';
import { sealExtension } from '../../../src/crypto/fields/extension.ts';
import { open, sealFor } from '../../../src/crypto/fields/sealed.ts';
import type { CompanyKeys, Keyring } from '../../../src/crypto/keys/keyring.ts';
import { withTenant } from '../../../src/db/tenant/context.ts';

const secret = toKey(newKeyBytes());
const keysWith = (...ids: string[]): CompanyKeys => ({
  companyId: 'c',
  sealing: new Map(ids.map((id) => [id, secret])),
  current: () => ({ id: 'k1', key: secret }),
  indexing: (scope, use) => deriveKey(secret, scope + use),
});
const salary = (id: string) =>
  sealFor(keysWith('k1'), { model: 'Employee', field: 'salary', scope: 'pii' }, id, '1.50');

/**
 * Runs an operation that PostgreSQL answers with `result`; returns its outcome and what the keyring
 * was asked.
 */
async function run(
  operation: string,
  args: object,
  result: unknown,
  cached = keysWith('k1'),
  model = 'Employee',
) {
  const asked: unknown[] = [];
  const note = (answer: CompanyKeys, ...what: unknown[]) => {
    asked.push(what);
    return answer;
  };
  const keyring = {
    load: async (companyId: string) => note(cached, 'load', companyId),
    reload: async (companyId: string) => note(keysWith('k1'), 'reload', companyId),
    ensure: async (companyId: string, wanted: unknown) => note(cached, 'ensure', companyId, wanted),
  } as unknown as Keyring;
  let sent: unknown;
  const query = async (given: unknown) => {
    sent = given;
    return result;
  };
  const call = { model, operation, args, query } as unknown as Parameters<
    ReturnType<typeof sealExtension>
  >[0];
  const answer = (await withTenant({ companyId: 'c', userId: 'u' }, async () =>
    sealExtension(keyring)(call),
  )) as never;
  return { answer, asked, sent };
}

describe('[E1] a read', () => {
  it('[E1] returns sealed values that open, and leaves null as it is', async () => {
    const rows = [
      { id: 'r', salary: salary('r'), iban: null },
      { id: 's', salary: salary('s') },
    ];
    const { answer, asked } = await run('findMany', {}, rows);
    expect((answer as { salary: string }[]).map((row) => open(row.salary))).toEqual(['1.50', '1.50']);
    expect((answer as { iban: unknown }[])[0]?.iban).toBe(null);
    expect(asked).toEqual([['load', 'c']]);
  });

  it('[E1] goes into relations, also where one is missing', async () => {
    const args = { include: { employee: true } };
    const rows = [
      { id: 'a', employee: { id: 'r', salary: salary('r') } },
      { id: 'b', employee: null },
    ];
    const { answer, asked } = await run('findMany', args, rows, keysWith('k1'), 'Attendance');
    expect(asked).toEqual([['load', 'c']]);
    expect(open((answer as typeof rows)[0]?.employee?.salary as string)).toBe('1.50');
  });

  it.each([[[]], [null]])('[E1] that finds nothing loads no key: %j', async (nothing) => {
    expect(await run('findMany', {}, nothing)).toMatchObject({ answer: nothing, asked: [] });
  });

  it('[E3] with a key that another instance created loads the keys again, once', async () => {
    const rows = [
      { id: 'r', salary: salary('r') },
      { id: 's', salary: salary('s') },
      { id: 't', salary: null },
    ];
    const { answer, asked } = await run('findMany', {}, rows, keysWith('older'));
    expect(asked).toEqual([
      ['load', 'c'],
      ['reload', 'c'],
    ]);
    expect(open((answer as { salary: string }[])[0]?.salary as string)).toBe('1.50');
  });

  it('[E1] of other columns asks for no key, and neither does a count', async () => {
    expect((await run('findMany', { select: { name: true } }, [{ name: 'x' }])).asked).toEqual([]);
    expect(await run('count', { select: { name: true } }, { name: 1 })).toMatchObject({
      ...{ asked: [], sent: { select: { name: true } }, answer: { name: 1 } },
    });
    await expect(run('count', { select: { salary: true } }, 1)).rejects.toThrow(/sealed: count is refused/);
  });
});

describe('[E1] a write', () => {
  it('[E1] creates the keys that it needs, and only those', async () => {
    const data = { id: 'r', iban: 'DE89', salary: '1.50' };
    const { asked, sent } = await run('create', { data }, null);
    expect(asked).toEqual([
      [
        'ensure',
        'c',
        [
          ['pii', 'seal'],
          ['pii', 'index'],
        ],
      ],
    ]);
    expect(JSON.stringify(sent)).not.toMatch(/"DE89"|"1\.50"/);
    expect((await run('create', { data: { id: 'r', name: 'x' } }, null)).asked).toEqual([]);
  });

  it('[E1] seals each of several new rows', async () => {
    const { sent } = await run(
      'createMany',
      { data: [{ salary: '1.50' }, { salary: '2.50' }] },
      { count: 2 },
    );
    expect((sent as { data: { salary: string }[] }).data.map((row) => row.salary)).toEqual([
      expect.stringMatching(/^b1\.k1\./),
      expect.stringMatching(/^b1\.k1\./),
    ]);
  });

  it('[E1] changes one row by its id, and many rows to null alone', async () => {
    const one = { where: { key: { companyId: 'c', id: 'r' } }, data: { salary: '1.50' } };
    const { sent } = await run('update', one, null);
    expect((sent as typeof one).data.salary).toMatch(/^b1\.k1\./);
    await expect(run('updateMany', { where: {}, data: { salary: '1.50' } }, null)).rejects.toThrow(
      /updateMany/,
    );
  });
});
