import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Config } from '../../config.ts';
import { emailTokenForms } from './email-token-forms.ts';
import { type DemoLogin, landingPage } from './landing.ts';
import { devMailboxPage } from './mailbox.ts';
import { styleRoute } from './page.ts';

export type { DemoLogin } from './landing.ts';

/** Registers the pages of development; nothing in staging and production. */
export function devPages(
  app: FastifyInstance,
  { env, mail }: Pick<Config, 'env' | 'mail'>,
  schema: GraphQLSchema,
  logins: readonly DemoLogin[] = [],
): void {
  if (env !== 'development') return;
  styleRoute(app);
  landingPage(app, logins);
  emailTokenForms(app, schema);
  if (mail.kind === 'folder') devMailboxPage(app, mail.folder);
}
