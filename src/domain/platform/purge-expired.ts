import { lockoutSeconds } from '../../auth/lockout/limits.ts';
import { queryAs } from '../../db/sql.ts';
import type { Services } from '../../services.ts';

/** Deletes expired rows (sessions, tokens, challenges, codes, devices, attempt counts). Returns their number by table. */
export async function deleteExpired({ pool }: Services): Promise<Record<string, number>> {
  const [row] = await queryAs(pool, { companyId: null, userId: null })<{ gone: Record<string, number> }>(
    'SELECT purge_expired($1) AS gone',
    [lockoutSeconds.memory],
  );
  return row?.gone ?? {};
}
