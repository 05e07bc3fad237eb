import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCodes } from '../../../src/errors.ts';
import { badBodies, query } from '../../support/bad-bodies.ts';
import { listening } from '../../support/server/toy-server.ts';

let server: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  server = await listening();
});
afterAll(() => server.app.close());

const post = async (body: string | Uint8Array, headers: Record<string, string> = {}) => {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as string,
  };
  const response = await fetch(server.url, request);
  const text = await response.text();
  return { status: response.status, text };
};
describe('bad input', () => {
  test.each(badBodies)(
    '[H4] %s is answered with its code, without a stack trace, and the server keeps serving',
    async (_what, body, code) => {
      const { status, text } = await post(body());
      if (code === 'OK') expect(text).toContain('"data"');
      else expect(JSON.parse(text).errors[0].extensions.code).toBe(code);
      expect(status).toBeLessThan(500);
      expect(text).not.toMatch(/\bat .*\(|node_modules|\.ts:|stack/);
      expect(text.length).toBeLessThan(2_000);
      expect((await post(query('{ hello }'))).text).toBe('{"data":{"hello":"world"}}');
    },
  );

  test('[H4] a string of 1 MB in a variable is taken whole', async () => {
    const { status, text } = await post(
      query('query($t: String) { echo(text: $t) }', { t: 'x'.repeat(1_000_000) }),
    );
    expect([status, text.length > 1_000_000]).toEqual([200, true]);
  });

  test('[H4] bytes that are not HTTP are answered with a code', async () => {
    const port = server.port;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('\0\0\0 nonsense\r\n\r\n'));
      socket.once('data', (chunk) => resolve(chunk.toString())).once('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"BAD_REQUEST"');
    expect(answer).toContain('x-content-type-options: nosniff');
  });

  test('[H4] 1,000 random requests find no 5xx, no crash and no code outside the union', async () => {
    const document = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            '(',
            ')',
            '[',
            ']',
            'query',
            '$a',
            ':',
            '...',
            'on',
            '"',
            '"""',
            '@',
            '!',
            'hello',
            'deep',
            'echo',
            '1e9',
            '\\u',
          ),
          { maxLength: 40 },
        )
        .map((tokens) => tokens.join(' ')),
      fc.constantFrom(
        '{ hello }',
        'query($i: Input) { echo(input: $i) }',
        'query($k: Kind, $l: [Int!]) { echo(kind: $k, list: $l) }',
      ),
    );
    const body = fc.oneof(
      fc.record({
        query: document,
        variables: fc.oneof(fc.dictionary(fc.constantFrom('i', 'k', 'l'), fc.jsonValue()), fc.jsonValue()),
      }),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const { status, text } = await post(JSON.stringify(value));
        expect(status).toBeLessThan(500);
        for (const error of JSON.parse(text).errors ?? [])
          expect(Object.keys(errorCodes)).toContain(error.extensions.code);
      }),
      { numRuns: 1_000 },
    );
  });
});
