import { type Drill, type KeptBackup, lastDrill, newestBackup } from '../../domain/platform/kept-backups.ts';
import { type Finding, notChecked, problemsOr } from './finding.ts';

const HOUR_MS = 3_600_000;
/** A daily backup, and time for it to run. */
const BACKUP_HOURS = 26;
/** A weekly drill likewise. */
const DRILL_HOURS = 8 * 24;
/** The database's clock may be ahead by seconds, which begin another hour. */
const AHEAD_HOURS = -1;

/** The age of the newest backup in BACKUP_DIR, and the result of the last drill (N6). */
export async function backups(folder: string): Promise<Finding> {
  const backup = await newestBackup(folder);
  if (!backup) return notChecked(`${folder} holds no backup; run this where BACKUP_DIR is`);
  return judgeBackups(backup, await lastDrill(folder), Date.now());
}

export function judgeBackups(backup: KeptBackup, drill: Drill | undefined, now: number): Finding {
  const hours = (at: Date | string) => Math.floor((now - new Date(at).getTime()) / HOUR_MS);
  // an age that is no number is within no limit
  const within = (age: number, limit: number) => age >= AHEAD_HOURS && age <= limit;
  const age = hours(backup.takenAt);
  const problems = [
    !within(age, BACKUP_HOURS) && `the newest backup is ${age} hours old`,
    !drill && 'no restore drill has left a valid result',
    drill && !within(hours(drill.ranAt), DRILL_HOURS) && `the last drill ran ${hours(drill.ranAt)} hours ago`,
    drill?.faults[0] && `the last drill failed: ${drill.faults[0]}`,
  ];
  const detail = `backup ${age} hours old, last drill restored it in ${drill?.recoverySeconds} s`;
  return problemsOr(
    problems.filter((problem) => typeof problem === 'string'),
    detail,
  );
}
