/**
 * `node scripts/check-supply-chain.ts`: checks lockfile, licences and install scripts of the
 * packages, that workflows pin each action by its commit, and that no file holds a secret. Works
 * without a network.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import parseLicence, { type Info as Licence } from 'spdx-expression-parse';
import { parse as parseYaml } from 'yaml';

type Package = {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  hasInstallScript?: boolean;
};
export type Lockfile = { packages: Record<string, Package> };
type Manifest = {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
};

/** Permit use in a product without conditions beyond a notice. SPDX identifiers. */
const PERMISSIVE = new Set([
  ...['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0'],
  ...['Unlicense', 'CC0-1.0', 'Python-2.0', 'WTFPL'],
]);
/** Bind those who pass the package on, which a tool of development is not. */
const FOR_TOOLS = new Set(['MPL-2.0', 'EPL-2.0', 'Artistic-2.0', 'CC-BY-3.0', 'CC-BY-4.0']);
/** Packages whose licence is named in their files, but not in the lockfile. */
const NAMED_ELSEWHERE: Record<string, string> = { 'seq-queue': 'MIT' };

const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;

/** Returns a sentence for each package that is not as it must be. */
export function packageProblems(lock: Lockfile, manifest: Manifest): string[] {
  const packages = Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/'));
  return [...packages.flatMap(([path, one]) => problemsOf(path, one, manifest)), ...ranges(manifest)];
}

function problemsOf(path: string, one: Package, { allowScripts = {} }: Manifest): string[] {
  const name = nameOf(path);
  const problems: string[] = [];
  if (!one.integrity?.startsWith('sha512-')) problems.push(`${path}: no SHA-512 in the lockfile`);
  if (one.resolved && !one.resolved.startsWith('https://registry.npmjs.org/'))
    problems.push(`${path}: comes from ${one.resolved}, not from the registry`);
  if (one.hasInstallScript && allowScripts[name] !== false)
    problems.push(
      `${path}: has an install script; set allowScripts.${name} to false, or take another package`,
    );
  const licence = one.license ?? NAMED_ELSEWHERE[name];
  if (!isAllowed(licence, Boolean(one.dev || one.devOptional)))
    problems.push(`${path}: its licence ${licence ?? '(none)'} is not in scripts/check-supply-chain.ts`);
  return problems;
}

/** Whether a licence expression (SPDX 2.3, annex D) allows the use. */
function isAllowed(expression: string | undefined, isTool: boolean): boolean {
  try {
    return allows(parseLicence(expression ?? ''), isTool);
  } catch {
    return false;
  }
}

function allows(licence: Licence, isTool: boolean): boolean {
  if ('license' in licence)
    return PERMISSIVE.has(licence.license) || (isTool && FOR_TOOLS.has(licence.license));
  const [left, right] = [allows(licence.left, isTool), allows(licence.right, isTool)];
  return licence.conjunction === 'or' ? left || right : left && right;
}

const ranges = ({ dependencies, devDependencies, optionalDependencies }: Manifest): string[] =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is ${version}; name an exact version`);

/**
 * Returns a sentence for each action or called workflow that is not pinned by a commit with its
 * version beside it, in whatever style of YAML.
 */
export function actionProblems(path: string, text: string): string[] {
  const pinned = [...text.matchAll(/uses: ([\w./-]+@[0-9a-f]{40}) # v\d+\.\d+\.\d+$/gm)].map(
    ([, action]) => action,
  );
  return usesIn(parseYaml(text))
    .filter((action) => !pinned.includes(action))
    .map((action) => `${path}: ${action}: name the commit, and the version as a comment`);
}

/** The values of every `uses` in a workflow. */
function usesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => (name === 'uses' ? [String(value)] : usesIn(value)));
}

/** Files that people wrote; the others hold hashes and drawings. */
function writtenFiles(): string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return files.split('\n').filter((path) => path && !/package-lock\.json$|\.svg$|\/generated\//.test(path));
}

if (import.meta.main) {
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const lock = json('package-lock.json');
  const workflows = globSync('.github/workflows/*.{yml,yaml}');
  const problems = [
    ...packageProblems(lock, json('package.json')),
    ...workflows.flatMap((path) => actionProblems(path, readFileSync(path, 'utf8'))),
  ];
  for (const problem of problems) console.error(problem);
  const secrets = spawnSync('secretlint', ['--no-glob', ...writtenFiles()], { stdio: 'inherit' });
  console.log(
    `${Object.keys(lock.packages).length} packages, ${workflows.length} workflows, ${problems.length} problems`,
  );
  process.exitCode = problems.length > 0 || secrets.status !== 0 ? 1 : 0;
}
