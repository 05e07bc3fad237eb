/**
 * `node bench/composed.ts [SHORTCUT…]`: the server of `npm start` without these shortcuts
 * (src/shortcuts.ts). `/bench/uses` tells how
 * often each one answered.
 */
import { openServer, openServices } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { listen } from '../src/http/listen.ts';
import { createLog } from '../src/http/logger.ts';
import type { Shortcuts } from '../src/shortcuts.ts';

const config = readConfig();
const { database } = config;
if (database.kind !== 'external') throw new Error('bench: DATABASE_URL is missing');
const shortcuts: Shortcuts = Object.fromEntries(process.argv.slice(2).map((name) => [name, false]));
const connections = { app: database.url, platform: database.platformUrl ?? null };
const services = await openServices(config, connections, createLog(config), shortcuts);
const server = openServer(services, shortcuts);
server.get('/bench/uses', async () => services.uses);
await listen(server, config);
