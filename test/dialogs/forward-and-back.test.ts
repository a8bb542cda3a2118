import type { AzureRead, GalleryVersion } from '../../core/azure';
import type { ScaleSet } from '../../core/compliance';
import { fingerprintOf } from '../../core/images';
import type { Approval, RequestId, VersionPlan } from '../../core/runs';
import { promotable } from '../../dialogs';
import { anApproval } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const source =
  '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourcegroups/rg-golden-images/providers/microsoft.compute/galleries/gold/images/ubuntu-22';
const published = { 'goldbot-published': '2026-10-01T00:00:00Z' };
const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `${source}/versions/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: published },
  regions: ['West Europe', 'North Europe'].map((name) => ({
    ...{ name, replicas: 1, state: 'Unknown', progress: 0, excludedFromLatest: false },
  })),
  ...more,
});
const rolledBack = { ...published, 'goldbot-state': 'rolled-back' };
const set: ScaleSet = {
  ...{ subscription: 's', resourceGroup: 'rg', id: '/s/set', name: 'set', tags: {}, source, version: '' },
  ...{ selfUpgrading: true, takesReimage: true, mode: 'Automatic', location: 'westeurope' },
};

function world(versions: readonly GalleryVersion[], runs: Readonly<Record<string, ReturnType<typeof aRun>>> = {}) {
  const read: Partial<AzureRead> = {
    versions: async () => versions,
    version: async (_, number) => versions.find((one) => one.version === number),
    machinesByVersion: async () => new Map(),
    machineCounts: async () => ({ rows: [], members: [], asOf: now }),
    managementGroups: async () => new Map(),
    scaleSets: async () => ({ rows: [set], asOf: now }),
    imageConsumers: async () => ({ rows: [], asOf: now }),
    softDeleted: async () => [],
  };
  const held = dialogWorld({ read });
  for (const [id, run] of Object.entries(runs)) held.runs.set(id as RequestId, run);
  const says = async (text: string) => (await held.say('grace', text)).text;
  const plan = () => (held.started as unknown as readonly { plan: VersionPlan; subject: string }[])[0];
  return { says, plan };
}
const command = (text: string): string => /^(?:promote|rollback) .*--agreed [0-9a-f]{8}$/m.exec(text)?.[0] ?? 'none';

describe('promote', () => {
  const versions = [version('1.4.1'), version('1.5.0', { excludedFromLatest: true, tags: rolledBack })];

  it('shows region by region what becomes latest, and who follows, then asks', async () => {
    const { says, plan } = world(versions);
    const text = await says('promote ubuntu-22@1.5.0 --regions westeurope --reason "the canaries are well"');
    expect(text).toContain('Promote ubuntu-22 1.5.0?');
    expect(text).toContain('Only in: West Europe');
    expect(text).toMatch(/West Europe; Now: 1\.4\.1; Then: 1\.5\.0/);
    expect(text).not.toContain('North Europe; Now');
    expect(text).toContain('Azure upgrades its running machines to it by itself');
    await says(command(text));
    expect(plan()).toMatchObject({
      subject: 'promote:ubuntu-22@1.5.0',
      plan: { verb: 'promote', versions: ['1.5.0'], regions: ['West Europe'], reason: 'the canaries are well' },
    });
    expect(plan()?.plan.approval?.rule.groupName).toBe('goldbot-approvers');
  });

  it.each([
    ['promote ubuntu-22@1.4.1', '1.4.1 is offered there already'],
    ['promote ubuntu-22@1.5.0 --regions "Mars West"', '1.5.0 has no copy in Mars West'],
    ['promote ubuntu-22', 'The gallery has no candidate version of ubuntu-22.'],
  ])('%s: says why not', async (text, why) => {
    const { says, plan } = world(versions);
    expect(await says(text)).toContain(why);
    expect(plan()).toBeUndefined();
  });

  it('does not take a candidate that nobody tested', async () => {
    const { says } = world([version('1.4.1'), version('1.6.0', { excludedFromLatest: true, tags: {} })]);
    expect(await says('promote ubuntu-22')).toContain('Nobody tested 1.6.0: goldbot has no record of it.');
  });
});

describe('rollback', () => {
  const three = [version('1.3.0'), version('1.4.1'), version('1.5.0')];

  it('goes one version back unless another is named, and says what scale sets will not do', async () => {
    const { says, plan } = world(three);
    const text = await says('rollback ubuntu-22 --reason "openssl regression"');
    expect(text).toContain('Roll back ubuntu-22 to 1.4.1?');
    expect(text).toContain('Out of latest: 1.5.0');
    expect(text).toContain('nothing says that Azure moves a scale set down');
    await says(command(text));
    expect(plan()).toMatchObject({
      subject: 'rollback:ubuntu-22',
      plan: { verb: 'rollback', to: '1.4.1', versions: ['1.5.0'], target: 'ubuntu-22 to 1.4.1' },
    });
  });

  it('comes back forward under the next number that nobody has had, and says who takes it', async () => {
    const { says, plan } = world(three);
    const text = await says('rollback ubuntu-22 --forward --reason "openssl regression"');
    expect(text).toMatch(/Comes back as: 1\.\d\.\d, a copy of 1\.4\.1, to which Azure upgrades scale sets/);
    expect(text).toMatch(/take 1\.4\.1 until (1\.\d\.\d) is in place, and \1 from then on\./);
    expect(text).toMatch(/^West Europe; Now: 1\.5\.0; Meanwhile: 1\.4\.1; Then: 1\.\d\.\d$/m);
    expect(text).toMatch(/takes 1\.\d\.\d for its next machines; Azure upgrades its running machines to it by itself/);
    await says(command(text));
    const forward = /Comes back as: (\S+),/.exec(text)?.[1];
    expect(plan()).toMatchObject({ plan: { verb: 'rollback', to: '1.4.1', versions: ['1.5.0'], forward } });
  });

  it('comes back forward from what was rolled back before, and not from nothing', async () => {
    const back = [version('1.4.1'), version('1.5.0', { excludedFromLatest: true, tags: rolledBack })];
    const { says } = world(back);
    expect(await says('rollback ubuntu-22 --to 1.4.1 --forward --reason why')).toContain('Out of latest: 1.5.0');
    expect(await says('rollback ubuntu-22 --to 1.4.1 --reason why')).toContain('Nothing above 1.4.1 is offered');
    const over = { endOfLife: new Date('2026-01-01T00:00:00Z') };
    const old = world([version('1.4.1', over), version('1.5.0')]);
    expect(await old.says('rollback ubuntu-22 --forward --reason why')).toContain(
      'The life of 1.4.1 ended on 1 Jan 2026: a copy of it would be past its end as well.',
    );
    const most = 2 ** 31 - 1;
    const top = world([version('1.4.1'), version(`${most}.${most}.${most}`)]);
    expect(await top.says('rollback ubuntu-22 --forward --reason why')).toContain(
      'There is no number above the highest one.',
    );
  });

  describe('after a run that made a copy and did not show it', () => {
    const left = (more: Partial<GalleryVersion> = {}) =>
      version('1.5.1', {
        ...{ excludedFromLatest: true, source: `${source}/versions/1.4.1` },
        tags: {
          ...{ ...published, 'goldbot-state': 'being-copied' },
          ...{ 'goldbot-copy-of': '1.4.1', 'goldbot-copied-by': 'R-22222' },
        },
        ...more,
      });
    const gallery = (copy: GalleryVersion) => [
      ...[version('1.3.0'), version('1.4.1'), version('1.5.0', { excludedFromLatest: true, tags: rolledBack })],
      copy,
    ];
    const again = 'rollback ubuntu-22 --forward --reason why';
    const over = { 'R-22222': aRun('R-22222', { outcome: 'failed' as never, endedAt: now }) };

    it('goes on with what that run was about, and takes the copy as it is', async () => {
      const { says, plan } = world(gallery(left()), over);
      const text = await says(again);
      expect(text).toContain(
        'Comes back as: 1.5.1, the copy of 1.4.1 that R-22222 made and did not show, to which Azure',
      );
      await says(command(text));
      expect(plan()).toMatchObject({ plan: { to: '1.4.1', forward: '1.5.1', versions: ['1.5.0'] } });
    });

    it.each<[string, GalleryVersion, Parameters<typeof world>[1]]>([
      ['failed', left({ provisioningState: 'Failed' }), over],
      ['is of another version', left({ source: `${source}/versions/1.3.0` }), over],
      ['is of a run that is not over', left(), { 'R-22222': aRun('R-22222', {}) }],
      ['is of nobody that is known', left(), {}],
    ])('makes a new one where that one %s', async (_, copy, runs) => {
      const { says } = world(gallery(copy), runs);
      expect(await says(`${again} --to 1.4.1`)).toContain('Comes back as: 1.5.2, a copy of 1.4.1, to which Azure');
    });

    it('says what it is where it is listed, shown, promoted or retired', async () => {
      const { says } = world(gallery(left()), over);
      expect(await says('versions ubuntu-22')).toMatch(/^◌ 1\.5\.1 · Not shown yet · copy of 1\.4\.1/m);
      expect(await says('show ubuntu-22@1.5.1')).toMatch(/Copy of: 1\.4\.1 · made in R-22222/);
      const promoted = await says('promote ubuntu-22@1.5.1');
      expect(promoted).toContain('1.5.1 is a copy of 1.4.1 that was never shown: rolling forward again shows it.');
      expect(promoted).toContain('rollback ubuntu-22 --to 1.4.1 --forward');
      expect(await says('retire ubuntu-22@1.5.1 --reason why')).toContain('1.5.1 is a copy that was never shown:');
      expect(await says('lineage ubuntu-22@1.5.1')).toContain('a copy of 1.4.1');
      expect(await says('promote ubuntu-22')).toContain('The gallery has no candidate version');
    });
  });

  it('hides all that is above the one that is named', async () => {
    const { says } = world(three);
    const text = await says('rollback ubuntu-22 --to 1.3.0 --reason "openssl regression"');
    expect(text).toContain('Roll back ubuntu-22 to 1.3.0?');
    expect(text).toContain('Out of latest: 1.5.0, 1.4.1');
  });

  it.each([
    ['--to 1.5.0', three, 'Nothing above 1.5.0 is offered: it is the latest already.'],
    ['', [version('1.5.0')], '1.5.0 is the only one offered: there is none to go back to.'],
    ['', [], 'No version of ubuntu-22 is offered: there is none to go back to.'],
    [
      '--to 1.4.0',
      [...three, version('1.4.0', { excludedFromLatest: true })],
      '1.4.0 is not offered itself: promote it first.',
    ],
    ['--to 1.4.0', [...three, version('1.4.0', { excludedFromLatest: true, tags: {} })], '1.4.0 was never published.'],
  ])('%s: says why not', async (option, versions, why) => {
    const { says, plan } = world(versions);
    expect(await says(`rollback ubuntu-22 ${option} --reason why`)).toContain(why);
    expect(plan()).toBeUndefined();
  });
});

describe('channel', () => {
  const stable = { ...published, 'goldbot-channel-stable': 'R-22222' };
  const three = [
    version('1.3.0', { endOfLife: new Date('2026-01-01T00:00:00Z') }),
    version('1.4.1', { tags: stable }),
    version('1.5.0'),
    version('1.6.0', { excludedFromLatest: true, tags: {} }),
  ];

  it('asks whether a version becomes the one of a channel, which another leaves', async () => {
    const { says, plan } = world(three);
    expect(await says('channel ubuntu-22@1.5.0 stable')).toContain('Channel ubuntu-22 1.5.0\nto be the stable version');
    expect(plan()).toMatchObject({
      subject: 'channel:ubuntu-22:stable',
      plan: { verb: 'channel', channel: 'stable', versions: ['1.5.0', '1.4.1'] },
    });
    expect(plan()?.plan.approval?.rule.groupName).toBe('goldbot-approvers');
  });

  it.each([
    ['1.3.0 lts', 'The life of 1.3.0 is over: no channel takes it.'],
    ['1.4.1 stable', '1.4.1 is the stable version already.'],
    ['1.6.0 canary', '1.6.0 was never published: a channel is for what people may deploy.'],
  ])('does not make %s', async (what, why) => {
    const { says, plan } = world(three);
    expect(await says(`channel ubuntu-22@${what}`)).toContain(why);
    expect(plan()).toBeUndefined();
  });

  it('stands with the versions', async () => {
    const { says } = world(three);
    expect(await says('versions ubuntu-22')).toMatch(/^● \S+ · Published · stable/m);
  });
});

describe('a candidate that is to be promoted', () => {
  const candidate = version('1.6.0', { excludedFromLatest: true, tags: {} });
  const fingerprint = fingerprintOf(candidate);
  const id = 'R-7F3KQ' as RequestId;
  const asked = async (outcome: 'failed' | null, approvals: readonly Partial<Approval>[], of = candidate) => {
    const { reads } = dialogWorld().deps;
    const told = {
      ...reads,
      recordedVersions: async () => new Map([['1.6.0', { runId: id, fingerprint }]]),
      run: async () => aRun(id, { outcome }),
      approvalsOfRun: async () => approvals.map((one) => anApproval(one)),
    };
    return promotable({ image: 'ubuntu-22', version: of }, { reads: told, read: { vaultKey: async () => undefined } });
  };

  it('was approved as it is, by a run that did not come to publish it', async () => {
    const { problem, doubts } = await asked('failed', [{ status: 'approved', fingerprint }]);
    expect(problem).toBeUndefined();
    expect(doubts).toEqual([
      `No certificate of it is known: ${id} tested it and ended without publishing it; it gets its certificate when it becomes latest.`,
    ]);
    expect((await asked(null, [])).doubts.join(' ')).toContain(`${id} tested it and has not published it`);
    const promoted = { ...candidate, tags: published };
    expect((await asked('failed', [], promoted)).doubts.join(' ')).toContain('it was promoted without one.');
  });

  it.each([
    [
      'its run is at work',
      null,
      [{ status: 'approved', fingerprint }],
      `${id} is at work on 1.6.0: it publishes what is approved.`,
    ],
    ['nobody was asked', 'failed', [], `Nobody approved 1.6.0: ${id} ended without it.`],
    [
      'it was refused',
      'failed',
      [{ status: 'rejected', fingerprint }],
      `Nobody approved 1.6.0: ${id} ended without it.`,
    ],
    [
      'another object was approved',
      'failed',
      [{ status: 'approved', fingerprint: { ...fingerprint, source: 'other' } }],
      `1.6.0 is not what was approved in ${id}.`,
    ],
  ] as const)('is refused: %s', async (_, outcome, approvals, why) => {
    expect((await asked(outcome, approvals)).problem).toBe(why);
  });
});
