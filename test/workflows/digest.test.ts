import { gapWords } from '../../cards';
import type { TeamConfig } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { sleep } from '../../core/time';
import { figuresOfRun, parkConversation, saveConversation } from '../../store';
import { createReads } from '../../store/reads';
import { createDigestControl } from '../../workflows/start';
import { aRun } from '../store/rows';
import { aTeam, type DigestWorld, digestWorld } from './digest-world';

const friday = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } as const;
/** Thursday of 2026-W48; Berlin's Friday 09:00 is 08:00 UTC. */
const thursday = '2026-11-26T12:00:00Z';
const firstFriday = '2026-11-27T08:00:00.000Z';
const day = 24 * 3_600_000;
const linus = { oid: 'linus', name: 'Linus' };

describe('the weekly digest', () => {
  let world: DigestWorld;
  afterEach(() => world.close());

  const open = async (teams: readonly [string, TeamConfig][] = [aTeam('payments', friday)], start = thursday) => {
    world = await digestWorld(teams, start);
    world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length > 0);
    return world;
  };
  const weekly = async (n = 1) => {
    for (let i = 0; i < n; i++) {
      world.clock.at = new Date(new Date(firstFriday).getTime() + weeksGone++ * 7 * day);
      await world.settled();
    }
  };
  let weeksGone = 0;
  beforeEach(() => {
    weeksGone = 0;
  });
  const control = () => createDigestControl(world);
  const plans = async () => (await world.runs()).map((run) => run.plan);

  it('comes once, on the hour of the team, in the channel of the team, and shows what was counted then', async () => {
    await open();
    world.replica();
    world.clock.at = new Date('2026-11-27T07:59:59Z');
    await sleep(100);
    expect(await world.runs()).toEqual([]);

    world.clock.advance(2_000);
    await world.until(async () => (await world.cards('payments')).length > 0);

    const [run, ...others] = await world.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ subject: 'payments:2026-W48', plan: { late: false, missed: 0 }, outcome: 'done' });
    const topic = `digest:${run?.id}`;
    expect(await world.cards('payments')).toEqual([{ topic, channel: 'payments / ops', wanted: 1, week: '2026-W48' }]);
    const kept = await figuresOfRun(world.database, run?.id ?? 'R-22222');
    expect(kept?.figures).toMatchObject({ team: 'payments', machines: 3, asOf: world.clock.now() });
  });

  it('is caught up after an outage, the newest one alone, and says that it is late', async () => {
    await open();
    await world.stop();
    world.clock.advance(30 * day);

    world.replica();
    await world.until(async () => (await world.cards('payments')).length > 0);

    expect(await plans()).toMatchObject([
      { week: '2026-W52', dueAt: '2026-12-25T08:00:00.000Z', late: true, missed: 4 },
    ]);
  });

  it('asks Azure six questions for a hundred teams that are due together, on two replicas', async () => {
    const teams = Array.from({ length: 99 }, (_, i) => aTeam(`team-${i}`, friday));
    const [, platform] = aTeam('platform', friday);
    await open([...teams, ['platform', { ...platform, scope: { managementGroup: 'mg-platform' } }]]);
    world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === 100);
    world.inventory.slowMs = 100;

    await weekly();

    expect((await world.runs()).filter((run) => run.outcome === 'done')).toHaveLength(100);
    expect(world.inventory.asked).toBe(6);
  });

  it('makes a count once that takes longer than its lease, while another replica waits for it', async () => {
    world = await digestWorld([aTeam('payments', friday), aTeam('web', friday)], thursday, {
      leaseMs: 2_000,
      renewMs: 150,
    });
    for (const _ of [1, 2]) world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === 2);
    world.inventory.slowMs = 2_600;

    await weekly();

    expect((await world.runs()).map((run) => run.outcome)).toEqual(['done', 'done']);
    expect(world.inventory.asked).toBe(5);
  });

  it('waits while Azure is silent, and comes when it answers', async () => {
    await open();
    world.inventory.silent = true;
    world.clock.at = new Date(firstFriday);
    await world.until(async () => (await world.runs())[0]?.lastError === 'Error: Azure is silent');
    expect(await world.cards('payments')).toEqual([]);

    world.inventory.silent = false;
    await world.settled();

    expect(await world.cards('payments')).toMatchObject([{ week: '2026-W48' }]);
  });

  it('comes without what Azure refuses to say, and says that it is missing', async () => {
    await open();
    world.inventory.refused = new UserError('AZ_FORBIDDEN', 'goldbot may not read policy states.', {
      hint: 'Grant it.',
    });

    await weekly();

    const [run] = await world.runs();
    const kept = await figuresOfRun(world.database, run?.id ?? 'R-22222');
    expect(kept?.figures.gaps.map(gapWords)).toContain(
      'Policy states are missing: goldbot may not read policy states.',
    );
    expect(kept?.figures).toMatchObject({ machines: 3 });
    expect(kept?.figures.policy).toBeUndefined();
  });

  it('waits for policies that are only slow, and after half an hour goes on without them', async () => {
    await open();
    world.inventory.refused = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });
    world.clock.at = new Date(firstFriday);
    await world.until(async () => world.inventory.asked > 2 * 4);
    expect(await world.cards('payments')).toEqual([]);

    world.clock.advance(30 * 60_000);
    await world.settled();

    const [run] = await world.runs();
    const kept = await figuresOfRun(world.database, run?.id ?? 'R-22222');
    expect(kept?.figures).toMatchObject({ machines: 3 });
    expect(kept?.figures.policy).toBeUndefined();
  });

  it('gives way to the digest of the next week when Azure was silent until then', async () => {
    await open();
    world.inventory.silent = true;
    world.clock.at = new Date(firstFriday);
    await world.until(async () => (await world.runs()).length === 1);

    world.clock.advance(7 * day);
    await world.until(async () => (await world.runs()).some((run) => run.endedAt));
    world.inventory.silent = false;
    await world.settled();

    expect((await world.runs()).map((run) => run.data)).toMatchObject([
      { untold: 'Azure was silent until the next digest was due' },
      { channel: 'payments / ops' },
    ]);
    expect(await world.cards('payments')).toMatchObject([{ week: '2026-W49' }]);
  });

  it('follows the catalogue: new teams, other times, teams that leave', async () => {
    await open();
    await world.scheduled('payments', { next: firstFriday });

    world.setTeams([aTeam('payments', { ...friday, time: '17:00' }), aTeam('web', friday)]);
    await world.scheduled('payments', { next: '2026-11-27T16:00:00.000Z' });
    await world.scheduled('web', { next: firstFriday });
    world.setTeams([aTeam('payments', false)]);
    await world.scheduled('payments', 'paused');
    await world.scheduled('web', 'paused');
    await weekly();

    expect(await world.runs()).toEqual([]);
  });

  it('keeps to one in a week when the day is moved after it came', async () => {
    await open();
    await weekly();
    await control().set({ team: 'payments', change: { day: 'sun' }, person: linus, intent: 'i1' });

    await world.scheduled('payments', { next: '2026-12-06T08:00:00.000Z' });
  });

  it('does not lose a digest that is due when the catalogue names another day', async () => {
    await open();
    await world.stop();
    world.clock.at = new Date('2026-11-28T12:00:00Z');
    world.setTeams([aTeam('payments', { ...friday, day: 'sun' })]);

    world.replica();
    await world.until(async () => (await world.cards('payments')).length > 0);

    expect(await plans()).toMatchObject([{ week: '2026-W48', dueAt: firstFriday, late: true }]);
  });

  it('prefers what the team has set to what the catalogue says, and the audit names who set it', async () => {
    await open();
    const spec = await control().set({
      ...{ team: 'payments', person: linus, intent: 'i1' },
      change: { day: 'tue', time: '07:30', zone: 'Asia/Kolkata' },
    });
    await control().set({ team: 'payments', change: { on: false }, person: linus, intent: 'i2' });
    await world.scheduled('payments', 'paused');
    await control().set({ team: 'payments', change: { on: true }, person: linus, intent: 'i3' });

    expect(spec).toMatchObject({ day: 'tue', time: '07:30', zone: 'Asia/Kolkata', on: true });
    await world.scheduled('payments', { next: '2026-12-01T02:00:00.000Z' });
    const set = (await createReads(world.database).audit()).filter((entry) => entry.action === 'set-digest');
    expect(set.map((entry) => [entry.who.name, entry.subject, entry.detail['change']])).toEqual([
      ['Linus', 'payments', { on: true }],
      ['Linus', 'payments', { on: false }],
      ['Linus', 'payments', { day: 'tue', time: '07:30', zone: 'Asia/Kolkata' }],
    ]);
  });

  it('keeps those who asked to be mentioned apart, each of whom ends it alone', async () => {
    await open();
    const asked = { team: 'payments', change: {} };
    const mentioned = async () =>
      (await createReads(world.database).digests.state('payments')).setting?.setting.mention;
    const ada = { oid: 'oid-ada', name: 'Ada' };
    await control().set({ ...asked, mention: true, person: linus, intent: 'i1' });
    await control().set({ ...asked, mention: true, person: ada, intent: 'i2' });
    await control().set({ ...asked, mention: true, person: linus, intent: 'i3' });
    expect((await mentioned())?.map(({ name }) => name)).toEqual(['Ada', 'Linus']);

    await control().set({ ...asked, mention: false, person: ada, intent: 'i4' });
    expect(await mentioned()).toEqual([{ oid: linus.oid, name: linus.name }]);
  });

  it('sets once what Teams delivers twice', async () => {
    await open();
    const { set } = control();
    await set({ team: 'payments', change: { day: 'tue' }, person: linus, intent: 'same' });
    await set({ team: 'payments', change: { day: 'wed' }, person: linus, intent: 'other' });
    const again = await set({ team: 'payments', change: { day: 'tue' }, person: linus, intent: 'same' });

    expect(again.day).toBe('wed');
    expect((await createReads(world.database).audit()).filter((e) => e.action === 'set-digest')).toHaveLength(2);
  });

  it('is silent in a week without a change for those who want changes alone, and says so in the audit', async () => {
    await open();
    await control().set({ team: 'payments', change: { onlyChanges: true }, person: linus, intent: 'i1' });
    await weekly(2);
    // Nobody claims it: it is of a kind of stage that no replica knows.
    const glass = {
      kind: 'change',
      subject: 'retire:x',
      plan: { verb: 'retire', target: 'x' },
      stages: ['unknown'],
    } as const;
    const affected = { payments: { channel: 'payments / ops', lines: [] } };
    const id = await aRun(world.database, { ...glass, stage: 'review' }, { data: { affected } });
    await weekly();
    await world.database.query('delete from run where id = $1', [id]);
    await weekly();
    world.inventory.machines.set('payments', 4);
    await weekly();

    expect((await world.runs()).map((run) => run.data)).toMatchObject([
      { channel: 'payments / ops' },
      { untold: 'nothing changed' },
      // Broken glass that nobody has reviewed is told of all the same.
      { channel: 'payments / ops' },
      { untold: 'nothing changed' },
      { channel: 'payments / ops' },
    ]);
    const ends = (await createReads(world.database).audit()).filter((entry) => entry.action === 'end');
    expect(ends.map((entry) => entry.detail['said'])).toContain('nothing changed');
  });

  it('serves the others when one channel cannot be reached, shows it, and brings the newest one when it opens', async () => {
    await open([aTeam('payments', friday), aTeam('web', friday)]);
    const channel = (id: string, name: string) =>
      saveConversation(world.database, { id, tenantId: 't', serviceUrl: 's', reference: {}, name });
    await channel('19:pay', 'payments / ops');
    await channel('19:web', 'web / ops');
    await parkConversation(world.database, '19:pay', 'goldbot was removed from the team');

    await weekly();
    const first = await world.deliver();
    const { last } = await createReads(world.database).digests.state('payments');
    await weekly(2);
    await world.deliver();
    await channel('19:pay', 'payments / ops');
    const revived = await world.deliver();

    const of = async (team: string, week: string) =>
      `digest:${(await world.runs()).find((run) => run.subject === `${team}:${week}`)?.id}`;
    expect(first).toEqual([await of('web', '2026-W48')]);
    expect(last?.delivery).toEqual({
      posted: false,
      missing: { why: 'closed', channel: 'payments / ops', since: expect.any(Date) },
    });
    expect(revived).toEqual([await of('payments', '2026-W50')]);
  });
});
