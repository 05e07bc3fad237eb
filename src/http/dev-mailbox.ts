import type { FastifyInstance } from 'fastify';
import { type MailboxMessage, mailboxMessages } from '../notifications/dev-mailbox.ts';

/** Serves the dev mailbox at `/dev/mail` and `/dev/mail.json`. Registered in development only: it shows valid email tokens. */
export function devMailboxPage(app: FastifyInstance, folder: string): void {
  app.get('/dev/mail.json', async () => mailboxMessages(folder));
  app.get('/dev/mail', async (_request, reply) =>
    reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      )
      .type('text/html; charset=utf-8')
      .send(page(await mailboxMessages(folder))),
  );
}

const page = (
  messages: MailboxMessage[],
): string => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dev mailbox</title>
<style>body{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto}pre{white-space:pre-wrap;background:#f4f4f4;padding:1rem}</style>
<h1>Dev mailbox</h1><p>Messages that this server would have sent.</p>${messages.map(article).join('') || '<p>No messages yet.</p>'}</html>`;

const article = ({ at, channel, to, subject, text }: MailboxMessage): string =>
  `<article><h2>${escaped(subject || 'Text message')}</h2><p>${escaped(channel)} to ${escaped(to)}, ${escaped(at)}</p><pre>${linked(escaped(text))}</pre></article>`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const linked = (html: string): string =>
  html.replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
