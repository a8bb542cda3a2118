import { evidenceWords, judgementWords } from '../../cards';
import {
  goldenImages,
  type Tattoo,
  type TattooEvidence,
  tattooFile,
  tattooTags,
  tattooVerdict,
} from '../../core/images';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const { subscription, gallery } = catalogue.azure;
const id = (image: string, version: string) =>
  `/subscriptions/${subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}/images/${image}/versions/${version}`;
const market = 'Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202611120';

const tattoo = (version: string, more: Partial<Tattoo> = {}): Tattoo => ({
  schema: '1',
  image: 'ubuntu-22',
  version,
  source: market,
  os: 'Ubuntu 22.04.5 LTS',
  built: '2026-10-21T09:00:00.000Z',
  run: 'R-C3XHN',
  recipe: 'abc',
  ...more,
});
const windows = { image: 'windows-2022', os: 'Windows Server 2022 Datacenter Azure Edition' };
const known = new Map(
  [tattoo('1.4.1'), tattoo('1.5.0'), tattoo('1.2.0', windows)].map((t) => [`${t.image} ${t.version}`, tattooTags(t)]),
);

const sound: TattooEvidence = {
  imageReference: id('ubuntu-22', '1.4.1'),
  diskReference: id('ubuntu-22', '1.4.1').toLowerCase(),
  guest: { text: tattooFile(tattoo('1.4.1')) },
  osName: 'ubuntu',
  osVersion: '22.04',
  images: goldenImages(catalogue),
  tagsOf: (image, version) => known.get(`${image} ${version}`),
};
const judge = (more: Partial<TattooEvidence>) => tattooVerdict({ ...sound, ...more });
const off = { unread: { why: 'script failed', exitCode: 1, said: 'off' } } as const;
const written = (version: string, more: Partial<Tattoo> = {}) => ({ text: tattooFile(tattoo(version, more)) });
const marks = (more: Partial<TattooEvidence>) =>
  Object.fromEntries(judge(more).evidence.map(({ source, mark }) => [source, mark]));

describe('the three-way check', () => {
  it('verifies a machine whose places all agree', () => {
    expect(judge({}).verdict).toBe('verified');
    expect(new Set(Object.values(marks({})))).toEqual(new Set(['agrees']));
    expect(judgementWords(judge({}))).toContain('ubuntu-22 1.4.1');
  });

  it('verifies a machine of a copy by the number that it is a copy of, and no other', () => {
    const copy = (of: string) => (image: string, version: string) =>
      version === '1.6.0'
        ? { ...known.get('ubuntu-22 1.4.1'), 'goldbot-copy-of': of }
        : known.get(`${image} ${version}`);
    const from = { imageReference: id('ubuntu-22', '1.6.0'), diskReference: id('ubuntu-22', '1.6.0') };
    expect(judge({ ...from, tagsOf: copy('1.4.1') }).verdict).toBe('verified');
    expect(judge({ ...from, tagsOf: copy('1.4.1'), guest: written('1.5.0') }).verdict).toBe('upgraded in place');
    expect(judge({ ...from, tagsOf: copy('1.5.0') }).verdict).toBe('rebranded');
    expect(judge(from).verdict).toBe('rebranded');
  });

  describe('of a machine that names no image, be it outside Azure or made from a disk', () => {
    const { diskReference: _, ...without } = sound;
    const outside = (more: Partial<TattooEvidence> = {}) =>
      tattooVerdict({ ...without, imageReference: '', guest: written('1.5.0'), ...more });

    it('goes by the tattoo inside and the tags of its version', () => {
      const { verdict, evidence } = outside();
      expect(verdict).toBe('verified');
      expect(evidence.map(({ mark }) => mark)).toEqual(['silent', 'silent', 'agrees', 'agrees', 'agrees']);
    });

    it('still sees what goldbot did not write, and another system', () => {
      expect(outside({ guest: written('1.5.0', { recipe: 'other' }) }).verdict).toBe('rebranded');
      expect(outside({ guest: written('9.9.9') }).verdict).toBe('unknown');
      expect(outside({ osName: 'debian', osVersion: '12' }).verdict).toBe('rebranded');
      expect(outside({ guest: { text: '' } }).verdict).toBe('unknown');
    });
  });

  it('verifies Windows by its own kind of system name', () => {
    const machine = {
      ...{ imageReference: id('windows-2022', '1.2.0'), diskReference: id('windows-2022', '1.2.0') },
      ...{ osName: 'Windows Server 2022 Datacenter Azure Edition', osVersion: '10.0.20348.2849' },
      guest: written('1.2.0', windows),
    };
    expect(judge(machine).verdict).toBe('verified');
    const newer = { ...machine, osName: 'Windows Server 2025 Datacenter', osVersion: '10.0.26100.1' };
    expect(judge(newer).verdict).toBe('upgraded in place');
  });

  it.each([
    ['the same build after its cumulative updates', 'Windows Server 2022 Datacenter', '10.0.20348.9999', 'verified'],
    ['the build, whatever the name is', 'Windows Server Datacenter', '10.0.20348.1', 'verified'],
    ['a newer build of the same name', 'Windows Server 2022 Datacenter', '10.0.25398.1', 'upgraded in place'],
    ['an older build', 'Windows Server 2022 Datacenter', '10.0.17763.9999', 'rebranded'],
    ['a Windows that is no server', 'Windows 11 Enterprise', '10.0.26100.1', 'rebranded'],
  ])('tells Windows by its build: %s', (_, osName, osVersion, verdict) => {
    const os = 'Microsoft Windows Server 2022 Datacenter 10.0.20348';
    const tags = tattooTags(tattoo('1.2.0', { image: 'windows-2022', os }));
    const machine = {
      ...{ imageReference: id('windows-2022', '1.2.0'), diskReference: id('windows-2022', '1.2.0') },
      ...{ osName, osVersion, guest: written('1.2.0', { image: 'windows-2022', os }), tagsOf: () => tags },
    };
    expect(judge(machine).verdict).toBe(verdict);
  });

  it('takes a newer golden version inside for an upgrade when the tattoo is the gallery’s own', () => {
    const upgraded = judge({ guest: written('1.5.0') });
    expect(upgraded.verdict).toBe('upgraded in place');
    expect(judgementWords(upgraded)).toMatch(/ubuntu-22 1\.4\.1 .*to ubuntu-22 1\.5\.0: no drift/);
    expect(marks({ guest: written('1.5.0') })).toMatchObject({ 'OS disk': 'agrees', Guest: 'differs' });
  });

  it('takes a newer release of the same system for an upgrade, but not its updates', () => {
    expect(judge({ osVersion: '24.04' }).verdict).toBe('upgraded in place');
    expect(judge({ osVersion: '22.04.6' }).verdict).toBe('verified');
    expect(judge({ osVersion: '24.04', guest: off }).verdict).toBe('upgraded in place');
  });

  it('compares the second part of a release by number', () => {
    const rhel = { image: 'rhel-8', os: 'Red Hat Enterprise Linux 8.9 (Ootpa)' };
    const tags = tattooTags(tattoo('1.2.0', rhel));
    const of = (osVersion: string) =>
      judge({
        ...{ imageReference: id('rhel-8', '1.2.0'), diskReference: id('rhel-8', '1.2.0'), osName: 'rhel', osVersion },
        ...{ guest: written('1.2.0', rhel), tagsOf: () => tags },
        images: new Map([[`${id('rhel-8', 'x').toLowerCase().split('/versions/')[0]}`, 'rhel-8']]),
      });
    expect(of('8.9').verdict).toBe('verified');
    expect(of('8.10').verdict).toBe('upgraded in place');
    expect(of('8.8').verdict).toBe('rebranded');
    expect(of('8.10').evidence.find(({ source }) => source === 'Operating system')).toEqual({
      ...{ source: 'Operating system', runs: 'rhel 8.10', mark: 'differs', expected: rhel.os },
    });
  });

  it('does not take a tattoo that nothing confirms for one that differs', () => {
    expect(marks({ tagsOf: () => undefined })).toMatchObject({ Guest: 'silent', 'Tags of the version': 'silent' });
  });

  it('names a machine that was made from no image of a gallery by what Azure says of it', () => {
    const reference = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/images/Own';
    const { evidence } = judge({ imageReference: reference, diskReference: reference.toUpperCase() });
    expect(evidence.slice(0, 2)).toEqual([
      { source: 'Image reference', origin: { reference }, mark: 'agrees' },
      { source: 'OS disk', origin: { reference: reference.toUpperCase() }, mark: 'agrees' },
    ]);
    expect(marks({ imageReference: reference, diskReference: `${reference}2` })).toMatchObject({
      'OS disk': 'differs',
    });
  });

  it('calls a machine reimaged when its disk was made of something else than it names', () => {
    const swapped = { diskReference: id('ubuntu-22', '1.5.0'), guest: written('1.5.0') };
    expect(judge(swapped).verdict).toBe('reimaged');
    expect(marks(swapped)).toMatchObject({ 'Image reference': 'differs', 'OS disk': 'differs', Guest: 'agrees' });
    expect(judge({ diskReference: market, guest: off }).verdict).toBe('reimaged');
  });

  it.each([
    ['another image', { guest: written('1.2.0', windows) }],
    [
      'an older version than the disk’s',
      { imageReference: id('ubuntu-22', '1.5.0'), diskReference: id('ubuntu-22', '1.5.0') },
    ],
    ['a tattoo that was changed by hand', { guest: written('1.4.1', { recipe: 'mine' }) }],
    ['a newer version that was written by hand', { guest: written('1.5.0', { run: 'R-22222' }) }],
    ['a golden image on a marketplace disk', { imageReference: market, diskReference: market }],
    ['a system of another family', { osName: 'debian', osVersion: '12' }],
    ['an older system', { osVersion: '20.04' }],
  ])('calls a machine rebranded that shows %s', (_, more) => {
    expect(judge(more).verdict).toBe('rebranded');
  });

  it.each([
    ['made from', {}, ['1.4.1']],
    ['named inside', { guest: written('1.5.0') }, ['1.5.0']],
    ['made from, unread', { guest: off }, ['1.4.1']],
  ])('proves nothing by a version (%s) that is not the one that goldbot made', (_, more, forged) => {
    const evidence = {
      ...more,
      forgedOf: (image: string, version: string) =>
        image === 'ubuntu-22' && forged.includes(version) ? ['source: a → b'] : [],
    };
    expect(judge(evidence).verdict).toBe('forged');
    expect(judgementWords(judge(evidence))).toBe(
      `The ubuntu-22 ${forged[0]} in the gallery is not the one that goldbot built and tested; nothing proves what this machine is.`,
    );
    expect(marks(evidence)).toMatchObject({ 'Tags of the version': 'differs' });
  });

  it('cannot say what it cannot read, and gives the reason', () => {
    const unread = judge({ guest: off });
    expect(unread.verdict).toBe('unknown');
    expect(judgementWords(unread)).toBe('It cannot be checked: the machine could not read it (exit code 1: off).');
    expect(judgementWords(judge({ guest: { text: '' } }))).toContain('there is no tattoo inside');
    expect(judgementWords(judge({ guest: { text: 'schema=9\n' } }))).toContain('cannot be read');
    const foreign = judge({ imageReference: market, diskReference: market, guest: { text: '' } });
    expect(foreign.verdict).toBe('unknown');
    expect(judgementWords(foreign)).toContain('not a golden image');
  });

  const foreignDisk = { diskReference: market, imageReference: market };
  it.each<[Partial<TattooEvidence>, string]>([
    [
      { guest: written('1.4.1', { recipe: 'mine' }) },
      'The tattoo inside says ubuntu-22 1.4.1, but it is not the one that goldbot wrote for that version.',
    ],
    [
      { guest: written('1.2.0', windows) },
      'It was made from ubuntu-22 1.4.1, but the tattoo inside says windows-2022 1.2.0.',
    ],
    [foreignDisk, `It was made from ${market}, but the tattoo inside says ubuntu-22 1.4.1.`],
    [
      { osName: 'debian', osVersion: '12' },
      'It was made from ubuntu-22 1.4.1 with Ubuntu 22.04.5 LTS, but another system runs inside.',
    ],
    [
      { diskReference: id('ubuntu-22', '1.5.0'), guest: off },
      'The machine names ubuntu-22 1.4.1, but its OS disk was made from ubuntu-22 1.5.0.',
    ],
    [
      { guest: written('1.5.0') },
      'It was made from ubuntu-22 1.4.1 and upgraded in place to ubuntu-22 1.5.0: no drift.',
    ],
    [{ osVersion: '24.04' }, 'It was made with Ubuntu 22.04.5 LTS and its system was upgraded in place: no drift.'],
    [{}, 'It is ubuntu-22 1.4.1: image reference and tattoo agree with what goldbot wrote.'],
    [
      { tagsOf: () => undefined },
      'The tattoo inside says ubuntu-22 1.4.1, but no tattoo of it is known in the gallery to compare with.',
    ],
    [{ guest: { text: 'schema=9\n' } }, 'It cannot be checked: the tattoo inside cannot be read.'],
    [
      { ...foreignDisk, guest: { text: '' } },
      `It was made from ${market}, which is not a golden image, and there is no tattoo inside.`,
    ],
  ])('says why in a sentence: %#', (more, sentence) => {
    expect(judgementWords(judge(more))).toBe(sentence);
  });

  it('says of each source what it knows, and of none more than that', () => {
    const { diskReference: _, osName: __, osVersion: ___, ...little } = sound;
    const words = (evidence: TattooEvidence) =>
      Object.fromEntries(tattooVerdict(evidence).evidence.map((row) => [row.source, evidenceWords(row)]));
    expect(words(sound)).toEqual({
      'Image reference': 'ubuntu-22 1.4.1',
      'OS disk': 'ubuntu-22 1.4.1',
      Guest: 'ubuntu-22 1.4.1',
      'Operating system': 'ubuntu 22.04; made as Ubuntu 22.04.5 LTS',
      'Tags of the version': tattooTags(tattoo('1.4.1'))['goldbot-tattoo-sha256']?.slice(0, 16),
    });
    expect(words({ ...little, guest: off, tagsOf: () => undefined })).toEqual({
      'Image reference': 'ubuntu-22 1.4.1',
      'OS disk': 'Azure does not say what the disk was made from',
      Guest: 'the machine could not read it (exit code 1: off)',
      'Operating system': 'the machine does not report it',
      'Tags of the version': 'no tattoo of it is known in the gallery',
    });
  });

  it('does not believe a tattoo that the gallery cannot confirm', () => {
    const gone = judge({ tagsOf: () => undefined });
    expect(gone.verdict).toBe('unknown');
    expect(judgementWords(gone)).toContain('no tattoo of it is known');
    expect(judge({ guest: written('1.9.0') }).verdict).toBe('unknown');
  });

  it('still verifies when Azure does not say what the disk was made of, and shows that', () => {
    const { diskReference: _, ...rest } = sound;
    const { verdict, evidence } = tattooVerdict(rest);
    expect(verdict).toBe('verified');
    expect(evidence.find((row) => row.source === 'OS disk')?.mark).toBe('silent');
  });

  it('does not guess from systems that it does not know', () => {
    expect(judge({ osName: 'plan9', osVersion: '4' }).verdict).toBe('verified');
    const { osName: _, osVersion: __, ...silent } = sound;
    expect(tattooVerdict(silent).evidence.find((row) => row.source === 'Operating system')?.mark).toBe('silent');
  });

  it('is still read as versions before 0.1.0 kept it in their runs', () => {
    const kept = {
      verdict: 'verified',
      sentence: 'It is ubuntu-22 1.4.1.',
      evidence: [{ source: 'OS disk', value: 'ubuntu-22 1.4.1', mark: 'agrees' }],
    } as const;
    expect(judgementWords(kept)).toBe('It is ubuntu-22 1.4.1.');
    expect(kept.evidence.map(evidenceWords)).toEqual(['ubuntu-22 1.4.1']);
  });
});
