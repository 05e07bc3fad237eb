import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../../support/server/world.ts';
import { until } from '../../support/until.ts';

const RULES = 'deploy/prometheus/alerts.yml';
const DASHBOARD = 'deploy/grafana/bulwark.json';
const TOKEN = 'a-token-of-at-least-32-characters-0123';
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

let world: World;
let served = '';
beforeAll(async () => {
  world = await openWorld({ metrics: { token: TOKEN } });
  await world.ask('{ __typename }', {}, await world.signIn('company_admin'));
  const scrape = async () => {
    const answer = await fetch(new URL('/metrics', world.url), {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    served = await answer.text();
    return served;
  };
  // the request is counted once its answer has been sent
  await until(async () => (await scrape()).includes('bulwark_requests_total{operation="query"'));
});
afterAll(() => world.end());

test.each([RULES, DASHBOARD])('each metric that %s names is one that the server serves [K3]', (path) => {
  const named = new Set(readFileSync(path, 'utf8').match(/\b(bulwark|nodejs|process)_\w+/g));
  expect(named.size).toBeGreaterThan(5);
  // one without a sample, such as of replicas where there are none, has its type alone
  const known = new Set([...served.matchAll(/^(?:# TYPE )?(\w+)(?=[ {])/gm)].map(([, name]) => name));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
});

test.runIf(hasPromtool)('promtool finds nothing in the metrics [K3]', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: served,
    encoding: 'utf8',
  });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});

test.runIf(hasPromtool)('promtool accepts the alert rules [K3]', () => {
  expect(execFileSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' })).toContain('SUCCESS');
});
