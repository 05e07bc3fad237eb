import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isApiKeyText, newApiKeyText, parseApiKeyText } from '../../../src/auth/api-keys/key-format.ts';
import { hashToken } from '../../../src/crypto/token.ts';

const id = randomUUID();
const { text, hash } = newApiKeyText('production', id);

describe('the text of an API key', () => {
  it('[A7] is bwk_, the environment, the id, 256 random bits and a checksum: one pattern finds it in any text', () => {
    expect(text).toMatch(/^bwk_live_[0-9a-f]{32}_[0-9A-Za-z]{49}$/);
    expect(parseApiKeyText('production', text)?.id).toBe(id);
    expect(hashToken(parseApiKeyText('production', text)?.secret as string)).toBe(hash);
    expect(newApiKeyText('staging', id).text).toMatch(/^bwk_stage_/);
    expect(newApiKeyText('development', id).text).toMatch(/^bwk_dev_/);
  });

  it('[A7] ends with the CRC-32 of the preceding text in base62', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const value = [...text.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
    expect(value).toBe(crc32(text.slice(0, -6)));
  });

  it('[A7] with any one character changed is no key', () => {
    for (let place = 4; place < text.length; place++) {
      const other = text[place] === 'b' ? 'c' : 'b';
      const changed = text.slice(0, place) + other + text.slice(place + 1);
      expect(parseApiKeyText('production', changed), changed).toBeNull();
    }
  });

  it.each([
    '',
    'bwk_',
    'bwk_live',
    `${text} `,
    text.slice(0, -1),
    `${text}0`,
    text.toUpperCase(),
    text.replace('live', 'dev'),
  ])('[A7] %j is rejected', (wrong) => expect(parseApiKeyText('production', wrong)).toBeNull());

  it('[A7] is taken in its own environment only', () => {
    expect(parseApiKeyText('staging', text)).toBeNull();
    expect(parseApiKeyText('development', text)).toBeNull();
    expect(isApiKeyText(text)).toBe(true);
  });

  it('[A7] is never the same twice, and draws on all of base62', () => {
    const many = Array.from({ length: 200 }, () => newApiKeyText('production', id).text);
    expect(new Set(many).size).toBe(200);
    const drawn = new Set(many.flatMap((one) => [...(parseApiKeyText('production', one)?.secret ?? '')]));
    expect(drawn.size).toBe(62);
  });
});
