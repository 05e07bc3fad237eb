import { StartupError } from '../../config/startup-error.ts';
import type { Query } from '../sql.ts';

type Setting = { name: string; value: string; asNeeded: boolean };

/**
 * Settings that a role or a database can change and that this code relies on: what holds, and what
 * must be said.
 */
const NEEDED = `SELECT name, value, "asNeeded" FROM (VALUES
    ('DateStyle', current_setting('DateStyle'), current_setting('DateStyle') LIKE 'ISO%'),
    ('standard_conforming_strings', current_setting('standard_conforming_strings'),
      current_setting('standard_conforming_strings') = 'on'),
    ('row_security', current_setting('row_security'), current_setting('row_security') = 'on'),
    ('search_path', current_setting('search_path'), 'public' = ANY(current_schemas(false))),
    ('default_transaction_read_only', current_setting('default_transaction_read_only'),
      current_setting('default_transaction_read_only') = 'off')
  ) AS setting(name, value, "asNeeded")`;
const STANDBY = 'SELECT pg_is_in_recovery() AS standby, current_user AS role';

/** Returns the settings of this connection that are not as this code needs them. */
export const changedSettings = async (query: Query): Promise<Omit<Setting, 'asNeeded'>[]> =>
  (await query<Setting>(NEEDED)).filter(({ asNeeded }) => !asNeeded);

/**
 * Checks that no setting of the role or the database changes what statements mean, and that the
 * database can be written.
 * @param variable names the connection in messages
 * @throws {StartupError} that names each such setting and how to reset it
 */
export async function assertSettings(variable: string, query: Query): Promise<void> {
  const [place] = await query<{ standby: boolean; role: string }>(STANDBY);
  if (place?.standby)
    throw new StartupError(`${variable}: this PostgreSQL is a read-only standby; name the primary.`);
  const changed = await changedSettings(query);
  const [first] = changed;
  if (!first) return;
  const found = changed.map(({ name, value }) => `${name} = '${value}'`).join(' and ');
  throw new StartupError(
    `${variable}: the role or its database sets ${found}; take that out, as by ALTER ROLE ${place?.role} RESET ${first.name}, or ALTER DATABASE.`,
  );
}
