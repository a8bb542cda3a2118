import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key in PEM, made here: no test needs openssl, and no key lies in the repository. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certified {
  /** A server's certificate for these DNS names and addresses (`127.0.0.1`). */
  issue(names: readonly string[], valid?: readonly [Date, Date]): Certified;
}

const hour = 3_600_000;

/** An authority of one's own, as enterprises have one, valid for an hour. */
export function authority(name: string): Authority {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = certificate({ subject: name, issuer: name, signer: privateKey, holder: privateKey, isAuthority: true });
  return {
    ...own,
    issue(names, valid) {
      const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const [subject = 'nobody'] = names;
      return certificate({ subject, issuer: name, signer: privateKey, holder, names, ...(valid && { valid }) });
    },
  };
}

interface Request {
  readonly subject: string;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly holder: KeyObject;
  readonly names?: readonly string[];
  readonly isAuthority?: boolean;
  readonly valid?: readonly [Date, Date];
}

function certificate({ subject, issuer, signer, holder, names = [], isAuthority = false, valid }: Request): Certified {
  const [from, to] = valid ?? [new Date(Date.now() - hour), new Date(Date.now() + hour)];
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    commonName(issuer),
    sequence(time(from), time(to)),
    commonName(subject),
    createPublicKey(holder).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...(isAuthority ? [basicConstraints] : [subjectNames(names)]))),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, signer)));
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: holder.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** DER: tag, length, content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Buffer[]) => tagged(0x30, ...parts);
const integer = (bytes: Buffer) => tagged(0x02, bytes);
const octets = (bytes: Buffer) => tagged(0x04, bytes);
const bits = (bytes: Buffer) => tagged(0x03, Buffer.of(0), bytes);
const yes = tagged(0x01, Buffer.of(255));
/** `20261129120000Z` */
const time = (at: Date) => tagged(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`));
const commonName = (name: string) => sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))));

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return tagged(0x06, Buffer.of(first * 40 + second, ...bytes));
}

const basicConstraints = sequence(oid('2.5.29.19'), yes, octets(sequence(yes)));

function subjectNames(names: readonly string[]): Buffer {
  const each = names.map((name) =>
    /^[\d.]+$/.test(name) ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  );
  return sequence(oid('2.5.29.17'), octets(sequence(...each)));
}
