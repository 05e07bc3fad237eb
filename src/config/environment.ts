import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Unknown, unknownNames } from './names.ts';
import { variables } from './variables.ts';

/** Variables by name, as `process.env` has them. */
export type Environment = Record<string, string | undefined>;

/** What `.env` of the working directory holds; nothing when there is none. */
export function readEnvFile(): Environment {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return {};
    throw error;
  }
}

const known = Object.keys(variables.shape);
const correction = ({ name, meant }: Unknown) =>
  `${name}: unknown${meant ? `; did you mean ${meant}?` : ', and not used'}`;

/** Returns a sentence for each name of `.env` that is a misspelt variable, and for each other unknown one. */
export function envFileNames(file: Environment): { misspelt: string[]; unknown: string[] } {
  const found = unknownNames(Object.keys(file), known);
  const sentences = (names: Unknown[]) => names.map((one) => `.env: ${correction(one)}`);
  return {
    misspelt: sentences(found.filter(({ meant }) => meant)),
    unknown: sentences(found.filter(({ meant }) => !meant)),
  };
}

/** The same for the process's environment, which other programs share: only what is similar to an unset variable counts. */
export const environmentNames = (environment: Environment): string[] =>
  unknownNames(Object.keys(environment), known)
    .filter(({ meant }) => meant && !environment[meant])
    .map(correction);
