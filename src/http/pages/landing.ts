import type { FastifyInstance } from 'fastify';
import { escaped, sendPage } from './page.ts';

/** An account of the demo data. All have the same password. */
export type DemoLogin = { email: string; password: string; company: string; roles: string[] };

const LINKS: Record<string, string> = {
  '/graphql': 'GraphiQL: the API, with a tab for each main guarantee',
  '/dev/mail': 'Mailbox: the mails that this server would have sent',
  '/health/ready': 'Readiness of database, migrations and keys',
  '/.well-known/jwks.json': 'Public keys of access tokens',
};

/** Serves `/` in development: what runs here, where to go, and the demo accounts. */
export function landingPage(app: FastifyInstance, logins: readonly DemoLogin[]): void {
  app.get('/', async (_request, reply) => sendPage(reply, 'Bulwark', links() + accounts(logins)));
}

const links = (): string =>
  `<p>A development server of the Bulwark GraphQL backend.</p><ul>${Object.entries(LINKS)
    .map(([path, text]) => `<li><a href="${path}">${path}</a> ${escaped(text)}</li>`)
    .join('')}</ul><p><code>npm run tour</code> shows each guarantee with its evidence.</p>`;

function accounts(logins: readonly DemoLogin[]): string {
  const [first] = logins;
  if (!first) return '';
  const rows = logins.map(
    ({ email, company, roles }) =>
      `<tr><td>${escaped(email)}</td><td>${escaped(company)}</td><td>${escaped(roles.join(', '))}</td></tr>`,
  );
  return `<h2>Demo accounts</h2><p>All have the password <code>${escaped(first.password)}</code></p>
<table><tr><th>E-mail</th><th>Company</th><th>Roles</th></tr>${rows.join('')}</table>`;
}
