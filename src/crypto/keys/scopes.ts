/**
 * The key scopes of sealed columns. Each has its own data keys per company; a team adds a line
 * here.
 */
export const KEY_SCOPES = {
  pii: 'personal and pay data',
  mfa: 'secrets of second factors',
  hipaa: 'health data',
  secret: 'credentials of other systems',
} as const;

export type KeyScope = keyof typeof KEY_SCOPES;
export const isKeyScope = (name: string): name is KeyScope => Object.hasOwn(KEY_SCOPES, name);
