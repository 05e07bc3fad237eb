import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type GraphQLSchema, getNamedType, isLeafType } from 'graphql';
import { escaped, sendPage } from './page.ts';

type Form = { title: string; mutation: string; password?: 'required' | 'optional'; submit: string };

/**
 * The pages that mails link to (`linkTo` of src/notifications), by path. A real front end has its
 * own.
 */
export const FORMS: Record<string, Form> = {
  'reset-password': {
    title: 'Reset password',
    mutation: 'resetPassword',
    password: 'required',
    submit: 'Set password',
  },
  'verify-email': { title: 'Verify e-mail', mutation: 'verifyEmail', password: 'optional', submit: 'Verify' },
  'accept-invitation': {
    title: 'Accept invitation',
    mutation: 'acceptInvitation',
    password: 'optional',
    submit: 'Accept',
  },
  'unlock-account': { title: 'Unlock account', mutation: 'unlockAccount', submit: 'Unlock' },
  recover: { title: 'Remove second factors', mutation: 'recoverAccount', submit: 'Remove' },
  'verify-recovery-email': {
    title: 'Verify recovery e-mail',
    mutation: 'verifyRecoveryEmail',
    submit: 'Verify',
  },
};

const SCRIPT = readFileSync(join(import.meta.dirname, 'email-token-form.client.js'), 'utf8');

/**
 * Serves the forms and their script in development. The token stays in the fragment of the address
 * until it is submitted.
 */
export function emailTokenForms(app: FastifyInstance, schema: GraphQLSchema): void {
  app.get('/dev/email-token-form.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(SCRIPT),
  );
  for (const [path, form] of Object.entries(FORMS)) {
    const html = formHtml(form, documentOf(schema, form.mutation));
    app.get(`/${path}`, async (_request, reply) => sendPage(reply, form.title, html));
  }
}

/**
 * Returns the mutation with `$input`, read from the schema, so that a renamed one fails at start.
 */
function documentOf(schema: GraphQLSchema, name: string): string {
  const field = schema.getMutationType()?.getFields()[name];
  const input = field?.args.find((argument) => argument.name === 'input');
  if (!field || !input) throw new Error(`email-token-forms: the schema has no mutation ${name}(input:)`);
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return `mutation ($input: ${input.type}) { ${name}(input: $input)${selection} }`;
}

const formHtml = ({ password, submit }: Form, document: string): string => `
<p>A small page of development for the link in a mail; your front end has its own.</p>
<form data-document="${escaped(document)}">${password ? passwordField(password) : ''}
<button>${escaped(submit)}</button><output></output></form>
<p><a href="/dev/mail">Mailbox</a> <a href="/graphql">GraphiQL</a></p><script src="/dev/email-token-form.js"></script>`;

const passwordField = (need: 'required' | 'optional'): string =>
  need === 'required'
    ? '<label>New password <input name="password" type="password" autocomplete="new-password" required></label>'
    : '<label>Password, for a new account <input name="password" type="password" autocomplete="new-password"></label>';
