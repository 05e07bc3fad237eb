import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodesOf } from '../../support/documents.ts';
import { newcomer, openWorld, type World } from '../../support/server/world.ts';
import { codeOf, mutate } from '../../support/sign-in/factors.ts';

let world: World;
/**
 * A member who may read the attendance and payroll of the company, and the employees of one branch.
 */
let token: string;
beforeAll(async () => {
  world = await openWorld();
  const admin = await world.signIn('company_admin');
  const define = async (accessScope: string, permissions: string[]) => {
    const slug = `own_${crypto.randomUUID().slice(0, 8)}`;
    const role = { slug, name: slug, level: 2, accessScope, permissions };
    expect(codeOf(await mutate(world, 'createRole', role, '{ id }', admin))).toBe('ok');
    return slug;
  };
  const roles = [
    await define('COMPANY', ['company.read', 'structure.read', 'attendance.read', 'payroll.read']),
    await define('BRANCH', ['employee.read']),
  ];
  const member = await newcomer(world, roles);
  const branches = await world.ask('{ branches(first: 1) { edges { node { id } } } }', {}, admin);
  const branchId = nodesOf(branches.data.branches)[0].id;
  const placed = { memberId: member.id, roles, branchId };
  expect(codeOf(await mutate(world, 'setMemberRoles', placed, '{ id }', admin))).toBe('ok');
  const made = await mutate(world, 'createPayrollRun', { period: '2026-08' }, '{ id }', admin);
  expect(codeOf(made)).toBe('ok');
  token = member.token;
});
afterAll(() => world?.end());

const attendance = async (fields: string, after: string | null = null) => {
  const query = `query ($after: String) { attendance(first: 100, after: $after, status: RECORDED) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { ${fields} } } } }`;
  return (await world.ask(query, { after }, token)).data.attendance;
};

/** Reads a list to its end; returns the number of its objects. */
async function length(fields: string): Promise<number> {
  let count = 0;
  for (let after: string | null = null, more = true; more; ) {
    const page = await attendance(fields, after);
    count += page.edges.length;
    [more, after] = [page.pageInfo.hasNextPage, page.pageInfo.endCursor];
  }
  return count;
}

describe('[T5] totalCount of a list whose objects refer to objects out of the access scope', () => {
  it('[T5] counts the objects that the list has when the reference is selected, and all without it', async () => {
    const { totalCount } = await attendance('minutes employee { name }');
    expect(totalCount).toBeGreaterThan(0);
    expect(await length('minutes employee { name }')).toBe(totalCount);
    const all = (await attendance('minutes')).totalCount;
    expect(await length('minutes')).toBe(all);
    expect(all).toBeGreaterThan(totalCount);
  });

  it('[T5] counts them in a list of an object too', async () => {
    const query = (fields: string) =>
      `{ payrollRuns(first: 1) { edges { node { items(first: 100) { totalCount edges { node { ${fields} } } } } } } }`;
    const read = async (fields: string) => {
      const { data } = await world.ask(query(fields), {}, token);
      const { totalCount, edges } = nodesOf(data.payrollRuns)[0].items;
      return { totalCount, edges: edges.length };
    };
    const [some, all] = [await read('employee { name }'), await read('id')];
    expect(some.totalCount).toBe(some.edges);
    expect(all.totalCount).toBe(all.edges);
    expect(all.edges).toBeGreaterThan(some.edges);
    expect(some.edges).toBeGreaterThan(0);
  });
});
