import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { generateSync } from 'otplib';
import { describe, expect, it } from 'vitest';
import { newTotpSecret, totpStep, totpUri } from '../../../src/auth/codes/totp.ts';

/** Both RFCs use the ASCII bytes 12345678901234567890. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const codeAt = (secret: string, seconds: number) => generateSync({ secret, epoch: seconds });

describe('[M1] a code of an authenticator app', () => {
  const hotp = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  it.each(hotp.map((code, counter) => [counter, code] as const))(
    'is that of RFC 4226, appendix D: counter %i, %s',
    (counter, code) => {
      expect(totpStep(RFC_SECRET, code, counter * 30)).toBe(counter);
    },
  );

  // the RFC's codes have 8 digits; 6 of the same number are its last six
  const totp: [number, string][] = [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ];
  it.each(totp)('is that of RFC 6238, appendix B: %i seconds, %s', (seconds, code) => {
    expect(totpStep(RFC_SECRET, code.slice(2), seconds)).toBe(Math.floor(seconds / 30));
  });

  it('is valid in its own step of 30 s, the previous and the next, to the second', () => {
    const secret = newTotpSecret();
    const begin = 1_800_000_000 - (1_800_000_000 % 30);
    const code = codeAt(secret, begin);
    const step = begin / 30;
    const taken = Array.from({ length: 150 }, (_, second) => totpStep(secret, code, begin - 60 + second));
    expect(taken).toEqual(taken.map((_, second) => (second >= 30 && second < 120 ? step : null)));
  });

  it.each([
    '',
    '12345',
    '1234567',
    '12345a',
    '１２３４５６',
    ' 123456',
    '-12345',
    '1e5000',
    '12345\n',
    '123456\0',
  ])('is not %j, whatever the time', (malformed) => {
    expect(totpStep(RFC_SECRET, malformed, 59)).toBeNull();
  });

  it('of another secret is rejected', () => {
    const [mine, other] = [newTotpSecret(), newTotpSecret()];
    expect(mine).not.toBe(other);
    expect(mine).toMatch(/^[A-Z2-7]{32}$/);
    const wrong = Array.from({ length: 50 }, (_, step) =>
      totpStep(mine, codeAt(other, step * 3000), step * 3000),
    );
    expect(wrong.filter((step) => step !== null).length).toBeLessThan(3); // each guess is right once in 333,333
  });

  it('has an otpauth URI for any e-mail address', () => {
    const uri = new URL(totpUri('ABC234', 'a+b?c&d#e@example.com'));
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe('/Bulwark:a+b?c&d#e@example.com');
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({ secret: 'ABC234', issuer: 'Bulwark' });
  });

  it('equals the code of oathtool for 60 random secrets and times', ({ skip }) => {
    if (!installed()) skip('oathtool is not installed');
    for (let round = 0; round < 60; round++) {
      const secret = newTotpSecret();
      const seconds = randomInt(0, 4_000_000_000);
      const code = execFileSync('oathtool', ['--totp', '-b', '-N', `@${seconds}`, secret], {
        encoding: 'utf8',
      });
      expect([secret, seconds, totpStep(secret, code.trim(), seconds)]).toEqual([
        secret,
        seconds,
        Math.floor(seconds / 30),
      ]);
    }
  });
});

const installed = (): boolean => {
  try {
    return execFileSync('oathtool', ['--version']).length > 0;
  } catch {
    return false;
  }
};
