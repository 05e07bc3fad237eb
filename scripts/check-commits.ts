/**
 * `node scripts/check-commits.ts`: subjects of commits since the convention are `type(scope):
 * summary`, at most 72 characters.
 */
import { spawnSync } from 'node:child_process';

/** The last commit before the convention. */
const BEFORE = '8d089364103e';
const SUBJECT = /^(feat|fix|refactor|perf|test|docs|build|ci|chore)(\([a-z0-9-]+\))?!?: \S.*[^.]$/;

/** Returns what is wrong with a subject; null when it follows the convention. */
export function problemOf(subject: string): string | null {
  if (subject.length > 72) return `longer than 72 characters: ${subject}`;
  return SUBJECT.test(subject) ? null : `expected type(scope): summary: ${subject}`;
}

if (import.meta.main) {
  const { stdout, status } = spawnSync('git', ['log', '--no-merges', '--format=%s', `${BEFORE}..HEAD`], {
    encoding: 'utf8',
  });
  // a shallow clone, or a folder without history, has nothing to check
  const subjects = status === 0 ? stdout.trim().split('\n').filter(Boolean) : [];
  const problems = subjects.flatMap((subject) => problemOf(subject) ?? []);
  for (const problem of problems) console.error(problem);
  console.log(`${subjects.length} commits, ${problems.length} subjects that break the convention`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
