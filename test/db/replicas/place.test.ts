import { expect, test } from 'vitest';
import { type Place, unfit } from '../../../src/db/replicas/place.ts';

const primary: Place = {
  ...{ cluster: '1', database: 'bulwark', role: 'server', standby: false, position: 100, changed: [] },
};

test.each([
  [{}, null],
  [{ position: 0 }, null],
  [{ position: 101 }, 'it has replayed what the primary does not have'],
  [{ standby: false }, 'it is no standby: it was promoted, or is the primary'],
  [{ cluster: '2' }, 'it is another PostgreSQL system than the primary'],
  [{ database: 'other' }, 'it leads to the database "other" and DATABASE_URL to "bulwark"'],
  [{ role: 'reader' }, 'it has the role "reader" and DATABASE_URL "server"'],
  [{ changed: ['DateStyle', 'row_security'] }, 'it sets DateStyle and row_security'],
])('a standby of the primary with %j is left out because: %s [K3]', (change, reason) => {
  expect(unfit(primary, { ...primary, standby: true, ...change })).toBe(reason);
});
