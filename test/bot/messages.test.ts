import { randomUUID } from 'node:crypto';
import type { Bot } from '../../bot';
import type { TextAnswer } from '../../dialogs';
import { gate, general, saidIn, TestWorld, until } from './world';

/** Shorter than the work of these tests, and renewed a dozen times before it is lost, so that a slow machine keeps it. */
const leases = { leaseMs: 2_000, renewMs: 150 };

/** What was begun under the lease that is in these rows now has taken longer than that lease, and a look of a worker. */
async function outlives(world: TestWorld, from: string, like: string): Promise<void> {
  const ask = (what: string) =>
    world.db.database.query<{ so: string }>(
      `select (${what})::text as so from ${from} where id like $1 and answered_at is null`,
      [like],
    );
  const [first] = await until(async () => {
    const found = await ask('leased_until');
    return found.length > 0 ? found : undefined;
  });
  const isOver = `clock_timestamp() > '${first?.so}'::timestamptz + interval '1 s' and leased_until > clock_timestamp()`;
  await until(async () => (await ask(isOver)).some(({ so }) => so === 'true'));
}

describe('a message', () => {
  let world: TestWorld;
  let bots: readonly Bot[];
  beforeAll(async () => {
    world = await TestWorld.open();
    bots = [await world.bot({ leases }), await world.bot({ leases })];
  });
  beforeEach(() => world.anew());
  afterAll(() => world.close());

  const rows = (where: string, ...values: unknown[]) =>
    world.db.database.query<{ id: string }>(`select id from delivery where ${where}`, values);
  const deliver = (as: string, id: string, text: string) =>
    world.teams('POST', '/_sandbox/deliver', { as, in: general, activity: { type: 'message', id, text } });
  const at = (bot: Bot) => world.teams('POST', '/_sandbox/bot', { url: `${bot.url}/api/messages` });
  const heard = (...of: readonly string[]) =>
    world.script.texts.map(({ text }) => text).filter((text) => of.includes(text));

  it('is acknowledged when its row is stored, and answered afterwards', async () => {
    const azure = gate();
    world.script.onText = () => azure.opened.then((): TextAnswer => ({ text: 'At last.' }));
    const id = randomUUID();
    const answer = await deliver('Ada', id, 'status');
    const stored = await rows('id like $1 and activity is not null and answered_at is null', `%${id}`);
    azure.open();
    await until(() => world.posted('At last.').length > 0);

    expect(answer).toMatchObject({ status: 200 });
    expect(stored).toHaveLength(1);
  });

  it('tells who it mentions as Entra knows them, and keeps their name and that of who wrote it', async () => {
    const [heidi, dana] = ['a1d0c000-0000-4000-8000-000000000003', 'Dana'];
    await world.say('Ada', general, `@goldbot delegate @Heidi --until +1d, says @${dana}`);
    const mentioned = await world.script.heard('says')[0]?.turn.mentioned?.();
    const kept = await world.db.database.query<{ name: string }>('select name from person order by name');

    expect(mentioned).toMatchObject([{ oid: heidi, name: 'Heidi' }, { name: dana }]);
    expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(['Ada', 'Dana', 'Heidi']));
    expect(world.sent('GET').filter(({ url }) => url.includes('/members/29'))).not.toEqual([]);
  });

  it('does not tell who it mentions where Teams does not', async () => {
    await world.fault({ match: { face: 'teams', method: 'GET', url: '/members/' }, status: 503, times: 1 });
    await world.say('Ada', general, '@goldbot delegate @Heidi --until +2d');

    expect(await world.script.heard('+2d')[0]?.turn.mentioned?.()).toEqual([{ name: 'Heidi' }]);
    expect(world.log.entries.map(({ text }) => text)).toContain('Teams did not say who is mentioned');
  });

  it('is marked as answered: a redelivery long after its lease is not answered again', async () => {
    const id = randomUUID();
    await deliver('Ada', id, 'whoami');
    await until(async () => (await rows('id like $1 and answered_at is not null', `%${id}`)).length);
    await world.db.database.query(`update delivery set leased_until = clock_timestamp() - interval '31 s'`);
    await deliver('Ada', id, 'whoami');

    expect(heard('whoami')).toEqual(['whoami']);
  });

  it('is answered once though it takes several leases', async () => {
    const [azure, id] = [gate(), randomUUID()];
    world.script.onText = () => azure.opened.then((): TextAnswer => ({ text: 'Slow.' }));
    await deliver('Ada', id, 'of several leases');
    await outlives(world, 'delivery', `%${id}`);
    azure.open();
    await until(async () => (await rows('id like $1 and answered_at is not null', `%${id}`)).length);

    expect(heard('of several leases')).toEqual(['of several leases']);
  });

  it('waits for the one before it, of the same person in the same conversation, also at another replica', async () => {
    const first = gate();
    const all = ['one', 'two', 'three', 'of somebody else'];
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
    await until(() => world.posted(...all).length === 1);
    const meanwhile = heard(...all);
    first.open();
    await until(() => world.posted(...all).length === 4);

    expect(meanwhile).toEqual(['one', 'of somebody else']);
    expect(world.posted(...all)).toEqual(['of somebody else', 'one', 'two', 'three']);
  });

  it('waits for those before it whose replica died, and they are answered first, in order; of one that kills its sender is told', async () => {
    const all = ['before', 'it killed four replicas', 'heir 1', 'heir 2', 'after'];
    world.script.onText = async (text) => {
      if (text === 'heir 1') await new Promise((done) => setTimeout(done, 400));
      return { text };
    };
    await deliver('Ada', 'heir-0', 'before');
    await until(() => world.posted(...all).length === 1);
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
    await until(() => world.posted(...all).length === 4);
    const told = () => world.sent('POST').filter((e) => saidIn(e.requestBody).includes('goldbot cannot answer this'));
    await until(() => told().length > 0);

    expect(world.posted(...all)).toEqual(['before', 'heir 1', 'heir 2', 'after']);
    expect(told()).toHaveLength(1);
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
    const azure = gate();
    world.script.onClick = () => azure.opened.then(() => ({ kind: 'message', text: 'Approved.' }));
    const [id, again] = [randomUUID(), randomUUID()];
    const told = [click(id, 'slow')];
    await until(() => world.script.pressed('slow').length > 0);
    told.push(click(again, 'slow'));
    await outlives(world, 'act', '%');
    azure.open();
    // Teams waits for less than several leases: it is told that it is under way.
    for (const answer of await Promise.all(told))
      expect(answer).toMatch(/^(Approved\.|goldbot is .*working on it\b.*)$/);
    // Whichever of the two came first does it, and its answer is the whole one.
    await until(async () => [await click(id, 'slow'), await click(again, 'slow')].includes('Approved.'));

    expect(world.script.pressed('slow')).toHaveLength(1);
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
    world.script.onClick = async () => {
      const mine = world.script.pressed('thaws').length;
      if (mine === 1) await thaw.opened;
      return { kind: 'post', reply: { text: `Posted by ${mine}` }, message: 'The answer is below.' };
    };
    const frozen = click('thaws', 'thaws');
    await until(() => world.script.pressed('thaws').length > 0);
    for (const table of ['delivery', 'act'])
      await world.db.database.query(
        `update ${table} set lease_token = lease_token + 1, leased_until = clock_timestamp() where answered_at is null`,
      );
    const heir = await click('thaws', 'thaws');
    // In truth its lease was over; by its clocks it is as old as a renewal at least, so that it asks whether it has it.
    await new Promise((done) => setTimeout(done, leases.renewMs));
    thaw.open();

    expect([await frozen, heir]).toEqual(['goldbot is already working on it.', 'The answer is below.']);
    expect(world.posted('Posted by 1', 'Posted by 2')).toEqual(['Posted by 2']);
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
