/** Exit code for an invalid configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/** All problems of the configuration in one message, without secret values. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee .env.example for each variable.`,
    );
    this.problems = problems;
  }
}
