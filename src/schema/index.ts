// One import a noun: a new type goes here.
import './core/scalars.ts';
import './core/nodes.ts';
import './organization/structure.ts';
import './access/member.ts';
import './access/role.ts';
import './access/team.ts';
import './people/employee.ts';
import './people/attendance.ts';
import './payroll/payroll-run.ts';
import './account/viewer.ts';
import './account/session.ts';
import './account/sign-in.ts';
import './account/factors.ts';
import './account/trusted-device.ts';
import './account/recovery.ts';
import './access/mfa-administration.ts';
import './account/password.ts';
import './access/invitation.ts';
import './account/sign-up.ts';
import './access/sign-in-policy.ts';
import './account/tokens.ts';
import './access/service-account.ts';
import './access/api-key.ts';
import './platform/signing-key.ts';
import './account/passkey.ts';
import './account/passkey-sign-in.ts';
import './platform/company.ts';
import './platform/system-health.ts';
import './platform/job.ts';
import './audit/audit-log.ts';
import './access/policies.ts';
import { specifiedDirectives } from 'graphql';
import { builder } from './core/builder.ts';
import { costDirectives } from './policy/cost-definitions.ts';
import { declareCosts } from './policy/costs.ts';
import { refuseUnknownReads, refuseUnnarrowedModels } from './policy/narrowing.ts';
import { policyMap } from './policy/policy-map.ts';
import { refuseSealedExposure } from './policy/sealed-exposure.ts';

/**
 * Returns the schema. Throws an error that names every field without a sound rule, every exposed
 * sealed column and every list without a length.
 */
export function buildSchema() {
  const schema = builder.toSchema({ directives: [...specifiedDirectives, ...costDirectives] });
  policyMap(schema);
  refuseSealedExposure(schema);
  refuseUnknownReads();
  refuseUnnarrowedModels(schema);
  declareCosts(schema);
  return schema;
}
