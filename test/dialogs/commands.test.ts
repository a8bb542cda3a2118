import type { AzureRead, Directory, GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fingerprintOf, versionTags } from '../../core/images';
import type { Approval, FixedPlan, PublishData } from '../../core/runs';
import { anApproval, aVersion, fixed, tattooed } from './support/plan';
import { aRun, dialogWorld, groupsOf, now } from './support/world';

const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Later.' }));
const noMachines = async () => new Map<string, ReadonlyMap<string, number>>();
const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };

describe('versions', () => {
  const published = (version: string, at: string) => ({ tags: { ...tattooed(version), [versionTags.published]: at } });
  const all = [
    aVersion('1.4.1', published('1.4.1', '2026-11-20T00:00:00Z')),
    aVersion('2.0.0', published('2.0.0', '2026-11-01T00:00:00Z')),
    aVersion('2.1.0', { excludedFromLatest: true }),
    aVersion('1.4.0', { tags: { ...tattooed('1.4.0'), [versionTags.state]: 'aged' } }),
    aVersion('1.3.0', { ...published('1.3.0', '2026-05-01T00:00:00Z'), endOfLife: new Date('2026-11-01T00:00:00Z') }),
  ];

  it('warns when the newest is not the highest, which is what Azure calls latest', async () => {
    const world = dialogWorld({ read: { versions: async () => all, machinesByVersion: noMachines } });
    const { text } = await world.say('dana', 'versions ubuntu-22');
    expect(text).toMatch(/2\.0\.0 .*Latest/);
    expect(text).toMatch(/2\.1\.0 .*Next/);
    expect(text).toMatch(/1\.3\.0 .*Past end of life/);
    expect(text).toMatch(/1\.4\.0 .*Aged/);
    expect(text).toContain('The newest by date is 1.4.1');
  });

  it('says nothing about machines that nobody could count', async () => {
    const world = dialogWorld({ read: { versions: async () => all, machinesByVersion: silent } });
    expect((await world.say('dana', 'versions ubuntu-22')).text).not.toMatch(/Machines: 0/);
  });

  it('answers with --all in words when a card cannot hold them', async () => {
    const many = Array.from({ length: 40 }, (_, i) => aVersion(`1.${i}.0`));
    const world = dialogWorld({ read: { versions: async () => many, machinesByVersion: noMachines } });
    const { text, card } = await world.say('dana', 'versions ubuntu-22 --all');
    expect(card).toBeUndefined();
    expect(text.match(/^1\.\d+\.0 · /gm)).toHaveLength(40);
  });

  it('picks previous and candidate by what they mean', async () => {
    const read = {
      versions: async () => all,
      version: async (_: unknown, v: string) => all.find((x) => x.version === v),
      machinesByVersion: noMachines,
    };
    const world = dialogWorld({ read });
    expect((await world.say('dana', 'show ubuntu-22 previous')).text).toContain('ubuntu-22 1.4.1');
    expect((await world.say('dana', 'show ubuntu-22@candidate')).text).toContain('ubuntu-22 2.1.0');
    expect((await world.say('dana', 'diff ubuntu-22 latest 2.0.0')).text).toContain('Both are ubuntu-22 2.0.0');
  });
});

describe('show', () => {
  it('points out a tag that is not as goldbot wrote it', async () => {
    const tags = {
      ...tattooed('1.6.0', '22.04.202611120'),
      'goldbot-run': 'R-22222',
      'goldbot-source': 'somewhere else',
    };
    const read = {
      versions: async () => [aVersion('1.6.0', { tags })],
      version: async () => aVersion('1.6.0', { tags }),
      machinesByVersion: noMachines,
    };
    const world = dialogWorld({ read });
    world.runs.set('R-22222', aRun('R-22222', { plan }));
    const { text } = await world.say('dana', 'show ubuntu-22@1.6.0');
    expect(text).toContain('! Built from: somewhere else · goldbot wrote Canonical:o:22_04-lts-gen2:22.04.202611120');
    expect(text).not.toContain('✓ all');
  });

  it.each([
    ['replaced under its number', { source: '/evil' }, 'source: /good → /evil'],
    ['stripped of its tags', { tags: {} }, 'tag goldbot-image: ubuntu-22 → none'],
  ])(
    'shows a version that was %s as forged, without any tick, by the run that goldbot recorded',
    async (_, change, why) => {
      const good = aVersion('1.6.0', { source: '/good', tags: tattooed('1.6.0', '22.04.202611120') });
      const shown = async (now: GalleryVersion, question = 'show ubuntu-22@1.6.0') => {
        const world = dialogWorld({
          read: { versions: async () => [now], version: async () => now, machinesByVersion: noMachines },
        });
        world.runs.set('R-22222', aRun('R-22222', { plan, data: { tested: fingerprintOf(good) } }));
        return (await world.say('dana', question)).text;
      };
      const forged = await shown({ ...good, ...change });
      expect(forged).toContain('✗ Forged: not the version that goldbot built and tested.');
      expect(forged).toContain(why);
      expect(forged).not.toMatch(/✓.*tattoo/);
      expect(forged).toContain('R-22222');
      expect(forged.split('\n')[2]).toBe('✗ Forged');
      expect(await shown({ ...good, ...change }, 'versions ubuntu-22')).toMatch(
        /^1\.6\.0, the latest ubuntu-22, is forged\n.*^✗ 1\.6\.0 · Forged/ms,
      );
      expect(await shown(good)).not.toContain('Forged');
      expect(await shown(good, 'versions ubuntu-22')).toMatch(/^● 1\.6\.0 · Latest/m);
    },
  );
});

describe('show tells of what was decided', () => {
  const tags = { ...tattooed('1.6.0', '22.04.202611120'), [versionTags.run]: 'R-22222' };
  const shown = async (approval: Partial<Approval>, before?: FixedPlan, data: Partial<PublishData> = {}) => {
    const version = aVersion('1.6.0', { tags });
    const world = dialogWorld({
      read: { versions: async () => [version], version: async () => version, machinesByVersion: noMachines },
    });
    const planHash = 'a'.repeat(64);
    world.runs.set('R-22222', aRun('R-22222', { plan, planHash, data }));
    world.approvals.set('R-99999', anApproval({ planHash, status: 'approved', ...approval }));
    const published = async () => before && { fixed: before };
    Object.assign(world.deps.reads, { schedules: { ...world.deps.reads.schedules, published } });
    return (await world.say('dana', 'show ubuntu-22@1.6.0')).text;
  };
  const said = { reason: null, via: 'text', at: now, verdict: 'approve' } as const;
  const grace = { oid: 'a2', name: 'Grace', ...said };

  const compared = {
    contents: { changes: { packages: { changed: 1, added: 0, removed: 0 }, top: [], lists: {} } },
  } as unknown as Partial<PublishData>;

  it('without a risk', async () => {
    const text = await shown({ decisions: [grace] }, fixed, compared);
    expect(text).toContain('Counted as risks: nothing that goldbot looks for\nApproved by: Grace\n');
    expect(await shown({ decisions: [grace], status: 'rejected' }, fixed)).not.toContain('Counted as');
  });

  it('with those that asked for more people, in whose place they decided, and under which change', async () => {
    const rule = {
      ...fixed.rule,
      quorum: 2,
      because: ['changed-recipe'],
      first: [{ group: 's', groupName: 'security', quorum: 1, channel: 'gate' }],
    } as const;
    const heidi = { ...grace, oid: 'a3', name: 'Heidi', turn: 0, inPlaceOf: { oid: 'a4', name: 'Linus' } };
    const decisions = [heidi, { ...grace, turn: 1 }];
    const before = { ...fixed, recipe: { ...fixed.recipe, customize: [] }, recipeHash: 'd'.repeat(64) };
    const guard = ['quorum 3 → 1'];
    const text = await shown({ rule, decisions, changeNumber: 'CHG7' }, before, { guard });
    expect(text).toContain(
      'Counted as risks: its recipe has changed, what is inside was not compared · so it took 2 approvals',
    );
    expect(text).toContain('Tests and approval: ! changed since 1.5.0: quorum 3 → 1');
    expect(text).toContain('Approved by: Heidi on behalf of Linus for security, Grace for goldbot-approvers');
    expect(text).toContain('Change number: CHG7');
  });
});

describe('images', () => {
  it('says what the catalogue knows while Azure is silent, and claims nothing else', async () => {
    const world = dialogWorld({ read: { definitions: silent, versions: silent, marketplaceVersions: silent } });
    world.runs.set('R-22222', aRun('R-22222'));
    const { text } = await world.say('dana', 'images');
    expect(text).toContain('Azure is silent; this is what the catalogue says');
    expect(text).toContain('R-22222 is publishing');
    expect(text).not.toContain('none yet');
  });
});

describe('a base that nobody knows', () => {
  const list = async (versions: readonly GalleryVersion[], bases: AzureRead['marketplaceVersions']) =>
    (
      await dialogWorld({
        read: {
          versions: async () => versions,
          marketplaceVersions: bases,
          marketplaceVersion: async (_, __, version) => ({ version }),
        },
      }).say('dana', 'images')
    ).text;

  it('is not called newer, and the card says why nobody knows', async () => {
    const silentBases = await list([aVersion('1.5.0')], silent);
    expect(silentBases).toContain('base unknown: Azure is silent');
    expect(silentBases).not.toContain('newer base');
    expect(await list([aVersion('1.5.0', { tags: {} })], async () => [])).toContain('base unknown: no tattoo');
    expect(await list([aVersion('1.5.0')], async () => [])).toContain('base unknown: the marketplace has none');
    const refused = (code: 'AZ_NOT_FOUND' | 'AZ_FORBIDDEN') => () =>
      Promise.reject(new UserError(code, 'No.', { hint: 'Later.' }));
    const gone = await list([aVersion('1.5.0')], refused('AZ_NOT_FOUND'));
    expect(gone).toContain('base unknown: the marketplace does not have it');
    const forbidden = await list([aVersion('1.5.0')], refused('AZ_FORBIDDEN'));
    expect(forbidden).toContain('base unknown: Azure does not let goldbot read it');
  });

  it('is still being asked for by a goldbot that has just started', async () => {
    const world = dialogWorld({ read: { versions: async () => [aVersion('1.5.0')] } });
    Object.assign(world.deps.read, { bases: async () => new Map() });
    const { text } = await world.say('dana', 'images');
    expect(text).toContain('base unknown: the marketplace is still being asked');
  });
});

describe('a plan below the latest', () => {
  it('says that it will not be the latest, and nothing of scale sets, which do not take it', async () => {
    const world = dialogWorld({
      read: {
        versions: async () => [aVersion('1.6.1')],
        marketplaceVersions: async () => [{ version: '22.04.1' }],
        marketplaceVersion: async (_, __, version) => ({ version }),
        scaleSets: async () => ({
          rows: [{ name: 'vmss-front', subscription: 's', resourceGroup: 'g', tags: {}, selfUpgrading: true } as never],
          asOf: new Date(0),
        }),
      },
    });
    const { text } = await world.say('ada', 'publish ubuntu-22 --version 1.2.0 --plan');
    expect(text).toContain('1.2.0, below 1.6.1, which remains the latest');
    expect(text).toContain('1.2.0 will not be the latest: Azure takes the highest number, which is 1.6.1.');
    expect(text).not.toMatch(/after 1\.6\.1|scale set|vmss/);
  });
});

describe('whoami', () => {
  it('says while Graph is silent what works, and that nothing else does', async () => {
    const { text } = await dialogWorld({ directory: { memberOf: silent } }).say('ada', 'whoami');
    expect(text).toContain('only help and whoami work');
  });
});

describe('approvals', () => {
  it('says to each person what they may decide, and why not', async () => {
    const world = dialogWorld({
      directory: { memberOf: async (oid, groups) => groups.filter((g) => g !== 'g' || oid === 'a2') },
    });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'approve' }));
    world.approvals.set('R-99999', anApproval());
    expect((await world.say('grace', 'approvals')).text).toContain('approve R-99999');
    expect((await world.say('ada', 'approvals')).text).toContain('you requested it');
    expect((await world.say('dana', 'approvals')).text).toContain('goldbot-approvers decide,');
    expect((await world.say('ada', 'approvals --mine')).text).toContain('Nothing is waiting');
    expect((await world.say('grace', 'approvals --mine')).text).toContain('approve R-99999');
    const said = { oid: 'a2', name: 'Grace', verdict: 'approve', reason: null, via: 'text', at: now } as const;
    world.approvals.set('R-99999', anApproval({ decisions: [said], rule: { ...anApproval().rule, quorum: 2 } }));
    expect((await world.say('grace', 'approvals --mine')).text).toContain('Nothing is waiting');
    expect((await world.say('grace', 'approvals')).text).toContain('you have decided');
  });

  it('are nobody’s to decide while Graph does not say who is in their group', async () => {
    const memberOf: Directory['memberOf'] = async (oid, asked) =>
      asked.includes('g') ? silent() : groupsOf(oid).filter((group) => asked.includes(group));
    const world = dialogWorld({ directory: { memberOf } });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'approve' }));
    world.approvals.set('R-99999', anApproval());
    const { text } = await world.say('grace', 'approvals');
    expect(text).toContain('Microsoft Graph is silent, 0 of 1 approved');
    expect(text).not.toContain('approve R-99999');
  });

  it.each([
    [2 * 3_600_000, 'Nothing is waiting'],
    [24 * 3_600_000, 'Nothing is waiting'],
    [24 * 3_600_000 + 1, 'R-99999'],
  ])('that were asked %d ms ago are overdue after a day', async (ms, words) => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'approve' }));
    world.approvals.set('R-99999', anApproval({ askedAt: new Date(now.getTime() - ms) }));
    expect((await world.say('grace', 'approvals --overdue')).text).toContain(words);
  });
});

describe('logs', () => {
  it('keeps the words of the tests and of the failure when Image Builder has no log any more', async () => {
    const tests = [{ name: 'audit', passed: false, exitCode: 3, output: 'inactive' }];
    const world = dialogWorld({ read: { buildLog: silent } });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'repair', data: { template: 't', tests } }));
    const { text } = await world.say('dana', 'logs R-22222');
    expect(text).toContain('✗ audit · exit code 3 · inactive');
    expect(text).toContain('Image Builder has no log now');
    const raw = (await world.say('dana', 'logs R-22222 --tail 200')).text;
    expect(raw).toContain('test audit: failed with exit code 3\n  inactive');
  });

  it('is the log of a build as people read it, with the step that runs now, and the raw one when more is asked for', async () => {
    const raw =
      '[90a35c21-403d-4a6f-81b5-27e3d5552c8a] PACKER OUT ==> azure-arm: Provisioning with shell script: /tmp/x';
    const world = dialogWorld({ read: { buildLog: async () => raw } });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'customise', data: { template: 't' } }));
    const { text } = await world.say('dana', 'logs R-22222');
    expect(text).toMatch(/^ubuntu-22 is at step 1 of \d+: (.+)$[\s\S]*\u25b8 \1$/m);
    expect(text).not.toContain('PACKER');
    expect((await world.say('dana', 'logs R-22222 --tail 200')).text).toContain(raw);
  });

  it('says first how many tests passed', async () => {
    const tests = [
      { name: 'audit', passed: false, exitCode: 3, output: 'inactive' },
      { name: 'tattoo', passed: true, exitCode: 0, output: 'ok' },
    ];
    const world = dialogWorld({ read: { buildLog: silent } });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'repair', data: { template: 't', tests } }));
    const { text } = await world.say('dana', 'logs R-22222');
    expect(text).toMatch(/^ubuntu-22 passed 1 of 2 tests\n[\s\S]*✓ 1 passed · tattoo/);
  });

  it('shows the end of a long log, and more of it in words when asked', async () => {
    const log = Array.from({ length: 300 }, (_, i) => `line ${i}`).join('\n');
    const world = dialogWorld({ read: { buildLog: async () => log } });
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'customise', data: { template: 't' } }));
    expect((await world.say('dana', 'logs R-22222')).text).not.toContain('line 263\n');
    const { text } = await world.say('dana', 'logs R-22222 --tail 100');
    expect(text).toContain('line 200');
    expect(text).not.toContain('line 199');
  });
});

describe('telling a run something', () => {
  it('answers a cancel as the run will be, and sends one signal for the same act twice', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'customise' }));
    const answer = await world.say('ada', 'cancel R-22222 --reason wrong base');
    await world.say('ada', 'cancel R-22222 --reason wrong base');
    expect(answer.text).toContain('Cancelled by Ada: wrong base');
    expect(new Set(world.signals.map((s) => s.intent)).size).toBe(1);
  });

  it('sends different signals for different people and attempts', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'repair' }));
    await world.say('ada', 'rebuild R-22222');
    await world.say('grace', 'rebuild R-22222');
    world.runs.set('R-22222', aRun('R-22222', { plan, stage: 'repair', attempt: 2 }));
    await world.say('ada', 'rebuild R-22222');
    expect(new Set(world.signals.map((s) => s.intent)).size).toBe(3);
  });
});
