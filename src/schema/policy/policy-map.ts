import { type GraphQLObjectType, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import {
  isPermission,
  type Permission,
  permissions,
  type RoleDefinition,
  roles,
} from '../../auth/authorization/permissions.ts';
import { guarantees, type ModelName } from '../../db/guarantees.gen.ts';
import { publicFields, type Rule, ruleOf } from '../core/authorization-rules.ts';
import { authorizationOptions, modelOf, unsupportedOptions } from '../core/pothos-extensions.ts';

/** One line of the policy map: who may use a field or operation, and on which rows. */
export type PolicyLine = {
  type: string;
  field: string;
  /**
   * `public`, `authenticated` (users and API keys), `signedIn` (users), or the required permission.
   * A field with a rule of its own requires the rule of its type too.
   */
  access: string;
  /** The column that names the owner of a row, who may read it without the permission. */
  self: string | null;
  /** Whether the rule is that of the type. */
  inherited: boolean;
  /** The columns that the access scope compares, from @visible of the model. */
  visibility: string | null;
  roles: string[];
  event: string | null;
  /** Whether users past their grace period for MFA are refused (ENROLMENT_REQUIRED). */
  mfa: boolean;
  /** Whether a recent second factor is required (STEP_UP_REQUIRED). */
  stepUp: boolean;
};

/** Types without data of their own: open to the callers of the field that returns them. */
const CARRIES_NOTHING = /(Connection|Edge)$|^PageInfo$/;

/**
 * Returns the authorization policy, read from the schema that enforces it. Throws when a type or
 * field has no sound rule: the server does not start.
 */
export function policyMap(schema: GraphQLSchema): PolicyLine[] {
  const problems: string[] = [];
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith('__'),
  );
  const payloads = payloadRules(schema);
  problems.push(...sharedPayloads(types as GraphQLObjectType[]));
  const lines = types.flatMap((type) => linesOf(type as GraphQLObjectType, payloads, problems));
  if (problems.length > 0)
    throw new Error(
      `Every type and field needs a scope or a rule. These have none that is sound:\n  ${problems.join('\n  ')}`,
    );
  return lines.sort((a, b) => (`${a.type}.${a.field}` < `${b.type}.${b.field}` ? -1 : 1));
}

/** Returns the rule of each payload type: that of the one mutation that returns it. */
function payloadRules(schema: GraphQLSchema): Map<string, Rule | null> {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  return new Map(
    mutations.map((field) => [getNamedType(field.type).name, ruleOf(authorizationOptions(field).authScopes)]),
  );
}

/**
 * Returns the fields that return the payload of another mutation, whose rule would not hold for
 * them.
 */
const sharedPayloads = (types: GraphQLObjectType[]): string[] =>
  types.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => {
        const { name } = getNamedType(field.type);
        const own = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Payload`;
        return name.endsWith('Payload') && (type.name !== 'Mutation' || name !== own);
      })
      .map((field) => `${type.name}.${field.name} (returns the payload of another mutation)`),
  );

/** Returns the fields that require no credential, such as `Mutation.signIn`. */
export const publicFieldsOf = (schema: GraphQLSchema): string[] =>
  policyMap(schema)
    .filter(({ access }) => access === 'public')
    .map(({ type, field }) => `${type}.${field}`);

function linesOf(
  type: GraphQLObjectType,
  payloads: Map<string, Rule | null>,
  problems: string[],
): PolicyLine[] {
  const ofType = authorizationOptions(type).authScopes;
  const model = modelOf(type) as ModelName | undefined;
  if ((ofType !== undefined && !sound(ruleOf(ofType))) || unsupportedOptions(type).length > 0)
    problems.push(`${type.name} (the type)`);
  return Object.values(type.getFields()).map((field) => {
    const own = authorizationOptions(field).authScopes;
    const payload = own === undefined && type.name.endsWith('Payload') ? payloads.get(type.name) : undefined;
    const rule =
      own === undefined && CARRIES_NOTHING.test(type.name)
        ? { authenticated: true as const }
        : (payload ?? ruleOf(own ?? ofType));
    const name = `${type.name}.${field.name}`;
    const unlisted = !payload && rule?.public && !publicFields.includes(own === undefined ? type.name : name);
    if (!sound(rule) || unlisted || unsupportedOptions(field).length > 0) problems.push(name);
    const { command, stepUp } = field.extensions as { command?: { event: string }; stepUp?: boolean };
    const rules: [Rule, Rule] = [(own === undefined ? null : ruleOf(ofType)) ?? {}, rule ?? {}];
    const operation = { event: command?.event ?? null, stepUp: stepUp === true };
    return line(type.name, field.name, rules, own === undefined, model, operation);
  });
}

const sound = (rule: Rule | null): boolean =>
  rule !== null &&
  (rule.public === true ||
    rule.authenticated === true ||
    rule.signedIn === true ||
    rule.enrolling === true ||
    (rule.can !== undefined && isPermission(rule.can)));

function line(
  type: string,
  field: string,
  rules: [ofType: Rule, own: Rule],
  inherited: boolean,
  model: ModelName | undefined,
  operation: Pick<PolicyLine, 'event' | 'stepUp'>,
): PolicyLine {
  const { read: _, ...visible } = (model && guarantees[model]?.visible) ?? { read: '' };
  return {
    type,
    field,
    access: accessOf(rules),
    self: rules[1].self ?? null,
    inherited,
    visibility:
      Object.entries(visible)
        .map(([dimension, column]) => `${dimension}=${column}`)
        .join(' ') || null,
    roles: rolesWith(rules),
    event: operation.event,
    mfa: rules.some(
      ({ can, authenticated, signedIn }) => can !== undefined || (authenticated ?? signedIn) === true,
    ),
    stepUp: operation.stepUp,
  };
}

function accessOf([ofType, own]: [Rule, Rule]): string {
  const required = [...new Set([ofType.can, own.can])].filter((permission) => permission !== undefined);
  return required.join(' and ') || (own.public ? 'public' : own.authenticated ? 'authenticated' : 'signedIn');
}

/**
 * Returns the built-in roles with all required permissions. A read-only role holds no permission to
 * write.
 */
function rolesWith(rules: Rule[]): string[] {
  const all = Object.entries(roles) as [string, RoleDefinition][];
  return all.filter(([, role]) => rules.every(({ can }) => !can || holds(role, can))).map(([name]) => name);
}

const holds = (role: RoleDefinition, permission: Permission) =>
  role.permissions.includes(permission) && !(role.readOnly && permissions[permission].writes);

/** Returns the map as CSV (RFC 4180), one line a field. */
export function policyCsv(lines: PolicyLine[]): string {
  const columns = [
    ...(['type', 'field', 'access', 'self', 'inherited', 'visibility', 'roles', 'event'] as const),
    ...(['mfa', 'stepUp'] as const),
  ];
  const cell = (value: unknown) =>
    `"${String(Array.isArray(value) ? value.join(' ') : (value ?? '')).replaceAll('"', '""')}"`;
  return [
    columns.join(','),
    ...lines.map((row) => columns.map((column) => cell(row[column])).join(',')),
  ].join('\r\n');
}
