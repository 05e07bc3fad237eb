import { describe, expect, test } from 'vitest';
import { APPEND, appendOf, attack, CHANGE, openScene, scene, state } from '../../support/audit-attack.ts';
import { connectAs, declare, inTransaction, rename } from '../../support/audit-scene.ts';

// Raw SQL of the server's role against the audit log that PostgreSQL accepts: it changes no chain,
// or leaves events that tell the rows.
/**
 * The transaction commits; the company has these new events and no other, and they tell the rows.
 */
const TOLD: [title: string, statements: string[], actions: string[]][] = [
  [
    'app.audit_early set by hand',
    [`SELECT set_config('app.audit_early', 'on', true)`, CHANGE, 'DECLARE'],
    ['branch.updated'],
  ],
  [
    'app.audit_early changed between changes',
    [
      'DECLARE',
      `SET LOCAL app.audit_early = 'on'`,
      CHANGE,
      'SET CONSTRAINTS ALL IMMEDIATE',
      'RESET app.audit_early',
      CHANGE,
    ],
    ['branch.updated', 'branch.updated'],
  ],
  [
    'an event placed early and rolled back to a savepoint',
    ['SAVEPOINT s', APPEND, 'SET CONSTRAINTS ALL IMMEDIATE', 'ROLLBACK TO s'],
    [],
  ],
  [
    'an event placed early, by the name of its constraint',
    ['SET CONSTRAINTS audit_place_pending IMMEDIATE', APPEND],
    ['audit.exported'],
  ],
  [
    'the context of another company before COMMIT',
    [APPEND, `SELECT set_config('app.company_id', $other, true)`],
    ['audit.exported'],
  ],
  [
    'an event that claims a place and a time',
    [
      appendOf(
        `'{"action":"audit.exported","severity":"LOW","pos":9223372036854775807,"at_us":-1,"company_id":"x"}'`,
      ),
    ],
    ['audit.exported'],
  ],
  [
    'the group role as current role',
    ['SET LOCAL ROLE bulwark_app', CHANGE, 'DECLARE', 'RESET ROLE'],
    ['branch.updated'],
  ],
  [
    'a search path that begins with temporary objects',
    ['SET LOCAL search_path = pg_temp, pg_catalog', CHANGE.replace('"Branch"', 'public."Branch"'), 'DECLARE'],
    ['branch.updated'],
  ],
  [
    'another client encoding and form of bytea',
    [`SET LOCAL bytea_output = escape`, CHANGE, 'DECLARE'],
    ['branch.updated'],
  ],
  [
    'NULL compared by =, sequential scans, generic plans',
    [
      'SET LOCAL transform_null_equals = on',
      'SET LOCAL enable_indexscan = off',
      'SET LOCAL plan_cache_mode = force_generic_plan',
      CHANGE,
      'DECLARE',
    ],
    ['branch.updated'],
  ],
  ['stricter PL/pgSQL', [`SET LOCAL plpgsql.extra_errors = 'all'`, CHANGE, 'DECLARE'], ['branch.updated']],
  [
    'a row changed and deleted by one WITH',
    [
      `WITH changed AS (${CHANGE} RETURNING id) DELETE FROM "Branch" b USING changed WHERE b.id = changed.id`,
      'DECLARE',
    ],
    ['branch.updated'],
  ],
  [
    'a prepared change, executed twice',
    [`PREPARE again AS ${CHANGE}`, 'EXECUTE again', 'EXECUTE again', 'DECLARE', 'DEALLOCATE again'],
    ['branch.updated', 'branch.updated'],
  ],
  [
    'a change at a cursor',
    [
      'DECLARE c CURSOR FOR SELECT * FROM "Branch" FOR UPDATE',
      'FETCH c',
      `UPDATE "Branch" SET name = 'c' WHERE CURRENT OF c`,
      'DECLARE',
    ],
    ['branch.updated'],
  ],
  ['notifications', ['LISTEN audit_event', `SELECT pg_notify('audit_event', '{"pos":99}')`], []],
  ['a check of a body', [`SELECT audit_body_is_valid('{}', '{}')`], []],
];

openScene();

describe('raw SQL of the server’s role', () => {
  test.each(TOLD)('[L1] leaves only events that tell the rows: %s', async (_title, statements, actions) => {
    const before = await state();
    await attack(statements);
    const after = await state();
    const added = after.events.filter(({ company_id }) => company_id === scene.own.id);
    expect(added.map(({ action }) => action)).toEqual(actions);
    expect(after.events.length).toBe(before.events.length + added.length);
    const told = added.findLast(({ body }) => body.after)?.body.after.name ?? 'Kiel';
    const rows = before.branches.map((row) => (row.id === scene.own.branchId ? { ...row, name: told } : row));
    expect(after.branches).toEqual(rows);
  });

  test('[L1] with non-standard strings either tells a change or has it refused', async () => {
    const before = await state();
    const settled = await attack(['SET LOCAL standard_conforming_strings = off', CHANGE, 'DECLARE']).catch(
      () => 'refused',
    );
    const { events } = await state();
    expect(events.length - before.events.length).toBe(settled === 'refused' ? 0 : 1);
  });

  test('[L3] holds up no other connection by advisory locks, whatever their key', async () => {
    await scene.own.db.query('BEGIN');
    await scene.own.db.query(
      `SELECT pg_advisory_xact_lock(hashtextextended(t, 0)), pg_advisory_xact_lock(hashtext(t)) FROM unnest(ARRAY[$1, $2]) t`,
      [scene.own.id, scene.other.id],
    );
    await scene.own.db.query('SELECT pg_advisory_xact_lock(n) FROM generate_series(-100, 100) n');
    const second = await connectAs(scene.database.appUrl, scene.own.id);
    await inTransaction(second, async () => {
      await rename(second, scene.own.branchId);
      await declare(second);
    });
    await second.end();
    await scene.own.db.query('ROLLBACK');
  });

  test('[L4] changes nothing in the audit log by large objects', async () => {
    const before = await state();
    await scene.own.db
      .query(`SELECT lo_from_bytea(0, '\\x00')`)
      .catch(({ code }) => expect(code).toBe('42501'));
    expect(await state()).toEqual(before);
  });
});
