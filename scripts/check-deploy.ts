/**
 * `node scripts/check-deploy.ts`: checks that the files under `deploy/` name variables, programs
 * and paths that exist, and that each container is confined.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { variables } from '../src/config/variables.ts';

type Fields = Record<string, unknown>;
type Container = Fields & {
  name: string;
  image: string;
  command?: string[];
  env?: { name: string; value?: string }[];
  securityContext?: Fields;
  resources?: Record<string, Fields>;
};
type Pod = Fields & { containers: Container[]; securityContext?: Fields };
type Service = Fields & { command?: string[]; environment?: Fields };

const known = new Set(Object.keys(variables.shape));
/** Variables that an image of another project reads. */
const OF_IMAGES = new Set(['POSTGRES_PASSWORD_FILE']);
/** What runs as root at its start to give its folder to its own user. */
const MUST_WRITE = new Set(['postgres']);

const unknownVariables = (path: string, names: string[]): string[] =>
  names
    .filter((name) => !known.has(name) && !OF_IMAGES.has(name))
    .map((name) => `${path}: ${name} is no variable of the configuration`);

const missingPrograms = (path: string, words: string[] = []): string[] =>
  words
    .filter((word) => /^(\.\/)?src\//.test(word) && !existsSync(word))
    .map((word) => `${path}: ${word} does not exist`);

/** Returns a sentence for each problem of manifests for Kubernetes. */
export function kubernetesProblems(path: string, text: string): string[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) return document.errors.map(({ message }) => `${path}: ${message}`);
    const manifest = document.toJS() as Fields & { kind?: string; apiVersion?: string; spec?: Fields };
    if (!manifest.kind || !manifest.apiVersion) return [`${path}: a document without kind and apiVersion`];
    const where = `${path}: ${manifest.kind}`;
    const pod = podOf(manifest);
    if (!pod) return [];
    const probes =
      manifest.kind === 'Deployment' ? pod.containers.flatMap((one) => probeProblems(where, one)) : [];
    return [...podProblems(where, pod), ...probes];
  });
}

function podOf({ kind, spec }: { kind?: string; spec?: Fields }): Pod | undefined {
  const job = (
    kind === 'CronJob' ? (spec as { jobTemplate: { spec: Fields } }).jobTemplate.spec : spec
  ) as Fields;
  return (job?.template as { spec?: Pod } | undefined)?.spec;
}

function podProblems(where: string, pod: Pod): string[] {
  const rules: [boolean, string][] = [
    [pod.securityContext?.runAsNonRoot === true, 'runAsNonRoot is not true'],
    [pod.automountServiceAccountToken === false, 'its token of the cluster is mounted'],
  ];
  return [...broken(where, rules), ...pod.containers.flatMap((one) => containerProblems(where, one))];
}

function containerProblems(where: string, container: Container): string[] {
  const { securityContext = {}, resources = {}, env = [], command } = container;
  const at = `${where} ${container.name}`;
  const rules: [boolean, string][] = [
    [securityContext.readOnlyRootFilesystem === true, 'its file system is writable'],
    [securityContext.allowPrivilegeEscalation === false, 'it may gain privileges'],
    [String((securityContext.capabilities as Fields | undefined)?.drop) === 'ALL', 'it keeps capabilities'],
    [
      Boolean(resources.limits?.memory && resources.requests?.memory),
      'it has no request and limit of memory',
    ],
    [!/:latest$|^[^:@]+$/.test(container.image), 'its image has no version'],
  ];
  const names = env.map(({ name }) => name);
  return [...broken(at, rules), ...unknownVariables(at, names), ...missingPrograms(at, command)];
}

const PROBES = {
  startupProbe: '/health/live',
  livenessProbe: '/health/live',
  readinessProbe: '/health/ready',
};
const probeProblems = (where: string, container: Container): string[] =>
  Object.entries(PROBES)
    .filter(([probe, path]) => (container[probe] as { httpGet?: Fields } | undefined)?.httpGet?.path !== path)
    .map(([probe, path]) => `${where} ${container.name}: ${probe} does not ask ${path}`);

const broken = (where: string, rules: [holds: boolean, sentence: string][]): string[] =>
  rules.filter(([holds]) => !holds).map(([, sentence]) => `${where}: ${sentence}`);

/** Returns a sentence for each problem of a Compose file. */
export function composeProblems(path: string, text: string): string[] {
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
  return Object.entries(services).flatMap(([name, service]) => {
    const at = `${path}: ${name}`;
    const rules: [boolean, string][] = MUST_WRITE.has(name)
      ? []
      : [
          [service.read_only === true, 'its file system is writable'],
          [String(service.cap_drop) === 'ALL', 'it keeps capabilities'],
          [String(service.security_opt) === 'no-new-privileges:true', 'it may gain privileges'],
        ];
    const names = Object.keys(service.environment ?? {});
    return [...broken(at, rules), ...unknownVariables(at, names), ...missingPrograms(at, service.command)];
  });
}

/** Returns a sentence for each problem of the server's image. */
export function imageProblems(path: string, text: string, start: string): string[] {
  const command: string[] = JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]');
  const rules: [boolean, string][] = [
    [/^USER [1-9]\d*:[1-9]\d*$/m.test(text), 'it does not name a user by number'],
    [/^HEALTHCHECK [\s\S]*?\/health\/live/m.test(text), 'HEALTHCHECK does not ask /health/live'],
    [command.join(' ') === start.replace(/^exec /, ''), 'CMD is not what npm start runs'],
    [!/^FROM \S+:latest|^ADD /m.test(text), 'it takes an image without a version, or ADD'],
  ];
  return [...broken(path, rules), ...missingPrograms(path, command)];
}

/** Returns a sentence for each place of secrets that a build would copy into a layer. */
export const ignoreProblems = (path: string, text: string): string[] =>
  ['.env*', '.data', 'deploy/secrets', 'deploy/*.env']
    .filter((place) => !text.split('\n').includes(place))
    .map((place) => `${path}: ${place} is missing: a build would keep its secrets in a layer`);

/**
 * Returns a sentence for each line of an example environment that the configuration does not have.
 */
export const environmentProblems = (path: string, text: string): string[] =>
  unknownVariables(
    path,
    [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name),
  );

if (import.meta.main) {
  const read = (path: string) => readFileSync(path, 'utf8');
  const each = (pattern: string, check: (path: string, text: string) => string[]) =>
    globSync(pattern).flatMap((path) => check(path, read(path)));
  const { scripts } = JSON.parse(read('package.json'));
  const problems = [
    ...each('deploy/kubernetes/*.yaml', kubernetesProblems),
    ...each('deploy/compose.yaml', composeProblems),
    ...each('deploy/*.env.example', environmentProblems),
    ...each('deploy/Dockerfile', (path, text) => imageProblems(path, text, scripts.start)),
    ...each('.dockerignore', ignoreProblems),
    ...each('.github/**/*.yml', (path, text) =>
      parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${path}: ${message}`)),
    ),
  ];
  for (const problem of problems) console.error(problem);
  console.log(`${globSync('deploy/**/*.*').length} deployment files, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
