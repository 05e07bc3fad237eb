import auditLog from './generated/relay/relayAuditLogSubscription.graphql.ts';
import employees from './generated/relay/relayEmployeesQuery.graphql.ts';
import setSalary from './generated/relay/relaySetSalaryMutation.graphql.ts';

const artifacts = [auditLog, employees, setSalary];

/**
 * Returns the compiled document, which babel-plugin-relay or @swc/plugin-relay put in its place in
 * a front end's build.
 */
export function graphql([text = '']: TemplateStringsArray) {
  const artifact = artifacts.find(({ params }) => text.includes(` ${params.name}(`));
  if (!artifact) throw new Error(`run relay-compiler, and add the artifact of ${text} to relay-artifacts.ts`);
  return artifact;
}
