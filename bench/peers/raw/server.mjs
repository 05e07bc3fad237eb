/**
 * `node bench/peers/raw/server.mjs DATABASE_URL PORT`: the floor. SQL written by hand for each operation, its answer in the shape of the
 * GraphQL one; no GraphQL, no checks.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';

const [, , connectionString, port] = process.argv;
const pool = new pg.Pool({ connectionString, max: 10 });

const global = (type, id) => Buffer.from(`${type}:${id}`).toString('base64');
const uuid = (id) => Buffer.from(id, 'base64').toString().split(':')[1];
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;

const EMPLOYEE = 'e.id, e.name, e.email, e."jobTitle"';
const page = (columns) => `SELECT ${columns}, d.id AS "dId", d.name AS "dName" FROM plain.employee e
  JOIN plain.department d ON d.id = e."departmentId" WHERE e."companyId" = $1 ORDER BY e.name, e.id LIMIT 50`;

const node = ({ dId, dName, id, ...row }) => ({
  id: global('Employee', id),
  ...row,
  department: { id: global('Department', dId), name: dName },
});
const edges = (list) => ({ edges: list.map((row) => ({ node: row })) });

const NESTED = `SELECT c.id, c.name, (SELECT json_agg(x) FROM (
    SELECT d.id, d.name, (SELECT json_agg(y) FROM (
      SELECT e.id, e.name, (SELECT json_agg(z) FROM (
        SELECT a.day, a.minutes, a.status FROM plain.attendance a WHERE a."employeeId" = e.id ORDER BY a.day DESC, a.id DESC LIMIT 5) z
      ) AS attendance FROM plain.employee e WHERE e."departmentId" = d.id ORDER BY e.name, e.id LIMIT 10) y
    ) AS employees FROM plain.department d WHERE d."companyId" = c.id ORDER BY d.name) x
  ) AS departments FROM plain.company c WHERE c.id = $1`;

const operations = {
  async List({ companyId }) {
    return { employees: edges((await rows('list', page(EMPLOYEE), [companyId])).map(node)) };
  },
  async Pay({ companyId }) {
    return {
      employees: edges((await rows('pay', page(`${EMPLOYEE}, e.salary, e.iban`), [companyId])).map(node)),
    };
  },
  async One(_caller, { id }) {
    const [row] = await rows(
      'one',
      `SELECT ${EMPLOYEE}, d.id AS "dId", d.name AS "dName" FROM plain.employee e
       JOIN plain.department d ON d.id = e."departmentId" WHERE e.id = $1`,
      [uuid(id)],
    );
    return { employee: node(row) };
  },
  async Viewer({ companyId, userId }) {
    const [row] = await rows(
      'viewer',
      `SELECT p.id, p.name, p.email, c.id AS "cId", c.name AS "cName", c.currency, m.roles FROM plain.membership m
       JOIN plain.user p ON p.id = m."userId" JOIN plain.company c ON c.id = m."companyId"
       WHERE m."companyId" = $1 AND m."userId" = $2`,
      [companyId, userId],
    );
    const { cId, cName, currency, roles, ...user } = row;
    return { viewer: { user, company: { id: cId, name: cName, currency }, roles } };
  },
  async Nested({ companyId }) {
    const [{ id, name, departments }] = await rows('nested', NESTED, [companyId]);
    const people = (list) => list.map((row) => ({ ...row, id: global('Employee', row.id) }));
    const parts = departments.map((row) => ({
      id: global('Department', row.id),
      name: row.name,
      employees: edges(people(row.employees)),
    }));
    return { company: { id, name, departments: parts } };
  },
  async Update(_caller, { input }) {
    const [row] = await rows(
      'update',
      'UPDATE plain.employee SET "jobTitle" = $2 WHERE id = $1 RETURNING id, name, "jobTitle"',
      [uuid(input.employeeId), input.jobTitle],
    );
    return { updateEmployee: { ...row, id: input.employeeId } };
  },
  async Create({ companyId }, { input }) {
    const { branchId, departmentId, name, email, jobTitle, startedOn } = input;
    const values = [
      randomUUID(),
      companyId,
      uuid(branchId),
      uuid(departmentId),
      name,
      email,
      jobTitle,
      startedOn,
    ];
    const [row] = await rows(
      'create',
      `INSERT INTO plain.employee (id, "companyId", "branchId", "departmentId", name, email, "jobTitle", "startedOn")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, name`,
      values,
    );
    return { createEmployee: { id: global('Employee', row.id), name: row.name } };
  },
  async Identify(_caller, { input }) {
    const [row] = await rows(
      'identify',
      'UPDATE plain.employee SET iban = $2, passport = $3 WHERE id = $1 RETURNING name, iban, passport',
      [uuid(input.employeeId), input.iban, input.passport],
    );
    return { setEmployeeIdentity: { id: input.employeeId, ...row } };
  },
};

async function answer(request, response) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  const { operationName, variables } = JSON.parse(text);
  const caller = { companyId: request.headers['x-company-id'], userId: request.headers['x-user-id'] };
  const data = await operations[operationName](caller, variables ?? {});
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ data }));
}

createServer((request, response) => {
  if (request.method !== 'POST') return response.end('ok');
  answer(request, response).catch((error) => {
    console.error(error);
    response.statusCode = 500;
    response.end();
  });
}).listen(Number(port), '127.0.0.1', () => console.log(`listens on ${port}`));
