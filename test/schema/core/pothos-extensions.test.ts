import { type GraphQLObjectType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  authorizationOptions,
  exposedColumn,
  modelOf,
  selectedBy,
} from '../../../src/schema/core/pothos-extensions.ts';
import { buildSchema } from '../../../src/schema/index.ts';

const schema = buildSchema();
const employee = schema.getType('Employee') as GraphQLObjectType;
const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
const fields = objects.flatMap((type) => Object.values(type.getFields()));

/** What an upgrade that breaks one of these has to change. */
const advice = (name: string) =>
  `Pothos no longer keeps ${name} in \`extensions\`: adapt src/schema/core/pothos-extensions.ts to the new version`;

describe('the private `extensions` of Pothos and its plugins', () => {
  test('hold the authorization of types and fields', () => {
    expect(authorizationOptions(employee).authScopes, advice('`pothosOptions.authScopes`')).toBeDefined();
    const redacted = fields.filter((field) => authorizationOptions(field).unauthorizedResolver);
    expect(redacted.length, advice('`pothosOptions.unauthorizedResolver`')).toBeGreaterThan(0);
  });

  test('hold the Prisma model of a type', () => {
    expect(modelOf(employee), advice('`pothosPrismaModel`')).toBe('Employee');
  });

  test('hold the column that a field exposes', () => {
    const exposed = fields.map(exposedColumn).filter((column) => column !== undefined);
    expect(exposed, advice('`pothosExposedField`')).toContain('name');
  });

  test('hold the selection of a field, and its relation', () => {
    const selected = fields.map(({ extensions }) => selectedBy(extensions));
    expect(selected.filter(({ select }) => select).length, advice('`pothosPrismaSelect`')).toBeGreaterThan(0);
    const relations = selected.flatMap(({ relation }) => relation ?? []);
    expect(relations.length, advice('`pothosPrismaRelationField`')).toBeGreaterThan(0);
    expect(relations[0], advice('`pothosPrismaRelationField`')).toMatchObject({
      name: expect.any(String),
      isList: expect.any(Boolean),
    });
  });

  test('are read in one file only', async () => {
    const { globSync, readFileSync } = await import('node:fs');
    const readers = globSync('src/**/*.ts').filter((file) =>
      /pothosOptions|pothosPrisma|pothosExposed/.test(readFileSync(file, 'utf8')),
    );
    expect(readers).toEqual(['src/schema/core/pothos-extensions.ts']);
  });
});
