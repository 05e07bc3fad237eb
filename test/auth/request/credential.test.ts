import { describe, expect, it } from 'vitest';
import { credentialOf, endedCookie, sessionCookie } from '../../../src/auth/request/credential.ts';

const live = { publicUrl: 'https://api.example.com' };
const local = { publicUrl: 'http://127.0.0.1:4000' };
const token = 'a'.repeat(43);

describe('the session cookie', () => {
  it('[A5] over https is __Host-, Secure, HttpOnly, SameSite=Lax, for the whole host and for 24 hours', () => {
    expect(sessionCookie(token, live)).toBe(
      `__Host-bulwark=${token}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  it('[A5] on plain http has another name and no Secure, so that neither is taken for the other', () => {
    expect(sessionCookie(token, local)).toBe(
      `bulwark=${token}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax`,
    );
    expect(credentialOf({ cookie: `bulwark=${token}` }, live)).toBeNull();
    expect(credentialOf({ cookie: `__Host-bulwark=${token}` }, local)).toBeNull();
  });

  it('[A5] is removed by an empty value that expires at once', () => {
    expect(endedCookie(live)).toBe('__Host-bulwark=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
  });

  it('[A5] is found among others', () => {
    expect(credentialOf({ cookie: `a=b; __Host-bulwark=${token}; x__Host-bulwark=no` }, live)).toBe(token);
    expect(credentialOf({ cookie: '__Host-bulwark=; a' }, live)).toBeNull();
    expect(credentialOf({}, live)).toBeNull();
  });
});

describe('the Authorization header', () => {
  it('[A5] comes before the cookie', () => {
    expect(credentialOf({ authorization: `bearer ${token}`, cookie: '__Host-bulwark=other' }, live)).toBe(
      token,
    );
  });

  it('[A5] with an empty bearer token fails instead of being anonymous', () => {
    expect(credentialOf({ authorization: 'Bearer' }, live)).toBe('');
    expect(credentialOf({ authorization: 'Bearer   ', cookie: `__Host-bulwark=${token}` }, live)).toBe('');
  });

  it('[A5] with another scheme is not ours', () => {
    expect(credentialOf({ authorization: 'Basic YTpi' }, live)).toBeNull();
    expect(credentialOf({ authorization: `Bearers ${token}` }, live)).toBeNull();
  });
});
