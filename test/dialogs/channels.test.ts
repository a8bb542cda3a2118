import { approvalsCard } from '../../cards';
import { type Approval, type MissingWhy, whyExpired } from '../../core/runs';
import { channelTrouble, channelWords, unaskedWords } from '../../dialogs/present';
import type { ChannelState } from '../../store/reads';
import type { ChannelRequest } from '../../workflows/start/control';
import { anApproval } from './support/plan';
import { aRun, dialogWorld } from './support/world';

const name = 'Image Factory / approvals';
const since = new Date('2026-11-23T08:30:00Z');
const known: ChannelState = { name, conversationId: '19:real', calledNow: name, parkedWhy: null, others: 0 };
const unknown: ChannelState = { ...known, conversationId: null, calledNow: null };
const here = '“channels "Image Factory / approvals" --here”';

describe('a request whose card is missing', () => {
  const told = (why: MissingWhy) => unaskedWords({ id: 'R-22222' as never, unasked: { why, channel: name, since } });
  const typed = 'No card is needed for “approve R-22222”.';

  it.each<[MissingWhy, string]>([
    [
      'unknown channel',
      `Nobody could be asked since Mon 23 Nov, 08:30 UTC: goldbot is in no channel called "${name}". Add goldbot to its team; if it has another name, an admin mentions goldbot in it with ${here}.`,
    ],
    [
      'same name',
      `Nobody could be asked since Mon 23 Nov, 08:30 UTC: Several channels are called "${name}". To say which is meant, an admin mentions goldbot in it with ${here}.`,
    ],
    [
      'closed',
      `Nobody could be asked since Mon 23 Nov, 08:30 UTC: goldbot may not write in "${name}" any more. Add it to that team again, or mention it there.`,
    ],
    [
      'waiting',
      `Nobody could be asked since Mon 23 Nov, 08:30 UTC: Teams takes no messages at the moment. goldbot posts the card in "${name}" as soon as it does.`,
    ],
    [
      'silent',
      `Perhaps nobody has been asked since Mon 23 Nov, 08:30 UTC: Teams did not say whether it took the card for "${name}". goldbot posts it again by itself.`,
    ],
    [
      'refused',
      `Nobody could be asked since Mon 23 Nov, 08:30 UTC: Teams does not take the card for "${name}"; its answer is in goldbot's log. goldbot keeps trying.`,
    ],
    [
      'given up',
      `Perhaps nobody has been asked since Mon 23 Nov, 08:30 UTC: Teams never said whether it took the card for "${name}", and goldbot does not post it again. Look there.`,
    ],
    [
      'deleted',
      `Its card has been gone since Mon 23 Nov, 08:30 UTC: Somebody deleted it in "${name}" twice, and goldbot does not post it a third time.`,
    ],
  ])('says that it is so when the reason is: %s', (why, words) => {
    expect(told(why)).toBe(`${words} ${typed}`);
  });

  it.each<[MissingWhy | undefined, string]>([
    [undefined, 'nobody in approvers decided in time'],
    ['unknown channel', `nobody could be asked: the card never reached ${name}`],
    ['closed', `nobody could be asked: the card never reached ${name}`],
    ['silent', `nobody decided in time, and Teams never said whether the card reached ${name}`],
    ['given up', `nobody decided in time, and Teams never said whether the card reached ${name}`],
    ['deleted', `nobody decided in time, and somebody had deleted the card in ${name}`],
  ])('expires as what it was when the reason is: %s', (why, words) => {
    const rule = { ...anApproval().rule, groupName: 'approvers' };
    expect(whyExpired({ rule, ...(why && { unasked: { why, channel: name, since } }) })).toBe(words);
  });

  it('says nothing when people have been asked', () => {
    expect(unaskedWords({ id: 'R-22222' as never })).toBeUndefined();
  });

  it('says so on the card of its run and among the approvals', async () => {
    const world = dialogWorld();
    const run = aRun('R-77777' as never, { stage: 'approve', planHash: 'h' });
    const approval: Approval = {
      ...anApproval({ id: 'R-22222' as never, runId: run.id }),
      unasked: { why: 'unknown channel', channel: name, since },
    };
    world.runs.set(run.id, run);
    world.approvals.set(approval.id, approval);
    const status = (await world.say('ada', 'status R-77777')).text;
    const list = (await world.say('ada', 'approvals')).text;

    expect(status).toContain(
      `; then it expires. Nobody could be asked since Mon 23 Nov, 08:30 UTC: goldbot is in no channel`,
    );
    expect(list).toContain('nobody asked yet, 0 of 1 approved');
    expect(list).toContain(
      '! R-22222: Nobody could be asked since Mon 23 Nov, 08:30 UTC: goldbot is in no channel called',
    );
    const shortOf = async (why: MissingWhy) => {
      world.approvals.set(approval.id, { ...approval, unasked: { why, channel: name, since } });
      return /, ([^,]+), 0 of 1 approved/.exec((await world.say('ada', 'approvals')).text)?.[1];
    };
    expect(await shortOf('deleted')).toBe('its card was deleted');
    expect(await shortOf('silent')).toBe('perhaps nobody asked yet');
  });

  it('is told in a sentence for three requests, and in a word for each', () => {
    const row = {
      runId: 'R-1',
      image: 'i',
      version: '1.0.0',
      askedBy: 'Ada',
      until: since,
      approved: 0,
      quorum: 1,
      yours: true,
    };
    const approvals = [1, 2, 3, 4].map((n) => ({
      ...row,
      id: `R-${n}`,
      unasked: {
        words: `Nobody (${n}).`,
        short: n % 2 === 0 ? ('perhaps nobody asked yet' as const) : ('nobody asked yet' as const),
      },
    }));
    const { text } = approvalsCard({ approvals, total: 4, asOf: since });

    expect(text.match(/(perhaps )?nobody asked yet/g)).toEqual(
      [1, 2, 3, 4].map((n) => `${n % 2 === 0 ? 'perhaps ' : ''}nobody asked yet`),
    );
    expect(text.match(/! R-\d: Nobody \(\d\)\./g)).toEqual([
      '! R-1: Nobody (1).',
      '! R-2: Nobody (2).',
      '! R-3: Nobody (3).',
    ]);
  });
});

describe('a channel of the catalogue, in words', () => {
  it.each<[string, ChannelState, string | undefined]>([
    ['bound', known, undefined],
    ['not bound yet, and the only one', { ...unknown, others: 1 }, undefined],
    [
      'one of two',
      { ...unknown, others: 2 },
      `Several channels are called "${name}". To say which is meant, an admin mentions goldbot in it with ${here}.`,
    ],
    [
      'nowhere',
      unknown,
      `goldbot is in no channel called "${name}". Add goldbot to its team; if it has another name, an admin mentions goldbot in it with ${here}.`,
    ],
    [
      'closed',
      { ...known, parkedWhy: 'x' },
      `goldbot may not write in "${name}" any more. Add it to that team again, or mention it there.`,
    ],
  ])('%s', (_, state, words) => expect(channelTrouble(state)).toBe(words));

  it.each<[ChannelState, string]>([
    [known, `"${name}" is known.`],
    [{ ...unknown, others: 1 }, `"${name}" is known.`],
    [
      { ...known, calledNow: 'Image Factory / gate' },
      `"${name}" is known and is called "Image Factory / gate" in Teams now.`,
    ],
    [{ ...known, others: 1 }, `"${name}" is known. Of the same name is another channel, where nothing is posted.`],
    [{ ...known, others: 2 }, `"${name}" is known. Of the same name are 2 other channels, where nothing is posted.`],
  ])('%j', (state, words) => expect(channelWords(state)).toBe(words));
});

describe('channels', () => {
  const chosen: ChannelRequest[] = [];
  const world = (state: ChannelState) => {
    chosen.length = 0;
    const made = dialogWorld({ channels: { choose: async (request) => void chosen.push(request) } });
    (made.deps.reads as { channels: unknown }).channels = async (names: readonly string[]) =>
      names.map((one) => (one === name ? state : { ...known, name: one, calledNow: one }));
    return made;
  };

  it('tells what is wrong first, and offers to say that this channel is meant', async () => {
    const { text, card } = await world(unknown).say('grace', 'channels');

    expect(text).toMatch(/goldbot can write in \d of \d channels of the catalogue\n! goldbot is in no channel called/);
    expect(card?.actions.map(({ title }) => title)).toContain(`Here: ${name}`);
  });

  it('binds the channel where it is sent, by what a signed message says, in any spelling of the name', async () => {
    const { text } = await world(unknown).say('grace', 'channels "image factory/approvals" --here');

    expect(chosen).toEqual([
      { name, conversationId: '19:general', person: expect.objectContaining({ name: 'Grace' }) },
    ]);
    expect(text).toContain(`This channel is "${name}" for goldbot now`);
    expect(text).toContain(
      'What waited for it is posted here, and so are the open requests for a decision that were sent elsewhere under this name.',
    );
    expect(text).toContain('It stays that way, whatever this channel is called later. The catalogue is unchanged.');
  });

  it('binds by its button the channel where that is pressed', async () => {
    await world(unknown).click('grace', 'channels', { name, here: true });

    expect(chosen).toMatchObject([{ name, conversationId: '19:general' }]);
  });

  it('binds nothing for a personal chat, an unknown name, no name, or somebody who is no admin', async () => {
    const personal = { conversation: { id: 'a:1', kind: 'personal' as const } };
    const said = world(unknown);
    const answers = [
      (await said.say('grace', `channels "${name}" --here`, personal)).text,
      (await said.say('grace', 'channels "Nowhere / ops" --here')).text,
      (await said.say('grace', 'channels --here')).text,
      (await said.say('ada', `channels "${name}" --here`)).text,
    ];

    expect(chosen).toEqual([]);
    expect(answers[0]).toContain(`A personal chat cannot be "${name}"; nothing was changed.`);
    expect(answers[1]).toContain('The catalogue names no channel "Nowhere / ops".');
    expect(answers[1]).toMatch(/Name one as the catalogue does\.[\s\S]*\nchannels "[^"]+" --here/);
    expect(answers[1]).toContain(`channels "${name}" --here`);
    expect(answers[2]).toContain('Which channel of the catalogue is meant?');
    expect(answers[3]).toContain('needs the role admin');
  });

  it('shows what a card holds, what is wrong first, and says how many more there are', async () => {
    const made = world(known);
    const real = made.deps.catalogue();
    const team = { owners: { group: 'o', name: 'owners' }, scope: { tag: 't' }, digest: false };
    const teams = new Map(Array.from({ length: 12 }, (_, i) => [`t${i}`, { ...team, channel: `t${i} / ops` }]));
    (made.deps as { catalogue: unknown }).catalogue = () => ({ ...real, teams });
    const reads = made.deps.reads as { channels: unknown };
    reads.channels = async (names: readonly string[]) =>
      names.map((one) => ({ ...known, name: one, calledNow: one, ...(one === 't11 / ops' && { parkedWhy: 'gone' }) }));
    const { text } = await made.say('grace', 'channels', { conversation: { id: 'a:1', kind: 'personal' } });

    expect(text).toContain(
      'goldbot can write in 12 of 13 channels of the catalogue\n! goldbot may not write in "t11 / ops"',
    );
    expect(text).toContain('And 6 more: name a channel to see it.');
    expect(text).not.toContain('Here:');
  });

  it('tells about one', async () => {
    expect((await world(unknown).say('grace', `channels "${name}"`)).text).toContain(
      `goldbot cannot write in "${name}"`,
    );
    expect((await world(known).say('grace', `channels "${name}"`)).text).toContain(`goldbot can write in "${name}"`);
  });
});
