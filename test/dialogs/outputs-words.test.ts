import type { AzureRead, OutputTarget } from '../../core/azure';
import { azureSilent } from '../../core/errors';
import { type Approval, type Distribution, type FixedPlan, type PublishRun, planHash } from '../../core/runs';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { anApproval, aVersion, fixed, tattooed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

/** What people read about outputs beside the gallery's version, at each point of their life. */
const managed: OutputTarget = {
  kind: 'managed-image',
  place: '/subscriptions/s/resourceGroups/rg-out/providers/Microsoft.Compute/images/ubuntu-22-1.6.0',
};
const vhd: OutputTarget = { kind: 'vhd', place: 'https://out.blob.core.windows.net/vhds/ubuntu-22-1.6.0.vhd' };
const plan: FixedPlan = { ...fixed, outputs: [managed, vhd] };
const failure = { stage: 'distribute', what: 'VHD ubuntu-22-1.6.0.vhd', error: 'It was refused.', tail: [] } as const;
const distribution: Distribution = { attempt: 1, made: [{ place: managed.place, at: now.toISOString() }] };
const open = (change: Partial<PublishRun> = {}): PublishRun =>
  aRun('R-22222', {
    plan: { request: {}, approvalChannel: 'Image Factory / approvals', fixed: plan },
    ...{ planHash: planHash(plan), stages: ['replicate', 'publish', 'age', 'distribute', 'announce'] },
    ...change,
    data: { publishedAt: now.toISOString(), ...change.data },
  });
const making = open({ stage: 'distribute', data: { progress: 'writing the VHD ubuntu-22-1.6.0.vhd' } });
const times = [{ stage: 'repair', attempt: 1, from: now.toISOString() }] as const;
const broken = open({ stage: 'repair', data: { failure, distribution, times } });
const ended = open({
  ...{ stage: 'cleanup', outcome: 'published', endedAt: now },
  data: {
    ...{ failure, distribution: { ...distribution, missing: 'It was refused. Ada ended the run: no need' } },
    ending: { outcome: 'published', why: 'published without it', by: 'Ada' },
  },
});
const whole = open({
  ...{ stage: 'cleanup', outcome: 'published', endedAt: now },
  data: {
    distribution: { attempt: 1, made: [managed, vhd].map(({ place }) => ({ place, at: now.toISOString() })) },
    ending: { outcome: 'published', why: 'it is published' },
  },
});

it.each<[string, PublishRun, readonly string[]]>([
  ['while they are made', making, ['Distribute: now · writing the VHD ubuntu-22-1.6.0.vhd']],
  [
    'when one is missing',
    broken,
    [
      'Needs repair: ubuntu-22 1.6.0',
      'The version is published and stays that way. A rebuild makes what is missing; a cancel ends the run without it.',
      'then the run ends without them.',
    ],
  ],
  [
    'once a person has ended that',
    ended,
    ['Published ubuntu-22 1.6.0', 'Distribute: needs a person · no VHD ubuntu-22-1.6.0.vhd'],
  ],
  [
    'when all are there',
    whole,
    ['Published ubuntu-22 1.6.0', 'Distribute: done · managed image ubuntu-22-1.6.0, VHD ubuntu-22-1.6.0.vhd'],
  ],
])('the card of the run %s', (_, run, words) => {
  const { text } = presentRun(run, { now });
  for (const word of words) expect(text).toContain(word);
  expect(text).not.toContain('Nothing was published');
});

it('a run whose plan has none shows no stage of them', () => {
  const { text } = presentRun({ ...whole, plan: { ...whole.plan, fixed } }, { now });
  expect(text).not.toContain('Distribute');
});

it.each<[string, PublishRun, string, readonly string[]]>([
  [
    'asks for repair',
    broken,
    'outputs-1',
    [
      'ubuntu-22 1.6.0 is published, and its outputs need repair',
      'R-22222 could not make all of them. Ada acts.',
      '! VHD ubuntu-22-1.6.0.vhd: It was refused.',
    ],
  ],
  [
    'was answered by a rebuild',
    open({ stage: 'distribute', data: { distribution: { ...distribution, attempt: 2 } } }),
    'outputs-1',
    ['The outputs of ubuntu-22 1.6.0 needed repair.', 'They were begun again after it.'],
  ],
  ['was answered by a cancel', ended, 'outputs-1', ['needed repair.', 'The run went on.']],
  [
    'tells how it ended',
    ended,
    'outcome',
    [
      'ubuntu-22 1.6.0 is published',
      'managed image ubuntu-22-1.6.0 in rg-out',
      'There is no VHD ubuntu-22-1.6.0.vhd: It was refused. Ada ended the run: no need',
    ],
  ],
  ['tells of all', whole, 'outcome', ['VHD https://out.blob.core.windows.net/vhds/ubuntu-22-1.6.0.vhd']],
])('the message beside it that %s', (_, run, word, said) => {
  const { text } = presentNews(run, word);
  for (const one of said) expect(text).toContain(one);
});

describe('the card of the approval request', () => {
  const decided: Approval = anApproval({
    ...{ planHash: planHash(plan), status: 'approved', closed: { at: now, by: 'Grace' } },
    decisions: [{ oid: 'g', name: 'Grace', verdict: 'approve', reason: null, via: 'text', at: now }],
  });
  const shown = (run: PublishRun, approval = decided) => presentPublishApproval(approval, run, { now }).text;

  it('names what will be made', () => {
    const asks = anApproval({ planHash: planHash(plan) });
    const outputs = 'Outputs: gallery, then managed image in rg-out, VHD in out/vhds';
    expect(shown(open({ stage: 'approve' }), asks)).toContain(outputs);
  });

  it.each<[string, PublishRun, string]>([
    ['while they are made', making, 'It is published, and its outputs are being made.'],
    ['when one is missing', broken, 'It is published, and its outputs need repair: It was refused.'],
    ['at the end', ended, 'ubuntu-22 1.6.0 is published. There is no VHD ubuntu-22-1.6.0.vhd: It was refused.'],
  ])('follows the run %s', (_, run, words) => {
    expect(shown(run)).toContain(words);
  });

  it('says that the recipe comes from a template, what of it was replaced, and which downloads have no checksum', () => {
    const steps = [
      { type: 'Shell', name: 'agent', scriptUri: 'https://example.org/a.sh' },
      { type: 'Shell', name: 'pinned', scriptUri: 'https://example.org/b.sh', sha256Checksum: 'a'.repeat(64) },
      { type: 'File', name: 'conf', sourceUri: 'https://example.org/c', destination: '/c' },
      { type: 'Shell', name: 'own', inline: ['true'] },
    ] as FixedPlan['recipe']['customize'];
    const changed = ['distribute', 'identity'];
    const template = { file: 'images/legacy.json', changes: [], changed };
    const from: FixedPlan = { ...fixed, template, recipe: { ...fixed.recipe, customize: steps } };
    const run = aRun('R-22222', {
      plan: { request: {}, approvalChannel: 'a', fixed: from },
      ...{ planHash: planHash(from), stage: 'approve' },
    });
    const text = shown(run, anApproval({ planHash: planHash(from) }));
    expect(text).toContain(
      'Template: images/legacy.json · goldbot replaced distribute, identity · downloads without a checksum: agent, conf',
    );
    const { changed: _, ...before } = template;
    const old = { ...from, template: before, recipe: { ...from.recipe, customize: steps.slice(1, 2) } };
    const request = anApproval({ planHash: planHash(old) });
    expect(shown({ ...run, plan: { ...run.plan, fixed: old } }, request)).toContain('Template: images/legacy.json\n');
  });
});

describe('who asks for the same image meanwhile', () => {
  it.each<[string, PublishRun, string]>([
    ['while they are made', making, 'Its outputs are still being made; it is over when that is done.'],
    [
      'while one is missing',
      broken,
      'Its outputs need repair, and it is over when somebody has rebuilt or cancelled it.',
    ],
  ])('is told so %s', async (_, run, words) => {
    const world = dialogWorld();
    world.runs.set('R-22222', run);
    const { text } = await world.say('ada', 'publish ubuntu-22');
    expect(text).toContain('ubuntu-22 1.6.0 is published already');
    expect(text).toContain(words);
    expect(world.started).toEqual([]);
  });

  it('reads it in the list of images, too, even while Azure is silent', async () => {
    const silent = () => Promise.reject(azureSilent(2_500));
    const world = dialogWorld({ read: { definitions: silent, versions: silent, marketplaceVersions: silent } });
    world.runs.set('R-22222', broken);
    expect((await world.say('ada', 'images')).text).toContain('R-22222 waits for repair of its outputs');
  });
});

describe('who acts on it', () => {
  const acting = () => {
    const world = dialogWorld();
    world.runs.set('R-22222', broken);
    return world;
  };

  it('reads after a cancel that the version is published, and after a rebuild that its outputs are made', async () => {
    const cancelled = await acting().say('ada', 'cancel R-22222 --reason "no need"');
    expect(cancelled.text).toContain('Published ubuntu-22 1.6.0');
    expect(cancelled.text).not.toContain('Cancelling');
    const rebuilt = await acting().say('grace', 'rebuild R-22222');
    expect(rebuilt.text).toContain('Publishing ubuntu-22 1.6.0');
    // Nobody will be asked about it any more: an approver may rebuild it without a question.
    expect(rebuilt.text).not.toContain('yourself');
  });

  it('may rebuild again when that has failed: each time is an act of its own', async () => {
    const world = acting();
    const intents = async () => {
      await world.say('ada', 'rebuild R-22222');
      return world.signals.map(({ intent }) => intent).at(-1);
    };
    const first = await intents();
    world.runs.set(
      'R-22222',
      open({ stage: 'repair', data: { failure, distribution: { ...distribution, attempt: 2 } } }),
    );
    expect(await intents()).not.toBe(first);
  });
});

describe('show', () => {
  const published = aVersion('1.6.0', { tags: { ...tattooed('1.6.0'), 'goldbot-run': 'R-22222' } });
  const shows = async (output: AzureRead['output'], run = whole) => {
    const world = dialogWorld({
      read: {
        versions: async () => [published],
        version: async () => published,
        machinesByVersion: async () => new Map(),
        output,
      },
    });
    world.runs.set('R-22222', run);
    return (await world.say('dana', 'show ubuntu-22@1.6.0')).text;
  };
  const there: AzureRead['output'] = async ({ kind }) =>
    kind === 'vhd' ? { state: 'ready' } : { state: 'ready', runId: 'R-22222' };

  it.each<[string, AzureRead['output'], readonly string[]]>([
    [
      'as they are',
      there,
      [
        'Besides the gallery:',
        `✓ managed image ubuntu-22-1.6.0 · in place · ${managed.place}`,
        `✓ VHD ubuntu-22-1.6.0.vhd · in place · ${vhd.place}`,
      ],
    ],
    ['as gone', async () => undefined, ['✗ VHD ubuntu-22-1.6.0.vhd · somebody deleted it']],
    [
      'as unknown while Azure is silent',
      () => Promise.reject(azureSilent(2_500)),
      ['Azure did not say whether it is there'],
    ],
    [
      'as another one where somebody has put one',
      async () => ({ state: 'ready', runId: 'R-33333' }),
      ['! managed image ubuntu-22-1.6.0', 'another one, made by R-33333'],
    ],
    ['as they are being changed', async () => ({ state: 'making' }), ['managed image ubuntu-22-1.6.0 · making']],
  ])('tells where outputs are, %s', async (_, output, words) => {
    const text = await shows(output);
    for (const word of words) expect(text).toContain(word);
  });

  it('tells which were not made, or not yet', async () => {
    expect(await shows(there, ended)).toContain('VHD ubuntu-22-1.6.0.vhd · was not made');
    expect(await shows(there, making)).toContain('VHD ubuntu-22-1.6.0.vhd · not made yet');
    expect(await shows(there, { ...whole, plan: { ...whole.plan, fixed } })).not.toContain('Besides the gallery');
  });
});
