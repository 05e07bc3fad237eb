import type { CapturedChange } from '../../audit/record/transaction.ts';
import type { Consequence } from '../consequence.ts';

/** Whose rights a change is about, by the rows that they follow from. */
type ChangedRights = { memberships: string[]; teams: string[]; roles: string[] };

type Named = (event: CapturedChange) => string | undefined;
const changes =
  (...columns: string[]): Named =>
  ({ before, after, entityId }) =>
    before && after && columns.some((column) => column in after) ? entityId : undefined;

/** What people may do follows from these rows, as data: which change of them counts, and whom it names. */
const decides: Record<string, [keyof ChangedRights, Named]> = {
  Membership: ['memberships', changes('roles', 'branchId', 'departmentId')],
  TeamMember: ['memberships', ({ before, after }) => (after ?? before)?.membershipId as string],
  Team: ['teams', changes('roles', 'departmentId')],
  Role: ['roles', changes('level', 'accessScope', 'readOnly', 'permissions')],
};

/** Whose rights a command has changed by what it did; `null`: nobody's. */
function changedRights(events: readonly CapturedChange[]): ChangedRights | null {
  const changed: ChangedRights = { memberships: [], teams: [], roles: [] };
  for (const event of events) {
    const [kind, named] = decides[event.entity ?? ''] ?? [];
    const id = named?.(event);
    if (kind && id) changed[kind].push(id);
  }
  return Object.values(changed).some((ids) => ids.length > 0) ? changed : null;
}

/** Their sessions in this company get a new token with their next request (auth/session/rotation.ts). */
export const sessionRotation: Consequence = {
  apply: async (tx, _companyId, changes) => {
    const changed = changedRights(changes);
    if (!changed) return [];
    const { memberships, teams, roles } = changed;
    await tx.$executeRaw`SELECT require_session_rotation(${memberships}::uuid[], ${teams}::uuid[], ${roles}::uuid[])`;
    return [];
  },
};
