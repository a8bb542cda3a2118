import type { AzureRead } from '../../core/azure';
import type { ComplianceFigures } from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { Judgement } from '../../core/images';
import type { ChangeRun, DigestPlan, PublishRun, TattooPlan } from '../../core/runs';
import { type MissingWhy, planHash } from '../../core/runs';
import { dryRunSentences } from '../../dialogs/changes';
import type { CommandContext, Deps } from '../../dialogs/conversation/command';
import { digestList, digestSettings } from '../../dialogs/present';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { digestView } from '../../dialogs/present/digest';
import { presentReading } from '../../dialogs/present/machine-tattoo';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { payments } from '../fixtures/cards/figures';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

/** Warnings and remarks that stand on a card only now and then, word for word, with what is said otherwise. */
const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Later.' }));
const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const publishing = (change: Partial<PublishRun> = {}) =>
  aRun('R-22222', { plan, planHash: planHash(fixed), stage: 'approve', ...change });

describe('the plan of a publish', () => {
  const set = (name: string, more: object = {}) => ({
    ...{ name, source: '', version: '', subscription: 's', resourceGroup: 'web', tags: {}, selfUpgrading: true },
    ...more,
  });
  const said = async (scaleSets: AzureRead['scaleSets']) => {
    const world = dialogWorld({
      read: {
        marketplaceVersions: async () => [{ version: '22.04.1' }],
        marketplaceVersion: async (_, __, version) => ({ version }),
        versions: async () => [],
        scaleSets,
      },
    });
    return (await world.say('ada', 'publish ubuntu-22 --plan')).text;
  };

  it('says that nobody knows which scale sets would upgrade, instead of that none would', async () => {
    const text = await said(silent);
    expect(text).toContain('! Before you start\nAzure did not say which scale sets upgrade automatically.');
    expect(text).not.toContain('will upgrade automatically');
  });

  it('warns of those that would', async () => {
    const found = async () =>
      ({ rows: [set('vmss-front'), set('vmss-still', { selfUpgrading: false })], asOf: now }) as never;
    const words = 'These scale sets will upgrade automatically once it is published: ';
    expect(await said(found)).toContain(`${words}vmss-front.\n`);
    expect(await said(async () => ({ rows: [], asOf: now }))).not.toContain(words);
  });
});

describe('the card of a run', () => {
  const ending = { outcome: 'published', why: 'ubuntu-22 1.6.0 is published' } as const;
  const over = (data: PublishRun['data'] = {}) =>
    publishing({ stage: 'cleanup', outcome: 'published', endedAt: now, data: { ending, ...data } });
  const card = (run: PublishRun) => presentRun(run, { now }).text;

  it('says that a newer base has come since, as long as that matters', () => {
    const words = 'The marketplace has a newer base: 22.04.202611190.';
    const newerBase = '22.04.202611190';
    expect(card(publishing({ stage: 'test', data: { newerBase } }))).toContain(words);
    expect(card(publishing({ stage: 'test' }))).not.toContain('newer base');
    expect(card(over({ newerBase }))).not.toContain('newer base');
    const asked = (data: PublishRun['data']) =>
      presentPublishApproval(anApproval(), publishing({ data }), { now }).text;
    expect(asked({ newerBase })).toContain(words);
    expect(asked({})).not.toContain('newer base');
  });

  it('tells of a version that never ends, on the card and beside it', () => {
    expect(card(over({ discontinue: '1.1.0' }))).toContain('1.1.0 has no end of life: think about discontinuing it.');
    expect(presentNews(over({ discontinue: '1.1.0' }), 'outcome').text).toContain(
      '! ubuntu-22 1.1.0 has no end of life: decide when it goes',
    );
    expect(presentNews(over(), 'outcome').text).not.toContain('end of life: ');
  });

  it('tells what Azure kept of the version, and which earlier ones are not marked', () => {
    const { text } = presentNews(
      over({ kept: ['the storage type of North Europe'], ageTrouble: 'A lock.' }),
      'outcome',
    );
    expect(text).toContain('! Azure did not change all of the version: the storage type of North Europe');
    expect(text).toContain('! Some earlier versions are not marked as aged: A lock.');
    expect(presentNews(over(), 'outcome').text).not.toMatch(/did not change|not marked/);
  });
});

describe('a reading inside a machine', () => {
  const reading: TattooPlan = {
    ...{ verb: 'tattoo', machineId: '/m', os: 'Linux', location: 'l', target: 'vm-1', team: 'payments' },
  };
  const said = (data: ChangeRun['data']) => {
    const run = { ...aRun('R-33333'), kind: 'change', plan: reading, data, outcome: 'done' } as unknown as ChangeRun;
    return presentReading(run, reading, { now }).text;
  };
  const made = { image: 'ubuntu-22', version: '1.5.0' };
  const judgement: Judgement = {
    verdict: 'unknown',
    because: 'unread',
    reference: made,
    made,
    unread: { why: 'no tattoo' },
    evidence: [{ source: 'Operating system', mark: 'silent', runs: 'ubuntu 22.04' }],
  };

  it('says which command is left on the machine, and by whom it has to go', () => {
    expect(said({ judgement, commandLeft: 'goldbot-R-33333' })).toContain(
      '! Azure did not remove the run command goldbot-R-33333 from the machine: delete it there.',
    );
    expect(said({ judgement })).not.toContain('run command');
  });

  it('shows what a source says also where there is nothing to compare it with', () => {
    expect(said({ judgement })).toContain('ubuntu 22.04 · nothing to compare with');
  });
});

describe('where a machine came from', () => {
  const said = async (guest: readonly object[]) => {
    const read = (real: AzureRead): Partial<AzureRead> => ({
      machineCompliance: async (id) => ({ ...(await real.machineCompliance(id)), guest: guest as never }),
    });
    return (await inventoryWorld({ read }).say('linus', 'tattoo vm-payments-db-001')).text;
  };
  const check = { name: 'GoldbotTattoo', checkedAt: new Date('2026-11-22T08:00:00Z'), reasons: ['It is gone.'] };

  it.each([
    ['nothing checks', [], '– No guest configuration checks the tattoo inside.'],
    [
      'a check is not content with',
      [{ ...check, status: 'NonCompliant' }],
      '! GoldbotTattoo is not content with the tattoo inside on Sun 22 Nov, 08:00 UTC.',
    ],
    [
      'a check found in order',
      [{ ...check, status: 'Compliant' }],
      '✓ GoldbotTattoo found the tattoo inside in order on Sun 22 Nov, 08:00 UTC.',
    ],
  ])('is told with a tattoo that %s', async (_, guest, words) => {
    expect(await said(guest)).toContain(words);
  });
});

describe('the dry run of a restriction', () => {
  const run = { stopped: [], deployments: 0, existing: 0, gaps: [], asOf: now };

  it('says that nobody would have been stopped, and nothing of machines that do not exist', () => {
    expect(dryRunSentences(run)).toEqual(['Nobody would have been stopped in the last 30 days.']);
  });

  it('says how many of whom, and what becomes of those that exist', () => {
    const stopped = [
      { team: 'web', deployments: 2 },
      { team: null, deployments: 1 },
    ];
    const some = { ...run, stopped: stopped as never, deployments: 3, existing: 2 };
    expect(dryRunSentences(some)).toEqual([
      '3 deployments in the last 30 days would have been affected: web 2, no team 1.',
      '2 machines on other images exist: with deny, Azure refuses changes to them, such as another size.',
    ]);
    expect(dryRunSentences({ ...run, existing: 1 })[1]).toBe(
      '1 machine on other images exists: with deny, Azure refuses changes to it, such as another size.',
    );
  });
});

describe('what became of the last digest', () => {
  const plan = { week: '2026-W48', dueAt: '2026-11-27T08:00:00Z', team: 'payments' };
  const said = async (why?: MissingWhy) => {
    const delivery = why
      ? { posted: false, missing: { why, channel: 'payments / ops', since: now } }
      : { posted: true };
    const state = async () => ({ last: { runId: 'R-22222', plan, data: {}, endedAt: now, delivery } });
    const deps = {
      catalogue: exampleCatalogue,
      reads: { digests: { state, snoozes: async () => [] } },
    } as unknown as Deps;
    const ctx = { rights: { actsFor: () => false } } as unknown as CommandContext;
    const one = await digestSettings(ctx, { team: 'payments', changed: false }, deps);
    return [one.text, (await digestList(['payments'], deps)).text] as const;
  };

  it.each<[MissingWhy | undefined, string, string]>([
    [undefined, 'The one of 2026-W48 is in payments / ops, counted on Mon 23 Nov, 09:00 UTC.', 'UTC)'],
    [
      ...(['closed', '! The one of 2026-W48 waits. goldbot may not write in "payments / ops" any more.'] as const),
      '; the last one could not be delivered',
    ],
    [
      ...(['silent', '! It is not certain that the one of 2026-W48 is in payments / ops.'] as const),
      '; it is not certain that the last one arrived',
    ],
    [
      ...(['deleted', '! The one of 2026-W48 is not in payments / ops any more.'] as const),
      '; somebody deleted the last one',
    ],
  ])('is told as it is, also in the list: %s', async (why, sentence, short) => {
    const [one, list] = await said(why);
    expect(one).toContain(sentence);
    if (why) expect(list).toContain(short);
    else expect(list).not.toContain(';');
  });
});

describe('what a digest says to do next', () => {
  const digest: DigestPlan = {
    ...{ team: 'payments', week: '2026-W47', zone: 'UTC', dueAt: '2026-11-23T09:00:00Z' },
    ...{ late: false, missed: 0, onlyChanges: false },
  };
  const why = (change: Partial<ComplianceFigures['versions'][number]>) => {
    const [, version] = payments.versions;
    const figures = {
      ...payments,
      versions: [{ ...(version as never as (typeof payments.versions)[number]), ...change }],
    };
    const kept = { runId: 'R-22222', team: 'payments', week: '2026-W47', extra: false, figures } as const;
    return digestView(digest, kept, []).next.items.find(({ machine }) => machine.includes('ubuntu-22 1.5.0'))?.why;
  };

  it('is why: how far a version is behind, or since when it is past its end', () => {
    expect(why({})).toBe('1 version behind for 9 days');
    expect(why({ lineage: 'unknown', versionsBehind: 0 })).toBe('how far behind is not known');
    expect(why({ daysBehind: 0 })).toBe('1 version behind for less than a day');
    expect(why({ lineage: 'pastEnd', endOfLife: new Date('2026-11-06') })).toBe(
      'past its end of life since 6 Nov 2026',
    );
  });
});
