import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendPage, styleRoute } from './page.ts';

const SCRIPTS = ['api', 'sign-in', 'enrol'];

/**
 * Serves the scripts and the style of the sign-in page in staging; a browser gets the page where
 * GraphiQL would be.
 */
export function signInAssets(app: FastifyInstance): void {
  styleRoute(app);
  for (const name of SCRIPTS) {
    const script = readFileSync(join(import.meta.dirname, `${name}.client.js`), 'utf8');
    app.get(`/page/${name}.js`, async (_request, reply) =>
      reply.type('text/javascript; charset=utf-8').send(script),
    );
  }
}

/**
 * Why GraphiQL is not shown: no session, one that may not open it, or one that must enrol first.
 */
export type NotInspecting = 'anonymous' | 'refused' | 'mustEnrol';

/** Sends the sign-in page; a user who must enrol a second factor first does so there. */
export const sendSignInPage = (reply: FastifyReply, why: NotInspecting): FastifyReply =>
  why === 'mustEnrol'
    ? sendPage(reply, 'Add a second factor', ENROLMENT, { images: 'data:' })
    : sendPage(reply, 'Sign in', `${why === 'refused' ? REFUSED : INTRODUCTION}${FORMS}`);

const INTRODUCTION = '<p>GraphiQL is for platform administrators.</p>';
const REFUSED = `<p>This account may not open GraphiQL: it is not a platform administrator. Sign in with another
account.</p>`;

const FORMS = `
<form id="password"><label>E-mail <input name="email" type="email" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button><button type="button" id="passkey">Sign in with a passkey</button></form>
<form id="factor" hidden><label>Method <select name="method"></select></label>
<label>Code <input name="code" autocomplete="one-time-code" required></label>
<button type="button" id="send" hidden>Send a code</button><button>Verify</button></form>
<output></output><script src="/page/sign-in.js" type="module"></script>`;

const ENROLMENT = `
<section id="enrolment"><p>This account requires a second factor. Add one to continue.</p>
<form><button type="button" id="totp">Use an authenticator app</button>
<button type="button" id="new-passkey">Use a passkey</button></form></section>
<form id="confirm" hidden><p>Scan this with an authenticator app, or type the secret.</p>
<img alt="QR code of the secret" width="196" height="196"><p>Secret: <code></code></p>
<label>Code of the app <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>
<button>Confirm</button></form>
<section id="codes" hidden><p>Your second factor is added. Keep these backup codes: each replaces it once, and they are
not shown again.</p><pre></pre><form><button type="button" id="continue">I have stored the codes</button></form></section>
<output></output><script src="/page/enrol.js" type="module"></script>`;
