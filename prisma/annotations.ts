export type Arguments = Record<string, string>;

/**
 * `@visible(read: a.b, self: c)` → { visible: { read: 'a.b', self: 'c' } }; `@tenant` → { tenant:
 * {} }; a bare word is `value`.
 */
export function annotations(
  where: string,
  documentation: string | undefined,
  known: string[],
): Record<string, Arguments> {
  const found: Record<string, Arguments> = {};
  for (const [, name = '', list = ''] of (documentation ?? '').matchAll(/@(\w+)(?:\(([^)]*)\))?/g)) {
    if (!known.includes(name))
      throw new Error(`${where}: unknown annotation @${name}; known: ${known.join(', ')}`);
    found[name] = parseArguments(list);
  }
  return found;
}

function parseArguments(list: string): Arguments {
  const pairs = list.match(/(?:\w+\s*:\s*)?(?:"[^"]*"|[\w.]+)/g) ?? [];
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key = 'value', text = ''] = pair.match(/^(?:(\w+)\s*:\s*)?"?([^"]*)"?$/) ?? [];
      return [key, text];
    }),
  );
}
