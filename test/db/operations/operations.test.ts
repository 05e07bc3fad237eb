import { randomBytes } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { describe, expect, test } from 'vitest';
import { captureExtension } from '../../../src/audit/record/capture.ts';
import { sealExtension } from '../../../src/crypto/fields/extension.ts';
import { openKeyring } from '../../../src/crypto/keys/keyring.ts';
import { PrismaClient } from '../../../src/db/generated/client.ts';
import { type Extension, operations, shapeOf } from '../../../src/db/operations/operations.ts';
import { tenantExtension } from '../../../src/db/tenant/extension.ts';

const keyring = openKeyring(
  () => Promise.reject(new Error('no database')),
  [{ id: 'test', key: randomBytes(32) }],
);
const extensions: Record<string, Extension> = {
  tenant: tenantExtension,
  capture: captureExtension,
  seal: sealExtension(keyring),
};

describe('the operation table', () => {
  test('lists every operation of Prisma’s models and no other', () => {
    const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: 'postgres://nowhere' }) });
    // findRaw and aggregateRaw are MongoDB's, and the table refuses them like any other unknown
    // operation
    const methods = Object.keys(client.employee).filter(
      (name) =>
        typeof client.employee[name as 'findMany'] === 'function' &&
        !name.startsWith('$') &&
        !name.endsWith('Raw'),
    );
    expect(methods.sort()).toEqual(Object.keys(operations).sort());
  });

  test('refuses an operation that Prisma has added', () => {
    expect(() => shapeOf('Employee', 'findSimilar')).toThrow('Employee.findSimilar is not supported');
    expect(() => shapeOf('Employee', 'constructor')).toThrow('Employee.constructor is not supported');
  });

  test('refuses an operation that runs as another', () => {
    expect(() => shapeOf('Employee', 'findUnique')).toThrow('Employee.findUnique is not supported');
  });
});

test.each(Object.keys(extensions))(
  '[T7] the %s extension passes no operation on that the table does not list',
  async (name) => {
    const call = { model: 'Employee', operation: 'findSimilar', args: {}, query: async () => 'passed on' };
    const run = async () => (extensions[name] as Extension)(call);
    await expect(run()).rejects.toThrow('Employee.findSimilar is not supported');
  },
);
