import type { Deliver } from './message.ts';

/**
 * Sends text messages over Twilio's API or a compatible one: POST
 * /2010-04-01/Accounts/{account}/Messages.json, form-encoded, with Basic authentication.
 */
export const smsOverHttp =
  ({ url, account, token, from }: { url: string; account: string; token: string; from: string }): Deliver =>
  async ({ to, text }) => {
    const answer = await fetch(`${url}/2010-04-01/Accounts/${account}/Messages.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}` },
      body: new URLSearchParams({ To: to, From: from, Body: text }),
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the SMS provider answered ${answer.status}`);
  };
