import { describe, expect, it } from 'vitest';
import { type AuditEvent, type AuditFilter, matches, page, position } from '../../../src/audit/read/query.ts';
import type { Query } from '../../../src/db/sql.ts';

const event: AuditEvent = {
  ...{ companyId: 'c', position: '7', at: new Date(2000), atMicroseconds: '2000000' },
  ...{ action: 'role.created', severity: 'HIGH', actorId: 'a', entity: 'Role', entityId: 'r' },
  ...{ body: '{}', hash: '00' },
};

describe('[L7] a live event', () => {
  it.each<[string, AuditFilter, boolean]>([
    ['no filter', {}, true],
    [
      'a filter of nulls',
      { action: null, severity: null, actor: null, entity: null, entityId: null, from: null, to: null },
      true,
    ],
    ['its action among others', { action: ['role.deleted', 'role.created'] }, true],
    ['other actions', { action: ['role.deleted'] }, false],
    ['no action', { action: [] }, false],
    ['its severity', { severity: ['HIGH'] }, true],
    ['another severity', { severity: ['LOW', 'MEDIUM'] }, false],
    ['its actor', { actor: 'a' }, true],
    ['another actor', { actor: 'b' }, false],
    ['its entity', { entity: 'Role', entityId: 'r' }, true],
    ['another entity', { entity: 'Team' }, false],
    ['another row', { entityId: 's' }, false],
    ['its time as the first', { from: new Date(2000) }, true],
    ['a later first time', { from: new Date(2001) }, false],
    ['its time as the end', { to: new Date(2000) }, false],
    ['a later end', { to: new Date(2001) }, true],
    ['one condition that it meets and one that it does not', { actor: 'a', entity: 'Team' }, false],
  ])('[L7] compared with %s', (_what, filter, expected) => {
    expect(matches(event, filter)).toBe(expected);
  });
});

describe('[L5] a page of the audit log', () => {
  const rows = (count: number) => Array.from({ length: count }, () => event);
  /** The statement and its values, and the page from so many rows. */
  async function ask(filter: AuditFilter, window: Parameters<typeof page>[3], found = 0) {
    let asked: [string, unknown[]] = ['', []];
    const query = (async (sql: string, values: unknown[]) => {
      asked = [sql.slice(sql.indexOf('WHERE')), values];
      return rows(found);
    }) as Query;
    return { ...(await page(query, 'c', filter, window)), asked };
  }

  const since = (time: string) =>
    `SELECT pos FROM audit_event WHERE company_id = $1 AND at_us >= ${time} ORDER BY at_us, pos LIMIT 1`;

  it('[L5] asks for one row more than wanted, in the wanted direction', async () => {
    const forward = await ask({ from: new Date(1), to: new Date(2), actor: 'a' }, { first: 2, after: '5' });
    expect(forward.asked).toEqual([
      `WHERE company_id = $1 AND pos > $2 AND actor_id = $3 AND pos >= (${since('$4')}) AND pos < coalesce((${since('$5')}), 9223372036854775807) ORDER BY pos ASC LIMIT 3`,
      ['c', '5', 'a', '1000', '2000'],
    ]);
    const backward = await ask({ action: null }, { last: 2, before: '5' });
    expect(backward.asked).toEqual([
      'WHERE company_id = $1 AND pos < $2 ORDER BY pos DESC LIMIT 3',
      ['c', '5'],
    ]);
  });

  it.each([
    [{ first: 2 }, 2, false, false],
    [{ first: 2 }, 3, true, false],
    [{ first: 2, after: '1' }, 3, true, true],
    [{ last: 2 }, 2, false, false],
    [{ last: 2 }, 3, false, true],
    [{ last: 2, before: '9' }, 2, true, false],
  ])('[L5] %o of %i rows knows whether there are more', async (window, found, next, previous) => {
    const { events, hasNextPage, hasPreviousPage } = await ask({}, window, found);
    expect([events.length, hasNextPage, hasPreviousPage]).toEqual([2, next, previous]);
  });

  it.each(['', '-1', '1 ', ' 1', '1e3', '0x1', '1'.repeat(19)])('[L5] refuses the cursor %j', (cursor) => {
    expect(() => position(cursor)).toThrow(
      expect.objectContaining({ fields: { after: 'expected a cursor that this server gave' } }),
    );
    expect(() => position(cursor, 'before')).toThrow(
      expect.objectContaining({ fields: { before: expect.anything() } }),
    );
  });

  it('[L5] takes a position of up to eighteen digits, or none', () => {
    for (const cursor of ['0', '1'.repeat(18)]) expect(position(cursor)).toBe(cursor);
    for (const cursor of [null, undefined]) expect(position(cursor)).toBe(null);
  });
});
