import { expect } from 'vitest';
import type { Answer } from './server/world.ts';

/** What a client sees of an answer, but for what is new each time. */
export const told = ({ status, data, errors }: Answer) => ({
  status,
  data,
  errors: errors
    ?.map(({ path, message, extensions: { requestId: _, ...extensions } }) => ({ path, message, extensions }))
    .sort((a, b) => String(a.path).localeCompare(String(b.path))),
});
type Told = ReturnType<typeof told>;

/**
 * Expects the answer of the plain implementation. Without data one error is enough (GraphQL §
 * 6.4.4), and which of several independent ones ends the operation is a race in the executor
 * itself: then both are refused, and neither by a fault of the server.
 */
export function expectSame(answer: Told, plain: Told, name: string): void {
  if (plain.data !== null || !plain.errors) {
    expect(answer, name).toEqual(plain);
    return;
  }
  expect([answer.status, answer.data], name).toEqual([plain.status, null]);
  const codes = answer.errors?.map(({ extensions }) => extensions.code) ?? [];
  expect(codes.length, name).toBeGreaterThan(0);
  expect(codes, name).not.toContain('INTERNAL');
}
