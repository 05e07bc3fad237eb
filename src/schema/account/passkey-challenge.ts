import type { Ceremony } from '../../auth/passkeys/options.ts';
import { builder } from '../core/builder.ts';

/** What begins a ceremony in the browser. It tells about nobody but who gave their password or has a session. */
export const PasskeyChallenge = builder.objectRef<Ceremony<object>>('PasskeyChallenge').implement({
  authScopes: { public: true }, // see publicFields in rules.ts
  fields: (t) => ({
    challengeId: t.exposeString('challengeId', { description: 'Works once, for five minutes.' }),
    options: t.expose('options', {
      type: 'JSON',
      description: '`optionsJSON` of @simplewebauthn/browser, or what `parseRequestOptionsFromJSON` takes.',
    }),
  }),
});
