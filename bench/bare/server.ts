/** `node bench/bare/server.ts DATABASE_URL`: Yoga, Pothos and Prisma as their documentation puts them together, and nothing else. */
import { createServer } from 'node:http';
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { PrismaPg } from '@prisma/adapter-pg';
import { createYoga } from 'graphql-yoga';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import type PrismaTypes from './generated/pothos.ts';
import { getDatamodel } from './generated/pothos.ts';

const pool = new pg.Pool({ connectionString: process.argv[2], max: 10 });
const db = new PrismaClient({ adapter: new PrismaPg(pool) });

const builder = new SchemaBuilder<{
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: { ID: { Input: string; Output: string } };
}>({
  plugins: [PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  prisma: { client: db, dmmf: getDatamodel(), maxConnectionSize: 100 },
  relay: {},
});

builder.prismaNode('Department', {
  id: { field: 'id' },
  fields: (t) => ({ name: t.exposeString('name') }),
});

builder.prismaNode('Employee', {
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name'),
    department: t.relation('department'),
    salary: t.exposeString('salary', { nullable: true }),
  }),
});

builder.queryType({
  fields: (t) => ({
    employees: t.prismaConnection({
      type: 'Employee',
      cursor: 'id',
      resolve: (query) => db.employee.findMany({ ...query, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
    }),
  }),
});

const yoga = createYoga({ schema: builder.toSchema(), logging: false, graphiql: false });
const server = createServer(yoga).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number };
  console.log(`listens on http://127.0.0.1:${port}/graphql`);
});
