import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openServer } from '../../src/app.ts';
import { asker, openWorld, type World } from '../support/server/world.ts';

const NESTED = `{ company { departments(first: 5) { edges { node { employees(first: 10) { edges { node {
  name attendance(first: 5) { edges { node { minutes } } } } } } } } } } }`;

const BY_ONE_READ = {
  'lists beneath lists': NESTED,
  'relations beneath lists': `{ departments(first: 5) { edges { node { employees(first: 2) { edges { node {
    department { branch { name } } team { department { name } } } } } } } } }`,
  'lists beneath relations': `{ employees(first: 5) { edges { node { department { branch { name departments(first: 2) {
    edges { node { teams(first: 2) { edges { node { name } } } } } } } } } } } }`,
};

/** One query cannot select both lists of employees, nor both of attendance. */
const CONFLICTING = `{ departments(first: 3) { edges { node {
  a: employees(first: 2) { edges { node { name a: attendance(first: 1) { edges { node { minutes } } }
    b: attendance(first: 2) { edges { node { minutes employee { name department { name } } } } } } } }
  b: employees(first: 3) { edges { node { email attendance(first: 1) { edges { node { status } } } } } }
} } } }`;

let world: World;
let executor: FastifyInstance;
let askExecutor: World['ask'];
let token: string;

beforeAll(async () => {
  world = await openWorld();
  executor = openServer(world.services, { queryPlan: false });
  askExecutor = asker(`${await executor.listen({ host: '127.0.0.1', port: 0 })}/graphql`);
  token = await world.signIn('company_admin');
});
afterAll(async () => {
  await executor?.close();
  await world?.end();
});

const reads = (): number => {
  const { used, fallbacks } = world.services.uses.fastPath;
  return Object.values(fallbacks).reduce((sum, count) => sum + count, used);
};

/** What a query is answered, and how many reads of the database it took. */
async function answered(ask: World['ask'], query: string) {
  const before = reads();
  const { data, errors } = await ask(query, {}, token);
  expect(errors).toBeUndefined();
  return { data, reads: reads() - before };
}

test.each(Object.entries(BY_ONE_READ))('%s are read by the one query of their root', async (_, query) => {
  const before = world.services.uses.queryPlan.used;
  const plan = await answered(world.ask, query);
  expect(plan).toEqual(await answered(askExecutor, query));
  expect(plan.reads).toBe(1);
  expect(world.services.uses.queryPlan.used).toBe(before + 1);
});

test('a list that the query of its root did not select is read as often as by the executor', async () => {
  const [plan, plain] = [await answered(world.ask, CONFLICTING), await answered(askExecutor, CONFLICTING)];
  expect(plan).toEqual(plain);
  expect(plan.reads).toBeGreaterThan(1);
});

const isPosition = (key: WeakKey): boolean => typeof key === 'object' && 'prev' in key && 'typename' in key;

/** How many entries of weak maps a query leaves whose key is a position of its answer. */
async function weakPositions(query: string): Promise<number> {
  const set = vi.spyOn(WeakMap.prototype, 'set');
  const { errors } = await world.ask(query, {}, token);
  const positions = set.mock.calls.filter(([key]) => isPosition(key)).length;
  set.mockRestore();
  expect(errors).toBeUndefined();
  return positions;
}

test('the number of weak-map entries does not grow with the rows of nested lists', async () => {
  const few = await weakPositions(NESTED.replace('employees(first: 10)', 'employees(first: 1)'));
  expect(await weakPositions(NESTED)).toBe(few);
});
