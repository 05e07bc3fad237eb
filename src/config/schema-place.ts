import { globSync, readFileSync } from 'node:fs';

/**
 * Returns the place of a model, such as prisma/schema/fleet.prisma:12, or of its first line,
 * comments above it included, that matches. Without the files, the model's name.
 */
export function schemaPlace(model: string, line?: RegExp): string {
  for (const path of globSync('prisma/schema/*.prisma').sort()) {
    const lines = readFileSync(path, 'utf8').split('\n');
    const start = lines.findIndex((text) => text.startsWith(`model ${model} `));
    if (start >= 0) return `${path}:${lineIn(lines, start, line) + 1}`;
  }
  return `model ${model}`;
}

function lineIn(lines: string[], start: number, line?: RegExp): number {
  if (!line) return start;
  let first = start;
  while (lines[first - 1]?.startsWith('///')) first -= 1;
  const end = lines.indexOf('}', start);
  const found = lines.slice(first, end).findIndex((text) => line.test(text));
  return found < 0 ? start : first + found;
}
