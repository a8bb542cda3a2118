import fc from 'fast-check';
import { silentTelemetry } from '../../../core/telemetry';
import { commands } from '../../../dialogs';
import { findCommand, parse } from '../../../dialogs/conversation/grammar';
import { isLookOf } from '../../../dialogs/plain/meaning';
import { vocabulary } from '../../../dialogs/plain/score';
import { sized, spread } from '../../support/size';
import { groups } from '../support/catalogue';
import { anApproval, fixed } from '../support/plan';
import { aRun, type DialogWorld, dialogWorld } from '../support/world';
import { isRight, read, sentencesOf, shown } from './judge';

const own = sentencesOf('own.json');
/** Written by somebody else before there was a rule; nobody who works on the rules reads it, so its texts are not printed. */
const blind = sentencesOf('blind.json');
/** Written after the rules, before they were changed; the rules were changed by the failures of these … */
const more = sentencesOf('more.json');
/** … and not by those of these, every third that was written: they tell whether the rules generalise. Not printed either. */
const heldOut = sentencesOf('held-out.json');
/** Written by two people who had not seen the rules, which were changed by these; by every third of them last. */
const written = sentencesOf('written.json');
/** Written by one who knew the rules, before looking at what they answer; the rules were changed by every other one of these … */
const colleagues = sentencesOf('colleagues.json');
const seen = colleagues.filter((_, n) => n % 2 === 0);
/** … and not by the failures of the others. */
const unseen = colleagues.filter((_, n) => n % 2 === 1);
const all = [...own, ...more, ...heldOut, ...written, ...colleagues, ...blind];

/** Everything that was done to anything. */
function done({ started, signals, overrides, decided, locks, follows, delegations }: DialogWorld): readonly unknown[] {
  return [...started, ...signals, ...overrides, ...decided, ...locks, ...follows, ...delegations];
}

describe('sentences in plain words', () => {
  it('of our own are understood', () => {
    const wrong = own
      .filter((one) => !isRight(one))
      .map(({ text, in: place }) => `${text} -> ${shown(read(text, place))}`);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['more, which the rules were changed by', more, 201],
    ['held out, which they were not', heldOut, 94],
    ['written by others, which they were', written, 287],
    ['those of twenty colleagues, which they were', seen, 60],
    ['those of twenty colleagues, held out', unseen, 44],
    ['blind, which nobody looked at', blind, 91],
  ] as const)('that are %s, are understood', (_, sentences, least) => {
    expect(sentences.filter(isRight).length).toBeGreaterThanOrEqual(least);
  });

  it('never mean a write that would be executed', () => {
    for (const [n, { text, in: place }] of all.entries()) {
      const found = read(text, place);
      const executed =
        found.kind === 'read'
          ? found.call
          : found.kind === 'grammar' && found.parsed.kind === 'command'
            ? { verb: found.parsed.command.verb, values: found.parsed.values }
            : undefined;
      const command = executed && findCommand(commands, executed.verb);
      if (command && !isLookOf(command, executed.values)) throw new Error(`sentence ${n} would be executed as a write`);
    }
  });

  it.each(['ada', 'grace'] as const)('change nothing when %s says them', async (who) => {
    const world = dialogWorld();
    for (const { text } of spread(4, all)) await world.say(who, text);
    expect(done(world)).toEqual([]);
  });
});

describe('what a sentence names', () => {
  it.each([
    ['zeig mir bitte die versionen von ubuntu', 'read versions ubuntu-22'],
    ['kannst du ubuntu sperren', 'offer lock ubuntu-22'],
    ['was muss ich noch genehmigen', 'read approvals --mine'],
    ['shwo me teh machines of web', 'read compliance web --list'],
    ['exempt vm payments api 001 until 18 december', 'offer exempt vm-payments-api-001 --until 2026-12-18'],
    ['exempt vm-payments-api-001 until the end of the year', 'offer exempt vm-payments-api-001 --until 2026-12-31'],
    ['extend ubuntu 1.4 by six more months', 'offer eol ubuntu-22@1.4.0 +6mo'],
    ['we replace vm-payments-ledger-001 on saturday at 22:00', 'offer appoint vm-payments-ledger-001 --at "sat 22:00"'],
    ['add uk south to ubuntu 1.5.0', 'offer replicate ubuntu-22@1.5.0 --add "UK South"'],
    ['keep only the last 4 versions of ubuntu', 'offer retention ubuntu-22 --keep 4'],
    ['show the last 50 lines of R-7F3KQ', 'read logs R-7F3KQ --tail 50'],
    ['who has openssl older than 3.0.8', 'read who has openssl --below 3.0.8'],
    ['which images ship openssl older than 3.0.2-0ubuntu1.18', 'read who has openssl --below 3.0.2-0ubuntu1.18'],
    ['show ubuntu one five oh', 'read show ubuntu-22@1.5.0'],
    ['put ubuntu 1.6.0 in uk south too, three copies', 'offer replicate ubuntu-22@1.6.0 --add "UK South:3"'],
    ['windows-2022 1.6.0 is broken, revoke it', 'offer revoke windows-2022@1.6.0'],
    ['release R-7F3KQ? no, the log of it (sorry, long day)', 'read logs R-7F3KQ'],
    ['let payments-owners view ubuntu for three months', 'offer grant payments-owners view ubuntu-22 --until +3mo'],
    [
      'roll windows-2022 1.5.0 to team data, window "sat 22:00 to sun 04:00"',
      'offer rollout windows-2022 1.5.0 --team data --window "sat 22:00 to sun 04:00"',
    ],
    // Said by denying its opposite.
    ['I do not want to be told about ubuntu any more', 'offer unsubscribe ubuntu-22'],
    ['we do not need ubuntu 1.3.0 any more', 'offer retire ubuntu-22@1.3.0'],
    ['no new ubuntu until the bug is fixed', 'offer lock ubuntu-22'],
    ['vm-web-001 can not comply until january, grant an exception', 'offer exempt vm-web-001 --until 2027-01-01'],
    // What is said to be bad is not what anybody goes back to.
    ['windows 1.6.0 is bad, go back', 'offer rollback windows-2022'],
    ['ubuntu 1.6.0 broke dns, roll back', 'offer rollback ubuntu-22'],
    ['no more copies of ubuntu 1.5.0 in east us', 'offer replicate ubuntu-22@1.5.0 --remove "East US"'],
    // Whoever names a machine wants nothing done to an image.
    ['delete vm-web-001', 'read tattoo vm-web-001'],
    ['restart vm-web-001', 'read tattoo vm-web-001'],
    ['make ubuntu 1.5.0 stbale', 'offer channel ubuntu-22@1.5.0 stable'],
    ['thankks mate', 'talk thanks'],
    ['ok, maybe later then', 'talk no'],
    ['stop it', 'which cancel {}'],
    ['which version should I take', 'ask latest ubuntu-22 | latest windows-2022'],
    ['can I use ubuntu 1.4.1', 'read show ubuntu-22@1.4.1'],
    ['publish ubuntu and windows', 'ask publish ubuntu-22 | publish windows-2022'],
    ['show me the ones that are not ok', 'read compliance --list --state not-compliant'],
    ['no objections to R-9WXB4', 'offer approve R-9WXB4'],
    ['what did Ada do since 1 November', 'read audit --who Ada --since 2026-11-01'],
    ['prolong ubuntu 1.5.0 until the end of march', 'offer eol ubuntu-22@1.5.0 2027-03-31'],
    ['what did Ada do since friday', 'read audit --who Ada --since 2026-11-20'],
    ['what did Ada do before 1 November', 'read audit --who Ada --until 2026-11-01'],
  ])('“%s” is “%s”', (text, meant) => {
    expect(shown(read(text))).toBe(meant);
  });

  it.each([
    ['ubuntu: no publishing until friday', 'read status ubuntu-22'],
    ['publish ubuntu tomorrow', 'offer publish ubuntu-22'],
    ['sorry to bother, but is the windows build through yet?', 'read status windows-2022'],
    ['the moon is made of cheese', 'error UNKNOWN_COMMAND'],
    ['can you book a meeting room', 'error UNKNOWN_COMMAND'],
    ['please order new laptops for the team', 'error UNKNOWN_COMMAND'],
    ['restart my laptop', 'error UNKNOWN_COMMAND'],
    ['please do not cancel R-7F3KQ', 'read status R-7F3KQ'],
    ['do we still use ubuntu 1.4.1', 'read who uses ubuntu-22@1.4.1'],
  ])('“%s” is not taken for more than “%s”', (text, meant) => {
    expect(shown(read(text))).toBe(meant);
  });

  // Somebody who wrote a whole command with a name that nobody has made a mistake in it, and asked for nothing else.
  it.each([
    ['compliance pay', 'UNKNOWN_TEAM', 'compliance all'],
    ['compliance pay please', 'UNKNOWN_TEAM', 'compliance all'],
    ['who uses zork@1.0.0', 'UNKNOWN_IMAGE', 'images'],
    ['diff zork 1.0.0 1.1.0', 'UNKNOWN_IMAGE', 'images'],
    ['diff ubuntu-22 oldest', 'BAD_COMMAND', 'help diff'],
    ['schedule zork monthly', 'UNKNOWN_IMAGE', 'images'],
    ['rollout zork 1.0.0', 'UNKNOWN_IMAGE', 'images'],
    ['lock zork, it is broken', 'UNKNOWN_IMAGE', 'images'],
    ['lock debian-12, broken', 'UNKNOWN_IMAGE', 'images'],
    ['could you publish the zork image', 'UNKNOWN_IMAGE', 'images'],
  ])('“%s” is refused as it was written', async (said, code, next) => {
    const { text } = await dialogWorld().say('ada', said);
    expect(text).toContain(code);
    expect(text.split('\n').at(-1)).toContain(next);
  });
});

const words = fc.constantFrom(
  ...vocabulary,
  ...['ubuntu-22', 'ubuntu', 'jammy', 'windows', '1.5.0', 'R-22222', 'payments', 'vm-payments-api-001', 'Heidi', '+2w'],
  ...['bitte', 'sperre', 'genehmige', 'nicht', 'no', 'monthly', 'keep', '4', 'UK', 'South', 'sat', '22:00', 'ok'],
  ...['publish', 'approve', 'reject', 'revoke', 'retire', 'lock', 'because', 'please', 'not', '?', ',', '"', '👍'],
  ...['__proto__', 'constructor', '$1', '\u202e', '<at>x</at>', '&nbsp;', '(((', '.*', '<image>', '<word>', '…'],
);
const salad = fc.array(words, { minLength: 1, maxLength: 45 }).map((all) => all.join(' '));

describe('words in any order', () => {
  it('are never executed as a write that the grammar does not read', async () => {
    await fc.assert(
      fc.asyncProperty(salad, async (text) => {
        const found = read(text);
        if (found.kind === 'grammar' || found.kind === 'error') return;
        if (found.kind === 'read') {
          const command = findCommand(commands, found.call.verb);
          expect(command && isLookOf(command, found.call.values)).toBe(true);
        }
        const world = dialogWorld();
        await world.say('grace', text);
        expect(done(world)).toEqual([]);
      }),
      { numRuns: sized(40, 3_000), seed: 13 },
    );
  });

  it('mean by the grammar what the grammar says', () => {
    // In a team's channel its name is left out, and another argument stands first.
    const short = ['digest now', 'digest off'];
    for (const text of [...commands.flatMap(({ examples }) => examples), ...short]) {
      expect(shown(read(text))).toBe(shown({ kind: 'grammar', parsed: parse(text, commands) }));
    }
  });
});

describe('an answer to plain words', () => {
  it('begins with the sentence that does the same, in words and on the card', async () => {
    const world = dialogWorld();
    const { text, card } = await world.say('ada', 'what is running?');
    expect(text.split('\n')[0]).toBe('Same as “status”');
    expect(card?.body[0]).toMatchObject({ text: 'Same as “status”' });
    expect((await world.say('ada', 'status')).text).not.toContain('Same as');
  });

  it('asks what is meant by “who” alone', async () => {
    const { text, card } = await dialogWorld().say('ada', 'who?');
    expect(text).toContain('Which of these do you mean?');
    expect(card?.actions.map(({ verb }) => verb)).toEqual(['who uses', 'who has', 'whoami']);
  });

  it('that is not understood is counted, without a word of it', async () => {
    const world = dialogWorld();
    const counted: unknown[] = [];
    const count = (...all: readonly unknown[]) => counted.push(all);
    Object.assign(world.deps, { telemetry: { ...silentTelemetry, count } });
    await world.say('ada', 'the moon is made of cheese');
    expect(counted).toEqual([['goldbot.refusals', { 'goldbot.code': 'UNKNOWN_COMMAND' }]]);
  });

  it('is a word where a word is enough, without a card', async () => {
    const world = dialogWorld();
    expect(await world.say('ada', 'thanks a lot')).toEqual({ text: 'You are welcome.' });
    expect((await world.say('ada', 'hello')).card).toBeUndefined();
    expect((await world.say('ada', '?')).text).toContain('What you can do now');
  });

  it('offers a write as a button with the exact command', async () => {
    const world = dialogWorld();
    const { text, card } = await world.say('ada', 'could you publish the ubuntu 22 image?');
    expect(text).toContain('Do you mean “publish ubuntu-22”?');
    expect(JSON.stringify(card?.actions)).toContain('"verb":"publish","data":{"image":"ubuntu-22"}');
    expect(world.started).toEqual([]);
  });

  it('says that an image is unknown, and does not take another one for it', async () => {
    const world = dialogWorld();
    expect((await world.say('ada', 'can you show the versions of debian-12')).text).not.toContain('Same as');
    expect((await world.say('ada', 'please publish ubuntu 26')).text).not.toContain('Do you mean “publish ubuntu-22');
  });
});

describe('a bare yes', () => {
  const rule = { ...fixed.rule, group: groups.approvers };
  const approval = anApproval({ rule });
  function asking(more: DialogWorld = dialogWorld()): DialogWorld {
    more.runs.set('R-22222', aRun('R-22222', { stage: 'approve', planHash: approval.planHash }));
    more.approvals.set(approval.id, approval);
    return more;
  }
  const second = anApproval({ rule, id: 'R-88888', runId: 'R-33333' });

  it.each(['approve', 'yes', 'ok', 'approve it please', 'lgtm'])(
    '“%s” names the one that waits, and offers it',
    async (text) => {
      const world = asking();
      const answer = await world.say('grace', text);
      expect(answer.text).toContain('Do you mean “approve R-99999”?');
      expect(answer.text).toContain('R-99999 is ubuntu-22, requested by Ada.');
      expect(world.decided).toEqual([]);
    },
  );

  it.each([
    ['approve', 'approve R-99999'],
    ['please decline it', 'reject R-99999'],
  ])('“%s” leads to the card that shows the plan, and decides nothing beside it', async (said, meant) => {
    const world = asking();
    const { text, card } = await world.say('grace', said);
    expect(text).toContain(`Do you mean “${meant}”?`);
    expect(text).toContain('Decide on its card, which shows what it is about, or send the command.');
    expect(card?.actions).toMatchObject([{ title: 'Show R-99999', verb: 'status', data: { request: 'R-99999' } }]);
    expect(world.decided).toEqual([]);
  });

  it('offers what its own thread is about, and asks where several wait', async () => {
    const several = (topics: readonly string[]) => {
      const world = dialogWorld();
      asking(world);
      world.runs.set(
        'R-33333',
        aRun('R-33333', { stage: 'approve', planHash: approval.planHash, subject: 'windows-2022' }),
      );
      world.approvals.set(second.id, second);
      Object.assign(world.deps.reads, { topicsIn: async () => topics });
      return world;
    };
    const conversation = { id: '19:approvals', kind: 'channel', threadId: '1' } as const;
    const inThread = await several(['approval:R-88888']).say('grace', 'approve', { conversation });
    expect(inThread.text).toContain('Do you mean “approve R-88888”?');
    const elsewhere = await several([]).say('grace', 'approve', { conversation });
    expect(elsewhere.text).toContain('Which of these do you mean?');
    const titles = elsewhere.card?.actions.map(({ title }) => title);
    expect(titles?.sort()).toEqual(['Show R-88888', 'Show R-99999']);
    expect(elsewhere.text).toContain('“approve R-88888”: R-88888 is ');
    expect(elsewhere.text).toContain('“approve R-99999”: R-99999 is ');
  });

  it('offers what is asked for in the channel in which it is said', async () => {
    const world = asking();
    world.runs.set(
      'R-33333',
      aRun('R-33333', { stage: 'approve', planHash: approval.planHash, subject: 'windows-2022' }),
    );
    world.approvals.set(second.id, second);
    const catalogue = world.deps.catalogue();
    const images = catalogue.images.map((image) =>
      image.name === 'windows-2022' ? { ...image, approval: { ...image.approval, channel: 'Windows / desk' } } : image,
    );
    Object.assign(world.deps, { catalogue: () => ({ ...catalogue, images }) });
    const conversation = { id: '19:desk', kind: 'channel', name: 'Windows / desk' } as const;
    const { text } = await world.say('grace', 'approve', { conversation });
    expect(text).toContain('Do you mean “approve R-88888”?');
  });

  it('says so where nothing waits that the person may decide', async () => {
    const world = asking();
    expect((await world.say('ada', 'approve')).text).toContain('No request waits for your decision.');
    expect((await dialogWorld().say('grace', 'yes')).text).toContain('No request waits for your decision.');
  });
});
