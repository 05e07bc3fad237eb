import { databaseNow } from '../../db/clock.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';

/** Who may do nothing but add a second factor hears that, whatever they asked for. Error: ENROLMENT_REQUIRED. */
export const enrolmentRequired = (): AppError =>
  new AppError(
    'ENROLMENT_REQUIRED',
    'A second factor is required and the grace period is over; enrol one first.',
  );

/**
 * Asks for a second factor within the last minutes (the company's `stepUpMinutes`), of everybody who has one. Who has none yet passes while
 * nobody requires it or their grace period runs; after that they can do nothing at all. Error: STEP_UP_REQUIRED.
 */
export function demandStepUp({ assurance }: Pick<Actor, 'assurance'>): void {
  if (!assurance || assurance.factors.length === 0) return;
  const { factors, mfaAt, stepUpMinutes } = assurance;
  const recent = mfaAt !== null && databaseNow() - mfaAt.getTime() < stepUpMinutes * 60_000;
  if (recent) return;
  throw new AppError(
    'STEP_UP_REQUIRED',
    `This operation requires a second factor verified within the last ${stepUpMinutes} minutes.`,
    { advice: { methods: factors } },
  );
}
