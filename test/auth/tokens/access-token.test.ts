import { randomUUID } from 'node:crypto';
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newcomer, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import { company, issueTokens, secondInstance, type Tokens } from '../../support/sign-in/credentials.ts';

let world: World;
let tokens: Tokens;
let claims: JWTPayload;
let header: { alg: string; typ: string; kid: string };
beforeAll(async () => {
  world = await openWorld();
  tokens = await issueTokens(world, (await newcomer(world, ['staff'])).token);
  claims = decodeJwt(tokens.accessToken);
  header = decodeProtectedHeader(tokens.accessToken) as typeof header;
});
afterAll(() => world?.end());

type Key = CryptoKey | Uint8Array;
/** A token by the server's own key unless another is given. */
async function signed(changes: object, headerChanges: object = {}, key?: Key): Promise<string> {
  const own = (await world.services.signingKeys.current()).privateKey;
  return new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ ...header, ...headerChanges })
    .sign(key ?? own);
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

it('[A6] a token made by these tests is accepted when unaltered', async () => {
  expect(await company(world, await signed({}))).toBe('Acme');
});

describe('[A6] an access token is refused', () => {
  const publicKey = async () => {
    const key = await world.services.signingKeys.verifying(header.kid);
    return key as CryptoKey;
  };
  const forged: Record<string, () => Promise<string>> = {
    'without a signature, alg none': async () => `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
    'without a signature, under its own header': async () => `${part(header)}.${part(claims)}.`,
    'with the signature of another token': async () =>
      `${part(header)}.${part({ ...claims, sub: randomUUID() })}.${tokens.accessToken.split('.')[2]}`,
    'signed by HS256 with the public key as PEM': async () =>
      signed({}, { alg: 'HS256' }, new TextEncoder().encode(await exportSPKI(await publicKey()))),
    'signed by HS256 with the public key’s raw bytes': async () =>
      signed(
        {},
        { alg: 'HS256' },
        Buffer.from((await exportJWK(await publicKey())).x as string, 'base64url'),
      ),
    'signed by another Ed25519 key under the known key id': async () =>
      signed({}, {}, (await generateKeyPair('EdDSA')).privateKey),
    'signed by another algorithm': async () =>
      signed({}, { alg: 'ES256' }, (await generateKeyPair('ES256')).privateKey),
    'that brings its own key': async () => {
      const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
      return signed({}, { jwk: await exportJWK(publicKey), jku: 'http://127.0.0.1/keys' }, privateKey);
    },
    'with an unknown key id': () => signed({}, { kid: 'x'.repeat(43) }),
    'with a key id that is a path': () => signed({}, { kid: '../../../../../dev/null' }),
    'with a key id that is SQL': () => signed({}, { kid: "' OR '1'='1" }),
    'with a key id that is a property of objects': () => signed({}, { kid: '__proto__' }),
    'without a key id': () => signed({}, { kid: undefined }),
    'of another type': () => signed({}, { typ: 'JWT' }),
    'with an unknown critical header': async () => {
      const text = `${part({ ...header, crit: ['b65'], b65: true })}.${part(claims)}`;
      const { privateKey } = await world.services.signingKeys.current();
      const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(text));
      return `${text}.${Buffer.from(signature).toString('base64url')}`;
    },
    'of another issuer': () => signed({ iss: 'https://elsewhere.example' }),
    'for another audience': () => signed({ aud: 'https://elsewhere.example/graphql' }),
    'without an audience': () => signed({ aud: undefined }),
    'that has expired': () => signed({ iat: now() - 920, exp: now() - 20 }),
    'without an end': () => signed({ exp: undefined }),
    'with an end in a year': () => signed({ iat: now() - 3_600, exp: now() + 31_536_000 }),
    'issued in the future': () => signed({ iat: now() + 60, exp: now() + 960 }),
    'not valid yet': () => signed({ nbf: now() + 60 }),
    'without an id': () => signed({ jti: undefined }),
    'with an id that is none': () => signed({ jti: 'one' }),
    'without a session': () => signed({ sid: undefined }),
    'with a session that is none': () => signed({ sid: 'f'.repeat(64) }),
    'of one user with the session of another': () => signed({ sub: randomUUID() }),
    'that is cut': async () => tokens.accessToken.slice(0, -4),
    'with a part too many': async () => `${tokens.accessToken}.${part({})}`,
    'that is encrypted': async () => `${part({ alg: 'dir', enc: 'A256GCM' })}..aaaa.bbbb.cccc`,
    'with a body that is no object': async () =>
      `${part(header)}.${part('text')}.${tokens.accessToken.split('.')[2]}`,
  };
  it.each(Object.keys(forged))('%s', async (name) => {
    const token = await (forged[name] as () => Promise<string>)();
    const answer = await world.ask('{ company { name } }', {}, token);
    expect(answer.status).toBe(401);
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    expect(answer.data ?? null).toBeNull();
  });

  it('with the same answer for each kind', async () => {
    const answers = await Promise.all(
      Object.values(forged).map(async (forge) => world.ask('{ company { name } }', {}, await forge())),
    );
    expect(new Set(answers.map(({ errors }) => errors?.[0]?.message)).size).toBe(1);
  });
});

it('[A6] is not called invalid while the signing keys cannot be read, so that its client stays signed in', async () => {
  const other = await secondInstance(world); // has loaded no keys
  const rename = (from: string, to: string) => rowsOf(world, `ALTER TABLE "${from}" RENAME TO "${to}"`);
  await rename('SigningKey', 'Away');
  const meanwhile = await company(other, tokens.accessToken);
  await rename('Away', 'SigningKey');
  const after = await company(other, tokens.accessToken);
  await other.end();
  expect([meanwhile, after]).toEqual(['INTERNAL', 'Acme']);
});

it('[A6] clocks may lie five seconds apart', async () => {
  expect(await company(world, await signed({ iat: now() - 902, exp: now() - 2 }))).toBe('Acme');
  expect(await company(world, await signed({ iat: now() + 3, exp: now() + 903 }))).toBe('Acme');
});

it('[A6] another of the user’s companies must be theirs', async () => {
  const [globex] = await rowsOf(world, `SELECT id FROM "Company" WHERE name = 'Globex'`);
  const [foreign, nothing] = await Promise.all(
    [globex.id, randomUUID()].map((id) => company(world, tokens.accessToken, { 'x-company-id': id })),
  );
  expect([foreign, nothing]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  // the claim is a word to others, not to this server: the session decides
  expect(await company(world, await signed({ company: globex.id }))).toBe('Acme');
});

it('[A6] is read from the header only, not from the URL, body or cookie', async () => {
  const inAddress = new URL(world.url);
  inAddress.searchParams.set('query', '{ company { name } }');
  inAddress.searchParams.set('access_token', tokens.accessToken);
  const answer = await fetch(inAddress);
  expect(
    ((await answer.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code,
  ).toBe('UNAUTHENTICATED');
  const cookie = await world.ask('{ company { name } }', {}, undefined, {
    cookie: `bulwark=${tokens.accessToken}`,
  });
  expect(cookie.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect(world.logged()).not.toContain(tokens.accessToken.slice(-40));
});
