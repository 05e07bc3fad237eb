/**
 * `npm run backup-key -- FILE`: makes an age key. The identity, which opens backups, goes to FILE;
 * the recipient, which BACKUP_RECIPIENT takes, is printed.
 */
import { writeFile } from 'node:fs/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { report } from '../failure.ts';
import { wordsOf } from '../words.ts';

async function main(): Promise<void> {
  const [path = ''] = wordsOf('npm run backup-key -- FILE', 1);
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(path, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: 'wx' }).catch(
    ({ code }) => {
      throw new Error(
        code === 'EEXIST' ? `${path} exists; name another file.` : `${path} cannot be written (${code}).`,
      );
    },
  );
  console.log(`BACKUP_RECIPIENT=${recipient}`);
  console.log(`Keep ${path} away from the server and from the backups: without it no backup can be opened.`);
}

await main().catch((error: Error) => {
  process.exitCode = report(error);
});
