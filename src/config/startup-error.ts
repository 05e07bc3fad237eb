/** What the process ends with when its configuration is wrong: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/** All that is wrong with the configuration, in one message that holds no value of a secret. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee .env.example for each variable.`,
    );
    this.problems = problems;
  }
}
