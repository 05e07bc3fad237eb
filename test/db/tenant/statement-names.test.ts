import { describe, expect, test } from 'vitest';
import { statementNames } from '../../../src/db/tenant/statement-names.ts';

describe('the name of a prepared statement', () => {
  test('is the same in every process, whatever was prepared before', () => {
    const [one, other] = [statementNames(), statementNames()];
    other('SELECT 2');
    expect(one('SELECT 1')).toBe(other('SELECT 1'));
  });

  test('differs for different texts', () => {
    const names = statementNames();
    expect(names('SELECT 1')).not.toBe(names('SELECT 2'));
  });

  test('is empty past the cap of 500', () => {
    const names = statementNames();
    for (let n = 0; n < 500; n++) expect(names(`SELECT ${n}`)).not.toBe('');
    expect(names('SELECT 500')).toBe('');
    expect(names('SELECT 0')).not.toBe('');
  });
});
