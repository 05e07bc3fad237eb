const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const named = (type: string, value: string) => der(0x31, sequence(oid(type), der(0x13, Buffer.from(value))));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const NAME = sequence(
  named('550406', 'NL'),
  named('55040a', 'Example'),
  named('55040b', 'Authenticator Attestation'),
  named('550403', 'Example'),
);
/** Two-digit years count up to 2049 (RFC 5280, 4.1.2.5.1). */
const utcTime = (at: Date) =>
  der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const LONG = { from: new Date('2020-01-01'), to: new Date('2049-01-01') };
const NO_CA = der(0xa3, sequence(sequence(oid('551d13'), der(0x04, sequence()))));

/**
 * A certificate as packed attestation wants it (WebAuthn Level 3, 8.2.1), signed by the key that it
 * is of.
 */
export function attestationCertificate(
  publicKey: Buffer,
  sign: (data: Buffer) => Buffer,
  { from, to } = LONG,
): Buffer {
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const body = sequence(
    version,
    serial,
    ECDSA_SHA256,
    NAME,
    sequence(utcTime(from), utcTime(to)),
    NAME,
    publicKey,
    NO_CA,
  );
  return sequence(body, ECDSA_SHA256, der(0x03, Buffer.from([0]), sign(body)));
}
