/**
 * `npm run test:faults`: breaks parts of two servers, and misuses them, under writes, and tells
 * what was lost. Prints a table; exits with 1 when a saved change is missing, a change is there
 * twice or without its audit event, an answer has another code than it may, or a server does not
 * recover by itself. `--short` kills the server 3 times instead of 50, and prints times without a
 * limit; `--only PATTERN` causes the faults whose names match.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { globalIdOf } from '../../src/schema/core/global-id.ts';
import { clientFaults } from './clients.ts';
import { databaseFaults } from './database.ts';
import { type Line, lineOf } from './fault.ts';
import { clockFaults, serverIsKilled } from './instances.ts';
import { redisFaults } from './redis.ts';
import { slowestRevocation } from './revocation.ts';
import { openScene, type Scene } from './scene.ts';
import { allowRepeatedNames } from './writes.ts';

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
/**
 * A subscription on another server ends within this time after its member is suspended (R6, L7);
 * milliseconds.
 */
const REVOCATION = 1_000;

const faults = [
  serverIsKilled(values.short ? 3 : 50),
  ...databaseFaults,
  ...redisFaults,
  ...clockFaults,
  ...clientFaults,
].filter(({ name }) => new RegExp(values.only).test(name));

async function linesOf(scene: Scene, token: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (const fault of faults) {
    if (fault.needs) console.log(`left out, since ${fault.needs} is not installed: ${fault.name}`);
    else lines.push(await lineOf(fault, scene, token));
  }
  return lines;
}

/** Returns whether `npm run verify-audit-log` finds the log intact; prints what it says if not. */
function isLogIntact(ownerUrl: string): boolean {
  const program = ['--require', './src/cli/preflight.cjs', 'src/cli/verify-audit-log.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, '--database', ownerUrl], {
    encoding: 'utf8',
  });
  console.log(`audit log: ${status === 0 ? 'intact' : stdout + stderr}`);
  return status === 0;
}

async function revocationTime({ servers, owner, tokenOf }: Scene, administrator: string): Promise<number> {
  const member = 'external_auditor@acme.example';
  const { rows } = await owner.query<{ id: string }>(
    `SELECT m.id FROM "Membership" m JOIN "User" u ON u.id = m."userId" WHERE u.email = $1`,
    [member],
  );
  const [changes, streams] = servers.map(({ url }) => url) as [string, string];
  return slowestRevocation({
    ...{ streams, changes, administrator },
    memberId: globalIdOf('Member', rows[0]?.id ?? ''),
    tokenOfMember: () => tokenOf(member),
  });
}

const scene = await openScene();
try {
  const token = await scene.tokenOf('company_admin@acme.example');
  await allowRepeatedNames(scene.owner);
  const lines = await linesOf(scene, token);
  console.table(lines.map(({ times, ...line }) => ({ ...line, 'in time': times })));
  const intact = isLogIntact(scene.connections.owner);
  const revocation = await revocationTime(scene, token);
  const most = values.short ? '' : `, at most ${REVOCATION}`;
  console.log(`a suspended member’s subscription on the other server: ended after ${revocation} ms${most}`);
  const inTime = values.short || (revocation <= REVOCATION && lines.every(({ times }) => times));
  process.exitCode = intact && inTime && lines.every(({ ok }) => ok) ? 0 : 1;
} finally {
  await scene.close();
}
