/**
 * `node --expose-gc bench/document-heap.ts`: how much heap the documents of clients hold after they
 * were answered, in KiB. Anonymous
 * documents must leave nothing; those of authenticated actors fill the document cache up to its
 * bound.
 */
import { buildSchema } from 'graphql';
import { nodesOf, parseDocument } from '../src/graphql/document/parse.ts';
import { limits } from '../src/graphql/limits/limits.ts';
import { createLog } from '../src/http/logger.ts';
import { buildServer } from '../src/http/server.ts';

const DOCUMENTS = 1_000;
const SDL = 'type Query { sum(of: [Int!]!): Int }';

const actor = { userId: 'user', companyId: 'company' };
const server = buildServer({
  config: {
    env: 'production',
    publicUrl: 'http://127.0.0.1',
    corsOrigins: [],
    plainHttp: 'loopback',
    logLevel: 'silent',
    requestTimeout: 10_000,
    answerTimeout: 30_000,
    mostLateMs: 0,
  },
  schema: buildSchema(SDL),
  createContext: async ({ headers }) => ({ actor: headers.authorization ? actor : null }),
  mayInspect: () => false,
  log: createLog({ env: 'production', logLevel: 'silent' }),
  ready: async () => ({}),
});

/** 2 KB of about 990 tokens, different for each number: the worst that the limits let through. */
const documentOf = (number: number) => `query Q${number} { sum(of: [${'1 '.repeat(980)}]) }`;

async function ask(number: number, headers: Record<string, string>): Promise<void> {
  const payload = { query: documentOf(number) };
  const response = await server.inject({ method: 'POST', url: '/graphql', headers, payload });
  if (response.statusCode !== 200) throw new Error(`document-heap: ${response.payload.slice(0, 300)}`);
}

/** KiB that are in use after two collections. */
async function heap(): Promise<number> {
  if (!gc) throw new Error('document-heap: start node with --expose-gc');
  for (let time = 0; time < 2; time++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    gc();
  }
  return process.memoryUsage().heapUsed / 1024;
}

async function grown(from: number, headers: Record<string, string>): Promise<number> {
  const before = await heap();
  for (let number = from; number < from + DOCUMENTS; number++) await ask(number, headers);
  return Math.round((await heap()) - before);
}

await ask(0, {});
console.log(
  `${documentOf(1).length} characters, ${nodesOf(parseDocument(documentOf(1), limits)).length} nodes`,
);
console.log(`after ${DOCUMENTS} anonymous documents: ${await grown(1, {})} KiB more`);
console.log(`after ${DOCUMENTS} further ones: ${await grown(2_000, {})} KiB more`);
const signedIn = { authorization: 'Bearer any' };
console.log(`after ${DOCUMENTS} authenticated documents: ${await grown(10_000, signedIn)} KiB more`);
console.log(`after ${DOCUMENTS} further ones: ${await grown(20_000, signedIn)} KiB more`);
await server.close();
