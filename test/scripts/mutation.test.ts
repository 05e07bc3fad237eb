import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../scripts/mutation/sample.ts';
import { testsOf } from '../../scripts/mutation/tests.ts';

const SOURCE = Array.from({ length: 1000 }, (_, n) => `const line${n} = ${n} > limit;`);

describe('the sample of a mutation run', () => {
  it('holds about as many lines as asked, and the same ones again after they moved', () => {
    const drawn = sampleOf('src/a.ts', SOURCE.join('\n'), 20);
    expect(drawn.length).toBeGreaterThan(150);
    expect(drawn.length).toBeLessThan(250);
    const moved = sampleOf('src/a.ts', ['// a comment', ...SOURCE].join('\n'), 20);
    expect(moved).toEqual(drawn.map((range) => range.replace(/\d+/g, (line) => String(Number(line) + 1))));
  });

  it('leaves out comments, imports and brackets', () => {
    const source = "import a from 'a';\n// note\n/** doc */\n * doc\n});\n\n";
    expect(sampleOf('src/a.ts', source, 99.9)).toEqual([]);
  });

  it('is the whole file at 100 percent', () => {
    expect(sampleOf('src/a.ts', 'x', 100)).toEqual(['src/a.ts']);
  });
});

describe('the tests of a mutation run', () => {
  it('are near beside the folder, and far where they import from it or test its guarantees', () => {
    const { near, far } = testsOf('src/crypto/keys');
    expect(near).toContain('test/crypto/keys/canary.test.ts');
    expect(far).toEqual(
      expect.arrayContaining([
        'test/audit/record/capture.test.ts',
        'test/guarantees/encryption/sealing-attacks.test.ts',
      ]),
    );
    expect(far.filter((path) => near.includes(path))).toEqual([]);
  });

  it('are no tests that read the source as text or send thousands of requests', () => {
    const { near, far } = testsOf('src');
    const left = /^test\/(scripts|docs)\/|\/(matrix|attack|attack-inside)\.test\.ts$/;
    expect([...near, ...far].filter((path) => left.test(path))).toEqual([]);
  });

  it('are no tests that import nothing but types', () => {
    const { near, far } = testsOf('src/auth/authorization/identity.ts');
    expect([...near, ...far]).not.toContain('test/auth/identity-version/identity-versions.test.ts');
  });
});
