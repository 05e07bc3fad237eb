import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer } from '../../src/app.ts';
import { type TrustedSettings, trustedDocuments } from '../../src/graphql/request/trusted-documents.ts';
import { listening, toySchema } from '../support/server/toy-server.ts';
import { openWorld, type World } from '../support/server/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-documents-'));
const path = join(folder, 'persisted-documents.json');
const DOCUMENTS = {
  hello: '{ hello }',
  echo: 'query Echo($text: String) { echo(text: $text) }',
  'sha256:abc': '{ hello }',
  ticks: 'subscription { ticks(upTo: 2) }',
};

type Toy = Awaited<ReturnType<typeof listening>>;
const toys: Toy[] = [];

async function serving(requiredOf: TrustedSettings['requiredOf']): Promise<Toy> {
  const toy = await listening({ documentOf: trustedDocuments({ path, requiredOf }, toySchema()) });
  toys.push(toy);
  return toy;
}

let [free, browsers, all]: Toy[] = [];
beforeAll(async () => {
  writeFileSync(path, JSON.stringify(DOCUMENTS));
  [free, browsers, all] = [await serving('none'), await serving('browsers'), await serving('all')];
});
afterAll(async () => {
  for (const toy of toys) await toy.app.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = { status: number; data?: unknown; errors?: { message: string; extensions: object }[] };

async function post(toy: Toy | undefined, body: object, headers: object = {}): Promise<Answer> {
  const response = await fetch(toy?.url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const hash = (sha256Hash: unknown) => ({ persistedQuery: { version: 1, sha256Hash } });
const code = ({ errors }: Answer) => errors?.[0]?.extensions;
/** What a browser adds to a request of a page of the same site. */
const BROWSER = { 'sec-fetch-site': 'same-origin' };

describe('a trusted document', () => {
  test('is executed by its documentId, with variables [H4]', async () => {
    const answer = await post(free, { documentId: 'echo', variables: { text: 'a' } });
    expect(answer).toEqual({ status: 200, data: { echo: '{"text":"a"}' } });
  });

  test('is executed by its hash in extensions.persistedQuery [H4]', async () => {
    expect((await post(free, { extensions: hash('hello') })).data).toEqual({ hello: 'world' });
  });

  test('is executed by its hash without the prefix of its id [H4]', async () => {
    expect((await post(free, { extensions: hash('abc') })).data).toEqual({ hello: 'world' });
  });

  test.each([
    ['documentId', 'documentId=hello'],
    ['its hash', `extensions=${encodeURIComponent(JSON.stringify(hash('hello')))}`],
  ])('is executed by %s in a GET request [H4]', async (_form, query) => {
    const response = await fetch(`${free?.url}?${query}`);
    expect(await response.json()).toEqual({ data: { hello: 'world' } });
  });

  test.each([
    ['documentId', 'documentId=hello'],
    ['its hash', `extensions=${encodeURIComponent(JSON.stringify(hash('hello')))}`],
  ])('is executed by %s in a GET request of a browser, in production [H4]', async (_form, query) => {
    const response = await fetch(`${free?.url}?${query}`, { headers: { accept: 'text/html,*/*' } });
    expect(await response.json()).toEqual({ data: { hello: 'world' } });
  });

  test('is streamed where it is a subscription [H4]', async () => {
    const response = await fetch(free?.url ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ documentId: 'ticks' }),
    });
    expect((await response.text()).match(/"ticks":\d/g)).toEqual(['"ticks":1', '"ticks":2']);
  });

  test.each([
    ['an unknown id', { documentId: 'unknown' }],
    ['an id that is a name of Object.prototype', { documentId: 'constructor' }],
    ['an id that is no string', { documentId: 7 }],
    ['an id that no text can be made of', { documentId: { toString: null } }],
    ['a list with a known id', { documentId: ['hello'] }],
    ['an unknown hash', { extensions: hash('unknown') }],
    ['a hash that no text can be made of', { extensions: hash({ toString: null }) }],
    ['no hash', { extensions: { persistedQuery: {} } }],
  ])('is PERSISTED_QUERY_NOT_FOUND for %s [H4]', async (_what, body) => {
    const answer = await post(free, body);
    expect(answer.status).toBe(400);
    expect(answer.errors).toEqual([
      { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ]);
  });

  test('is refused together with another document [H4]', async () => {
    const answer = await post(free, { documentId: 'hello', query: '{ slow }' });
    expect(code(answer)).toEqual({ code: 'BAD_REQUEST' });
  });

  test('is not supported without a manifest [H4]', async () => {
    const plain = await listening();
    toys.push(plain);
    const answer = await post(plain, { documentId: 'hello' });
    expect(code(answer)).toEqual({ code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
  });
});

describe('another document', () => {
  const OTHER = { query: '{ hello }' };

  test('is executed where trusted documents are not required [H4]', async () => {
    expect((await post(free, OTHER, BROWSER)).data).toEqual({ hello: 'world' });
  });

  test.each([
    ['Sec-Fetch-Site', BROWSER],
    ['Origin', { origin: 'https://app.example.com' }],
  ])(
    'is FORBIDDEN to browsers that send %s, where they must send trusted ones [H4]',
    async (_name, headers) => {
      const answer = await post(browsers, OTHER, headers);
      expect([answer.status, code(answer)]).toEqual([403, { code: 'FORBIDDEN' }]);
      const hashed = await post(browsers, { ...OTHER, extensions: hash('hello') }, headers);
      expect(code(hashed)).toEqual({ code: 'FORBIDDEN' });
      expect((await post(browsers, { documentId: 'hello' }, headers)).data).toEqual({ hello: 'world' });
    },
  );

  test('is executed for other clients than browsers, where browsers must send trusted ones [H4]', async () => {
    // fetch of Node sends sec-fetch-mode alone
    expect((await post(browsers, OTHER)).data).toEqual({ hello: 'world' });
  });

  test('is FORBIDDEN to every client where all must send trusted ones [H4]', async () => {
    expect(code(await post(all, OTHER))).toEqual({ code: 'FORBIDDEN' });
    const response = await fetch(`${all?.url}?query={hello}`);
    expect(response.status).toBe(403);
    expect((await post(all, { documentId: 'hello' })).data).toEqual({ hello: 'world' });
  });
});

describe('a manifest', () => {
  const START = { requiredOf: 'none' as const, path };

  test.each([
    ['of a missing file', null, /^TRUSTED_DOCUMENTS_PATH: .* cannot be read \(ENOENT\); give the manifest/],
    ['that is not JSON', '{', /^TRUSTED_DOCUMENTS_PATH: .* is not JSON; give the manifest/],
    ['that is a list', '[]', /^TRUSTED_DOCUMENTS_PATH: .* is no object of documents by id; give/],
    [
      'with an unknown field',
      '{"a":"{ nothing }"}',
      /: .* has a document a that the schema does not allow; give/,
    ],
    ['with a syntax error', '{"a":"{"}', /: .* has a document a that the schema does not allow; give/],
  ])('%s is refused in one sentence at start [H4]', (_what, text, sentence) => {
    const file = join(folder, 'other.json');
    rmSync(file, { force: true });
    if (text !== null) writeFileSync(file, text);
    expect(() => trustedDocuments({ ...START, path: file }, toySchema())).toThrow(
      expect.objectContaining({ name: 'StartupError', message: expect.stringMatching(sentence) }),
    );
  });
});

describe('the manifest that codegen wrote for examples/client', () => {
  const MANIFEST = 'examples/client/generated/persisted-documents.json';
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world.end());

  test('signs in and reads by document ids over HTTP, as a browser that must [H4]', async () => {
    const config = {
      ...world.config,
      trustedDocuments: { path: MANIFEST, requiredOf: 'browsers' as const },
    };
    const server = openServer({ ...world.services, config });
    const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/graphql`;
    try {
      const token = await world.signIn('company_admin');
      const documents: Record<string, string> = JSON.parse(readFileSync(MANIFEST, 'utf8'));
      const [documentId] = Object.entries(documents).find(([, text]) => /^query Company/.test(text)) ?? [];
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...BROWSER };
      const ask = async (body: object) => {
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
        return (await response.json()) as Answer;
      };
      const answer = await ask({ documentId, variables: {} });
      expect(answer.errors).toBeUndefined();
      expect(answer.data).toMatchObject({ company: { name: 'Acme' } });
      expect(code(await ask({ query: '{ viewer { user { email } } }' }))).toEqual({ code: 'FORBIDDEN' });
    } finally {
      await server.close();
    }
  });
});
