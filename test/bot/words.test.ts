import { mentionedIn, type TeamsActivity, wordsOf } from '../../bot/activity';
import { commands } from '../../dialogs';
import { cleanText, parse } from '../../dialogs/conversation/grammar';

/** What a person said, as the commands read it. */
const said = (activity: object) => cleanText(wordsOf(activity as TeamsActivity));
const html = (content: string) => [{ contentType: 'text/html', content }];
const quoted = (messageId: string) => ({
  type: 'quotedReply',
  quotedReply: { messageId, senderName: 'goldbot', preview: 'approve R-9WXB4' },
});
const reply = (inner = '') =>
  `<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1"><strong itemprop="mri">Grace</strong>${inner}<p itemprop="preview">approve R-9WXB4</p></blockquote>`;
const forward = '<blockquote itemtype="http://schema.skype.com/Forward">\n<p>approve R-9WXB4</p>\n</blockquote>';
const mention = '<span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">goldbot</span>';

describe('the words of a message', () => {
  // Case A01: microsoft/teams.ts#482, teams.net#389, teams.py#321.
  it.each([
    ['before them', '<quoted messageId="1783419459151"/> versions ubuntu-22', 'versions ubuntu-22'],
    ['behind them', 'versions ubuntu-22 <quoted messageId="1"/>', 'versions ubuntu-22'],
    ['between them', 'versions <quoted messageId="1"/>ubuntu-22', 'versions ubuntu-22'],
    ['several times', '<quoted messageId="1"/>\n<quoted messageId="2"/>\nversions ubuntu-22', 'versions ubuntu-22'],
    ['beside the mention', '<quoted messageId="1"/> <at>goldbot</at> help', 'help'],
    ['with a blank', '<quoted messageId="1" /> help', 'help'],
  ])('are read without the placeholder of a quoted message %s', (_where, text, words) => {
    expect(said({ text, entities: [quoted('1'), quoted('2'), { type: 'clientInfo' }] })).toBe(words);
    expect(said({ text })).toBe(words);
  });

  it('are a command that is found behind a quoted message', () => {
    const parsed = parse('<quoted messageId="1783419459151"/> versions ubuntu-22', commands);

    expect(parsed).toMatchObject({ kind: 'command', command: { verb: 'versions' }, values: { image: 'ubuntu-22' } });
  });

  it.each([
    ['a file', '<attachment id="5f"></attachment> help', 'help'],
    ['an emoji', 'help <emoji id="yes" alt="👍" title="Yes"></emoji>', 'help'],
    ['what has no name yet', 'help <somethingNew ref="1">', 'help'],
    ['what closes itself', '<systemEventMessage/> help', 'help'],
  ])('are read without the placeholder of %s', (_what, text, words) => {
    expect(said({ text })).toBe(words);
  });

  it('are read without what an entity says was put in, whatever it looks like', () => {
    const entities = [
      { type: 'mention', text: '<at>a <b> c</at>' },
      { type: 'mention', text: 'help' },
    ];

    expect(said({ text: '<at>a <b> c</at> help', entities })).toBe('help');
  });

  it.each([
    ['a placeholder of help', 'versions <image>', 'versions <image>'],
    ['a comparison', 'exempt vm1 --reason "load < 5 and > 1"', 'exempt vm1 --reason "load < 5 and > 1"'],
    ['an escaped bracket', 'versions &lt;image/&gt;', 'versions <image/>'],
  ])('keep %s', (_what, text, words) => {
    expect(said({ text })).toBe(words);
  });

  // Forwards and old replies: shapes as in public reports of what bots get from Teams.
  it.each([
    ['forwarded behind a command', `<p>${mention}&nbsp;runs</p>${forward}`, 'runs'],
    ['forwarded alone', forward, ''],
    ['quoted before a command', `${reply()}<p>runs</p>`, 'runs'],
    ['quoted between words', `<p>versions</p>${reply()}<p>ubuntu-22</p>`, 'versions ubuntu-22'],
    ['quoted by a quoted one', `${reply(reply())}<p>runs</p>`, 'runs'],
    ['quoted with somebody else’s formatting in it', `${reply('<blockquote>publish</blockquote>')}<p>runs</p>`, 'runs'],
    ['quoted and cut off', `<p>runs</p>${reply().replace('</blockquote>', '')}`, 'runs'],
  ])('are not those of a message that is %s: nobody gives a command by being quoted', (_how, content, words) => {
    expect(said({ text: `${words}\r\n\r\napprove R-9WXB4`, attachments: html(content) })).toBe(words);
  });

  it('are the text where the HTML beside it quotes nobody, also what a person sets as a quotation', () => {
    const content = '<blockquote>versions</blockquote><p>ubuntu-22</p>';

    expect(said({ text: 'versions ubuntu-22', attachments: html(content) })).toBe('versions ubuntu-22');
    expect(said({ text: 'runs', attachments: [{ contentType: 'application/json', content: {} }] })).toBe('runs');
  });
});

describe('whom a message mentions', () => {
  const at = (id: string, name: string) => ({ type: 'mention', mentioned: { id, name }, text: `<at>${name}</at>` });
  const found = (more: object) => mentionedIn({ recipient: { id: '28:bot' }, ...more } as unknown as TeamsActivity);
  const bot = at('28:bot', 'goldbot');

  it('is each person once, and goldbot never', () => {
    const heidi = at('29:1', 'Heidi');
    expect(found({ entities: [bot, heidi, heidi, { type: 'clientInfo' }, { type: 'mention', mentioned: 7 }] })).toEqual(
      [{ id: '29:1', name: 'Heidi' }],
    );
    expect(found({})).toEqual([]);
  });

  it('is read once, however a message is written that nobody typed', () => {
    const html = `<blockquote itemtype="http://schema.skype.com/Reply"></blockquote><span ${'schema.skype.com/Mention'.repeat(20_000)}`;
    const mentioned = { type: 'mention', mentioned: { id: '29:a', name: 'a' }, text: '<b>' };
    const activity = {
      ...{ type: 'message', serviceUrl: '', from: { id: '' }, recipient: { id: '28:bot' }, conversation: { id: '' } },
      ...{ text: '<b>'.repeat(80_000), entities: Array(8_000).fill(mentioned) },
    };
    // Each would take minutes if it were read again for each of its parts.
    expect(wordsOf({ ...activity, attachments: [{ contentType: 'text/html', content: html }] })).toHaveLength(16_000);
    expect(mentionedIn({ ...activity, attachments: [{ contentType: 'text/html', content: html }] })).toEqual([]);
    expect(wordsOf(activity).trim()).toMatch(/^(<?b?>?)$/);
  });

  it('is nobody whom only a quoted message mentions', () => {
    const span = (name: string) => `<span itemtype="http://schema.skype.com/Mention">${name}</span>`;
    const attachments = html(`${reply(span('Heidi'))}<p>${span('goldbot')} delegate ${span('Dana')}</p>`);
    const entities = [bot, at('29:1', 'Heidi'), at('29:2', 'Dana')];
    expect(found({ entities, attachments })).toEqual([{ id: '29:2', name: 'Dana' }]);
  });
});
