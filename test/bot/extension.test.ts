import { asides, limits } from '../../bot/fair';
import type { Reply } from '../../cards';
import { UserError } from '../../core/errors';
import { sandboxAppId } from '../../sandbox/teams/face';
import { card, general, TestWorld, tenantId } from './world';

const versions = { verb: 'versions', values: { image: 'ubuntu-22' } } as const;
const hit = { title: 'ubuntu-22', about: 'Ubuntu Server 22.04 LTS', call: versions };
const link = 'https://portal.azure.com/#@contoso/resource/subscriptions/s';

describe('beside the message box', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.script.onFind = () => ({ kind: 'hits', hits: [hit] });
    world.script.onShare = () => ({
      kind: 'card',
      reply: { ...card('ubuntu-22', 'publish'), call: versions } as Reply,
    });
    world.script.onLink = () => ({ reply: card('ubuntu-22 1.5.0', 'publish'), call: versions });
  });

  const ask = (path: string, body: object) => world.teams('POST', path, { as: 'Ada', in: general, ...body });
  const deliver = (name: string, value: unknown) =>
    world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity: { type: 'invoke', name, value } });

  it('lists what is found, each with what a press asks for', async () => {
    const asked: object[] = [];
    world.script.onFind = (lookedFor, { person }) => {
      asked.push({ ...lookedFor, by: person.name });
      return { kind: 'hits', hits: [hit] };
    };
    expect(await ask('/api/find', { query: 'ubuntu', skip: 2 })).toEqual({
      status: 200,
      results: [{ title: 'ubuntu-22', text: hit.about, item: versions }],
    });
    await ask('/api/find', {});
    expect(asked).toEqual([
      { text: 'ubuntu', skip: 2, count: 25, by: 'Ada' },
      { text: '', skip: 0, count: 25, by: 'Ada' },
    ]);
  });

  it('puts a picture of the card into the message of whoever shares it, and says nothing to it', async () => {
    const { results } = await ask('/api/find', { query: 'ubuntu' });
    const { draft } = await ask('/api/select', { item: results[0].item });
    expect(draft.title).toBe('ubuntu-22');
    const url = `https://teams.microsoft.com/l/chat/0/0?users=28:${sandboxAppId}&message=versions%20ubuntu-22`;
    expect(draft.card.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Ask goldbot', url }]);
    const before = world.script.texts.length;
    const said = await world.teams('POST', '/api/say', { as: 'Ada', in: 'goldbot', draft: draft.id });
    expect(said.messages).toEqual([]);
    expect(await world.messages('Ada and goldbot')).toContainEqual(
      expect.objectContaining({ from: 'Ada', card: draft.card }),
    );
    expect(world.script.texts).toHaveLength(before);
    // It was in her message box alone, and is sent once.
    expect(await world.teams('POST', '/api/say', { as: 'Ada', in: 'goldbot', draft: draft.id })).toMatchObject({
      error: { code: 'NoSuchDraft' },
    });
  });

  it('hears the words that stand beside such a card', async () => {
    const { draft } = await ask('/api/select', { item: versions });
    const { messages } = await ask('/api/say', { text: '@goldbot status', draft: draft.id });
    expect(messages).toMatchObject([{ text: expect.stringMatching(/^You said: +status$/) }]);
  });

  it('shows under a link what is known of it, as old clients read it, and nothing otherwise', async () => {
    const { draft } = await ask('/api/link', { url: link });
    expect(draft).toMatchObject({ title: 'ubuntu-22 1.5.0', card: { version: '1.3' } });
    expect(JSON.stringify(draft.card)).not.toContain('Action.Execute');
    world.script.onLink = () => undefined;
    expect(await ask('/api/link', { url: link })).toEqual({ status: 200 });
    expect(await ask('/api/link', { url: 'https://contoso.example/' })).toEqual({ status: 200 });
    const { body } = await deliver('composeExtension/queryLink', { url: ['forged'] });
    expect(body).toEqual({ composeExtension: { type: 'result', attachmentLayout: 'list', attachments: [] } });
  });

  it('says in words why there is nothing to choose from', async () => {
    world.script.onFind = () => ({ kind: 'words', text: 'Nothing is called zzz.' });
    expect(await ask('/api/find', { query: 'zzz' })).toEqual({
      status: 200,
      results: [],
      message: 'Nothing is called zzz.',
    });
    world.script.onShare = () => ({ kind: 'message', text: 'You may not look at it.' });
    expect(await ask('/api/select', { item: versions })).toEqual({ status: 200, message: 'You may not look at it.' });
  });

  it('answers without its database, and where it breaks', async () => {
    const silent = new UserError('DATABASE_SILENT', 'The database does not answer.', {
      hint: 'Try again in a minute.',
    });
    world.script.onFind = () => Promise.reject(silent);
    expect((await ask('/api/find', { query: 'x' })).message).toMatch(/^The database does not answer\./);
    world.script.onLink = () => {
      throw silent;
    };
    expect(await ask('/api/link', { url: link })).toEqual({ status: 200 });
    world.script.onFind = () => Promise.reject(new Error('a bug'));
    expect((await ask('/api/find', { query: 'x' })).message).toMatch(/E-/);
    expect(world.log.entries).toContainEqual(expect.objectContaining({ level: 'error' }));
  });

  it('learns nothing of the conversation, which goldbot may not be in', async () => {
    const conversation = { id: '19:elsewhere@thread.v2', conversationType: 'groupChat', tenantId };
    const name = 'composeExtension/query';
    const activity = { type: 'invoke', name, conversation, value: { commandId: 'find', parameters: [] } };
    const { status } = await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity });
    expect(status).toBe(200);
    const rows = await world.db.database.query('select id from conversation where id = $1', [conversation.id]);
    expect(rows).toEqual([]);
  });

  it.each([
    null,
    5,
    'x',
    {},
    { parameters: 'x', queryOptions: [] },
    { parameters: [null, { name: 'name', value: {} }] },
  ])('takes %j for nothing typed', async (value) => {
    let asked: object | undefined;
    world.script.onFind = (lookedFor) => {
      asked = lookedFor;
      return { kind: 'hits', hits: [] };
    };
    const { status, body } = await deliver('composeExtension/query', value);
    expect([status, body.composeExtension.type, asked]).toEqual([200, 'result', { text: '', skip: 0, count: 25 }]);
  });

  it('takes so much typing from one person, says when it takes more, and takes the same from others', async () => {
    const value = { commandId: 'find', parameters: [{ name: 'name', value: 'u' }] };
    const find = async (as: string) => {
      const activity = { type: 'invoke', name: 'composeExtension/query', value };
      const { body } = await world.teams('POST', '/_sandbox/deliver', { as, in: general, activity });
      return body.composeExtension as { type: string; text?: string };
    };
    const [[most] = [0]] = asides.letters.windows;
    let found = 0;
    let last = await find('Grace');
    for (; last.type === 'result' && found <= most; found += 1) last = await find('Grace');
    expect(found).toBeLessThanOrEqual(most);
    expect(last.text).toMatch(/takes at most 40 searches in 10 seconds from one person\. Try again in \d+ seconds\./);
    expect(await find('Heidi')).toMatchObject({ type: 'result' });
  });

  it('counts what is shared as the command that it is', async () => {
    const select = { type: 'invoke', name: 'composeExtension/selectItem', value: versions };
    const share = async () =>
      (await world.teams('POST', '/_sandbox/deliver', { as: 'Heidi', in: general, activity: select })).body;
    const [[most] = [0]] = limits.azure.windows;
    for (let i = 0; i < most; i += 1) await share();
    expect((await share()).composeExtension.text).toMatch(/takes at most 20 questions about Azure/);
  });
});
