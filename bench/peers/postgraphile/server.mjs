/**
 * `node bench/peers/postgraphile/server.mjs DATABASE_URL PORT`: PostGraphile 5 in library mode on Node's own server: its Amber preset and
 * the simpler names that it recommends, no GraphiQL, no explain. Row-level security by role and settings from the request: here two
 * headers, which costs less than a JWT or a session would.
 */
import { createServer } from 'node:http';
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

const [, , connectionString, port] = process.argv;

const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  pgServices: [makePgService({ connectionString, schemas: ['plain'], poolConfig: { max: 10 } })],
  gather: { installWatchFixtures: false },
  grafast: {
    explain: false,
    context: ({ node }) => ({
      pgSettings: {
        'app.company_id': node.req.headers['x-company-id'] ?? '',
        'app.user_id': node.req.headers['x-user-id'] ?? '',
      },
    }),
  },
  grafserv: { graphiql: false, watch: false },
};

const server = createServer();
const instance = postgraphile(preset).createServ(grafserv);
await instance.addTo(server);
await instance.ready?.();
server.listen(Number(port), '127.0.0.1', () => console.log(`listens on ${port}`));
