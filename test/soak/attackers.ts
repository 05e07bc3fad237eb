/**
 * A process of its own: distinct documents, sign-ins and replays, each at its rate. Reads a job
 * from standard input and prints how
 * often each got which answer.
 */
import { text } from 'node:stream/consumers';
import { ask, bearer, replay, signIn } from './client.ts';
import { pace } from './pace.ts';

/** `tokens` are of users who may read the audit log. */
export type AttackJob = {
  url: string;
  seconds: number;
  signInsPerSecond: number;
  documents: number;
  replays: number;
  tokens: string[];
};
export type Answers = Record<string, Record<string, number>>;

const EVENTS = 300;

const job = JSON.parse(await text(process.stdin)) as AttackJob;
const answers: Answers = {};
const count = (kind: string, { code }: { code: string }) => {
  const codes = answers[kind] ?? {};
  answers[kind] = codes;
  codes[code] = (codes[code] ?? 0) + 1;
};
const tokenOf = (index: number) => job.tokens[index % job.tokens.length] as string;
const spread = (total: number) => total / job.seconds;

/**
 * Some 2,000 characters and 500 tokens that no other document has; every second one is valid and
 * authenticated.
 */
async function document(index: number): Promise<void> {
  const fields = Array.from(
    { length: 28 },
    (_, n) => `a${index}x${n}: viewer { user { id email name } }`,
  ).join(' ');
  const spelled = `query q${index} { ${fields} } # ${'x'.repeat(200)}`;
  count('documents', await ask(job.url, { query: spelled }, index % 2 ? bearer(tokenOf(index)) : {}));
}

await Promise.all([
  pace(job.signInsPerSecond, job.seconds, async (index) => {
    const email = `${crypto.randomUUID()}@soak.example`;
    count('sign-ins', await signIn(job.url, index, email, 'wrong-Password-1'));
  }),
  pace(spread(job.documents), job.seconds, document),
  pace(spread(job.replays), job.seconds, async (index) =>
    count('replays', await replay(job.url, tokenOf(index), EVENTS)),
  ),
]);
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
