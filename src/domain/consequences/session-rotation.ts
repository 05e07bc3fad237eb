import type { RecordedChange } from '../../audit/record/declaration.ts';
import type { Consequence } from './consequence.ts';

/** The members, teams and roles whose permissions a change affects. */
type ChangedRights = { memberships: string[]; teams: string[]; roles: string[] };

type Named = (event: RecordedChange) => string | undefined;
const changes =
  (...columns: string[]): Named =>
  ({ before, after, entityId }) =>
    before && after && columns.some((column) => column in after) ? entityId : undefined;

/** The tables that permissions depend on: which changes matter, and whom they affect. */
const decides: Record<string, [keyof ChangedRights, Named]> = {
  Membership: ['memberships', changes('roles', 'branchId', 'departmentId')],
  TeamMember: ['memberships', ({ before, after }) => (after ?? before)?.membershipId as string],
  Team: ['teams', changes('roles', 'departmentId')],
  Role: ['roles', changes('level', 'accessScope', 'readOnly', 'permissions')],
};

/** Returns the subjects whose permissions a command's changes affect; null for none. */
function changedRights(events: readonly RecordedChange[]): ChangedRights | null {
  const changed: ChangedRights = { memberships: [], teams: [], roles: [] };
  for (const event of events) {
    const [kind, named] = decides[event.entity ?? ''] ?? [];
    const id = named?.(event);
    if (kind && id) changed[kind].push(id);
  }
  return Object.values(changed).some((ids) => ids.length > 0) ? changed : null;
}

/** Marks their sessions in this company for rotation (auth/session/rotation.ts). */
export const sessionRotation: Consequence = {
  apply: async (tx, _companyId, changes) => {
    const changed = changedRights(changes);
    if (!changed) return [];
    const { memberships, teams, roles } = changed;
    await tx.$executeRaw`SELECT require_session_rotation(${memberships}::uuid[], ${teams}::uuid[], ${roles}::uuid[])`;
    return [];
  },
};
