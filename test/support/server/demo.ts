import { pino } from 'pino';
import { type Connections, closeServices, openServices } from '../../../src/app.ts';
import type { Config } from '../../../src/config.ts';
import { makeDemo as make } from '../../../src/domain/demo/demo.ts';

export const PASSWORD = 'demo-Password-1';

export const configWith = (key: Buffer, id = 'test'): Config =>
  ({
    env: 'development',
    host: '127.0.0.1',
    port: 0,
    workers: 1,
    dataDir: '',
    database: { kind: 'embedded' },
    masterKeys: [{ id, key }],
    publicUrl: 'http://127.0.0.1',
    appUrl: 'http://127.0.0.1',
    corsOrigins: ['https://app.example'],
    sameSite: 'lax',
    trustedProxies: [],
    plainHttp: 'loopback',
    rateLimit: 1_000_000,
    costLimit: 1_000_000_000,
    mail: { kind: 'none' },
    sms: { kind: 'none' },
    signingKeyDays: 90,
    // none of a busy machine's requests ends by it; tests of deadlines have their own
    requestTimeout: 250_000,
    answerTimeout: 30_000,
    mostLateMs: 0,
    drainTime: 0,
    retention: { jobs: 7, invitations: 30 },
    subscriptions: { perUser: 10, perCompany: 100 },
    logLevel: 'info',
  }) as unknown as Config;

/**
 * The demo's two companies in a migrated database, sealed under this key: made once a run, and
 * copied for each world.
 */
export async function makeDemo(connections: Connections, key: Buffer, keyId?: string): Promise<void> {
  const services = await openServices(configWith(key, keyId), connections, pino({ level: 'silent' }));
  await make(services, PASSWORD);
  await closeServices(services);
}
