import { afterAll, beforeAll, describe } from 'vitest';
import { hasPostgres } from '../support/db/system-postgres.ts';
import { Layout } from '../support/layout/layout.ts';
import { missingPrograms } from '../support/layout/part.ts';
import { isolation } from './isolation.ts';
import { limits } from './limits.ts';
import { restarts } from './restarts.ts';
import { sessions } from './sessions.ts';
import { subscriptions } from './subscriptions.ts';

const missing = [...missingPrograms, ...(hasPostgres ? [] : ['postgresql'])];
const condition = missing.length > 0 ? ` (left out: ${missing.join(', ')} not installed)` : '';

describe.skipIf(missing.length > 0)(`the layout of deploy/ with three instances${condition}`, () => {
  const layout = new Layout();
  // the suites send more requests than a user may; the last one is about that limit
  beforeAll(() => layout.start({ RATE_LIMIT: '999999', COST_LIMIT: '999999999' }));
  afterAll(() => layout.stop());

  isolation(layout);
  sessions(layout);
  subscriptions(layout);
  restarts(layout);
  limits(layout);
});
