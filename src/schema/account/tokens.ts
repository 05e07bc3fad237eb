import { issueTokens, refreshTokens, type Tokens } from '../../auth/tokens/use-cases.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';

const TokenPayload = builder.objectRef<Tokens>('TokenPayload').implement({
  description: 'For mobile apps and other clients that keep no cookie. Shown this once.',
  authScopes: { public: true }, // see publicFields in rules.ts
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'A JWT (RFC 9068) for `Authorization: Bearer`.',
    }),
    expiresIn: t.exposeInt('expiresIn', { description: 'Seconds until the access token expires.' }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'For `refreshTokens`, once. Keep it where other apps cannot read it.',
    }),
    refreshExpiresAt: t.expose('refreshExpiresAt', { type: 'DateTime' }),
  }),
});

const RefreshTokensInput = builder.inputType('RefreshTokensInput', {
  fields: (t) => ({ refreshToken: t.string({ required: true }) }),
});

builder.mutationFields((t) => ({
  issueTokens: t.field({
    type: TokenPayload,
    description: 'Goes on with this sign-in by tokens. Its session token and cookie end.',
    ...allowedBy(issueTokens),
    resolve: async (_root, _args, context) => {
      const tokens = await context.execute(issueTokens);
      context.cookies.clearSession();
      return tokens;
    },
  }),
  refreshTokens: t.field({
    type: TokenPayload,
    description:
      'The next pair. The refresh token ends; within ten seconds it still gives the same pair, later it ends the session.',
    args: { input: t.arg({ type: RefreshTokensInput, required: true }) },
    ...allowedBy(refreshTokens),
    resolve: (_root, { input }, context) => context.execute(refreshTokens, input),
  }),
}));
