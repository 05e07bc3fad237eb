import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { ask, bearer } from '../soak/client.ts';

const CREATE = 'mutation ($input: CreateBranchInput!) { createBranch(input: $input) { branch { id } } }';
const WRITERS = 8;

/** One writer's request; its key makes a retry safe. */
type Write = { name: string; key: string };
/** `slowest` answer in milliseconds. */
export type Outcome = { saved: string[]; codes: Set<string>; slowest: number };
type Load = { prefix: string; token: string; urlOf(turn: number): string };

/** Creates branches with known names until `stop`. A failed request is repeated with its key. */
export function startWriters(load: Load): { stop(): Promise<Outcome> } {
  const outcome: Outcome = { saved: [], codes: new Set(), slowest: 0 };
  let over = false;
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(load, writer, () => over, outcome));
  return {
    stop: async () => {
      over = true;
      await Promise.all(writers);
      return outcome;
    },
  };
}

async function write(load: Load, writer: number, over: () => boolean, outcome: Outcome): Promise<void> {
  for (let count = 0; !over(); count++) {
    const one: Write = { name: `${load.prefix} ${writer} ${count}`, key: crypto.randomUUID() };
    while (!(await acknowledged(load, one, writer + count, outcome)) && !over()) await sleep(50);
  }
}

async function acknowledged(
  { token, urlOf }: Load,
  { name, key }: Write,
  turn: number,
  outcome: Outcome,
): Promise<boolean> {
  const began = performance.now();
  const body = { query: CREATE, variables: { input: { name } } };
  const { code, message } = await ask(urlOf(turn), body, { ...bearer(token), 'idempotency-key': key });
  outcome.slowest = Math.max(outcome.slowest, performance.now() - began);
  outcome.codes.add(/^[A-Z_]+$/.test(code) || code === 'ok' ? code : 'gone');
  // the change is saved and its answer is not; the other CONFLICT is a request that still runs
  const ok = code === 'ok' || (code === 'CONFLICT' && String(message).includes('is saved'));
  if (ok) outcome.saved.push(name);
  return ok;
}

/** Names may repeat from here on, so that a request that is executed twice shows. */
export const allowRepeatedNames = (owner: pg.Client) => owner.query('DROP INDEX "Branch_companyId_name_key"');

/**
 * Names by what is wrong: `lost` was saved and has no row, `twice` has several rows, `off the log`
 * are rows without exactly one event of
 * their creation, `without a row` are such events without their row.
 */
export async function compareWithRows(owner: pg.Client, prefix: string, saved: string[]) {
  const { rows } = await owner.query<{ id: string; name: string }>(
    'SELECT id, name FROM "Branch" WHERE name LIKE $1',
    [`${prefix}%`],
  );
  const { rows: events } = await owner.query<{ id: string; name: string }>(
    `SELECT entity_id AS id, body::json #>> '{after,name}' AS name FROM audit_event
     WHERE action = 'branch.created' AND body::json #>> '{after,name}' LIKE $1`,
    [`${prefix}%`],
  );
  const names = new Set(rows.map(({ name }) => name));
  const told = ({ id, name }: { id: string; name: string }) => `${id} ${name}`;
  const [inRows, onLog] = [counted(rows.map(told)), counted(events.map(told))];
  return {
    lost: saved.filter((name) => !names.has(name)).length,
    twice: rows.length - names.size,
    'off the log': [...inRows.keys()].filter((row) => onLog.get(row) !== 1).length,
    'without a row': [...onLog.keys()].filter((event) => !inRows.has(event)).length,
  };
}

function counted(texts: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
