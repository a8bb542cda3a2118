import type { Activity } from 'botbuilder';
import { Botbuilder, type BotbuilderClient } from '../../bot/botbuilder';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { sandboxAppId } from '../../sandbox/teams/face';
import { cardAttachment, type FakeActivity, FakeBot, reply } from '../sandbox/fake-bot';
import type { Wire } from './wire';

const ask = cardAttachment([], [{ type: 'Action.Execute', title: 'Approve', verb: 'approve' }]);
const message = (text: string) => ({ type: 'message', text }) as Activity;

/**
 * What the story does not come across: each operation of the connector that the sandbox has, called by botbuilder's own
 * client, and each of its refusals; and the activities and answers of a bot that is not goldbot.
 */
export async function everyOperation(): Promise<readonly Wire[]> {
  const bot = new FakeBot();
  let sandbox: ListeningSandbox | undefined;
  const botUrl = await bot.start(() => sandbox?.teamsUrl ?? '', sandboxAppId);
  sandbox = await startSandbox({ botUrl });
  try {
    await refreshes(sandbox, bot);
    await dialogs(sandbox, bot);
    await besideMessageBoxes(sandbox, bot);
    const heard = bot.turns.find((a) => a.conversation.conversationType === 'channel');
    if (!heard) throw new Error('the bot heard nothing');
    const connector = await client(sandbox);
    await calls(connector, heard);
    await refusals(connector, heard);
    await flood(connector, heard);
    return sandbox.sandbox.exchanges;
  } finally {
    await sandbox.close();
    await bot.stop();
  }
}

/** What a bot is asked beside a message box, and each kind of answer. */
async function besideMessageBoxes({ teamsUrl }: ListeningSandbox, bot: FakeBot): Promise<void> {
  const send = poster(teamsUrl);
  const post = (path: string, body: object) => send(path, { as: 'Ada', in: 'payments / ops', ...body });
  const thumbnail = (tap: object) => ({
    contentType: 'application/vnd.microsoft.card.thumbnail',
    content: { title: 'ubuntu-22', text: 'Ubuntu', ...tap },
  });
  const tap = { tap: { type: 'invoke', title: 'ubuntu-22', value: { verb: 'versions' } } };
  const result = (attachment: object) => ({
    composeExtension: { type: 'result', attachmentLayout: 'list', attachments: [attachment] },
  });
  const content = { type: 'AdaptiveCard', version: '1.3', body: [] };
  const adaptive = { contentType: 'application/vnd.microsoft.card.adaptive', content, preview: thumbnail({}) };
  bot.turn = () => result({ ...thumbnail({}), preview: thumbnail(tap) });
  await post('/api/find', {});
  await post('/api/find', { query: 'ubuntu' });
  bot.turn = () => ({ composeExtension: { type: 'message', text: 'There is nothing.' } });
  await post('/api/find', { query: 'zzz' });
  bot.turn = () => result(adaptive);
  await post('/api/select', { item: { verb: 'versions' } });
  await post('/api/link', { url: 'https://portal.azure.com/#resource/subscriptions/s' });
}

/** A card that asks by itself for each person's view, and every kind of answer to a click. */
async function refreshes({ teamsUrl }: ListeningSandbox, bot: FakeBot): Promise<void> {
  const post = poster(teamsUrl);
  const refresh = { action: { type: 'Action.Execute', verb: 'look', data: { request: 'R-22222' } } };
  const [attachment] = (ask as { attachments: { content: object }[] }).attachments;
  const card = { ...attachment?.content, refresh };
  const own = { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: attachment?.content };
  // Whoever says something sees the answer as a client shows it, which asks for their own card.
  bot.turn = async (a) => {
    if (a.type === 'invoke') return own;
    await reply(a, { attachments: [{ ...attachment, content: card }] });
    return undefined;
  };
  const said = (await post('/api/say', { as: 'Ada', in: 'payments / ops', text: '@goldbot ask @Grace' })) as {
    messages: { id: string }[];
  };
  await post('/api/say', { as: 'Ada', in: 'goldbot', text: 'ask' });
  const activityId = said.messages[0]?.id;
  for (const answer of [
    own,
    { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Noted.' },
    { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest', message: 'No.' } },
  ]) {
    bot.turn = () => answer;
    await post('/api/refresh', { as: 'Heidi', activityId });
    await post('/api/click', { as: 'Grace', activityId, title: 'Approve' });
  }
}

/** A button that opens a dialog, a field of it that looks something up, and both ends that it can have. */
async function dialogs({ teamsUrl }: ListeningSandbox, bot: FakeBot): Promise<void> {
  const post = poster(teamsUrl);
  const query = { type: 'Data.Query', dataset: 'images' };
  const submit = { type: 'Action.Submit', title: 'Send', data: { verb: 'show' } };
  const field = { type: 'Input.ChoiceSet', id: 'image', choices: [], 'choices.data': query };
  const form = { type: 'AdaptiveCard', version: '1.5', body: [field], actions: [submit] };
  const open = { type: 'Action.Submit', title: 'Open', data: { msteams: { type: 'task/fetch' }, verb: 'show' } };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  const opened = { task: { type: 'continue', value: { title: 'Show', card: { contentType, content: form } } } };
  const found = { results: [{ title: 'Ubuntu 22', value: 'ubuntu-22' }] };
  const ends: object[] = [{}, { task: { type: 'message', value: 'Done.' } }];
  bot.turn = async (a) => {
    if (a.name === 'task/fetch') return opened;
    if (a.name === 'task/submit') return ends.pop();
    if (a.name === 'application/search')
      return { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: found };
    await reply(a, cardAttachment([], [open]));
    return undefined;
  };
  const said = (await post('/api/say', { as: 'Ada', in: 'goldbot', text: 'open' })) as { messages: { id: string }[] };
  for (const _ of [...ends]) {
    const click = { as: 'Ada', activityId: said.messages[0]?.id, title: 'Open' };
    const { dialog } = (await post('/api/click', click)) as { dialog: { id: string } };
    await post('/api/choices', { as: 'Ada', dialog: dialog.id, input: 'image', query: 'ub' });
    await post('/api/submit', { as: 'Ada', dialog: dialog.id, data: { image: 'ubuntu-22' } });
  }
}

function poster(teamsUrl: string) {
  return async (path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(teamsUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
}

/** botbuilder's client as goldbot uses it, so that a refusal is one request and not four. */
function client({ teamsUrl }: ListeningSandbox): Promise<BotbuilderClient> {
  const botbuilder = new Botbuilder({
    appId: sandboxAppId,
    credentials: { kind: 'sandbox' },
    metadataUrl: `${teamsUrl}/openidconfiguration`,
    mayCall: () => true,
  });
  return botbuilder.client(`${teamsUrl}/`);
}

async function calls({ conversations }: BotbuilderClient, heard: FakeActivity): Promise<void> {
  const { id } = heard.conversation;
  const channel = id.split(';')[0] ?? '';
  const tenantId = heard.conversation.tenantId;
  const sent = await conversations.sendToConversation(id, { ...message('one') });
  await conversations.replyToActivity(id, heard.id, message('two'));
  await conversations.sendToConversation(id, { type: 'typing' } as Activity);
  await conversations.updateActivity(id, sent.id, { ...message('three'), id: sent.id });
  await conversations.deleteActivity(id, sent.id);
  await team(heard, heard.channelData['team']?.id ?? '');
  await conversations.getConversationMembers(channel);
  await conversations.getActivityMembers(channel, heard.id);
  await conversations.getConversationPagedMembers(channel, { pageSize: 50 } as never);
  await conversations.getConversationMember(channel, heard.from.id);
  await conversations.getConversationMember(channel, heard.from.aadObjectId);
  const bot = { id: `28:${sandboxAppId}`, name: 'goldbot' };
  const channelData = { channel: { id: channel }, tenant: { id: tenantId } };
  const common = { isGroup: true, bot, tenantId, activity: message('four') };
  await conversations.createConversation({ ...common, channelData } as never);
  const personal = { ...common, isGroup: false, members: [{ id: heard.from.id, name: 'Ada' }] };
  await conversations.createConversation({ ...personal, channelData: { tenant: { id: tenantId } } } as never);
}

/** botbuilder has its client for teams inside of a turn alone, where goldbot's own conversation uses it. */
async function team({ serviceUrl }: FakeActivity, id: string): Promise<void> {
  for (const path of [id, `${id}/conversations`]) {
    const { status } = await fetch(`${serviceUrl}v3/teams/${path}`, { headers: { authorization: 'Bearer x' } });
    if (status >= 400) throw new Error(String(status));
  }
}

/** Each is one request that Teams refuses; that all are refused is checked here, how by the judge. */
async function refusals({ conversations }: BotbuilderClient, heard: FakeActivity): Promise<void> {
  const { id } = heard.conversation;
  const nowhere = '19:nowhere@thread.tacv2';
  const tried: readonly (() => Promise<unknown>)[] = [
    () => conversations.sendToConversation(nowhere, { ...message('x') }),
    () => conversations.updateActivity(id, '1', message('x')),
    () => conversations.updateActivity(id, heard.id, message('x')),
    () => conversations.deleteActivity(nowhere, '1'),
    () => conversations.getConversationMembers(nowhere),
    () => conversations.getConversationMember(id, '29:nobody'),
    () => conversations.sendToConversation(id, { ...message('x'.repeat(60_000)) }),
    () => conversations.createConversation({ members: [{ id: '29:nobody' }], activity: message('x') } as never),
    () => team(heard, nowhere),
  ];
  for (const refused of tried) {
    const taken = await refused().then(
      () => true,
      () => false,
    );
    if (taken) throw new Error(`Teams took what it must refuse: ${refused}`);
  }
}

/** More than Teams takes of one bot in a second. */
async function flood({ conversations }: BotbuilderClient, { conversation }: FakeActivity): Promise<void> {
  const sent = Array.from({ length: 9 }, () => conversations.sendToConversation(conversation.id, { ...message('x') }));
  const taken = await Promise.allSettled(sent);
  if (taken.every((one) => one.status === 'fulfilled')) throw new Error('Teams took nine messages in a second');
}
