export const query = (text: string, variables?: unknown) => JSON.stringify({ query: text, variables });
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

/** Faulty requests to the toy server: what each is, its body, and the code that answers it. */
export const badBodies: [string, () => string | Uint8Array, string][] = [
  ['malformed JSON', () => '{"query": "{ hello }"', 'BAD_REQUEST'],
  ['an empty body', () => '', 'BAD_REQUEST'],
  ['a JSON string', () => '"{ hello }"', 'BAD_REQUEST'],
  ['null', () => 'null', 'BAD_REQUEST'],
  ['a query that is a number', () => '{"query": 1}', 'BAD_REQUEST'],
  ['variables that are an array', () => '{"query": "{ hello }", "variables": [1]}', 'BAD_REQUEST'],
  ['an operation name that is an object', () => '{"query": "{ hello }", "operationName": {}}', 'BAD_REQUEST'],
  [
    'an operation that is not there',
    () => '{"query": "query A { hello } query B { hello }", "operationName": "C"}',
    'BAD_REQUEST',
  ],
  ['a wrong type', () => query('query($n: Int) { echo(number: $n) }', { n: 'x' }), 'INVALID_INPUT'],
  [
    'an unknown field of an input',
    () => query('query($i: Input) { echo(input: $i) }', { i: { password: 'x', amount: 1, more: 1 } }),
    'INVALID_INPUT',
  ],
  ['an unknown field', () => query('{ nothing }'), 'BAD_REQUEST'],
  [
    'an unknown key `__proto__`',
    () => '{"query":"{ hello }","variables":{"a":{"__proto__":{"admin":true}}}}',
    'BAD_REQUEST',
  ],
  [
    '10,000 aliases',
    () => query(`{ ${Array.from({ length: 10_000 }, (_, i) => `a${i}: hello`).join(' ')} }`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    'a query nested 10,000 deep',
    () => query(`${'{ deep '.repeat(10_000)}${'}'.repeat(10_000)}`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    'a short query of nothing but brackets',
    () => query(`{ echo(list: ${'['.repeat(995)}`),
    'QUERY_TOO_COMPLEX',
  ],
  [
    'variables nested 100,000 deep',
    () => `{"query":"{ hello }","variables":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    'QUERY_TOO_COMPLEX',
  ],
  [
    'a null byte in a variable',
    () => query('query($t: String) { echo(text: $t) }', { t: 'a\0b' }),
    'BAD_REQUEST',
  ],
  ['a null byte in a literal', () => query('{ echo(text: "a\\u0000b") }'), 'BAD_REQUEST'],
  ['a null byte in braces', () => query('{ echo(text: "a\\u{0}b") }'), 'BAD_REQUEST'],
  ['a raw null byte', () => bytes('{"query":"{ hello }', [0], '"}'), 'BAD_REQUEST'],
  ['invalid UTF-8', () => bytes('{"query":"{ echo(text: \\"', [0xc3, 0x28, 0xff], '\\") }"}'), 'BAD_REQUEST'],
  ['a document of 1 MB', () => query(`{ echo(text: "${'x'.repeat(1_000_000)}") }`), 'QUERY_TOO_COMPLEX'],
  ['a body of 2 MB', () => query('{ hello }', { t: 'x'.repeat(2_000_000) }), 'PAYLOAD_TOO_LARGE'],
  ['a batch', () => `[${query('{ hello }')}]`, 'BAD_REQUEST'],
  ['a fragment that spreads itself', () => query('{ ...F } fragment F on Query { ...F }'), 'BAD_REQUEST'],
  ['500 fields that may conflict', () => query(`{ ${'deep{deep{leaf}} '.repeat(120)} }`), 'OK'],
];
