import type { CommandClient } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';

type Tools = {
  tx: CommandClient;
  actor: Actor;
  /**
   * Returns these users and every member of the company who shares a verified address with one of
   * them.
   */
  sameHumans: (userIds: readonly string[]) => Promise<string[]>;
};

/** Whom a step must not be taken by. */
export type Involved = {
  /**
   * Users or service accounts that performed the earlier steps; `null` where the row does not say.
   */
  performers?: readonly (string | null)[];
  /** The record that the step is about; without a `userId` its owner is unknown. */
  record?: { userId: string | null };
};

/**
 * Four eyes: rejects a step when one human is behind both the actor and an earlier step or the
 * record. Behind a service account are its creator and the creators of its keys; users with a
 * verified address in common are one human. What is unknown counts as the actor's own, except the
 * owner of a record, if the actor's human has a record of their own. Error: FORBIDDEN with
 * `message`.
 */
export async function requireAnotherHuman(
  tools: Tools,
  { performers = [], record }: Involved,
  message: string,
): Promise<void> {
  const { actor } = tools;
  // a step without earlier steps and without a record, such as a new record that is linked to no
  // member
  if (actor.kind === 'system' || (performers.length === 0 && !record)) return;
  const known = [...performers, record?.userId ?? null].filter((id) => id !== null);
  const principalsOf = await principals(tools, [actor.userId, ...known]);
  const own = await tools.sameHumans(principalsOf([actor.userId]));
  const involved = await tools.sameHumans(principalsOf(known));
  if (performers.includes(null) || involved.some((id) => own.includes(id)))
    throw new AppError('FORBIDDEN', message);
  if (record?.userId === null && !(await haveRecords(tools, principalsOf([actor.userId]))))
    throw new AppError('FORBIDDEN', UNKNOWN_OWNER);
}

const UNKNOWN_OWNER =
  'This record is linked to no member, so it could be your own. Link it to its member, or ask a member who has an employee record.';

/**
 * Loads the users behind these ids: themselves, or the creators of a service account and of its
 * keys.
 */
async function principals(
  { tx }: Tools,
  ids: readonly string[],
): Promise<(ids: readonly string[]) => string[]> {
  const accounts = await tx.serviceAccount.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, createdById: true, keys: { select: { createdById: true } } },
  });
  const creators = new Map(
    accounts.map(({ id, createdById, keys }) => [id, [createdById, ...keys.map((key) => key.createdById)]]),
  );
  return (some) => [...new Set(some.flatMap((id) => creators.get(id) ?? [id]))];
}

/** Whether each of these users has an employee record in the company, by any of their accounts. */
async function haveRecords({ tx, sameHumans }: Tools, users: readonly string[]): Promise<boolean> {
  for (const user of users) {
    const accounts = await sameHumans([user]);
    if ((await tx.employee.count({ where: { userId: { in: accounts } } })) === 0) return false;
  }
  return users.length > 0;
}
