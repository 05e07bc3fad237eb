import { counters } from '../../counters.ts';
import type { ModelName } from '../../db/guarantees.gen.ts';
import type { Origin, Performer } from './body.ts';
import { performerMembers, storableText, userAgentOf } from './body.ts';
import { type Action, events } from './events.ts';
import { textArray } from './text-array.ts';

/** Names the event of a row's change; without an id, of the first change of a row of this model. */
export type ChangeName = { action: Action; entity: ModelName; entityId?: string };

/**
 * What the events of changed rows say beside the rows: PostgreSQL refuses a change of an audited
 * row without it.
 */
export type Declaration = {
  performer: Performer;
  origin: Origin;
  /** Whether the platform's chain gets the events as well. */
  onPlatform?: boolean;
  /**
   * Names of changes, each for one; a change without one is called `<model>.created`, `updated` or
   * `deleted`.
   */
  names?: readonly ChangeName[];
};

/** A change of one row as its event tells it: sealed columns are ciphertext, secrets masked. */
export type RecordedChange = {
  action: Action;
  entity: ModelName;
  entityId: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
};

/** The setting `app.audit` of chapter 15. */
function settingOf({ performer, origin, onPlatform, names = [] }: Declaration): string {
  const { requestId, ip, userAgent } = origin;
  return textArray([
    JSON.stringify(performerMembers(performer)),
    ...[requestId, ip, userAgentOf(userAgent)].map((text) => text && storableText(text)),
    onPlatform ? 'platform' : null,
    ...names.map(({ entity, entityId = '*', action }) =>
      [entity, entityId, action, events[action].severity].join(' '),
    ),
  ]);
}

/** Returns the statement that declares what the events of the transaction's changes say. */
export const declaring = (setting: string) => ({
  text: "SELECT set_config('app.audit', $1, true)",
  values: [setting],
});

/** Returns the statement that declares it: to be sent with COMMIT, which writes the events. */
export function declarationStatement(declaration: Declaration) {
  counters.auditDeclarations += 1;
  return declaring(settingOf(declaration));
}

type Run = (sql: string, values: string[]) => PromiseLike<{ body: string }[]>;

/**
 * Writes the events of the changes so far now, as declared, and returns the transaction's changes
 * of rows in their order.
 */
export async function recordChanges(run: Run, declaration: Declaration): Promise<RecordedChange[]> {
  const rows = await run('SELECT body FROM audit_changes($1)', [settingOf(declaration)]);
  return rows
    .map(({ body }) => JSON.parse(body) as RecordedChange)
    .filter(({ before, after }) => before || after)
    .map(({ action, entity, entityId, before, after }) => ({
      ...{ action, entity, entityId },
      ...(before && { before }),
      ...(after && { after }),
    }));
}
