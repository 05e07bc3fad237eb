// One import a noun: a new type goes here.
import './scalars.ts';
import './structure.ts';
import './member.ts';
import './role.ts';
import './employee.ts';
import './attendance.ts';
import './payroll.ts';
import './viewer.ts';
import './language.ts';
import './second-factor.ts';
import './own-factors.ts';
import './recovery.ts';
import './mfa-administration.ts';
import './password.ts';
import './invitation.ts';
import './sign-up.ts';
import './sign-in-policy.ts';
import './token.ts';
import './service-account.ts';
import './signing-key.ts';
import './passkey.ts';
import './passkey-sign-in.ts';
import './platform.ts';
import './audit-event.ts';
import './policies.ts';
import { builder } from './builder.ts';
import { policyMap } from './policy-map.ts';
import { refuseSealedExposure } from './sealed-exposure.ts';

/** The schema, or an error that names every field without a sound rule and every sealed column that is exposed unopened. */
export function buildSchema() {
  const schema = builder.toSchema();
  policyMap(schema);
  refuseSealedExposure(schema);
  return schema;
}
