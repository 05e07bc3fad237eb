import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendPage, styleRoute } from './page.ts';

const SCRIPT = readFileSync(join(import.meta.dirname, 'sign-in.client.js'), 'utf8');

/** Serves the script and the style of the sign-in page in staging; a browser gets the page where GraphiQL would be. */
export function signInAssets(app: FastifyInstance): void {
  styleRoute(app);
  app.get('/page/sign-in.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
}

/** Sends the sign-in page: for anonymous callers, and for users who may not open GraphiQL. */
export const sendSignInPage = (reply: FastifyReply, isSignedIn: boolean): FastifyReply =>
  sendPage(reply, 'Sign in', `${isSignedIn ? REFUSED : INTRODUCTION}${FORMS}`);

const INTRODUCTION = '<p>GraphiQL is for platform administrators.</p>';
const REFUSED = `<p>This account may not open GraphiQL: it is not a platform administrator, or has to enrol a second factor
first. Sign in with another account.</p>`;

const FORMS = `
<form id="password"><label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button><button type="button" id="passkey">Sign in with a passkey</button></form>
<form id="factor" hidden><label>Method <select name="method"></select></label>
<label>Code <input name="code" autocomplete="one-time-code" required></label>
<button type="button" id="send" hidden>Send a code</button><button>Verify</button></form>
<output></output><script src="/page/sign-in.js"></script>`;
