import { issueTokens, refreshTokens, type Tokens } from '../../auth/tokens/use-cases.ts';
import type { SchemaTypes } from '../core/builder.ts';
import { mutation } from '../core/mutation.ts';

/** Declares the payload fields of a new pair of tokens. */
const tokenFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Tokens>) => ({
  accessToken: t.exposeString('accessToken', {
    description: 'A JWT (RFC 9068) for `Authorization: Bearer`. Shown this once.',
  }),
  expiresIn: t.exposeInt('expiresIn', { description: 'Seconds until the access token expires.' }),
  refreshToken: t.exposeString('refreshToken', {
    description: 'For `refreshTokens`, once. Keep it where other apps cannot read it. Shown this once.',
  }),
  refreshTokenExpiresAt: t.expose('refreshExpiresAt', {
    type: 'DateTime',
    description: 'When the refresh token expires.',
  }),
});

mutation('issueTokens', issueTokens, {
  description:
    'Continues this sign-in with tokens, for mobile apps and other clients that keep no cookie. The session token and its cookie end.',
  payload: tokenFields,
  resolve: async (_input, context) => {
    const tokens = await context.execute(issueTokens);
    context.cookies.clearSession();
    return tokens;
  },
});
mutation('refreshTokens', refreshTokens, {
  description:
    'Gives the next pair of tokens. The refresh token ends: within ten seconds it still gives the same pair, later it ends the session.',
  rateLimit: { points: 60, per: 60 },
  input: (t) => ({
    refreshToken: t.string({ required: true, description: 'The refresh token of the last pair.' }),
  }),
  payload: tokenFields,
});
