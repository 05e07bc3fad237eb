import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, so that no worker begins one of them when the others are at their
 * end.
 */
const LONGEST = [
  // of npm test
  'test/guarantees/tenancy/attack.test.ts',
  'test/auth/password/passwords.test.ts',
  'test/auth/passkeys/passkeys.test.ts',
  'test/audit/verify/verify.test.ts',
  'test/guarantees/authorization/roles.test.ts',
  'test/auth/mfa/mfa.test.ts',
  'test/guarantees/requests/deadlines.test.ts',
  // of npm run test:long
  'test/guarantees/authorization/matrix.test.ts',
  'test/guarantees/authorization/matrix-fields.test.ts',
  'test/graphql/bad-input.test.ts',
  'test/guarantees/authorization/matrix-factors.test.ts',
  'test/cli/start.test.ts',
  'test/notifications/mailer.test.ts',
  'test/guarantees/audit-log/subscription.test.ts',
  'test/cli/misconfiguration.test.ts',
  'test/cli/misconfigured-database.test.ts',
  'test/graphql/query-plan.test.ts',
  'test/http/enrolment-page-browser.test.ts',
  'test/guarantees/requests/draining.test.ts',
  'test/auth/lockout/lockout.test.ts',
];

/** Begins with the longest files; the others follow by size, as a first run knows no durations. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((one, other) => placeOf(one) - placeOf(other));
  }
}
