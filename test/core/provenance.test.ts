import { dsse as judge, crypto as judgeCrypto } from '@sigstore/core';
import * as fc from 'fast-check';
import { fingerprintOf, type Tattoo, tattooFromTags, versionTags } from '../../core/images';
import {
  type Certified,
  derOfRaw,
  digestOf,
  type Evidence,
  envelopeOf,
  parseEnvelope,
  payloadOf,
  preAuthentication,
  signatureFits,
  statementOf,
  verifyAlone,
  verifyCertificate,
} from '../../core/provenance';
import { type PublishRun, planHash } from '../../core/runs';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun } from '../dialogs/support/world';
import { testKey } from '../support/signing';

const key = testKey();
const packages = 'ab'.repeat(32);
const stranger = testKey();
const at = new Date('2026-11-20T10:00:00Z');
const grace = { oid: 'a1d0c000-0000-4000-8000-000000000002', name: 'Grace', reason: null, via: 'text', at } as const;
const tests = [
  { name: 'tattoo', passed: true, exitCode: 0, output: '' },
  { name: 'sshd', passed: true, exitCode: 0, output: 'ok' },
];
const bare = aVersion('1.6.0', { source: 'https://sa.blob.core.windows.net/vhds/1.6.0.vhd' });
const fingerprint = fingerprintOf(bare);
const run = aRun('R-33333', {
  plan: { request: {}, approvalChannel: 'c', fixed },
  planHash: planHash(fixed),
  data: { tests, tested: fingerprint, contents: { digest: packages } },
}) as PublishRun;
const approval = anApproval({ status: 'approved', fingerprint, decisions: [{ ...grace, verdict: 'approve' }] });
const tattoo = tattooFromTags(bare.tags) as Tattoo;
const certified: Certified = { versionId: bare.id, run, plan: fixed, approval, tattoo, fingerprint };
const statement = statementOf(certified);
const payload = payloadOf(statement);
const version = { ...bare, tags: { ...bare.tags, [versionTags.certificate]: digestOf(payload) } };
const guest = {
  text: `${Object.entries(tattoo)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`,
};
const made = { image: 'ubuntu-22', version: '1.6.0' };
const judgement = { verdict: 'verified', because: 'all agree', reference: made, made, evidence: [] } as const;
const keyId = `local:${'0'.repeat(64)}`;

/** All that is known when nothing was tampered with. */
async function clean(): Promise<Evidence> {
  const { value } = await key.signer.sign(preAuthentication(payload));
  return {
    payload,
    signature: { keyId, value },
    keys: new Map([[keyId, key.public]]),
    version,
    record: { run, approval, packages },
    machine: { os: 'Linux', judgement, guest },
  };
}

const differing = ({ checks }: ReturnType<typeof verifyCertificate>) =>
  checks.flatMap((check) => (check.state === 'differs' ? [check.name] : []));

describe('a certificate', () => {
  it('states what of tests, rule and roles was not as the version before had it', () => {
    const loosened = { ...run, data: { ...run.data, guard: ['quorum 2 → 1'] } };
    const stated = statementOf({ ...certified, run: loosened });
    expect(stated.predicate.runDetails.metadata.goldbot_approval.changes).toEqual(['quorum 2 → 1']);
  });

  it('states the change under which it was approved', () => {
    const stated = statementOf({ ...certified, approval: { ...approval, changeNumber: 'CHG7' } });
    expect(stated.predicate.runDetails.metadata.goldbot_approval.change).toBe('CHG7');
  });

  it('verifies what is clean, and every part of it', async () => {
    const { verdict, checks } = verifyCertificate(await clean());
    expect(verdict).toBe('verified');
    expect(checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'statement agrees',
      'key agrees',
      'tag agrees',
      'source agrees',
      'plan hash agrees',
      'tests agrees',
      'decider agrees',
      'packages agrees',
      'machine agrees',
      'guest file agrees',
    ]);
  });

  const lie = (text: string) => payload.replace(text, text.toUpperCase());
  const forgedGuest = { text: guest.text.replace('Canonical', 'Evil') };
  it.each<[string, (known: Evidence) => Evidence | Promise<Evidence>]>([
    [
      'tag',
      (known) => ({ ...known, version: { ...version, tags: { ...version.tags, 'goldbot-source': 'Evil:o:s:1' } } }),
    ],
    ['guest file', (known) => ({ ...known, machine: { os: 'Linux', judgement, guest: forgedGuest } })],
    ['guest registry', (known) => ({ ...known, machine: { os: 'Windows', judgement, guest: forgedGuest } })],
    ['source', (known) => ({ ...known, version: { ...version, source: '/subscriptions/s/images/evil' } })],
    ['packages', (known) => ({ ...known, record: { run, approval, packages: 'cd'.repeat(32) } })],
    [
      'decider',
      (known) => {
        const decisions = [{ ...grace, name: 'Mallory', oid: 'm', verdict: 'approve' as const }];
        return { ...known, record: { run, packages, approval: { ...approval, decisions } } };
      },
    ],
    [
      'tests',
      (known) => {
        const failed = tests.map((test) => ({ ...test, passed: test.name !== 'sshd' }));
        return { ...known, record: { approval, packages, run: { ...run, data: { ...run.data, tests: failed } } } };
      },
    ],
    ['plan hash', (known) => ({ ...known, record: { approval, packages, run: { ...run, planHash: 'd'.repeat(64) } } })],
    ['decider', (known) => ({ ...known, record: { run, packages, approval: { ...approval, changeNumber: 'CHG8' } } })],
    [
      'decider',
      (known) => {
        const loosened = { ...run, data: { ...run.data, guard: ['quorum 2 → 1'] } };
        return { ...known, record: { approval, packages, run: loosened } };
      },
    ],
    ['statement', (known) => ({ ...known, payload: lie('ubuntu-22') })],
    [
      'key',
      async (known) => {
        const { value } = await stranger.signer.sign(preAuthentication(payload));
        return { ...known, signature: { keyId, value } };
      },
    ],
  ])('names %s when that alone was tampered with', async (name, tamper) => {
    const found = verifyCertificate(await tamper(await clean()));
    expect(found.verdict).toBe('tampered');
    expect(differing(found)).toEqual([name]);
  });

  it('takes no key that goldbot has never signed with, however good the signature', async () => {
    const signature = { keyId: 'local:mallory', value: (await stranger.signer.sign(preAuthentication(payload))).value };
    expect(differing(verifyCertificate({ ...(await clean()), signature }))).toEqual(['key']);
  });

  it('says that a version is another one although all its tags are there', async () => {
    const other = { ...version, id: version.id.replace('1.6.0', '1.7.0') };
    expect(differing(verifyCertificate({ ...(await clean()), version: other }))).toEqual(['source']);
  });

  it('names the tag, and not the statement, when somebody let it name another one', async () => {
    const tags = { ...version.tags, 'goldbot-certificate': 'ef'.repeat(32) };
    const found = verifyCertificate({ ...(await clean()), version: { ...version, tags } });
    expect([found.verdict, differing(found)]).toEqual(['tampered', ['tag']]);
  });

  it('misses the tag when somebody took it away', async () => {
    expect(differing(verifyCertificate({ ...(await clean()), version: bare }))).toEqual(['tag']);
  });

  it('is unsigned, and not verified, as long as nobody has signed it', async () => {
    const { signature: _, ...unsigned } = await clean();
    expect(verifyCertificate(unsigned).verdict).toBe('unsigned');
    expect(verifyCertificate({ ...unsigned, version: { ...version, source: 'evil' } }).verdict).toBe('tampered');
  });

  it('is unknown when something that matters could not be compared', async () => {
    const { record: _, ...unrecorded } = await clean();
    expect(verifyCertificate(unrecorded).verdict).toBe('unknown');
    const { version: __, ...gone } = await clean();
    expect(verifyCertificate(gone).verdict).toBe('unknown');
    const unread = { unread: { why: 'not read', machine: 'vm-1' } } as const;
    const shut = { ...(await clean()), machine: { os: 'Linux', judgement, guest: unread } } as const;
    expect(verifyCertificate(shut).verdict).toBe('unknown');
  });

  it('needs a tattoo inside: none is a difference, not a gap', async () => {
    const empty = { ...(await clean()), machine: { os: 'Linux', judgement, guest: { text: '' } } } as const;
    expect(differing(verifyCertificate(empty))).toEqual(['guest file']);
  });

  it('is the same text for the same facts, whatever the order of their keys', () => {
    const shuffled = { ...certified, tattoo: Object.fromEntries(Object.entries(tattoo).reverse()) as never };
    expect(payloadOf(statementOf(shuffled))).toBe(payload);
    const listed = { ...run, data: { ...run.data, contents: {} } };
    expect(payloadOf(statementOf({ ...certified, run: listed }))).not.toBe(payload);
  });
});

describe('the envelope', () => {
  it('is encoded and signed as @sigstore/core reads it', async () => {
    const { value } = await key.signer.sign(preAuthentication(payload));
    const { payloadType, payload: base64 } = envelopeOf(payload);
    const bytes = judge.preAuthEncoding(payloadType, Buffer.from(base64, 'base64'));
    expect(bytes.equals(preAuthentication(payload))).toBe(true);
    const pem = judgeCrypto.createPublicKey(key.publicPem);
    expect(judgeCrypto.verify(bytes, pem, Buffer.from(value, 'base64'), 'sha256')).toBe(true);
    expect(judgeCrypto.verify(Buffer.from(`${bytes.toString()} `), pem, Buffer.from(value, 'base64'), 'sha256')).toBe(
      false,
    );
  });

  it('counts bytes, not letters', () => {
    expect(preAuthentication('ä', 't').toString()).toBe('DSSEv1 1 t 2 ä');
  });

  it('takes what a key vault signs, r and s in a row, as the sequence that others expect', () => {
    void fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (message) => {
        const bytes = Buffer.from(message);
        const der = derOfRaw(key.raw(preAuthentication(bytes)));
        expect(signatureFits(bytes, der.toString('base64'), key.public)).toBe(true);
      }),
    );
    // A number that would be negative, one with zeros in front, and zero.
    const raw = Buffer.concat([Buffer.alloc(31), Buffer.from([0x80]), Buffer.alloc(32)]);
    expect(derOfRaw(raw).toString('hex')).toBe('300702020080020100');
  });

  it('is read with line breaks and without, and nothing else is taken for one', () => {
    const text = JSON.stringify(envelopeOf(payload, { keyId, value: 'AAAA' }));
    expect(parseEnvelope(text.replace(/(.{200})/g, '$1\n'))).toEqual(envelopeOf(payload, { keyId, value: 'AAAA' }));
    expect(['', '{}', '[]', 'null', text.slice(0, -2)].map(parseEnvelope)).toEqual(Array(5).fill(undefined));
  });

  it('can be checked with a public key alone', async () => {
    const { value, key: signing } = await key.signer.sign(preAuthentication(payload));
    const envelope = envelopeOf(payload, { keyId: signing.id, value });
    const verdict = (changed: typeof envelope, keys = [{ key: key.public }]) => verifyAlone(changed, keys).verdict;
    expect(verdict(envelope)).toBe('verified');
    expect(verdict(envelope, [{ key: stranger.public }])).toBe('unknown');
    expect(verdict(envelope, [])).toBe('unknown');
    expect(verdict({ ...envelope, signatures: [] })).toBe('unsigned');
    const other = payloadOf({ ...statement, subject: [{ ...statement.subject[0], name: 'another' }] });
    expect(verdict(envelopeOf(other, { keyId: signing.id, value }))).toBe('tampered');
    expect(verdict({ ...envelope, payloadType: 'application/json' })).toBe('tampered');
  });

  it('does not vouch for a statement that contradicts itself, however well it is signed', async () => {
    const subject = [{ ...statement.subject[0], digest: { sha256: 'e'.repeat(64) } }] as typeof statement.subject;
    const lying = payloadOf({ ...statement, subject });
    const { value, key: signing } = await key.signer.sign(preAuthentication(lying));
    const found = verifyAlone(envelopeOf(lying, { keyId: signing.id, value }), [{ key: key.public }]);
    expect(found).toMatchObject({
      verdict: 'tampered',
      checks: [{ name: 'statement', state: 'differs' }, { state: 'agrees' }],
    });
  });
});
