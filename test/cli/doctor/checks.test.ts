import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { administrators, demoAccounts } from '../../../src/cli/doctor/accounts.ts';
import { checks } from '../../../src/cli/doctor/checks.ts';
import { type Deployment, openDeployment } from '../../../src/cli/doctor/deployment.ts';
import { cookies, cors, exposure, ready, securityHeaders } from '../../../src/cli/doctor/edge.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { crossCompany, indexes, rowSecurity, serverRole } from '../../../src/cli/doctor/isolation.ts';
import { masterKeyAge, masterKeys } from '../../../src/cli/doctor/keys.ts';
import { configuration, judgeDisk, prisma } from '../../../src/cli/doctor/machine.ts';
import { clock, connections, FIXED, judgeVersion, tls, version } from '../../../src/cli/doctor/postgres.ts';
import { exitCodeOf, runChecks, tableOf } from '../../../src/cli/doctor/report.ts';
import type { Config } from '../../../src/config.ts';
import { asOwner } from '../../support/server/global-setup.ts';
import { openWorld, type World } from '../../support/server/world.ts';

let world: World;
let deployment: Deployment;
beforeAll(async () => {
  world = await openWorld();
  deployment = await deploymentOf({});
});
afterAll(async () => {
  await deployment.close();
  await world.end();
});
afterEach(() => vi.restoreAllMocks());

const deploymentOf = (changes: Partial<Config>) =>
  openDeployment({
    ...world.config,
    publicUrl: new URL(world.url).origin,
    warnings: [],
    database: { kind: 'external', url: world.database.appUrl, platformUrl: world.database.platformUrl },
    ...changes,
  });
/** The check's finding in a deployment that differs by this. */
async function during(check: (of: Deployment) => Promise<Finding>, changes: Partial<Config>) {
  const other = await deploymentOf(changes);
  try {
    return await check(other);
  } finally {
    await other.close();
  }
}
/** The check's finding while `change` is in force; it is ok before and after. */
async function whileChanged(check: (of: Deployment) => Promise<Finding>, change: string, undo: string) {
  expect(await check(deployment)).toMatchObject({ state: 'ok' });
  await owner(change);
  const found = await check(deployment);
  await owner(undo);
  expect(await check(deployment)).toMatchObject({ state: 'ok' });
  return found;
}
const owner = (sql: string) => asOwner(world.database.ownerUrl, (db) => db.query(sql));

/** A proxy of its own mind at PUBLIC_URL. */
async function behind(answer: RequestListener, check: (of: Deployment) => Promise<Finding>) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await during(check, { publicUrl: `http://127.0.0.1:${port}` });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('doctor finds in the database', () => {
  test('a role that passes row-level security [K6] [T2]', async () => {
    expect(await serverRole(deployment)).toMatchObject({ state: 'ok' });
    const found = await during(serverRole, { database: { kind: 'external', url: world.database.ownerUrl } });
    expect(found).toMatchObject({ state: 'finding', detail: expect.stringContaining('is a superuser') });
  });

  test('a table whose row-level security is not forced [K6] [T2]', async () => {
    const found = await whileChanged(
      rowSecurity,
      'ALTER TABLE "Branch" NO FORCE ROW LEVEL SECURITY',
      'ALTER TABLE "Branch" FORCE ROW LEVEL SECURITY',
    );
    expect(found).toMatchObject({ state: 'finding', detail: expect.stringContaining('"Branch"') });
  });

  test('rows of another company behind a policy that is too wide [K6] [T3]', async () => {
    const found = await whileChanged(
      crossCompany,
      'CREATE POLICY too_wide ON "Branch" FOR SELECT TO bulwark_app USING (true)',
      'DROP POLICY too_wide ON "Branch"',
    );
    expect(found).toEqual({ state: 'finding', detail: '"Branch" shows rows of other companies' });
  });

  test('jobs of another company behind a policy that is too wide [K6] [T3]', async () => {
    await owner(`SELECT pgboss.create_queue('old-invitation', '{"policy": "standard"}')`);
    await owner(`INSERT INTO pgboss.job (name, policy, data, start_after)
      SELECT 'old-invitation', 'standard', jsonb_build_object('companyId', id), now() + interval '1 day' FROM "Company"`);
    const found = await whileChanged(
      crossCompany,
      'CREATE POLICY too_wide ON pgboss.job FOR SELECT TO bulwark_app USING (true)',
      'DROP POLICY too_wide ON pgboss.job',
    );
    expect(found).toEqual({ state: 'finding', detail: 'pgboss.job shows jobs of other companies' });
  });

  test('no cross-company probe without the lister, which is not a pass [K6]', async () => {
    const database = { kind: 'external', url: world.database.appUrl } as const;
    expect(await during(crossCompany, { database })).toMatchObject({ state: 'notChecked' });
  });

  test('a release without the known security fixes [K6]', async () => {
    for (const [major, minor] of Object.entries(FIXED.minor)) {
      expect(judgeVersion(Number(major) * 10_000 + minor)).toMatchObject({ state: 'ok' });
      expect(judgeVersion(Number(major) * 10_000 + minor - 1)).toMatchObject({ state: 'finding' });
    }
    expect(judgeVersion(140_099)).toMatchObject({ state: 'notChecked' });
    const [{ number }] = (await owner(`SELECT current_setting('server_version_num')::int AS number`)).rows;
    expect(await version(deployment)).toEqual(judgeVersion(number));
  });

  test('a connection over a network without TLS [K6]', async () => {
    expect(await tls(deployment)).toMatchObject({ state: 'ok' });
    const remote = { ...deployment, url: 'postgresql://server@db.internal/bulwark' };
    expect(await tls(remote)).toEqual({
      state: 'finding',
      detail: 'connections to db.internal are not encrypted',
    });
  });

  test('connections for fewer than two server processes [K6]', async () => {
    const name = new URL(world.database.ownerUrl).pathname.slice(1);
    const found = await whileChanged(
      connections(14),
      `ALTER DATABASE ${name} CONNECTION LIMIT 27`,
      `ALTER DATABASE ${name} CONNECTION LIMIT -1`,
    );
    expect(found).toMatchObject({ state: 'finding', detail: expect.stringContaining('room for 1 server') });
  });

  test('a foreign key that no index serves [K6]', async () => {
    const found = await whileChanged(
      indexes,
      'CREATE TABLE probe (company uuid CONSTRAINT probe_company REFERENCES "Company" (id))',
      'DROP TABLE probe',
    );
    expect(found).toEqual({ state: 'finding', detail: 'no index leads with probe_company of "probe"' });
  });

  test('a clock that differs by more than two seconds [K6] [K8]', async () => {
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 5_000);
    expect(await clock(deployment)).toMatchObject({ state: 'finding' });
    vi.restoreAllMocks();
    expect(await clock(deployment)).toMatchObject({ state: 'ok' });
  });
});

describe('doctor finds in keys and accounts', () => {
  test('master keys that the database was not written with [K6] [E9]', async () => {
    expect(await masterKeys(deployment)).toMatchObject({ state: 'ok' });
    const others = world.config.masterKeys.map(({ id }) => ({ id, key: Buffer.alloc(32, 7) }));
    expect(await during(masterKeys, { masterKeys: others })).toMatchObject({ state: 'finding' });
  });

  test('a first master key that is older than 400 days [K6] [N6]', async () => {
    const key = Buffer.alloc(32, 7);
    const aged = (id: string) =>
      masterKeyAge(
        { ...deployment, config: { ...world.config, masterKeys: [{ id, key }] } },
        Date.parse('2026-11-30'),
      );
    expect(await aged('2025-10')).toEqual({
      state: 'finding',
      detail: 'the first master key, 2025-10, is 425 days old',
    });
    expect(await aged('2026-01')).toMatchObject({ state: 'ok' });
    expect(await aged('test')).toMatchObject({ state: 'notChecked' });
  });

  test('an administrator of the platform without a second factor [K6] [M5]', async () => {
    expect(await administrators(deployment)).toEqual({
      state: 'finding',
      detail: '0 of 1 administrators of the platform have a second factor',
    });
  });

  test('demo accounts outside of development [K6]', async () => {
    expect(await demoAccounts(deployment)).toMatchObject({ state: 'ok' });
    expect(await during(demoAccounts, { env: 'production' })).toMatchObject({
      state: 'finding',
      detail: expect.stringContaining('platform@bulwark.example'),
    });
  });
});

describe('doctor finds at PUBLIC_URL', () => {
  const answer =
    (headers: Record<string, string>, body: object = {}, status = 200): RequestListener =>
    (_request, response) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));

  test('a server that does not answer, is not ready, or has a failing part [K6]', async () => {
    expect(await ready(deployment)).toMatchObject({ state: 'ok' });
    expect(await during(ready, { publicUrl: 'http://127.0.0.1:1' })).toEqual({
      state: 'finding',
      detail: 'nothing answers at http://127.0.0.1:1',
    });
    expect(await behind(answer({}, { checks: { database: false } }, 503), ready)).toMatchObject({
      state: 'finding',
      detail: expect.stringContaining('"database":false'),
    });
    expect(await behind(answer({}, { failing: ['email'] }), ready)).toEqual({
      state: 'finding',
      detail: 'email fails',
    });
  });

  test('security headers that a proxy drops or changes [K6] [H2]', async () => {
    expect(await securityHeaders(deployment)).toMatchObject({ state: 'ok' });
    expect(await behind(answer({ 'x-frame-options': 'ALLOWALL' }), securityHeaders)).toMatchObject({
      state: 'finding',
      detail: expect.stringMatching(/content-security-policy is missing.*x-frame-options is ALLOWALL/),
    });
  });

  test('a session cookie that scripts can read [K6] [A5]', async () => {
    expect(await cookies(deployment)).toMatchObject({ state: 'ok' });
    expect(await behind(answer({ 'set-cookie': 'bulwark=; Path=/; SameSite=Lax' }), cookies)).toEqual({
      state: 'finding',
      detail: 'the session cookie lacks HttpOnly',
    });
  });

  test('an origin that is not configured [K6] [H2]', async () => {
    expect(await cors(deployment)).toMatchObject({ state: 'ok' });
    expect(await behind(answer({ 'access-control-allow-origin': '*' }), cors)).toMatchObject({
      state: 'finding',
      detail: expect.stringContaining('every origin is allowed'),
    });
  });

  test('a schema that anonymous clients can read [K6] [H4]', async () => {
    expect(await exposure(deployment)).toMatchObject({ state: 'ok' });
    expect(await during(exposure, { env: 'production' })).toEqual({
      state: 'finding',
      detail: 'the schema is shown to anonymous clients',
    });
  });

  test.each([securityHeaders, cookies, cors])(
    'nothing with %o where no server answers, which is not a pass [K6]',
    async (check) => {
      expect(await during(check, { publicUrl: 'http://127.0.0.1:1' })).toMatchObject({ state: 'notChecked' });
    },
  );
});

describe('doctor finds on the machine', () => {
  test('warnings of the configuration [K6] [H6]', async () => {
    expect(await configuration(deployment)).toMatchObject({ state: 'ok' });
    expect(await during(configuration, { warnings: ['SMTP_URL is not set'] })).toEqual({
      state: 'finding',
      detail: 'SMTP_URL is not set',
    });
  });

  test('a disk that is nearly full [K6]', () => {
    expect(judgeDisk({ blocks: 100, bfree: 20, bavail: 20 })).toMatchObject({ state: 'ok' });
    expect(judgeDisk({ blocks: 100, bfree: 20, bavail: 5 })).toMatchObject({ state: 'finding' });
  });

  test('Prisma 8 [K6]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    await writeFile(join(folder, 'package.json'), '{"version":"8.0.0"}');
    expect(await prisma(deployment)).toMatchObject({ state: 'ok' });
    expect(await prisma(deployment, join(folder, 'package.json'))).toMatchObject({ state: 'finding' });
    await rm(folder, { recursive: true });
  });
});

describe('the report', () => {
  const state = (finding: Finding['state']) => ({
    ...{ name: finding, fix: 'Repair it.' },
    run: async () => ({ state: finding, detail: 'detail' }),
  });
  const reported = async (...states: Finding['state'][]) => runChecks(deployment, states.map(state));

  test('exits with 1 for a finding, with 2 for what is not checked, and with 0 only when all is well [K6]', async () => {
    expect(exitCodeOf(await reported('ok', 'notChecked', 'finding'))).toBe(1);
    expect(exitCodeOf(await reported('ok', 'notChecked'))).toBe(2);
    expect(exitCodeOf(await reported('ok'))).toBe(0);
  });

  test('says the fix of a finding, and of nothing else [K6]', async () => {
    expect(tableOf(await reported('finding')).match(/Fix: Repair it\./g)).toHaveLength(1);
    expect(tableOf(await reported('ok', 'notChecked'))).not.toContain('Repair it.');
  });

  test('says of a check that fails that nothing was checked [K6]', async () => {
    const run = () => Promise.reject(new Error('connection refused\nsecond line'));
    expect(await runChecks(deployment, [{ name: 'broken', run, fix: '' }])).toMatchObject([
      { state: 'notChecked', detail: 'failed: connection refused' },
    ]);
  });

  test('has a fix of one sentence for each check [K6]', () => {
    for (const { fix } of checks) expect(fix).toMatch(/^[A-Z].{20,}\.$/);
  });
});
