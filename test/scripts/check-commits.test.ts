import { expect, test } from 'vitest';
import { problemOf } from '../../scripts/check-commits.ts';

test.each(['feat(audit): sign checkpoints', 'fix: answer twice', 'refactor(sql)!: rename tables'])(
  'the commit check takes %j',
  (subject) => {
    expect(problemOf(subject)).toBeNull();
  },
);

test.each([
  'Nobody waits for a stamp',
  'feat(audit) sign',
  'wip',
  'feat: ends with a period.',
  `fix: ${'x'.repeat(70)}`,
])('the commit check refuses %j', (subject) => {
  expect(problemOf(subject)).not.toBeNull();
});
