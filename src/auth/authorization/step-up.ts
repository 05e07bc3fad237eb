import { databaseNow } from '../../db/clock.ts';
import { AppError } from '../../errors.ts';
import type { Actor } from './actor.ts';
import { factorNames } from './factor.ts';

/** Returns the error for a user who may only enrol a factor: ENROLMENT_REQUIRED. */
export const enrolmentRequired = (): AppError =>
  new AppError(
    'ENROLMENT_REQUIRED',
    'A second factor is required and the grace period is over; enrol one first.',
  );

/**
 * Requires a factor verified within the company's `stepUpMinutes` of users who have one. A user
 * without a factor passes while none is required, or in the grace period. Error: STEP_UP_REQUIRED.
 */
export function demandStepUp({ assurance }: Pick<Actor, 'assurance'>): void {
  if (!assurance || assurance.factors.length === 0) return;
  const { factors, mfaAt, stepUpMinutes } = assurance;
  const recent = mfaAt !== null && databaseNow() - mfaAt.getTime() < stepUpMinutes * 60_000;
  if (recent) return;
  throw new AppError(
    'STEP_UP_REQUIRED',
    `This operation requires a second factor verified within the last ${stepUpMinutes} minutes.`,
    { advice: { methods: factors.map((factor) => factorNames[factor]) } },
  );
}
