import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingKeyIn } from '../../app/signing-key';
import { localSigner, preAuthentication } from '../../core/provenance';
import { verifyPem } from '../support/signing';

describe('the signing key of a laptop', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'goldbot-key-')), 'data');

  it('is made once, whoever asks at the same time, and only its owner may read it', async () => {
    const keys = await Promise.all([signingKeyIn(folder), signingKeyIn(folder), signingKeyIn(folder)]);
    expect(new Set(keys).size).toBe(1);
    expect(await signingKeyIn(folder)).toBe(keys[0]);
    expect(statSync(join(folder, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['signing-key.pem', 'signing-key.pub.pem']);
  });

  it('has its public half beside it, which verifies what it signs', async () => {
    const { value } = await localSigner(await signingKeyIn(folder)).sign(preAuthentication('x'));
    const pem = readFileSync(join(folder, 'signing-key.pub.pem'), 'utf8');
    expect(verifyPem(pem, preAuthentication('x'), value)).toBe(true);
    expect(verifyPem(pem, preAuthentication('y'), value)).toBe(false);
    expect(existsSync(join(folder, 'signing-key.pem'))).toBe(true);
  });

  it('must be one of P-256', () => {
    expect(() => localSigner('no key')).toThrow();
  });
});
