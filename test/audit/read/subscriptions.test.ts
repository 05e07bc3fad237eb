import { afterAll, beforeAll, expect, test } from 'vitest';
import { follow, type Stream } from '../../support/server/server-process.ts';
import { openWorld, type World } from '../../support/server/world.ts';

let world: World;
let [admin, auditor, globex] = ['', '', ''];

beforeAll(async () => {
  world = await openWorld({ subscriptions: { perUser: 2, perCompany: 3 } });
  [admin, auditor, globex] = [
    await world.signIn('company_admin'),
    await world.signIn('external_auditor'),
    await world.signIn('company_admin', 'globex'),
  ];
});
afterAll(() => world.end());

/** Subscribes from the beginning: the first event says that the subscription is accepted. */
const subscribe = (token: string) => follow(world, token, { after: '0' });
const accepted = (stream: Stream) => expect.poll(() => stream.events.length).toBeGreaterThan(0);
async function refused(token: string): Promise<void> {
  const stream = subscribe(token);
  await stream.ended;
  expect(stream.events).toEqual([]);
  expect(stream.errors.map(({ extensions }) => extensions.code)).toEqual(['RATE_LIMITED']);
}

test('subscriptions up to the limits of user and company are served, further ones are RATE_LIMITED, and closed ones count no more [F5] [S14]', async () => {
  const [first, second] = [subscribe(admin), subscribe(admin)];
  await Promise.all([accepted(first), accepted(second)]);
  await refused(admin); // the user has two
  const third = subscribe(auditor);
  await accepted(third);
  await refused(auditor); // the company has three
  const other = subscribe(globex);
  await accepted(other);
  await first.leave();
  await expect
    .poll(async () => {
      const again = subscribe(auditor);
      await Promise.race([accepted(again), again.ended]);
      return again.leave().then(() => again.errors);
    })
    .toEqual([]);
  await Promise.all([second, third, other].map((stream) => stream.leave()));
});
