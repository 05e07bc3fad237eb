/**
 * How a command is tested: by commands.test.ts, as a part of another command, by another file, or
 * not, with the reason.
 */
export type Row = 'here' | { within: string } | { test: string } | { not: string };

const CERTIFICATE = 'npm run new:model -- Certificate name:string';
export const NEW_MODELS = [
  `${CERTIFICATE} serial:sealed`,
  `${CERTIFICATE} expiresOn:date serial:sealed`,
  `${CERTIFICATE} expiresOn:date serial:sealed+exact+last4+optional employee:Employee`,
];
export const GENERATE = 'npm run generate';
export const KEY = 'openssl rand -base64 32';
/** In this order, on a database of their own. */
export const DEPLOYMENT = [
  'npm run migrate',
  'npm run create-admin -- EMAIL "NAME"',
  'npm run purge-expired',
  `psql "$MIGRATION_DATABASE_URL" --command 'CALL protect_database()'`,
  'npm run verify-audit-log',
  'npm run verify-audit-log -- --database "$MIGRATION_DATABASE_URL"',
];
const HERE = [...NEW_MODELS, GENERATE, KEY, ...DEPLOYMENT];

const INSTALL = { not: 'installs from the registry; .ci/run begins with npm ci' };
const BENCH = { not: 'minutes on an idle machine; test/bench/fresh-clone.test.ts loads each part' };
const MUTATION = { not: 'minutes; test/scripts/mutation.test.ts tests its sample and its choice of tests' };
const SUITE = { not: 'a run of this suite inside of itself' };
const VERIFIER = { test: 'test/audit/verify/verify.test.ts' };
const DOCTOR = { test: 'test/cli/doctor.test.ts' };
const PASSKEY_PAGE = { test: 'test/auth/passkeys/browser.test.ts' };

export const TABLE: Record<string, Row> = {
  ...Object.fromEntries(HERE.map((command) => [command, 'here' as const])),
  'node scripts/generate.mjs': { within: GENERATE },

  'npm start': { test: 'test/soak/start-and-stop.test.ts' },
  'npm run dev': { test: 'test/soak/start-and-stop.test.ts' },
  'node --inspect src/main.ts': { test: 'test/support/server/server-process.ts' },
  'npm run tour': { test: 'test/examples/tour.test.ts' },
  'npm exec -- node examples/passkey/serve.ts': PASSKEY_PAGE,
  'npm exec -- node examples/passkey/serve.ts --port 4200 --api https://api.example.com/graphql':
    PASSKEY_PAGE,
  'node scripts/docs.ts': { test: 'test/docs/docs.test.ts' },
  'npm run structure': { test: 'test/db/structure.test.ts' },
  'npm run doctor': DOCTOR,
  'npm run doctor -- --json': DOCTOR,
  'npm run verify-audit-log -- --database URL': VERIFIER,
  'npm run verify-audit-log -- FILE': VERIFIER,
  'npm run verify-audit-log -- --expect REPORT': VERIFIER,

  'npm run backup-key -- FILE': { test: 'test/support/backup.ts' },
  'npm run backup-key': { test: 'test/support/backup.ts' },
  'npm run backup': { test: 'test/cli/backup.test.ts' },
  'npm run restore -- FILE': { test: 'test/cli/restore.test.ts' },
  'npm run restore': { test: 'test/cli/restore.test.ts' },
  'npm run restore-drill': { test: 'test/cli/restore-drill.test.ts' },
  'npm run reset': { test: 'test/cli/reset.test.ts' },

  'npm run sbom': { not: 'a command of npm; the workflow audit.yml runs it' },

  'npm ci': INSTALL,
  'npm ci --omit=dev': INSTALL,
  'npm ci --omit=optional': INSTALL,
  'npm ci --ignore-scripts': INSTALL,
  'npm test': SUITE,
  'npm run test:long': SUITE,
  'npx vitest run test/auth/session': SUITE,
  "npx vitest run -t '\\[T3\\]'": SUITE,
  'npm run fix': { not: 'rewrites the whole repository; npm run check fails where it would change a file' },
  'npm run codegen': { not: 'a part of npm run fix; npm run check compares what it writes' },
  'npm run check': { not: 'a minute, over the whole repository; .ci/run runs it' },
  'npm run mutation -- src/crypto --sample 20': MUTATION,
  'npm run mutation -- FOLDER… [--sample PERCENT]': MUTATION,
  'npx --yes relay-compiler@21.0.1 relay.config.json': {
    not: 'downloads the compiler; test/examples/clients.test.ts compares the artifacts with their documents',
  },
  'npm run layout': { not: 'minutes: npm run test:long runs the same file' },
  'npx vitest run test/db/lints.test.ts': { not: 'npm test runs the file' },
  'npm run soak -- --short': { not: 'a minute on an idle machine' },
  'npm run test:faults': { not: 'minutes: fills a disk and freezes a database' },
  'npm run test:faults -- --short': { not: 'two minutes, as above' },
  'npm run audit-load': { not: 'half an hour on a busy machine' },
  'npm run audit-load -- --events 40000 --changes 20': {
    not: 'a figure of a decision page, measured by hand',
  },
  'npm run bench': BENCH,
  'npm run bench -- --ablate': BENCH,
  'npm run bench -- --full --soak 60': BENCH,
  'npm run bench -- --ops a --servers guarded --profile FOLDER': BENCH,
  'npm run bench -- --ops ab --rounds 3': BENCH,
  'npm run bench -- --peer-commit COMMIT': BENCH,
  'npm run bench:observability': BENCH,
  'npm run bench:sign-in': BENCH,
  'node bench/document.ts RESULTS': { not: 'writes a page from the results of a measurement' },
  'node bench/flame.ts': { not: 'draws the profiles of a measurement' },
  'node scripts/check-cost.ts': { not: 'a step of npm run check' },
  'node scripts/check-cost.ts --record': { not: 'a step of npm run check, and overwrites its limits' },
  [`node -e "import('graphql').then(() => import('graphql-scalars'))"`]: {
    not: 'measures a package that the decision rejects',
  },
};
