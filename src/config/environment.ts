import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Unknown, unknownNames } from './names.ts';
import { ConfigError } from './startup-error.ts';
import { variables } from './variables.ts';

/** Variables by name, as `process.env` has them. */
export type Environment = Record<string, string | undefined>;

/** What `.env` of the working directory holds; nothing when there is none. */
export function readEnvFile(): Environment {
  try {
    return parseEnv(readFileSync('.env', 'utf8').replace(/^\uFEFF/, '')); // some editors begin with a mark
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') return {};
    throw new ConfigError([`.env: cannot be read (${code}); make it a file that this user can read`]);
  }
}

const NAME = /^[A-Za-z_][\w.-]*$/;
/**
 * Lines that are no NAME=value, such as YAML or UTF-16. What follows the name may be a secret, so
 * only its beginning is shown.
 */
const malformedNames = (names: string[]): string[] =>
  names
    .filter((name) => !NAME.test(name))
    .map((name) => `.env: ${/^\w*/.exec(name)?.[0]}…: expected lines as NAME=value, in UTF-8`);

const known = Object.keys(variables.shape);
const correction = ({ name, meant }: Unknown) =>
  `${name}: unknown${meant ? `; did you mean ${meant}?` : ', and not used'}`;

/**
 * Returns a sentence for each name of `.env` that is a misspelt variable or no name at all, and for
 * each other unknown one.
 */
export function envFileNames(file: Environment): { misspelt: string[]; unknown: string[] } {
  const names = Object.keys(file);
  const found = unknownNames(
    names.filter((name) => NAME.test(name)),
    known,
  );
  const sentences = (names: Unknown[]) => names.map((one) => `.env: ${correction(one)}`);
  return {
    misspelt: [...malformedNames(names), ...sentences(found.filter(({ meant }) => meant))],
    unknown: sentences(found.filter(({ meant }) => !meant)),
  };
}

/**
 * The same for the process's environment, which other programs share: only what is similar to an
 * unset variable counts.
 */
export const environmentNames = (environment: Environment): string[] =>
  unknownNames(Object.keys(environment), known)
    .filter(({ meant }) => meant && !environment[meant])
    .map(correction);
