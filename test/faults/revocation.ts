import { request } from 'node:http';
import { ask, bearer } from '../soak/client.ts';

const ROUNDS = 5;
const SUBSCRIPTION = 'subscription { auditEvents { cursor } }';
const SUSPEND = 'mutation ($input: SuspendMemberInput!) { suspendMember(input: $input) { member { id } } }';
const RESTORE = 'mutation ($input: RestoreMemberInput!) { restoreMember(input: $input) { member { id } } }';

/**
 * The server that serves the subscription, the one that suspends, and the session tokens of both
 * members.
 */
export type Revocation = {
  streams: string;
  changes: string;
  administrator: string;
  memberId: string;
  tokenOfMember: () => Promise<string>;
};

/**
 * Suspends a member of the company while another instance serves their subscription, several times
 * over.
 * @returns the longest time from the answer of `suspendMember` to the end of the stream, in
 * milliseconds (R6, L7)
 */
export async function slowestRevocation(given: Revocation): Promise<number> {
  let slowest = 0;
  for (let round = 0; round < ROUNDS; round++) slowest = Math.max(slowest, await revoke(given));
  return Math.round(slowest);
}

async function revoke(given: Revocation): Promise<number> {
  const { streams, changes, administrator, memberId, tokenOfMember } = given;
  const change = async (query: string) => {
    const { code } = await ask(changes, { query, variables: { input: { memberId } } }, bearer(administrator));
    if (code !== 'ok') throw new Error(`faults: changing the member answers ${code}`);
  };
  const stream = await subscribed(streams, await tokenOfMember());
  await change(SUSPEND);
  const began = performance.now();
  await stream.ended;
  const took = performance.now() - began;
  await change(RESTORE);
  return took;
}

/** Resolves once the stream is open. */
function subscribed(url: string, token: string): Promise<{ ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token) };
    const sent = request(url, { method: 'POST', headers }, (response) => {
      const ended = new Promise<void>((end) => response.once('close', end));
      response.once('data', () => resolve({ ended }));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ query: SUBSCRIPTION }));
  });
}
