/** What a check found. `notChecked` is never a pass. */
export type State = 'ok' | 'finding' | 'notChecked';
export type Finding = { state: State; detail: string };

export const ok = (detail: string): Finding => ({ state: 'ok', detail });
export const finding = (detail: string): Finding => ({ state: 'finding', detail });
export const notChecked = (detail: string): Finding => ({ state: 'notChecked', detail });

/** A finding with all problems, or ok. */
export const problemsOr = (problems: readonly string[], detail: string): Finding =>
  problems.length > 0 ? finding(problems.join('; ')) : ok(detail);
