/**
 * Serves the example page, on loopback and without a build step: `npm exec -- node
 * examples/passkey/serve.ts`. The page is a front end of its own, on an origin of its own, as a
 * real one is; README.md says what the server must be told about it.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';

const HERE = import.meta.dirname;
const LIBRARY = join(HERE, '../../node_modules/@simplewebauthn/browser/esm');
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
const files: Record<string, string> = {
  '/': join(HERE, 'index.html'),
  '/page.css': join(HERE, 'page.css'),
  '/page.js': join(HERE, 'page.js'),
};

/** The page may run its own scripts, talk to the API, and nothing else. */
const policyFor = (api: string): string =>
  [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:",
    `connect-src ${new URL(api).origin}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  ].join('; ');

/** @param api URL of the GraphQL endpoint */
export function pageOf(api: string): RequestListener {
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const body = await contentOf(pathname, api).catch(() => null);
    response.writeHead(body === null ? 404 : 200, {
      'content-type': types[extname(pathname) || '.html'] ?? 'text/plain',
      'content-security-policy': policyFor(api),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    response.end(body ?? 'There is no such page.');
  };
}

async function contentOf(path: string, api: string): Promise<string | null> {
  if (path === '/settings.js') return `export const api = ${JSON.stringify(api)};\n`;
  const file = files[path] ?? libraryFile(path);
  return file === null ? null : readFile(file, 'utf8');
}

/** A module of @simplewebauthn/browser as it was installed, and nothing outside of it. */
function libraryFile(path: string): string | null {
  const name = /^\/simplewebauthn\/([\w/]+\.js)$/.exec(path)?.[1];
  return name ? join(LIBRARY, normalize(name)) : null;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { api: { type: 'string' }, port: { type: 'string' } } });
  const api = values.api ?? 'http://localhost:4000/graphql';
  const port = Number(values.port ?? 4100);
  createServer(pageOf(api)).listen(port, 'localhost', () => {
    console.log(`The page: http://localhost:${port}   its API: ${api}`);
  });
}
