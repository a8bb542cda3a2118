import { inWords } from '../../cards';
import { type PublishRun, recipeHash } from '../../core/runs';
import { type PastRun, type ScheduleSetting, type ScheduleSpec, scheduleSpec } from '../../core/schedule';
import { renderTopic } from '../../dialogs';
import type { Reads, ScheduleState } from '../../store/reads';
import { anApproval, aVersion, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

/** What people read about schedules. The world's time is Monday 23 November 2026, 12:00 UTC. */
type World = ReturnType<typeof dialogWorld>;
type Set = Parameters<World['deps']['schedules']['set']>[0];

const at = (text: string) => new Date(`${text}Z`);
const monthly: ScheduleSpec['rhythm'] = { readyBy: 1, zone: 'Europe/Berlin' };
const december: ScheduleSpec = { image: 'ubuntu-22', rhythm: monthly, period: '2026-12' };

/** A world whose store has this about ubuntu-22; what is set is kept, and counts at once. */
function withSchedule(state: Partial<ScheduleState> = {}, runs: readonly PublishRun[] = []) {
  const asked: Set[] = [];
  let own = state.setting?.setting;
  const world = dialogWorld({
    schedules: {
      set: async (request) => {
        asked.push(request);
        const { skip, ...rest } = request.change;
        own = { ...own, ...rest, ...(skip && { skip: skip === 'next' ? '2026-12' : null }) } as ScheduleSetting;
      },
    },
  });
  const reads = {
    ...world.deps.reads,
    schedules: {
      ...world.deps.reads.schedules,
      state: async (image: string): Promise<ScheduleState> => {
        if (image !== 'ubuntu-22') return { past: [] };
        const setting = own && { setting: { image, setting: own, byName: 'Ada', at: at('2026-11-23T11:00:00') } };
        return { past: [], ...state, ...setting };
      },
      runOf: async (image: string, period: string) =>
        runs.find((run) => run.subject === image && run.plan.schedule?.period === period),
    },
    run: async (id: string) => runs.find((run) => run.id === id),
    approvalsOfRun: async () => [anApproval({ askedAt: at('2026-11-26T14:00:00') })],
  };
  Object.assign(world.deps, { reads });
  return { ...world, asked, reads };
}

const set = (setting: ScheduleSetting) => ({
  setting: { image: 'ubuntu-22', setting, byName: 'Ada', at: at('2026-11-23T11:00:00') },
});

/** A run of December's schedule. */
function scheduled(change: Partial<PublishRun> = {}, data: Partial<PublishRun['data']> = {}): PublishRun {
  const schedule = {
    ...{
      key: 'monthly 1 Europe/Berlin',
      period: '2026-12',
      zone: 'Europe/Berlin',
      missed: 0,
      startAt: '2026-11-26T09:30:00Z',
    },
    ...{ readyBy: '2026-11-30T23:00:00Z', expectedAt: '2026-11-30T14:00:00Z' },
  };
  return aRun('R-22222', {
    actors: [],
    plan: { request: {}, schedule, approvalChannel: 'Image Factory / approvals', fixed },
    ...change,
    data,
  });
}

describe('schedule', () => {
  it('says that there is none, and how one is made', async () => {
    const { say } = withSchedule();
    const { text } = await say('ada', 'schedule ubuntu-22');
    expect(text).toContain('ubuntu-22 has no schedule');
    expect(text).toContain('It is published when somebody asks for it.');
    expect(text).toContain('schedule ubuntu-22 monthly --ready-by 1');
    expect((await say('dana', 'schedule ubuntu-22')).text).not.toContain('monthly');
    expect((await say('ada', 'help schedule')).text).toContain(
      'Shows or sets when an image is published automatically',
    );
    expect((await say('ada', 'help publish')).text).toContain('Even if nothing has changed since the newest version');
  });

  it('sets a month, and explains how its start is counted back', async () => {
    const next = { spec: december, startAt: at('2026-11-26T09:30:00') };
    const world = withSchedule({ next });
    const { text, card } = await world.say('ada', 'schedule ubuntu-22 monthly --ready-by 1 --tz Europe/Berlin');
    expect(world.asked).toMatchObject([{ image: 'ubuntu-22', change: { rhythm: monthly, on: true, skip: 'none' } }]);
    expect(text).toContain('ubuntu-22 is ready on the 1st of each month (Europe/Berlin)');
    expect(text).toContain('This was set just now.');
    expect(text).toContain(
      'The next, December 2026, begins on Thu 26 Nov, 10:30 in Europe/Berlin (Thu 26 Nov, 09:30 UTC), so that it is in every region when Tue 1 Dec begins.',
    );
    expect(text).toContain(
      'Counted back from there: build 1 h 30 min (typical), test 30 min (typical), approval 2 working days (typical), replication 3 h (typical), publishing 5 min (typical), and a quarter more for what goes slower. Approval counts in working days.',
    );
    expect(text).toContain('It has not begun a version yet.');
    expect(text).toContain(
      'Nobody asks for it, so 2 members of goldbot-approvers must approve it, in Image Factory / approvals.',
    );
    expect(text).toContain('Set by Ada on Mon 23 Nov, 11:00 UTC; everything else is as in the catalogue.');
    expect(JSON.stringify(card)).toMatch(/Skip the next one.*Turn off/s);
  });

  it('writes months as every other card does', async () => {
    const next = { spec: { ...december, period: '2027-09' }, startAt: at('2027-08-27T08:30:00') };
    const september = withSchedule({ ...set({ rhythm: monthly }), next });
    expect((await september.say('dana', 'schedule ubuntu-22')).text).toContain(
      'begins on Fri 27 Aug, 10:30 in Europe/Berlin (Fri 27 Aug, 08:30 UTC), so that it is in every region when Wed 1 Sep begins.',
    );
  });

  it('names the medians of the image as soon as three runs are known', async () => {
    const time = (stage: 'customise' | 'test' | 'approve', from: string, to: string) => ({
      ...{ stage, attempt: 1, from: `2026-10-05T${from}:00Z`, to: `2026-10-05T${to}:00Z` },
    });
    const times = [
      time('customise', '08:00', '09:32'),
      time('test', '09:32', '09:50'),
      time('approve', '09:50', '12:05'),
    ];
    const past: PastRun[] = [1, 2, 3, 4].map(() => ({ attempt: 1, times }));
    const next = { spec: december, startAt: at('2026-11-26T09:30:00') };
    const { say } = withSchedule({ ...set({ rhythm: monthly }), next, past });
    const { text } = await say('dana', 'schedule ubuntu-22');
    expect(text).toContain('build 1 h 32 min (median of 4 runs), test 18 min (median of 4 runs)');
    expect(text).toContain('approval 2 h 15 min of working time (median of 4 runs)');
    const two = withSchedule({ ...set({ rhythm: monthly }), next, past: past.slice(2) });
    const few = (await two.say('dana', 'schedule ubuntu-22')).text;
    expect(few).toContain('build 1 h 30 min (typical), test 30 min (typical)');
    expect(few.match(/Typical times count until the image has run three times\./g)).toHaveLength(1);
    expect(text).not.toContain('Typical times');
  });

  it('says when the nearest day cannot be met any more', async () => {
    const spec = { ...december, period: '2027-01' };
    const { say, deps } = withSchedule({
      ...set({ rhythm: monthly }),
      next: { spec, startAt: at('2026-12-28T09:30:00') },
    });
    Object.assign(deps, { clock: { now: () => at('2026-11-28T12:00:00') } });
    expect((await say('ada', 'schedule ubuntu-22')).text).toContain(
      '! Tue 1 Dec is too near: that run would have had to begin on Thu 26 Nov, 10:30 in Europe/Berlin (Thu 26 Nov, 09:30 UTC). Publish it yourself if it is needed.',
    );
  });

  it('says what is left out, and offers to take that back', async () => {
    const spec = { ...december, period: '2027-01', skip: '2026-12' };
    const { say } = withSchedule({
      ...set({ rhythm: monthly, skip: '2026-12' }),
      next: { spec, startAt: at('2026-12-28T09:30:00') },
    });
    const { text, card } = await say('ada', 'schedule ubuntu-22');
    expect(text).toContain('December 2026 is left out.');
    expect(JSON.stringify(card)).toContain('Do not skip it');
  });

  it.each([
    [
      'one member',
      { size: 'fits' as const, count: 1, ids: ['g'] },
      'and there are 1: no scheduled run can be published.',
    ],
    ['two', { size: 'fits' as const, count: 2, ids: ['g', 'h'] }, 'so 2 members of goldbot-approvers must approve it'],
  ])('says whether a group of %s can approve it', async (_, found, words) => {
    const { say, deps } = withSchedule({ ...set({ rhythm: monthly }), next: { spec: december, startAt: now } });
    Object.assign(deps, { deciders: async () => found });
    expect((await say('dana', 'schedule ubuntu-22')).text).toContain(words);
  });

  it('says that a special version may need more people', async () => {
    const { say, deps } = withSchedule({ ...set({ rhythm: monthly }), next: { spec: december, startAt: now } });
    const catalogue = deps.catalogue();
    const risks = [{ when: ['first-version' as const], quorum: 4 }];
    const images = catalogue.images.map((image) => ({ ...image, approval: { ...image.approval, risks } }));
    Object.assign(deps, { catalogue: () => ({ ...catalogue, images }) });
    expect((await say('dana', 'schedule ubuntu-22')).text).toContain(
      'What is special about a version may ask for up to 4.',
    );
  });

  it('says what it waits for', async () => {
    const waits = {
      why: 'R-33333, begun by Ada on Mon 23 Nov, 10:00 UTC, is not over.',
      since: '2026-11-26T09:30:00Z',
    };
    const next = { spec: { ...december, waits }, startAt: at('2026-11-26T09:40:00') };
    const { say, reads } = withSchedule({ ...set({ rhythm: monthly }), next });
    const { text } = await say('ada', 'schedule ubuntu-22');
    expect(text).toContain(
      '! December 2026 has waited since Thu 26 Nov, 10:30 in Europe/Berlin (Thu 26 Nov, 09:30 UTC): R-33333, begun by Ada on Mon 23 Nov, 10:00 UTC, is not over.',
    );
    const card = inWords((await renderTopic('schedule:ubuntu-22:2026-12', reads, now)).text);
    expect(card).toContain('ubuntu-22, December 2026: the publish cannot begin');
    expect(card).toContain(
      'The schedule has waited since Thu 26 Nov, 09:30 UTC. It begins by itself as soon as nothing is in the way.',
    );
    const gone = inWords((await renderTopic('schedule:ubuntu-22:2026-11', reads, now)).text);
    expect(gone).toContain('ubuntu-22, November 2026: no run has begun');
    expect(gone).toContain('The schedule does not wait any more.');
  });

  it('says of what is due that it fails, since when and why, and in the list that it does', async () => {
    const failing = { tries: 6, error: 'TypeError: no such month', since: at('2026-11-26T09:30:00') };
    const next = { spec: december, startAt: at('2026-11-26T09:30:00'), failing };
    const { say, reads } = withSchedule({ ...set({ rhythm: monthly }), next });
    const line =
      '! The publish of December 2026 has failed since Thu 26 Nov, 09:30 UTC (6 tries): TypeError: no such month. It is tried again by itself; tell whoever runs goldbot, whose log has the details.';
    expect((await say('ada', 'schedule ubuntu-22')).text).toContain(line);
    expect((await say('ada', 'schedule')).text).toContain('✗ ubuntu-22 · 26 Nov 09:30 · Fails to begin');
    const card = inWords((await renderTopic('schedule:ubuntu-22:2026-12', reads, now)).text);
    expect(card).toContain('ubuntu-22, December 2026: the publish cannot begin');
    expect(card).toContain(line);
  });

  it('says of what waits by when it is promised, and once that day is past', async () => {
    const waits = { why: 'Ada has locked it.', since: '2026-11-26T09:30:00Z' };
    const next = { spec: { ...december, waits }, startAt: at('2026-11-26T09:40:00') };
    const { reads } = withSchedule({ ...set({ rhythm: monthly }), next });
    const on = async (when: string) => inWords((await renderTopic('schedule:ubuntu-22:2026-12', reads, at(when))).text);
    const before = await on('2026-11-30T22:59:59');
    expect(before).toMatch(/^ubuntu-22, December 2026: the publish cannot begin$/m);
    expect(before).toContain('It is to be in every region when Tue 1 Dec begins (Mon 30 Nov, 23:00 UTC).');
    const after = await on('2026-11-30T23:00:00');
    expect(after).toContain('ubuntu-22, December 2026: the publish cannot begin, and its day is past');
    expect(after).toContain('It was to be in every region by the beginning of Tue 1 Dec (Mon 30 Nov, 23:00 UTC).');
  });

  it('says what is in the way of what has yet to come due', async () => {
    const waits = { why: 'Ada has locked it.', since: '2026-11-24T09:30:00Z', startAt: '2026-11-26T09:30:00Z' };
    const next = { spec: { ...december, waits }, startAt: at('2026-11-26T09:30:00') };
    const { say, reads } = withSchedule({ ...set({ rhythm: monthly }), next });
    expect((await say('ada', 'schedule ubuntu-22')).text).not.toContain('come due');
    expect((await say('ada', 'schedule ubuntu-22')).text).toContain(
      '! December 2026 is to begin on Thu 26 Nov, 10:30 in Europe/Berlin (Thu 26 Nov, 09:30 UTC), and something is in its way: Ada has locked it.',
    );
    const card = inWords((await renderTopic('schedule:ubuntu-22:2026-12', reads, now)).text);
    expect(card).toContain('ubuntu-22, December 2026: the publish may begin too late');
    expect(card).toContain(
      'It is to begin on Thu 26 Nov, 09:30 UTC; it begins by itself as soon as nothing is in the way then.',
    );
  });

  it('tells that the wait is over', async () => {
    const { reads } = withSchedule({}, [scheduled({ createdAt: at('2026-11-26T12:00:00') })]);
    const { text } = await renderTopic('schedule:ubuntu-22:2026-12', reads, now);
    expect(text).toContain('ubuntu-22, December 2026: R-22222 has begun');
    expect(text).toContain('The schedule had waited. It began on Thu 26 Nov, 12:00 UTC.');
  });

  it.each([
    ['in time', { publishedAt: '2026-11-30T14:00:00Z' }, 'published 1.6.0 on Mon 30 Nov, 14:00 UTC, in time.'],
    ['late', { publishedAt: '2026-12-03T04:00:00Z' }, 'published 1.6.0 on Thu 3 Dec, 04:00 UTC, 2 d 5 h late.'],
    [
      'with nothing new',
      { unchanged: { version: '1.5.0', publishedAt: '2026-11-01T00:00:00Z', base: 'b' } },
      'nothing had changed since 1.5.0.',
    ],
    ['under way', {}, 'at “Approve”.'],
  ])('tells how the last time went: %s', async (_, data, words) => {
    const last = scheduled({ stage: 'approve' }, data);
    const { say } = withSchedule({ ...set({ rhythm: monthly }), last, next: { spec: december, startAt: now } });
    expect((await say('dana', 'schedule ubuntu-22')).text).toContain(`The last time: December 2026, R-22222, ${words}`);
  });

  it('of cron says when it begins next', async () => {
    const rhythm = { cron: '0 6 * * 1', zone: 'UTC' };
    const next = { spec: { ...december, rhythm, period: '2026-11-30' }, startAt: at('2026-11-30T06:00:00') };
    const world = withSchedule({ next });
    const { text } = await world.say('ada', 'schedule ubuntu-22 cron "0 6 * * 1"');
    expect(world.asked[0]?.change).toEqual({ rhythm, on: true, skip: 'none' });
    expect(text).toContain('ubuntu-22 begins by “0 6 * * 1” (UTC)');
    expect(text).toContain('The next begins on Mon 30 Nov, 06:00 UTC.');
    expect(text).toContain('It usually takes: build 1 h 30 min (typical)');
  });

  it('off, on and skip change that alone', async () => {
    const world = withSchedule(set({ rhythm: monthly }));
    expect((await world.say('ada', 'schedule ubuntu-22 off')).text).toMatch(
      /The schedule of ubuntu-22 is off.*Nothing begins by itself\./s,
    );
    expect((await world.say('ada', 'schedule ubuntu-22 on')).text).toContain('It is planned within half a minute.');
    await world.say('ada', 'schedule ubuntu-22 skip');
    expect(world.asked.map(({ change }) => change)).toEqual([
      { on: false },
      { on: true, skip: 'none' },
      { skip: 'next' },
    ]);
  });

  it('lists all images with what comes next, how the last time went and who set it', async () => {
    const last = scheduled({}, { publishedAt: '2026-11-30T14:00:00Z' });
    const next = { spec: december, startAt: at('2026-11-26T09:30:00') };
    const { say } = withSchedule({ ...set({ rhythm: { readyBy: 'last', zone: 'UTC' } }), next, last });
    const { text } = await say('dana', 'schedule');
    expect(text).toContain('1 of 3 images is published by schedule');
    expect(text).toContain('ready on the last day (UTC)');
    expect(text).toContain('26 Nov 09:30');
    expect(text).toContain('last: December 2026, in time');
    expect(text).toContain('set by Ada');
    expect(text).toMatch(/Published when somebody asks:\nubuntu-24/);
    expect(text).not.toContain('monthly');
    const off = withSchedule(set({ rhythm: monthly, on: false }));
    expect((await off.say('dana', 'schedule')).text).toContain('No image is published by schedule');
    expect((await off.say('dana', 'schedule')).text).toMatch(/ubuntu-22 · Turned off/);
  });

  it.each([
    [
      'what waits',
      { waits: { why: 'R-33333 is open.', since: '2026-11-26T09:30:00Z' } },
      {},
      '! ubuntu-22 · 23 Nov 09:00 · Waits for something',
    ],
    ['what was late', {}, { publishedAt: '2026-12-03T04:00:00Z' }, 'last: December 2026, 2 d 5 h late'],
    [
      'where nothing was new',
      {},
      { unchanged: { version: '1', publishedAt: '', base: '' } },
      'last: December 2026, nothing new',
    ],
    ['what is under way', {}, {}, 'last: December 2026, Approve'],
  ])('lists %s', async (_, change, data, words) => {
    const next = { spec: { ...december, ...change }, startAt: now };
    const last = scheduled({ stage: 'approve' }, data);
    const { say } = withSchedule({ ...set({ rhythm: { cron: '0 6 * * 1', zone: 'UTC' } }), next, last });
    const { text } = await say('dana', 'schedule');
    expect(text).toContain('by “0 6 * * 1” (UTC)');
    expect(text).toContain(words);
  });

  it('lists fifteen images, and says how many there are', async () => {
    const { say, deps } = withSchedule();
    const catalogue = deps.catalogue();
    const [image] = catalogue.images;
    const images = Array.from({ length: 20 }, (_, n) => ({ ...image, name: `image-${n}` }) as typeof image & object);
    Object.assign(deps, { catalogue: () => ({ ...catalogue, images }) });
    const { text } = await say('ada', 'schedule');
    expect(text).toContain('image-14');
    expect(text).not.toContain('image-15');
    expect(text).toContain('The first 15 of 20.');
  });

  it('without a change is as the catalogue has it', async () => {
    const { say, deps } = withSchedule({ next: { spec: december, startAt: at('2026-11-26T09:30:00') } });
    const catalogue = deps.catalogue();
    const images = catalogue.images.map((image) => ({ ...image, schedule: monthly }));
    Object.assign(deps, { catalogue: () => ({ ...catalogue, images }) });
    const { text } = await say('dana', 'schedule ubuntu-22');
    expect(text).toContain('It is as the catalogue has it; nobody has changed it by command.');
    expect(scheduleSpec({ name: 'ubuntu-22', schedule: monthly })?.on).toBe(true);
    expect(text).not.toContain('Turn off');
  });

  it.each([
    [
      'ubuntu-22 monthly --ready-by 31',
      'Not every month has a day 31; nothing was set.',
      'Say last for the last day of each month, or a day from 1 to 28.',
    ],
    [
      'ubuntu-22 monthly --ready-by 2026-11-01',
      '"2026-11-01" is not a day of the month; nothing was set.',
      'A schedule recurs: name a day from 1 to 28, or last. To publish once, just do it.',
    ],
    ['ubuntu-22 monthly --ready-by 0', '"0" is not a day of the month; nothing was set.', 'publish ubuntu-22'],
    [
      'ubuntu-22 monthly',
      'A monthly schedule needs the day on which the image is to be ready.',
      'Name a day from 1 to 28, or last.',
    ],
    [
      'ubuntu-22 cron',
      'A cron schedule needs its expression.',
      'Give five fields in quotes: minute, hour, day, month, weekday.',
    ],
    [
      'ubuntu-22 cron "hello"',
      '"hello" is not a cron expression; nothing was set.',
      'Give five fields in quotes: minute, hour, day, month, weekday.',
    ],
    [
      'ubuntu-22 cron "0 0 30 2 *"',
      '"0 0 30 2 *" never comes; nothing was set.',
      'No month has that day. L means the last day of the month.',
    ],
    [
      'ubuntu-22 cron "*/10 * * * *"',
      '"*/10 * * * *" comes more often than once a day; nothing was set.',
      'A publish takes hours and people to decide: name one time of day.',
    ],
    [
      'ubuntu-22 cron "0 6 * * 1" --ready-by 1',
      'That says two different things about the schedule; nothing was set.',
      'Say one of them.',
    ],
    [
      'ubuntu-22 off --ready-by 1',
      'That says two different things about the schedule; nothing was set.',
      'Say one of them.',
    ],
    [
      'ubuntu-22 monthly --ready-by 1 --tz Berlin',
      '"Berlin" is not a time zone; nothing was set.',
      'Use a name such as Europe/Berlin',
    ],
    [
      '--ready-by 1',
      'A schedule belongs to one image; nothing was set.',
      'Name the image; see all schedules to choose one.',
    ],
  ])('refuses “%s”, and says what to do', async (said, message, hint) => {
    const world = withSchedule();
    const { text } = await world.say('ada', `schedule ${said}`);
    expect(text).toContain(message);
    expect(text).toContain(hint);
    expect(world.asked).toEqual([]);
  });

  it('is set by publishers of the image alone', async () => {
    const world = withSchedule();
    const { text } = await world.say('dana', 'schedule ubuntu-22 off');
    expect(text).toContain('“schedule” of ubuntu-22 needs the role publisher');
    expect(world.asked).toEqual([]);
    expect(world.refusals).toMatchObject([{ detail: { code: 'WRONG_ROLE' } }]);
  });
});

describe('a scheduled run whose day cannot be met', () => {
  const warn = async (run: PublishRun, word: string, when: string, change: Partial<Reads> = {}) => {
    const { reads } = withSchedule({}, [run]);
    return inWords((await renderTopic(`news:${run.id}:${word}` as never, { ...reads, ...change }, at(when))).text);
  };

  it('names the request, the group that is waited for, since when, and who has decided', async () => {
    const times = [{ stage: 'approve' as const, attempt: 1, from: '2026-11-26T14:00:00Z' }];
    const deciders = { size: 'fits' as const, count: 3, ids: ['a', 'b', 'c'] };
    const run = scheduled({ stage: 'approve' }, { times, deciders });
    const text = await warn(run, 'holdup-approve', '2026-11-30T16:00:00');
    expect(text).toContain('ubuntu-22 1.6.0 will not be ready in time');
    expect(text).toContain('As things are, expect it by Tue 1 Dec, ');
    expect(text).toContain(
      '! R-99999 has waited for goldbot-approvers since Thu 26 Nov, 14:00 UTC: nobody has decided yet, and it takes 1. 3 of its members can decide.',
    );
    const names = new Map([
      ['a', 'Grace'],
      ['b', 'Heidi'],
    ]);
    const named = await warn(run, 'holdup-approve', '2026-11-30T16:00:00', { namesOf: async () => names });
    expect(named).toContain('Grace, Heidi and 1 more can decide.');
    const after = await warn(run, 'holdup-approve', '2026-12-01T16:00:00');
    expect(after).toContain('ubuntu-22 1.6.0 was not ready in time');
  });

  it.each([
    [
      'a repair',
      { stage: 'repair' },
      'It has needed repair since Thu 26 Nov, 14:00 UTC: Test sshd: exit code 1. A publisher rebuilds or cancels it.',
    ],
    ['a build', { stage: 'customise' }, 'It has been at “Customise” since Thu 26 Nov, 14:00 UTC.'],
    ['no request yet', { stage: 'approve' }, 'It has been waiting for a decision since Thu 26 Nov, 14:00 UTC.'],
  ])('names what holds it up: %s', async (_, change, words) => {
    const stage = change.stage as 'repair';
    const times = [{ stage, attempt: 1, from: '2026-11-26T14:00:00Z' }];
    const failure = { stage: 'test' as const, what: 'Test sshd', error: 'exit code 1', tail: [] };
    const text = await warn(scheduled({ stage }, { times, failure }), `holdup-${stage}`, '2026-11-30T16:00:00', {
      approvalsOfRun: async () => [],
    });
    expect(text).toContain(words);
  });

  it('says the same at every look of an hour, so that Teams is not asked to edit it', async () => {
    const times = [{ stage: 'replicate' as const, attempt: 1, from: '2026-11-30T10:00:00Z' }];
    const run = scheduled({ stage: 'replicate' }, { times });
    // It has taken longer than usual: what is foretold moves on with every minute.
    const looks = ['02:20:00', '02:21:10', '02:50:00'].map((time) => warn(run, 'late', `2026-12-01T${time}`));
    const [first, second, third] = await Promise.all(looks);
    expect(first).toContain('As things are, expect it by Tue 1 Dec, 05:00 in Europe/Berlin (Tue 1 Dec, 04:00 UTC).');
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(await warn(run, 'late', '2026-12-01T03:20:00')).toContain('by Tue 1 Dec, 06:00 in Europe/Berlin');
  });

  it('takes back that it will not be ready when somebody has decided in time', async () => {
    const times = [{ stage: 'replicate' as const, attempt: 1, from: '2026-11-30T16:00:00Z' }];
    const text = await warn(scheduled({ stage: 'replicate' }, { times }), 'holdup-approve', '2026-11-30T16:10:00');
    expect(text).toContain('ubuntu-22 1.6.0 may be ready in time after all');
    expect(text).toContain('As things are, expect it by Mon 30 Nov, 21:00 in Europe/Berlin');
    expect(text).not.toContain('!');
  });

  it('is of a run that a schedule with a day has started', async () => {
    const run = aRun('R-22222', { plan: { request: {}, approvalChannel: 'c', fixed } });
    await expect(warn(run, 'late', '2026-12-02T00:00:00')).rejects.toThrow('R-22222 was to be ready by no day');
  });

  it('says afterwards how it went', async () => {
    const inTime = scheduled({ stage: 'age' }, { publishedAt: '2026-11-30T20:00:00Z' });
    expect(await warn(inTime, 'holdup-approve', '2026-11-30T21:00:00')).toContain(
      'ubuntu-22 1.6.0 was published in time',
    );
    const ending = { outcome: 'cancelled', by: 'Ada', why: 'not needed' } as const;
    const cancelled = await warn(scheduled({ stage: 'clean' }, { ending }), 'holdup-approve', '2026-11-30T21:00:00');
    expect(cancelled).toContain('ubuntu-22 1.6.0 was not published: cancelled');
    expect(cancelled).toContain('It was to be in every region by the beginning of Tue 1 Dec (');
    const unchanged = { version: '1.5.0', publishedAt: '2026-11-01T00:00:00Z', base: 'b' };
    expect(await warn(scheduled({ outcome: 'unchanged' }, { unchanged }), 'late', '2026-12-02T00:00:00')).toContain(
      'ubuntu-22: nothing had changed since 1.5.0, so nothing was published',
    );
    const never = scheduled({ outcome: 'expired', endedAt: at('2026-12-02T00:00:00') });
    expect(await warn(never, 'late', '2026-12-02T00:00:00')).toContain('ubuntu-22 1.6.0 was not published: expired');
  });
});

describe('publish of what has not changed', () => {
  const before = { fixed, publishedAt: at('2026-11-20T09:00:00') };
  const listed = [{ version: fixed.base.version }];
  async function again(said: string, change: Partial<typeof before> = {}) {
    const versions = [aVersion('1.6.0')];
    const world = dialogWorld({
      read: {
        versions: async () => versions,
        marketplaceVersions: async () => listed,
        marketplaceVersion: async () => listed[0],
      },
    });
    const image = world.deps.catalogue().images.find(({ name }) => name === 'ubuntu-22');
    const { customize = [], validate = [], os = 'Linux', tests = [], regions = [] } = image ?? {};
    const recipe = { os, customize, validate };
    const base = { ...fixed.base, ...image?.source, version: fixed.base.version };
    const made = {
      ...fixed,
      base,
      recipe,
      recipeHash: recipeHash(recipe),
      tests,
      regions: regions as typeof fixed.regions,
    };
    const reads = {
      ...world.deps.reads,
      schedules: {
        ...world.deps.reads.schedules,
        state: async () => ({ past: [{ attempt: 1 }] }),
        published: async () => ({ ...before, fixed: made, ...change }),
      },
    };
    Object.assign(world.deps, { reads });
    return { text: (await world.say('ada', said)).text, started: world.started };
  }

  it('asks first, with what was compared', async () => {
    const { text, started } = await again('publish ubuntu-22 --note "once more"');
    expect(text).toContain('Nothing has changed in ubuntu-22 since 1.6.0');
    expect(text).toContain(
      'Base 22.04.202611120, recipe, tests and regions are those of 1.6.0 of Fri 20 Nov, 09:00 UTC.',
    );
    expect(text).toContain('Updates that the recipe itself fetches may be newer. Nothing has been started.');
    expect(text).toContain('publish ubuntu-22 --note "once more" --force');
    expect(started).toEqual([]);
  });

  it.each([
    ['what is forced', 'publish ubuntu-22 --force', {}],
    ['another number', 'publish ubuntu-22 --bump patch', {}],
    ['another end of life', 'publish ubuntu-22 --eol +1mo', {}],
    ['fewer regions', 'publish ubuntu-22 --regions "West Europe"', {}],
    ['what is old', 'publish ubuntu-22', { publishedAt: at('2026-10-20T09:00:00') }],
  ])('does not ask about %s', async (_, said, change) => {
    const { started } = await again(said, change);
    expect(started).toHaveLength(1);
  });
});
