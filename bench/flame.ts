/**
 * `node bench/flame.ts PROFILE.cpuprofile OUT.svg [TITLE]`: a CPU profile (of `npm run bench --
 * --profile FOLDER`) as a flame graph. Width is time, idle
 * time and start-up left out; what is thinner than a third of a per mille is left out too.
 */
import { readFile, writeFile } from 'node:fs/promises';

type Frame = { functionName: string; url: string; lineNumber: number };
type Node = { id: number; callFrame: Frame; children?: number[] };
type Profile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };
/** Calls of one name beneath one another's, merged: microseconds in it and in what it called. */
type Flame = { name: string; url: string; time: number; calls: Map<string, Flame> };

const WIDTH = 1400;
const ROW = 16;
const THINNEST = 1 / 3000;
/** Not what a request costs. */
const LEFT_OUT = new Set(['(idle)', '(program)', 'runEntryPointWithESMLoader', 'executeUserEntryPoint']);

function flameOf({ nodes, samples, timeDeltas }: Profile): Flame {
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const add = (node: Node, into: Flame): number => {
    const { functionName, url, lineNumber } = node.callFrame;
    if (LEFT_OUT.has(functionName)) return 0;
    const key = `${functionName || '(anonymous)'} ${shortened(url)}:${lineNumber + 1}`;
    const flame = into.calls.get(key) ?? { name: key, url, time: 0, calls: new Map() };
    into.calls.set(key, flame);
    let time = self.get(node.id) ?? 0;
    for (const child of node.children ?? []) time += add(byId.get(child) as Node, flame);
    flame.time += time;
    return time;
  };
  const [root] = nodes as [Node];
  const whole: Flame = { name: 'all', url: '', time: 0, calls: new Map() };
  for (const child of root.children ?? []) whole.time += add(byId.get(child) as Node, whole);
  return whole;
}

const shortened = (url: string): string =>
  url.replace(/^.*node_modules\//, '').replace(/^file:.*\/(src|bench)\//, '$1/');

/** Own code, libraries, Node itself, and native code, each in a colour of its own. */
function colourOf({ url }: Flame): string {
  if (url.includes('node_modules')) return '#e0a458';
  if (url.startsWith('node:')) return '#9db4c0';
  return url ? '#d1495b' : '#c9c9c9';
}

function drawn(flame: Flame, whole: number, x: number, depth: number, out: string[]): number {
  const width = (flame.time / whole) * WIDTH;
  if (width < WIDTH * THINNEST) return depth;
  const label = escaped(flame.name);
  const share = `${((100 * flame.time) / whole).toFixed(1)} %`;
  const text =
    width > 40
      ? `<text x="${(x + 3).toFixed(1)}" y="${depth * ROW + 12}">${label.slice(0, Math.floor(width / 6.2))}</text>`
      : '';
  out.push(
    `<g><title>${label} ${share}</title><rect x="${x.toFixed(1)}" y="${depth * ROW}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(flame)}"/>${text}</g>`,
  );
  let [at, deepest] = [x, depth];
  for (const call of [...flame.calls.values()].sort((a, b) => b.time - a.time)) {
    deepest = Math.max(deepest, drawn(call, whole, at, depth + 1, out));
    at += (call.time / whole) * WIDTH;
  }
  return deepest;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const [from, to, title = 'CPU profile'] = process.argv.slice(2);
if (!from || !to) throw new Error('node bench/flame.ts PROFILE.cpuprofile OUT.svg [TITLE]');
const whole = flameOf(JSON.parse(await readFile(from, 'utf8')) as Profile);
const bars: string[] = [];
const deepest = drawn({ ...whole, name: title }, whole.time, 0, 0, bars);
const height = (deepest + 1) * ROW;
const style = 'text{font:10px monospace;pointer-events:none}rect{stroke:#fff;stroke-width:.3}';
await writeFile(
  to,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"><title>${escaped(title)}</title><style>${style}</style>\n${bars.join('\n')}\n</svg>\n`,
);
