import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { buildSchema } from '../../src/schema/index.ts';
import {
  documentOf,
  examples,
  leavesOf,
  type Operation,
  operationsOf,
  type Slot,
  variablesOf,
} from '../support/operations.ts';
import { type Answer, digestOf, globalId, openWorld, rowsOf, type World } from '../support/server/world.ts';

const schema = buildSchema();
const operations = operationsOf(schema).filter(({ kind }) => kind !== 'subscription');
let world: World;
let admin: string;
/** Rows of the company to name: ids by node type. */
let ids: Map<string, string[]>;
beforeAll(async () => {
  world = await openWorld();
  admin = await world.signIn('company_admin');
  await world.ask(
    'mutation { createPayrollRun(input: { period: "2026-01" }) { payrollRun { id } } }',
    {},
    await world.signIn('finance_admin'),
  );
  ids = new Map(
    await Promise.all(
      ['Employee', 'Branch', 'Department', 'Team', 'Attendance', 'PayrollRun', 'Member'].map(idsOf),
    ),
  );
});
afterAll(() => world?.end());

async function idsOf(node: string): Promise<[string, string[]]> {
  const table = node === 'Member' ? 'Membership' : node;
  // Members that no test here acts as.
  const but = node === 'Member' ? `AND t.email LIKE 'client@%'` : '';
  const rows = await rowsOf(
    world,
    `SELECT t.id FROM "${table}" t JOIN "Company" c ON c.id = t."companyId" WHERE c.name = 'Acme' ${but} LIMIT 3`,
  );
  return [node, rows.map(({ id }) => globalId(node, id))];
}

type Raw = { status: number; text: string; codes: string[] };

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Raw> {
  const response = await fetch(world.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}`, ...headers },
    body,
  });
  const text = await response.text();
  const { errors = [] } = JSON.parse(text) as Partial<Answer>;
  return {
    status: response.status,
    text,
    codes: errors.map(({ extensions }) => extensions.code),
  };
}
const ask = (query: string, variables: object = {}, headers = {}) =>
  post(JSON.stringify({ query, variables }), headers);

/** What the server itself took for its own fault. */
const faults = () =>
  world
    .logged()
    .split('\n')
    .filter((line) => line.includes('unexpected error'))
    .slice(-2);

const TELLS = /\bat \w+.*\(|\.ts:\d|node_modules|prisma|postgres|SELECT |invocation|constraint|stack/i;

/** A coded refusal that reveals nothing about the server. */
async function refused(what: unknown, request: () => Promise<Raw>, ...expected: string[]): Promise<void> {
  const { status, text, codes } = await request();
  expect([what, codes.filter((code) => !expected.includes(code))]).toEqual([what, []]);
  expect([what, codes.length > 0, status < 500]).toEqual([what, true, true]);
  expect(text).not.toMatch(TELLS);
}

describe('invalid input is refused with its code, writes nothing, and the server keeps serving:', () => {
  let before: unknown;
  beforeEach(async () => {
    before = await digestOf(world);
  });
  afterEach(async () => {
    expect(await digestOf(world)).toEqual(before);
    expect((await ask('{ viewer { user { name } } }')).codes).toEqual([]);
    expect(faults()).toEqual([]);
  });

  it('malformed JSON and malformed requests', async () => {
    const bodies: unknown[] = [
      '',
      '{',
      '{"query":',
      'null',
      '1',
      '"{ viewer }"',
      '[]',
      '[{"query":"{ viewer { roles } }"}]',
      '{}',
      '{"query":1}',
      '{"query":""}',
    ];
    bodies.push(
      '{"query":null}',
      '{"query":["{ viewer { roles } }"]}',
      '{"query":"{ viewer { roles } }","variables":[]}',
      '{"query":"{ viewer { roles } }","variables":"{}"}',
    );
    bodies.push(
      '{"query":"{ viewer { roles } }","variables":1}',
      '{"query":"{ viewer { roles } }","operationName":1}',
      '{"query":"{ viewer { roles } }","extensions":1}',
    );
    bodies.push(
      '{"query":"{ viewer { roles } }"}\0',
      '\uFEFF\uFEFF{}',
      '{"query":"{ viewer { roles } }","variables":{"__proto__":{"a":1}}}',
    );
    for (const body of bodies) await refused(body, () => post(body as string), 'BAD_REQUEST');
    const invalid = new Uint8Array([...new TextEncoder().encode('{"query":"'), 0xc3, 0x28, 0x22, 0x7d]);
    await refused('invalid UTF-8', () => post(invalid), 'BAD_REQUEST');
    await refused(
      'a form',
      () => post('query={viewer{roles}}', { 'content-type': 'application/x-www-form-urlencoded' }),
      'BAD_REQUEST',
    );
  });

  it('malformed GraphQL and unknown fields', async () => {
    const documents = [
      '{',
      '}',
      '{ }',
      'query',
      '{ viewer',
      '{ nothing }',
      '{ viewer { nothing } }',
      '{ viewer }',
      '{ __proto__ }',
      '{ constructor { name } }',
      '{ viewer { roles { name } } }',
    ];
    documents.push(
      'query A { viewer { roles } } query A { viewer { roles } }',
      'query A { viewer { roles } } query B { viewer { roles } }',
      'query ($a: Nothing) { viewer { roles } }',
    );
    documents.push(
      'query ($unused: Int) { viewer { roles } }',
      '{ ...F }',
      '{ ...F } fragment F on Query { ...F }',
      '{ viewer(nothing: 1) { roles } }',
      '{ employees(first: "1") { totalCount } }',
    );
    documents.push(
      '{ employee(id: {}) { id } }',
      '{ employee { id } }',
      '{ employees(order: { field: salary }) { totalCount } }',
      'mutation { nothing }',
      '{ viewer { roles } } \u0000',
      '{ viewer @nothing { roles } }',
      '💥',
    );
    documents.push(
      '{ employees(filter: { nothing: 1 }) { totalCount } }',
      'subscription { nothing }',
      'type Query { a: Int }',
      '{ viewer { roles }',
    );
    for (const document of documents)
      await refused(document, () => ask(document), 'BAD_REQUEST', 'INVALID_INPUT');
  });

  it('input beyond a limit', async () => {
    const viewer = '{ viewer { roles } }';
    const document = (text: string) => () => ask(text);
    const many = (n: number, part: (index: number) => string) =>
      Array.from({ length: n }, (_none, index) => part(index)).join(' ');
    const tooMuch: [string, () => Promise<Raw>][] = [
      ['10,000 aliases', document(`{ ${many(10_000, (n) => `a${n}: viewer { roles }`)} }`)],
      ['100 aliases', document(`{ ${many(100, (n) => `a${n}: viewer { roles }`)} }`)],
      ['100 aliases of __typename', document(`{ ${many(100, (n) => `a${n}: __typename`)} }`)],
      ['10,000 fields deep', document(`${'{ viewer '.repeat(10_000)}${'}'.repeat(10_000)}`)],
      [
        '40 fields deep',
        document(
          `{ departments(first: 20) { edges { node { ${'branch { departments(first: 20) { edges { node { '.repeat(20)} } } id ${'} }'.repeat(20)} } } } }`,
        ),
      ],
      [
        'a list literal 5,000 deep',
        document(`{ nodes(ids: ${'['.repeat(5_000)}${']'.repeat(5_000)}) { id } }`),
      ],
      ['1,000 directives', document(`{ viewer ${many(1_000, () => '@include(if: true)')} { roles } }`)],
      ['2,000 fragments', document(`${viewer} ${many(2_000, (n) => `fragment F${n} on Viewer { roles }`)}`)],
      [
        'fragments that double each other',
        document(
          `{ viewer { ...F0 } } ${many(25, (n) => `fragment F${n} on Viewer { ...F${n + 1} ...F${n + 1} }`)} fragment F25 on Viewer { roles }`,
        ),
      ],
      ['a document of 900 KB', document(`{ viewer { roles } } #${'x'.repeat(900_000)}`)],
      [
        'pages of pages',
        document(
          '{ departments(first: 20) { edges { node { employees(first: 100) { edges { node { attendance(first: 100) { edges { node { id } } } } } } } } } }',
        ),
      ],
      [
        'variables 10,000 deep',
        () => post(`{"query":"${viewer}","variables":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`),
      ],
      [
        'a list of 100,000',
        () => ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(100_000).fill('x') }),
      ],
      ['2,000 operations in one document', document(many(2_000, (n) => `query Q${n} ${viewer}`))],
    ];
    for (const [what, request] of tooMuch) await refused(what, request, 'QUERY_TOO_COMPLEX', 'BAD_REQUEST');
    await refused('a body of 2 MB', () => ask(viewer, { a: 'x'.repeat(2_000_000) }), 'PAYLOAD_TOO_LARGE');
  });

  const texts: [string, string][] = [
    ['nothing', ''],
    ['blank', ' \t\n'],
    ['1 MB', 'x'.repeat(1_000_000)],
    ['a null byte', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['the other half', '\udc00'],
  ];
  const named: [string, object][] = [
    ['createBranch', {}],
    ['createDepartment', { branchId: 'Branch' }],
    ['createTeam', { departmentId: 'Department' }],
    [
      'createEmployee',
      { branchId: 'Branch', departmentId: 'Department', email: 'x@example.com', startedOn: '2026-01-01' },
    ],
    ['inviteMember', { email: 'x@example.com', roles: ['staff'] }],
    ['updateEmployee', { employeeId: 'Employee' }],
  ];
  const mutation = (name: string) =>
    documentOf(operations.find((operation) => operation.name === name) as Operation);
  const withIds = (input: object) =>
    Object.fromEntries(Object.entries(input).map(([name, value]) => [name, ids.get(value)?.[0] ?? value]));

  it.each(texts)('names that are %s', async (_what, name) => {
    for (const [operation, input] of named) {
      await refused(
        operation,
        () => ask(mutation(operation), { input: { ...withIds(input), name } }),
        'INVALID_INPUT',
        'BAD_REQUEST',
        'PAYLOAD_TOO_LARGE',
      );
    }
  });

  it.each(texts)('an e-mail or a password that is %s', async (_what, text) => {
    for (const input of [
      { email: text, password: 'x' },
      { email: 'staff@acme.example', password: text.trim() },
    ]) {
      if (input.password === 'x' || !text.isWellFormed() === false) {
        await refused(
          input.email.slice(0, 20),
          () => ask(mutation('signIn'), { input }),
          'INVALID_INPUT',
          'BAD_REQUEST',
          'PAYLOAD_TOO_LARGE',
        );
      }
    }
  });

  it('malformed amounts, days, months and numbers', async () => {
    const [employeeId] = ids.get('Employee') as [string];
    const amounts: unknown[] = [
      'NaN',
      'Infinity',
      '-Infinity',
      '-1',
      '-0',
      '1e9',
      '0x10',
      '1,000.00',
      ' 1',
      '1 ',
      '١٢',
      '9'.repeat(1000),
      `0.${'1'.repeat(30)}`,
      1,
      1.5,
      -1,
      true,
      null,
      [],
      {},
      ['1'],
    ];
    for (const salary of amounts)
      await refused(
        salary,
        () => ask(mutation('setEmployeeSalary'), { input: { employeeId, salary } }),
        'INVALID_INPUT',
      );
    const tried: [string, object][] = [
      ...['2026-02-30', '0000-00-00', '2026-1-1', 'today', '', 20260101, null, '+275760-09-13'].map(
        (day): [string, object] => ['recordAttendance', { employeeId, workedOn: day, minutes: 1 }],
      ),
      ...[-1, 1441, 2 ** 31, 1.5, '1', null, Number.MAX_SAFE_INTEGER].map((minutes): [string, object] => [
        'recordAttendance',
        { employeeId, workedOn: '2026-01-09', minutes },
      ]),
      ...['2026-00', '2026-13', '', 'x', 202601, null, '٢٠٢٦-٠١'].map((period): [string, object] => [
        'createPayrollRun',
        { period },
      ]),
      ...[0, -1, 5, 99, 1.5, '1', null].map((level): [string, object] => [
        'createRole',
        { slug: 'a_role', name: 'A', level, accessScope: 'SELF', permissions: [] },
      ]),
      ...['x', '', 'A', '__proto__', 'a'.repeat(41)].map((slug): [string, object] => [
        'createRole',
        { slug, name: 'A', level: 1, accessScope: 'SELF', permissions: [] },
      ]),
    ];
    for (const [name, input] of tried)
      await refused([name, input], () => ask(mutation(name), { input }), 'INVALID_INPUT');
    await refused(
      'NaN in the JSON',
      () =>
        post(
          `{"query":${JSON.stringify(mutation('setEmployeeSalary'))},"variables":{"input":{"salary":NaN}}}`,
        ),
      'BAD_REQUEST',
    );
  });

  it('negative, zero and huge pages, and unknown cursors', async () => {
    const cursors = [
      '',
      'x',
      '-1',
      'null',
      '99999999999999999999',
      Buffer.from('GPC:J:["x","y"]').toString('base64'),
      Buffer.from('GPC:N:1').toString('base64'),
      Buffer.from('OC:1').toString('base64'),
      'x'.repeat(10_000),
    ];
    cursors.push(
      globalId('Employee', 'x'),
      globalId('__proto__', 'x'),
      `${ids.get('Branch')?.[0]}`,
      'a\ud800',
    );
    for (const operation of operations.filter(({ args }) => args.some(({ name }) => name === 'first'))) {
      const relay = operation.args.some(({ name }) => name === 'last');
      const pages: object[] = [-1, -2147483648, 2147483647, 2147483648, 1.5, '1', true].map((first) => ({
        first,
      }));
      pages.push(...(relay ? [{ last: -1 }, { last: 2147483647 }] : [{ first: 0 }]));
      const token = ['companies', 'jobQueues', 'jobs', 'signingKeys'].includes(operation.name)
        ? { authorization: `Bearer ${await world.signIn('super_admin')}` }
        : {};
      for (const page of pages) {
        const { codes, status } = await ask(
          documentOf(operation, relay ? 'edges { cursor }' : '__typename'),
          page,
          token,
        );
        // A page that is too long may be cut to the longest instead.
        if (codes.length === 0 && JSON.stringify(page).includes('2147483647')) continue;
        expect([operation.name, page, codes, status]).toEqual([
          operation.name,
          page,
          [expect.stringMatching(/^(INVALID_INPUT|QUERY_TOO_COMPLEX)$/)],
          expect.closeTo(300, -2.5),
        ]);
      }
      for (const after of cursors.filter((cursor) => cursor !== '')) {
        const document = documentOf(operation, relay ? 'edges { cursor }' : '__typename');
        const { codes } = await ask(document, { after }, token);
        const wanted = [['INVALID_INPUT'], ['NOT_FOUND'], ['BAD_REQUEST']];
        expect(wanted.map((codes) => [operation.name, after.slice(0, 50), codes])).toContainEqual([
          operation.name,
          after.slice(0, 50),
          codes,
        ]);
      }
    }
  });

  it('tokens that are expired or forged', async () => {
    for (const token of [
      '',
      'x',
      'A'.repeat(43),
      'A'.repeat(8000),
      '"\'\\',
      `${admin.slice(0, -1)}${admin.endsWith('A') ? 'B' : 'A'}`,
      'a b',
      '%00',
    ]) {
      await refused(
        token.slice(0, 50),
        () => ask('{ viewer { roles } }', {}, { authorization: `Bearer ${token}` }),
        'UNAUTHENTICATED',
      );
    }
    await refused(
      'a header that is too long',
      () => ask('{ viewer { roles } }', {}, { 'x-company-id': 'x'.repeat(5000) }),
      'NOT_FOUND',
    );
  });

  const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
  const badIds: [string, string | number | boolean | object | null][] = [
    ['nothing', ''],
    ['a word', 'x'],
    ['a bare uuid', uuid],
    ['of a type alone', Buffer.from('Employee').toString('base64')],
    ['of a type and nothing', globalId('Employee', '')],
    ['of a number', globalId('Employee', '1')],
    ['of no uuid', globalId('Employee', "x' OR 1=1 --")],
    ['of a type that there is none of', globalId('Nothing', uuid)],
    ['of a type of every object', globalId('__proto__', uuid)],
    ['of a type that is no node', globalId('PageInfo', uuid)],
    ['with a null byte', globalId('Employee', `${uuid}\0`)],
    ['half a surrogate pair', '\ud800'],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['an object', {}],
    ['true', true],
    ['null', null],
    ['a fraction', 1.5],
  ];

  it.each(badIds)('an id that is %s, in every place that takes one', async (_what, bad) => {
    let tried = 0;
    for (const operation of operations) {
      const places: Slot[] = [];
      variablesOf(operation, (slot) => void (slot.type === 'ID' && places.push(slot)));
      for (const place of places) {
        // Left out is no mistake where it may be left out, and a plain id is a bare uuid.
        if ((bad === null && !place.required) || (bad === uuid && !place.global)) continue;
        const fill = examples((node) => ids.get(node ?? '')?.[0] ?? uuid);
        const variables = variablesOf(operation, (slot) => (slot.path === place.path ? bad : fill(slot)));
        const token = /compan/i.test(operation.name)
          ? { authorization: `Bearer ${await world.signIn('super_admin')}` }
          : {};
        const { codes, status, text } = await ask(documentOf(operation), variables, token);
        tried += 1;
        const refusals = ['INVALID_INPUT', 'NOT_FOUND', 'BAD_REQUEST'];
        // `node` and `nodes` answer null in the place of an id that names no object
        const isNull = /^\{"data":\{"nodes?":(null|\[null\])\}[,}]/.test(text);
        expect([place.path, codes, status < 500, isNull || refusals.includes(codes[0] ?? '')]).toEqual([
          place.path,
          codes,
          true,
          true,
        ]);
        expect(text).not.toMatch(TELLS);
      }
    }
    expect(tried).toBeGreaterThan(25);
  });
});

describe('a fuzz of every operation', () => {
  const SEED = Number(process.env.FUZZ_SEED ?? 20260131);
  const [BATCH, BATCHES] = [20, 100];
  const roles = [
    'company_admin',
    'hr_admin',
    'finance_admin',
    'reviewer',
    'staff',
    'external_auditor',
    'super_admin',
  ];
  // These end the session that they are sent with: tried without one, and with a forged one.
  const ending = [
    ...['signOut', 'switchCompany', 'revokeSession', 'revokeOtherSessions', 'revokeAllSessions'],
    ...['changePassword', 'suspendMember', 'issueTokens'],
  ];

  const strange = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.constantFrom(
      '\0',
      '\ud800',
      '',
      ' ',
      '%',
      '_',
      '\'; DROP TABLE "Employee"; --',
      '{"a":1}',
      '__proto__',
      'null',
      '$1',
      '../../..',
      'x'.repeat(20_000),
    ),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.jsonValue({ maxDepth: 3 }),
    fc.uuid().map((uuid) => globalId('Employee', uuid)),
    fc.string({ maxLength: 30 }).map((text) => Buffer.from(text).toString('base64')),
  );

  /** Once in so many times; `null` otherwise. */
  const rarely = <T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | null> =>
    fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

  /**
   * Which of the values are strange, and what they are: drawn once, laid over the operation's slots
   * in order.
   */
  const request = fc.record({
    operation: fc.nat(operations.length - 1),
    role: fc.option(fc.nat(roles.length - 1), { freq: 12 }),
    forged: fc.boolean(),
    optional: fc.boolean(),
    odd: fc.infiniteStream(rarely(strange, 4)),
    pick: fc.nat(10_000),
    depth: fc.integer({ min: 1, max: 2 }),
    cut: rarely(fc.record({ at: fc.nat(300), drop: fc.nat(5), put: fc.string({ maxLength: 5 }) }), 8),
    company: rarely(fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme-ascii', maxLength: 20 })), 20),
  });
  type Drawn = typeof request extends fc.Arbitrary<infer T> ? T : never;

  const shapeOf = ({ operation: index, odd, optional, pick, depth, cut }: Drawn) => {
    const operation = operations[index] as Operation;
    const fill = examples(
      (node) => ids.get(node ?? '')?.[pick % 3] ?? globalId('Employee', crypto.randomUUID()),
      optional,
    );
    const variables = variablesOf(operation, (slot) => {
      const { value } = odd.next();
      return value === null || value === undefined ? fill(slot) : value;
    });
    const document = documentOf(operation, leavesOf(operation.type, depth));
    const at = (cut?.at ?? 0) % document.length;
    return {
      operation,
      variables,
      document: cut ? document.slice(0, at) + cut.put + document.slice(at + cut.drop) : document,
    };
  };

  const counted = new Map<string, number>();

  async function send(drawn: Drawn): Promise<void> {
    const { operation, variables, document } = shapeOf(drawn);
    const mayAct = drawn.role !== null && !ending.includes(operation.name);
    const token = mayAct
      ? await world.signIn(roles[drawn.role as number] as string)
      : drawn.forged
        ? 'A'.repeat(43)
        : null;
    const response = await fetch(world.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token && { authorization: `Bearer ${token}` }),
        ...(drawn.company !== null && { 'x-company-id': drawn.company }),
      },
      body: JSON.stringify({ query: document, variables }),
    });
    const text = await response.text();
    const { errors = [] } = JSON.parse(text) as Partial<Answer>;
    const codes = errors.map(({ extensions }) => extensions.code);
    for (const code of codes.length > 0 ? codes : ['ok']) counted.set(code, (counted.get(code) ?? 0) + 1);
    const bad = codes.filter((code) => code === 'INTERNAL' || !Object.hasOwn(errorCodes, code));
    if (response.status >= 500 || bad.length > 0) {
      throw new Error(
        `${response.status} ${text.slice(0, 500)} for ${document} with ${JSON.stringify(variables)?.slice(0, 2000)}: ${world
          .logged()
          .split('\n')
          .filter((line) => line.includes('unexpected error'))
          .at(-1)}`,
      );
    }
    if (errors.some(({ message }) => TELLS.test(message)))
      throw new Error(`the answer tells of the inside: ${text.slice(0, 500)}`);
  }

  it('of 2,000 requests finds no 5xx and no INTERNAL', async () => {
    await Promise.all(roles.map((role) => world.signIn(role)));
    const requests = fc.array(request, { minLength: BATCH, maxLength: BATCH });
    const property = fc.asyncProperty(requests, async (batch) => void (await Promise.all(batch.map(send))));
    await fc.assert(property, { numRuns: BATCHES, seed: SEED, endOnFailure: true });
    expect([...counted.values()].reduce((a, b) => a + b)).toBeGreaterThanOrEqual(BATCH * BATCHES);
    // It got through to where things happen, and was refused in every way that there is.
    expect(counted.get('ok')).toBeGreaterThan(150);
    for (const code of ['INVALID_INPUT', 'BAD_REQUEST', 'FORBIDDEN', 'UNAUTHENTICATED', 'NOT_FOUND'])
      expect([code, (counted.get(code) ?? 0) > 20]).toEqual([code, true]);
    expect(faults()).toEqual([]);
    expect((await ask('{ viewer { user { name } } }')).codes).toEqual([]);
  });
});
