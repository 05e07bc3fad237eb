import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../auth/authorization/actor.ts';
import { contentHash } from '../../crypto/digest.ts';
import { Sealed, sealFor } from '../../crypto/fields/sealed.ts';
import { queryAs } from '../../db/sql.ts';
import { withoutDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import type { Services } from '../../services.ts';
import { FIND, INSERT, KEEP_ANSWER, LOCK } from './statements.sql.ts';

/**
 * A request that may be repeated: its key and all that makes it this request, as the client sent
 * them.
 */
export type RepeatableRequest = { key: string; request: string };
/** A key of a request that runs. `rowId` is set once it is saved. */
export type Claim = RepeatableRequest & { rowId?: string };
type Owner = Pick<Actor, 'companyId' | 'userId'>;
type RawQuery = <Rows>(sql: string, ...values: unknown[]) => PromiseLike<Rows>;

const SCOPE = 'idempotency';
const request = { model: 'IdempotencyKey', field: 'sealedRequest', scope: SCOPE };
const answer = { model: 'IdempotencyKey', field: 'sealedAnswer', scope: SCOPE };

/**
 * Returns the answer that this request got before; null for a new request.
 * Errors: IDEMPOTENCY_KEY_REUSED for another request with this key; CONFLICT when the change is
 * saved and its answer is not.
 */
export async function answerBefore(
  { pool, keyring }: Services,
  { companyId, userId }: Owner,
  given: RepeatableRequest,
): Promise<string | null> {
  const [row] = await queryAs(pool, { companyId, userId })<
    Record<'id' | 'sealedRequest' | 'sealedAnswer', string>
  >(FIND, [companyId, userId, contentHash(given.key)]);
  if (!row) return null;
  const keys = await keyring.ensure(companyId, [[SCOPE, 'seal']]);
  const open = (place: typeof request, sealed: string) => new Sealed({ keys }, place, row.id, sealed).open();
  if (open(request, row.sealedRequest) !== contentHash(given.request)) throw reused();
  if (row.sealedAnswer === null) throw saved();
  return open(answer, row.sealedAnswer);
}

/**
 * Takes the key in the transaction of the change: the key is saved if and only if the change is.
 * Returns its row's id.
 * Errors: CONFLICT while another request with this key runs, or after it.
 */
export async function claimKey(
  { keyring }: Services,
  query: RawQuery,
  { companyId, userId }: Owner,
  claim: Claim,
): Promise<string> {
  const keyHash = contentHash(claim.key);
  const [lock] = await query<[{ free: boolean }]>(LOCK, `${companyId}:${userId}:${keyHash}`);
  if (!lock.free) throw running();
  const id = uuidv7();
  const keys = await keyring.ensure(companyId, [[SCOPE, 'seal']]);
  const sealed = sealFor(keys, request, id, contentHash(claim.request));
  const rows = await query<unknown[]>(INSERT, companyId, id, userId, keyHash, sealed);
  if (rows.length === 0) throw running();
  return id;
}

/** Keeps the answer of a request whose change is saved. */
export async function keepAnswer(
  { pool, keyring }: Services,
  { companyId, userId }: Owner,
  { rowId }: Claim,
  text: string,
): Promise<void> {
  if (!rowId) return;
  const keys = await keyring.ensure(companyId, [[SCOPE, 'seal']]);
  const sealed = sealFor(keys, answer, rowId, text);
  // the client may be gone: it is for them that the answer is kept
  await withoutDeadline(() => queryAs(pool, { companyId, userId })(KEEP_ANSWER, [companyId, rowId, sealed]));
}

/** For operations that a repeated request does not harm, or whose answers must not be kept. */
export const takesNoKey = (): AppError =>
  new AppError('BAD_REQUEST', 'This operation takes no Idempotency-Key; send it without one.');

const reused = () =>
  new AppError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key belongs to another request; use a new key.');
const running = () =>
  new AppError('CONFLICT', 'A request with this Idempotency-Key is being processed; repeat it later.');
const saved = () =>
  new AppError(
    'CONFLICT',
    'The change of this Idempotency-Key is saved, and its answer is not; read the current state.',
  );
