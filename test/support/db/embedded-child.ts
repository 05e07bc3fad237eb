// A process that only keeps a PostgreSQL, for tests that kill it: prints its URL, stops it on
// SIGINT.
import { startEmbedded } from '../../../src/db/embedded/embedded.ts';

const [folder = '', password = ''] = process.argv.slice(2);
try {
  const server = await startEmbedded({ folder, password });
  const alive = setInterval(() => {}, 1000);
  process.once('SIGINT', () => server.stop().then(() => clearInterval(alive)));
  console.log(server.url);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
