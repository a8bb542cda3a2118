import { ownVerb } from '../../../cards';
import { isRecord } from '../../../core/collections';
import { type Play, pick, text } from '../front';
import { click, gate, general, House, until } from '../house';

type Random = () => number;

/** What somebody could send in the place of any part of an activity. */
const instead: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => undefined,
  () => '',
  () => 5,
  () => Number.MAX_VALUE,
  () => true,
  () => [],
  () => [null],
  () => [[{}], 5],
  () => ({}),
  () => ({ id: {} }),
  () => ({ toString: 1, valueOf: [], length: -1 }),
  () => ({ constructor: { name: 1 }, hasOwnProperty: 1 }),
  () => 'x'.repeat(3_000),
  (random) => text(random, 'aR-7F3KQ\u0000"\'<>{}$;=\u202e ', 30),
  () => '19:other@thread.tacv2;messageid=;messageid=1',
];

const team = { id: '19:team@thread.tacv2', name: 'Image Factory', aadGroupId: '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001' };
const mention = (id: unknown, name: unknown) => ({
  type: 'mention',
  mentioned: { id, name },
  text: `<at>${String(name)}</at>`,
});
const quoted = '<blockquote itemtype="http://schema.skype.com/Reply"><p>publish ubuntu-22</p></blockquote><p>help</p>';

/** Whatever Teams sends, and what it could send to a bot. */
const kinds: readonly ((card: string) => Readonly<Record<string, unknown>>)[] = [
  () => ({
    ...{ type: 'message', text: '<at>goldbot</at> whoami', locale: 'de-DE', localTimezone: 'Europe/Berlin' },
    entities: [mention('28:goldbot', 'goldbot'), mention('29:Grace', 'Grace'), { type: 'clientInfo', timezone: 'UTC' }],
    attachments: [{ contentType: 'text/html', content: quoted }],
  }),
  () => ({ type: 'message', text: 'delegate <at>Grace</at>', entities: [mention('29:Grace', 'Grace')] }),
  () => ({ type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: {} }] }),
  (card) => ({ ...click('status', { request: 'R-7F3KQ', hash: 'x' }), replyToId: card }),
  (card) => ({ ...click(ownVerb, {}), replyToId: card }),
  (card) => ({
    ...{ type: 'invoke', name: 'task/fetch', replyToId: card },
    value: { data: { verb: 'reject', values: { request: 'R-7F3KQ' }, hash: 'x', msteams: { type: 'task/fetch' } } },
  }),
  (card) => ({
    ...{ type: 'invoke', name: 'task/submit', replyToId: card },
    value: { data: { verb: 'status', values: { request: 'R-7F3KQ' }, request: 'R-7F3KQ' }, context: { theme: 'dark' } },
  }),
  () => ({
    ...{ type: 'invoke', name: 'application/search' },
    value: { kind: 'search', queryText: 'ub', queryOptions: { skip: 0, top: 15 }, dataset: 'images' },
  }),
  () => ({
    ...{ type: 'invoke', name: 'composeExtension/query' },
    value: { commandId: 'find', parameters: [{ name: 'name', value: 'ub' }], queryOptions: { skip: 0, count: 25 } },
  }),
  () => ({
    ...{ type: 'invoke', name: 'composeExtension/selectItem' },
    value: { verb: 'versions', values: { image: 'ubuntu-22' } },
  }),
  () => ({
    type: 'invoke',
    name: 'composeExtension/queryLink',
    value: { url: 'https://portal.azure.com/#@t/resource/x' },
  }),
  ...[
    'actionableMessage/executeAction',
    'composeExtension/anonymousQueryLink',
    'composeExtension/fetchTask',
    'composeExtension/onCardButtonClicked',
    'composeExtension/querySettingUrl',
    'composeExtension/setting',
    'composeExtension/submitAction',
    'config/fetch',
    'config/submit',
    'fileConsent/invoke',
    'handoff/action',
    'message/submitAction',
    'signin/failure',
    'signin/tokenExchange',
    'signin/verifyState',
    'tab/fetch',
    'tab/submit',
  ].map((name) => () => ({
    ...{ type: 'invoke', name },
    value: {
      action: 'accept',
      actionName: 'reaction',
      context: {},
      data: { verb: 'help' },
      id: '1',
      token: 'x',
      state: '1',
    },
  })),
  () => ({
    ...{ type: 'conversationUpdate', membersAdded: [{ id: '28:goldbot' }, { id: '29:Grace', aadObjectId: 'x' }] },
    channelData: { team, eventType: 'teamMemberAdded', settings: { selectedChannel: { id: team.id } } },
  }),
  () => ({
    ...{ type: 'conversationUpdate', membersRemoved: [{ id: '29:Grace' }] },
    channelData: { team, eventType: 'teamMemberRemoved', channel: { id: team.id, name: 'General' } },
  }),
  ...['channelCreated', 'channelRenamed', 'channelDeleted', 'channelShared', 'teamRenamed', 'teamArchived'].map(
    (eventType) => () => ({
      type: 'conversationUpdate',
      channelData: { team, eventType, channel: { id: '19:new@thread.tacv2', name: 'new' } },
    }),
  ),
  ...['add', 'add-upgrade', 'remove-upgrade'].map((action) => () => ({
    ...{ type: 'installationUpdate', action },
    channelData: { team, settings: { selectedChannel: { id: team.id } } },
  })),
  () => ({ type: 'messageReaction', reactionsAdded: [{ type: 'like' }], replyToId: '1' }),
  () => ({ type: 'messageUpdate', text: 'help', channelData: { eventType: 'editMessage' } }),
  () => ({ type: 'messageDelete', channelData: { eventType: 'softDeleteMessage' } }),
  () => ({ type: 'event', name: 'application/vnd.microsoft.readReceipt', value: { lastReadMessageId: '1' } }),
  () => ({ type: 'handoff', value: {} }),
  () => ({ type: 'typing' }),
  () => ({ type: 'endOfConversation' }),
  () => ({ type: 'command', name: 'x', value: {} }),
];

type Path = readonly (string | number)[];

/** Where something could stand in the place of a part: everywhere. */
function partsOf(whole: unknown, path: Path = []): readonly Path[] {
  const inner = Array.isArray(whole) ? [...whole.entries()] : isRecord(whole) ? Object.entries(whole) : [];
  return [...(path.length > 0 ? [path] : []), ...inner.flatMap(([key, part]) => partsOf(part, [...path, key]))];
}

function replaced(whole: unknown, [key, ...rest]: Path, part: unknown): unknown {
  if (key === undefined) return part;
  if (Array.isArray(whole)) return whole.map((one, i) => (i === key ? replaced(one, rest, part) : one));
  const record = isRecord(whole) ? whole : {};
  return { ...record, [key]: replaced(record[key], rest, part) };
}

/** What Teams puts into every activity, and could hold anything too. */
const around = ['from', 'recipient', 'conversation', 'channelData', 'id', 'replyToId', 'locale', 'entities', 'value'];

function forged(random: Random, card: string, nth: number): object {
  const activity = (kinds[nth % kinds.length] as (card: string) => object)(card);
  const inside = partsOf(activity).filter(([first]) => first !== 'type' && first !== 'name');
  const path = random() < 0.2 || inside.length === 0 ? [pick(random, around)] : pick(random, inside);
  return replaced(activity, path, pick(random, instead)(random)) as object;
}

/** What a bot says to an invoke that it does not know. */
const notDone = 501;

/** What goldbot itself calls a mistake of its own. */
const isMistake = (line: string): boolean => /"level":(?:50|60)|a turn broke/.test(line);

/**
 * Activities that Teams has signed, with something else in the place of any part: every kind that Teams has, also those
 * that goldbot does not use. Each is refused or answered, none breaks anything. At the end a question is answered.
 */
export const shapes: Play = async ({ size, random }) => {
  const house = await House.open();
  const [mine] = await house.asking(['ubuntu-22']);
  if (!mine) throw new Error('nobody is asked');
  const before = await house.stands();
  const letIn: string[] = [];
  for (let nth = 0; nth < size; nth += 1) {
    await house.unlimited();
    const activity = forged(random, mine.card, nth);
    const lines = house.log.length;
    const { status, body } = await house.deliver('Grace', pick(random, [gate, general, 'goldbot']), activity);
    const broken = house.log.slice(lines).filter(isMistake);
    if (
      (status >= 500 && status !== notDone) ||
      broken.length > 0 ||
      JSON.stringify(body ?? '').includes('went wrong inside goldbot')
    )
      letIn.push(
        `${JSON.stringify(activity).slice(0, 400)}: ${status} ${[...broken, JSON.stringify(body)].join(' ').slice(0, 400)}`,
      );
  }
  if ((await house.stands()) !== before) letIn.push('something was done');
  letIn.push(...(await answers(house)));
  await house.close();
  return { tries: size, letIn, seen: `${kinds.length} kinds of activity` };
};

/** Somebody who asks is answered, and in the end nothing was answered as a mistake. */
async function answers(house: House): Promise<readonly string[]> {
  await house.unlimited();
  await house.teams('POST', '/api/say', { as: 'Grace', in: 'goldbot', text: 'whoami' });
  await until(async () => {
    const [row] = await house.query<{ n: number }>('select count(*)::int as n from delivery where answered_at is null');
    return row?.n === 0 ? true : undefined;
  });
  return house.log.filter(isMistake);
}
