import { describe, expect, it } from 'vitest';
import { passwordWeakness } from '../../../src/auth/password/strength.ts';

const user = { email: 'nora.quill@acme.example', name: 'Nora Quill-Özdemir' };
const weakness = (password: string) => passwordWeakness(password, user);

describe('the password policy', () => {
  it.each(['Tr4vel-by-lantern', 'correct Horse battery 9', 'Ein Fluß, drei Boote', 'Nor4 maple sunrise'])(
    '[A1] takes %s',
    (password) => {
      expect(weakness(password)).toBeNull();
    },
  );

  it.each([
    ['Short-1-pas', 'at least 12'],
    ['😀'.repeat(11), 'at least 12'],
    [`Aa1-${'x'.repeat(253)}`, 'at most 256'],
    ['onlysmallandlong', '3 of'],
    ['twoclasses123456', '3 of'],
    ['Aa1Aa1Aa1Aa1', '5 different'],
  ])('[A1] refuses %s', (password, expected) => {
    expect(weakness(password)).toContain(expected);
  });

  it.each(['P@ssw0rd2026!', 'Password12345!', '!!!Qwertyuiop123', 'Superman-2026!', 'TRUSTNO12026!'])(
    '[A1] refuses %s, a common password with things around it',
    (password) => {
      expect(weakness(password)).toContain('common');
    },
  );

  it.each(['Quill-in-the-9th-inkpot', 'My ÖZDEMIR house 12', 'xNora.Quill+2026', 'ＱＵＩＬＬ full width 1'])(
    '[A1] refuses %s, which contains the name or the e-mail address',
    (password) => {
      expect(weakness(password)).toContain('name or e-mail');
    },
  );

  it('[A1] never repeats the password in a message', () => {
    for (const password of ['Aa1', 'P@ssw0rd2026!', 'Quill-in-the-9th-inkpot'])
      expect(weakness(password)).not.toContain(password);
  });
});
