/**
 * `node scripts/check-waits.ts`: rejects tests that depend on how fast the machine is: sleeps, and
 * limits of elapsed time.
 */
import { globSync, readFileSync } from 'node:fs';

type Rule = { pattern: RegExp; say: string; except?: RegExp };

const RULES: Rule[] = [
  {
    pattern: /\bsetTimeout\(|\bsetTimeout\b.* from '(node:)?timers/,
    say: 'wait for an event, or for a condition by test/support/until.ts',
    // the first is that helper, the second replaces the module under test by a mock
    except: /support\/until\.ts$|sign-in\/verify-sign-in\.test\.ts$/,
  },
  {
    pattern: /(performance|Date)\.now\(\)( \/ 1000)? - .*toBeLessThan|toBeLessThan(OrEqual)?\(.*\.now\(\)/,
    say: 'compare with a moment of before, or drive the clock; npm run bench and npm run test:faults measure time',
  },
  {
    pattern: /\.poll\(.*\{ timeout|\bvi\.wait(For|Until)\(/,
    say: 'expect.poll without a time-out of its own, or test/support/until.ts',
  },
  {
    pattern:
      /^\s*(\}, )?\d+_000(,|\);)$|^\s*(\(.*\)|\w+) \* 1_?000,$|\bAbortSignal\.timeout\(|\b(test|hook)Timeout: |\w+TimeLimit: /,
    say: 'only vitest.config.ts limits the time of a test; of a property test/support/within-test.ts',
    except: /support\/within-test\.ts$/,
  },
  {
    pattern: /performance\.now\(\)/,
    say: 'no elapsed time in tests; npm run bench and npm run test:faults measure it',
    // drives that clock
    except: /support\/until\.ts$|audit\/read\/stream\.test\.ts$/,
  },
];

/** Returns each line of a test file that waits or measures time, as `path:line: …`. */
export const waits = (path: string, text: string): string[] =>
  text.split('\n').flatMap((line, index) => {
    const broken = RULES.find(({ pattern, except }) => pattern.test(line) && !except?.test(path));
    return broken ? [`${path}:${index + 1}: ${broken.say}`] : [];
  });

if (import.meta.main) {
  // what measures is no test: it runs by npm run soak and npm run test:faults
  const files = globSync('test/**/*.ts').filter(
    (path) => !/^test\/(soak|faults)\/\w+\.ts$|check-waits/.test(path),
  );
  const problems = files.flatMap((path) => waits(path, readFileSync(path, 'utf8')));
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} test files, ${problems.length} waits or limits of elapsed time`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
