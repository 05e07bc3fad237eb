// Prisma runs this as a generator: keeps what prisma-field-encryption asks for in src/dmmf.ts.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const answer = (id, result) => process.stderr.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'getManifest') answer(id, { manifest: { prettyName: 'dmmf', defaultOutput: './src' } });
  else {
    const { models, enums } = params.dmmf.datamodel;
    writeFileSync(
      new URL('src/dmmf.ts', import.meta.url),
      `export default ${JSON.stringify({ datamodel: { models, enums } })};\n`,
    );
    answer(id, null);
  }
}
