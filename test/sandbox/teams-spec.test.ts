import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { sandboxAppId } from '../../sandbox/teams/face';
import { cardAttachment, connector, FakeBot, reply } from './fake-bot';

const file = join(__dirname, '../../../shared/bot-connector/botframework-channel.swagger.json');
const present = existsSync(file);
const judged = present || process.env['GOLDBOT_REQUIRE_SHARED'] === '1' ? describe : describe.skip;

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Swagger {
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly paths: Readonly<Record<string, Record<string, { responses: Record<string, { schema?: Schema }> }>>>;
}

const swagger = (): Swagger => JSON.parse(readFileSync(file, 'utf8')) as Swagger;

/** Entities have a type and whatever belongs to it; an attachment's content is what its content type says, text too. */
const open = /\.entities\[\d+\]\.|\.attachments\[\d+\]\.content/;

/** Where a value is not what the schema says; a field the schema does not have counts. */
function deviations(value: unknown, schema: Schema, at: string): string[] {
  const named = schema.$ref ? swagger().definitions[schema.$ref.replace('#/definitions/', '')] : schema;
  if (!named) return [`${at}: no ${schema.$ref}`];
  if (named.enum && !named.enum.includes(value)) return [`${at}: ${String(value)} is none of ${named.enum.join(', ')}`];
  if (Array.isArray(value)) return value.flatMap((item, i) => deviations(item, named.items ?? {}, `${at}[${i}]`));
  const type = typeof value;
  if (named.type && named.type !== type) return [`${at}: ${type}, not ${named.type}`];
  if (value === null || type !== 'object' || !named.properties) return [];
  return Object.entries(value as object).flatMap(([name, part]) => {
    const known = named.properties?.[name];
    return known ? deviations(part, known, `${at}.${name}`) : [`${at}.${name} is unknown`];
  });
}

judged(`the connector's protocol${present ? '' : ' (skipped: ../shared is not here)'}`, () => {
  let world: ListeningSandbox;
  const bot = new FakeBot();

  beforeAll(async () => {
    const botUrl = await bot.start(() => world.teamsUrl, sandboxAppId);
    world = await startSandbox({ botUrl, limits: false });
    bot.turn = (activity) => (activity.type === 'message' ? reply(activity, ask) : answer);
    const said = (await post('/api/say', { as: 'Ada', in: 'payments / ops', text: '@goldbot ask @Grace' })) as {
      messages: { id: string }[];
    };
    await post('/api/say', { as: 'Ada', in: 'goldbot', text: 'ask' });
    await post('/api/click', { as: 'Grace', activityId: said.messages[0]?.id, title: 'Approve' });
  });

  afterAll(async () => {
    await world.close();
    await bot.stop();
  });

  const ask = cardAttachment([], [{ type: 'Action.Execute', title: 'Approve', verb: 'approve' }]);
  const answer = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'Noted.' };

  async function post(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(world.teamsUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }

  it('knows every field of every kind of activity that the bot gets', () => {
    const activities = bot.received.map((r) => r.activity);

    const wrong = activities.flatMap((a) => deviations(a, { $ref: '#/definitions/Activity' }, a.type));

    expect([...new Set(activities.map((a) => a.type))].sort()).toEqual([
      'conversationUpdate',
      'installationUpdate',
      'invoke',
      'message',
    ]);
    expect([...new Set(wrong)].filter((w) => !open.test(w))).toEqual([]);
  });

  it.each([
    [
      'POST',
      'conversations',
      (id: string) => [`conversations`, { members: [{ id }], tenantId: 't', activity: { type: 'message', text: 'x' } }],
    ],
    [
      'POST',
      'conversations/{conversationId}/activities',
      (_: string, chat: string) => [`conversations/${chat}/activities`, { type: 'message', text: 'x' }],
    ],
    [
      'POST',
      'conversations/{conversationId}/activities',
      () => ['conversations/nowhere/activities', { type: 'message', text: 'x' }],
    ],
    [
      'POST',
      'conversations/{conversationId}/activities',
      (_: string, chat: string) => [`conversations/${chat}/activities`, {}],
    ],
    [
      'PUT',
      'conversations/{conversationId}/activities/{activityId}',
      (_: string, chat: string) => [`conversations/${chat}/activities/1`, { type: 'message', text: 'x' }],
    ],
    ['GET', 'conversations/{conversationId}/members', () => ['conversations/nowhere/members', undefined]],
  ] as const)('answers %s %s in its words', async (method, path, request) => {
    const personal = bot.turns.find((a) => a.conversation.conversationType === 'personal');
    if (!personal) throw new Error('no personal chat');
    const [target, body] = request(personal.from.id, personal.conversation.id) as [string, object | undefined];
    const { responses } = swagger().paths[`/v3/${path}`]?.[method.toLowerCase()] ?? { responses: {} };

    const got = await connector(personal, method, target, body);

    const schema = (responses[got.status] ?? responses['default'])?.schema ?? {};
    expect(deviations(got.body, schema, `${got.status}`)).toEqual([]);
    expect(Object.keys(got.body)).not.toEqual([]);
  });
});
