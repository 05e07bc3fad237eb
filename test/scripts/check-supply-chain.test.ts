import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actionProblems, packageProblems } from '../../scripts/check-supply-chain.ts';

const sound = { version: '1.0.0', integrity: 'sha512-AAAA', license: 'MIT' };
const problems = (one: object, allowScripts = {}) =>
  packageProblems({ packages: { '': {}, 'node_modules/a': { ...sound, ...one } } }, { allowScripts });

describe('[K7] check-supply-chain', () => {
  it('accepts a package from the registry with a hash and a permissive licence', () => {
    expect(problems({ resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' })).toEqual([]);
  });

  it.each([
    [{ integrity: undefined }, /no SHA-512/],
    [{ integrity: 'sha1-AAAA' }, /no SHA-512/],
    [{ resolved: 'git+ssh://git@example.com/a.git' }, /not from the registry/],
    [{ resolved: 'http://registry.npmjs.org/a.tgz' }, /not from the registry/],
    [{ resolved: 'https://registry.npmjs.org.example.com/a.tgz' }, /not from the registry/],
    [{ hasInstallScript: true }, /has an install script/],
    [{ license: 'AGPL-3.0' }, /licence AGPL-3\.0/],
    [{ license: 'MIT AND GPL-3.0' }, /licence/],
    [{ license: '(MIT OR ISC) AND GPL-3.0' }, /licence/],
    [{ license: 'MIT ISC' }, /licence/],
    [{ license: undefined }, /licence \(none\)/],
    [{ license: 'MPL-2.0' }, /licence MPL-2\.0/],
  ])('refuses %j', (one, sentence) => {
    expect(problems(one)).toEqual([expect.stringMatching(sentence)]);
  });

  it.each([{ license: '(MIT OR GPL-3.0)' }, { license: 'MPL-2.0', dev: true }, { license: 'MIT AND ISC' }])(
    'accepts %j',
    (one) => expect(problems(one)).toEqual([]),
  );

  it('accepts an install script that is switched off', () => {
    expect(problems({ hasInstallScript: true }, { a: false })).toEqual([]);
    expect(problems({ hasInstallScript: true }, { a: true })).toHaveLength(1);
  });

  it.each(['^1.0.0', '~1.0.0', '*', 'latest', '1', 'github:a/b'])(
    'refuses the version %s in package.json',
    (version) => {
      expect(packageProblems({ packages: {} }, { dependencies: { a: version } })).toEqual([
        `package.json: a is ${version}; name an exact version`,
      ]);
    },
  );

  it.each([
    ['actions/checkout@v4', 1],
    ['actions/checkout@main', 1],
    ['actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683', 1],
    ['actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2', 0],
    ['docker://alpine:3', 1],
  ])('of the action %s reports %i problems', (action, count) => {
    expect(actionProblems('ci.yml', `steps:\n  - uses: ${action}\n`)).toHaveLength(count);
  });

  it.each([
    '{ uses: actions/checkout@v4 }',
    '{ "uses": "actions/checkout@v4" }',
    '"uses": actions/checkout@v4',
  ])('finds an action that is not pinned in %s', (step) =>
    expect(actionProblems('ci.yml', `steps:\n  - ${step}\n`)).toHaveLength(1),
  );

  it('finds a private key and a token in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    const file = join(folder, 'config.txt');
    const key = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIE'.repeat(40), '-----END RSA PRIVATE KEY-----'].join(
      '\n',
    );
    writeFileSync(file, `${key}\n`);
    expect(spawnSync('secretlint', ['--no-glob', file]).status).toBe(1);
    writeFileSync(file, 'nothing\n');
    expect(spawnSync('secretlint', ['--no-glob', file]).status).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
