import { hashPassword, verifyPassword } from '../src/auth/password/hash.ts';
import { PASSWORD } from './seed.ts';
import type { Stage } from './stage.ts';

/**
 * Milliseconds, medians: a sign-in over HTTP, the password hash alone in this process, and what is
 * left of the first without the second.
 */
export type SignIn = { whole: number; hash: number; rest: number };

const TIMES = 30;
const SIGN_IN = 'mutation SignIn($input: SignInInput!) { signIn(input: $input) { sessionToken } }';

/** (h) One at a time; the hash and the sign-in in turns, so that both see the same machine. */
export async function measureSignIn({ servers, subjects }: Stage): Promise<SignIn> {
  const server = servers.find(({ name }) => name === 'guarded');
  if (!server) throw new Error('bench: sign-in is the guarded server’s');
  const stored = await hashPassword(PASSWORD);
  const [whole, hash]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < TIMES; turn++) {
    whole.push(await took(() => signIn(server.url, turn % subjects.length)));
    hash.push(await took(() => verifyPassword(stored, PASSWORD)));
  }
  const rest = whole.map((ms, turn) => ms - (hash[turn] as number));
  return { whole: median(whole), hash: median(hash), rest: median(rest) };
}

async function signIn(url: string, index: number): Promise<void> {
  const input = { email: `head-${index}@bench.example`, password: PASSWORD };
  const body = JSON.stringify({ query: SIGN_IN, variables: { input } });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const answer = (await response.json()) as { errors?: object };
  if (answer.errors) throw new Error(`bench: signIn answers ${JSON.stringify(answer.errors)}`);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const median = (numbers: number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
