/**
 * Loaded into a server before it starts (`node --expose-gc --import ./bench/probe.ts src/main.ts`):
 * tells its parent, when asked, how much
 * of its heap is in use. With a young generation that is large enough nothing is collected in
 * between, so what is more is what was
 * allocated; `collections` says whether that holds.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

export type Heap = { used: number; collections: number };

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

process.on('message', async (collect: boolean) => {
  if (collect) gc?.();
  await new Promise((resolve) => setTimeout(resolve, 5)); // what the observer has to tell comes later
  process.send?.({ used: getHeapStatistics().used_heap_size, collections });
});
process.channel?.unref();
