import type { FastifyInstance } from 'fastify';
import { type MailboxMessage, mailboxMessages } from '../../notifications/dev-mailbox.ts';
import { escaped, sendPage } from './page.ts';

/**
 * Serves the dev mailbox at `/dev/mail` and `/dev/mail.json`. Registered in development only: it
 * shows valid email tokens.
 */
export function devMailboxPage(app: FastifyInstance, folder: string): void {
  app.get('/dev/mail.json', async () => mailboxMessages(folder));
  app.get('/dev/mail', async (_request, reply) => {
    const messages = await mailboxMessages(folder);
    const list = messages.map(article).join('') || '<p>No messages yet.</p>';
    return sendPage(reply, 'Dev mailbox', `<p>Messages that this server would have sent.</p>${list}`);
  });
}

const article = ({ at, channel, to, subject, text }: MailboxMessage): string =>
  `<article><h2>${escaped(subject || 'Text message')}</h2><p>${escaped(channel)} to ${escaped(to)}, ${escaped(at)}</p><pre>${linked(escaped(text))}</pre></article>`;

const linked = (html: string): string =>
  html.replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
