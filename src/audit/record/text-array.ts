/** Returns PostgreSQL's text form of text[] (manual, 8.15.6). */
export const textArray = (items: readonly (string | null)[]): string =>
  `{${items.map((item) => (item === null ? 'NULL' : `"${item.replaceAll(/[\\"]/g, '\\$&')}"`)).join()}}`;
