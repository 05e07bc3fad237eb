import type { FastifyInstance, FastifyReply } from 'fastify';

/**
 * Scripts and styles come from this server only, requests go to it only, and nothing frames the
 * page.
 */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = `body { font: 16px/1.5 system-ui; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
pre { white-space: pre-wrap; background: #f4f4f4; padding: 1rem }
table { border-collapse: collapse } td, th { text-align: left; padding: .1rem 1rem .1rem 0 }
form { display: grid; gap: 1rem; max-width: 24rem } label { display: grid }
input, select, button { font: inherit; padding: .3rem .5rem } [hidden] { display: none } output { font-weight: bold }`;

/** Registers the style sheet of the pages. */
export const styleRoute = (app: FastifyInstance): void =>
  void app.get('/page/style.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STYLE),
  );

/**
 * Sends a page; `body` is HTML, with values escaped. `images`: where its pictures may come from.
 */
export const sendPage = (
  reply: FastifyReply,
  title: string,
  body: string,
  { images }: { images?: string } = {},
): FastifyReply =>
  reply
    .header('content-security-policy', images ? `${CSP}; img-src ${images}` : CSP)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>
<link rel="stylesheet" href="/page/style.css"><h1>${escaped(title)}</h1>${body}</html>`,
    );

/** Escapes a value for HTML text and attributes. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
