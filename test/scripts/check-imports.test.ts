import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../scripts/check-imports.ts';

describe('the import check', () => {
  test('accepts imports of lower layers', () => {
    expect(
      problemsOf({
        'src/schema/a.ts': "import { b } from '../domain/b.ts';",
        'src/domain/b.ts': "import type { E } from '../errors.ts';",
        'src/errors.ts': '',
      }),
    ).toEqual([]);
  });

  test.each([
    ["import { a } from '../schema/a.ts';"],
    ["import type { A } from '../schema/a.ts';"],
    ["export { a } from '../schema/a.ts';"],
    ["const a = await import('../schema/a.ts');"],
    ["type A = import('../schema/a.ts').A;"],
  ])('refuses an import of a higher layer: %s', (source) => {
    expect(problemsOf({ 'src/domain/b.ts': source, 'src/schema/a.ts': '' })).toEqual([
      'src/domain/b.ts: imports src/schema/a.ts, which stands above it',
    ]);
  });

  test('names a cycle of files once, types included', () => {
    const cycle = {
      'src/auth/a.ts': "import type { B } from './b.ts';",
      'src/auth/b.ts': "import { c } from './c.ts';",
      'src/auth/c.ts': "import type { A } from './a.ts';",
    };
    expect(problemsOf(cycle)).toEqual([
      'src/auth/a.ts: imports itself by way of src/auth/b.ts → src/auth/c.ts → src/auth/a.ts',
    ]);
  });

  test('names a cycle of folders without a cycle of files, types included', () => {
    const cycle = {
      'src/db/client.ts': "import { capture } from '../audit/record/capture.ts';",
      'src/audit/record/capture.ts': '',
      'src/audit/record/append.ts': "import type { Query } from '../../db/sql.ts';",
      'src/db/sql.ts': '',
    };
    expect(problemsOf(cycle)).toEqual([
      'folders: src/audit/record: imports itself by way of src/db → src/audit/record',
    ]);
  });

  test('accepts folders that share the metadata of models and the tenant context', () => {
    const shared = {
      'src/db/client.ts': "import { capture } from '../audit/record/capture.ts';",
      'src/audit/record/capture.ts': `import { guarantees } from '../../db/guarantees.gen.ts';
        import { currentTenant } from '../../db/tenant/context.ts';`,
      'src/db/guarantees.gen.ts': '',
      'src/db/tenant/context.ts': '',
    };
    expect(problemsOf(shared)).toEqual([]);
  });

  test.each(['services.ts', 'db/sql.ts', 'db/tenant/pool.ts', 'db/client.ts', 'crypto/keys/keyring.ts'])(
    'refuses a resolver that imports src/%s',
    (target) => {
      const [problem, ...others] = problemsOf({
        'src/schema/people/a.ts': `import type { X } from '../../${target}';`,
        [`src/${target}`]: '',
      });
      expect(problem).toContain('which a resolver must not reach');
      expect(others).toEqual([]);
    },
  );

  test.each(["import pg from 'pg';", "import type { Pool } from 'pg';", "await import('@prisma/client');"])(
    'refuses %s in the domain, with file, line and what to use [U6]',
    (statement) => {
      const source = `import { z } from 'zod';\n\n${statement}\n`;
      const [problem, ...others] = problemsOf({ 'src/domain/fleet/vehicle.ts': source });
      expect(problem).toMatch(/^src\/domain\/fleet\/vehicle\.ts:3: imports .*`tx\.employee\.findFirst/);
      expect(others).toEqual([]);
      expect(problemsOf({ 'src/db/tenant/vehicle.ts': source })).toEqual([]);
    },
  );

  test('refuses the environment outside of the configuration, and node:crypto outside of cryptography', () => {
    expect(problemsOf({ 'src/http/a.ts': 'process.env.X;' })).toHaveLength(1);
    expect(problemsOf({ 'src/http/a.ts': "import { hash } from 'node:crypto';" })).toHaveLength(1);
    expect(problemsOf({ 'src/http/a.ts': '// process.env in a comment' })).toEqual([]);
  });
});
