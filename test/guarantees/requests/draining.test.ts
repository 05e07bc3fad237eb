import { afterAll, beforeAll, expect, test } from 'vitest';
import { follow, SUBSCRIPTION, startServer } from '../../support/server/server-process.ts';
import { openWorld, type World } from '../../support/server/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.end());

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)(
  '%s turns the readiness check red while requests are served, then drops subscriptions without complete and stops [F11] [U12]',
  async (signal) => {
    const server = await startServer(world, { DRAIN_TIME: '3s' });
    const token = await world.signIn('company_admin');
    const stream = follow(server, token, { after: '0' });
    await expect.poll(() => stream.events.length).toBeGreaterThan(0);
    const stopped = server.stop(signal);
    const ready = () => fetch(new URL('/health/ready', server.url)).then(({ status }) => status);
    await expect.poll(ready).toBe(503);
    expect((await server.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect((await stopped).code).toBe(0);
    expect(await stream.ended).toBe('broken');
  },
);

test('SIGUSR1 opens no inspector outside development, and the server goes on serving [U12]', async () => {
  const server = await startServer(world);
  server.signal('SIGUSR1');
  await expect.poll(server.output).toMatch(/SIGUSR1 is ignored|Debugger listening/);
  expect(server.output()).not.toContain('Debugger listening');
  expect((await server.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
  expect((await server.stop()).code).toBe(0);
});

test('each event has its cursor as id, and Last-Event-ID goes on after it [B22]', async () => {
  const token = await world.signIn('company_admin');
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    authorization: `Bearer ${token}`,
  };
  /** The first event's id and data. */
  const first = async (more: Record<string, string>) => {
    const connection = new AbortController();
    const response = await fetch(world.url, {
      method: 'POST',
      signal: connection.signal,
      headers: { ...headers, ...more },
      body: JSON.stringify({ query: SUBSCRIPTION, variables: { after: '0' } }),
    });
    let text = '';
    for await (const chunk of (response.body as ReadableStream).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (/^data: \{.*\}\n\n/m.test(text)) break;
    }
    connection.abort();
    return {
      id: /^id: (.*)$/m.exec(text)?.[1],
      cursor: JSON.parse(/^data: (\{.*\})$/m.exec(text)?.[1] ?? '{}').data.auditEvents.cursor,
    };
  };
  expect(await first({})).toEqual({ id: '1', cursor: '1' });
  expect(await first({ 'last-event-id': '3' })).toEqual({ id: '4', cursor: '4' });
});
