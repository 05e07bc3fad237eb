import { hash as argon2 } from '@node-rs/argon2';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { describe, expect, it } from 'vitest';
import { hashPassword, needsUpgrade, verifyPassword } from '../../../src/auth/password/hash.ts';

const password = 'Correct horse 7';

describe('a password hash', () => {
  it('[A1] is Argon2id with 19 MiB, 2 passes, 1 lane, and never the same twice', async () => {
    const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('[A1] verifies its password and no other', async () => {
    const stored = await hashPassword(password);
    expect(await verifyPassword(stored, password)).toBe(true);
    expect(await verifyPassword(stored, `${password} `)).toBe(false);
    expect(needsUpgrade(stored, password)).toBe(false);
  });

  it('[A1] is the same for characters that are composed differently', async () => {
    const stored = await hashPassword('Zoë’s Café 2026'.normalize('NFD'));
    expect(await verifyPassword(stored, 'Zoë’s Café 2026'.normalize('NFC'))).toBe(true);
  });

  it.each(['2a', '2b', '2y'] as const)(
    '[A1] imported as bcrypt $%s$ verifies and is due for an upgrade',
    async (version) => {
      const stored = (await bcrypt(password, 4)).replace(/^\$2.\$/, `$${version}$`);
      expect(await verifyPassword(stored, password)).toBe(true);
      expect(await verifyPassword(stored, 'Correct horse 8')).toBe(false);
      expect(needsUpgrade(stored, password)).toBe(true);
    },
  );

  it('[A1] from bcrypt is kept for a password longer than bcrypt verifies', async () => {
    const long = 'x'.repeat(73);
    const stored = await bcrypt(long, 4);
    expect(await verifyPassword(stored, long)).toBe(true);
    expect(needsUpgrade(stored, long)).toBe(false);
  });

  it('[A1] of cheaper Argon2 is due for an upgrade', async () => {
    const stored = await argon2(password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(await verifyPassword(stored, password)).toBe(true);
    expect(needsUpgrade(stored, password)).toBe(true);
  });

  it('[A1] that is missing or of an unknown kind matches nothing', async () => {
    for (const stored of [null, '', password, '$1$abc$def'])
      expect(await verifyPassword(stored, password)).toBe(false);
  });
});
