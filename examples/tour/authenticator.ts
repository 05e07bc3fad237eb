import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

type Creation = { rp: { id?: string }; user: { id: string }; challenge: string };
type Request = { rpId?: string; challenge: string };

/** What a device, or a page, that is not honest sends instead. */
export type Lie = Partial<{
  origin: string;
  crossOrigin: boolean;
  rpId: string;
  challenge: string;
  type: string;
  flags: number;
  counter: number;
  credentialId: string;
  userHandle: string | null;
  attestation: 'self' | 'broken';
  certificate: (publicKey: Buffer, sign: (data: Buffer) => Buffer) => Buffer;
  signature: Buffer;
}>;

/** User present and user verified; with an attested credential (WebAuthn Level 3, 6.1). */
const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/**
 * A passkey in software, as a device would make and use it for the page of `origin`: ES256,
 * WebAuthn Level 3, 6.
 */
export function authenticator(origin: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  const signed = (data: Buffer) => sign('sha256', data, privateKey);
  let counter = 0;
  let userHandle: string | null = null;

  function create({ rp, user, challenge }: Creation, lie: Lie = {}) {
    userHandle = user.id;
    counter = lie.counter ?? counter;
    const id = lie.credentialId ? Buffer.from(lie.credentialId, 'base64url') : credentialId;
    const client = clientData('webauthn.create', challenge, { origin, ...lie });
    const data = Buffer.concat([
      authenticatorData(lie.rpId ?? rp.id ?? '', lie.flags ?? PRESENT | VERIFIED | ATTESTED, counter),
      Buffer.alloc(16),
      Buffer.from([id.length >> 8, id.length & 0xff]),
      id,
      coseKey(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')),
    ]);
    const statement = attested(lie, signed(Buffer.concat([data, sha256(client)])), () =>
      lie.certificate?.(publicKey.export({ format: 'der', type: 'spki' }), signed),
    );
    return {
      ...credential(id),
      response: {
        clientDataJSON: client.toString('base64url'),
        attestationObject: cbor(new Map<string, Value>([...statement, ['authData', data]])).toString(
          'base64url',
        ),
        transports: ['internal'],
      },
    };
  }

  function get({ rpId = '', challenge }: Request, lie: Lie = {}) {
    counter = lie.counter ?? counter + 1;
    const id = lie.credentialId ? Buffer.from(lie.credentialId, 'base64url') : credentialId;
    const client = clientData('webauthn.get', challenge, { origin, ...lie });
    const data = authenticatorData(lie.rpId ?? rpId, lie.flags ?? PRESENT | VERIFIED, counter);
    const handle = lie.userHandle === undefined ? userHandle : lie.userHandle;
    return {
      ...credential(id),
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: (lie.signature ?? signed(Buffer.concat([data, sha256(client)]))).toString('base64url'),
        ...(handle && { userHandle: handle }),
      },
    };
  }
  return { id: credentialId.toString('base64url'), create, get };
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();

const credential = (id: Buffer) => ({
  id: id.toString('base64url'),
  rawId: id.toString('base64url'),
  type: 'public-key',
  clientExtensionResults: {},
});

const clientData = (type: string, challenge: string, lie: Lie) =>
  Buffer.from(
    JSON.stringify({
      type: lie.type ?? type,
      challenge: lie.challenge ?? challenge,
      origin: lie.origin,
      crossOrigin: lie.crossOrigin ?? false,
    }),
  );

function authenticatorData(rpId: string, flags: number, counter: number): Buffer {
  const tail = Buffer.alloc(5);
  tail.writeUInt8(flags);
  tail.writeUInt32BE(counter, 1);
  return Buffer.concat([sha256(rpId), tail]);
}

/** kty EC2, alg ES256, curve P-256 (RFC 9053, 7.1). */
const coseKey = (x: Buffer, y: Buffer): Buffer =>
  cbor(new Map<number, Value>([[1, 2], [3, -7], [-1, 1], [-2, x], [-3, y]])); // biome-ignore format: as in the RFC

/** None, or the packed format (WebAuthn Level 3, 8.2). */
function attested(
  { attestation, certificate }: Lie,
  sig: Buffer,
  certified: () => Buffer | undefined,
): [string, Value][] {
  if (!attestation && !certificate) return [['fmt', 'none'], ['attStmt', new Map()]]; // biome-ignore format: pairs
  if (attestation === 'broken') sig[sig.length - 1] = (sig.at(-1) ?? 0) ^ 1;
  const statement = new Map<string, Value>([['alg', -7], ['sig', sig]]); // biome-ignore format: pairs
  const x5c = certified();
  if (x5c) statement.set('x5c', [x5c]);
  return [['fmt', 'packed'], ['attStmt', statement]]; // biome-ignore format: pairs
}

type Value = number | string | Buffer | Value[] | Map<string, Value> | Map<number, Value>;

/** As much of CBOR (RFC 8949) as an authenticator speaks. */
function cbor(value: Value): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const entries = [...value].flat() as Value[];
  return Buffer.concat([head(5, value.size), ...entries.map(cbor)]);
}

function head(major: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(major << 5) | size]);
  return size < 256
    ? Buffer.from([(major << 5) | 24, size])
    : Buffer.from([(major << 5) | 25, size >> 8, size & 0xff]);
}
