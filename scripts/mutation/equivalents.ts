/** Changes that no test can notice, because the program does the same with them. `line` is the trimmed source line. */
export const equivalents: { line: string; replaced: string; by: string; because: string }[] = [];
