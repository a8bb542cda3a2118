import { randomUUID } from 'node:crypto';
import type { Bot } from '../../bot';
import type { TextAnswer } from '../../dialogs';
import { gate, general, TestWorld, until } from './world';

/** Far shorter than the work of these tests: a lease that is not renewed is lost. */
const leases = { leaseMs: 600, renewMs: 150 };

describe('a message', () => {
  let world: TestWorld;
  let bots: readonly Bot[];
  beforeAll(async () => {
    world = await TestWorld.open();
    bots = [await world.bot({ leases }), await world.bot({ leases })];
  });
  beforeEach(() => {
    world.script.onText = (text) => ({ text: `You said: ${text}` });
  });
  afterAll(() => world.close());

  const rows = (where: string, ...values: unknown[]) =>
    world.db.database.query<{ id: string }>(`select id from delivery where ${where}`, values);
  const deliver = (as: string, id: string, text: string) =>
    world.teams('POST', '/_sandbox/deliver', { as, in: general, activity: { type: 'message', id, text } });
  const at = (bot: Bot) => world.teams('POST', '/_sandbox/bot', { url: `${bot.url}/api/messages` });
  const posted = (since = 0) =>
    world
      .sent('POST')
      .slice(since)
      .map(({ requestBody }) => {
        // Without a thread to answer in, the answer begins one.
        const { activity, text } = requestBody as { activity?: { text: string }; text?: string };
        return activity?.text ?? text;
      });
  const texts = (since: number) => world.script.texts.slice(since).map(({ text }) => text);

  it('is acknowledged when its row is stored, and answered afterwards', async () => {
    const azure = gate();
    world.script.onText = () => azure.opened.then((): TextAnswer => ({ text: 'At last.' }));
    const id = randomUUID();
    const answer = await deliver('Ada', id, 'status');
    const stored = await rows('id like $1 and activity is not null and answered_at is null', `%${id}`);
    azure.open();
    await until(() => posted().includes('At last.'));

    expect(answer).toMatchObject({ status: 200 });
    expect(stored).toHaveLength(1);
  });

  it('tells who it mentions as Entra knows them, and keeps their name and that of who wrote it', async () => {
    const [heidi, dana] = ['a1d0c000-0000-4000-8000-000000000003', 'Dana'];
    await world.say('Ada', general, `@goldbot delegate @Heidi --until +1d, says @${dana}`);
    const mentioned = await world.script.texts.at(-1)?.turn.mentioned?.();
    const kept = await world.db.database.query<{ name: string }>('select name from person order by name');

    expect(mentioned).toMatchObject([{ oid: heidi, name: 'Heidi' }, { name: dana }]);
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['Ada', 'Dana', 'Heidi']));
    expect(world.sent('GET').at(-1)?.url).toContain('/members/29');
  });

  it('does not tell who it mentions where Teams does not', async () => {
    await world.fault({ match: { face: 'teams', method: 'GET', url: '/members/' }, status: 503, times: 1 });
    await world.say('Ada', general, '@goldbot delegate @Heidi --until +1d');

    expect(await world.script.texts.at(-1)?.turn.mentioned?.()).toEqual([{ name: 'Heidi' }]);
    expect(world.log.entries.at(-1)?.text).toBe('Teams did not say who is mentioned');
  });

  it('is marked as answered: a redelivery long after its lease is not answered again', async () => {
    const [id, since] = [randomUUID(), world.script.texts.length];
    await deliver('Ada', id, 'whoami');
    await until(async () => (await rows('id like $1 and answered_at is not null', `%${id}`)).length);
    await world.db.database.query(`update delivery set leased_until = clock_timestamp() - interval '31 s'`);
    await deliver('Ada', id, 'whoami');

    expect(texts(since)).toEqual(['whoami']);
  });

  it('is answered once though it takes several leases', async () => {
    const [azure, id, since] = [gate(), randomUUID(), world.script.texts.length];
    world.script.onText = () => azure.opened.then((): TextAnswer => ({ text: 'Slow.' }));
    await deliver('Ada', id, 'slow');
    // Longer than a lease and a look of the other replica’s worker.
    await new Promise((done) => setTimeout(done, 2_000));
    azure.open();
    await until(async () => (await rows('id like $1 and answered_at is not null', `%${id}`)).length);

    expect(texts(since)).toEqual(['slow']);
  });

  it('waits for the one before it, of the same person in the same conversation, also at another replica', async () => {
    const [first, since, sent] = [gate(), world.script.texts.length, world.sent('POST').length];
    world.script.onText = async (text) => {
      if (text === 'one') await first.opened;
      return { text };
    };
    const [one, other] = bots;
    if (one) await at(one);
    await deliver('Ada', 'lane-1', 'one');
    if (other) await at(other);
    await deliver('Ada', 'lane-2', 'two');
    await deliver('Ada', 'lane-3', 'three');
    await deliver('Grace', 'lane-4', 'of somebody else');
    await until(() => posted(sent).length === 1);
    const meanwhile = texts(since);
    first.open();
    await until(() => posted(sent).length === 4);

    expect(meanwhile).toEqual(['one', 'of somebody else']);
    expect(posted(sent)).toEqual(['of somebody else', 'one', 'two', 'three']);
  });

  it('waits for those before it whose replica died, and they are answered first, in order; one that kills is passed', async () => {
    const sent = world.sent('POST').length;
    world.script.onText = async (text) => {
      if (text === 'heir 1') await new Promise((done) => setTimeout(done, 400));
      return { text };
    };
    await deliver('Ada', 'heir-0', 'before');
    await until(() => posted(sent).length === 1);
    const sentBefore = world.lastMessage('before');
    const [{ lane } = { lane: '' }] = await world.db.database.query<{ lane: string }>(
      `select lane from delivery where id like '%heir-0'`,
    );
    for (const [text, tries] of [
      ['it killed four replicas', 4],
      ['heir 1', 1],
      ['heir 2', 1],
    ] as const)
      await world.db.database.query(
        `insert into delivery (id, activity, lane, tries, lease_token, lease_owner, leased_until)
         values ($1, $2, $3, $4, 1, 'dead', clock_timestamp() + interval '700 ms')`,
        [`message ${text}`, JSON.stringify({ ...sentBefore, id: text, text }), lane, tries],
      );
    await deliver('Ada', 'heir-3', 'after');
    await until(() => posted(sent).length === 4);

    expect(posted(sent)).toEqual(['before', 'heir 1', 'heir 2', 'after']);
  });

  it('names the question in its answer, so that two answers in one chat are told apart', async () => {
    const [slow, second] = [gate(), gate()];
    world.script.onText = async (text) => {
      await (text === 'slow' ? slow.opened : second.opened);
      return { text: `About ${text}` };
    };
    const says = ['slow', 'quick'].map((text) => world.say('Ada', 'goldbot', text));
    slow.open();
    second.open();
    const said = await Promise.all(says);

    expect(said.map(({ messages }) => messages.map((m: { text: string }) => m.text))).toEqual([
      ['About slow'],
      ['About quick'],
    ]);
  });
});

describe('a click', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot({ leases });
    await world.bot({ leases });
  });
  afterAll(() => world.close());

  const click = async (id: string, reason: string) => {
    const data = { request: 'R-7F3KQ', hash: 'abcdef12', reason };
    const value = { action: { type: 'Action.Execute', verb: 'approve', data } };
    const activity = { type: 'invoke', name: 'adaptiveCard/action', id, replyToId: '1', value };
    const { body } = await world.teams('POST', '/_sandbox/deliver', { as: 'Grace', in: general, activity });
    return body.value as string;
  };

  it('is done once though it takes several leases and comes again under a new id', async () => {
    const before = world.script.clicks.length;
    world.script.onClick = async () => {
      await new Promise((done) => setTimeout(done, 2_000));
      return { kind: 'message', text: 'Approved.' };
    };
    const first = click(randomUUID(), 'slow');
    await until(() => world.script.clicks.length > before);
    await new Promise((done) => setTimeout(done, 1_000));
    const again = click(randomUUID(), 'slow');

    expect(await Promise.all([first, again])).toEqual(['Approved.', 'Approved.']);
    expect(world.script.clicks.slice(before)).toHaveLength(1);
  });

  it('is taken over while its second delivery waits, when whoever worked on it is dead', async () => {
    world.script.onClick = () => ({ kind: 'message', text: 'Done by the heir.' });
    await click('dead-0', 'warm up');
    await world.db.database.query(
      `insert into delivery (id, lease_token, lease_owner, leased_until)
       select replace(id, 'dead-0', 'dead-1'), 1, 'dead', clock_timestamp() + interval '700 ms'
       from delivery where id like '%dead-0'`,
    );

    expect(await click('dead-1', 'died')).toBe('Done by the heir.');
  });

  it('posts nothing when it thaws after its heir has posted', async () => {
    const thaw = gate();
    const [before, sent] = [world.script.clicks.length, world.sent('POST').length];
    world.script.onClick = async () => {
      const mine = world.script.clicks.length - before;
      if (mine === 1) await thaw.opened;
      return { kind: 'post', reply: { text: `Posted by ${mine}` }, message: 'The answer is below.' };
    };
    const frozen = click('thaws', 'thaws');
    await until(() => world.script.clicks.length > before);
    for (const table of ['delivery', 'act'])
      await world.db.database.query(
        `update ${table} set lease_token = lease_token + 1, leased_until = clock_timestamp() where answered_at is null`,
      );
    const heir = await click('thaws', 'thaws');
    // In truth its lease was over; by its clocks it is as old as a renewal at least, so that it asks whether it has it.
    await new Promise((done) => setTimeout(done, leases.renewMs));
    thaw.open();

    expect([await frozen, heir]).toEqual(['goldbot is already working on it.', 'The answer is below.']);
    expect(world.sent('POST').slice(sent)).toHaveLength(1);
  });

  it('that broke can be pressed again at once, long before its lease is over', async () => {
    await world.bot();
    let broken = true;
    world.script.onClick = async () => {
      if (broken) throw new Error('broke');
      return { kind: 'message', text: 'Done.' };
    };
    const first = await click('breaks', 'breaks');
    broken = false;

    expect(first).toContain('goldbot');
    expect(await click('breaks', 'breaks')).toBe('Done.');
    expect(await click('breaks again', 'breaks')).toBe('Done.');
  });
});

describe('an answer that is completed', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
    for (const _ of [1, 2]) await world.bot({ leases });
  });
  afterAll(() => world.close());

  const rowsOf = (where: string) => world.db.database.query(`select id from delivery where ${where}`);
  const said = async (text: string) =>
    (await world.messages(general)).filter((message) => message.text.startsWith(text));

  it('is posted at once with what is known, and edited into the whole, while the next question is answered', async () => {
    const azure = gate();
    const whole = azure.opened.then((): TextAnswer => ({ text: 'images: all of it' }));
    world.script.onText = (text) =>
      text.includes('images')
        ? { text: 'images: what is known', pending: true, later: whole }
        : { text: 'status: fine' };

    const first = await world.say('Ada', general, '@goldbot images');
    await world.say('Ada', general, '@goldbot status');
    const known = await said('images');
    azure.open();
    await until(async () => (await said('images: all')).length > 0);

    expect(first.messages).toMatchObject([{ text: 'images: what is known', pending: true }]);
    expect(known.map(({ text }) => text)).toEqual(['images: what is known']);
    expect(await said('status')).toHaveLength(1);
    expect((await said('images')).map(({ id, text }) => [id, text])).toEqual([[known[0]?.id, 'images: all of it']]);
  });

  it('is completed in its place by another replica when the one that asked dies', async () => {
    const never = new Promise<TextAnswer>(() => {});
    world.script.onText = () => ({ text: 'versions: what is known', pending: true, later: never });
    await world.say('Ada', general, '@goldbot versions');
    const incomplete = 'answered_at is not null and activity is not null';
    await until(async () => (await rowsOf(incomplete)).length > 0);
    const [before] = await said('versions');
    world.script.onText = () => ({ text: 'versions: all of them' });
    // As if its holder had died: nobody renews it any more.
    await world.db.database.query(
      `update delivery set lease_token = lease_token + 1, leased_until = clock_timestamp() - interval '1 s' where ${incomplete}`,
    );
    await until(async () => (await said('versions: all')).length > 0);
    await until(async () => (await rowsOf(incomplete)).length === 0);

    expect((await said('versions')).map(({ id, text }) => [id, text])).toEqual([[before?.id, 'versions: all of them']]);
  });

  it('is posted anew when its place is gone', async () => {
    const azure = gate();
    const whole = azure.opened.then((): TextAnswer => ({ text: 'runs: all of it' }));
    world.script.onText = () => ({ text: 'runs: what is known', pending: true, later: whole });
    await world.say('Ada', general, '@goldbot runs');
    await world.fault({ match: { face: 'teams', method: 'PUT', url: '/activities/' }, status: 404, times: 1 });
    azure.open();
    await until(async () => (await said('runs: all')).length > 0);

    expect(await said('runs: all')).toHaveLength(1);
  });
});
