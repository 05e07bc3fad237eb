import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyAnomalies } from '../../../src/auth/api-keys/anomaly.ts';
import { type MailboxWorld, openMailboxWorld } from '../../support/server/dev-mailbox.ts';
import { newcomer, rowsOf, uuidOf } from '../../support/server/world.ts';
import {
  company,
  eventsOf,
  type MadeKey,
  newKey,
  secondInstance,
} from '../../support/sign-in/credentials.ts';
import { clearAttempts, mutate } from '../../support/sign-in/factors.ts';

let world: MailboxWorld;
let second: Awaited<ReturnType<typeof secondInstance>>;
let admin: string;
beforeAll(async () => {
  world = await openMailboxWorld();
  second = await secondInstance(world);
  admin = await world.signIn('company_admin');
});
afterAll(async () => {
  await second?.end();
  await world?.end();
});
beforeEach(() => clearAttempts(world));

const SUBJECT = 'Unusual use of an API key';
const from = (ip: string) => ({ 'x-forwarded-for': ip });
const make = (parts: object = {}) => newKey(world, admin, ['hr_admin'], parts);
const told = async ({ id }: MadeKey) =>
  (await eventsOf(world, 'apiKey.anomaly'))
    .filter(({ body }) => body.data.key === uuidOf(id))
    .map(({ body }) => body.data.anomaly as string);
const mails = async (email = 'company_admin@acme.example') => {
  await second.services.mailer.settled();
  return (await world.mailsTo(email)).filter(({ subject }) => subject === SUBJECT);
};
/** A key that was used before, from one network. */
async function used(parts: object = {}): Promise<MadeKey> {
  const made = await make(parts);
  await company(world, made.key, from('198.51.100.1'));
  return made;
}
const yesterday = ({ id }: MadeKey) =>
  rowsOf(world, 'UPDATE "ApiKeyAnomaly" SET day = day - 1 WHERE "apiKeyId" = $1', [uuidOf(id)]);

describe('[A7] an anomaly of an API key', () => {
  it('is a network that it was not used from before: once a day, however many networks and requests', async () => {
    const made = await used();
    expect(await told(made)).toEqual([]);
    const before = (await mails()).length;
    const networks = Array.from({ length: 24 }, (_, n) => from(`203.0.113.${n}`));
    await Promise.all(networks.map((network, n) => company(n % 2 ? world : second, made.key, network)));
    expect(await told(made)).toEqual(['newNetwork']);
    expect(await mails()).toHaveLength(before + 1);
    // each of them is audited all the same
    expect(
      (await eventsOf(world, 'apiKey.newAddress')).filter(({ body }) => body.data.key === uuidOf(made.id)),
    ).toHaveLength(24);
    await yesterday(made);
    await company(world, made.key, from('203.0.113.99'));
    expect(await told(made)).toEqual(['newNetwork', 'newNetwork']);
    expect(await mails()).toHaveLength(before + 2);
  });

  it('is ten rejections in a day, mailed once with the address', async () => {
    const made = await used({ allowedNetworks: ['198.51.100.0/24'] });
    const before = (await mails()).length;
    for (let count = 1; count < keyAnomalies.refused; count++)
      expect(await company(world, made.key, from('203.0.113.7'))).toBe('UNAUTHENTICATED');
    expect(await told(made)).toEqual([]);
    for (let count = 0; count < 5; count++) await company(world, made.key, from('203.0.113.8'));
    expect(await told(made)).toEqual(['refused']);
    const sent = await mails();
    expect(sent).toHaveLength(before + 1);
    expect(sent.at(-1)?.text).toMatch(/has been refused often today.*from 203\.0\.113\.8/);
  });

  it('counts refusals of yesterday no more', async () => {
    const made = await used({ allowedNetworks: ['198.51.100.0/24'] });
    for (let count = 1; count < keyAnomalies.refused; count++)
      await company(world, made.key, from('203.0.113.7'));
    await yesterday(made);
    await company(world, made.key, from('203.0.113.7'));
    expect(await told(made)).toEqual([]);
  });

  it('is a use after months without one', async () => {
    const made = await used();
    const unused = (days: number) =>
      rowsOf(world, `UPDATE "ApiKeyUse" SET "lastUsedAt" = now() - $2 * interval '1 day' WHERE id = $1`, [
        uuidOf(made.id),
        days,
      ]);
    await unused(89);
    await company(world, made.key, from('198.51.100.1'));
    expect(await told(made)).toEqual([]);
    await unused(91);
    await Promise.all(Array.from({ length: 10 }, () => company(world, made.key, from('198.51.100.1'))));
    expect(await told(made)).toEqual(['awoken']);
  });

  it('does not count for other keys, unknown ids or a first use', async () => {
    const [mine, other] = [await used(), await make()];
    await company(world, other.key, from('203.0.113.50'));
    for (let count = 0; count < 2 * keyAnomalies.refused; count++)
      await company(
        world,
        `bwk_dev_${randomUUID().replaceAll('-', '')}_${'A'.repeat(49)}`,
        from('203.0.113.60'),
      );
    for (const key of [mine, other]) expect(await told(key)).toEqual([]);
  });

  it('is mailed only to active members who may revoke keys, by a role or a team', async () => {
    const slug = `keeper_${randomUUID().slice(0, 8)}`;
    await mutate(
      world,
      'createRole',
      {
        slug,
        name: 'Keeper',
        level: 2,
        accessScope: 'COMPANY',
        permissions: ['apiKey.read', 'apiKey.write'],
      },
      '{ id }',
      admin,
    );
    const [keeper, suspended, reader] = [
      await newcomer(world, [slug]),
      await newcomer(world, [slug]),
      await newcomer(world, ['external_auditor']),
    ];
    await mutate(world, 'setLanguage', { language: 'de' }, '{ __typename }', keeper.token);
    await mutate(world, 'suspendMember', { memberId: suspended.id }, '{ id }', admin);
    const made = await used();
    await company(world, made.key, from('203.0.113.77'));
    await mails();
    const [mail] = (await world.mailsTo(keeper.email)).filter(({ text }) => text.includes('„Key“'));
    expect(mail?.subject).toBe('Ungewöhnliche Nutzung eines API-Schlüssels');
    expect(mail?.text).toContain('203.0.113.77');
    for (const { email } of [suspended, reader, { email: 'company_admin@globex.example' }])
      expect(await mails(email)).toEqual([]);
    const all = JSON.stringify([...(await world.mailsTo(keeper.email)), ...(await mails())]);
    expect(all).not.toContain(made.key);
    expect(all).not.toContain(made.key.slice(-49));
  });

  it('is audited in the key’s company: with the account for a use, anonymous for a rejection', async () => {
    const made = await used({ allowedNetworks: ['198.51.100.0/24'] });
    await company(world, made.key, from('198.51.100.2'));
    for (let count = 0; count < keyAnomalies.refused; count++)
      await company(world, made.key, from('203.0.113.7'));
    const events = (await eventsOf(world, 'apiKey.anomaly')).filter(
      ({ body }) => body.data.key === uuidOf(made.id),
    );
    expect(events).toMatchObject([
      {
        company: 'Acme',
        body: {
          severity: 'HIGH',
          actor: { kind: 'service', key: uuidOf(made.id) },
          data: { anomaly: 'newNetwork' },
        },
      },
      { company: 'Acme', body: { actor: { kind: 'anonymous' }, data: { anomaly: 'refused', times: 10 } } },
    ]);
  });

  it('costs an ordinary request nothing: one round trip to know the key, and no write', async () => {
    const made = await used();
    const before = await rowsOf(world, 'SELECT * FROM "ApiKeyUse" WHERE id = $1', [uuidOf(made.id)]);
    const asked: string[] = [];
    const { pool } = world.services;
    const query = pool.query.bind(pool);
    pool.query = (statement: { text: string; values?: unknown[] }) => {
      // of this key: what is told about another test's goes on by itself
      if (statement.values?.includes(uuidOf(made.id))) asked.push(statement.text);
      return query(statement);
    };
    await world.ask('{ __typename }', {}, made.key, from('198.51.100.1'));
    pool.query = query;
    expect(asked).toEqual([expect.stringContaining('authenticate_api_key')]);
    expect(await rowsOf(world, 'SELECT * FROM "ApiKeyUse" WHERE id = $1', [uuidOf(made.id)])).toEqual(before);
  });
});
