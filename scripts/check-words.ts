/**
 * `node scripts/check-words.ts`: rejects words that the vocabulary replaced, in code, SQL, tests
 * and documents, and comments wider than 100 columns in code.
 */
import { globSync, readFileSync } from 'node:fs';

/**
 * A replaced word. `except` lists files where the word has another meaning or is still to be
 * renamed.
 */
type Rule = { word: RegExp; say: string; except?: RegExp };

/** Unambiguous everywhere. */
const EVERYWHERE: Rule[] = [
  // Argon2 calls its degree of parallelism lanes (RFC 9106)
  { word: /\blanes?\b/i, say: 'shared connection', except: /argon|password\/hash|identity-model/ },
  { word: /\b(short|long) way\b/i, say: 'fast path, fallback' },
  { word: /\bleft to Prisma\b/i, say: 'unsupported' },
  {
    word: /\bread(ing)? ahead\b/i,
    say: 'prefetch',
    except: /src\/auth\/tokens\/access-token|prefetch\.test/,
  },
  { word: /\boutbox\b/i, say: 'dev mailbox' },
  { word: /\bverdicts?\b/i, say: 'result' },
  { word: /\b(tellKeepers|standsIn|settleLast|NOBODYS?(_\w+)?)\b/, say: 'the term of the field' },
  { word: /\bsecond half of a sign-in\b/i, say: 'completes a sign-in that requires a second factor' },
  { word: /\b(a|every|each|own) seats?\b/i, say: 'scope of an assignment' },
  { word: /\bhalf a sign-in\b/i, say: 'MFA challenge' },
  { word: /\bdo not fit\b/i, say: 'Invalid email or password.' },
  { word: /\bno such thing\b/i, say: 'Not found.' },
  { word: /\b(the|this|through the) house\b/i, say: 'architecture' },
  { word: /\bthrough one door\b/i, say: 'through one handler' },
];

/** Riddles, metaphors and replaced terms. */
const IN_PROSE: Rule[] = [
  {
    word: /\b(nobody|somebody|anybody|whoever)\b/i,
    say: 'name the subject',
    // a user of the system, and tests of such rules
    except: /test\/support\/db\/pgbouncer|conventions\.test|check-commits\.test/,
  },
  { word: /\bwho asks\b/i, say: 'caller', except: /conventions\.test/ },
  { word: /\bon the record\b/i, say: 'audited' },
  { word: /\bthe company.s record\b/i, say: 'audit log' },
  { word: /\banew\b/i, say: 'again', except: /conventions\.test/ },
  { word: /\b(is|was|been) proven\b/i, say: 'verified' },
  { word: /\bwho somebody is\b/i, say: 'identity' },
];

const PROSE =
  /^(src\/|test\/|prisma\/|scripts\/|bench\/|examples\/|docs\/|README|SECURITY|CONTRIBUTING|CHANGELOG|\.env\.example)/;
const GENERATED =
  /\.gen\.ts$|\/generated\/|^bench\/(results|peers)\/|\.(svg|json)$|^prisma\/structure\.sql$|node_modules/;
/** They contain the words as data. */
const ABOUT_WORDS = /check-words/;

const WIDE_COMMENT = /^\s*(\/\/|\/?\*\*?) (?!biome-ignore)/;

/** Returns each comment line of a file of code that is wider than 100 columns. */
export function wideComments(path: string, text: string): string[] {
  if (!/\.(ts|mjs|cjs)$/.test(path)) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      line.length > 100 && WIDE_COMMENT.test(line)
        ? [`${path}:${index + 1}: a comment of ${line.length} columns: wrap it at 100`]
        : [],
    );
}

/** Returns each replaced word of a file as `path:line: "word": say …`. */
export function replacedWords(path: string, text: string): string[] {
  const rules = [...EVERYWHERE, ...(PROSE.test(path) ? IN_PROSE : [])].filter(
    ({ except }) => !except?.test(path),
  );
  return text.split('\n').flatMap((line, index) =>
    rules.flatMap(({ word, say }) => {
      const found = word.exec(line)?.[0];
      return found ? [`${path}:${index + 1}: "${found}": say ${say}`] : [];
    }),
  );
}

if (import.meta.main) {
  const files = globSync([
    '{src,prisma,scripts,bench,examples,test}/**/*.{ts,js,mjs,sql,prisma,md,html,graphql}',
    'docs/**/*.md',
    '*.md',
    '.env.example',
    'schema.graphql',
  ]).filter((path) => !GENERATED.test(path) && !ABOUT_WORDS.test(path));
  const problems = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return [...replacedWords(path, text), ...wideComments(path, text)];
  });
  for (const problem of problems) console.error(problem);
  console.log(`${files.length} files, ${problems.length} replaced words and wide comments`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
