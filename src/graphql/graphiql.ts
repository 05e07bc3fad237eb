import type { GraphiqlTab } from './request/settings.ts';

export type GraphiqlPage = { html: string; csp: string };

/**
 * The page, with everything it loads inside it (no CDN), and the Content-Security-Policy under
 * which just this page runs.
 */
export async function graphiqlPage(tabs: readonly GraphiqlTab[]): Promise<GraphiqlPage> {
  // 9 MB of text, loaded where the page is asked for and nowhere else
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const nonce = globalThis.crypto.randomUUID();
  const defaultTabs = tabs.map(asTab);
  // the first tab takes its headers from here and not from its own entry; kept in memory, never in
  // the browser's storage
  const headers = defaultTabs[0]?.headers ?? undefined;
  const html = renderGraphiQL({
    title: 'GraphiQL',
    defaultTabs,
    headers,
    credentials: 'same-origin',
    shouldPersistHeaders: false,
  });
  return {
    html: String(html).replace('<script>', () => `<script nonce="${nonce}">`),
    csp: pagePolicy(nonce),
  };
}

const asTab = ({ title, query, headers }: GraphiqlTab) => ({
  query: `# ${title}\n${query}`,
  headers: headers ? JSON.stringify(headers, null, 2) : null,
});

// the editor writes its styles at run time and starts its workers from blobs; scripts run by this
// page's nonce only
const pagePolicy = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
