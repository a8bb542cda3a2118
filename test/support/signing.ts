import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, sign, verify } from 'node:crypto';
import { localSigner, type PublicKey } from '../../core/provenance';

/** A key of P-256 as goldbot and as others hold it; made anew in each process. */
export function testKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const publicKey = createPublicKey(createPrivateKey(pem));
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' }) as JsonWebKey & PublicKey;
  return {
    pem,
    signer: localSigner(pem),
    public: { kty, crv, x, y } satisfies PublicKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    /** As a key vault signs: r and s in 32 bytes each. */
    raw: (message: Buffer) => sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/** As somebody checks it who has the public key alone. */
export function verifyPem(pem: string, message: Buffer, signature: string): boolean {
  return verify('sha256', message, createPublicKey(pem), Buffer.from(signature, 'base64'));
}
