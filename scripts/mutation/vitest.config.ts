import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from '../../vitest.config.ts';

/** Runs the tests nearest to their subject first: the first failure ends a mutant's run. Whole-product tests come last. */
class NearestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWide = ({ moduleId }: TestSpecification) => Number(moduleId.includes('/test/guarantees/'));
    return files.toSorted((a, b) => isWide(a) - isWide(b));
  }
}

export default { ...base, test: { ...base.test, sequence: { sequencer: NearestFirst } } };
