/**
 * `node scripts/docs.ts` generates docs/api.md, docs/errors.md, schema.graphql and the cache hints;
 * `--check` fails when they are stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type GraphQLSchema, isInterfaceType, isObjectType, lexicographicSortSchema } from 'graphql';
import { errorCodes } from '../src/errors.ts';
import { buildSchema } from '../src/schema/index.ts';
import { apiPage } from './api-page.ts';
import { schemaText } from './schema-text.ts';

/** Returns docs/errors.md. */
export function errorsPage(codes: Record<string, { status: number; meaning: string }> = errorCodes): string {
  const rows = Object.entries(codes).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return `# Errors

Every error of the server has one of these codes in \`extensions.code\`. If the whole request fails, the answer has the
code's HTTP status. If a field fails, the error is in \`errors\` beside the remaining data, with status 200. The response header
\`x-request-id\` identifies the request in the log.

| Code | Status | Meaning |
|---|---|---|
${rows.join('\n')}

Generated from \`src/errors.ts\` by \`node scripts/docs.ts\`.
`;
}

/**
 * Returns examples/clients/cache-hints.json, for caches that keep objects by their id: the types of
 * each interface, and the object types without an id, which stay inside of their parent.
 */
export function cacheHints(schema: GraphQLSchema): string {
  const types = Object.values(lexicographicSortSchema(schema).getTypeMap());
  const roots = new Set(['Query', 'Mutation', 'Subscription']);
  const isOwn = ({ name }: { name: string }) => !name.startsWith('__') && !roots.has(name);
  const withoutId = types.filter((type) => isObjectType(type) && isOwn(type) && !('id' in type.getFields()));
  const possibleTypes = types.filter(isInterfaceType).map((type) => [
    type.name,
    schema
      .getPossibleTypes(type)
      .map(({ name }) => name)
      .sort(),
  ]);
  const hints = {
    possibleTypes: Object.fromEntries(possibleTypes),
    withoutId: withoutId.map(({ name }) => name),
  };
  return `${JSON.stringify(hints, null, 2)}\n`;
}

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

function main(check: boolean): void {
  const schema = buildSchema();
  const pages: Record<string, string> = {
    'docs/api.md': apiPage(schema),
    'docs/errors.md': errorsPage(),
    'schema.graphql': schemaText(schema),
    'examples/clients/cache-hints.json': cacheHints(schema),
  };
  const stale = Object.entries(pages).filter(([path, text]) => read(path) !== text);
  if (check && stale.length > 0) {
    console.error(`stale: ${stale.map(([path]) => path).join(', ')}; run node scripts/docs.ts`);
    process.exitCode = 1;
    return;
  }
  for (const [path, text] of stale) writeFileSync(path, text);
  console.log(
    stale.length > 0
      ? `wrote ${stale.map(([path]) => path).join(', ')}`
      : `${Object.keys(pages).join(', ')} are up to date`,
  );
}

if (import.meta.main) main(process.argv.includes('--check'));
