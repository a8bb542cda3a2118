import fc from 'fast-check';
import { type CatalogueFile, channelsOf, decidingGroups, machinesOf, parseCatalogue } from '../../core/catalogue';
import { approvalRule } from '../../core/runs';
import { days, hours } from '../../core/time';
import { sizeOf } from '../chaos/matrix';
import { exampleFiles } from '../support/catalogue';

function withChange(path: string, change: (text: string) => string): CatalogueFile[] {
  return exampleFiles().map((f) => (f.path === path ? { ...f, text: change(f.text) } : f));
}

function problemsOf(files: readonly CatalogueFile[]) {
  const parsed = parseCatalogue(files);
  return parsed.ok ? [] : parsed.problems;
}

function lineIn(path: string, what: string): number {
  const text = exampleFiles().find((f) => f.path === path)?.text ?? '';
  return text.split('\n').findIndex((l) => l.includes(what)) + 1;
}

const ubuntu = 'images/ubuntu-22.yaml';

describe('the catalogue', () => {
  it('of the repository is without mistakes', () => {
    expect(problemsOf(exampleFiles())).toEqual([]);
  });

  it('names the line of a wrong value', () => {
    const problems = problemsOf(
      withChange(ubuntu, (t) => t.replace('name: North Europe, replicas: 2', 'name: North Europe, replicas: 200')),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: ubuntu, line: lineIn(ubuntu, 'North Europe') });
    expect(problems[0]?.message).toContain('regions.1.replicas');
  });

  it.each([
    ['change: sometimes', 'must be required, or be left out'],
    ['changePattern: CHG.*', 'add change: required'],
    ['zone: Europe/Berlin', 'add reminders: working-hours'],
    ['risks: [{ when: [first-version], quorum: 2 }]\n  quorum: 3', 'must each ask for more'],
    ['risks: [{ when: [friday], quorum: 2 }]', 'must be one of first-version'],
    ['reminders: hourly', 'must be always or working-hours'],
    [
      'escalation: { group: b0bb1e50-0000-4000-8000-000000000001, groupName: heads, channel: a }',
      'there is none: add reminders',
    ],
    ['change: required\n  changePattern: "CHG["', 'must be a regular expression'],
    ["change: required\n  changePattern: 'CHG(\\d+)+'", 'must not repeat what repeats already'],
    ['change: required\n  changePattern: "(a|a)*b"', 'must not repeat what repeats already'],
    ['change: required\n  changePattern: "(x{0,1000}){0,1000}"', 'must not repeat what repeats already'],
  ])('says what is wrong with an approval: %s', (line, saying) => {
    const problems = problemsOf(withChange(ubuntu, (t) => t.replace('  quorum: 1', `  ${line}`)));
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining(saying)]);
  });

  it('takes a second gallery, which is not the first one over again', () => {
    const naming = (second: string) =>
      problemsOf(withChange('azure.yaml', (t) => `${t}\nsecondGallery: ${second}\n`)).map(({ message }) => message);
    expect(naming('{ name: gold_dr, resourceGroup: rg-dr, regions: [North Europe] }')).toEqual([]);
    expect(naming('{ name: GOLD, resourceGroup: RG-golden-images }')).toEqual([
      'is the gallery that images are published into; name another one',
    ]);
    expect(naming('{ name: gold, resourceGroup: rg-dr, regions: [North Europe, northeurope] }')).toEqual([
      'is listed twice; Azure does not mind case and blanks',
    ]);
  });

  it('counts working hours in what has a number of them', () => {
    const counted = (expires: string) =>
      problemsOf(
        withChange(ubuntu, (t) => t.replace('expires: +3d', `expires: ${expires}\n  expiresCounts: working-hours`)),
      ).map(({ message }) => message);
    expect(counted('+1mo')).toEqual([
      expect.stringContaining('is in months, of which working hours cannot be counted: give hours, days or weeks'),
    ]);
    expect(counted('+2d\n  zone: Europe/Berlin')).toEqual([]);
  });

  it('names the line of an unknown key', () => {
    const problems = problemsOf(withChange(ubuntu, (t) => t.replace('imageDefinition:', 'imageDefinitoin:')));
    expect(problems.map((p) => p.message).join('\n')).toMatch(/imageDefinition: is missing/);
    expect(problems.map((p) => p.message).join('\n')).toMatch(/imageDefinitoin/);
  });

  it('says of every group that decides and is too large for it where it is named, and of no other', () => {
    const groups = exampleFiles().flatMap(({ text }) =>
      [...text.matchAll(/group: ([\w-]+)/g)].map(([, id]) => id ?? ''),
    );
    const parsed = parseCatalogue(exampleFiles(), new Set(groups));
    const told = parsed.ok ? [] : parsed.problems;
    const saying =
      'has too many members to decide, since they are read for each decision; name a group of at most 2,000';
    expect(told.filter(({ message }) => !message.endsWith(`: ${saying}`))).toEqual([]);
    const at = (file: string, what: string) => ({ file, line: lineIn(file, what), message: expect.anything() });
    expect(told).toContainEqual({
      ...at(ubuntu, 'b0bb1e50-0000-4000-8000-000000000002'),
      message: `approval.group: ${saying}`,
    });
    const roles = told.filter(({ file }) => file === 'roles.yaml');
    expect(roles).toEqual([
      { ...at('roles.yaml', 'b0bb1e50-0000-4000-8000-000000000003'), message: `3.group: ${saying}` },
    ]);
    const owners = told.filter(({ file }) => file === 'teams.yaml').map(({ message }) => message.split(':')[0]);
    expect(owners).toContain('payments.owners.group');
    expect(parseCatalogue(exampleFiles(), new Set(['another'])).ok).toBe(true);
  });

  it('names the groups that decide, each once', () => {
    const parsed = parseCatalogue(exampleFiles());
    if (!parsed.ok) throw new Error('the example has mistakes');
    const group = (n: number) => `b0bb1e50-0000-4000-8000-00000000000${n}`;
    const deciding = decidingGroups(parsed.catalogue);
    expect(deciding).toEqual(expect.arrayContaining([group(2), group(3)]));
    const owners = [...parsed.catalogue.teams.values()].map((team) => team.owners.group);
    expect(new Set(deciding)).toEqual(new Set([group(2), group(3), ...owners]));
    expect(deciding).toHaveLength(new Set(deciding).size);
  });

  it('takes forty tags of a machine, and not one more', () => {
    const tags = (n: number) => `tags: { ${Array.from({ length: n }, (_, i) => `t${i}: x`).join(', ')} }`;
    const messages = (n: number) =>
      problemsOf(withChange(ubuntu, (t) => `${t}\ntest: { vmSize: Standard_D4s_v5, ${tags(n)} }\n`)).map(
        (p) => p.message,
      );
    expect(messages(40)).toEqual([]);
    expect(messages(41)).toEqual(['test.tags: must have at most 40 tags: Azure takes 50, and goldbot adds its own']);
  });

  it('takes a script with its checksum, or lines, and not both', () => {
    const step = (more: string) =>
      problemsOf(
        withChange(ubuntu, (t) => t.replace('customize:\n', `customize:\n  - { type: Shell, name: agent, ${more} }\n`)),
      ).map((p) => p.message);
    const script = 'scriptUri: "https://x.example/a.sh"';
    expect(step(`${script}, sha256Checksum: ${'a'.repeat(64)}`)).toEqual([]);
    expect(step('inline: ["true"]')).toEqual([]);
    expect(step(script)).toEqual(['customize.0: a scriptUri needs its sha256Checksum']);
    expect(step(`${script}, inline: ["true"], sha256Checksum: ${'a'.repeat(64)}`)).toEqual([
      'customize.0: needs either inline or scriptUri',
    ]);
  });

  it('tells all mistakes of all files at once', () => {
    const files = withChange('azure.yaml', (t) => t.replace('location: westeurope', 'location: West Europe'))
      .filter((f) => f.path !== 'teams.yaml')
      .map((f) => (f.path === 'roles.yaml' ? { ...f, text: `${f.text}  images: [ubuntu-23]\n` } : f));
    const files_ = problemsOf(files).map((p) => p.file);
    expect(files_).toEqual(expect.arrayContaining(['azure.yaml', 'teams.yaml', 'roles.yaml']));
  });

  it('refuses two images of one name, a name of another file, and two tests of one name', () => {
    const twin = exampleFiles().find((f) => f.path === 'images/windows-2022.yaml')?.text ?? '';
    const files = [...exampleFiles(), { path: 'images/twin.yaml', text: twin }];
    expect(
      problemsOf(files)
        .map((p) => p.message)
        .join('\n'),
    ).toMatch(/already names an image[\s\S]*must be called/);
    const doubled = withChange(ubuntu, (t) => t.replace('- name: cloud-init', '- name: sshd'));
    expect(problemsOf(doubled).map((p) => p.message)).toEqual(['has the name of another test']);
  });

  it.each([
    ['westeurope', 'westeurope is listed twice; Azure does not mind case and blanks'],
    ['WEST EUROPE', 'WEST EUROPE is listed twice; Azure does not mind case and blanks'],
    ['West Europe', 'West Europe is listed twice; Azure does not mind case and blanks'],
  ])('refuses the region %s beside West Europe', (name, message) => {
    const twice = withChange(ubuntu, (t) => t.replace('name: North Europe', `name: ${name}`));
    expect(problemsOf(twice)).toEqual([{ file: ubuntu, line: lineIn(ubuntu, 'North Europe'), message }]);
  });

  it('refuses regions without the one that builds, and steps that do not run on the system', () => {
    const elsewhere = withChange(ubuntu, (t) => t.replace('name: West Europe', 'name: UK South'));
    expect(problemsOf(elsewhere)).toEqual([
      {
        file: ubuntu,
        line: lineIn(ubuntu, '  - { name: West Europe'),
        message: 'leaves out westeurope, where images are built: Azure keeps a version in its own region too',
      },
    ]);
    const windows = withChange(ubuntu, (t) => t.replace('os: Linux', 'os: Windows'));
    expect([...new Set(problemsOf(windows).map((p) => p.message))]).toEqual(
      [
        'security-updates',
        'agents',
        'harden-sshd',
        'harden-kernel',
        'time-from-the-host',
        'clean-up',
        'sshd-configuration',
        'no-leftover-lists',
      ].map((name) => `“${name}” is of type Shell, which does not run on Windows`),
    );
    const powerShell = withChange(ubuntu, (t) =>
      t.replace('  - type: Shell\n    name: sshd-configuration', '  - type: PowerShell\n    name: sshd-configuration'),
    );
    expect(problemsOf(powerShell)).toEqual([
      {
        file: ubuntu,
        line: lineIn(ubuntu, 'name: sshd-configuration') - 1,
        message: '“sshd-configuration” is of type PowerShell, which does not run on Linux',
      },
    ]);
    const file = `  - { type: File, name: f, sourceUri: https://x.example/f, destination: /opt/f, sha256Checksum: ${'a'.repeat(64)} }`;
    expect(problemsOf(withChange(ubuntu, (t) => t.replace('customize:', `customize:\n${file}`)))).toEqual([]);
  });

  describe('groups that decide one after the other', () => {
    const security = '11111111-1111-4111-8111-111111111111';
    const approvers = 'b0bb1e50-0000-4000-8000-000000000002';
    const own = `  group: ${approvers}\n  groupName: goldbot-approvers\n`;
    const step = (group: string, more = '') => `    - { group: ${group}, groupName: x, ${more} }\n`;
    const inOrder = (...lines: string[]) => withChange(ubuntu, (t) => t.replace(own, lines.join('')));

    it('are a rule of the last one, before which the others are asked', () => {
      const parsed = parseCatalogue(
        inOrder('  sequence:\n', step(security, 'channel: Security / gate'), step(approvers, 'quorum: 2')),
      );
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const [image] = parsed.catalogue.images;
      const channel = 'Image Factory / approvals';
      expect(image && approvalRule(image, 4)).toEqual({
        ...{ group: approvers, groupName: 'x', quorum: 3, channel },
        first: [{ group: security, groupName: 'x', quorum: 1, channel: 'Security / gate' }],
      });
      expect(decidingGroups(parsed.catalogue)).toContain(security);
      expect(channelsOf(parsed.catalogue)).toContain('Security / gate');
    });

    it('have a time each once one of them names its own, and the image says the others’', () => {
      const rule = (more: string, ...steps: string[]) => {
        const parsed = parseCatalogue(inOrder(more, '  sequence:\n', ...steps));
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        const [image] = parsed.catalogue.images;
        return image && approvalRule(image);
      };
      const two = [step(security, 'expires: +1d'), step(approvers)];
      expect(rule('', ...two)).toMatchObject({ ttlMs: days(3), first: [{ group: security, ttlMs: days(1) }] });
      const working = rule('  expiresCounts: working-hours\n', ...two);
      expect(working).toMatchObject({ ttlMs: hours(30), first: [{ ttlMs: hours(10) }] });
      expect(rule('', step(security), step(approvers))).not.toHaveProperty('ttlMs');
    });

    it.each([
      [
        'asked by months',
        ['  sequence:\n', step(security, 'expires: +1mo'), step(approvers)],
        'approval.sequence: must be in hours, days or weeks where a group has a time of its own',
      ],
      ['nobody at all', [], 'approval.group: must be named, or a sequence of groups in its place'],
      ['both', [own, '  sequence:\n', step(security), step(approvers)], 'approval.group: must be named'],
      ['one of them', ['  sequence:\n', step(security)], 'approval.sequence: must have at least two groups'],
      ['one twice', ['  sequence:\n', step(security), step(security)], 'approval.sequence: must name each group once'],
    ])('are not %s', (_, lines, why) => {
      expect(problemsOf(inOrder(...lines)).map(({ message }) => message)).toEqual([expect.stringContaining(why)]);
    });
  });

  describe('takes for builds, regions and tests', () => {
    const group = (name: string) => `/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/${name}`;
    const subnet = (name: string, network = 'vnet') =>
      `${group('rg-net')}/providers/Microsoft.Network/virtualNetworks/${network}/subnets/${name}`;
    const both = (azure: string, image: string) =>
      withChange('azure.yaml', (t) =>
        t.replace('build:\n  vmSize: Standard_D2s_v5', `build:\n  vmSize: Standard_D2s_v5\n${azure}`),
      ).map((f) => (f.path === ubuntu ? { ...f, text: f.text + image } : f));
    const set = (azure: string, image = '') => problemsOf(both(azure, image)).map((p) => `${p.file}: ${p.message}`);

    it('what an enterprise must set, and the file of an image overrides the others', () => {
      const azure = `  osDiskSizeGiB: 64\n  network: { subnetId: ${subnet('build')}, containerInstanceSubnetId: ${subnet('aci')} }\n  tags: { costCenter: "4711", owner: images }\n`;
      const image = `build: { osDiskSizeGiB: 128, stagingResourceGroup: ${group('rg-staging')}, tags: { owner: jammy } }\ntest: { vmSize: Standard_D4s_v5, tags: { owner: jammy } }\n`;
      const parsed = parseCatalogue(both(azure, image));
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      const { azure: where, images } = parsed.catalogue;
      const settings = images.map((i) => machinesOf(where, i));
      expect(settings[0]).toEqual({
        build: {
          vmSize: 'Standard_D2s_v5',
          osDiskSizeGiB: 128,
          network: { subnetId: subnet('build'), containerInstanceSubnetId: subnet('aci') },
          stagingResourceGroup: group('rg-staging'),
          tags: { costCenter: '4711', owner: 'jammy' },
        },
        test: { vmSize: 'Standard_D4s_v5', subnetId: where.test.subnetId, tags: { owner: 'jammy' } },
      });
      expect(settings[1]).toEqual({ build: { ...where.build, vmSize: 'Standard_D4s_v5' }, test: where.test });
    });

    it.each([
      [
        `  network: { subnetId: ${subnet('build')}, containerInstanceSubnetId: ${subnet('BUILD')} }`,
        '',
        'azure.yaml: build.network.containerInstanceSubnetId: must be another subnet of the virtual network of subnetId',
      ],
      [
        `  network: { subnetId: ${subnet('build')}, containerInstanceSubnetId: ${subnet('aci', 'other')} }`,
        '',
        'azure.yaml: build.network.containerInstanceSubnetId: must be another subnet of the virtual network of subnetId',
      ],
      [
        `  network: { subnetId: ${group('rg-net')} }`,
        '',
        'azure.yaml: build.network.subnetId: must be the id of a subnet',
      ],
      ['  tags: { goldbot-run: x }', '', 'azure.yaml: build.tags.goldbot-run: must be a tag name'],
      ['  osDiskSizeGiB: 0', '', 'azure.yaml: build.osDiskSizeGiB: Too small'],
      [
        `  stagingResourceGroup: ${group('rg-staging')}`,
        '',
        'azure.yaml: rg-staging is the staging group of ubuntu-22 and of windows-2022; it must be empty when a build begins',
      ],
      [
        '',
        `build: { stagingResourceGroup: /subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-staging }\n`,
        `${ubuntu}: must be in the subscription that builds`,
      ],
      ['', 'build: { subnetId: x }\n', `${ubuntu}: build: Unrecognized key: "subnetId"`],
    ])('but not %s%s', (azure, image, problem) => {
      expect(set(azure, image)).toEqual([expect.stringContaining(problem)]);
    });

    it('storage and encryption of regions', () => {
      const des = `${group('rg-keys')}/providers/Microsoft.Compute/diskEncryptionSets/des-weu`;
      const regions = (more: string) =>
        problemsOf(
          withChange(ubuntu, (t) => t.replace('West Europe, replicas: 3', `West Europe, replicas: 3, ${more}`)),
        ).map((p) => p.message);
      expect(regions('storageAccountType: Standard_ZRS')).toEqual([]);
      expect(regions(`diskEncryptionSetId: ${des}`)).toEqual([
        'needs a diskEncryptionSetId, since West Europe has one',
        'needs a diskEncryptionSetId, since West Europe has one',
      ]);
      const everywhere = (id: string) =>
        problemsOf(
          withChange(ubuntu, (t) =>
            t.replace(/(name: (?:West|North|East) \w+, replicas: \d)/g, `$1, diskEncryptionSetId: ${id}`),
          ),
        ).map((p) => p.message);
      expect(everywhere(des)).toEqual([]);
      expect(everywhere(des.replace('6b1001', '6b1002'))).toEqual(
        Array(3).fill('must be in the subscription of the gallery'),
      );
      expect(regions('storageAccountType: Ultra')[0]).toContain('regions.0.storageAccountType: ');
      expect(regions(`diskEncryptionSetId: ${group('x')}`)).toEqual([
        'regions.0.diskEncryptionSetId: must be the id of a disk encryption set',
      ]);
    });
  });

  it('gives every team a digest on Monday at 09:00 UTC unless it says another time, or none', () => {
    const digestsOf = (text: string) => {
      const parsed = parseCatalogue(withChange('teams.yaml', (t) => t.replace(/^ {2}digest: .*$/m, text)));
      return parsed.ok ? [...parsed.catalogue.teams.values()].map((t) => t.digest) : parsed.problems;
    };
    const usual = { day: 'mon', time: '09:00', zone: 'UTC' };
    expect(digestsOf('')).toEqual([usual, usual, usual, usual]);
    expect(digestsOf('  digest: false')[0]).toBe(false);
    expect(digestsOf('  digest: { zone: Asia/Kolkata }')[0]).toEqual({ ...usual, zone: 'Asia/Kolkata' });
    expect(digestsOf('  digest: { day: fri, time: 17:30 }')[0]).toEqual({ ...usual, day: 'fri', time: '17:30' });
  });

  it.each([
    ['digest: { day: friday }', 'payments.digest.day: must be one of mon, tue'],
    ['digest: { time: "24:00" }', 'payments.digest.time: must be a time such as "09:00"'],
    ['digest: { time: 9 }', 'payments.digest.time'],
    ['digest: { zone: Europe/Bonn }', 'payments.digest.zone: must be an IANA time zone such as Europe/Berlin'],
    ['digest: { hour: 9 }', 'payments.digest: Unrecognized key: "hour"'],
    ['digest: weekly', 'payments.digest: must be { day, time, zone }, or false'],
  ])('says what is wrong with %s, and where', (text, message) => {
    const problems = problemsOf(withChange('teams.yaml', (t) => t.replace(/digest: \{.*$/m, text)));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'teams.yaml', line: lineIn('teams.yaml', 'digest: {') });
    expect(problems[0]?.message).toContain(message);
  });

  it('says which kinds of scope there are, and what is wrong with the one that was meant', () => {
    const messages = (scope: string) =>
      problemsOf(withChange('teams.yaml', (t) => t.replace(/scope: .*$/m, `scope: ${scope}`))).map((p) => p.message);
    expect(messages('{ tags: { name: team, value: x } }')).toEqual([
      'payments.scope: must be one of managementGroup, subscription, resourceGroup and tag',
    ]);
    expect(messages('{ tag: { name: team } }')).toEqual(['payments.scope.tag.value: is missing']);
    expect(messages('{ subscription: production }')).toEqual([expect.stringContaining('payments.scope.subscription:')]);
  });

  it('refuses a scope that two teams have, however it is spelled, and names of teams that commands take for words', () => {
    const added = (text: string) =>
      problemsOf(withChange('teams.yaml', (t) => `${t}\n${text}\n`)).map((p) => [p.line, p.message]);
    const rest = 'owners: { group: b0bb1e50-0000-4000-8000-000000000015, name: o }, channel: x / ops }';
    const sub = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e700001';
    const at =
      (exampleFiles()
        .find((f) => f.path === 'teams.yaml')
        ?.text.split('\n').length ?? 0) + 1;
    expect(added(`twin: { scope: { tag: { name: TEAM, value: web } }, ${rest}`)).toEqual([
      [at, 'twin.scope: is already the scope of web'],
    ]);
    expect(added(`twin: { scope: { tag: { name: team, value: Web } }, ${rest}`)).toEqual([]);
    const group = (name: string) => `{ scope: { resourceGroup: /subscriptions/${sub}/resourceGroups/${name} }, ${rest}`;
    expect(added(`one: ${group('rg-a')}\ntwo: ${group('RG-A')}`)).toEqual([
      [at + 1, 'two.scope: is already the scope of one'],
    ]);
    expect(added(`one: ${group('rg-a')}\ntwo: ${group('rg-b')}`)).toEqual([]);
    expect(added(`one: ${group('rg-a/providers/x')}`)).toEqual([
      [at, expect.stringContaining('id of a resource group')],
    ]);
    expect(added(`all: { scope: { managementGroup: root }, ${rest}`)).toEqual([
      [at, 'all: is a word of commands; give the team another name'],
    ]);
  });

  it('says where YAML itself is broken', () => {
    const problems = problemsOf(withChange('roles.yaml', (t) => `${t}\n  - : [`));
    expect(problems[0]?.file).toBe('roles.yaml');
    expect(problems[0]?.message).toContain('not valid YAML');
  });

  it.each([
    ['an alias of nothing', 'title: *nowhere', 'Unresolved alias'],
    [
      'aliases that multiply',
      `a: &a [1, 1]\nb: &b [*a, *a]\n${[...'cdefghij'].map((n, i) => `${n}: &${n} [${`*${'bcdefghij'[i]}, `.repeat(9)}]`).join('\n')}`,
      'Excessive alias count',
    ],
  ])('refuses %s by file', (_, text, why) => {
    const parsed = parseCatalogue(withChange(ubuntu, () => text));
    const problems = parsed.ok ? [] : parsed.problems.map(({ file, message }) => `${file}: ${message}`);
    expect(problems).toContainEqual(expect.stringContaining(`${ubuntu}: is not valid YAML: ${why}`));
  });

  it('never throws, whatever is written into it', () => {
    fc.assert(
      fc.property(fc.nat(4_000), fc.string({ maxLength: 20 }), (at, junk) => {
        const files = withChange(ubuntu, (t) => t.slice(0, at) + junk + t.slice(at));
        const parsed = parseCatalogue(files);
        if (!parsed.ok) for (const p of parsed.problems) expect(p.line).toBeGreaterThan(0);
      }),
      { numRuns: sizeOf('bad catalogues', 'files') },
    );
  });
});

describe('freeze windows', () => {
  const freeze = (...windows: string[]) =>
    problemsOf(withChange('azure.yaml', (t) => `${t}\nfreeze:\n${windows.map((w) => `  - { ${w} }\n`).join('')}`)).map(
      ({ message }) => message,
    );
  const weekends = 'name: weekends, from: fri 18:00, to: mon 06:00, zone: Europe/Berlin, reason: nobody is here';

  it.each([
    ['a good one', [weekends], []],
    [
      'one that ends before it begins',
      ['name: a, from: 2026-12-20, to: 2026-12-19, reason: r'],
      [/ends before it begins/],
    ],
    ['no zone', ['name: a, from: fri, to: sun, zone: Europe/Atlantis, reason: r'], [/IANA time zone/]],
    ['no reason', ['name: a, from: fri, to: sun'], [/reason/]],
    ['a number for a day', ['name: a, from: 28, to: 30, reason: r'], [/put it in quotes/, /put it in quotes/]],
    ['no such image', [`${weekends}, images: [ubuntu-99]`], [/ubuntu-99 is not an image of the catalogue/]],
    ['no such team', [`${weekends}, teams: [nobody]`], [/nobody is not a team of the catalogue/]],
    ['no such region', [`${weekends}, regions: [West Europ]`], [/no image goes to West Europ/]],
    ['a region, whatever its case', [`${weekends}, regions: [westeurope]`], []],
    [
      'a name that is taken',
      [weekends, weekends.replace('weekends', 'Weekends')],
      [/Weekends is the name of another window/],
    ],
    [
      'no time left for one image',
      [
        'name: a, from: mon 00:00, to: thu, reason: r',
        'name: b, from: fri 00:00, to: sun, images: [ubuntu-22], reason: r',
      ],
      [/with a, b there is no time left in which ubuntu-22 could be published/],
    ],
  ])('%s', (_, windows, told) => {
    expect(freeze(...windows)).toEqual(told.map((one) => expect.stringMatching(one)));
  });
});
