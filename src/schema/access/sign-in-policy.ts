import { defaultPolicy } from '../../auth/authorization/sign-in-policy.ts';
import { setSignInPolicy } from '../../domain/access/sign-in-policy.ts';
import { builder } from '../core/builder.ts';
import { allowedBy } from '../core/fields.ts';

const SignUpMode = builder.enumType('SignUpMode', {
  description:
    'Who may join: `open`, everybody; `domain`, addresses of some domains; `invitation`, who is invited; `approval`, who is approved.',
  values: ['open', 'domain', 'invitation', 'approval'] as const,
});
const PasswordPreset = builder.enumType('PasswordPreset', {
  description:
    '`classic`: 12 characters of 3 kinds, not one of the last 5. `nist`: 15 characters, or 8 beside a second factor, of any kind (SP 800-63B-4).',
  values: ['classic', 'nist'] as const,
});

type Policy = typeof defaultPolicy & {
  signUpMode: typeof SignUpMode.$inferType;
  signUpDomains: string[];
  signUpRoles: string[];
};
/** As the table's own defaults have it. */
const unset: Policy = {
  ...defaultPolicy,
  signUpMode: 'invitation',
  signUpDomains: [],
  signUpRoles: ['client'],
};

const SignInPolicy = builder.objectRef<Policy>('SignInPolicy').implement({
  description: 'How people of this company sign up and in.',
  authScopes: { can: 'security.read' },
  fields: (t) => ({
    signUpMode: t.expose('signUpMode', { type: SignUpMode }),
    signUpDomains: t.exposeStringList('signUpDomains'),
    signUpRoles: t.exposeStringList('signUpRoles', { description: 'What who signs up by themselves gets.' }),
    passwordPreset: t.expose('passwordPreset', { type: PasswordPreset }),
    mfaRequired: t.exposeBoolean('mfaRequired', { description: 'Of everybody; else of `mfaRoles`.' }),
    mfaRoles: t.exposeStringList('mfaRoles'),
    mfaGraceDays: t.exposeInt('mfaGraceDays'),
    stepUpMinutes: t.exposeInt('stepUpMinutes'),
    trustedDeviceDays: t.exposeInt('trustedDeviceDays'),
    sessionIdleMinutes: t.exposeInt('sessionIdleMinutes', {
      description: 'At most; higher roles have shorter limits of their own.',
    }),
    sessionAbsoluteHours: t.exposeInt('sessionAbsoluteHours'),
  }),
});

builder.queryField('signInPolicy', (t) =>
  t.field({
    type: SignInPolicy,
    authScopes: { can: 'security.read' },
    resolve: async (_root, _args, { db }) => (await db.signInPolicy.findFirst()) ?? unset,
  }),
);

const SetSignInPolicyInput = builder.inputType('SetSignInPolicyInput', {
  description: 'What is left out stays as it is.',
  fields: (t) => ({
    signUpMode: t.field({ type: SignUpMode }),
    signUpDomains: t.stringList(),
    signUpRoles: t.stringList(),
    passwordPreset: t.field({ type: PasswordPreset }),
    mfaRequired: t.boolean(),
    mfaRoles: t.stringList(),
    mfaGraceDays: t.int(),
    stepUpMinutes: t.int(),
    trustedDeviceDays: t.int(),
    sessionIdleMinutes: t.int(),
    sessionAbsoluteHours: t.int(),
  }),
});

builder.mutationField('setSignInPolicy', (t) =>
  t.field({
    type: SignInPolicy,
    args: { input: t.arg({ type: SetSignInPolicyInput, required: true }) },
    ...allowedBy(setSignInPolicy),
    resolve: (_root, { input }, context) => context.execute(setSignInPolicy, given(input)),
  }),
);

/** null says no more than leaving it out. */
const given = (input: object) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
