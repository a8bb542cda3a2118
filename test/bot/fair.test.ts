import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Asides, asides, limits, placeFrom, Turnstile } from '../../bot/fair';
import { endless, type TeamsReplicaConfig } from '../chaos/teams-replica';
import { programFile } from '../support/programs';
import { gate, general, saidIn, TestWorld, until } from './world';

describe('what clients ask by themselves', () => {
  it('is taken from each person so many times in a stretch of time, whatever was refused meanwhile', () => {
    let now = 0;
    const counted = new Asides(() => now);
    const [[calls, ms] = [0, 0]] = asides.letters.windows;
    for (let i = 0; i < calls; i += 1) expect(counted.refuses('ada', 'letters')).toBeUndefined();
    now = ms / 2;
    expect(counted.refuses('ada', 'letters')?.hint).toBe('Try again in 5 seconds.');
    expect(counted.refuses('grace', 'letters')).toBeUndefined();
    expect(counted.refuses('ada', 'own card')).toBeUndefined();
    now = ms;
    expect(counted.refuses('ada', 'letters')).toBeUndefined();
  });

  it('is forgotten once somebody is quiet, so that many people cost no memory', () => {
    let now = 0;
    const counted = new Asides(() => now);
    for (let i = 0; i < 5_000; i += 1, now += 11_000) counted.refuses(`person ${i}`, 'own card');
    expect(counted.size).toBeLessThanOrEqual(1_001);
  });
});

describe('a turnstile', () => {
  const table = {
    decision: { atOnce: 1, eachAtOnce: 1 },
    look: { atOnce: 2, eachAtOnce: 2 },
    azure: { atOnce: 2, eachAtOnce: 2 },
    export: { atOnce: 1, eachAtOnce: 1 },
    change: { atOnce: 1, eachAtOnce: 1 },
  };
  const enter = (turnstile: Turnstile, order: string[], who: string, signal?: AbortSignal) =>
    turnstile.enter(who, 'look', signal).then((pass) => {
      order.push(pass ? who : `${who} left`);
      return pass;
    });

  it('lets in whoever has the least in progress, and a decision whatever is asked', async () => {
    const [turnstile, order] = [new Turnstile(table), [] as string[]];
    const [first] = ['ada', 'ada', 'ada', 'ada', 'grace'].map((who) => enter(turnstile, order, who));
    const decided = await turnstile.enter('heidi', 'decision');
    (await first)?.over();
    await until(() => order.length === 3);

    expect(decided).toBeDefined();
    expect(order).toEqual(['ada', 'ada', 'grace']);
  });

  it('keeps a person out who has as many in progress as one may, though there is room, until one is over', async () => {
    const [turnstile, order] = [new Turnstile(table), [] as string[]];
    const passes = await Promise.all(['ada', 'ada'].map((who) => enter(turnstile, order, who)));
    for (const pass of passes) pass?.answered();
    const third = enter(turnstile, order, 'ada');
    await enter(turnstile, order, 'grace');
    expect(order).toEqual(['ada', 'ada', 'grace']);
    passes[0]?.over();
    passes[0]?.over();
    await third;

    expect(order).toEqual(['ada', 'ada', 'grace', 'ada']);
  });

  it('is left by those who wait when the process ends, and let go through by those who need not wait', async () => {
    const [turnstile, order, ending] = [new Turnstile(table), [] as string[], new AbortController()];
    const passes = await Promise.all(['ada', 'grace'].map((who) => enter(turnstile, order, who)));
    const waits = enter(turnstile, order, 'heidi', ending.signal);
    ending.abort();
    await waits;
    passes[0]?.over();
    await enter(turnstile, order, 'linus', ending.signal);

    expect(order).toEqual(['ada', 'grace', 'heidi left', 'linus']);
  });
});

describe('one person who asks and asks', () => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await TestWorld.open();
  });
  afterEach(() => world.close());

  const deliver = (as: string, text: string) => {
    const activity = { type: 'message', id: randomUUID(), text };
    return world.teams('POST', '/_sandbox/deliver', { as, in: general, activity });
  };
  const said = () => world.sent('POST').map(({ requestBody }) => saidIn(requestBody));
  const open = async () =>
    (
      await world.db.database.query<{ n: number }>(
        'select count(*)::int as n from delivery where answered_at is null and activity is not null',
      )
    )[0]?.n;
  const asked = (text: string) => world.script.texts.filter((one) => one.text === text).length;

  it('is told once that it is too much; others and their own decisions are answered meanwhile', async () => {
    await world.bot();
    const slow = gate();
    world.script.onText = async (text) => {
      if (text === 'audit') await slow.opened;
      return { text: `Answer to ${text}` };
    };
    const flood = Array.from({ length: 100 }, () => deliver('Ada', 'audit'));
    const acknowledged = await Promise.all(flood);
    await deliver('Ada', 'approve R-22222');
    await deliver('Grace', 'status');
    await until(() => said().filter((text) => /Answer to (approve|status)/.test(text)).length === 2);
    const meanwhile = asked('audit');
    // Fewer where the hold began before one of the first was looked at.
    await until(async () => ((await open()) ?? 0) <= limits.export.waiting);
    slow.open();
    await until(async () => (await open()) === 0);

    expect(new Set(acknowledged.map(({ status }) => status))).toEqual(new Set([200]));
    expect(meanwhile).toBe(1);
    expect(asked('audit')).toBeGreaterThanOrEqual(1);
    expect(asked('audit')).toBeLessThanOrEqual(limits.export.waiting);
    expect(said().filter((text) => text.includes('is not answered'))).toHaveLength(1);
    expect(said().filter((text) => text.includes('Answer to audit'))).toHaveLength(asked('audit'));
  });

  it('waits in the order in which it was said, and says so once', async () => {
    await world.bot();
    const slow = gate();
    world.script.onText = async (text) => {
      await slow.opened;
      return { text };
    };
    const texts = Array.from({ length: placeFrom + 4 }, (_, n) => `status ${n}`);
    for (const text of texts) await deliver('Ada', text);
    await until(() => said().length > 0);
    slow.open();
    await until(() => said().length > texts.length);

    // Which of them is the first to be told is up to the machine.
    const [, before] = /^Your (\d+) other questions come first/.exec(said()[0] ?? '') ?? [];
    expect(Number(before)).toBeGreaterThanOrEqual(placeFrom);
    expect(said().slice(1)).toEqual(texts);
  });

  it('has nothing lost of what was taken when its replica is killed, and is answered in order', async () => {
    const config: TeamsReplicaConfig = { databaseUrl: world.db.url, teamsUrl: world.box.teamsUrl, point: 'none' };
    const child = spawn(process.execPath, [await programFile('replica-teams'), JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    await world.teams('POST', '/_sandbox/bot', { url: `${String(line).slice(10)}/api/messages` });
    const texts = [endless, ...Array.from({ length: limits.export.waiting + 5 }, (_, n) => `audit ${n}`)];
    for (const text of texts) await deliver('Ada', text);
    await until(async () => (await open()) === limits.export.waiting);
    child.kill('SIGKILL');
    await once(child, 'close');
    await world.bot();
    await until(async () => (await open()) === 0);

    expect(world.script.texts.map(({ text }) => text)).toEqual(texts.slice(0, limits.export.waiting));
    expect(said().filter((text) => text.includes('is not answered'))).toHaveLength(1);
  }, 120_000);

  it('gets one line for each press beyond what one person may press', async () => {
    await world.bot();
    const many = limits.decision.windows[0]?.[0] ?? 0;
    const press = async (n: number) => {
      const value = { action: { type: 'Action.Execute', verb: 'reject', data: { request: `R-2222${n % 8}`, n } } };
      const activity = { type: 'invoke', name: 'adaptiveCard/action', id: randomUUID(), replyToId: '1', value };
      return (await world.teams('POST', '/_sandbox/deliver', { as: 'Ada', in: general, activity })).body.value;
    };
    const lines = await Promise.all(Array.from({ length: many + 5 }, (_, n) => press(n)));
    const refused = lines.filter((text) => String(text).startsWith('goldbot did nothing this time'));

    expect(refused).toHaveLength(5);
    await until(() => world.script.clicks.length === many);
    expect(refused[0]).toMatch(/at most 40 decisions in 10 seconds .* Ask again in \d+ seconds/);
  });
});
