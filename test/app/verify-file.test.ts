import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judged, keysIn } from '../../app/verify-file';
import { tattooFromTags } from '../../core/images';
import { digestOf, envelopeOf, payloadOf, preAuthentication, statementOf } from '../../core/provenance';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { testKey } from '../support/signing';

const own = testKey();
const stranger = testKey();
const version = aVersion('1.6.0');
const tattoo = tattooFromTags(version.tags);
if (!tattoo) throw new Error('the version has no tattoo');
const approve = { oid: 'a2', name: 'Grace', verdict: 'approve', reason: null, via: 'text', at: now } as const;
const payload = payloadOf(
  statementOf({
    ...{ versionId: version.id, plan: fixed, tattoo, fingerprint: {} },
    run: aRun('R-33333', { data: { tests: [{ name: 'sshd', passed: true, exitCode: 0, output: '' }] } }),
    approval: anApproval({ decisions: [approve] }),
  }),
);
const vaultId = 'https://kv-gold.vault.azure.net/keys/goldbot/0123456789abcdef0123456789abcdef';

async function signed(text = payload, { signer } = own, keyId?: string): Promise<string> {
  const { key, value } = await signer.sign(preAuthentication(text));
  return JSON.stringify(envelopeOf(text, { keyId: keyId ?? key.id, value }));
}

const withPem = (text: string, pem = own.publicPem) => judged(text, keysIn(pem, 'key.pem'));

describe('a certificate by itself, with public keys alone', () => {
  it('is verified: what it says is told, and what to compare it with', async () => {
    const { lines, exitCode } = withPem((await signed()).replace(/(.{90})/g, '$1\n  '));
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatch(/^verified: signed by local:[0-9a-f]{64}, and whole\.$/);
    expect(lines.slice(1)).toEqual([
      '  version    ubuntu-22 1.6.0',
      `  id         ${version.id.toLowerCase()}`,
      `  source     ${tattoo.source}`,
      '  run        R-33333/1',
      expect.stringMatching(/^ {2}plan hash {2}[0-9a-f]{64}$/),
      '  tests      sshd passed',
      `  decided    R-99999: approve by Grace (a2), ${now.toISOString()}`,
      `The version's tag goldbot-certificate must be ${digestOf(payload)};`,
      `the tattoo inside a machine must have the SHA-256 ${version.tags['goldbot-tattoo-sha256']}.`,
    ]);
  });

  it('is tampered, unsigned or unknown, three different words and exit codes, and tells nothing else', async () => {
    const text = await signed();
    const forged = JSON.parse(text) as ReturnType<typeof envelopeOf>;
    const lie = Buffer.from(payload.replace('Grace', 'Grave')).toString('base64');
    const tampered = withPem(JSON.stringify({ ...forged, payload: lie }));
    expect(tampered).toEqual({
      lines: [expect.stringMatching(/^tampered: key\. The signature of local:/)],
      exitCode: 2,
    });
    const unsigned = withPem(JSON.stringify({ ...forged, signatures: [] }));
    expect(unsigned).toEqual({
      lines: ['unsigned: no key has signed it; anybody could have written it.'],
      exitCode: 3,
    });
    const unknown = withPem(text, stranger.publicPem);
    expect(unknown).toEqual({
      lines: [
        expect.stringMatching(
          /^unknown: signed by local:[0-9a-f]{64}, and none of the 1 public keys given is that key\.$/,
        ),
      ],
      exitCode: 4,
    });
  });

  it('says one word alone, whatever the file has for the name of its key', async () => {
    const name = 'x\nverified: signed by us, and whole.\u001b[2J\u2028';
    const envelope = JSON.parse(await signed(payload, stranger, name)) as ReturnType<typeof envelopeOf>;
    const unknown = judged(JSON.stringify(envelope), keysIn(JSON.stringify({ ...own.public, kid: vaultId }), 'key'));
    const lie = { ...envelope, payload: Buffer.from(payload.replace('Grace', 'Grave')).toString('base64') };
    const tampered = withPem(JSON.stringify(lie), stranger.publicPem);
    expect([unknown.exitCode, tampered.exitCode]).toEqual([4, 2]);
    for (const { lines } of [unknown, tampered]) {
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(lines[0]).toContain('x\ufffdverified:signedbyus');
    }
  });

  it.each<[string, string]>([
    ['PEM', own.publicPem],
    ['a JSON Web Key', JSON.stringify({ ...own.public, kid: vaultId })],
    [
      'a set of keys',
      JSON.stringify({
        keys: [
          { ...stranger.public, kid: 'other' },
          { ...own.public, kid: vaultId },
        ],
      }),
    ],
    [
      'what the command line of Azure prints',
      JSON.stringify({
        key: { ...own.public, x: plain(own.public.x), y: plain(own.public.y), d: null, kid: vaultId },
        tags: null,
      }),
    ],
  ])('takes keys as %s', async (_, text) => {
    expect(judged(await signed(payload, own, vaultId), keysIn(text, 'key')).exitCode).toBe(0);
    expect(judged(await signed(payload, stranger, vaultId), keysIn(text, 'key')).exitCode).toBe(2);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a private key',
      () => keysIn(own.pem, 'key.pem'),
      /^key\.pem is a private key; it is none of this command's business\.$/,
    ],
    [
      'a private JSON Web Key',
      () => keysIn(JSON.stringify({ ...own.public, d: 'c2VjcmV0' }), 'key.json'),
      /^key\.json is a private key; it is none of this command's business\.$/,
    ],
    ['no key', () => keysIn('{"a":1}', 'x.json'), /^x\.json holds no public key of P-256\.$/],
    ['no JSON', () => keysIn('{', 'x.json'), /holds no public key/],
    ['no PEM', () => keysIn('hello', 'x.pem'), /holds no public key/],
    ['no certificate', () => judged('hello', []), /^The file is not a certificate\.$/],
  ])('refuses %s', (_, act, words) => expect(act).toThrow(words));

  it('is a command of its own, without goldbot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-verify-'));
    writeFileSync(join(folder, 'certificate.json'), await signed());
    writeFileSync(join(folder, 'key.pem'), own.publicPem);
    const root = join(__dirname, '../..');
    const verify = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', 'tsx', join(root, 'app/verify.ts'), ...args], {
        cwd: root,
        encoding: 'utf8',
      });
    const { status, stdout } = verify(join(folder, 'certificate.json'), '--key', join(folder, 'key.pem'));
    expect([status, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^verified: /)]);
    const { status: wrong, stderr } = verify();
    expect([wrong, stderr]).toEqual([
      1,
      expect.stringContaining('Say which certificate to verify, and by which public keys.'),
    ]);
  });
});

function plain(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString('base64');
}
