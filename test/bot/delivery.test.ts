import { inspect } from 'node:util';
import { sleep } from '../../core/time';
import { cardsOfTopic, wantCard } from '../../store';
import { verifyAudit } from '../../store/audit';
import { bumpTopics } from '../../store/cards';
import { parkedConversations } from '../store/parked';
import { approvals, card, general, TestWorld, type Told, until } from './world';

const topic = 'run:R-7F3KQ';

describe('live cards', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterEach(() => world.close());

  const db = () => world.db.database;
  const cards = async (where: string) =>
    (await world.messages(where)).filter((m: Told) => m.from === 'goldbot' && m.card);
  const shows = (told: Told | undefined) => (told?.card?.body[0] as { text?: string } | undefined)?.text;
  const show = async (text: string) => {
    world.script.topics.set(topic, card(text, 'rebuild'));
    await bumpTopics(db(), [topic]);
  };
  const want = (where: string, about = topic, kind = 'run') => wantCard(db(), { topic: about, channel: where, kind });
  const follow = async (text: string) => {
    world.script.topics.set(topic, card(text, 'rebuild'));
    world.script.onText = () => ({ ...card(text, 'rebuild'), topic });
    return world.say('Ada', general, '@goldbot publish ubuntu-22');
  };

  it('stand in the thread of the question when the turn is over, and change there', async () => {
    const said = await follow('building');
    await show('published');
    const changed = await until(async () => (await cards(general)).find((m) => shows(m) === 'published'));

    expect(said.messages).toMatchObject([{ replyToId: said.activityId, summary: 'building' }]);
    expect(changed.id).toBe(said.messages[0].id);
    expect(await cards(general)).toHaveLength(1);
  });

  it('show their opening words first, and what is true soon after', async () => {
    world.script.topics.set(topic, card('already testing'));
    world.script.onText = () => ({ ...card('You joined'), topic });
    const said = await world.say('Ada', general, '@goldbot publish ubuntu-22');
    const later = await until(async () => (await cards(general)).find((m) => shows(m) === 'already testing'));

    expect(shows(said.messages[0])).toBe('You joined');
    expect(later.id).toBe(said.messages[0].id);
  });

  it('start a thread of their own in a channel that is known by its name', async () => {
    await want(approvals, 'approval:R-AAAAA', 'approval');
    const [posted] = await until(async () => ((await cards(approvals)).length > 0 ? cards(approvals) : undefined));

    expect(posted).toMatchObject({ from: 'goldbot', summary: 'approval:R-AAAAA' });
    expect(posted?.replyToId).toBeUndefined();
  });

  it('are edited at most every three seconds in a conversation, all together, with the newest state', async () => {
    const other = 'run:R-BBBBB';
    await follow('0');
    world.script.topics.set(other, card('other 0'));
    await want(general, other);
    await until(async () => (await cards(general)).length === 2);
    const start = Date.now();
    for (let i = 1; i <= 40; i += 1) {
      world.script.topics.set(other, card(`other ${i}`));
      await bumpTopics(db(), [other]);
      await show(String(i));
      await new Promise((done) => setTimeout(done, 50));
    }
    await until(async () => (await cards(general)).map(shows).sort().join() === '40,other 40');
    const edits = world.sent('PUT').map((e) => Date.parse(e.at));

    const stretches = Math.ceil((Date.now() - start) / 3_000);
    expect(edits.length).toBeLessThanOrEqual(stretches + 2);
    for (const [i, at] of edits.entries()) if (i > 0) expect(at - (edits[i - 1] ?? 0)).toBeGreaterThanOrEqual(2_900);
  });

  it('are not edited when they look as before, however often their run changes', async () => {
    const isShown = async () =>
      (await cardsOfTopic(db(), topic)).every(({ wanted, shown, activityId }) => activityId && wanted === shown);
    await follow('waiting');
    await until(isShown);
    await db().query(`update conversation set edit_not_before = '-infinity'`);
    for (let i = 0; i < 3; i += 1) {
      await bumpTopics(db(), [topic]);
      await until(isShown);
    }
    expect(world.sent('PUT')).toEqual([]);
    await show('published');
    await until(async () => (await cards(general)).map(shows).join() === 'published');
  });

  it('that ask for a decision are posted again when Teams gave no clear answer, and the audit tells both', async () => {
    const asks = 'approval:R-7F3KQ';
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/v3/' }, times: 1, status: 503 });
    await want(approvals, asks, 'approval');
    await until(async () => (await cardsOfTopic(db(), asks))[0]?.secondPost === 'promised');
    const before = (await cards(approvals)).length;
    await db().query(`update card set not_before = '-infinity'`);
    await until(async () => (await cardsOfTopic(db(), asks))[0]?.activityId);

    expect([before, (await cards(approvals)).length]).toEqual([0, 1]);
    expect(world.sent('POST').map(({ status }) => status)).toEqual([503, 201]);
    expect(await verifyAudit(db())).toMatchObject({ intact: true });
  });

  it('are found again when somebody clicks the one that seemed to be missing', async () => {
    world.script.topics.set(topic, card('building', 'rebuild'));
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/v3/' }, times: 1, dropAfterAccept: true });
    await want(general);
    const lost = await until(async () => (await cards(general))[0]);
    await until(async () => (await cardsOfTopic(db(), topic))[0]?.secondPost === 'promised');
    await world.click('Ada', lost.id, 'rebuild');
    await show('published');
    const found = await until(async () => (await cards(general)).find((m) => shows(m) === 'published'));

    expect(found.id).toBe(lost.id);
    expect(world.script.clicks.map(({ turn }) => turn.clicked)).toEqual([topic]);
  });

  it('wait for as long as Teams says, and come once', async () => {
    await world.fault({
      match: { face: 'teams', method: 'POST', url: '/v3/' },
      status: 429,
      times: 2,
      headers: { 'retry-after': '2' },
    });
    await want(general);
    await until(async () => (await cards(general)).length > 0);
    const posts = world.sent('POST').map((e) => ({ at: Date.parse(e.at), status: e.status }));

    expect(posts.map((p) => p.status)).toEqual([429, 429, 201]);
    for (const [i, { at }] of posts.entries())
      if (i > 0) expect(at - (posts[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(await cards(general)).toHaveLength(1);
  });

  it('are edited again after a failed edit: that is safe to repeat', async () => {
    await follow('building');
    await world.fault({ match: { face: 'teams', method: 'PUT' }, status: 502, times: 1 });
    await show('published');
    await until(async () => shows((await cards(general))[0]) === 'published');

    expect(world.sent('PUT').map((e) => e.status)).toEqual([502, 200]);
  });

  it('leave a closed conversation alone after one try, serve all others, and come when goldbot is installed again', async () => {
    const { conversations } = await world.teams('GET', '/api/state');
    const closed = conversations.find((c: { name: string }) => c.name === 'payments / ops').id;
    const url = encodeURIComponent(closed).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/v3/conversations$' }, status: 403, times: 1 });
    await want('payments / ops');
    await until(async () => (await parkedConversations(db())).length > 0);
    for (const name of ['web / ops', 'data / ops', 'legacy / ops']) await want(name);
    for (const name of ['web / ops', 'data / ops', 'legacy / ops'])
      await until(async () => (await cards(name)).length > 0);
    const tries = world.sent('POST').filter((e) => JSON.stringify(e.requestBody).includes(closed)).length;
    const whileParked = (await cards('payments / ops')).length;
    await world.teams('POST', '/_sandbox/bot', { url: `${world.bots[0]?.url}/api/messages` });
    await until(async () => (await cards('payments / ops')).length > 0);

    expect(url).toContain('thread');
    expect([tries, whileParked]).toEqual([1, 0]);
    expect(await parkedConversations(db())).toEqual([]);
  });

  it('become words when Teams finds them too large', async () => {
    world.script.topics.set(topic, card('x'.repeat(60_000)));
    await want(general);
    const told = await until(async () => (await world.messages(general)).find((m: Told) => m.from === 'goldbot'));

    expect(told.card).toBeUndefined();
    expect(told.text).toMatch(/^x+…\nThe rest was too large for Teams\.$/);
  });

  it('come once each from three replicas together', async () => {
    await world.bot();
    await world.bot();
    const topics = Array.from({ length: 30 }, (_, i) => `run:R-${String(22_222 + i)}`);
    const places = ['web / ops', 'data / ops', 'legacy / ops', 'payments / ops', general, approvals];
    for (const [i, each] of topics.entries()) await want(places[i % places.length] ?? general, each);
    await until(async () => (await db().query('select 1 from card where activity_id is null')).length === 0, 40_000);
    const all = (await Promise.all(places.map(cards))).flat();

    expect(all.map((m) => m.summary).sort()).toEqual([...topics].sort());
  });
});

describe('a plain reply', () => {
  it('to a question that met one 503 arrives, and the log holds no token', async () => {
    const world = await TestWorld.open();
    await world.bot({ sleep: (ms, signal) => sleep(Math.min(ms, 100), signal) });
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/activities' }, status: 503, times: 1 });
    const said = await world.say('Ada', general, '@goldbot whoami');
    await world.fault({ match: { face: 'teams', method: 'POST', url: '/activities' }, status: 500, times: 2 });
    // Nobody waits for an answer that does not come.
    await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: 'goldbot', activity: { id: '1', text: 'whoami' } });
    await until(() => world.log.entries.some(({ text }) => text === 'a reply did not reach Teams for certain'));
    await world.close();

    expect(said.messages).toMatchObject([{ text: expect.stringMatching(/^You said: .*whoami$/) }]);
    expect(world.sent('POST').map(({ status }) => status)).toEqual([503, 201, 500, 500]);
    expect(inspect(world.log.entries, { depth: 20, showHidden: true })).not.toMatch(/goldbot-in-the-sandbox|eyJ/);
  });
});
