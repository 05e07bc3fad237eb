import { removeOldInvitation } from '../../domain/access/old-invitation.ts';
import type { Command } from '../../domain/command.ts';
import type { Ids, QueueName } from '../queue/queues.ts';

/** A command that a job runs as the system in its company, and what the command takes. */
export type Handler = { command: Command; input: (ids: Ids) => unknown };

/** What the jobs of each queue do. */
export const handlers: Record<QueueName, Handler> = {
  'old-invitation': {
    command: removeOldInvitation as Command,
    input: ({ memberId }) => ({ memberId }),
  },
};
