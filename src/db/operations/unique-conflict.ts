import { AppError } from '../../errors.ts';

/**
 * A unique value is held by another row, which the actor may be unable to see. The answer is the
 * same for a row in the access scope, and names neither field nor value.
 */
export class UniqueConflict extends AppError {
  readonly model: string;

  constructor(model: string, cause: unknown) {
    super('CONFLICT', 'A value cannot be used; choose another one.', { cause });
    this.model = model;
  }
}

/** Prisma's code and the SQLSTATE of a violated unique key. */
const TAKEN: unknown[] = ['P2002', '23505'];

/** Runs a write. Error: UniqueConflict when it violates a unique key. */
export async function reportConflict<T>(model: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw TAKEN.includes((error as { code?: unknown }).code) ? new UniqueConflict(model, error) : error;
  }
}
