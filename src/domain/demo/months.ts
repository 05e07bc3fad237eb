/** A calendar month, counted from year 0. */
export type Month = number;

export const monthOf = (date: Date): Month => date.getUTCFullYear() * 12 + date.getUTCMonth();

/** Returns the month as payroll names it, such as `2026-01`. */
export const periodOf = (month: Month): string =>
  `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;

/** Returns the days of the month from Monday to Friday, such as `2026-01-05`. */
export function workingDays(month: Month): string[] {
  const [year, index] = [Math.floor(month / 12), month % 12];
  const length = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
  return Array.from({ length }, (_, day) => new Date(Date.UTC(year, index, day + 1)))
    .filter((date) => date.getUTCDay() % 6 !== 0)
    .map((date) => date.toISOString().slice(0, 10));
}
