import { Agent, request } from 'node:http';

export type Asked = { code: string; message?: string; data?: unknown };
export type Headers = Record<string, string>;

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/**
 * One operation over HTTP; `code` is that of the first error, `ok`, or the connection's failure.
 */
export const ask = (url: string, body: object, headers: Headers = {}): Promise<Asked> =>
  new Promise((resolve) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(answerOf(text)));
        response.on('error', (error) => resolve({ code: error.message }));
      },
    );
    sent.on('error', (error) => resolve({ code: error.message }));
    sent.end(JSON.stringify(body));
  });

function answerOf(text: string): Asked {
  try {
    const { data, errors } = JSON.parse(text);
    return { code: errors?.[0]?.extensions?.code ?? 'ok', message: errors?.[0]?.message, data };
  } catch {
    return { code: 'not JSON' };
  }
}

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
/** From an address of its own, so that no limit by address ends the load. */
export const signIn = (url: string, index: number, email: string, password: string) =>
  ask(
    url,
    { query: SIGN_IN, variables: { input: { email, password } } },
    { 'x-forwarded-for': addressOf(index) },
  );

const addressOf = (index: number) =>
  `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`;

/** How long a subscriber stays at most; milliseconds. */
const STAY = 5_000;

/**
 * Replays events from the start: leaves after `most` of them, after some seconds, or when it is
 * refused.
 */
export const replay = (url: string, token: string, most: number): Promise<Asked> =>
  new Promise((resolve) => {
    const query = 'subscription { auditEvents(after: "0") { cursor action } }';
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer(token) };
    const sent = request(url, { method: 'POST', headers }, (response) => {
      setTimeout(() => sent.destroy(), STAY).unref();
      let [events, refused] = [0, ''];
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        refused ||= /"code":"(\w+)"/.exec(chunk)?.[1] ?? '';
        events += chunk.split('event: next').length - 1;
        if (refused || events >= most) sent.destroy();
      });
      response.on('close', () => resolve({ code: refused || 'ok', data: events }));
    });
    sent.on('error', (error) => resolve({ code: error.message }));
    sent.end(JSON.stringify({ query }));
  });
