import { defaultPolicy } from '../../auth/authorization/sign-in-policy.ts';
import { setSignInPolicy } from '../../domain/access/sign-in-policy.ts';
import { builder } from '../core/builder.ts';
import { enumOf } from '../core/enum.ts';
import { mutation } from '../core/mutation.ts';

const SignUpMode = enumOf('SignUpMode', 'Who may sign up to the company.', {
  open: 'Any user.',
  domain: 'Email addresses of some domains.',
  invitation: 'Only those who are invited.',
  approval: 'Those whose request a member approves.',
});
const PasswordPreset = enumOf('PasswordPreset', 'The rules for passwords.', {
  classic: 'At least 12 characters of 3 kinds, and not one of the last 5 passwords.',
  nist: 'At least 15 characters, or 8 beside a second factor, of any kind (NIST SP 800-63B-4).',
});

type Policy = typeof defaultPolicy & {
  signUpMode: typeof SignUpMode.$inferType;
  signUpDomains: string[];
  signUpRoles: string[];
};
/** The defaults of the table, for a company without a row. */
const unset: Policy = {
  ...defaultPolicy,
  signUpMode: 'invitation',
  signUpDomains: [],
  signUpRoles: ['client'],
};

/** The description of each setting, in the type and in the input. */
const texts = {
  signUpMode: 'Who may sign up to the company.',
  signUpDomains: 'The domains whose addresses may sign up, with the mode `DOMAIN`.',
  signUpRoles: 'The names of the roles of users who sign up by themselves.',
  passwordPreset: 'The rules for passwords.',
  isMfaRequired: 'Whether every member must have a second factor; otherwise those with `mfaRoles` must.',
  mfaRoles: 'The names of the roles that require a second factor.',
  mfaGraceDays: 'How many days a member has to add a required second factor.',
  stepUpMinutes: 'How many minutes a second factor counts as recent.',
  trustedDeviceDays: 'How many days a trusted device needs no second factor.',
  sessionIdleMinutes: 'After how many unused minutes a session expires, unless a role sets a shorter limit.',
  sessionAbsoluteHours: 'After how many hours a session expires, unless a role sets a shorter limit.',
};

const SignInPolicy = builder.objectRef<Policy>('SignInPolicy').implement({
  description: 'How users of the company sign up and sign in.',
  authScopes: { can: 'security.read' },
  fields: (t) => ({
    signUpMode: t.expose('signUpMode', { type: SignUpMode, description: texts.signUpMode }),
    signUpDomains: t.exposeStringList('signUpDomains', { description: texts.signUpDomains }),
    signUpRoles: t.exposeStringList('signUpRoles', { description: texts.signUpRoles }),
    passwordPreset: t.expose('passwordPreset', { type: PasswordPreset, description: texts.passwordPreset }),
    isMfaRequired: t.exposeBoolean('mfaRequired', { description: texts.isMfaRequired }),
    mfaRoles: t.exposeStringList('mfaRoles', { description: texts.mfaRoles }),
    mfaGraceDays: t.exposeInt('mfaGraceDays', { description: texts.mfaGraceDays }),
    stepUpMinutes: t.exposeInt('stepUpMinutes', { description: texts.stepUpMinutes }),
    trustedDeviceDays: t.exposeInt('trustedDeviceDays', { description: texts.trustedDeviceDays }),
    sessionIdleMinutes: t.exposeInt('sessionIdleMinutes', { description: texts.sessionIdleMinutes }),
    sessionAbsoluteHours: t.exposeInt('sessionAbsoluteHours', { description: texts.sessionAbsoluteHours }),
  }),
});

builder.queryField('signInPolicy', (t) =>
  t.field({
    type: SignInPolicy,
    description: 'How users of the company sign up and sign in.',
    authScopes: { can: 'security.read' },
    resolve: async (_root, _args, { db }) => (await db.signInPolicy.findFirst()) ?? unset,
  }),
);

mutation('setSignInPolicy', setSignInPolicy, {
  description: 'Changes the given settings; a setting that is not given stays as it is.',
  input: (t) => ({
    signUpMode: t.field({ type: SignUpMode, description: texts.signUpMode }),
    signUpDomains: t.stringList({ description: texts.signUpDomains }),
    signUpRoles: t.stringList({ description: texts.signUpRoles }),
    passwordPreset: t.field({ type: PasswordPreset, description: texts.passwordPreset }),
    isMfaRequired: t.boolean({ description: texts.isMfaRequired }),
    mfaRoles: t.stringList({ description: texts.mfaRoles }),
    mfaGraceDays: t.int({ description: texts.mfaGraceDays }),
    stepUpMinutes: t.int({ description: texts.stepUpMinutes }),
    trustedDeviceDays: t.int({ description: texts.trustedDeviceDays }),
    sessionIdleMinutes: t.int({ description: texts.sessionIdleMinutes }),
    sessionAbsoluteHours: t.int({ description: texts.sessionAbsoluteHours }),
  }),
  payload: (t) => ({
    signInPolicy: t.field({
      type: SignInPolicy,
      description: 'The settings after the change.',
      resolve: (policy) => policy,
    }),
  }),
  resolve: (input, context) => context.execute(setSignInPolicy, given(input)),
});

/** Returns the settings that are given; null is not given. */
const given = (input: object) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
