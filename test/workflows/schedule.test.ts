import { inWords } from '../../cards';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import type { PublishRun, RequestId } from '../../core/runs';
import type { ScheduleSpec } from '../../core/schedule';
import { days, hours, minutes } from '../../core/time';
import { renderTopic } from '../../dialogs';
import { insertLock } from '../../store';
import { createReads } from '../../store/reads';
import { findSchedule, lastScheduledRun } from '../../store/schedules';
import { tick } from '../../workflows/engine/schedules';
import { publishWorkflow } from '../../workflows/publish';
import { createScheduleControl, publishSchedules } from '../../workflows/schedule';
import { mayStart } from '../../workflows/start';
import { type TestDatabase, testDatabase } from '../store/database';
import { people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { HandClock } from './digest-world';

/** When images are published by themselves, and who hears of it; nothing of Azure is needed for that. */
const at = (text: string) => new Date(`${text}Z`);
const monthly = (readyBy: number | 'last', zone = 'UTC') => ({ readyBy, zone });
/** Typical times before Tuesday 1 December 2026: two and a half working days for people. */
const december = at('2026-11-26T10:30:00');

describe('publishing by schedule', () => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await testDatabase();
  });
  afterAll(() => store.close());
  const names: string[] = [];

  /** An image of its own, and a clock. */
  function anImage(schedule: ImageConfig['schedule'], from = at('2026-11-02T12:00:00')) {
    const name = `image-${names.length}`;
    names.push(name);
    const [sample] = exampleCatalogue().images;
    if (!sample) throw new Error('no image');
    let image: ImageConfig | undefined = { ...sample, name, aliases: [], ...(schedule && { schedule }) };
    const clock = new HandClock(from);
    const catalogue = (): Catalogue => ({ ...exampleCatalogue(), images: image ? [image] : [] });
    const deps = { database: store.database, clock, catalogue };
    const workflow = publishWorkflow({} as never);
    const own = publishSchedules({ ...deps, workflow, mayStart: mayStart(deps.catalogue) });
    const control = createScheduleControl(deps);
    const reads = createReads(store.database);
    let acts = 0;
    return {
      name,
      clock,
      catalogue,
      leave: () => {
        image = undefined;
      },
      /** What a replica does from time to time. */
      look: (when?: Date, reconcile = true) => {
        if (when) clock.at = when;
        return tick({ ...deps, kinds: [own] }, { reconcile });
      },
      row: () => findSchedule<ScheduleSpec>(store.database, `publish:${name}`),
      run: async () => (await lastScheduledRun(store.database, name)) as PublishRun | undefined,
      runs: async () => (await reads.runs({ image: name })).length,
      set: (change: Parameters<typeof control.set>[0]['change']) =>
        control.set({ image: name, change, person: people.ada, intent: `${name}-${acts++}` }),
      cards: () =>
        store.database.query<{ topic: string; conversation_name: string }>(
          `select topic, conversation_name from card where topic like $1 or topic like '%' || $2 || '%' order by id`,
          [`schedule:${name}:%`, '~'],
        ),
      wanted: async (topic: string) => {
        const [card] = await store.database.query('select wanted from card where topic = $1', [topic]);
        return Number(card?.['wanted']);
      },
      reads,
    };
  }

  const words = async (topic: string, { reads, clock }: Pick<ReturnType<typeof anImage>, 'reads' | 'clock'>) =>
    inWords((await renderTopic(topic as never, reads, clock.now())).text);

  const end = (id: RequestId, outcome = 'cancelled') =>
    store.database.query('update run set ended_at = $2, outcome = $3 where id = $1', [
      id,
      at('2026-11-27T00:00:00'),
      outcome,
    ]);

  it('begins once, counted back from the day, and asks in the approval channel', async () => {
    const image = anImage(monthly(1));
    await image.look();
    expect((await image.row())?.nextAt).toEqual(december);
    expect(await image.look(new Date(december.getTime() - 1))).toBe(0);
    expect(await image.run()).toBeUndefined();

    expect(await image.look(december)).toBe(1);
    const run = await image.run();
    expect(run?.actors).toEqual([]);
    expect(run?.plan).toMatchObject({
      request: {},
      schedule: { period: '2026-12', readyBy: '2026-12-01T00:00:00.000Z', startAt: december.toISOString(), missed: 0 },
    });
    const [card] = await store.database.query(`select conversation_name from card where topic = $1`, [
      `run:${run?.id}`,
    ]);
    expect(card?.['conversation_name']).toBe('Image Factory / approvals');
    expect(await image.look()).toBe(0);
    expect((await image.row())?.spec.period).toBe('2027-01');
    expect(await image.runs()).toBe(1);
  });

  it('knows the names of those who have asked or decided before', async () => {
    const image = anImage(monthly(1));
    await image.look();
    await image.look(december);
    const id = (await image.run())?.id;
    await store.database.query(
      `insert into run_actor (run_id, oid, name, did, at) values ($1, 'ab', 'Grace', 'joined', $2), ($1, 'cd', 'Heidi', 'joined', $2)`,
      [id, december],
    );
    expect([...(await image.reads.namesOf(['ab', 'CD', 'ef']))]).toEqual([
      ['ab', 'Grace'],
      ['cd', 'Heidi'],
    ]);
  });

  it('is caught up after an outage with the newest time that has passed', async () => {
    const image = anImage(monthly(1));
    await image.look();
    await image.look(at('2027-02-10T08:00:00'));
    const run = await image.run();
    expect(run?.plan.schedule).toMatchObject({ period: '2027-02', missed: 2 });
    expect((await image.row())?.spec.period).toBe('2027-03');
    expect(await image.runs()).toBe(1);
  });

  it('fires once on several replicas', async () => {
    const image = anImage(monthly(1));
    await image.look();
    image.clock.at = december;
    const fired = await Promise.all([1, 2, 3].map(() => image.look(undefined, false)));
    expect(fired.reduce((sum, n) => sum + n, 0)).toBe(1);
    expect(await image.runs()).toBe(1);
  });

  it('moves its start when runs take longer than they did, and does not lose the month', async () => {
    const image = anImage(monthly(1));
    await image.look();
    for (const n of [2, 3, 4]) await published(image.name, n);
    await image.look(at('2026-11-25T00:00:00'));
    // A build of five days, and a quarter more: the start is past already, and it is still December's.
    expect((await image.run())?.plan.schedule?.period).toBe('2026-12');
  });

  /** A run of the image that was published after a build of five days. */
  async function published(name: string, n: number, start = at(`2026-10-0${n}T00:00:00`)): Promise<void> {
    const time = (stage: string, from: number, to: number) => ({
      ...{ stage, attempt: 1 },
      from: new Date(start.getTime() + hours(from)),
      to: new Date(start.getTime() + hours(to)),
    });
    const times = [
      time('customise', 0, 120),
      time('test', 120, 121),
      time('approve', 121, 122),
      time('publish', 122, 123),
    ];
    const id = `R-222${names.indexOf(name)}${n}`.replaceAll('0', 'A').replaceAll('1', 'B');
    await store.database.query(`insert into request (id, kind) values ($1, 'run') on conflict do nothing`, [id]);
    await store.database.query(
      `insert into run (id, kind, subject, plan, stages, stage, due_at, created_at, ended_at, outcome, data)
       values ($1, 'publish', $2, '{}', '{plan}', 'cleanup', $3, $3, $3, 'published', $4)`,
      [id, name, start, JSON.stringify({ times, publishedAt: start.toISOString() })],
    );
  }

  it('follows the catalogue: off when the image has left, and on from now when it is back', async () => {
    const image = anImage(monthly(1));
    await image.look();
    image.leave();
    await image.look();
    expect((await image.row())?.pausedAt).toEqual(image.clock.at);
    expect(await image.look(december)).toBe(0);
  });

  it('is set by command over the catalogue, switched off, and on again without making up', async () => {
    const image = anImage(monthly(1));
    await image.look();
    await image.set({ rhythm: { cron: '0 6 * * 1', zone: 'Europe/Berlin' }, on: true });
    expect((await image.row())?.nextAt).toEqual(at('2026-11-09T05:00:00'));
    await image.set({ on: false });
    expect(await image.look(at('2026-11-10T00:00:00'))).toBe(0);
    await image.set({ on: true });
    expect((await image.row())?.nextAt).toEqual(at('2026-11-16T05:00:00'));
    expect(await image.runs()).toBe(0);
  });

  it('leaves out the next time when told to, says it twice without leaving out two, and takes it back', async () => {
    const image = anImage(monthly(1));
    await image.look();
    await image.set({ skip: 'next' });
    expect((await image.row())?.spec).toMatchObject({ period: '2027-01', skip: '2026-12' });
    await image.set({ skip: 'next' });
    expect((await image.row())?.spec).toMatchObject({ period: '2027-01', skip: '2026-12' });
    await image.set({ skip: 'none' });
    expect((await image.row())?.spec.period).toBe('2026-12');
    await image.set({ skip: 'next' });
    await image.look(december);
    expect(await image.runs()).toBe(0);
    await image.look(at('2026-12-31T23:00:00'));
    expect((await image.run())?.plan.schedule).toMatchObject({ period: '2027-01', missed: 0 });
  });

  it('refuses to leave out what there is not', async () => {
    const image = anImage(undefined);
    await expect(image.set({ skip: 'next' })).rejects.toMatchObject({
      code: 'BAD_COMMAND',
      message: `${image.name} has no schedule; nothing was set.`,
    });
    expect(await image.row()).toBeUndefined();
  });

  it('of one image that cannot be counted holds up no other', async () => {
    const [broken, image] = [anImage(monthly(1)), anImage(monthly(1))];
    await broken.set({ rhythm: { readyBy: 1, zone: 'Europe/Berlin' } });
    await store.database.query(
      `update publish_setting set setting = jsonb_set(setting, '{rhythm,zone}', '"Mars/Base"')`,
    );
    const catalogue = (): Catalogue => ({
      ...exampleCatalogue(),
      images: [broken, image].flatMap((one) => one.catalogue().images),
    });
    const deps = { database: store.database, clock: image.clock, catalogue };
    const kinds = [
      publishSchedules({ ...deps, workflow: publishWorkflow({} as never), mayStart: mayStart(catalogue) }),
    ];

    await expect(tick({ ...deps, kinds }, { reconcile: true })).rejects.toThrow('Mars/Base');
    expect((await image.row())?.nextAt).toEqual(december);
    await store.database.query('delete from publish_setting');
  });

  it('waits while a run of the image is open, says so once, and begins when that is over', async () => {
    const image = anImage(monthly(1));
    await image.look();
    await image.look(december);
    const first = await image.run();
    if (!first) throw new Error('no run');
    // January comes due, and December's run is still open.
    const january = (await image.row())?.nextAt ?? december;
    await image.look(january);
    expect(await image.runs()).toBe(1);
    expect((await image.row())?.spec.waits?.since).toBe(january.toISOString());
    await image.look(new Date(january.getTime() + minutes(10)));
    expect((await image.cards()).map(({ topic }) => topic)).toEqual([`schedule:${image.name}:2027-01`]);
    const topic = `schedule:${image.name}:2027-01`;
    expect(await words(topic, image)).toContain(
      `${first.id}, begun by the schedule on Thu 26 Nov, 10:30 UTC, is not over.`,
    );

    // A freeze lasts for weeks: nobody edits its card at every look.
    const wanted = await image.wanted(topic);
    expect(wanted).toBe(1);
    // Once more when the day is there, since it says by then that it is past.
    await image.look(at('2027-01-01T00:00:00'));
    await image.look(at('2027-01-01T00:10:00'));
    expect(await image.wanted(topic)).toBe(2);
    expect(await words(topic, image)).toContain('the publish cannot begin, and its day is past');
    await end(first.id);
    await image.look(at('2027-01-01T00:20:00'));
    const second = await image.run();
    expect(second?.plan.schedule?.period).toBe('2027-01');
    expect((await image.row())?.spec).toEqual({ ...(await image.row())?.spec, period: '2027-02' });
    expect((await image.row())?.spec.waits).toBeUndefined();
    expect(await words(topic, image)).toContain(`${image.name}, January 2027: ${second?.id} has begun`);
    expect(await image.wanted(topic)).toBeGreaterThan(wanted);
  });

  describe('a day that cannot be met', () => {
    /** The run of December, put into a stage since then. */
    async function inStage(image: ReturnType<typeof anImage>, stage: string, since: Date) {
      await image.look();
      await image.look(december);
      const run = await image.run();
      if (!run) throw new Error('no run');
      const times = [{ stage, attempt: 1, from: since.toISOString() }];
      await store.database.query('update run set stage = $2, data = $3 where id = $1', [
        run.id,
        stage,
        JSON.stringify({ times }),
      ]);
      return run.id;
    }
    const news = async (id: RequestId) =>
      (await store.database.query(`select topic from card where topic like $1 order by id`, [`news:${id}:%`])).map(
        ({ topic }) => topic,
      );

    it('is told once while there is time, by what holds it up, and again when it is past', async () => {
      const image = anImage(monthly(1));
      const id = await inStage(image, 'approve', at('2026-11-26T14:00:00'));
      await image.look(at('2026-11-27T12:00:00'));
      expect(await news(id)).toEqual([]);
      // Two working days have gone by on Monday at 14:00; five hours more and the rest is too long.
      await image.look(at('2026-11-30T16:30:00'));
      const wanted = await image.wanted(`news:${id}:holdup-approve`);
      await image.look(at('2026-11-30T16:40:00'));
      expect(await news(id)).toEqual([`news:${id}:holdup-approve`]);
      expect(await image.wanted(`news:${id}:holdup-approve`)).toBe(wanted);
      const text = await words(`news:${id}:holdup-approve`, image);
      expect(text).toContain(`${image.name} will not be ready in time`);
      expect(text).toContain('It is to be in every region when Tue 1 Dec begins (Tue 1 Dec, 00:00 UTC).');

      await image.look(at('2026-12-01T00:00:00'));
      expect(await news(id)).toEqual([`news:${id}:holdup-approve`, `news:${id}:late`]);
      expect(await words(`news:${id}:late`, image)).toContain(`${image.name} is late`);
    });

    it('is told five days ahead at the earliest: until then much can still change', async () => {
      const image = anImage(monthly(1));
      for (const n of [2, 3, 4]) await published(image.name, n);
      await image.look();
      const start = (await image.row())?.nextAt ?? december;
      expect(start.getTime()).toBeLessThan(at('2026-11-26T00:00:00').getTime());
      await image.look(start);
      const id = (await image.run())?.id as RequestId;
      await store.database.query(`update run set stage = 'repair' where id = $1`, [id]);
      await image.look(new Date(at('2026-11-26T00:00:00').getTime() - 1));
      expect(await news(id)).toEqual([]);
      await image.look(at('2026-11-26T00:00:00'));
      expect(await news(id)).toEqual([`news:${id}:holdup-repair`]);
    });

    it('says afterwards by how much it was late', async () => {
      const image = anImage(monthly(1));
      const id = await inStage(image, 'replicate', at('2026-11-30T23:00:00'));
      await image.look(at('2026-12-01T00:00:00'));
      await store.database.query(
        `update run set stage = 'cleanup', data = data || '{"publishedAt": "2026-12-03T05:00:00Z"}' where id = $1`,
        [id],
      );
      expect(await words(`news:${id}:late`, image)).toContain(`${image.name} was published 2 d 5 h late`);
      await end(id, 'published');
    });

    it('is told on the day of a run that ended without a version before it, unless somebody published since', async () => {
      const runs = [];
      for (const isMended of [false, true]) {
        const image = anImage(monthly(1));
        const id = await inStage(image, 'repair', at('2026-11-26T14:00:00'));
        await end(id, 'failed');
        if (isMended) await published(image.name, 9, at('2026-11-27T00:00:00'));
        await image.look(new Date(at('2026-12-01T00:00:00').getTime() - 1));
        expect(await news(id)).not.toContain(`news:${id}:late`);
        await image.look(at('2026-12-01T00:00:00'));
        await image.look();
        runs.push({ image, id });
      }
      const [missed, mended] = runs;
      if (!missed || !mended) throw new Error('no runs');
      expect(await news(missed.id)).toEqual([`news:${missed.id}:late`]);
      expect(await words(`news:${missed.id}:late`, missed.image)).toContain(`${missed.image.name} was not published`);
      expect(await news(mended.id)).toEqual([]);
    });

    it('is told when the run has yet to begin, five days ahead and not earlier', async () => {
      const image = anImage(monthly(1));
      const id = await inStage(image, 'repair', at('2026-11-26T14:00:00'));
      await image.look(new Date(at('2027-01-01T00:00:00').getTime() - days(5) - 1));
      const topic = `schedule:${image.name}:2027-01`;
      expect((await image.cards()).map((card) => card.topic)).toEqual([]);
      await image.look(new Date(at('2027-01-01T00:00:00').getTime() - days(5)));
      expect((await image.cards()).map((card) => card.topic)).toEqual([topic]);
      const text = await words(topic, image);
      expect(text).toContain(`${id}, begun by the schedule`);
      expect(text).toContain(
        'It is to begin on Tue 29 Dec, 10:30 UTC; it begins by itself as soon as nothing is in the way then.',
      );

      // The run is over before January's begins: its card says that nothing is waited for any more.
      const wanted = await image.wanted(topic);
      await image.look();
      expect(await image.wanted(topic)).toBe(wanted);
      await end(id);
      await image.look();
      expect((await image.row())?.spec.waits).toBeUndefined();
      expect(await image.wanted(topic)).toBeGreaterThan(wanted);
    });

    it('is not told of a run that will be over in time', async () => {
      const image = anImage(monthly(1));
      const early = at('2026-12-27T00:00:00');
      const id = await inStage(image, 'publish', early);
      await image.look(early);
      expect(await image.cards()).toEqual([]);
      await end(id);
    });

    it('is told of a lock, of which nobody knows how long it stays', async () => {
      const image = anImage(monthly(1));
      await image.look();
      await insertLock(store.database, { image: image.name, by: people.ada, reason: 'audit', since: december });
      await image.look(new Date(december.getTime() - hours(1)));
      expect(await words(`schedule:${image.name}:2026-12`, image)).toContain('audit');
    });
  });
});
