/**
 * A statement that a client had executed: its text, and its values as PostgreSQL's text. `ends`:
 * Sync followed, which commits.
 */
export type Sent = { text: string; values: (string | null)[]; ends: boolean };

/**
 * Reads one client's messages (PostgreSQL manual, 54.7) and adds each executed statement to `sent`.
 * Values in binary are not read.
 */
export function statementsOf(sent: Sent[]): (type: string, body: Buffer) => void {
  const texts = new Map<string, string>();
  let bound: Sent | undefined;
  return (type, body) => {
    if (type === 'P') {
      const { text: name, end } = textAt(body, 0);
      texts.set(name, textAt(body, end).text);
    } else if (type === 'B') {
      const { text: name, end } = textAt(body, textAt(body, 0).end);
      bound = { text: texts.get(name) ?? '', values: valuesAt(body, end), ends: false };
    } else if (type === 'E' && bound) sent.push(bound);
    else if (type === 'S' && sent.length > 0) (sent.at(-1) as Sent).ends = true;
  };
}

function textAt(body: Buffer, from: number): { text: string; end: number } {
  const end = body.indexOf(0, from);
  return { text: body.toString('utf8', from, end), end: end + 1 };
}

function valuesAt(body: Buffer, formats: number): (string | null)[] {
  let at = formats + 2 + 2 * body.readInt16BE(formats);
  const count = body.readInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    at += 4 + Math.max(0, length);
    return length < 0 ? null : body.toString('utf8', at - length, at);
  });
}
