import { describe, expect, test } from 'vitest';
import {
  APPEND,
  attack,
  CHANGE,
  dataOf,
  EVENT,
  openScene,
  scene,
  state,
} from '../../support/audit-attack.ts';

// Raw SQL of the server's role against the tables of the audit log, and against the moment of
// COMMIT: what PostgreSQL refuses.
const [DENIED, CHECK] = ['42501', '23514'];
type Attack = [title: string, statements: string[], code: string];

/** The transaction fails with this code, and no row and no event remains. */
const REFUSED: Attack[] = [
  ['COPY into the events', ['COPY audit_event FROM STDIN'], DENIED],
  ['COPY into pending events', ['COPY audit_pending (company_id, body) FROM STDIN'], '0A000'],
  [
    'MERGE that deletes events',
    ['MERGE INTO audit_event e USING audit_head h ON e.company_id = h.company_id WHEN MATCHED THEN DELETE'],
    DENIED,
  ],
  [
    'MERGE that moves a head back',
    [
      'MERGE INTO audit_head h USING audit_event e ON e.company_id = h.company_id WHEN MATCHED THEN UPDATE SET pos = 1',
    ],
    DENIED,
  ],
  [
    'MERGE that appends to another company',
    [
      `MERGE INTO audit_pending p USING (SELECT $other::uuid AS id) s ON p.company_id = s.id
       WHEN NOT MATCHED THEN INSERT (company_id, body) VALUES (s.id, ${EVENT})`,
    ],
    DENIED,
  ],
  [
    'ON CONFLICT DO UPDATE of pending events',
    [`${APPEND} ON CONFLICT (company_id, id) DO UPDATE SET body = '{}'`],
    DENIED,
  ],
  [
    'ON CONFLICT DO NOTHING of a head',
    [`INSERT INTO audit_head VALUES ($own, 0, 0, '') ON CONFLICT DO NOTHING`],
    DENIED,
  ],
  ['events copied by INSERT … SELECT', ['INSERT INTO audit_event SELECT * FROM audit_event'], DENIED],
  [
    'bodies of row events appended by INSERT … SELECT',
    ['INSERT INTO audit_pending (company_id, body) SELECT company_id, body FROM audit_event'],
    CHECK,
  ],
  [
    'an event with a negative place',
    [`INSERT INTO audit_pending (company_id, id, body) OVERRIDING SYSTEM VALUE VALUES ($own, -1, ${EVENT})`],
    DENIED,
  ],
  [
    'an event with the highest place',
    [`INSERT INTO audit_event (company_id, pos) VALUES ($own, 9223372036854775807)`],
    DENIED,
  ],
  ['the sequence of pending events set back', [`SELECT setval('audit_pending_id_seq', 1)`], DENIED],
  [
    'a pending event with an action of its own',
    [`INSERT INTO audit_pending (company_id, body, action, severity) SELECT $own, ${EVENT}, 'x', 'LOW'`],
    DENIED,
  ],
  ['a pending event altered before COMMIT', [APPEND, `UPDATE audit_pending SET body = '{}'`], DENIED],
  ['a pending event withdrawn before COMMIT', [APPEND, 'DELETE FROM audit_pending'], DENIED],
  [
    'an event deleted by a CTE that reads',
    ['WITH gone AS (DELETE FROM audit_event RETURNING *) SELECT * FROM gone'],
    DENIED,
  ],
  ['a head locked by SELECT … FOR UPDATE', ['SELECT * FROM audit_head FOR UPDATE'], DENIED],
  ['a head locked by SELECT … FOR KEY SHARE', ['SELECT * FROM audit_head FOR KEY SHARE'], DENIED],
  ['the heads locked as a table', ['LOCK TABLE audit_head IN SHARE ROW EXCLUSIVE MODE'], DENIED],
  ['the events locked as a table', ['LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE'], DENIED],
  [
    'an update by a cursor',
    [
      'DECLARE c CURSOR FOR SELECT * FROM audit_event',
      'FETCH c',
      `UPDATE audit_event SET body = '{}' WHERE CURRENT OF c`,
    ],
    DENIED,
  ],
  ['a prepared update', [`PREPARE forged AS UPDATE audit_event SET body = '{}'`, 'EXECUTE forged'], DENIED],
  [
    'a change whose declaration is cleared in one message with COMMIT',
    [CHANGE, 'DECLARE', `SELECT set_config('app.audit', '', true); COMMIT`],
    CHECK,
  ],
  ['a change with audit_changes(NULL)', [CHANGE, 'SELECT audit_changes(NULL)'], CHECK],
  [
    'a change whose events were written early, in a savepoint that is rolled back',
    [CHANGE, 'SAVEPOINT s', `SELECT audit_changes('{"{}",r,NULL,NULL,NULL}')`, 'ROLLBACK TO s'],
    CHECK,
  ],
  [
    'a change with app.audit_early, without a declaration',
    [`SELECT set_config('app.audit_early', 'on', true)`, CHANGE],
    CHECK,
  ],
  [
    'a change in a transaction that turns read-only',
    [CHANGE, 'DECLARE', 'SET TRANSACTION READ ONLY'],
    '25006',
  ],
  [
    'a change whose performer has U+0000',
    [CHANGE, `SELECT set_config('app.audit', '{"{\\"kind\\":\\"\\\\u0000\\"}",r,NULL,NULL,NULL}', true)`],
    '22P05',
  ],
  [
    'a change of a name to bytes of a lone surrogate',
    [`UPDATE "Branch" SET name = convert_from('\\xeda080', 'UTF8')`],
    '22021',
  ],
  ['an event with U+0000', [dataOf(`'"\\u0000"'`)], '22P05'],
  ['an event with a lone surrogate', [dataOf(`'"\\ud800"'`)], '22P02'],
  ['an event of 1 MiB and a byte', [dataOf(`to_json(repeat('x', 1048576))::text`)], CHECK],
  ['an event nested 100,000 deep', [dataOf(`repeat('[', 100000) || repeat(']', 100000)`)], '54001'],
  ['PL/pgSQL’s meaning of names', [`SET LOCAL plpgsql.variable_conflict = use_column`], DENIED],
];

openScene();

describe('raw SQL of the server’s role', () => {
  test.each(REFUSED)('[L4] is refused and leaves nothing: %s', async (_title, statements, code) => {
    const before = await state();
    await expect(attack(statements)).rejects.toMatchObject({ code });
    expect(await state()).toEqual(before);
  });

  test('[L4] may call no function of the log’s owner, nor may PUBLIC', async () => {
    const { rows } = await scene.owner.query(
      `SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE r.rolname = 'bulwark_audit'
         AND (has_function_privilege('bulwark_app', p.oid, 'EXECUTE') OR has_function_privilege('public', p.oid, 'EXECUTE'))`,
    );
    expect(rows).toEqual([]);
  });
});
