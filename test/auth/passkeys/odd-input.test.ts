import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Lie } from '../../../examples/tour/authenticator.ts';
import { newcomer, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { clearAttempts, codeOf } from '../../support/sign-in/factors.ts';
import { type Begun, type Device, device, passkeysOf } from '../../support/sign-in/passkeys.ts';

let world: World;
let front: ReturnType<typeof passkeysOf>;
let own: Device;
let other: Device;
let token: string;
beforeAll(async () => {
  world = await openWorld();
  front = passkeysOf(world);
  [own, other] = [device(), device()];
  const [one, two] = [await newcomer(world, ['client']), await newcomer(world, ['client'])];
  token = (await front.register(one.token, own)).data.finishPasskeyRegistration.sessionToken;
  expect(codeOf(await front.register(two.token, other))).toBe('ok');
});
afterAll(() => world?.end());
beforeEach(async () => {
  await clearAttempts(world);
  await rowsOf(world, 'DELETE FROM failure_burst');
});

type Given = ReturnType<Device['get']>;
type Parts = Given['response'];
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const bytesOf = (text: string) => Buffer.from(text, 'base64url');
/** The client data of a response with these members instead. */
const clientData = (parts: object) => (given: Given) =>
  withParts(given, {
    clientDataJSON: base64url(
      JSON.stringify({ ...JSON.parse(bytesOf(given.response.clientDataJSON).toString()), ...parts }),
    ),
  });
const withParts = (given: Given, parts: Partial<Record<keyof Parts, unknown>>): object => ({
  ...given,
  response: { ...given.response, ...parts },
});
const authenticatorData = (change: (bytes: Buffer) => Buffer) => (given: Given) =>
  withParts(given, {
    authenticatorData: change(bytesOf(given.response.authenticatorData)).toString('base64url'),
  });
const sessions = async () =>
  (await rowsOf(world, 'SELECT id FROM "Session" ORDER BY id')).map(({ id }) => id);
const passkeys = () => rowsOf(world, 'SELECT id, "credentialId", counter FROM "Passkey" ORDER BY id');
const answerWith = async (change: (given: Given) => object, lie: Lie = {}) => {
  const { challengeId, options }: Begun = await front.startSignIn();
  return { challengeId, options, response: change(own.get(options, lie)) };
};

const MALFORMED: Record<string, (given: Given) => object> = {
  'a credential id of 1401 characters': (given) => ({ ...given, id: 'A'.repeat(1401) }),
  'a raw id of 1401 characters': (given) => ({ ...given, rawId: 'A'.repeat(1401) }),
  'an empty credential id': (given) => ({ ...given, id: '' }),
  'a padded credential id': (given) => ({ ...given, id: `${given.id}=` }),
  'a credential id in the other base64 alphabet': (given) => ({ ...given, id: `+/${given.id}` }),
  'another type of credential': (given) => ({ ...given, type: 'password' }),
  'client data of 8193 characters': (given) => withParts(given, { clientDataJSON: 'A'.repeat(8193) }),
  'authenticator data of 8193 characters': (given) =>
    withParts(given, { authenticatorData: 'A'.repeat(8193) }),
  'a signature of 8193 characters': (given) => withParts(given, { signature: 'A'.repeat(8193) }),
  'a user handle of 129 characters': (given) => withParts(given, { userHandle: 'A'.repeat(129) }),
  'a signature that is a number': (given) => withParts(given, { signature: 7 }),
  'no signature': (given) => withParts(given, { signature: undefined }),
  'no response': (given) => ({ ...given, response: null }),
  'a list': (given) => [given],
};

describe('[A11] signing in with', () => {
  it.each(Object.keys(MALFORMED))('%s is INVALID_INPUT, and its challenge remains', async (name) => {
    const before = await sessions();
    const { options, ...answer } = await answerWith(MALFORMED[name] as (given: Given) => object);
    expect(codeOf(await front.finishSignIn(answer))).toBe('INVALID_INPUT');
    expect(await sessions()).toEqual(before);
    const right = { challengeId: answer.challengeId, response: own.get(options) };
    expect(codeOf(await front.finishSignIn(right))).toBe('ok');
  });

  const REFUSED: Record<string, (given: Given) => object> = {
    'a raw id that is not the id': (given) => ({ ...given, rawId: other.id }),
    'the id of another user’s passkey': (given) => ({ ...given, id: other.id, rawId: other.id }),
    'client data that is no JSON': (given) => withParts(given, { clientDataJSON: base64url('{') }),
    'client data that is null': (given) => withParts(given, { clientDataJSON: base64url('null') }),
    'client data that is a list': (given) => withParts(given, { clientDataJSON: base64url('[]') }),
    'an origin with a path': clientData({ origin: 'http://localhost/' }),
    'an origin in capitals': clientData({ origin: 'HTTP://LOCALHOST' }),
    'a list of origins': clientData({ origin: ['http://localhost'] }),
    'an origin that contains the right one': clientData({ origin: 'http://localhost@evil.example' }),
    'no challenge': clientData({ challenge: undefined }),
    'a list of challenges': clientData({ challenge: ['AAAA'] }),
    'a token binding': clientData({ tokenBinding: { status: 'present', id: 'AAAA' } }),
    'no authenticator data to speak of': authenticatorData(() => Buffer.alloc(1)),
    'authenticator data without its last byte': authenticatorData((bytes) => bytes.subarray(0, -1)),
    'authenticator data and more': authenticatorData((bytes) => Buffer.concat([bytes, Buffer.alloc(64)])),
    'authenticator data that claims attested data': authenticatorData((bytes) => {
      bytes[32] = 0x45;
      return bytes;
    }),
    'authenticator data that claims extensions': authenticatorData((bytes) => {
      bytes[32] = 0x85;
      return bytes;
    }),
    'a raised counter that is not signed': authenticatorData((bytes) => {
      bytes.writeUInt32BE(0xffffffff, 33);
      return bytes;
    }),
    'a signature of one byte': (given) => withParts(given, { signature: 'AA' }),
  };
  it.each(Object.keys(REFUSED))('%s is PASSKEY_REFUSED: no session, no counter moves', async (name) => {
    const [before, counters, logged] = [await sessions(), await passkeys(), world.logged().length];
    const { options: _, ...answer } = await answerWith(REFUSED[name] as (given: Given) => object);
    expect(codeOf(await front.finishSignIn(answer))).toBe('PASSKEY_REFUSED');
    expect(await sessions()).toEqual(before);
    expect(await passkeys()).toEqual(counters);
    expect(world.logged().slice(logged)).not.toContain('unexpected error');
  });

  const LIES: Record<string, Lie> = {
    'the hash of a subdomain': { rpId: 'app.localhost' },
    'the hash of the site in capitals': { rpId: 'LOCALHOST' },
    'no site': { rpId: '' },
    'a user who was not present': { flags: 0x04 },
    'a backup of what cannot be backed up': { flags: 0x15 },
    'a user handle of one byte': { userHandle: 'AA' },
  };
  it.each(Object.keys(LIES))('%s, signed, is PASSKEY_REFUSED', async (name) => {
    const before = await sessions();
    const { options: _, ...answer } = await answerWith((given) => given, LIES[name]);
    expect(codeOf(await front.finishSignIn(answer))).toBe('PASSKEY_REFUSED');
    expect(await sessions()).toEqual(before);
  });

  it('a challenge id that is no UUID, or unknown, is refused before a passkey is looked up', async () => {
    const { options } = await front.startSignIn();
    const response = own.get(options);
    expect(codeOf(await front.finishSignIn({ challengeId: 'A', response }))).toBe('INVALID_INPUT');
    const challengeId = crypto.randomUUID();
    expect(codeOf(await front.finishSignIn({ challengeId, response }))).toBe('PASSKEY_REFUSED');
  });
});

describe('[A11] registering with', () => {
  type Made = ReturnType<Device['create']>;
  const ODD: Record<string, [change: (made: Made) => object, code: string]> = {
    'an attestation of 65537 characters': [
      (made) => ({ ...made, response: { ...made.response, attestationObject: 'A'.repeat(65_537) } }),
      'INVALID_INPUT',
    ],
    'eleven transports': [
      (made) => ({ ...made, response: { ...made.response, transports: Array(11).fill('usb') } }),
      'INVALID_INPUT',
    ],
    'a transport of 33 characters': [
      (made) => ({ ...made, response: { ...made.response, transports: ['u'.repeat(33)] } }),
      'INVALID_INPUT',
    ],
    'an attestation that is no CBOR': [
      (made) => ({ ...made, response: { ...made.response, attestationObject: base64url('{}') } }),
      'PASSKEY_REFUSED',
    ],
    'an attestation that ends early': [
      (made) => {
        const { attestationObject } = made.response;
        return {
          ...made,
          response: { ...made.response, attestationObject: attestationObject.slice(0, -20) },
        };
      },
      'PASSKEY_REFUSED',
    ],
    'an id that is not the attested one': [
      (made) => ({ ...made, id: base64url('another'), rawId: base64url('another') }),
      'PASSKEY_REFUSED',
    ],
  };
  it.each(Object.keys(ODD))('%s is refused, and stores nothing', async (name) => {
    const [change, code] = ODD[name] as (typeof ODD)[string];
    const [before, logged] = [await passkeys(), world.logged().length];
    const { challengeId, options } = await front.startRegistration(token);
    const response = change(device().create(options));
    expect(codeOf(await front.finishRegistration(token, { challengeId, response }))).toBe(code);
    expect(await passkeys()).toEqual(before);
    expect(world.logged().slice(logged)).not.toContain('unexpected error');
  });

  it('an id of 1024 bytes is refused, one of 1023 is registered (WebAuthn Level 3, 7.1)', async () => {
    const register = (bytes: number) =>
      front.register(token, device(), {
        lie: { credentialId: Buffer.alloc(bytes, bytes).toString('base64url') },
      });
    expect(codeOf(await register(1024))).toBe('INVALID_INPUT');
    expect(codeOf(await register(1023))).toBe('ok');
  });
});
