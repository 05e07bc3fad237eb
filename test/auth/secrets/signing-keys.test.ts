import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { newcomer, openWorld, rowsOf, type World } from '../../support/server/world.ts';
import {
  codeOf,
  company,
  eventsOf,
  issueTokens,
  refresh,
  secondInstance,
} from '../../support/sign-in/credentials.ts';

let world: World;
let second: Awaited<ReturnType<typeof secondInstance>>;
beforeAll(async () => {
  world = await openWorld();
  second = await secondInstance(world);
});
afterAll(async () => {
  await second?.end();
  await world?.end();
});

const keySet = (server: { url: string }) => fetch(new URL('/.well-known/jwks.json', server.url));
const published = async (server: { url: string }) =>
  ((await (await keySet(server)).json()) as { keys: (JWK & { kid: string })[] }).keys;
const kidOf = ({ accessToken }: { accessToken: string }) => decodeProtectedHeader(accessToken).kid as string;
const tokens = async () => issueTokens(world, (await newcomer(world, ['staff'])).token);
const rotate = async (immediately: boolean, server: Pick<World, 'ask'> = world, role = 'super_admin') =>
  server.ask(
    `mutation { rotateSigningKeys(input: { isImmediate: ${immediately} }) { signingKey { ...key } retiredSigningKeys { ...key } } }
     fragment key on SigningKey { kid createdAt retiredAt }`,
    {},
    await world.signIn(role),
  );
/** As if `minutes` had passed since the keys were made, for every instance. */
async function later(minutes: number) {
  await rowsOf(
    world,
    `UPDATE "SigningKey" SET "createdAt" = "createdAt" - $1 * interval '1 minute', "retiredAt" = "retiredAt" - $1 * interval '1 minute'`,
    [minutes],
  );
  await Promise.all([world, second].map(({ services }) => services.signingKeys.reload()));
}

describe('[A6] /.well-known/jwks.json', () => {
  it('is empty before a token is issued, and then has the one key that two instances created concurrently', async () => {
    expect(await published(world)).toEqual([]);
    const people = await Promise.all(Array.from({ length: 6 }, () => newcomer(world, ['staff'])));
    const issued = await Promise.all(
      people.map(({ token }, index) => issueTokens(index % 2 ? world : second, token)),
    );
    const keys = await published(world);
    expect(keys).toHaveLength(1);
    expect(new Set(issued.map(kidOf))).toEqual(new Set([keys[0]?.kid]));
    expect(await eventsOf(world, 'signingKey.made')).toMatchObject([
      { company: 'Platform', body: { actor: { kind: 'system' }, data: { key: keys[0]?.kid } } },
    ]);
  });

  it('shows public keys only, may be kept for five minutes, and verifies tokens elsewhere', async () => {
    const answer = await keySet(world);
    expect(answer.headers.get('content-type')).toContain('application/jwk-set+json');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
    const { keys } = (await answer.json()) as { keys: JWK[] };
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    const { accessToken } = await tokens();
    const elsewhere = createRemoteJWKSet(new URL('/.well-known/jwks.json', world.url));
    const { payload } = await jwtVerify(accessToken, elsewhere, {
      algorithms: ['EdDSA'],
      issuer: 'http://127.0.0.1',
      audience: 'http://127.0.0.1/graphql',
      typ: 'at+jwt',
    });
    expect(payload.sid).toBe(decodeJwt(accessToken).sid);
  });

  it('keeps the private half sealed', async () => {
    const { privateKey } = await world.services.signingKeys.current();
    const { d } = await crypto.subtle.exportKey('jwk', privateKey).catch(() => ({ d: undefined }));
    const rows = await rowsOf(world, 'SELECT * FROM "SigningKey"');
    for (const row of rows) {
      expect(row.privateKey).not.toContain('"d"');
      if (d) expect(row.privateKey).not.toContain(d);
    }
    await expect(
      rowsOf(
        world,
        `INSERT INTO "SigningKey" (id, "privateKey") VALUES ('mine', '{"kty":"OKP","crv":"Ed25519"}')`,
      ),
    ).rejects.toThrow();
  });
});

describe('[A6] rotating the signing keys', () => {
  it('publishes the new key before it signs, and the old one until its last token has expired', async () => {
    const before = await tokens();
    const { data, errors } = await rotate(false);
    expect(errors).toBeUndefined();
    const { signingKey: fresh, retiredSigningKeys } = data.rotateSigningKeys;
    const [old] = retiredSigningKeys;
    expect([fresh.retiredAt, old.kid]).toEqual([null, kidOf(before)]);
    for (const server of [world, second]) {
      await server.services.signingKeys.reload();
      expect((await published(server)).map(({ kid }) => kid)).toEqual([old.kid, fresh.kid]);
    }
    expect(kidOf(await tokens())).toBe(old.kid);

    await later(9);
    expect(kidOf(await tokens())).toBe(old.kid);
    const last = await tokens();
    await later(2);
    expect(kidOf(await tokens())).toBe(fresh.kid);
    for (const server of [world, second]) expect(await company(server, last.accessToken)).toBe('Acme');
    await later(10);
    expect(await company(second, last.accessToken)).toBe('Acme');

    await later(6);
    expect((await published(second)).map(({ kid }) => kid)).toEqual([fresh.kid]);
    for (const server of [world, second])
      expect(await company(server, last.accessToken)).toBe('UNAUTHENTICATED');
    const { accessToken } = (await refresh(world, last.refreshToken)).data.refreshTokens;
    expect(await company(second, accessToken)).toBe('Acme');
  });

  it('invalidates every access token at the next request of each instance, and keeps sessions', async () => {
    const before = await tokens();
    expect(await company(second, before.accessToken)).toBe('Acme');
    const { data } = await rotate(true);
    const { signingKey: fresh } = data.rotateSigningKeys;
    // the second instance still has the old key in its cache; the database knows better
    for (const server of [world, second])
      expect(await company(server, before.accessToken)).toBe('UNAUTHENTICATED');
    const next = (await refresh(world, before.refreshToken)).data.refreshTokens;
    expect(kidOf(next)).toBe(fresh.kid);
    for (const server of [world, second]) expect(await company(server, next.accessToken)).toBe('Acme');
  });

  it('is for platform administrators only, and audited on the platform', async () => {
    for (const role of ['company_admin', 'admin'])
      expect(codeOf(await rotate(true, world, role))).toBe('FORBIDDEN');
    const retired = await eventsOf(world, 'signingKey.retired');
    expect(retired.at(-1)).toMatchObject({
      company: 'Platform',
      body: {
        severity: 'HIGH',
        actor: { kind: 'user', roles: ['super_admin'] },
        data: { immediately: true },
      },
    });
  });

  it('a key written without its seal neither signs nor verifies', async () => {
    const [row] = await rowsOf(world, 'SELECT * FROM "SigningKey" ORDER BY "createdAt" DESC LIMIT 1');
    await rowsOf(
      world,
      `INSERT INTO "SigningKey" (id, "privateKey", "createdAt") VALUES ('moved', $1, now() - interval '1 hour')`,
      [row.privateKey],
    );
    await expect(second.services.signingKeys.reload()).rejects.toThrow('does not open');
    await rowsOf(world, `DELETE FROM "SigningKey" WHERE id = 'moved'`);
    await second.services.signingKeys.reload();
    expect(await importJWK((await published(second))[0] as JWK, 'EdDSA')).toBeDefined();
  });
});

describe('[A6] rotating the signing keys by age', () => {
  const DAY = 24 * 60;
  /** A key of its own for the test, that signs. */
  const begun = async () => {
    await rotate(true);
    await later(11);
    return tokens();
  };
  const made = async () => (await eventsOf(world, 'signingKey.made')).length;

  it('happens once under fifty concurrent tokens over two instances; both keys are published, and old tokens stay valid', async () => {
    const old = await begun();
    await later(90 * DAY - 60);
    const before = await made();
    expect(kidOf(await tokens())).toBe(kidOf(old));
    expect(await made()).toBe(before);

    await later(60);
    const people = await Promise.all(Array.from({ length: 50 }, () => newcomer(world, ['staff'])));
    const issued = await Promise.all(
      people.map(({ token }, index) => issueTokens(index % 2 ? world : second, token)),
    );
    expect(await made()).toBe(before + 1);
    expect(new Set(issued.map(kidOf))).toEqual(new Set([kidOf(old)]));
    const fresh = (await eventsOf(world, 'signingKey.made')).at(-1)?.body;
    expect(fresh.actor).toEqual({ kind: 'system' });
    for (const server of [world, second]) {
      await server.services.signingKeys.reload();
      expect((await published(server)).map(({ kid }) => kid)).toEqual([kidOf(old), fresh.data.key]);
      for (const { accessToken } of issued) expect(await company(server, accessToken)).toBe('Acme');
    }

    await later(11);
    expect(kidOf(await tokens())).toBe(fresh.data.key);
    expect(await company(second, issued[0]?.accessToken as string)).toBe('Acme');
    await later(16);
    expect((await published(world)).map(({ kid }) => kid)).toEqual([fresh.data.key]);
    expect(await made()).toBe(before + 1);
  });

  it('is one key each time, over ten times at which both instances find the old one at the same moment', async () => {
    await begun();
    const before = await made();
    for (let time = 0; time < 10; time++) {
      await later(91 * DAY);
      await Promise.all([world, second].map(({ services }) => services.signingKeys.current()));
    }
    expect(await made()).toBe(before + 10);
  });

  it('is not done again while the new key waits to sign', async () => {
    await begun();
    await later(90 * DAY + 1);
    await tokens();
    const before = await made();
    for (const minutes of [1, 5, 5]) {
      await later(minutes);
      await tokens();
    }
    expect(await made()).toBe(before);
  });

  it('fails no token when it is impossible, is logged, and happens with a later token', async () => {
    await begun();
    await later(91 * DAY);
    const before = await made();
    await rowsOf(
      world,
      `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN RAISE EXCEPTION 'disk full'; END $x$;
       CREATE TRIGGER full_disk BEFORE INSERT ON "SigningKey" FOR EACH ROW EXECUTE FUNCTION full_disk()`,
    );
    const { accessToken } = await tokens();
    expect(await company(second, accessToken)).toBe('Acme');
    expect(world.logged()).toContain('the signing keys could not be rotated');
    await rowsOf(world, 'DROP FUNCTION full_disk CASCADE');
    expect(await made()).toBe(before);
    await tokens();
    expect(await made()).toBe(before + 1);
  });
});

it('[S14] an unknown key id costs one statement, however often it is named, and reloads no key', async () => {
  const { pool, signingKeys } = world.services;
  await signingKeys.reload();
  const statements = vi.spyOn(pool, 'query');
  for (let times = 0; times < 20; times++) expect(await signingKeys.verifying('u'.repeat(43))).toBeNull();
  expect(statements).toHaveBeenCalledOnce();
  statements.mockRestore();
});
