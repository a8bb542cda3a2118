import type { Catalogue } from '../../core/catalogue';
import type { PublishRun, RequestId } from '../../core/runs';
import { renderTopic } from '../../dialogs';
import { findSchedule, lastScheduledRun } from '../../store/schedules';
import { tick } from '../../workflows/engine/schedules';
import { publishSchedules } from '../../workflows/schedule';
import { mayStart } from '../../workflows/start';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/** Months of one image, from the schedule to the gallery. */
describe('a scheduled publish', () => {
  let world: AzureWorld;
  let rebuildAfter = '+28d';
  const catalogue = (): Catalogue => ({
    ...exampleCatalogue(),
    images: exampleCatalogue().images.map((image) => ({
      ...image,
      rebuildAfter,
      ...{ tests: image.tests.slice(0, 1), regions: image.regions.slice(0, 2) },
      // The marketplace has a newer one each month.
      source: { ...image.source, version: image.os === 'Linux' ? '22.04.202611120' : 'latest' },
      ...(image.name === 'ubuntu-22' && { schedule: { readyBy: 1, zone: 'Europe/Berlin' } }),
    })),
  });
  beforeAll(async () => {
    world = await azureWorld({ catalogue });
  });
  afterAll(() => world.close());

  const look = () => {
    const { database, clock, workflows } = world;
    const kind = publishSchedules({
      database,
      clock,
      catalogue,
      workflow: workflows[0] as never,
      mayStart: mayStart(catalogue),
    });
    return tick({ database, clock, kinds: [kind] }, { reconcile: true });
  };

  /** The clock goes on to the schedule's next time, and its run begins. */
  async function comesDue(): Promise<PublishRun> {
    await look();
    const row = await findSchedule(world.database, 'publish:ubuntu-22');
    if (!row) throw new Error('no schedule');
    world.clock.advance((row.nextAt.getTime() - world.clock.nowMs()) / 60_000);
    await look();
    return (await lastScheduledRun(world.database, 'ubuntu-22')) as PublishRun;
  }

  const card = async (id: RequestId) => (await renderTopic(`run:${id}`, world.reads, world.clock.now())).text;

  let first: PublishRun;

  it('takes two deciders, though the catalogue asks for one, and is everywhere by its day', async () => {
    const { id } = await comesDue();
    const one = await world.approve(id, people.grace);
    expect([one.outcome, one.approval.rule.quorum]).toEqual(['recorded', 2]);
    const two = await world.approve(id, people.heidi);
    expect(two.outcome).toBe('approved');
    first = await world.end(id);

    expect(first.outcome).toBe('published');
    const { readyBy = '' } = first.plan.schedule ?? {};
    expect(Date.parse(first.data.publishedAt ?? '')).toBeLessThan(Date.parse(readyBy));
    expect((await world.versions()).get(first.plan.fixed?.version ?? '')?.excludedFromLatest).toBe(false);
  });

  it('says why it was built', () => {
    expect(first.data.because).toEqual([expect.stringContaining('was not made here, so nothing can be compared')]);
  });

  it('notes when each region had it', () => {
    const noted = (first.data.regions ?? []).map(({ name, completedAt }) => [name, typeof completedAt]);
    expect(noted).toEqual([
      ['West Europe', 'string'],
      ['North Europe', 'string'],
    ]);
  });

  it('builds nothing in a month in which nothing has changed, takes no number, and says so', async () => {
    rebuildAfter = '+90d';
    const before = await world.reads.versionsTaken('ubuntu-22');
    const builds = world.changes('PUT', /imageTemplates/).length;
    const { id } = await comesDue();
    const second = await world.end(id);
    expect(second.outcome).toBe('unchanged');
    expect(world.changes('PUT', /imageTemplates/)).toHaveLength(builds);
    expect(await world.reads.versionsTaken('ubuntu-22')).toEqual(before);
    const version = first.plan.fixed?.version;
    expect(await card(id)).toContain(`ubuntu-22: nothing has changed since ${version}`);
    expect(await card(id)).toContain(
      `Base ${first.plan.fixed?.base.version}, recipe, tests and regions are those of ${version}`,
    );
    expect(await card(id)).toContain(
      'It is built again once one of them changes, or the version is older than `rebuildAfter` of the catalogue.',
    );
    expect((await world.reads.runs({ failed: true })).map((run) => run.id)).not.toContain(id);
  });

  it('builds all the same once the version would be older than the catalogue allows', async () => {
    rebuildAfter = '+56d';
    const { id } = await comesDue();
    const third = await world.stage(id, 'customise');
    expect(third.data.because).toEqual([
      expect.stringMatching(/^[\d.]+ will be \d\d days old by then, and is rebuilt after 56 days$/),
    ]);
    expect(third.plan.schedule?.period).not.toBe(first.plan.schedule?.period);
    await world.control.signal({ request: id, kind: 'cancel', person: people.ada, intent: `cancel-${id}` });
    expect((await world.end(id)).outcome).toBe('cancelled');
  });
});
