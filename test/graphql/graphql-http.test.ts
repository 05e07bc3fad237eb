import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listening } from '../support/server/toy-server.ts';

let server: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  // development, because some of the audits ask for `__type`; every limit, header and check is the
  // same
  server = await listening({ config: { env: 'development' } });
});
afterAll(() => server.app.close());

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => server.url });

  test('[H4] has more than 50 audits', () => expect(audits.length).toBeGreaterThan(50));

  test.each(audits.map((audit) => [audit.name, audit] as const))('[H4] %s', async (_name, audit) => {
    const result = await audit.fn();
    expect(result).toMatchObject({ status: 'ok' });
  });
});
