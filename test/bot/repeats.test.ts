import { randomUUID } from 'node:crypto';
import { limits } from '../../bot/fair';
import { sleep } from '../../core/time';
import type { Database } from '../../store';
import { sizeOf } from '../chaos/matrix';
import { card, gate, general, saidIn, TestWorld, until } from './world';

describe('deliveries that repeat', () => {
  let world: TestWorld;
  let cardId: string;
  beforeAll(async () => {
    world = await TestWorld.open();
    await world.bot();
    await world.bot();
    world.script.onText = () => card('Decide', 'approve', 'status');
    cardId = (await world.say('Ada', general, '@goldbot approvals')).messages[0].id;
  });
  beforeEach(() => world.anew());
  afterAll(() => world.close());

  const click = (id: string, verb: string, more: object = {}, as = 'Grace') =>
    world.teams('POST', '/_sandbox/deliver', {
      as,
      in: general,
      activity: {
        type: 'invoke',
        name: 'adaptiveCard/action',
        id,
        replyToId: cardId,
        value: { action: { type: 'Action.Execute', verb, data: { request: 'R-7F3KQ', hash: 'abcdef12', ...more } } },
      },
    });

  const open = () =>
    world.db.database.query('select 1 from delivery where answered_at is null or activity is not null');

  it('run a click once that comes four times and twice more under a new id, at two replicas', async () => {
    world.script.onClick = async () => {
      await new Promise((done) => setTimeout(done, 200));
      return { kind: 'message', text: `Approved at ${randomUUID()}.` };
    };
    const [id, again] = [randomUUID(), randomUUID()];
    const press = (each: string) => click(each, 'approve', { reason: 'once of six' });
    const answers = await Promise.all([id, id, id, id, again, again].map(press));
    const later = await Promise.all([id, again].map(press));

    expect(world.script.pressed('once of six')).toHaveLength(1);
    expect(new Set([...answers, ...later].map((a) => a.body.value))).toHaveProperty('size', 1);
    expect(later[0]?.body).toMatchObject({ statusCode: 200, value: expect.stringMatching(/^Approved at/) });
  });

  it('ask anew about each new click, under the intent of the first: refusals and rights end', async () => {
    const answers = [
      { kind: 'message', text: 'Microsoft Graph was silent.' },
      { kind: 'card', reply: card('Approved') },
      { kind: 'message', text: 'You are in no group that may do this.' },
    ] as const;
    const told = [];
    for (const answer of answers) {
      world.script.onClick = () => answer;
      const id = randomUUID();
      told.push(await click(id, 'approve', { reason: 'anew' }), await click(id, 'approve', { reason: 'anew' }));
    }
    const asked = world.script.pressed('anew');

    expect(told.map((t) => t.body.value?.body?.[0].text ?? t.body.value)).toEqual([
      'Microsoft Graph was silent.',
      'Microsoft Graph was silent.',
      'Approved',
      'Approved',
      'You are in no group that may do this.',
      'You are in no group that may do this.',
    ]);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map((c) => c.turn.intent))).toHaveProperty('size', 1);
  });

  it('post what an act has to say once, however often it is asked about', async () => {
    world.script.onClick = () => ({ kind: 'post', reply: { text: 'Publishing.' }, message: 'The answer is below.' });
    const told = [];
    for (let i = 0; i < 3; i += 1) told.push(await click(randomUUID(), 'publish', { reason: 'post' }));

    expect(world.posted('Publishing.')).toHaveLength(1);
    expect(told.map((t) => t.body.value)).toEqual(Array(3).fill('The answer is below.'));
  });

  it('give all deliveries of an act the same intent, and another act another one', async () => {
    await click(randomUUID(), 'approve', { reason: 'one' });
    await click(randomUUID(), 'approve', { reason: 'two' });

    const intents = [...world.script.pressed('one'), ...world.script.pressed('two')].map((c) => c.turn.intent);
    expect(new Set(intents)).toHaveProperty('size', 2);
  });

  it('answer a read anew each time it is pressed', async () => {
    await click(randomUUID(), 'status', { reason: 'a read' });
    await click(randomUUID(), 'status', { reason: 'a read' });

    expect(world.script.pressed('a read')).toHaveLength(2);
  });

  it('answer a message once that comes three times at once', async () => {
    const message = { as: 'Ada', in: 'goldbot', activity: { type: 'message', id: 'm-1', text: 'help three times' } };
    const answers = await Promise.all([1, 2, 3].map(() => world.teams('POST', '/_sandbox/deliver', message)));

    await until(async () => (await open()).length === 0);

    expect(answers.map((a) => a.status)).toEqual([200, 200, 200]);
    expect(world.script.heard('help three times')).toHaveLength(1);
    expect(world.posted('You said: help three times')).toHaveLength(1);
  });

  it('take an act up again whose process died over it, under the intent it had', async () => {
    let die = () => {};
    world.script.onClick = () =>
      new Promise((_, fail) => {
        die = () => fail(new Error('died'));
      });
    const first = click('dead', 'approve', { reason: 'died' });
    await until(() => world.script.pressed('died').length > 0);
    for (const table of ['delivery', 'act'])
      await world.db.database.query(`update ${table} set leased_until = clock_timestamp() where answered_at is null`);
    world.script.onClick = () => ({ kind: 'message', text: 'Done.' });
    const answer = await click('dead', 'approve', { reason: 'died' });

    expect(answer.body).toMatchObject({ value: 'Done.' });
    die();
    await first;
    const acts = world.script.pressed('died').map(({ turn }) => turn.intent.split(' ')[1]);
    expect(acts).toHaveLength(2);
    expect(new Set(acts).size).toBe(1);
  });

  it('need not come again for a message whose process died over it: the worker answers it, once', async () => {
    world.script.onText = (text) => ({ text: `You said: ${text}` });
    await world.say('Ada', general, '@goldbot before');
    const sentBefore = world.lastMessage('before');
    const activity = { ...sentBefore, id: 'orphan', text: 'status of the orphan' };
    await world.db.database.query(
      `insert into delivery (id, activity, lease_token, lease_owner, leased_until)
       values ('message orphan', $1, 1, 'dead', clock_timestamp() - interval '1 s')`,
      [JSON.stringify(activity)],
    );
    await until(async () => (await open()).length === 0);

    expect(world.script.heard('of the orphan')).toMatchObject([
      { text: 'status of the orphan', turn: { intent: 'message orphan', person: { name: 'Ada' } } },
    ]);
    expect(world.posted('You said: status of the orphan')).toHaveLength(1);
  });

  it('find a message answered that could not be taken, so that nobody does it later', async () => {
    world.script.onText = () => {
      throw new Error('broken');
    };
    await world.say('Ada', general, '@goldbot breaks');
    const found = await until(async () => (await open()).length === 0);

    expect(found).toBe(true);
  });

  it('tell a click which live card it was on, and nothing when it was on none', async () => {
    world.script.onText = () => ({ ...card('Live', 'approve'), topic: 'approval:R-7F3KQ' });
    world.script.topics.set('approval:R-7F3KQ', card('Live', 'approve'));
    const said = await world.say('Ada', general, '@goldbot status R-7F3KQ');
    await world.click('Grace', said.messages[0].id, 'approve', { reason: 'on a live one' });
    await click(randomUUID(), 'approve', { reason: 'on none' });

    expect(world.script.pressed('on a live one')).toMatchObject([{ turn: { clicked: 'approval:R-7F3KQ' } }]);
    expect(world.script.pressed('on none')).toMatchObject([{ turn: { clicked: null } }]);
  });

  it('know the card of a click that is here before the id of its card is stored', async () => {
    const { id } = (await world.teams('GET', '/api/state')).conversations.find(
      (c: { name: string }) => c.name === general,
    );
    await world.db.database.query(
      `insert into card (topic, conversation_id, kind, create_announced_at, lease_token, lease_owner, leased_until)
       values ('run:R-7F3KQ', $1, 'run', clock_timestamp(), 1, 'other', clock_timestamp() + interval '1 min')`,
      [id],
    );
    const action = { type: 'Action.Execute', verb: 'status', data: { request: 'R-7F3KQ', reason: 'too fast' } };
    const activity = { type: 'invoke', name: 'adaptiveCard/action', id: 'fast', replyToId: 'late', value: { action } };
    const clicking = world.teams('POST', '/_sandbox/deliver', { as: 'Grace', in: general, activity });
    await until(
      async () => (await world.db.database.query(`select 1 from delivery where id like '%fast'`)).length === 1,
    );
    await new Promise((done) => setTimeout(done, 150));
    await world.db.database.query(`update card set activity_id = 'late' where topic = 'run:R-7F3KQ'`);
    await clicking;

    expect(world.script.pressed('too fast').map(({ turn }) => turn.clicked)).toEqual(['run:R-7F3KQ']);
  });

  it('counts an act once among what a person may press, however often it is delivered', async () => {
    world.script.onClick = async () => ({ kind: 'message', text: 'Done.' });
    const [[most] = [0]] = limits.decision.windows;
    for (let n = 1; n < most; n += 1) await click(randomUUID(), 'approve', { reason: `of many ${n}` });
    const [id, again] = [randomUUID(), randomUUID()];
    const both = gate();
    world.script.onClick = () => both.opened.then(() => ({ kind: 'message', text: 'Done.' }));
    const pressing = [id, id, again].map((each) => click(each, 'approve', { reason: 'the last' }));
    const here = `select 1 from delivery where id like '%' || $1 or id like '%' || $2`;
    await until(async () => (await world.db.database.query(here, [id, again])).length === 2);
    // Then each looks for its act, which leaves no trace where another one is at it.
    await sleep(500);
    both.open();
    const told = await Promise.all(pressing);
    expect(told.map(({ body }) => body?.value)).toEqual(['Done.', 'Done.', 'Done.']);
    const beyond = await click(randomUUID(), 'approve', { reason: 'one too many' });
    expect(beyond.body?.value).toMatch(/^goldbot did nothing this time: it takes at most 40 decisions/);
  });

  const deliveries = sizeOf('duplicates', 'clicks');
  it(`run each click once, of ${deliveries} deliveries: four under one id, two under a new one`, async () => {
    // As goldbot's own acts: what an intent has come to is remembered with it, and said again.
    const done = new Map<string, Set<string>>();
    const said = new Map<string, string>();
    world.script.onClick = async (_, turn) => {
      const { intent } = turn;
      const mine = world.script.clicks.find((click) => click.turn === turn);
      const { reason = '' } = (mine?.data ?? {}) as { reason?: string };
      done.set(reason, (done.get(reason) ?? new Set()).add(intent));
      await new Promise((go) => setTimeout(go, 5));
      if (!said.has(intent)) said.set(intent, `Done: ${randomUUID()}.`);
      return { kind: 'message', text: said.get(intent) ?? '' };
    };
    const rounds = Array.from({ length: Math.ceil(deliveries / 6) }, (_, n) => `round ${n}`);
    const wrong: string[] = [];
    const round = async (reason: string, n: number) => {
      const [id, again] = [randomUUID(), randomUUID()];
      // Each by somebody else: of one person's clicks goldbot takes a few at a time.
      const by = ['Grace', 'Heidi', 'Ada', 'Linus'][n];
      const press = (each: string) => click(each, 'approve', { reason }, by);
      const told = await Promise.all([id, id, id, id, again, again].map(press));
      const all = told.map(({ status, body }) => `${status} ${body?.value}`);
      // What takes longer than Teams waits, or is under way for another press, says so, and is done all the same.
      const answers = new Set(all.filter((answer) => !answer.includes('working on it')));
      await until(() => done.has(reason)).catch(() => wrong.push(`${reason} by ${by}: ${all.join()}`));
      const isRight = answers.size <= 1 && [...answers].every((answer) => answer.startsWith('200 Done'));
      if (!isRight || done.get(reason)?.size !== 1) wrong.push(`${reason}: ${[...answers].join()}`);
    };
    for (let n = 0; n < rounds.length; n += 4) {
      // One person presses all of them: how many that may be in a minute is told by others.
      await world.db.database.query(`delete from thread_pace where thread like 'asks %'`);
      await Promise.all(rounds.slice(n, n + 4).map(round));
    }

    expect(wrong).toEqual([]);
    expect(done.size).toBe(rounds.length);
  });
});

describe('a message of which the database did not hear the end', () => {
  let world: TestWorld;
  let asking: number;
  let silent: boolean;
  let losesNotes: boolean;
  beforeEach(async () => {
    [silent, losesNotes, asking] = [false, false, 0];
    world = await TestWorld.open();
    const db = world.db.database;
    const isNote = (values: readonly unknown[] = []) => values.some((v) => String(v).startsWith('message '));
    const flaky: Database = {
      query: async (text, values) => {
        if (silent) throw new Error('the database is silent');
        asking += 1;
        const rows = await db.query(text, values).finally(() => {
          asking -= 1;
        });
        if (losesNotes && isNote(values)) {
          losesNotes = false;
          throw new Error('the answer was lost');
        }
        return rows as never;
      },
      transaction: (work) => db.transaction(work),
      close: () => db.close(),
    };
    await world.bot({ database: flaky });
  });
  afterEach(() => world.close());

  const rows = (where: string) => world.db.database.query(`select 1 from delivery where ${where}`);

  it('is acted on once when its lease ran out only because the database was silent', async () => {
    let finish = () => {};
    world.script.onText = () =>
      new Promise((done) => {
        finish = () => done({ text: 'Done.' });
      });
    const saying = world.say('Ada', general, '@goldbot slow');
    await until(() => world.script.texts.length);
    silent = true;
    // A look of the worker that began before the silence would find the lease over.
    await until(() => asking === 0);
    await world.db.database.query(`update delivery set leased_until = clock_timestamp() - interval '1 s'`);
    finish();
    await saying;
    // Longer than between two looks of the worker.
    await new Promise((done) => setTimeout(done, 2_500));
    silent = false;
    await until(async () => (await rows('answered_at is null')).length === 0);

    expect(world.script.texts).toHaveLength(1);
  });

  it('is answered once when its first reader stood still until another one had taken it up', async () => {
    let thaw = () => {};
    world.script.onText = () =>
      world.script.texts.length > 1
        ? { text: 'From the heir.' }
        : new Promise((done) => {
            thaw = () => done({ text: 'From the frozen one.' });
          });
    const saying = world.say('Ada', general, '@goldbot slow');
    await until(() => world.script.texts.length === 1);
    await world.db.database.query(`update delivery set leased_until = clock_timestamp() - interval '1 s'`);
    await until(async () => (await rows('answered_at is not null')).length === 1);
    // In truth its lease was over; by its clocks it is as old as a renewal (2 s) at least, so that it asks whether it has it.
    await new Promise((done) => setTimeout(done, 2_000));
    thaw();
    await saying;
    await new Promise((done) => setTimeout(done, 300));

    expect(world.sent('POST').map(({ requestBody }) => (requestBody as { text: string }).text)).toEqual([
      'From the heir.',
    ]);
  });

  it('is not acted on when its person was told that it could not be taken', async () => {
    losesNotes = true;
    await world.say('Ada', general, '@goldbot publish ubuntu-22');
    await until(async () => (await rows('answered_at is not null and activity is null')).length === 1);

    expect(world.script.texts).toEqual([]);
  });

  it('is given up with words when several replicas died over it, and the others are answered', async () => {
    await world.say('Ada', general, '@goldbot before');
    const sentBefore = world.lastMessage('before');
    const orphan = (tries: number) => [
      `message ${tries}`,
      JSON.stringify({ ...sentBefore, text: `died ${tries}` }),
      tries,
    ];
    for (const tries of [4, 3])
      await world.db.database.query(
        `insert into delivery (id, activity, tries, lease_token, lease_owner, leased_until)
         values ($1, $2, $3, 1, 'dead', clock_timestamp() - interval '1 s')`,
        orphan(tries),
      );
    await until(async () => (await rows('answered_at is null')).length === 0);

    expect(world.script.heard('died').map(({ text }) => text)).toEqual(['died 3']);
    const told = world.sent('POST').map(({ requestBody }) => saidIn(requestBody));
    expect(told.filter((words) => words.startsWith('! goldbot cannot answer this'))).toHaveLength(1);
  });
});
