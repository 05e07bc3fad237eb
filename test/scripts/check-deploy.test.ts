import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  composeProblems,
  environmentProblems,
  ignoreProblems,
  imageProblems,
  kubernetesProblems,
} from '../../scripts/check-deploy.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const server = read('deploy/kubernetes/server.yaml');
const compose = read('deploy/compose.yaml');
const image = read('deploy/Dockerfile');
const { start } = JSON.parse(read('package.json')).scripts;

describe('[K7] check-deploy', () => {
  it('finds no problem in the files of deploy/', () => {
    for (const path of ['server', 'maintenance', 'network-policy'])
      expect(kubernetesProblems(path, read(`deploy/kubernetes/${path}.yaml`))).toEqual([]);
    expect(composeProblems('compose', compose)).toEqual([]);
    expect(imageProblems('Dockerfile', image, start)).toEqual([]);
    expect(ignoreProblems('.dockerignore', read('.dockerignore'))).toEqual([]);
    for (const path of ['server', 'owner', 'backup'])
      expect(environmentProblems(path, read(`deploy/${path}.env.example`))).toEqual([]);
  });

  it.each([
    ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', /its file system is writable/],
    ['runAsNonRoot: true', 'runAsNonRoot: false', /runAsNonRoot is not true/],
    ['drop: [ALL]', 'drop: [NET_RAW]', /it keeps capabilities/],
    ['allowPrivilegeEscalation: false', '', /it may gain privileges/],
    ['automountServiceAccountToken: false', '', /its token of the cluster is mounted/],
    ['name: DATABASE_POOLER', 'name: DATABASE_POOL', /DATABASE_POOL is no variable of the configuration/],
    ['path: /health/ready', 'path: /health/live', /readinessProbe does not ask \/health\/ready/],
    ['livenessProbe:', 'liveness:', /livenessProbe does not ask \/health\/live/],
    ['bulwark:REPLACE', 'bulwark:latest', /its image has no version/],
    ['kind: Service', 'sort: Service', /without kind and apiVersion/],
    ['replicas: 3', 'replicas: [3', /kubernetes: /],
  ])('of a manifest with %j replaced by %j reports it', (before, after, sentence) => {
    expect(server).toContain(before);
    expect(kubernetesProblems('kubernetes', server.replace(before, after)).join('\n')).toMatch(sentence);
  });

  it.each([
    ['  read_only: true', '', /server-1: its file system is writable/],
    ['  cap_drop: [ALL]', '', /server-2: it keeps capabilities/],
    ['DRAIN_TIME: 5s', 'DRAIN: 5s', /DRAIN is no variable of the configuration/],
    ['src/cli/migrate.ts', 'src/cli/migration.ts', /src\/cli\/migration\.ts does not exist/],
  ])('of a Compose file with %j replaced by %j reports it', (before, after, sentence) => {
    expect(compose).toContain(before);
    expect(composeProblems('compose', compose.replace(before, after)).join('\n')).toMatch(sentence);
  });

  it.each([
    ['USER 10001:10001', 'USER root', /it does not name a user by number/],
    ['USER 10001:10001', '', /it does not name a user by number/],
    ['/health/live', '/', /HEALTHCHECK does not ask/],
    ['"--max-semi-space-size=24", ', '', /CMD is not what npm start runs/],
  ])('of an image with %j replaced by %j reports it', (before, after, sentence) => {
    expect(image).toContain(before);
    expect(imageProblems('Dockerfile', image.replace(before, after), start).join('\n')).toMatch(sentence);
  });

  it.each(['.env*', 'deploy/secrets', 'deploy/*.env'])('of a build that copies %s reports it', (place) => {
    const ignored = read('.dockerignore').replace(`${place}\n`, '');
    expect(ignoreProblems('.dockerignore', ignored)).toEqual([expect.stringContaining(place)]);
  });
});
