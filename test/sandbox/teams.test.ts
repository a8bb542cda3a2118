import { setTimeout as pause } from 'node:timers/promises';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { sandboxAppId } from '../../sandbox/teams/face';
import { until } from '../support/until';
import { cardAttachment, connector, type FakeActivity, FakeBot, reply } from './fake-bot';

interface Told {
  id: string;
  from: string;
  text: string;
  card?: object;
  replyToId?: string;
  updatedAt?: string;
  pending?: boolean;
}

let world: ListeningSandbox;
let bot: FakeBot;

beforeEach(async () => {
  bot = new FakeBot();
  const botUrl = await bot.start(() => world.teamsUrl, sandboxAppId);
  world = await startSandbox({ botUrl, limits: false, startMs: Date.parse('2026-11-22T10:00:00Z'), speed: 0 });
});

afterEach(async () => {
  await world.close();
  await bot.stop();
});

async function api<T = Record<string, unknown>>(path: string, body?: object): Promise<{ status: number; body: T }> {
  const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(world.teamsUrl + path, init);
  return { status: response.status, body: (await response.json()) as T };
}

const say = (as: string, where: string, text: string) =>
  api<{ activityId: string; messages: Told[] }>('/api/say', { as, in: where, text });

const messages = async (where: string, as?: string) =>
  (await api<Told[]>(`/api/conversations/${encodeURIComponent(where)}/messages${as ? `?as=${as}` : ''}`)).body;

/** A request of the bot for one person's eyes. */
const targeted = (heard: FakeActivity, method: 'POST' | 'PUT' | 'DELETE', path: string, message: object) =>
  connector(
    heard,
    method,
    `conversations/${encodeURIComponent(heard.conversation.id)}/activities${path}?isTargetedActivity=true`,
    { type: 'message', ...message },
  );

describe('a card that mentions people', () => {
  const card = (text: string, ...entities: object[]) => ({
    ...{ type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] },
    msteams: { entities },
  });
  const mention = (name: string, id: string, text = `<at>${name}</at>`) => ({
    ...{ type: 'mention', text, mentioned: { id, name } },
  });
  const grace = 'a1d0c000-0000-4000-8000-000000000002';

  /** Whom Teams would notify of a card that the bot posts. */
  async function notified(content: object) {
    const { body } = await say('Ada', 'Image Factory / General', '@goldbot help');
    expect(body.messages).toBeDefined();
    const heard = bot.received.at(-1)?.activity as FakeActivity;
    await connector(heard, 'POST', `conversations/${encodeURIComponent(heard.conversation.id)}/activities`, {
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
    });
    const [last] = (await messages('Image Factory / General')).slice(-1) as { mentions?: { name: string }[] }[];
    return (last?.mentions ?? []).map(({ name }) => name);
  }

  it.each<[string, object, string[]]>([
    ['by their object id', card('<at>Grace</at>: your decision', mention('Grace', grace)), ['Grace']],
    ['by their user principal name', card('<at>Grace</at>', mention('Grace', 'grace@contoso.example')), ['Grace']],
    ['not where the text is not in the card', card('Grace: your decision', mention('Grace', grace)), []],
    ['not where the id is nobody’s', card('<at>Grace</at>', mention('Grace', 'nobody')), []],
    ['not without an entity', card('<at>Grace</at>'), []],
  ])('notifies them %s', async (_, content, expected) => {
    expect(await notified(content)).toEqual(expected);
  });

  it('notifies nobody who was taken out of the team, until they are back', async () => {
    const asked = card('<at>Grace</at>: your decision', mention('Grace', grace));
    expect((await api('/_sandbox/members', { team: 'Image Factory', without: ['Grace'] })).status).toBe(200);
    expect(await notified(asked)).toEqual([]);
    await api('/_sandbox/members', { team: 'Image Factory', without: [] });
    expect(await notified(asked)).toEqual(['Grace']);
    expect((await api('/_sandbox/members', { team: 'nowhere', without: [] })).status).toBe(400);
  });
});

describe('what the bot is told', () => {
  it('is signed so that the published key verifies it, for the bot and the address that serves it', async () => {
    await say('Ada', 'goldbot', 'help');

    const { claims } = bot.received.at(-1) ?? { claims: {} };
    expect(claims).toMatchObject({
      iss: 'https://api.botframework.com',
      aud: sandboxAppId,
      serviceurl: `${world.teamsUrl}/`,
    });
    const keys = await api<{ keys: { endorsements: string[]; d?: string }[] }>('/.well-known/keys');
    expect(keys.body.keys[0]?.endorsements).toEqual(['msteams']);
    expect(keys.body.keys[0]?.d).toBeUndefined();
  });

  it('begins with every place where it is installed, before the first message', async () => {
    await say('Ada', 'goldbot', 'help');

    const state = (await api<{ conversations: { id: string; name: string; kind: string }[] }>('/api/state')).body;
    const told = bot.received.map(({ activity }) => activity);
    expect(told.findIndex((a) => a.type === 'message')).toBe(told.length - 1);
    for (const { id, kind } of state.conversations) {
      const named = told.some((a) =>
        (kind === 'personal' ? a.conversation.id : JSON.stringify(a.channelData)).includes(id),
      );
      expect(`${id} ${named}`).toBe(`${id} true`);
    }
  });

  it('has a mention as Teams writes it, and the thread in the conversation', async () => {
    const { body } = await say('Ada', 'Image Factory / General', '@goldbot publish ubuntu-22');

    const [activity] = bot.turns;
    expect(activity).toMatchObject({
      type: 'message',
      id: body.activityId,
      text: '<at>goldbot</at> publish ubuntu-22',
      channelData: { team: { id: expect.stringMatching(/^19:.*@thread\.tacv2$/) } },
      from: { id: expect.stringMatching(/^29:/), name: 'Ada', aadObjectId: 'a1d0c000-0000-4000-8000-000000000001' },
      conversation: { conversationType: 'channel' },
    });
    expect(activity?.conversation.id).toMatch(new RegExp(`^19:.*@thread\\.tacv2;messageid=${body.activityId}$`));
    expect(activity?.entities[0]).toMatchObject({
      type: 'mention',
      text: '<at>goldbot</at>',
      mentioned: { id: `28:${sandboxAppId}` },
    });
  });

  it('is nothing when a channel message does not mention it', async () => {
    const { body } = await say('Ada', 'Image Factory / General', 'who has seen goldbot or me@goldbot.example?');

    expect(body.messages).toEqual([]);
    expect(bot.turns).toEqual([]);
  });

  it('carries the tenant of the person who speaks', async () => {
    await say('Mallory', 'Image Factory / General', '@goldbot publish ubuntu-22');

    expect(bot.turns[0]?.conversation.tenantId).toBe('c0ffee00-7e57-4bad-8bad-5ca1ab1e0666');
    expect(bot.turns[0]?.channelData['tenant']).toEqual({ id: 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666' });
  });

  it('comes again with the same id when the bot takes longer than Teams waits', async () => {
    await world.close();
    await bot.stop();
    const botUrl = await bot.start(() => world.teamsUrl, sandboxAppId);
    world = await startSandbox({ botUrl, turnTimeoutMs: 300 });
    await say('Ada', 'goldbot', 'first');
    bot.turn = () => (bot.turns.length < 3 ? new Promise(() => undefined) : undefined);

    const { body } = await say('Ada', 'goldbot', 'slow');

    expect(bot.turns.slice(1).map((a) => a.id)).toEqual([body.activityId, body.activityId]);
  });
});

describe('the conversation', () => {
  it('answers a say with what the bot said in that turn and thread', async () => {
    bot.turn = (activity) => reply(activity, { text: `heard ${activity.text}` });

    const { body } = await say('Ada', 'Image Factory / General', '@goldbot hello');

    expect(body.messages).toMatchObject([
      { from: 'goldbot', text: 'heard <at>goldbot</at> hello', replyToId: body.activityId },
    ]);
    expect((await messages('Image Factory / General')).map((m) => m.from)).toEqual(['Ada', 'goldbot']);
  });

  it('waits for what the bot says after its acknowledgement, and tells whether it is whole', async () => {
    bot.turn = (activity) => {
      void pause(200).then(() => reply(activity, { text: 'so far', channelData: { pending: true } }));
      return {};
    };
    const { body } = await say('Ada', 'goldbot', 'compliance');
    const [heard] = bot.turns;
    const [answer] = body.messages;
    const path = `conversations/${encodeURIComponent(heard?.conversation.id ?? '')}/activities/${answer?.id}`;
    if (heard) await connector(heard, 'PUT', path, { type: 'message', text: 'all of it' });

    expect(answer).toMatchObject({ text: 'so far', pending: true });
    expect((await messages('Ada and goldbot')).at(-1)).toMatchObject({ text: 'all of it' });
    expect((await messages('Ada and goldbot')).at(-1)).not.toHaveProperty('pending');
  });

  it('takes an answer to another question for none', async () => {
    bot.turn = (activity, { turns }) => {
      if (activity.text === 'second') void reply(activity, { text: 'to the second' }).then(() => first(turns));
      return {};
    };
    const first = ([asked]: readonly FakeActivity[]) => asked && reply(asked, { text: 'to the first' });
    const saying = say('Ada', 'goldbot', 'first');
    await until(() => bot.turns.length > 0);
    const said = await Promise.all([saying, say('Ada', 'goldbot', 'second')]);

    expect(said.map(({ body }) => body.messages.map((m) => m.text))).toEqual([['to the first'], ['to the second']]);
  });

  it('goes on in a thread that the address names', async () => {
    const { body } = await say('Ada', 'Image Factory / General', '@goldbot hello');

    await say('Grace', `Image Factory / General;messageid=${body.activityId}`, '@goldbot and from me');

    expect(bot.turns[1]?.conversation.id).toBe(bot.turns[0]?.conversation.id);
  });

  it('keeps a personal chat to its person', async () => {
    const { status, body } = await say('Grace', 'Ada and goldbot', 'let me in');

    expect([status, (body as unknown as { error: { message: string } }).error.message]).toEqual([
      403,
      'Grace is not a member of "Ada and goldbot".',
    ]);
  });

  it('lets the bot edit its message in place', async () => {
    await say('Ada', 'goldbot', 'hello');
    const [heard] = bot.turns;
    if (!heard) throw new Error('nothing heard');
    const sent = await reply(heard, { text: 'working' });

    const path = `conversations/${encodeURIComponent(heard.conversation.id)}/activities/${sent.body['id']}`;
    const edit = await connector(heard, 'PUT', path, { type: 'message', text: 'done' });

    expect(edit.status).toBe(200);
    expect((await messages('Ada and goldbot')).at(-1)).toMatchObject({ text: 'done', updatedAt: expect.any(String) });
  });

  it.each([
    ['a channel', 'Image Factory / General', undefined],
    ['a group chat', 'Release crew', { name: 'Release crew', members: ['Ada', 'Grace'] }],
    ['a meeting chat', 'Review', { name: 'Review', members: ['Ada', 'Grace'], meeting: true }],
  ])('keeps what is meant for one person in %s from everybody else, question and answer', async (_, where, chat) => {
    if (chat) expect((await api('/_sandbox/chats', chat)).status).toBe(200);
    bot.turn = (activity) => targeted(activity, 'POST', '', { text: 'for Ada', recipient: { id: activity.from.id } });
    const { body } = await api<{ messages: Told[] }>('/api/say', {
      as: 'Ada',
      in: where,
      text: 'status',
      targeted: true,
    });
    const [heard] = bot.turns;

    expect(heard).toMatchObject({ text: 'status', recipient: { isTargeted: true } });
    expect(body.messages).toMatchObject([{ text: 'for Ada' }]);
    expect((await messages(where, 'Ada')).map((m) => m.text)).toEqual(['status', 'for Ada']);
    expect(await messages(where, 'Grace')).toEqual([]);
    // Gone from screens after a day.
    await api('/_sandbox/clock', { advanceMinutes: 24 * 60 + 1 });
    expect(await messages(where, 'Ada')).toEqual([]);
  });

  it('changes a targeted message only as one, for the same person, and refuses what Teams refuses', async () => {
    const where = 'Image Factory / General';
    await api('/api/say', { as: 'Ada', in: where, text: 'status', targeted: true });
    const [heard] = bot.turns;
    if (!heard) throw new Error('nothing heard');
    const recipient = { id: heard.from.id };
    const sent = await targeted(heard, 'POST', '', { text: 'so far', recipient });
    const path = `/${sent.body['id']}`;
    const everybodys = `conversations/${encodeURIComponent(heard.conversation.id)}/activities`;

    const refused = [
      await targeted(heard, 'POST', '', { text: 'to nobody' }),
      await targeted(heard, 'POST', '', { text: 'to a stranger', recipient: { id: '29:stranger' } }),
      await targeted(heard, 'PUT', path, { text: 'whole', recipient }),
      await connector(heard, 'PUT', `${everybodys}${path}`, { type: 'message', text: 'whole' }),
      // Nobody can reply to what one person sees.
      await connector(heard, 'POST', everybodys, { type: 'message', text: 'aloud' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([400, 403, 400, 404, 404]);
    expect((await targeted(heard, 'PUT', path, { text: 'whole' })).status).toBe(200);
    expect((await messages(where, 'Ada')).map((m) => m.text)).toEqual(['status', 'whole']);
    expect((await targeted(heard, 'DELETE', path, {})).status).toBe(200);
    expect(await messages(where, 'Grace')).toEqual([]);
    expect((await api('/api/say', { as: 'Ada', in: 'goldbot', text: 'status', targeted: true })).status).toBe(400);
  });
  it('says who did not get the message when no bot listens, and keeps what was said', async () => {
    await bot.stop();

    const { status, body } = await say('Ada', 'goldbot', 'anybody there?');

    expect(status).toBe(502);
    expect(JSON.stringify(body)).toMatch(/No bot answers at .*Start it/);
    expect(await messages('Ada and goldbot')).toMatchObject([
      { text: 'anybody there?', undelivered: expect.any(String) },
    ]);
  });

  it.each([
    ['an unknown person', { as: 'Zoe', in: 'goldbot', text: 'hi' }, 404, 'Ada'],
    ['an unknown conversation', { as: 'Ada', in: 'Image Factory', text: 'hi' }, 404, 'Image Factory / General'],
    ['an unknown thread', { as: 'Ada', in: 'payments / ops;messageid=1', text: 'hi' }, 404, 'No thread'],
    ['a missing text', { as: 'Ada', in: 'goldbot' }, 400, '`text` must be a text, and is missing.'],
  ])('refuses %s and says what there is', async (_, input, status, words) => {
    const refused = await api('/api/say', input);

    expect(refused.status).toBe(status);
    expect(JSON.stringify(refused.body)).toContain(words);
  });
});

describe('a click', () => {
  const buttons = cardAttachment(
    [
      { type: 'Input.Text', id: 'reason', value: '' },
      { type: 'Input.Number', id: 'replicas', value: 3 },
    ],
    [
      { type: 'Action.Execute', title: 'Approve', verb: 'approve', data: { request: 'R-7F3KQ' } },
      {
        type: 'Action.ShowCard',
        title: 'More',
        card: { type: 'AdaptiveCard', actions: [{ type: 'Action.Execute', title: 'Reject', verb: 'reject' }] },
      },
    ],
  );
  const posted = async (): Promise<string> => {
    bot.turn = (activity) => reply(activity, buttons);
    return (await say('Ada', 'Image Factory / approvals', '@goldbot ask')).body.messages[0]?.id ?? '';
  };
  const answer = (statusCode: number, type: string, value: unknown) => ({
    statusCode,
    type: `application/vnd.microsoft.${type}`,
    value,
  });

  it('sends the verb, the data of the button and the inputs over them', async () => {
    const activityId = await posted();
    bot.turn = () => answer(200, 'activity.message', 'Noted.');

    const { body } = await api('/api/click', { as: 'Grace', activityId, title: 'Approve', data: { reason: 'fine' } });

    expect(body).toEqual({ status: 200, message: 'Noted.' });
    expect(bot.turns.at(-1)).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: activityId,
      from: { name: 'Grace' },
      value: {
        trigger: 'manual',
        action: { type: 'Action.Execute', verb: 'approve', data: { request: 'R-7F3KQ', reason: 'fine', replicas: 3 } },
      },
    });
  });

  it('finds a button inside of a nested card by its verb', async () => {
    const activityId = await posted();
    bot.turn = () => answer(403, 'error', { code: 'Forbidden', message: 'Not yours to reject.' });

    const { body } = await api('/api/click', { as: 'Grace', activityId, verb: 'reject' });

    expect(body).toEqual({ status: 403, message: 'Not yours to reject.' });
  });

  it.each([
    ['Chart.HorizontalBar', 200],
    ['Container', 404],
  ])('answers a click on what stands in for a %s by whether a client shows it', async (type, status) => {
    const selectAction = { type: 'Action.Execute', title: 'List latest', verb: 'compliance', data: { list: true } };
    const bars = { type: 'ColumnSet', columns: [], selectAction };
    bot.turn = (activity) => reply(activity, cardAttachment([{ type, items: [], data: [], fallback: bars }], []));
    const asked = await say('Ada', 'Image Factory / approvals', '@goldbot ask');
    bot.turn = () => answer(200, 'activity.message', 'Listed.');

    const activityId = asked.body.messages[0]?.id ?? '';
    const clicked = await api('/api/click', { as: 'Grace', activityId, title: 'List latest', data: {} });

    expect(clicked.status).toBe(status);
  });

  it('shows a new card to the person who clicked, and to nobody else', async () => {
    const activityId = await posted();
    const card = { type: 'AdaptiveCard', version: '1.5', body: [] };
    bot.turn = () => answer(200, 'card.adaptive', card);

    const { body } = await api('/api/click', { as: 'Grace', activityId, title: 'Approve' });

    expect(body).toEqual({ status: 200, card });
    const seenBy = async (name: string) =>
      (
        await api<Told[]>(`/api/conversations/${encodeURIComponent('Image Factory / approvals')}/messages?as=${name}`)
      ).body.at(-1)?.card;
    expect(await seenBy('Grace')).toEqual(card);
    expect(await seenBy('Ada')).not.toEqual(card);
  });

  it('still reaches a button that the card had before it was edited, with what it carried', async () => {
    const activityId = await posted();
    bot.turn = () => answer(200, 'card.adaptive', { type: 'AdaptiveCard', version: '1.5', body: [] });
    await api('/api/click', { as: 'Grace', activityId, title: 'Approve' });
    bot.turns.length = 0;

    const { status } = await api('/api/click', { as: 'Grace', activityId, title: 'Approve' });

    expect(status).toBe(200);
    expect(bot.turns.at(-1)?.value).toMatchObject({ action: { verb: 'approve', data: { request: 'R-7F3KQ' } } });
  });

  it('on a button that is not there names those that are', async () => {
    const activityId = await posted();

    const { status, body } = await api('/api/click', { as: 'Grace', activityId, title: 'Aprove' });

    expect(status).toBe(404);
    expect(JSON.stringify(body)).toContain('"title":"Approve"');
  });
});

describe('the connector', () => {
  const heard = async () => {
    await say('Ada', 'Image Factory / General', '@goldbot hello');
    return bot.turns[0] as NonNullable<(typeof bot.turns)[0]>;
  };

  it('starts a new thread in a channel', async () => {
    const activity = await heard();
    const channel = activity.channelData['channel'];

    const made = await connector(activity, 'POST', 'conversations', {
      isGroup: true,
      channelData: { channel },
      activity: { type: 'message', text: 'news' },
    });

    expect(made.status).toBe(201);
    expect(made.body['id']).toBe(`${channel?.id};messageid=${made.body['activityId']}`);
    expect((await messages('Image Factory / General')).at(-1)).toMatchObject({ text: 'news', from: 'goldbot' });
  });

  it('opens the chat with a person that the bot knows by the id of a message', async () => {
    const activity = await heard();

    const made = await connector(activity, 'POST', 'conversations', {
      members: [{ id: activity.from.id }],
      tenantId: 't',
    });
    await connector(activity, 'POST', `conversations/${made.body['id']}/activities`, { type: 'message', text: 'psst' });

    expect(await messages('Ada and goldbot')).toMatchObject([{ text: 'psst' }]);
  });

  it('tells members, the team and its channels', async () => {
    const activity = await heard();
    const id = encodeURIComponent(activity.conversation.id);
    const team = activity.channelData['team']?.id ?? '';

    const paged = await connector(activity, 'GET', `conversations/${id}/pagedmembers?pageSize=500`);
    const one = await connector(activity, 'GET', `conversations/${id}/members/${activity.from.aadObjectId}`);
    const channels = await connector(activity, 'GET', `teams/${team}/conversations`);

    expect(paged.body['members']).toHaveLength(7);
    expect(one.body).toMatchObject({ id: activity.from.id, name: 'Ada', userPrincipalName: 'ada@contoso.example' });
    expect(channels.body['conversations']).toEqual([{ id: team }, { id: expect.any(String), name: 'approvals' }]);
    expect((await connector(activity, 'GET', `teams/${team}`)).body).toMatchObject({ name: 'Image Factory' });
  });

  it('refuses as Teams does: no token, unknown conversation, too large, not its own message', async () => {
    const activity = await heard();
    const path = `conversations/${encodeURIComponent(activity.conversation.id)}/activities`;
    const big = { type: 'message', text: 'x'.repeat(60_000) };

    const unsigned = await fetch(`${activity.serviceUrl}v3/${path}`, { method: 'POST', body: '{}' });
    const answers = [
      await connector(activity, 'POST', 'conversations/19:nowhere@thread.tacv2/activities', {
        type: 'message',
        text: 'x',
      }),
      await connector(activity, 'POST', path, big),
      await connector(activity, 'PUT', `${path}/${activity.id}`, { type: 'message', text: 'never said' }),
      await connector(activity, 'PUT', `${path}/1`, { type: 'message', text: 'x' }),
    ];

    expect(unsigned.status).toBe(401);
    expect(answers.map((a) => [a.status, (a.body['error'] as { code: string }).code])).toEqual([
      [404, 'ConversationNotFound'],
      [413, 'MessageSizeTooBig'],
      [403, 'NotEnoughPermissions'],
      [404, 'ActivityNotFoundInConversation'],
    ]);
  });

  it('throttles the eighth message of a second in one thread, and says when to come again', async () => {
    await world.close();
    world = await startSandbox({});
    const at = { serviceUrl: `${world.teamsUrl}/` };
    const state = (await api<{ conversations: { id: string }[] }>('/api/state')).body.conversations;
    const post = (n: number) =>
      connector(at, 'POST', `conversations/${state[n]?.id}/activities`, { type: 'message', text: 'x' });

    const first = await Promise.all(Array.from({ length: 8 }, () => post(0)));
    const elsewhere = await post(1);

    expect(first.map((a) => a.status).sort()).toEqual([201, 201, 201, 201, 201, 201, 201, 429]);
    expect(first.find((a) => a.status === 429)?.headers.get('retry-after')).toMatch(/^[12]$/);
    expect(elsewhere.status).toBe(201);
  });
});

describe('what a script can forge', () => {
  it('is delivered as it is: a foreign token, another audience, an activity of its own', async () => {
    await say('Ada', 'goldbot', 'hello');
    const deliver = (more: object) =>
      api('/_sandbox/deliver', { as: 'Ada', in: 'goldbot', activity: { text: 'forged' }, ...more });

    expect((await deliver({})).body['status']).toBe(200);
    expect((await deliver({ token: 'nonsense' })).body['status']).toBe(401);
    expect((await deliver({ token: null })).body['status']).toBe(401);
    expect((await deliver({ claims: { aud: 'somebody-else' } })).body['status']).toBe(401);
    expect(bot.turns.map((a) => a.text)).toEqual(['hello', 'forged']);
  });
});
