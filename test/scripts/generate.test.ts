import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extendSchema, parseColumns } from '../../scripts/new-model.ts';

// A copy of the project whose new model has three mistakes; the real generated files stay as they
// are.
let copy: string;
let model: string[];
let said: string;

const VISIBLE = '/// @visible(read: employee.read, branch: employee.brnchId, self: employee.userId)';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'bulwark-generate-'));
  for (const path of ['prisma', 'src', 'scripts', 'package.json', 'prisma.config.ts'])
    cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  const names = readdirSync('prisma/schema');
  const schema = Object.fromEntries(
    names.map((name) => [name, readFileSync(join('prisma/schema', name), 'utf8')]),
  );
  const columns = ['plate:string', 'vin:string', 'employee:Employee'].flatMap(parseColumns);
  const files = extendSchema(schema, 'Vehicle', columns);
  const text = (files['vehicle.prisma'] as string)
    .replace('model Vehicle {', `${VISIBLE}\nmodel Vehicle {`)
    .replace('  vin String', '  vin String @unique')
    .replace('  @@id(', '  @@unique([plate])\n  @@id(');
  model = text.split('\n');
  for (const [name, content] of Object.entries({ ...files, 'vehicle.prisma': text }))
    writeFileSync(join(copy, 'prisma/schema', name), content);
  const { status, stdout, stderr } = spawnSync('node', ['scripts/generate.mjs'], {
    cwd: copy,
    encoding: 'utf8',
  });
  said = `${stdout}${stderr}`;
  expect(status).toBe(1);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The sentence about this line of the model. */
function sentenceAt(line: string): string {
  const place = `prisma/schema/vehicle.prisma:${model.findIndex((text) => text.includes(line)) + 1}: `;
  const found = said.split('\n').filter((text) => text.includes(place));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

describe('npm run generate', () => {
  test('refuses a path of @visible that leads to no column, with file, line and the column that was meant [U6]', () => {
    const sentence = sentenceAt('@visible');
    expect(sentence).toContain('branch: employee.brnchId, but Employee has no column brnchId');
    expect(sentence).toContain('did you mean branchId?');
  });

  test('refuses a unique key without the company, with file, line and the key to write [U6]', () => {
    expect(sentenceAt('@@unique([plate])')).toContain('write @@unique([companyId, plate])');
    expect(sentenceAt('vin String')).toContain('write @@unique([companyId, vin])');
  });
});
