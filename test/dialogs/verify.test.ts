import type { AzureRead, GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf, imageRef, type Tattoo, tattooFromTags, versionTags } from '../../core/images';
import { digestOf, payloadOf, preAuthentication, statementOf } from '../../core/provenance';
import { type ChangeRun, type PublishRun, planHash } from '../../core/runs';
import { presentReading } from '../../dialogs/present/machine-tattoo';
import type { Certificate } from '../../store/reads';
import { exampleCatalogue } from '../support/catalogue';
import { testKey } from '../support/signing';
import { inventoryWorld } from './support/inventory-world';
import { anApproval, fixed } from './support/plan';
import { aRun } from './support/world';

const { signer } = testKey();
const catalogue = exampleCatalogue();
const [ubuntu] = catalogue.images;
const madeAt = new Date('2026-11-01T10:00:00Z');

/** The story's world, in which goldbot has certified ubuntu-22 1.5.0. `change`: what has become of it since. */
async function certifiedWorld(
  change: {
    readonly certificate?: Partial<Certificate>;
    readonly version?: Partial<GalleryVersion>;
    /** Of the key: it is in a vault, which answers so. */
    readonly vaultKey?: AzureRead['vaultKey'];
  } = {},
) {
  const bare = (await inventoryWorld().read.version(
    imageRef(catalogue.azure, ubuntu as never),
    '1.5.0',
  )) as GalleryVersion;
  const tattoo = tattooFromTags(bare.tags) as Tattoo;
  const fingerprint = fingerprintOf(bare);
  const run = aRun('R-22222', {
    plan: { request: {}, approvalChannel: 'c', fixed },
    planHash: planHash(fixed),
    data: { tested: fingerprint, tests: [{ name: 'tattoo', passed: true, exitCode: 0, output: '' }] },
  }) as PublishRun;
  const approval = anApproval({ status: 'approved', fingerprint });
  const payload = payloadOf(statementOf({ versionId: bare.id, run, plan: fixed, approval, tattoo, fingerprint }));
  const { key: own, value } = await signer.sign(preAuthentication(payload));
  const key = change.vaultKey ? { ...own, kind: 'key vault' as const } : own;
  const digest = digestOf(payload);
  const certificate: Certificate = {
    ...{ versionId: bare.id.toLowerCase(), runId: run.id, payload, digest, madeAt },
    signature: { keyId: key.id, value, at: madeAt },
    ...change.certificate,
  };
  const isOurs = ({ version, image }: GalleryVersion) => version === '1.5.0' && image === bare.image;
  const now = (one: GalleryVersion): GalleryVersion =>
    isOurs(one) ? { ...one, tags: { ...one.tags, [versionTags.certificate]: digest }, ...change.version } : one;
  const world = inventoryWorld({
    read: (real: AzureRead) => ({
      ...(change.vaultKey && { vaultKey: change.vaultKey }),
      version: async (image, version) => {
        const found = await real.version(image, version);
        return found && now(found);
      },
      versions: async (image) => (await real.versions(image)).map(now),
    }),
    reads: {
      certificate: async (id) => (id.toLowerCase() === certificate.versionId ? certificate : undefined),
      signingKeys: async () => new Map([[key.id, key]]),
    },
  });
  world.runs.set(run.id, run);
  world.approvals.set(approval.id, approval);
  return { ...world, payload };
}

describe('verify, about a version', () => {
  it('says that all of it agrees, who signed it, and how to take it elsewhere', async () => {
    const world = await certifiedWorld();
    const { text } = await world.say('dana', 'verify ubuntu-22 1.5.0');
    expect(text).toContain('Certificate of ubuntu-22 1.5.0');
    expect(text).toContain('✓ Verified: Version, tags, records and statement agree, and the signature is good.');
    expect(text).toMatch(/^✓ Statement: whole, and the one that the version names$/m);
    expect(text).toMatch(/^✓ Key: signed by a key of this goldbot$/m);
    expect(text).toMatch(/^✓ Deciders: as goldbot recorded them$/m);
    expect(text).toMatch(/^– Packages: no list was certified$/m);
    expect(text).toMatch(/Signed by: a local key, [0-9a-f]{8}$/m);
    expect(text).toContain('verify ubuntu-22@1.5.0 --certificate');
  });

  it('hands out the certificate as text that a file can hold', async () => {
    const world = await certifiedWorld();
    const { text } = await world.say('dana', 'verify ubuntu-22@1.5.0 --certificate');
    const json = /\{"payloadType.*\}\]\}/s.exec(text)?.[0].replace(/\s/g, '') ?? '';
    const { payload } = JSON.parse(json) as { payload: string };
    expect(Buffer.from(payload, 'base64').toString('utf8')).toBe(world.payload);
    expect(text).toContain(
      'Save it as a file, then `npm run verify -- <file> --key <public key>` checks it without goldbot.',
    );
  });

  it('names what was tampered with, before and after', async () => {
    const world = await certifiedWorld({ version: { source: '/subscriptions/s/images/evil' } });
    const { text } = await world.say('dana', 'verify ubuntu-22@1.5.0');
    expect(text).toContain(
      '✗ Tampered: Not as it was certified: source. Trust nothing that was made from it until somebody has explained this.',
    );
    expect(text).toMatch(/^✗ Source and disks: source: .* → \/subscriptions\/s\/images\/evil$/m);
  });

  it('is unsigned as long as the key does not answer, and says why and when it is tried again', async () => {
    const waiting = { said: 'Azure did not answer in time.', dueAt: new Date('2026-11-23T09:16:00Z') };
    const world = await certifiedWorld({ certificate: { signature: undefined as never, ...waiting } });
    const { text } = await world.say('dana', 'verify ubuntu-22@1.5.0');
    expect(text).toContain('! Unsigned: All that was compared agrees, but no key has signed the statement');
    expect(text).toContain('whoever may write to the database could have written it');
    expect(text).toMatch(/^– Key: nobody has signed the statement$/m);
    expect(text).toContain('not yet: Azure did not answer in time; next try Mon 23 Nov, 09:16 UTC');
  });

  it('believes the vault about its key before its own table, and says when the vault said nothing', async () => {
    const { signer: _, public: another } = testKey();
    const forged = await certifiedWorld({ vaultKey: async () => another });
    expect((await forged.say('dana', 'verify ubuntu-22@1.5.0')).text).toContain(
      '✗ Tampered: Not as it was certified: key.',
    );
    const gone = await certifiedWorld({ vaultKey: async () => undefined });
    expect((await gone.say('dana', 'verify ubuntu-22@1.5.0')).text).toContain(
      'The vault does not have the key any more: its public half is taken from goldbot’s own table.',
    );
    const silent = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });
    const shut = await certifiedWorld({ vaultKey: () => Promise.reject(silent) });
    const { text } = await shut.say('dana', 'verify ubuntu-22@1.5.0');
    expect(text).toContain('✓ Verified');
    expect(text).toContain(
      'The vault did not show its key (Azure did not answer in time): its public half is taken from',
    );
  });

  it('is unknown where there is no certificate, and says whether the version claims one', async () => {
    const { text } = await inventoryWorld().say('dana', 'verify ubuntu-22@1.5.0');
    expect(text).toContain(
      '– Unknown: No certificate of it is known: it was built before there were certificates, or by somebody else.',
    );
    const lost = await certifiedWorld({ certificate: { versionId: 'another' } });
    expect((await lost.say('dana', 'verify ubuntu-22@1.5.0')).text).toContain(
      'No certificate of it is known: its tags name a certificate that this goldbot does not have.',
    );
  });

  it('still says tampered where there is no certificate and the version betrays itself', async () => {
    const tags = { ...(await inventoryTags()), 'goldbot-source': 'Evil' };
    const world = await certifiedWorld({ certificate: { versionId: 'another' }, version: { tags } });
    expect((await world.say('dana', 'verify ubuntu-22@1.5.0')).text).toContain(
      '✗ Tampered: There is no certificate, and it is not what goldbot tested: tag goldbot-',
    );
  });

  it('takes no image for a machine, and no mistyped image for one', async () => {
    const world = inventoryWorld();
    expect((await world.say('dana', 'verify ubunto@1.5.0')).text).toContain('UNKNOWN_IMAGE');
    expect((await world.say('dana', 'verify ubuntu-22@9.9.9')).text).toContain('UNKNOWN_VERSION');
    expect((await world.say('dana', 'verify vm-nowhere')).text).toContain('UNKNOWN_MACHINE');
  });
});

const inventoryTags = async () =>
  ((await inventoryWorld().read.version(imageRef(catalogue.azure, ubuntu as never), '1.5.0')) as GalleryVersion).tags;

describe('verify, about a machine', () => {
  it('holds everything but the inside against the certificate, and does not call that verified', async () => {
    const world = await certifiedWorld();
    const { text } = await world.say('linus', 'verify vm-payments-db-001');
    expect(text).toContain('made from ubuntu-22 1.5.0');
    expect(text).toContain('– Unknown: It cannot be verified: guest file could not be compared.');
    expect(text).toMatch(/^✓ Machine: made from this version$/m);
    expect(text).toMatch(/^– Guest file: nobody has read it \(verify vm-payments-db-001 --fresh does\)$/m);
  });

  it('reads the inside for its owners and admins alone, and says so meanwhile', async () => {
    const world = await certifiedWorld();
    const { text } = await world.say('linus', 'verify vm-payments-db-001 --fresh');
    expect(world.started[0]).toMatchObject({
      ...{ kind: 'change', subject: expect.stringMatching(/^verify:\/subscriptions\//) },
      plan: { verb: 'tattoo', verify: true, target: 'vm-payments-db-001', team: 'payments', os: 'Linux' },
    });
    expect(text).toMatch(/Certificate of vm-payments-db-001/);
    expect((await world.say('dana', 'verify vm-payments-db-001 --fresh')).text).toContain('are not among them');
    expect((await world.say('dana', 'verify vm-payments-db-001')).text).not.toContain(
      'verify vm-payments-db-001 --fresh ·',
    );
  });

  it('tells what came of the reading, from the row of its run alone', () => {
    const plan = {
      verb: 'tattoo',
      verify: true,
      machineId: '/x/vm-1',
      os: 'Linux',
      location: 'w',
      target: 'vm-1',
      team: null,
    } as const;
    const run = { ...aRun('R-22222'), kind: 'change', plan, data: {} } as unknown as ChangeRun;
    const now = new Date('2026-11-23T09:00:00Z');
    const reading = presentReading(run, plan, { now }).text;
    expect(reading).toContain('– Unknown: Reading inside of the machine (R-22222): about to ask it.');
    const verified = {
      verdict: 'verified',
      because: 'All agrees.',
      image: { image: 'ubuntu-22', version: '1.5.0' },
    } as const;
    const checks = [{ name: 'guest file', state: 'agrees' }] as const;
    const { text } = presentReading({ ...run, data: { verified: { ...verified, checks } } }, plan, { now });
    expect(text).toContain('✓ Verified: All agrees.');
    expect(text).toContain('✓ Guest file: the tattoo inside is the one that was certified');
    expect(text).toContain('verify vm-1 --fresh');
  });

  it('is tampered when its version is', async () => {
    const world = await certifiedWorld({ version: { createdAt: new Date('2026-11-22T00:00:00Z') } });
    expect((await world.say('linus', 'verify vm-payments-db-001')).text).toContain('✗ Tampered');
  });

  it('says of one that is not golden what it was made from', async () => {
    const { text } = await inventoryWorld().say('linus', 'verify vm-payments-hsm-001');
    expect(text).toMatch(/– Unknown: It was made from .*, which is not a golden image, and /);
  });

  it('says that the version of a machine is gone', async () => {
    const gone = inventoryWorld({ read: () => ({ versions: async () => [], version: async () => undefined }) });
    expect((await gone.say('linus', 'verify vm-payments-db-001')).text).toContain(
      'It was made from ubuntu-22 1.5.0, which the gallery does not have any more.',
    );
  });
});
