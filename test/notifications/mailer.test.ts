import { createServer } from 'node:http';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { type Mailer, openMailer } from '../../src/notifications/mailer.ts';
import { renderTemplate } from '../../src/notifications/templates.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Received = { from: string; to: string[]; text: string };

/** An SMTP server on loopback that refuses the first `refuse` messages. */
async function smtpServer({ refuse = 0, user = '', pass = '', listen = 0 } = {}) {
  const received: Received[] = [];
  let refusals = 0;
  const server = new SMTPServer({
    disabledCommands: user ? [] : ['AUTH'],
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth: (auth, _session, callback) =>
      auth.username === user && auth.password === pass
        ? callback(null, { user })
        : callback(new Error('wrong user or password')),
    onData(stream, session, callback) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      stream.on('end', () => {
        if (refusals++ < refuse) return callback(new Error('try again later'));
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          text,
        });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(listen, '127.0.0.1', () => resolve()));
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  ends.push(stop);
  const { port } = server.server.address() as { port: number };
  const credentials = user ? `${user}:${encodeURIComponent(pass)}@` : '';
  return { received, stop, port, url: `smtp://${credentials}127.0.0.1:${port}` };
}

const lines: string[] = [];
function open(config: Partial<Pick<Config, 'mail' | 'sms'>>): Mailer {
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const mailer = openMailer({ mail: { kind: 'none' }, sms: { kind: 'none' }, ...config }, log);
  ends.push(() => mailer.close());
  return mailer;
}
const FROM = 'Bulwark <no-reply@bulwark.example>';
const mail = { channel: 'email' as const, to: 'nora@acme.example', subject: 'Hello', text: 'A text\n' };

describe('[M2] mail', () => {
  it('is delivered over SMTP from the configured sender with its credentials', async () => {
    const server = await smtpServer({ user: 'bulwark', pass: 'p@ss:word' });
    const mailer = open({ mail: { kind: 'smtp', url: server.url, from: FROM } });
    mailer.send(mail);
    await mailer.settled();
    expect(server.received).toMatchObject([{ from: 'no-reply@bulwark.example', to: ['nora@acme.example'] }]);
    expect(server.received[0]?.text).toMatch(/^Subject: Hello\r$/m);
    expect(server.received[0]?.text).toContain('A text');
  });

  it('is delivered again after the server refused it', async () => {
    const server = await smtpServer({ refuse: 1 });
    const mailer = open({ mail: { kind: 'smtp', url: server.url, from: FROM } });
    mailer.send(mail);
    await mailer.settled();
    expect(server.received).toHaveLength(1);
  });

  it('has one recipient and one subject when data or address contain line breaks or commas', async () => {
    const server = await smtpServer();
    const mailer = open({ mail: { kind: 'smtp', url: server.url, from: FROM } });
    const company = 'Acme\r\nBcc: everybody@example.com\r\n\r\nSend us money';
    mailer.send(
      renderTemplate({ to: 'nora@acme.example', language: 'en' }, 'invitation', {
        company,
        link: 'https://x',
        days: 7,
      }),
    );
    mailer.send({ ...mail, to: '"a,b"@acme.example' });
    await mailer.settled();
    expect(server.received.map(({ to }) => to.length)).toEqual([1, 1]);
    const head = server.received.map(({ text }) => text.split('\r\n\r\n')[0] ?? '').join('\n');
    expect(head).not.toMatch(/^Bcc:/im);
  });

  it('that cannot be delivered is logged without its address and text', async () => {
    lines.length = 0;
    const mailer = open({ mail: { kind: 'smtp', url: 'smtp://127.0.0.1:1', from: FROM } });
    mailer.send({ ...mail, text: 'secret-link-4711' });
    await mailer.close();
    const log = lines.join('');
    expect(log).toContain('message not delivered');
    expect(log).not.toMatch(/nora|secret-link/);
  });

  it('is plain text only when a company name contains HTML', async () => {
    const server = await smtpServer();
    const mailer = open({ mail: { kind: 'smtp', url: server.url, from: FROM } });
    const company = '<img src=x onerror=alert(1)>';
    mailer.send(renderTemplate({ to: 'nora@acme.example', language: 'en' }, 'signUpApproved', { company }));
    await mailer.settled();
    const [{ text = '' } = {}] = server.received;
    expect(text.match(/^Content-Type: .*$/gim)).toEqual(['Content-Type: text/plain; charset=utf-8']);
    expect(text).toContain(`member of ${company} now`);
  });
});

describe('[M2] a text message', () => {
  it('is sent to a Twilio-compatible API as a form with Basic authentication', async () => {
    const asked: { url: string | undefined; authorization: string | undefined; body: string }[] = [];
    const api = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      request.on('end', () => {
        asked.push({ url: request.url, authorization: request.headers.authorization, body });
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}');
      });
    });
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', () => resolve()));
    ends.push(() => new Promise((resolve) => api.close(resolve)));
    const { port } = api.address() as { port: number };
    const account = { url: `http://127.0.0.1:${port}`, account: 'AC1', token: 'to:ken', from: '+15550100' };
    const mailer = open({ sms: { kind: 'http', ...account } });
    expect([mailer.canSend('sms'), mailer.canSend('email')]).toEqual([true, false]);
    mailer.send({ channel: 'sms', to: '+4930123456', subject: '', text: 'Your code: 123456' });
    await mailer.settled();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      url: '/2010-04-01/Accounts/AC1/Messages.json',
      authorization: `Basic ${Buffer.from('AC1:to:ken').toString('base64')}`,
    });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      To: '+4930123456',
      From: '+15550100',
      Body: 'Your code: 123456',
    });
  });
});

it('logs once that a mail server went away, names email as failing meanwhile, and delivers what waited once it is back [U13] [M2]', async () => {
  lines.length = 0;
  const first = await smtpServer();
  const mailer = open({ mail: { kind: 'smtp', url: first.url, from: FROM } });
  mailer.send(mail);
  await mailer.settled();
  await first.stop();
  for (let message = 0; message < 5; message++) mailer.send(mail);
  await expect.poll(() => mailer.failing()).toEqual(['email']);
  const second = await smtpServer({ listen: first.port });
  await expect.poll(() => mailer.failing()).toEqual([]);
  await mailer.settled();
  expect(second.received).toHaveLength(5);
  const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /the mail server can/.test(msg));
  expect(told.map(({ level, channel }) => [level, channel])).toEqual([
    [50, 'email'],
    [30, 'email'],
  ]);
});

it('names email as failing no longer when the mail server answers again, without a mail [U13]', async () => {
  const first = await smtpServer();
  await first.stop();
  const mailer = open({ mail: { kind: 'smtp', url: first.url, from: FROM } });
  await expect.poll(() => mailer.failing()).toEqual(['email']);
  await smtpServer({ listen: first.port });
  await expect.poll(() => mailer.failing()).toEqual([]);
});

it('names email as failing when the mail server does not answer at start, and fails no start [U13]', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve)); // a port without a listener
  const mailer = openMailer(
    { mail: { kind: 'smtp', url: `smtp://127.0.0.1:${port}`, from: 'a@b.example' }, sms: { kind: 'none' } },
    pino({ level: 'silent' }),
  );
  ends.push(() => mailer.close());
  await expect.poll(() => mailer.failing()).toEqual(['email']);
});
