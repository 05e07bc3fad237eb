import { z } from 'zod';
import { requireKnownRoles } from '../../auth/authorization/role-definition.ts';
import { roleDefinition } from '../../auth/authorization/roles.ts';
import { SIGN_UP_LEVEL } from '../../auth/rights/check.ts';
import { AppError, invalidInput } from '../../errors.ts';
import { command } from '../command.ts';
import { text } from '../input.ts';
import { catalogueOf } from './role.ts';

const whole = (min: number, max: number) =>
  z
    .int('expected a whole number')
    .min(min, `expected ${min} to ${max}`)
    .max(max, `expected ${min} to ${max}`);
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'expected a domain such as example.com');
const roles = z.array(text(64)).max(20, 'expected at most 20 roles');

const policy = z
  .object({
    signUpMode: z.enum(['open', 'domain', 'invitation', 'approval']),
    signUpDomains: z.array(domain).max(50, 'expected at most 50 domains'),
    signUpRoles: roles.min(1, 'expected at least one role'),
    passwordPreset: z.enum(['classic', 'nist']),
    isMfaRequired: z.boolean(),
    mfaRoles: roles,
    mfaGraceDays: whole(0, 90),
    stepUpMinutes: whole(1, 60),
    trustedDeviceDays: whole(0, 90),
    sessionIdleMinutes: whole(5, 60 * 24 * 7),
    sessionAbsoluteHours: whole(1, 24 * 90),
  })
  .partial();

/**
 * Sets the company's sign-in policy; omitted settings stay. Longer sessions are shortened at once.
 */
export const setSignInPolicy = command({
  event: 'signInPolicy.changed',
  entity: 'SignInPolicy',
  permission: 'security.write',
  stepUp: true,
  input: policy,
  run: async ({ tx, input, row, key, lock, query, shortenSessions }) => {
    await lock('sign-in policy');
    const catalogue = await catalogueOf(tx);
    requireKnownRoles(input.signUpRoles ?? [], catalogue);
    for (const name of input.signUpRoles ?? [])
      if ((roleDefinition(name, catalogue)?.level ?? 0) > SIGN_UP_LEVEL) throw tooHigh(name);
    const { isMfaRequired: mfaRequired, ...rest } = input;
    const data = definedOf({ mfaRequired, ...rest });
    const own = await tx.signInPolicy.findFirst();
    const saved = own
      ? await tx.signInPolicy.update({ where: key(own.id), data })
      : await tx.signInPolicy.create({ data: { ...row(), ...data } });
    if (saved.signUpMode === 'domain' && saved.signUpDomains.length === 0) throw noDomain();
    await shortenSessions({
      idle: saved.sessionIdleMinutes * 60,
      absolute: saved.sessionAbsoluteHours * 3600,
    });
    return tx.signInPolicy.findFirstOrThrow({ where: { id: saved.id }, ...query });
  },
});

const definedOf = (settings: object) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

const tooHigh = (name: string) =>
  new AppError('INVALID_INPUT', `The role ${name} cannot be given at sign-up.`, {
    fields: { 'input.signUpRoles': `expected roles of level ${SIGN_UP_LEVEL} or less` },
  });
const noDomain = () => invalidInput({ 'input.signUpDomains': 'expected at least one domain' });
