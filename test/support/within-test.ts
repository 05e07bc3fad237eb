/**
 * Settings of fast-check: a property that takes nearly as long as its test may ends as a failure
 * that tells what it has found. More runs need a longer test: `--testTimeout 3600000`.
 */
export const withinTest = ({ task }: { task: { timeout: number } }) => ({
  interruptAfterTimeLimit: 0.9 * task.timeout,
  markInterruptAsFailure: true,
});
