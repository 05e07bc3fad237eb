import { describe, expect, it } from 'vitest';
import type { TemplateData, TemplateName } from '../../src/notifications/template-data.ts';
import { languages, renderTemplate } from '../../src/notifications/templates.ts';

const LINK = 'https://app.example/page#token=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const CODE = '471100';
const company = 'Acme & Söhne <b>GmbH</b>';
const when = '2026-01-31 09:00 UTC';
/** One sample of each template; the rendered text must contain each value. */
const samples: TemplateData = {
  verifySignUp: { company, link: LINK, hours: 23 },
  alreadyMember: { company },
  alreadyInvited: { company },
  signUpApproved: { company },
  signUpRefused: { company },
  invitation: { company, link: LINK, days: 6 },
  invitationToExistingUser: { company, link: LINK, days: 6 },
  resetPassword: { link: LINK, minutes: 29 },
  passwordChanged: { when },
  accountLocked: { link: LINK, minutes: 14 },
  tokenReused: { when, address: '198.51.100.7' },
  passkeyAdded: { when },
  passkeyRemoved: { when },
  passkeyCopied: { address: '198.51.100.7', when },
  newDevice: { device: 'Firefox on Windows', address: '198.51.100.7', when },
  factorAdded: { factor: 'totp', when },
  factorRemoved: { factor: 'sms', when },
  oneTimeCode: { code: CODE, minutes: 9 },
  backupCodesMade: { when },
  backupCodeUsed: { when },
  factorsDisabled: { when },
  verifyRecoveryEmail: { link: LINK, hours: 22 },
  recoveryEmailSet: { when },
  recovery: { link: LINK, hours: 21 },
  recoveryStarted: { when },
  recovered: { when },
  secondFactorLocked: { minutes: 13 },
  confirmOperation: { operation: 'restore', database: 'bulwark', code: CODE, minutes: 8, when },
  keyAnomaly: { anomaly: 'refused', key: 'Nightly', account: 'Export', address: '198.51.100.7', when },
};
const kinds = Object.keys(samples) as TemplateName[];
const tags = Object.keys(languages);
const each = tags.flatMap((language) => kinds.map((kind) => [language, kind] as const));
const rendered = (language: string, kind: TemplateName, data: object = samples[kind]) =>
  renderTemplate({ to: 'a@b.example', language }, kind, data as never);
/** The values that appear unchanged; factors and anomalies are translated. */
const literalValues = (kind: TemplateName) =>
  Object.entries(samples[kind]).flatMap(([name, value]) =>
    ['factor', 'anomaly', 'operation'].includes(name) ? [] : [String(value)],
  );

describe('[M2] each message in each language', () => {
  it.each(each)('%s %s contains all its data and no placeholder', (language, kind) => {
    const { subject, text } = rendered(language, kind);
    for (const value of literalValues(kind)) expect(`${subject}\n${text}`).toContain(value);
    expect(`${subject}\n${text}`).not.toMatch(/undefined|null|\[object|\$\{|\{\{|%s|NaN/);
    expect(text).toMatch(/\S\n$/);
    expect(subject).toMatch(/^\S.{3,}\S$/);
  });

  it.each(each)('%s %s has no secret in its subject', (language, kind) => {
    expect(rendered(language, kind).subject).not.toMatch(/token|https?:|\d{6}/);
  });

  it.each(each)('%s %s keeps a company name with line breaks on one line', (language, kind) => {
    const hostile = '<b>x</b>\r\n\r\nSend us money\u2028now';
    const data = 'company' in samples[kind] ? { ...samples[kind], company: hostile } : samples[kind];
    const { subject, text } = rendered(language, kind, data);
    const before = rendered(language, kind);
    expect(text.split('\n')).toHaveLength(before.text.split('\n').length);
    expect(subject).not.toMatch(/[\r\n]/);
    if ('company' in samples[kind]) expect(`${subject}${text}`).toContain('<b>x</b> Send us money now');
  });

  it.each(tags.filter((tag) => tag !== 'en'))('%s has no untranslated English text', (language) => {
    const same = kinds.filter((kind) => rendered(language, kind).text === rendered('en', kind).text);
    expect(same).toEqual([]);
  });

  it.each(tags)('%s renders missing device and address in words', (language) => {
    const unknown = { device: null, address: null, when };
    for (const kind of ['newDevice', 'tokenReused', 'passkeyCopied', 'keyAnomaly'] as const)
      expect(rendered(language, kind, { ...samples[kind], ...unknown }).text).not.toMatch(
        /null|undefined| {2}/,
      );
  });

  it('is in the closest language, else in English', () => {
    const reset = (language: string) => rendered(language, 'resetPassword').subject;
    expect(['de', 'de-AT', 'de-Latn-CH'].map(reset)).toEqual(Array(3).fill(reset('de')));
    expect(['en', 'fr', 'und', 'toString', ''].map(reset)).toEqual(Array(5).fill(reset('en')));
    expect(reset('de')).not.toBe(reset('en'));
  });

  it('has no subject as a text message', () => {
    const text = renderTemplate(
      { channel: 'sms', to: '+15550100', language: 'de' },
      'oneTimeCode',
      samples.oneTimeCode,
    );
    expect(text).toMatchObject({ channel: 'sms', to: '+15550100', subject: '' });
    expect(text.text).toContain(`Ihr Code ist ${CODE}`);
  });
});
