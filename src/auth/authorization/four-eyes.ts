import type { CommandClient, IdentityTools } from '../../domain/command-tools.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';

type Tools = Pick<IdentityTools, 'sameHumans'> & { tx: CommandClient; actor: Actor };

/** Whom a step must not be taken by. */
export type Involved = {
  /** Users or service accounts that performed the earlier steps; `null` where the row does not say. */
  performers?: readonly (string | null)[];
  /** The record that the step is about; without a `userId` its owner is unknown. */
  record?: { userId: string | null };
};

/**
 * Four eyes: rejects a step when one human is behind both the actor and an earlier step or the record. Behind a service account are its
 * creator and the creators of its keys; users with a verified address in common are one human. What is unknown counts as
 * the actor's own, except the owner of a record, if the actor's human has a record of their own. Error: FORBIDDEN with `message`.
 */
export async function requireAnotherHuman(
  tools: Tools,
  { performers = [], record }: Involved,
  message: string,
): Promise<void> {
  const { actor } = tools;
  if (actor.kind === 'system') return;
  const principals = await principalsOf(tools, [actor.userId]);
  const own = await tools.sameHumans(principals);
  const known = [...performers, record?.userId ?? null].filter((id) => id !== null);
  const involved = await tools.sameHumans(await principalsOf(tools, known));
  if (performers.includes(null) || involved.some((id) => own.includes(id)))
    throw new AppError('FORBIDDEN', message);
  if (record?.userId === null && !(await haveRecords(tools, principals)))
    throw new AppError('FORBIDDEN', UNKNOWN_OWNER);
}

const UNKNOWN_OWNER =
  'This record is linked to no member, so it could be your own. Link it to its member, or ask a member who has an employee record.';

/** The users behind these ids: themselves, or the creators of a service account and of its keys. */
async function principalsOf({ tx }: Tools, ids: readonly string[]): Promise<string[]> {
  const accounts = await tx.serviceAccount.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, createdById: true, keys: { select: { createdById: true } } },
  });
  const machines = new Set(accounts.map(({ id }) => id));
  const creators = accounts.flatMap(({ createdById, keys }) => [
    createdById,
    ...keys.map((key) => key.createdById),
  ]);
  return [...new Set([...ids.filter((id) => !machines.has(id)), ...creators])];
}

/** Whether each of these users has an employee record in the company, by any of their accounts. */
async function haveRecords({ tx, sameHumans }: Tools, users: readonly string[]): Promise<boolean> {
  for (const user of users) {
    const accounts = await sameHumans([user]);
    if ((await tx.employee.count({ where: { userId: { in: accounts } } })) === 0) return false;
  }
  return users.length > 0;
}
