import type { Permission } from '../../auth/authorization/permissions.ts';
import type { IdentityCommand } from '../../auth/identity-command.ts';
import type { Context } from '../../context.ts';
import { open } from '../../crypto/fields/sealed.ts';
import type { Command } from '../../domain/command.ts';
import { AppError, invalidInput, notFound } from '../../errors.ts';
import { relayDescriptions } from './relay-descriptions.ts';

/** The id of no row. */
const NONE = '00000000-0000-0000-0000-000000000000';

/**
 * Relay's id and look-up for a company's rows: `key` is (companyId, id), and the company is always the actor's own. `rowId` tells
 * loaded-plugin.ts that the id is a column, so that it is not awaited. Text that is no UUID finds no row.
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

/** Relay's id and look-up for the company itself. */
export const companyItselfKey = {
  nullable: true,
  id: companyKey.id,
  findUnique: (id: string) => ({ id: uuidOrNone(id) }),
} as const;

const uuidOrNone = (id: string) => (isUuid(id) ? id : NONE);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Whether text has the form of a UUID (RFC 9562 § 4). */
export const isUuid = (text: string): boolean => UUID.test(text);

/** A sealed column that opens only here, after its rule has passed. */
export const opened =
  <Column extends string>(column: Column) =>
  (row: Record<Column, string | null>) =>
    open(row[column]);

/** What a reader without the field's right gets instead. The type's own rule must hold all the same: a mask tells something too. */
export const instead =
  <Row>(can: Permission, shown: (row: Row) => string | null) =>
  (row: Row & { companyId: string }, _args: object, { actor, failures }: Context) => {
    if (actor?.can(can) && actor.companyId === row.companyId) return shown(row);
    failures.deny(can);
    throw new AppError('FORBIDDEN', `This requires the permission ${can}.`);
  };

/** The mask that is stored beside a seal, `•••• 4321`. */
export const last4 =
  <Column extends string>(column: Column) =>
  (row: Record<Column, string | null>) =>
    row[column] && `•••• ${row[column]}`;

type Rule =
  | Pick<Command, 'kind' | 'permission' | 'event' | 'stepUp'>
  | Pick<IdentityCommand, 'kind' | 'caller' | 'permission' | 'stepUp'>;

/** The scope that each kind of caller is in builder.ts. */
const scopeOf = {
  anyone: 'public',
  enrolling: 'enrolling',
  user: 'signedIn',
  actor: 'authenticated',
} as const;

/** A mutation's rule, from its use case, so that the permission stands in one place. The policy export reads the extensions. */
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

/** Returns the UUID of an argument that takes a plain one. Error: INVALID_INPUT. */
export function uuidArgument(name: string, value: string): string {
  if (isUuid(value)) return value;
  throw invalidInput({ [name]: 'expected an id' });
}
