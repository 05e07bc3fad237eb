/** Exit code for an invalid configuration or installation: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/**
 * A start that cannot succeed. The message names the variable or file, what failed and what to do,
 * without secret values. It is printed without a stack.
 */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}

/** All problems of the configuration in one message, without secret values. */
export class ConfigError extends StartupError {
  override readonly name = 'ConfigError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      problems.length === 1
        ? `${problems[0]} (.env.example describes each variable).`
        : `The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee .env.example for each variable.`,
    );
    this.problems = problems;
  }
}
