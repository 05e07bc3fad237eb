import type { Extension } from '../operations/operations.ts';

/** Runs what has passed all extensions. */
export type Executor = Extension;

/** The plain implementation: Prisma runs every operation. */
export const prismaExecutor: Executor = ({ args, query }) => query(args as never);
