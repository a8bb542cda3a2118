import type { GalleryVersion } from '../../core/azure';
import type { ChangeRun, PublishRun, TryPlan } from '../../core/runs';
import type { ChannelState } from '../../store/reads';
import { catalogueFiles } from './support/catalogue';
import { aRun, dialogWorld, type Who } from './support/world';

const golden = {
  ...{ image: 'ubuntu-22', version: '1.5.0', excludedFromLatest: false, provisioningState: 'Succeeded' },
  disks: [{ lun: null, sizeGiB: 30 }],
} as unknown as GalleryVersion;
const general: ChannelState = {
  ...{ name: 'Image Factory / General', conversationId: '19:general', calledNow: null, parkedWhy: null, others: 0 },
} as unknown as ChannelState;

function world({
  versions = [golden],
  channel = general,
}: {
  versions?: GalleryVersion[];
  channel?: ChannelState;
} = {}) {
  const held = dialogWorld({ read: { versions: async () => versions } });
  Object.assign(held.deps.reads, { channels: async () => [channel] });
  return { ...held, says: async (text: string, who: Who = 'grace') => (await held.say(who, text)).text };
}

const named = 'try --channel "Image Factory / General"';

describe('try', () => {
  it('shows what would be made, asked and deleted, and starts nothing', async () => {
    const asked = world();
    const text = await asked.says('try --plan');
    expect(text).toContain('Try 6 questions on a copy of ubuntu-22 1.5.0');
    expect(text).toContain('Makes: definition goldbot-trials with version 1.0.0, a copy of ubuntu-22 1.5.0, excluded');
    expect(text).toContain('Deletes: both of them, when the questions are answered or when they cannot be.');
    expect(text).toContain('Posts: nothing: no channel was named, so that Teams is not tried.');
    expect(text).toContain('Costs: one copy on premium storage: at most US$ 3.96 if it stayed a month');
    expect(text).toContain('Not tried: Whether one request may both allow');
    expect(await asked.says(`${named} --plan`)).toContain(
      'Posts: a message in Image Factory / General, and edits a mention of Grace into it.',
    );
    expect(asked.started).toEqual([]);
  });

  it('asks the admins, for the gallery of the catalogue and nothing that is published', async () => {
    const asked = world();
    await asked.says(`${named} --reason "for the issue"`);
    expect(asked.started).toMatchObject([
      {
        ...{ kind: 'change', subject: 'try:goldbot-trials' },
        plan: {
          ...{ verb: 'try', target: 'goldbot-trials', team: null, reason: 'for the issue' },
          approval: { rule: { groupName: 'goldbot-admins', quorum: 1 } },
          source: { definition: 'ubuntu-22', version: '1.5.0' },
          mention: { channel: 'Image Factory / General', oid: 'a2', name: 'Grace' },
        },
      },
    ]);
  });

  it('says what it costs where nobody knows how large the disk is', async () => {
    const { disks: _, ...bare } = golden;
    expect(await world({ versions: [bare] }).says('try --plan')).toContain(
      'Costs: one copy on premium storage, for about an hour.',
    );
  });

  it.each([
    ['nobody else', 'try', 'ada', /“try” needs the role admin/],
    ['without a golden version', 'try', 'grace', /no golden version that could be copied[\s\S]*Publish an image first/],
  ] as const)('starts nothing for %s', async (_, text, who, words) => {
    const asked = world({ versions: [] });
    expect(await asked.says(text, who)).toMatch(words);
    expect(asked.started).toEqual([]);
  });

  it.each([
    [
      'that goldbot does not know',
      { conversationId: null, others: 0 },
      'goldbot knows no channel “Image Factory / General” to write in. Nothing was done.',
    ],
    [
      'of which there are two',
      { conversationId: null, others: 2 },
      'There are several channels “Image Factory / General” to write in. Nothing was done.',
    ],
    ['that it was removed from', { parkedWhy: 'removed' }, 'goldbot knows no channel'],
  ])('starts nothing for a channel %s', async (_, more, words) => {
    const asked = world({ channel: { ...general, ...more } as ChannelState });
    const text = await asked.says(named);
    expect(text).toContain(words);
    expect(text).toContain('Mention goldbot there once, and name it as team and channel.');
    expect(asked.started).toEqual([]);
  });

  it('takes a channel that will be bound by its name', async () => {
    const asked = world({ channel: { ...general, conversationId: null, others: 1 } as ChannelState });
    await asked.says(named);
    expect(asked.started).toHaveLength(1);
  });

  it('leaves an image alone that has the definition of trials', async () => {
    const asked = world();
    const { azure, images, ...rest } = asked.deps.catalogue();
    const [first] = images;
    if (!first) throw new Error(JSON.stringify(catalogueFiles));
    const catalogue = { ...rest, azure, images: [{ ...first, imageDefinition: 'Goldbot-Trials' }] };
    Object.assign(asked.deps, { catalogue: () => catalogue });
    const text = await asked.says('try');
    expect(text).toContain(`${first.name} uses the definition goldbot-trials: nothing is tried.`);
    expect(text).toContain('Give the image another definition; this name is for trials.');
    expect(asked.started).toEqual([]);
  });
});

it('is explained, with each of its options', async () => {
  const text = await world().says('help try');
  for (const words of [
    'Tries out what no documentation settles about Azure and Teams, on a copy made for that, once another admin approves',
    'Channel where a message is edited to mention you',
    'Only show what would be made, asked and deleted',
    'Whether Teams notified you of the edit',
  ]) {
    expect(text).toContain(words);
  }
});

describe('what Teams did', () => {
  const plan: Partial<TryPlan> = {
    ...{
      verb: 'try',
      target: 'goldbot-trials',
      team: null,
      cost: 'little',
      gallery: { subscription: 's', resourceGroup: 'g', gallery: 'gold' },
    },
    source: { definition: 'ubuntu-22', version: '1.5.0' },
    mention: { channel: 'Image Factory / General', oid: 'a2', name: 'Grace' },
  };
  const hash = '88ae67967e0e1ce2aae1b6a403013d24';
  function asking(trials: object = { mentionedAt: '2026-11-23T09:00:00Z' }) {
    const asked = world();
    const run = {
      ...aRun('R-22222', {}),
      kind: 'change',
      stage: 'verify',
      plan,
      data: { trials },
    } as unknown as ChangeRun;
    asked.runs.set('R-22222', run as unknown as PublishRun);
    return asked;
  }

  it('is said by the person who was mentioned, once', async () => {
    const asked = asking();
    const text = await asked.says('try --notified no');
    expect(text).toContain('Try goldbot-trials');
    expect(asked.signals).toMatchObject([
      { request: 'R-22222', kind: 'saw', person: { oid: 'a2' }, body: { note: 'no' }, intent: 'saw:R-22222:a2' },
    ]);
  });

  it.each([
    ['yes', 'Noted: Teams notified you.'],
    ['no', 'Noted: Teams did not notify you.'],
  ])('is said by a button, and only to whoever pressed it: %s', async (notified, words) => {
    const asked = asking();
    const answer = await asked.click('grace', 'try', { notified, hash });
    expect(JSON.stringify(answer)).toContain(words);
    expect(asked.signals).toMatchObject([{ body: { note: notified }, via: 'button', hash }]);
  });

  it('is nobody else’s to say, and nobody’s while nothing is asked', async () => {
    const asked = asking();
    const other = { ...plan, mention: { ...plan.mention, oid: 'a3', name: 'Heidi' } };
    Object.assign(asked.runs.get('R-22222') ?? {}, { plan: other });
    const text = await asked.says('try --notified yes');
    expect(text).toContain('R-22222 asks Heidi what Teams did, not you.');
    expect(text).toContain('Let them answer: it is their feed that counts.');
    const nothing = await world().says('try --notified yes');
    expect(nothing).toContain('No trial asks now what Teams did: it has its answer, or has not come so far.');
    expect(nothing).toContain(
      'If none is under way, start one that posts a message in a channel, or see what earlier ones found.',
    );
    expect(asked.signals).toEqual([]);
  });

  it.each([
    ['before the message was edited', { postedFrom: '2026-11-23T09:00:00Z' }],
    ['once it was said', { mentionedAt: '2026-11-23T09:00:00Z', answers: { 'mention-by-edit': {} } }],
  ])('is not taken %s', async (_, trials) => {
    const asked = asking(trials);
    expect(await asked.says('try --notified yes')).toContain('No trial asks now what Teams did');
    expect(asked.signals).toEqual([]);
  });
});
