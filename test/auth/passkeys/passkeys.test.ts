import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Lie } from '../../../examples/tour/authenticator.ts';
import { limits } from '../../../src/auth/lockout/limits.ts';
import { deleteExpired } from '../../../src/domain/platform/purge-expired.ts';
import { mailboxMessages } from '../../../src/notifications/dev-mailbox.ts';
import { nodesOf } from '../../support/documents.ts';
import { from } from '../../support/server/dev-mailbox.ts';
import {
  type Answer,
  globalId,
  newcomer,
  openWorld,
  PASSWORD,
  rowsOf,
  signInAs,
  type World,
} from '../../support/server/world.ts';
import { attestationCertificate } from '../../support/sign-in/attestation-certificate.ts';
import { type Begun, type Device, device, eventsOf, passkeysOf } from '../../support/sign-in/passkeys.ts';

let world: World;
let folder: string;
let front: ReturnType<typeof passkeysOf>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulwark-passkey-'));
  world = await openWorld({ mail: { kind: 'folder', folder }, trustedProxies: ['127.0.0.1'] });
  front = passkeysOf(world);
});
afterAll(async () => {
  await world?.end();
  await rm(folder, { recursive: true, force: true });
});

const codeOf = ({ errors }: Answer) => errors?.[0]?.extensions.code ?? 'ok';
const reasonOf = ({ errors }: Answer) =>
  (errors?.[0]?.extensions as { reason?: string } | undefined)?.reason ?? codeOf({ errors } as Answer);
const stored = (of: Device) =>
  rowsOf(world, 'SELECT * FROM "Passkey" WHERE "credentialId" = $1', [of.id]).then(([row]) => row);
const mailsTo = async (email: string) => {
  await world.services.mailer.settled();
  return (await mailboxMessages(folder)).filter(({ to }) => to === email).map(({ subject }) => subject);
};
/** A user with a passkey. */
async function holder() {
  const user = await newcomer(world, ['client']);
  const own = device();
  const answer = await front.register(user.token, own);
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  const token = answer.data.finishPasskeyRegistration.sessionToken as string;
  return { ...user, token, own, passkeyId: (await stored(own)).id as string };
}
/** Lets the challenge wait for so long. */
const later = (challengeId: string, seconds: number) =>
  rowsOf(
    world,
    `UPDATE "WebAuthnChallenge" SET "expiresAt" = "expiresAt" - $2 * interval '1 second' WHERE id = $1`,
    [challengeId, seconds],
  );
/** The session's second factor was verified longer ago than is recent. */
const stale = (email: string) =>
  rowsOf(
    world,
    `UPDATE "Session" SET "mfaAt" = now() - interval '11 minutes' WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
    [email],
  );
const LIST = '{ passkeys { edges { node { id name lastUsedAt } } } }';
const rename = (token: string, { passkeyId, name }: { passkeyId: string; name: string }) =>
  world.ask(
    'mutation ($input: RenamePasskeyInput!) { renamePasskey(input: $input) { passkey { id name } } }',
    { input: { passkeyId: globalId('Passkey', passkeyId), name } },
    token,
  );
const revoke = (token: string, passkeyId: string) =>
  world.ask(
    'mutation ($input: RevokePasskeyInput!) { revokePasskey(input: $input) { revokedPasskeyId } }',
    { input: { passkeyId: globalId('Passkey', passkeyId) } },
    token,
  );
/** Failures of earlier tests count for no user. */
const forget = () => rowsOf(world, 'DELETE FROM "Throttle"; DELETE FROM failure_burst');

describe('[A11] registering a passkey', () => {
  it('requests a discoverable credential with user verification, and reveals nothing about the user', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const { options } = await front.startRegistration(token);
    expect(options).toMatchObject({
      rp: { id: 'localhost' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      user: { name: email },
    });
    expect(options.pubKeyCredParams.map(({ alg }: { alg: number }) => alg)).toEqual([-8, -7, -257]);
    const [{ id }] = await rowsOf(world, 'SELECT id FROM "User" WHERE email = $1', [email]);
    expect(Buffer.from(options.user.id, 'base64url').toString('hex')).toBe(id.replaceAll('-', ''));
  });

  it('stores only public key and name, is audited, and notifies the user by mail', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const own = device();
    const answer = await front.register(token, own, { name: '  Phone ' });
    const { id } = await stored(own);
    expect(await stored(own)).toMatchObject({
      name: 'Phone',
      backedUp: false,
      lastUsedAt: null,
      counter: '0',
      deviceType: 'singleDevice',
      transports: ['internal'],
    });
    expect(await eventsOf(world, answer)).toMatchObject([
      {
        company: 'Acme',
        action: 'passkey.registered',
        severity: 'HIGH',
        body: { data: { passkeyId: id, name: 'Phone' } },
      },
    ]);
    expect(await mailsTo(email)).toContain('A passkey was added to your account');
    expect(world.logged()).not.toContain(own.id);
  });

  it('accepts valid self attestation', async () => {
    const { token } = await newcomer(world, ['client']);
    expect(codeOf(await front.register(token, device(), { lie: { attestation: 'self' } }))).toBe('ok');
  });

  const lies: [string, Lie, string][] = [
    ['from a page of another origin', { origin: 'http://localhost.evil.example' }, 'origin'],
    ['in a frame of another site’s page', { crossOrigin: true }, 'origin'],
    ['from another port of the host', { origin: 'http://localhost:8080' }, 'origin'],
    ['for another site', { rpId: 'evil.example' }, 'site'],
    ['that did not check who holds it', { flags: 0x41 }, 'userVerification'],
    ['with another challenge', { challenge: 'AAAA' }, 'challenge'],
    ['with a tampered attestation', { attestation: 'broken' }, 'attestation'],
    ['with certificates that were not asked for', { certificate: attestationCertificate }, 'attestation'],
    ['that was a sign-in', { type: 'webauthn.get' }, 'attestation'],
    ['without a credential', { flags: 0x05 }, 'attestation'],
  ];
  it.each(lies)('refuses and audits one %s, and stores nothing', async (_what, lie, reason) => {
    await forget();
    const { token } = await newcomer(world, ['client']);
    const own = device();
    const answer = await front.register(token, own, { lie });
    expect([codeOf(answer), reasonOf(answer)]).toEqual(['PASSKEY_REFUSED', reason]);
    expect(await eventsOf(world, answer)).toMatchObject([
      {
        company: 'Acme',
        action: 'passkey.refused',
        severity: 'HIGH',
        body: { actor: { kind: 'user' }, data: { purpose: 'register', reason } },
      },
    ]);
    expect(await stored(own)).toBeUndefined();
  });

  it('accepts a challenge once, for five minutes, from its user, for registration only', async () => {
    await forget();
    const [one, other] = [await newcomer(world, ['client']), await newcomer(world, ['client'])];
    const own = device();
    const finish = (token: string, { challengeId, options }: Begun) =>
      front.finishRegistration(token, { challengeId, response: own.create(options) }).then(reasonOf);
    const started = await front.startRegistration(one.token);
    expect(await finish(other.token, started)).toBe('challenge');
    expect(await finish(one.token, started)).toBe('challenge'); // the stranger's try has used it up

    const slow = await front.startRegistration(one.token);
    await later(slow.challengeId, 301);
    expect(await finish(one.token, slow)).toBe('challenge');

    const signIn = await front.startSignIn();
    const options = {
      ...(await front.startRegistration(one.token)).options,
      challenge: signIn.options.challenge,
    };
    expect(await finish(one.token, { challengeId: signIn.challengeId, options })).toBe('challenge');

    const right = await front.startRegistration(one.token);
    await later(right.challengeId, 290);
    expect(await finish(one.token, right)).toBe('ok');
    const { sessionToken } = (await front.signIn(own)).data.finishPasskeySignIn;
    expect(await finish(sessionToken, right)).toBe('challenge');
    expect((await rowsOf(world, 'SELECT FROM "Passkey" WHERE "credentialId" = $1', [own.id])).length).toBe(1);
  });

  it('accepts one of twenty concurrent requests with one challenge', async () => {
    await forget();
    const { token } = await newcomer(world, ['client']);
    const { challengeId, options } = await front.startRegistration(token);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        front.finishRegistration(token, { challengeId, response: device().create(options) }),
      ),
    );
    expect(answers.filter((answer) => codeOf(answer) === 'ok')).toHaveLength(1);
  });

  it('refuses a credential of another user, which stays unchanged', async () => {
    await forget();
    const { own, email } = await holder();
    const before = await stored(own);
    const thief = await newcomer(world, ['client']);
    const answer = await front.register(thief.token, device(), { lie: { credentialId: own.id } });
    expect(codeOf(answer)).toBe('CONFLICT');
    expect((await world.ask(LIST, {}, thief.token)).data.passkeys.edges).toEqual([]);
    expect(await stored(own)).toEqual(before);
    expect((await front.signIn(own)).data.finishPasskeySignIn.viewer.user.email).toBe(email);
  });

  it('counts as a verified factor: the session token rotates, and the first one revokes all other sessions', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const elsewhere = await signInAs(world.ask, email);
    const answer = await front.register(token, device());
    const renewed = answer.data.finishPasskeyRegistration.sessionToken;
    const who = (token: string) => world.ask('{ viewer { user { email } } }', {}, token).then(codeOf);
    expect(await Promise.all([token, elsewhere, renewed].map(who))).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
      'ok',
    ]);
    const [session] = await rowsOf(
      world,
      'SELECT methods, "mfaAt" FROM "Session" WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)',
      [email],
    );
    expect(session).toMatchObject({ methods: ['pwd', 'pop', 'mfa'], mfaAt: expect.any(Date) });
    const second = await front.register(renewed, device());
    expect(codeOf(second)).toBe('ok');
  });

  it('requires a recent factor of users with one, at start and finish', async () => {
    const { token, email } = await holder();
    const started = await front.startRegistration(token);
    await stale(email);
    const start = await world.ask('mutation { startPasskeyRegistration { challengeId options } }', {}, token);
    const finish = await front.finishRegistration(token, {
      challengeId: started.challengeId,
      response: device().create(started.options),
    });
    for (const answer of [start, finish])
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'STEP_UP_REQUIRED',
        methods: ['PASSKEY'],
      });
  });

  it('names malformed input, and limits a user to 20 passkeys', async () => {
    const { token, email } = await newcomer(world, ['client']);
    const { challengeId, options } = await front.startRegistration(token);
    const response = device().create(options);
    const malformed = await front.finishRegistration(token, {
      challengeId,
      name: ' ',
      response: { ...response, response: { ...response.response, attestationObject: 'not base64url!' } },
    });
    expect(malformed.errors?.[0]?.extensions.fields).toEqual({
      'input.name': 'expected some visible text',
      'input.response.response.attestationObject': 'expected base64url',
    });
    const garbage = await front.finishRegistration(token, {
      challengeId,
      response: {
        ...response,
        response: { ...response.response, attestationObject: 'AAAA', clientDataJSON: 'AAAA' },
      },
    });
    expect([codeOf(garbage), reasonOf(garbage)]).toEqual(['PASSKEY_REFUSED', 'attestation']);
    const full = await front.startRegistration(token);
    await rowsOf(
      world,
      `INSERT INTO "Passkey" (id, "userId", "credentialId", "publicKey", counter, "deviceType", "backedUp", name)
       SELECT gen_random_uuid(), p.id, gen_random_uuid(), '', 0, 'singleDevice', false, 'x' FROM "User" p, generate_series(1, 20) WHERE email = $1`,
      [email],
    );
    await rowsOf(
      world,
      `UPDATE "Session" SET "mfaAt" = now() WHERE "userId" = (SELECT id FROM "User" WHERE email = $1)`,
      [email],
    );
    const many = await front.finishRegistration(token, {
      challengeId: full.challengeId,
      response: device().create(full.options),
    });
    expect(codeOf(many)).toBe('CONFLICT');
  });
});

describe('[A11] signing in by a passkey', () => {
  it('needs no user name, counts as a second factor, and is audited', async () => {
    const { own, email } = await holder();
    const [{ began }] = await rowsOf(world, 'SELECT now() AS began');
    const { options } = await front.startSignIn();
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    expect(options.allowCredentials).toBeUndefined();
    const answer = await front.signIn(own);
    expect(answer.data.finishPasskeySignIn.viewer).toEqual({ user: { email }, company: { name: 'Acme' } });
    expect(answer.headers.get('set-cookie')).toContain(answer.data.finishPasskeySignIn.sessionToken);
    const [session] = await rowsOf(
      world,
      'SELECT methods, "mfaAt" FROM "Session" s JOIN "User" p ON p.id = s."userId" WHERE email = $1 ORDER BY s."createdAt" DESC LIMIT 1',
      [email],
    );
    expect(session.methods).toEqual(['pop', 'mfa']);
    expect(session.mfaAt >= began).toBe(true);
    expect(await eventsOf(world, answer)).toMatchObject([
      { company: 'Acme', action: 'signIn.secondFactorPassed', body: { data: { method: 'passkey' } } },
      { company: 'Acme', action: 'session.signedIn', body: { data: { methods: ['pop', 'mfa'] } } },
    ]);
    expect(await stored(own)).toMatchObject({ counter: '1', lastUsedAt: expect.any(Date) });
  });

  it('mails the user when the device is new', async () => {
    const { own, email } = await holder();
    const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' };
    await front.signIn(own, {}, agent);
    await front.signIn(own, {}, agent);
    const mails = await mailsTo(email);
    expect(mails.filter((subject) => subject === 'Sign-in from a new device')).toHaveLength(1 + 1); // the password's, then this one
  });

  const lies: [string, Lie, string][] = [
    ['from a page of another origin', { origin: 'https://evil.example' }, 'origin'],
    ['in a frame of another site’s page', { crossOrigin: true }, 'origin'],
    ['over http on another name', { origin: 'http://app.localhost' }, 'origin'],
    ['for another site', { rpId: 'evil.example' }, 'site'],
    ['that did not check who holds it', { flags: 0x01 }, 'userVerification'],
    ['with another challenge', { challenge: 'AAAA' }, 'challenge'],
    ['with a wrong signature', { signature: Buffer.alloc(70) }, 'credential'],
    ['that says it is another user’s', { userHandle: Buffer.alloc(16).toString('base64url') }, 'credential'],
    ['that does not say whose it is', { userHandle: null }, 'credential'],
    ['that was a registration', { type: 'webauthn.create' }, 'credential'],
    ['that is said to be synchronised now', { flags: 0x0d }, 'credential'],
  ];
  it.each(lies)('refuses and audits one %s, and starts no session', async (_what, lie, reason) => {
    await forget();
    const { own, passkeyId } = await holder();
    const before = await rowsOf(world, 'SELECT count(*) FROM "Session"');
    const answer = await front.signIn(own, lie);
    expect([codeOf(answer), reasonOf(answer)]).toEqual(['PASSKEY_REFUSED', reason]);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(await eventsOf(world, answer)).toMatchObject([
      {
        company: 'Acme',
        action: 'passkey.refused',
        severity: 'HIGH',
        body: { actor: { kind: 'anonymous' }, data: { purpose: 'signIn', reason, passkeyId } },
      },
    ]);
    expect(await rowsOf(world, 'SELECT count(*) FROM "Session"')).toEqual(before);
    expect(await stored(own)).toMatchObject({ counter: '0', lastUsedAt: null });
  });

  it.each(lies)('answers one %s equally for known and unknown passkeys', async (_what, lie) => {
    await forget();
    const { own } = await holder();
    const unknown = device();
    unknown.create({ rp: {}, user: { id: 'AAAA' }, challenge: 'AAAA' });
    const [known, ofUnknown] = [await front.signIn(own, lie), await front.signIn(unknown, lie)];
    expect(ofUnknown.errors).toEqual(known.errors);
    expect(await eventsOf(world, ofUnknown)).toMatchObject([
      { company: 'Platform', action: 'passkey.refused' },
    ]);
  });

  it('refuses an assertion signed by another passkey', async () => {
    await forget();
    const [one, other] = [await holder(), await holder()];
    const answer = await front.signIn(other.own, { credentialId: one.own.id });
    expect(reasonOf(answer)).toBe('credential');
  });

  it('accepts a challenge once, for an hour, for sign-in only, also under 20 concurrent requests', async () => {
    await forget();
    const { own, token: _, email } = await holder();
    const finish = ({ challengeId, options }: Begun) =>
      front.finishSignIn({ challengeId, response: own.get(options) }).then(reasonOf);
    const slow = await front.startSignIn();
    await later(slow.challengeId, 3601);
    expect(await finish(slow)).toBe('challenge');
    const other = await newcomer(world, ['client']);
    const registering = await front.startRegistration(other.token);
    expect(
      await finish({
        ...registering,
        options: { rpId: 'localhost', challenge: registering.options.challenge },
      }),
    ).toBe('challenge');
    expect(await finish({ ...slow, challengeId: crypto.randomUUID() })).toBe('challenge');

    const started = await front.startSignIn();
    const input = { challengeId: started.challengeId, response: own.get(started.options) };
    const answers = await Promise.all(Array.from({ length: 20 }, () => front.finishSignIn(input)));
    expect(answers.map(reasonOf).sort()).toEqual([...Array(19).fill('challenge'), 'ok']);
    expect(reasonOf(await front.finishSignIn(input))).toBe('challenge');
    const [{ count }] = await rowsOf(
      world,
      `SELECT count(*) FROM "Session" s JOIN "User" p ON p.id = s."userId" WHERE email = $1 AND s.methods = '{pop,mfa}'`,
      [email],
    );
    expect(count).toBe('1');
  });

  it('refuses a user without a membership', async () => {
    const { own, id } = await holder();
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Membership" SET status = 'suspended' WHERE id = '${Buffer.from(id, 'base64').toString().split(':')[1]}'; SET session_replication_role = origin`,
    );
    const answer = await front.signIn(own);
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
    expect(await eventsOf(world, answer)).toMatchObject([
      { action: 'session.signInFailed', body: { data: { reason: 'no active membership' } } },
    ]);
  });
});

describe('[A11] a passkey with a decreasing counter', () => {
  it.each([
    ['lower', 3],
    ['the same', 5],
    ['none', 0],
  ])('(%s) is refused, is a critical event, and its owner hears of it', async (_what, counter) => {
    await forget();
    const { own, email, passkeyId } = await holder();
    expect(codeOf(await front.signIn(own, { counter: 5 }))).toBe('ok');
    const answer = await front.signIn(own, { counter });
    expect([codeOf(answer), reasonOf(answer)]).toEqual(['PASSKEY_REFUSED', 'counter']);
    expect(await eventsOf(world, answer)).toMatchObject([
      {
        company: 'Acme',
        action: 'passkey.counterRegressed',
        severity: 'CRITICAL',
        body: { data: { passkeyId, purpose: 'signIn' } },
      },
    ]);
    expect(await mailsTo(email)).toContain('One of your passkeys may have been copied');
    expect(await stored(own)).toMatchObject({ counter: '5' });
    expect(codeOf(await front.signIn(own, { counter: 6 }))).toBe('ok');
  });

  it('accepts one of two concurrent assertions with the same counter', async () => {
    await forget();
    const { own } = await holder();
    const answers = await Promise.all([1, 2].map(() => front.signIn(own, { counter: 7 })));
    expect(answers.map(reasonOf).sort()).toEqual(['counter', 'ok']);
  });

  it('raises no alert without a valid signature', async () => {
    await forget();
    const { own, email } = await holder();
    await front.signIn(own, { counter: 5 });
    const answer = await front.signIn(own, { counter: 1, signature: Buffer.alloc(70) });
    expect(reasonOf(answer)).toBe('credential');
    expect(await mailsTo(email)).not.toContain('One of your passkeys may have been copied');
  });

  it('may stay at 0, as those do that count nothing', async () => {
    const { own } = await holder();
    for (const _ of [1, 2, 3]) expect(codeOf(await front.signIn(own, { counter: 0 }))).toBe('ok');
  });
});

describe("[A11][A2] failures of an attacker do not lock a passkey's owner out", () => {
  it('with wrong passwords', async () => {
    await forget();
    const { own, email } = await holder();
    const guess = (password: string) =>
      world.ask('mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }', {
        input: { email, password },
      });
    await Promise.all(Array.from({ length: 12 }, () => guess('wrong-Password-1')));
    expect(codeOf(await guess(PASSWORD))).toBe('RATE_LIMITED');
    expect(codeOf(await front.signIn(own))).toBe('ok');
  });

  it('with wrong passkeys from the same network: 20 are events and the others are counted, until they are RATE_LIMITED; the valid one signs in', async () => {
    await forget();
    const { own } = await holder();
    const wrong = () => front.signIn(own, { counter: 0, signature: Buffer.alloc(70) });
    const answers: Answer[] = [];
    for (let tries = 0; tries < 60; tries++) answers.push(await wrong());
    expect(answers.filter((answer) => codeOf(answer) === 'PASSKEY_REFUSED')).toHaveLength(50);
    const last = answers.at(-1) as Answer;
    expect(codeOf(last)).toBe('RATE_LIMITED');
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await eventsOf(world, last)).toEqual([]);
    expect(await eventsOf(world, answers[19] as Answer)).toMatchObject([{ action: 'passkey.refused' }]);
    expect(await rowsOf(world, `SELECT count FROM failure_burst WHERE action = 'passkey.refused'`)).toEqual([
      { count: 50 },
    ]);
    expect(await eventsOf(world, answers[49] as Answer)).toMatchObject([
      { company: 'Platform', action: 'address.locked', body: { data: { kind: 'passkey' } } },
    ]);
    expect(codeOf(await front.signIn(own, { counter: 1 }))).toBe('ok');
  });
});

describe('[A11][A2] starting a passkey sign-in without a session', () => {
  const { address: most, windowSeconds: every } = limits.challenge;
  const begin = (headers: Record<string, string>) =>
    world.ask('mutation { startPasskeySignIn { challengeId options } }', {}, undefined, headers);
  const rows = async () => Number((await rowsOf(world, 'SELECT count(*) FROM "WebAuthnChallenge"'))[0].count);
  /** In the middle of a span, so that it doesn't end in between. */
  const inOneSpan = async (work: () => Promise<void>) => {
    vi.useFakeTimers({ toFake: ['Date'], now: (Math.floor(Date.now() / 1000 / every) + 0.5) * every * 1000 });
    try {
      await work();
    } finally {
      vi.useRealTimers();
    }
  };

  it('is limited for a network without writing a row, and allowed for other networks and in the next window', () =>
    inOneSpan(async () => {
      const [flood, office] = [from(), from()];
      const before = await rows();
      for (let count = 0; count < most; count++) expect(codeOf(await begin(flood))).toBe('ok');
      expect(await rows()).toBe(before + most);
      const refused = await begin(flood);
      expect(codeOf(refused)).toBe('RATE_LIMITED');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(every);
      expect(await rows()).toBe(before + most);
      expect(codeOf(await begin(office))).toBe('ok');
      vi.setSystemTime(Date.now() + every * 1000);
      expect(codeOf(await begin(flood))).toBe('ok');
    }));

  it('is counted as well where a password has gone before', () =>
    inOneSpan(async () => {
      const { email } = await holder();
      const flood = from();
      const signedIn = await world.ask(
        'mutation ($input: SignInInput!) { signIn(input: $input) { mfaChallenge { token } } }',
        { input: { email, password: PASSWORD } },
      );
      const input = { challengeToken: signedIn.data.signIn.mfaChallenge.token };
      for (let count = 0; count < most; count++) await begin(flood);
      const START =
        'mutation ($input: StartPasskeySecondFactorInput!) { startPasskeySecondFactor(input: $input) { challengeId } }';
      expect(codeOf(await world.ask(START, { input }, undefined, flood))).toBe('RATE_LIMITED');
      expect(codeOf(await world.ask(START, { input }, undefined, from()))).toBe('ok');
    }));

  it('is accepted of a page whose autofill waited for 50 minutes [B22]', async () => {
    await forget();
    const { own } = await holder();
    const { challengeId, options } = await front.startSignIn();
    expect(options.timeout).toBe(300_000);
    await later(challengeId, 50 * 60);
    expect(reasonOf(await front.finishSignIn({ challengeId, response: own.get(options) }))).toBe('ok');
  });

  it('leaves no row after expiry and clean-up; valid challenges stay', async () => {
    const [old, young] = [await front.startSignIn(), await front.startSignIn()];
    await later(old.challengeId, 3601);
    expect((await deleteExpired(world.services)).WebAuthnChallenge).toBeGreaterThanOrEqual(1);
    const left = await rowsOf(world, 'SELECT id FROM "WebAuthnChallenge" WHERE id = ANY ($1)', [
      [old.challengeId, young.challengeId],
    ]);
    expect(left).toEqual([{ id: young.challengeId }]);
  });
});

describe('[A11] a user’s passkeys', () => {
  it('have names; renaming and revoking are audited, and revoking is mailed', async () => {
    await forget();
    const { own, email, passkeyId } = await holder();
    const token = (await front.signIn(own)).data.finishPasskeySignIn.sessionToken;
    const second = device();
    const added = await front.register(token, second, { name: 'Security key' });
    const renewed = added.data.finishPasskeyRegistration.sessionToken;
    const secondId = (await stored(second)).id;
    const renamed = await rename(renewed, { passkeyId: secondId, name: 'Blue key' });
    expect(await eventsOf(world, renamed)).toMatchObject([
      { action: 'passkey.renamed', body: { data: { passkeyId: secondId, name: 'Blue key' } } },
    ]);
    const { data } = await world.ask(LIST, {}, renewed);
    expect(nodesOf(data.passkeys)).toMatchObject([
      { id: globalId('Passkey', passkeyId), name: 'Phone', lastUsedAt: expect.any(String) },
      { id: globalId('Passkey', secondId), name: 'Blue key', lastUsedAt: null },
    ]);
    const revoked = await revoke(renewed, secondId);
    expect(await eventsOf(world, revoked)).toMatchObject([
      {
        action: 'passkey.removed',
        severity: 'HIGH',
        body: { data: { passkeyId: secondId, name: 'Blue key' } },
      },
    ]);
    expect(await mailsTo(email)).toContain('A passkey was removed from your account');
    expect(reasonOf(await front.signIn(second))).toBe('credential');
    expect(codeOf(await front.signIn(own))).toBe('ok');
  });

  it('are listed, renamed and revoked by their user only', async () => {
    const [one, other] = [await holder(), await holder()];
    const token = (await front.signIn(other.own)).data.finishPasskeySignIn.sessionToken;
    const { data } = await world.ask(LIST, {}, token);
    expect(nodesOf(data.passkeys).map(({ id }) => id)).toEqual([globalId('Passkey', other.passkeyId)]);
    const before = await stored(one.own);
    for (const id of [one.passkeyId, crypto.randomUUID()]) {
      expect(codeOf(await rename(token, { passkeyId: id, name: 'Mine' }))).toBe('NOT_FOUND');
      expect(codeOf(await revoke(token, id))).toBe('NOT_FOUND');
    }
    expect(await stored(one.own)).toEqual(before);
  });

  it('are revoked only after a recent second factor', async () => {
    const { passkeyId, email, token, own } = await holder();
    await stale(email);
    expect(codeOf(await revoke(token, passkeyId))).toBe('STEP_UP_REQUIRED');
    expect(await stored(own)).toBeDefined();
  });

  it('keep the last one while a second factor is required of the user', async () => {
    const { passkeyId, id, token, own } = await holder();
    const member = Buffer.from(id, 'base64').toString().split(':')[1];
    await rowsOf(
      world,
      `SET session_replication_role = replica; UPDATE "Membership" SET "mfaRequired" = true, "mfaGraceFrom" = now() WHERE id = '${member}'; SET session_replication_role = origin`,
    );
    expect(codeOf(await revoke(token, passkeyId))).toBe('CONFLICT');
    expect(await stored(own)).toBeDefined();
    const renewed = (await front.register(token, device())).data.finishPasskeyRegistration.sessionToken;
    expect(codeOf(await revoke(renewed, passkeyId))).toBe('ok');
  });
});

describe('[A11][M1] a passkey as second factor', () => {
  const START =
    'mutation ($input: StartPasskeySecondFactorInput!) { startPasskeySecondFactor(input: $input) { challengeId options } }';
  const COMPLETE =
    'mutation ($input: FinishPasskeySecondFactorInput!) { finishPasskeySecondFactor(input: $input) { sessionToken viewer { user { email } } } }';
  const password = async (email: string) =>
    (
      await world.ask(
        'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken mfaChallenge { token methods } } }',
        { input: { email, password: PASSWORD } },
      )
    ).data.signIn;
  const start = async (challengeToken: string): Promise<Begun> =>
    (await world.ask(START, { input: { challengeToken } })).data.startPasskeySecondFactor;
  const complete = (input: object) => world.ask(COMPLETE, { input });

  it('is required after the password, and starts a session with both methods', async () => {
    const { own, email } = await holder();
    const { sessionToken, mfaChallenge } = await password(email);
    expect([sessionToken, mfaChallenge.methods]).toEqual([null, ['PASSKEY']]);
    const { challengeId, options } = await start(mfaChallenge.token);
    expect(options).toMatchObject({ userVerification: 'required', allowCredentials: [{ id: own.id }] });
    const input = {
      challengeToken: mfaChallenge.token,
      challengeId,
      response: own.get(options, { userHandle: null }),
    };
    const answer = await complete(input);
    expect(answer.data.finishPasskeySecondFactor.viewer.user.email).toBe(email);
    const [session] = await rowsOf(world, 'SELECT methods FROM "Session" ORDER BY "createdAt" DESC LIMIT 1');
    expect(session.methods).toEqual(['pwd', 'pop', 'mfa']);
    expect(codeOf(await complete(input))).toBe('UNAUTHENTICATED');
  });

  it('of another user is refused and audited in the user’s company, without naming the other user', async () => {
    await forget();
    const [one, other] = [await holder(), await holder()];
    const { mfaChallenge } = await password(one.email);
    const { challengeId, options } = await start(mfaChallenge.token);
    const answer = await complete({
      challengeToken: mfaChallenge.token,
      challengeId,
      response: other.own.get(options),
    });
    expect(reasonOf(answer)).toBe('credential');
    const [event] = await eventsOf(world, answer);
    expect(event).toMatchObject({
      company: 'Acme',
      action: 'passkey.refused',
      body: { data: { purpose: 'secondFactor', userId: expect.any(String) } },
    });
    expect(event.body.data).not.toHaveProperty('passkeyId');
    expect(await stored(other.own)).toMatchObject({ counter: '0' });
  });

  it('rejects a challenge of sign-in, of step-up, of another user, and a used one', async () => {
    await forget();
    const [one, other] = [await holder(), await holder()];
    const { mfaChallenge } = await password(one.email);
    const others = await password(other.email);
    const stepUp = (await world.ask('mutation { startPasskeyStepUp { challengeId options } }', {}, one.token))
      .data.startPasskeyStepUp;
    for (const { challengeId, options } of [
      await front.startSignIn(),
      stepUp,
      await start(others.mfaChallenge.token),
    ] as Begun[])
      expect(
        reasonOf(
          await complete({ challengeToken: mfaChallenge.token, challengeId, response: one.own.get(options) }),
        ),
      ).toBe('challenge');
    const { challengeId, options } = await start(mfaChallenge.token);
    const wrong = one.own.get(options, { flags: 0x01 });
    expect(
      reasonOf(await complete({ challengeToken: mfaChallenge.token, challengeId, response: wrong })),
    ).toBe('userVerification');
    const right = one.own.get(options);
    expect(
      reasonOf(await complete({ challengeToken: mfaChallenge.token, challengeId, response: right })),
    ).toBe('challenge');
    const again = await start(mfaChallenge.token);
    const response = one.own.get(again.options);
    expect(
      codeOf(
        await complete({ challengeToken: mfaChallenge.token, challengeId: again.challengeId, response }),
      ),
    ).toBe('ok');
  });

  it('is refused for an unknown challenge, and for a user without a passkey', async () => {
    const answer = await world.ask(START, { input: { challengeToken: 'A'.repeat(43) } });
    expect(codeOf(answer)).toBe('UNAUTHENTICATED');
  });

  it('refuses a decreasing counter too, and notifies the owner', async () => {
    await forget();
    const { own, email } = await holder();
    await front.signIn(own, { counter: 5 });
    const { mfaChallenge } = await password(email);
    const { challengeId, options } = await start(mfaChallenge.token);
    const answer = await complete({
      challengeToken: mfaChallenge.token,
      challengeId,
      response: own.get(options, { counter: 2 }),
    });
    expect(reasonOf(answer)).toBe('counter');
    expect(await eventsOf(world, answer)).toMatchObject([
      { action: 'passkey.counterRegressed', severity: 'CRITICAL' },
    ]);
    expect(await mailsTo(email)).toContain('One of your passkeys may have been copied');
  });
});

describe('[A11] stepping up by a passkey', () => {
  const START = 'mutation { startPasskeyStepUp { challengeId options } }';
  const FINISH =
    'mutation ($input: FinishPasskeyStepUpInput!) { finishPasskeyStepUp(input: $input) { sessionToken } }';

  it('gives the session a new token and a recent second factor', async () => {
    const { own, email, token, passkeyId } = await holder();
    await stale(email);
    const { challengeId, options } = (await world.ask(START, {}, token)).data.startPasskeyStepUp;
    const answer = await world.ask(FINISH, { input: { challengeId, response: own.get(options) } }, token);
    const renewed = answer.data.finishPasskeyStepUp.sessionToken;
    expect(codeOf(await world.ask('{ viewer { roles } }', {}, token))).toBe('UNAUTHENTICATED');
    expect(codeOf(await revoke(renewed, passkeyId))).toBe('ok');
  });

  it('accepts only the user’s own passkey and challenge', async () => {
    await forget();
    const [one, other] = [await holder(), await holder()];
    const started = (await world.ask(START, {}, one.token)).data.startPasskeyStepUp;
    const foreign = await world.ask(
      FINISH,
      { input: { challengeId: started.challengeId, response: other.own.get(started.options) } },
      one.token,
    );
    expect(reasonOf(foreign)).toBe('credential');
    const again = (await world.ask(START, {}, one.token)).data.startPasskeyStepUp;
    const stolen = await world.ask(
      FINISH,
      { input: { challengeId: again.challengeId, response: other.own.get(again.options) } },
      other.token,
    );
    expect(reasonOf(stolen)).toBe('challenge');
  });
});
