import type { AzureRead, GalleryVersion } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import type { ScaleSet } from '../../core/compliance';
import type { FoundConsumer } from '../../core/lifecycle';
import { partsOf, type VersionPlan } from '../../core/runs';
import { dialogWorld, now, type Who } from './support/world';

const source =
  '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourcegroups/rg-golden-images/providers/microsoft.compute/galleries/gold/images/ubuntu-22';
const place = { subscription: 's', resourceGroup: 'rg' };

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `${source}/versions/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false },
  tags: { 'goldbot-published': '2026-10-01T00:00:00Z' },
  regions: [
    {
      name: 'West Europe',
      replicas: 1,
      state: 'Unknown',
      progress: 0,
      excludedFromLatest: more.excludedFromLatest ?? false,
    },
  ],
  ...more,
});
const revoked = { 'goldbot-state': 'revoked', 'goldbot-reason': 'openssl' };
const three = [
  version('1.3.0', { excludedFromLatest: true, tags: { ...version('x').tags, ...revoked } }),
  version('1.4.1'),
  version('1.5.0'),
  version('1.6.0', { excludedFromLatest: true, tags: {} }),
];

interface There {
  readonly versions?: readonly GalleryVersion[];
  readonly sets?: readonly Partial<ScaleSet>[];
  readonly found?: readonly FoundConsumer[];
  readonly machines?: number;
  readonly keeps?: boolean;
  readonly kept?: readonly string[];
  readonly deciders?: readonly string[];
  readonly catalogue?: Catalogue;
}

/** Machines on 1.5.0, and whatever else uses the image at this moment. */
function world(there: There = {}) {
  const state = { versions: three, sets: [], found: [], machines: 3, keeps: false, kept: [], ...there };
  const set = (more: Partial<ScaleSet>): ScaleSet => ({
    ...{
      ...place,
      id: '/s/set',
      name: 'set',
      tags: {},
      source,
      version: '',
      selfUpgrading: false,
      takesReimage: true,
      mode: 'Manual',
      location: 'westeurope',
    },
    ...more,
  });
  const read: Partial<AzureRead> = {
    versions: async () => state.versions,
    machineCounts: async () => ({
      rows: [
        {
          ...{ ...place, type: 'vm', source, tags: {}, location: 'westeurope', version: '1.5.0', behindModel: false },
          machines: state.machines,
        },
      ],
      members: [],
      asOf: now,
    }),
    managementGroups: async () => new Map(),
    scaleSets: async () => ({ rows: state.sets.map(set), asOf: now }),
    imageConsumers: async () => ({ rows: state.found, asOf: now }),
    keepsDeleted: async () => state.keeps,
    softDeleted: async () => state.kept.map((number) => ({ version: number })),
  };
  const { deciders } = there;
  const enough = deciders && {
    deciders: async () => ({ size: 'fits', count: deciders.length, ids: deciders }) as const,
  };
  const { catalogue } = there;
  const held = dialogWorld({ read, ...enough, ...(catalogue && { catalogue: () => catalogue }) });
  const says = async (text: string, who: Who = 'grace') => (await held.say(who, text)).text;
  return { ...held, state, says };
}

const command = (text: string): string =>
  /^(?:revoke|retire|retention|restore) .*--agreed [0-9a-f]{8}$/m.exec(text)?.[0] ?? '';

describe('the lineage of a version', () => {
  const family: There = {
    versions: three.slice(1),
    found: [
      {
        ...{
          ...place,
          kind: 'descendant',
          type: 'x/y',
          source: '',
          location: 'westeurope',
          tags: {},
          version: '1.4.1',
          name: '9.0.0',
        },
        id: source.replace('ubuntu-22', 'lab').concat('/versions/9.0.0'),
      },
    ],
  };

  it('shows what was built from what, and what has come since', async () => {
    const text = await world(family).says('lineage ubuntu-22');
    expect(text).toContain('3 machines run ubuntu-22 and what is made of it, none behind\n1 version built from it');
    expect(text).toMatch(/^ubuntu-22 1\.5\.0 .* · 3 · who uses ubuntu-22@1\.5\.0$/m);
    expect(text).toMatch(
      /^Built from it outside of goldbot:\n– lab 9\.0\.0 .*! 1\.5\.0 has come since: build it again/m,
    );
    const ada = await world(family).says('lineage ubuntu-22@1.5.0', 'ada');
    expect(ada).toContain('3 machines run ubuntu-22 1.5.0, none behind\nnothing was built from it');
    expect(await world(family).says('lineage ubuntu-22@9.9.9')).toContain('The gallery has no version 9.9.9');
  });
});

describe('what was built from a version', () => {
  const child = (image: string, number: string, from = '1.4.1'): FoundConsumer => ({
    ...{
      ...place,
      kind: 'descendant',
      type: 'x/y',
      source: '',
      location: 'westeurope',
      tags: {},
      version: from,
      name: number,
    },
    id: source.replace('ubuntu-22', image).concat(`/versions/${number}`),
  });

  it('goes with it under one approval, children first; what goldbot does not keep is named', async () => {
    const found = [child('windows-2022', '1.5.0'), child('lab', '9.0.0'), child('windows-2022', '1.6.0')];
    const asked = world({ versions: three.slice(1), found });
    const text = await asked.says('revoke ubuntu-22@1.4.1 --descendants --reason "openssl"');
    expect(text).toContain('Before it: windows-2022 1.5.0: built from it.');
    expect(text).toContain('lab 9.0.0 (goldbot does not keep it)');
    expect(text).toContain('windows-2022 1.6.0 (never published: cancel its run instead)');
    const again = command(text);
    expect(again).toContain('--descendants');
    await asked.says(again);
    const [{ plan }] = asked.started as unknown as [{ plan: VersionPlan }];
    expect(plan).toMatchObject({
      ...{ versions: ['1.4.1'], target: 'ubuntu-22 1.4.1 and 1 built from it' },
      descendants: [{ image: 'windows-2022', version: '1.5.0', gallery: { definition: 'windows-2022' } }],
    });
    expect(partsOf({ ...plan, lifts: 'x' }).map(({ target, lifts }) => [target, lifts])).toEqual([
      ['windows-2022 1.5.0', undefined],
      ['ubuntu-22 1.4.1 and 1 built from it', 'x'],
    ]);
    const { catalogue } = asked.deps;
    const images = catalogue().images.map((one) =>
      one.name === 'windows-2022'
        ? { ...one, approval: { ...one.approval, group: 'others', groupName: 'windows-approvers' } }
        : one,
    );
    const parted = world({ versions: three.slice(1), found, catalogue: { ...catalogue(), images } });
    const refused = await parted.says('revoke ubuntu-22@1.4.1 --descendants --reason "openssl"');
    expect(refused).toContain('windows-approvers decides about windows-2022 1.5.0: revoke it by itself.');
    expect(refused).toContain('See what was built from what.');
    const none = await world({ versions: three.slice(1) }).says('retire ubuntu-22@1.4.1 --descendants --reason x');
    expect(none).toContain('Before it: Nothing that was built from it.');
  });
});

describe('the versions beyond those that an image keeps', () => {
  it('are shown with what stays and why, and are retired together once an approver agrees', async () => {
    const asked = world({
      versions: [version('1.2.0'), version('1.3.0'), ...three.slice(1)],
      found: [
        {
          ...{
            ...place,
            kind: 'template',
            id: '/t/one',
            name: 'tpl',
            type: 'x/y',
            source: '',
            location: 'westeurope',
            tags: {},
          },
          version: '1.3.0',
        },
      ],
    });
    const text = await asked.says('retention ubuntu-22 --keep 1');
    expect(text).toContain('Retire ubuntu-22 1.2.0, 1.4.1?');
    expect(text).toContain('0 machines on them · a plan; nothing has been changed');
    expect(text).toContain('Kept: 1.5.0');
    expect(text).toContain('Stay as well: 1.3.0 (image template tpl names it)');
    expect(text).toContain('What happens: One by one, they leave latest in every region');
    expect(text).toContain('Way back: None: the gallery keeps nothing that is deleted.');
    expect(text).toContain('Reason: ubuntu-22 keeps 1 version, and nobody uses these');
    Object.assign(asked.state, { keeps: true });
    expect(await asked.says('retention ubuntu-22 --keep 1')).toContain(
      'The gallery keeps them for 7 days: until then they can be restored.',
    );
    Object.assign(asked.state, { keeps: false });
    expect(asked.started).toEqual([]);
    expect(command(text)).toMatch(/^retention ubuntu-22 --keep 1 --agreed/);
    await asked.says(command(text));
    expect(asked.started).toMatchObject([
      { plan: { verb: 'retire', versions: ['1.2.0', '1.4.1'], unused: true, keeps: false, approval: {} } },
    ]);
  });

  it('are none, or all stay: then nothing is asked', async () => {
    const says = (text: string) => world({ versions: three.slice(1) }).says(text);
    expect(await says('retention ubuntu-22')).toContain(
      'ubuntu-22 has 2 published versions, and keeps 4: none is beyond them',
    );
    const above = world({ versions: [version('1.5.0'), version('1.6.0')], keeps: true });
    const text = await above.says('retention ubuntu-22 --keep 1');
    expect(text).toContain('Nothing of ubuntu-22 can go: what is beyond the highest stays');
    expect(text).toContain('1.5.0 stays: 3 machines of no team run it.');
    expect(command(text)).toBe('');
    expect(await above.says('retention ubuntu-22', 'ada')).toContain('needs the role admin');
  });
});

describe('revoking a version', () => {
  it('shows first what it would mean, and starts nothing', async () => {
    const asked = world({ sets: [{ name: 'follows' }, { id: '/s/names', name: 'names', version: '1.5.0' }] });
    const text = await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"');
    expect(text).toContain('Revoke ubuntu-22 1.5.0?');
    expect(text).toContain('3 machines on it · a plan; nothing has been changed');
    expect(text).toContain('✓ Nothing would break. 1 would take another version.');
    expect(text).toContain('Decides: goldbot-approvers in Image Factory / approvals; not who asks for it');
    expect(text).toMatch(/scale set follows \(westeurope\).*takes 1\.4\.1 for its next machines/);
    expect(text).toMatch(/West Europe; Now: 1\.5\.0; Then: 1\.4\.1/);
    expect(text).toMatch(/scale set names \(westeurope\).*names its number and goes on deploying it/);
    expect(text).toContain('Not checked: subscriptions that goldbot may not read.');
    expect(asked.started).toEqual([]);
  });

  it('starts once somebody agrees to the plan by its word, bound to what it showed', async () => {
    const asked = world({ sets: [{ name: 'follows' }] });
    const again = command(await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"'));
    await asked.says(again);
    const [{ plan, subject } = { plan: undefined }] = asked.started as unknown as [
      { plan: VersionPlan; subject: string },
    ];
    expect(subject).toBe('revoke:ubuntu-22@1.5.0');
    expect(plan).toMatchObject({
      ...{ verb: 'revoke', image: 'ubuntu-22', versions: ['1.5.0'], reason: 'openssl regression', team: null },
      ...{ target: 'ubuntu-22 1.5.0', radius: { machines: 3, breaks: [] } },
      approval: { rule: { groupName: 'goldbot-approvers', quorum: 1 }, channel: 'Image Factory / approvals' },
    });
    expect(again).toContain(`--agreed ${plan?.radius?.digest}`);
  });

  it('shows the plan again when something has changed since', async () => {
    const asked = world();
    const again = command(await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"'));
    Object.assign(asked.state, { machines: 4 });
    const text = await asked.says(again);
    expect(text).toContain('! Things have changed since that plan: look at it again. Nothing was started.');
    expect(command(text)).not.toBe(again);
    expect(asked.started).toEqual([]);
  });

  it('cannot be agreed to while something would break', async () => {
    const asked = world({ versions: three.slice(2), sets: [{ name: 'follows' }] });
    const text = await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"');
    expect(text).toContain(
      '✗ 1 would break. Scale set follows could not scale out: no version would be latest where it is.',
    );
    expect(text).toMatch(/West Europe; Now: 1\.5\.0; Then: ! none/);
    expect(text).toContain(
      'Break glass: It takes 2 people of goldbot-approvers besides you, and 1 person could decide: have an Entra administrator add some.',
    );
    expect(command(text)).toBe('');
    const forced = await asked.says('revoke ubuntu-22@1.5.0 --reason x --agreed 00000000');
    expect(forced).toContain('! Something would break. Nothing was started.');
    expect(asked.started).toEqual([]);
  });

  it('breaks the glass where enough people can decide, and says so on the plan', async () => {
    const asked = world({ versions: three.slice(2), sets: [{ name: 'follows' }], deciders: ['a2', 'a3', 'a4'] });
    const text = await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"');
    expect(text).toContain('Decides: goldbot-approvers in Image Factory / approvals (2 people); not who asks for it');
    expect(text).toContain('! To break glass is for emergencies');
    const again = command(text);
    expect(again).toContain('--break-glass');
    await asked.says(again.replace(' --break-glass', ''));
    expect(asked.started).toEqual([]);
    await asked.says(again);
    expect(asked.started).toMatchObject([
      { plan: { breakGlass: true, radius: { breaks: ['/s/set'] }, approval: { rule: { quorum: 2 } } } },
    ]);
  });

  it('asks to type how many machines run it above the catalogue’s threshold', async () => {
    const asked = world({ machines: 1240 });
    const shown = await asked.says('revoke ubuntu-22@1.5.0 --reason "openssl regression"');
    expect(shown).toContain('--machines "…"');
    const again = /revoke .*--agreed [0-9a-f]{8}/.exec(shown)?.[0] ?? '';
    expect(await asked.says(again)).toContain('! The number of machines was not typed. Nothing was started.');
    expect(await asked.says(`${again} --machines 12`)).toContain('! 12 was typed, and 1240 machines run it.');
    expect(asked.started).toEqual([]);
    await asked.says(`${again} --machines 1240`);
    expect(asked.started).toHaveLength(1);
  });

  it.each([
    ['revoke ubuntu-22 --reason x', '“revoke” is about one version of ubuntu-22; none was named.'],
    ['revoke ubuntu-22@9.9.9 --reason x', 'The gallery has no version 9.9.9 of ubuntu-22.'],
    ['revoke ubuntu-22@1.6.0 --reason x', '1.6.0 was never published: cancel its run instead.'],
    ['revoke ubuntu-22@1.3.0 --reason x', '1.3.0 is revoked already.'],
    ['restore ubuntu-22@1.4.1', '1.4.1 is not revoked: there is nothing to restore.'],
  ])('refuses %s', async (text, said) => {
    const asked = world();
    expect(await asked.says(text)).toContain(said);
    expect(asked.started).toEqual([]);
  });

  it('can be agreed to for a later day, which is part of the plan', async () => {
    const asked = world();
    const text = await asked.says('revoke ubuntu-22@1.5.0 --at 2026-12-01 --reason "openssl regression"');
    expect(text).toMatch(/When: .*1 Dec.*, not before; it can be cancelled until then\./);
    await asked.says(command(text));
    expect(asked.started).toMatchObject([{ plan: { at: '2026-12-01T00:00:00.000Z' } }]);
    expect(await asked.says('revoke ubuntu-22@1.5.0 --at 2020-01-01 --reason x')).toContain(
      '"2020-01-01" is in the past',
    );
    expect(await asked.says('revoke ubuntu-22@1.5.0 --at soon --reason x')).toContain(
      '"soon" is not a date: nothing was planned.',
    );
  });

  it('needs a reason, and an admin', async () => {
    const asked = world();
    expect(await asked.says('revoke ubuntu-22@1.5.0', 'ada')).toContain('WRONG_ROLE');
    expect(await asked.says('revoke ubuntu-22@1.5.0')).not.toContain('Revoke ubuntu-22 1.5.0?');
    expect(asked.started).toEqual([]);
  });

  it('says that Azure is silent instead of showing that nobody uses it', async () => {
    const asked = world();
    asked.deps.read.scaleSets = () => Promise.reject(new Error('boom'));
    expect(await asked.says('revoke ubuntu-22@1.5.0 --reason x')).not.toContain('Nothing would break');
  });
});

describe('restoring a version', () => {
  it('shows who would take it, and starts with the word of the plan', async () => {
    const hidden = version('1.5.0', { excludedFromLatest: true, tags: { ...version('x').tags, ...revoked } });
    const asked = world({ versions: [version('1.4.1'), hidden], sets: [{ name: 'follows', selfUpgrading: true }] });
    const text = await asked.says('restore ubuntu-22@1.5.0');
    expect(text).toContain('Azure upgrades its running machines to it by itself');
    expect(text).toMatch(/West Europe; Now: 1\.4\.1; Then: 1\.5\.0/);
    await asked.says(command(text));
    expect(asked.started).toMatchObject([{ subject: 'restore:ubuntu-22@1.5.0', plan: { verb: 'restore' } }]);
  });
});

describe('retiring a version', () => {
  const asks = 'retire ubuntu-22@1.5.0 --reason "nobody runs it"';

  it('says whether there is a way back, and takes that into the plan', async () => {
    const [never, kept] = [world(), world({ keeps: true })];
    expect(await never.says(asks)).toContain('Way back: None: the gallery keeps nothing that is deleted.');
    const text = await kept.says(asks);
    expect(text).toContain('Way back: The gallery keeps it for 7 days: until then it can be restored');
    await kept.says(command(text));
    expect(kept.started).toMatchObject([{ subject: 'retire:ubuntu-22@1.5.0', plan: { verb: 'retire', keeps: true } }]);
  });

  it('says that a block is lifted, where the version has one that counts', async () => {
    const blocks = { blockDeletionBeforeEndOfLife: true, endOfLife: new Date('2027-03-01T00:00:00Z') };
    const asked = world({ versions: [version('1.4.1'), version('1.5.0', blocks)] });
    const text = await asked.says(asks);
    expect(text).toContain('Block: It says that it may not be deleted before 1 Mar 2027: that is lifted.');
    await asked.says(command(text));
    expect(asked.started).toMatchObject([{ plan: { lifts: '2027-03-01T00:00:00.000Z' } }]);
    const over = { ...blocks, endOfLife: now };
    expect(await world({ versions: [version('1.4.1'), version('1.5.0', over)] }).says(asks)).not.toContain('Block:');
  });

  it('is refused while something names the version', async () => {
    const asked = world({ sets: [{ name: 'names', version: '1.5.0' }] });
    const text = await asked.says(asks);
    expect(text).toContain(
      '✗ 1 would break. Scale set names could not scale out, reimage or repair: it names this version.',
    );
    expect(command(text)).toBe('');
  });

  it('is refused of a failed version in a gallery that keeps what is deleted', async () => {
    const versions = [version('1.4.1'), version('1.5.0', { provisioningState: 'Failed' })];
    const refused = '1.5.0 failed to be made, and a gallery that keeps what is deleted does not delete such.';
    expect(await world({ versions, keeps: true }).says(asks)).toContain(refused);
    expect(await world({ versions }).says(asks)).not.toContain(refused);
  });

  it('is for what was published', async () => {
    expect(await world().says('retire ubuntu-22@1.6.0 --reason x')).toContain(
      '1.6.0 was never published: cancel its run',
    );
  });

  it('is undone by restoring what the gallery keeps', async () => {
    const asked = world({ versions: [version('1.4.1')], kept: ['1.5.0'], sets: [{ name: 'follows' }] });
    const text = await asked.says('restore ubuntu-22@1.5.0');
    expect(text).toMatch(/scale set follows.*takes 1\.5\.0 for its next machines/);
    await asked.says(command(text));
    expect(asked.started).toMatchObject([{ plan: { verb: 'restore', versions: ['1.5.0'], deleted: true } }]);
    expect(await asked.says('restore ubuntu-22@1.5.1')).toContain('The gallery has no version 1.5.1 of ubuntu-22.');
  });
});

describe('what takes nothing away', () => {
  it.each([
    ['eol ubuntu-22@1.5.0 2027-05-21', { verb: 'eol', until: '2027-05-21T00:00:00.000Z' }],
    ['eol ubuntu-22@1.5.0 none', { verb: 'eol', until: null }],
    ['age ubuntu-22@1.4.1', { verb: 'age', replacedBy: '1.5.0' }],
    ['age ubuntu-22@1.5.0 --replace-by 1.4.1', { verb: 'age', replacedBy: '1.4.1' }],
  ])('%s is done at once, by a publisher', async (text, plan) => {
    const asked = world();
    // Nobody has counted yet who runs it: no figure is shown.
    expect(await asked.says(text, 'ada')).not.toContain('Machines');
    expect(asked.started).toMatchObject([{ plan: { image: 'ubuntu-22', ...plan } }]);
    expect(asked.started[0]?.plan).not.toHaveProperty('approval');
  });

  it.each([
    ['eol ubuntu-22@1.5.0 2020-01-01', '"2020-01-01" is in the past: to take a version away, revoke it.'],
    ['eol ubuntu-22@1.5.0 someday', '"someday" is neither a date nor none.'],
    ['age ubuntu-22@1.6.0', '1.6.0 was never published: nobody runs it.'],
    ['age ubuntu-22@1.5.0', '1.5.0 cannot replace itself: name the version that does with --replace-by.'],
    ['age ubuntu-22@1.4.1 --replace-by 9.9.9', 'The gallery has no 9.9.9 version that could replace 1.4.1.'],
    ['age ubuntu-22@1.4.1 --replace-by 1.3.0', '1.3.0 is not offered itself: it cannot replace 1.4.1.'],
  ])('%s is refused', async (text, said) => {
    const asked = world();
    expect(await asked.says(text, 'ada')).toContain(said);
    expect(asked.started).toEqual([]);
  });
});
