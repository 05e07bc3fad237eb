import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { expect, test } from 'vitest';

const ADVICE =
  'Yoga no longer executes operations by `getResultForParams({ params, request }, serverContext)`: adapt src/graphql/yoga.ts to the new version';

test('Yoga executes parameters without a Request and a Response, by a private method', async () => {
  const schema = buildSchema('type Query { who(name: String): String }');
  const seen: unknown[] = [];
  const observe: Plugin<{ actor: string }> = {
    onExecute: ({ args }) => void seen.push(args.contextValue.actor),
    onExecutionResult: ({ result }) => void seen.push(result),
  };
  const yoga = createYoga<{ actor: string }>({
    schema,
    logging: false,
    context: ({ actor }) => ({ actor }),
    plugins: [observe],
  });
  expect(typeof yoga.getResultForParams, ADVICE).toBe('function');
  const params = { query: 'query ($n: String) { who(name: $n) }', variables: { n: 'x' } };
  const result = await yoga.getResultForParams(
    { params, request: { method: 'POST' } as Request },
    { actor: 'a' },
  );
  expect(result, ADVICE).toEqual({ data: { who: null } });
  expect(seen, ADVICE).toEqual(['a', { data: { who: null } }]);
});

test('Yoga’s private method is called in one file only', async () => {
  const { globSync } = await import('node:fs');
  const callers = globSync('src/**/*.ts').filter((file) =>
    /getResultForParams/.test(readFileSync(file, 'utf8')),
  );
  expect(callers).toEqual(['src/graphql/yoga.ts']);
});
