/** `node scripts/docs.ts` writes docs/errors.md and schema.graphql from the code; with `--check` it fails when they differ. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { errorCodes } from '../src/errors.ts';
import { buildSchema } from '../src/schema/index.ts';

/** The error codes as a page for those who write clients. */
export function errorsPage(codes: Record<string, { status: number; meaning: string }> = errorCodes): string {
  const rows = Object.entries(codes).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return `# Errors

Every error that leaves the server carries one of these codes in \`extensions.code\`, and nothing else about a failure does. The
status is the answer's when the request as a whole failed; an error of a field stands in \`errors\`, beside the data that could be
had, with status 200. Every answer names its request in the header \`x-request-id\`, by which the log finds it.

| code | status | meaning |
|---|---|---|
${rows.join('\n')}

Generated from \`src/errors.ts\` by \`node scripts/docs.ts\`.
`;
}

export const schemaText = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

function main(check: boolean): void {
  const pages: Record<string, string> = {
    'docs/errors.md': errorsPage(),
    'schema.graphql': schemaText(buildSchema()),
  };
  const stale = Object.entries(pages).filter(([path, text]) => read(path) !== text);
  if (check && stale.length > 0) {
    console.error(
      `not what the code says: ${stale.map(([path]) => path).join(', ')}; run node scripts/docs.ts`,
    );
    process.exitCode = 1;
    return;
  }
  for (const [path, text] of stale) writeFileSync(path, text);
  console.log(
    stale.length > 0
      ? `wrote ${stale.map(([path]) => path).join(', ')}`
      : 'docs/errors.md and schema.graphql say what the code says',
  );
}

if (import.meta.main) main(process.argv.includes('--check'));
