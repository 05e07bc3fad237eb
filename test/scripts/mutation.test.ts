import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../scripts/mutation/sample.ts';
import { testFilesOf } from '../../scripts/mutation/tests.ts';

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
  it('are those beside the folder, those that import from it, and those of its guarantees', () => {
    expect(testFilesOf('src/crypto/keys')).toEqual(
      expect.arrayContaining([
        'test/crypto/keys/canary.test.ts',
        'test/audit/record/capture.test.ts',
        'test/guarantees/sealing-attacks.test.ts',
      ]),
    );
  });

  it('are no tests that read the source as text', () => {
    expect(testFilesOf('src').filter((path) => /^test\/(scripts|docs)\//.test(path))).toEqual([]);
  });
});
