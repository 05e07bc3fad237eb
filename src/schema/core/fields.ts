import type { Permission } from '../../auth/authorization/permissions.ts';
import type { IdentityCommand } from '../../auth/identity-command.ts';
import type { Context } from '../../context.ts';
import { open } from '../../crypto/fields/sealed.ts';
import type { Command } from '../../domain/command.ts';
import { AppError, invalidInput, notFound } from '../../errors.ts';
import { relayDescriptions } from './relay-descriptions.ts';

/** An id that no row has. */
const NONE = '00000000-0000-0000-0000-000000000000';

/**
 * The Relay id and look-up of a company's rows by (companyId, id), with the company of the actor.
 * `rowId` tells loaded-plugin.ts that the id is a column, so that it is not awaited. Text that is
 * no UUID finds no row.
 */
export const companyKey = {
  nullable: true,
  id: {
    resolve: (row: { id: string }) => row.id,
    description: relayDescriptions.idFieldOptions.description,
    extensions: { rowId: true },
  },
  findUnique: (id: string, { actor }: Context) => {
    if (!actor) throw notFound();
    return { key: { companyId: actor.companyId, id: uuidOrNone(id) } };
  },
} as const;

/** The Relay id and look-up of the company itself. */
export const companyItselfKey = {
  nullable: true,
  id: companyKey.id,
  findUnique: (id: string) => ({ id: uuidOrNone(id) }),
} as const;

const uuidOrNone = (id: string) => (isUuid(id) ? id : NONE);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Returns whether text has the form of a UUID (RFC 9562 § 4). */
export const isUuid = (text: string): boolean => UUID.test(text);

const openings = new WeakSet<object>();

/** Opens a sealed column, after the rule of its field has passed. */
export function opened<Column extends string>(column: Column) {
  const resolve = (row: Record<Column, string | null>) => open(row[column]);
  openings.add(resolve);
  return resolve;
}

/** Returns whether a resolver opens a sealed column. */
export const isOpening = (resolve: unknown): boolean =>
  typeof resolve === 'function' && openings.has(resolve);

/**
 * Returns the redacted form for readers without the permission of the field. It requires that of
 * the type, because a mask shows something too.
 */
export const redacted =
  <Row>(can: Permission, shown: (row: Row) => string | null) =>
  (row: Row & { companyId: string }, _args: object, { actor, failures }: Context) => {
    if (actor?.can(can) && actor.companyId === row.companyId) return shown(row);
    failures.deny(can);
    throw new AppError('FORBIDDEN', `This requires the permission ${can}.`);
  };

/** Returns the mask that is stored beside a sealed value, `•••• 4321`. */
export const last4 =
  <Column extends string>(column: Column) =>
  (row: Record<Column, string | null>) =>
    row[column] && `•••• ${row[column]}`;

type Rule =
  | Pick<Command, 'kind' | 'permission' | 'event' | 'stepUp'>
  | Pick<IdentityCommand, 'kind' | 'caller' | 'permission' | 'stepUp'>;

/** The authorization scope of each kind of caller. */
const scopeOf = {
  anyone: 'public',
  enrolling: 'enrolling',
  user: 'signedIn',
  actor: 'authenticated',
} as const;

/**
 * Returns the rule of a mutation, which is that of its use case. The policy export reads the
 * extensions.
 */
export const allowedBy = (useCase: Rule) =>
  useCase.kind === 'command'
    ? {
        authScopes: { can: useCase.permission },
        extensions: {
          command: { permission: useCase.permission, event: useCase.event },
          stepUp: useCase.stepUp === true,
        },
      }
    : {
        authScopes: {
          [scopeOf[useCase.caller]]: true,
          ...(useCase.permission && { can: useCase.permission }),
        },
        extensions: { stepUp: useCase.stepUp === true },
      };

/** Returns the UUID in an argument. Error: INVALID_INPUT. */
export function uuidArgument(name: string, value: string): string {
  if (isUuid(value)) return value;
  throw invalidInput({ [name]: 'expected an id' });
}
