import { expect, test } from 'vitest';
import { type Ablation, ablationLines } from '../../bench/ablate.ts';
import type { Results } from '../../bench/run.ts';
import { targetResultsOf } from '../../bench/targets.ts';
import { newUses } from '../../src/shortcuts.ts';

const roundsOf = (...perSecond: number[]) => perSecond.map((one) => ({ perSecond: one }));
const resultsOf = (guarded: number[], before: number[]) =>
  ({
    before: '8d08936',
    lines: [
      {
        ...{ scale: '1k', letter: 'a', connections: 32 },
        rounds: { guarded: roundsOf(...guarded), before: roundsOf(...before) },
      },
    ],
  }) as unknown as Results;
const againstBefore = (results: Results) =>
  targetResultsOf(results).find(({ what }) => what.startsWith('no operation slower'));

test.each([
  ['is met by an operation that is as fast', [100, 102, 98], [100, 101, 99], true],
  ['is met by one that is slower within the spread of its rounds', [95, 110, 90], [100, 104, 99], true],
  ['is missed by one that is slower beyond the spread', [80, 81, 79], [100, 101, 99], false],
])('the comparison with another commit %s', (_what, guarded, before, met) => {
  expect(againstBefore(resultsOf(guarded, before))?.met).toBe(met);
});

test('the comparison with another commit is left out without one', () => {
  const { before: _, ...results } = resultsOf([100], []);
  expect(againstBefore({ ...results, lines: [] })?.met).toBeNull();
});

test.each([
  ['stays with a gain that each round shows', 1.2, [1.1, 1.3], /prefetch gains up to 20 %: it stays/],
  ['is unclear with a gain that one round contradicts', 1.2, [0.8, 1.6], /prefetch: unclear/],
  ['is to be deleted with less than 15 %', 1.1, [1.05, 1.2], /prefetch gains less .* deleted/],
])('a shortcut %s', (_what, gain, between, expected) => {
  const line = { shortcut: 'prefetch', letter: 'a', with: 1, without: 1, cpuWith: 1, cpuWithout: 1 };
  const gains = [
    { ...line, connections: 1, gain, between },
    { ...line, connections: 32, gain: 0.9, between: [0.8, 1] },
  ];
  const uses = { 'all shortcuts': newUses() };
  expect(ablationLines({ gains, uses } as unknown as Ablation).join('\n')).toMatch(expected);
});
