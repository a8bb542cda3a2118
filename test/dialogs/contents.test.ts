import { parseCatalogue } from '../../core/catalogue';
import { type Contents, type Package, toCycloneDx } from '../../core/contents';
import { azureSilent } from '../../core/errors';
import type { NewContents } from '../../store';
import type { Holder, Reads } from '../../store/reads';
import { exampleFiles } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { fixed } from './support/plan';
import { aRun, now } from './support/world';

const has = (name: string, version: string): Package => ({ type: 'deb', name, version, architecture: 'amd64' });
const others = Array.from({ length: 30 }, (_, i) => has(`p${i}`, '1'));

/** What goldbot has read from the versions of the story; 1.3.0 is not among them. */
const inside: Readonly<Record<string, Partial<Contents>>> = {
  '1.4.1': {
    packages: [has('openssl', '3.0.2-15'), has('telnet', '1'), ...others],
    services: ['ssh'],
    ports: ['tcp/22 sshd'],
  },
  '1.5.0': {
    packages: [has('openssl', '3.0.2-18'), has('nginx', '1'), ...others],
    services: ['nginx', 'ssh'],
    users: [],
  },
};

function kept(image: string, version: string): NewContents | undefined {
  const found = image === 'ubuntu-22' ? inside[version] : undefined;
  const contents = { os: { id: 'ubuntu', name: 'Ubuntu 22.04.5 LTS', version: '22.04' }, ...found };
  const document = toCycloneDx(contents, { image, version, readAt: now });
  return found && { image, version, runId: 'R-22222', readAt: now, document };
}

const holder = (version: string, name: string): Holder => ({
  ...{ image: 'ubuntu-22', version, update: false },
  system: kept('ubuntu-22', version)?.document.metadata.component.properties ?? [],
  components: kept('ubuntu-22', version)?.document.components?.filter((c) => c.name === name) ?? [],
});

const reads: Partial<Reads> = {
  contents: async (image, versions) =>
    new Map(versions.flatMap((v) => [kept(image, v) ?? []].flat().map((one) => [v, one] as const))),
  keptContents: async () => Object.keys(inside).map((version) => ({ image: 'ubuntu-22', version })),
  holders: async (name) => ['1.4.1', '1.5.0'].map((v) => holder(v, name)).filter((h) => h.components.length > 0),
  packagesLike: async (letters) => ['openssl', 'telnet', 'nginx'].filter((name) => name.includes(letters)),
};

const world = inventoryWorld({ reads });
const say = async (who: Parameters<typeof world.say>[0], text: string) => (await world.say(who, text)).text;

describe('show --sbom', () => {
  it('tells what is inside a version, a page at a time, and where it is kept', async () => {
    const text = await say('ada', 'show ubuntu-22@1.5.0 --sbom');
    expect(text).toContain('32 packages inside ubuntu-22 1.5.0\nUbuntu 22.04.5 LTS\n');
    expect(text).toContain('Besides: 2 services · ports not known · 0 users');
    expect(text).toContain('Services: 2 · nginx, ssh\n');
    expect(text).toContain('Users: none\n');
    expect(text).toContain('Ports: not known\n');
    expect(text).toContain('Packages, 1 to 20 of 32, for amd64:\nopenssl; Version: 3.0.2-18\n');
    expect(text).toMatch(/Document:\nSHA-256, CycloneDX\n {2}[0-9a-f]{64}\n/);
    expect(text).toContain('kept as CycloneDX 1.6 by R-22222.');
    expect(text).toContain('show ubuntu-22@1.5.0 --sbom --from 21');
    expect(await say('ada', 'show ubuntu-22@1.5.0 --sbom --from 21')).toContain(
      'Packages, 21 to 32 of 32, for amd64:\n',
    );
  });

  it('tells all of it in words', async () => {
    const text = await say('ada', 'show ubuntu-22 latest --sbom --all');
    expect(text).toMatch(/^Inside ubuntu-22 1\.5\.0\n32 packages:\nopenssl 3\.0\.2-18 amd64\nnginx 1 amd64\n/);
    expect(text).toContain('\nServices:\nnginx\nssh');
  });

  it('tells as much as Teams takes in a message, and how much more there is', async () => {
    const long = Array.from({ length: 1_000 }, (_, i) =>
      has(`a-package-with-quite-a-long-name-${i}`, '1.2.3-4ubuntu5'),
    );
    const document = (packages: readonly Package[]) =>
      toCycloneDx(
        { os: { id: 'ubuntu', name: 'Ubuntu', version: '22.04' }, packages },
        { image: 'ubuntu-22', version: '1.5.0', readAt: now },
      );
    const of = (packages: readonly Package[]) => ({ ...kept('ubuntu-22', '1.5.0'), document: document(packages) });
    const contents = async () =>
      new Map([
        ['1.4.1', of([has('a', '1')])],
        ['1.5.0', of(long)],
      ]) as never;
    const large = inventoryWorld({ reads: { ...reads, contents } });
    for (const text of ['show ubuntu-22@1.5.0 --sbom --all', 'diff ubuntu-22 1.4.1 1.5.0 --all']) {
      const told = (await large.say('ada', text)).text;
      const [, more = ''] = /\nand (\d+) more lines$/.exec(told) ?? [];
      expect(Buffer.byteLength(told, 'utf16le')).toBeLessThan(80_000);
      expect(told.split('\n').length - 1 + Number(more)).toBeGreaterThan(1_000);
    }
  });

  it('says why it is not known, and of no version that there is not', async () => {
    const text = await say('ada', 'show ubuntu-22@1.3.0 --sbom');
    expect(text).toContain(
      'What is inside ubuntu-22 1.3.0 is not known, because it was built before goldbot read packages',
    );
    expect(text).toContain('CONTENTS_UNKNOWN');
    expect(text).toContain('goldbot reads it from the test machine of each version that it publishes.');
    expect(await say('ada', 'show ubuntu-22@9.9.9 --sbom')).toContain('UNKNOWN_VERSION');
  });

  it('says what stood in the way when the version was tested', async () => {
    const gap = { reason: 'cut' as const, said: '10 of 20 letters' };
    const plan = { request: {}, approvalChannel: 'a', fixed: { ...fixed, version: '1.3.0' } };
    const run = aRun('R-33333', { plan, data: { contents: { gap } } });
    const recordedVersions = async () => new Map([['1.3.0', { runId: run.id, fingerprint: {} as never }]]);
    const recording = inventoryWorld({ reads: { ...reads, run: async () => run, recordedVersions } });
    const { text } = await recording.say('ada', 'show ubuntu-22@1.3.0 --sbom');
    expect(text).toContain('is not known, because the list came cut off (10 of 20 letters).');
  });
});

describe('diff', () => {
  it('compares what is inside, part by part, and says what is known of one alone', async () => {
    const text = await say('ada', 'diff ubuntu-22 1.4.1 1.5.0');
    expect(text).toContain('Packages: 1 package changed (1 new, 1 gone)\n');
    expect(text).toContain('Services: new: nginx\n');
    expect(text).not.toMatch(/^(Ports|Users)/m);
    expect(text).toContain('openssl; Before: 3.0.2-15; After: 3.0.2-18\nnginx; Before: – new; After: 1\n');
  });

  it('tells every change in words', async () => {
    expect(await say('ada', 'diff ubuntu-22 1.4.1 1.5.0 --all')).toBe(
      [
        'ubuntu-22: 1.4.1 → 1.5.0',
        'openssl: 3.0.2-15 → 3.0.2-18',
        'nginx: not there → 1',
        'telnet: 1 → gone',
        'new service: nginx',
      ].join('\n'),
    );
  });

  it('says of two that are alike that nothing is different', async () => {
    const alike = inventoryWorld({
      reads: {
        ...reads,
        contents: async () =>
          new Map([
            ['1.4.1', kept('ubuntu-22', '1.5.0')],
            ['1.5.0', kept('ubuntu-22', '1.5.0')],
          ]) as never,
      },
    });
    const { text } = await alike.say('ada', 'diff ubuntu-22 1.4.1 1.5.0 --all');
    expect(text).toBe('ubuntu-22: 1.4.1 → 1.5.0\nNothing inside is different.');
    expect((await alike.say('ada', 'diff ubuntu-22 1.4.1 1.5.0')).text).toContain('Packages: no package changed\n');
  });

  it('says of which version it is not known', async () => {
    const text = await say('ada', 'diff ubuntu-22 1.3.0 1.5.0');
    expect(text).toContain(
      'Inside 1.3.0: not known, because it was built before goldbot read packages, or not by goldbot\n',
    );
    expect(text).not.toContain('Inside 1.5.0');
  });
});

describe('who has', () => {
  const machinesOf = (text: string) => Number(/^Who has .*\n(?:.*· )?([\d,]+) machines?/m.exec(text)?.[1]);

  it('tells versions, and machines by version and by team', async () => {
    const [text, uses4, uses5] = [
      await say('ada', 'who has openssl'),
      await say('ada', 'who uses ubuntu-22@1.4.1'),
      await say('ada', 'who uses ubuntu-22@1.5.0'),
    ];
    const count = (of: string) => Number(/(\d+) machines? /.exec(of)?.[1]);
    expect(text).toContain(`ubuntu-22 1.5.0; Has: 3.0.2-18; Machines: ${count(uses5)}\n`);
    expect(text).toContain(`ubuntu-22 1.4.1; Has: 3.0.2-15; Machines: ${count(uses4)}\n`);
    expect(machinesOf(text)).toBe(count(uses4) + count(uses5));
    const teams = [...text.matchAll(/^(\S+); Machines: (\d+)$/gm)].map(([, , n]) => Number(n));
    expect(teams.reduce((a, b) => a + b, 0)).toBe(machinesOf(text));
  });

  it('says of which versions and machines it is not known', async () => {
    const text = await say('ada', 'who has openssl');
    expect(text).toMatch(
      /Not known: what is inside .*ubuntu-22@1\.3\.0.* \(\d+ machines\), and \d+ machines of other images\./,
    );
    expect(text).not.toMatch(/Not known: .*ubuntu-22@1\.5\.0/);
  });

  it('takes a version, and all that are older than one', async () => {
    const exact = await say('ada', 'who has openssl 3.0.2-15');
    expect(exact).toContain('Who has openssl 3.0.2-15\n1 version · ');
    expect(exact).toContain('ubuntu-22 1.4.1; Has: 3.0.2-15');
    const older = await say('ada', 'who has openssl --below 3.0.2-18');
    expect(older).toContain('Who has openssl below 3.0.2-18\n1 version · ');
    expect(await say('ada', 'who has openssl --below 3.0.2-9')).toContain(
      'No version that goldbot knows the inside of has it.',
    );
    expect(await say('ada', 'who has openssl --below 1:0')).toContain('2 versions · ');
  });

  it('shows owners the machines of their own teams alone, and says so', async () => {
    const [all, own] = [await say('ada', 'who has openssl'), await say('linus', 'who has openssl')];
    expect(machinesOf(own)).toBeLessThan(machinesOf(all));
    expect(own).toContain('payments; Machines:');
    expect(all).toContain('data; Machines:');
    expect(own).not.toContain('data; Machines:');
    expect(own).toContain('other teams');
    const payments = await say('linus', 'who has openssl --team payments');
    expect(payments).toContain('only payments');
    expect(payments).not.toContain('web; Machines:');
  });

  it('knows a name that is nearly right, and says when nothing has it', async () => {
    const near = await say('ada', 'who has openss');
    expect(near).toContain('No version has a package that is called exactly "openss".');
    expect(near).toContain('who has openssl');
    expect(await say('ada', 'who has opens*')).toContain('called exactly "opens*".');
    expect(await say('ada', 'who has xyz')).toContain('No version that goldbot knows the inside of has it.');
  });

  it('answers from its own books while Azure is silent', async () => {
    const silent = inventoryWorld({
      reads,
      read: () => ({
        machineCounts: () => Promise.reject(azureSilent()),
        publishedVersions: () => Promise.reject(azureSilent()),
      }),
    });
    const { text } = await silent.say('ada', 'who has openssl');
    expect(text).toContain('ubuntu-22 1.5.0; Has: 3.0.2-18; Machines: not counted\n');
    expect(text).toContain('Azure did not answer in time');
  });
});

describe('a list of vulnerabilities in the catalogue', () => {
  const affected = [
    {
      package: { ecosystem: 'Ubuntu:22.04:LTS', name: 'openssl' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.0.2-18' }] }],
    },
  ];
  const nginx = [{ package: { ecosystem: 'Ubuntu:22.04:LTS', name: 'nginx' }, versions: ['1'] }];
  const records = [
    { id: 'CVE-2026-0001', modified: '2026-11-12T09:00:00Z', affected },
    { id: 'GHSA-abcd', affected: nginx },
  ];
  const parsed = parseCatalogue([
    ...exampleFiles(),
    { path: 'vulnerabilities/own.json', text: JSON.stringify(records) },
  ]);
  if (!parsed.ok) throw new Error('the catalogue has mistakes');
  const marked = inventoryWorld({ reads, catalogue: parsed.catalogue });
  const ask = async (text: string) => (await marked.say('ada', text)).text;

  it('marks what a version has inside', async () => {
    expect(await ask('show ubuntu-22@1.4.1')).toContain(
      'Vulnerabilities: ! 1 of your list of 12 Nov 2026: CVE-2026-0001\n',
    );
    expect(await ask('show ubuntu-22@1.5.0 --sbom')).toContain(
      'Vulnerabilities: ! 1 of your list of 12 Nov 2026: GHSA-abcd\n',
    );
    expect(await ask('show ubuntu-22@1.3.0')).not.toContain('Vulnerabilities');
    expect(await say('ada', 'show ubuntu-22@1.4.1')).not.toContain('Vulnerabilities');
  });

  it('says what a newer version fixes, brings and leaves', async () => {
    expect(await ask('diff ubuntu-22 1.4.1 1.5.0')).toContain(
      'Vulnerabilities: fixes 1 (CVE-2026-0001), brings 1 (GHSA-abcd), leaves 0 of your list of 12 Nov 2026\n',
    );
  });

  it('marks who has it, and finds who has a vulnerability by its id', async () => {
    const text = await ask('who has openssl');
    expect(text).toContain('ubuntu-22 1.5.0; Has: 3.0.2-18; Machines:');
    expect(text).toContain('ubuntu-22 1.4.1; Has: 3.0.2-15 · ! CVE-2026-0001; Machines:');
    const found = await ask('who has cve-2026-0001');
    expect(found).toContain('1 version · ');
    expect(found).toContain('ubuntu-22 1.4.1; Has: openssl 3.0.2-15 · ! CVE-2026-0001; Machines:');
    expect(await ask('who has ghsa-ABCD')).toContain('ubuntu-22 1.5.0; Has: nginx 1 · ! GHSA-abcd; Machines:');
  });
});
