import type { Catalogue } from '../../core/catalogue';
import { readTraceparent } from '../../core/telemetry';
import { selectRuns } from '../../store/runs';
import { digestSchedules } from '../../workflows/digest';
import { tick } from '../../workflows/engine/schedules';
import { publishWorkflow } from '../../workflows/publish';
import { publishSchedules } from '../../workflows/schedule';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';
import { memoryTelemetry } from '../support/memory-telemetry';
import { aTeam, HandClock } from '../workflows/digest-world';

/** A run that nobody asked for has an origin too: the moment at which its schedule came due. */
describe('runs that schedules begin', () => {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await testDatabase();
  });
  afterAll(() => store.close());

  const [sample] = exampleCatalogue().images;
  if (!sample) throw new Error('no image');
  const digest = { day: 'mon', time: '08:00', zone: 'UTC' } as const;
  const catalogue: Catalogue = {
    ...exampleCatalogue(),
    images: [{ ...sample, schedule: { readyBy: 1, zone: 'UTC' } }],
    teams: new Map([aTeam('payments', digest)]),
  };

  it('are linked to the span in which that happened, each in a trace of its own', async () => {
    const { telemetry, spans } = memoryTelemetry();
    const clock = new HandClock(new Date('2026-11-02T12:00:00Z'));
    const deps = { database: store.database, clock, catalogue: () => catalogue, telemetry };
    const workflow = publishWorkflow({} as never);
    const kinds = [digestSchedules(deps), publishSchedules({ ...deps, workflow, mayStart: async () => undefined })];
    await tick({ ...deps, kinds }, { reconcile: true });
    expect(spans()).toEqual([]);
    clock.at = new Date('2026-11-30T12:00:00Z');
    await tick({ ...deps, kinds }, { reconcile: false });

    const runs = await selectRuns(store.database, 'order by kind');
    expect(runs.map(({ kind }) => kind)).toEqual(['digest', 'publish']);
    const origins = runs.map(({ id, trace }) => {
      const { traceId, spanId } = readTraceparent(trace) ?? {};
      return spans().find(
        (span) => span.trace === traceId && span.id === spanId && span.attributes['goldbot.run'] === id,
      );
    });
    expect(origins).toEqual([
      expect.objectContaining({ name: 'schedule digest', parent: undefined, failed: false }),
      expect.objectContaining({ name: 'schedule publish', parent: undefined, failed: false }),
    ]);
    expect(origins[0]?.trace).not.toBe(origins[1]?.trace);
    expect(origins.map((span) => span?.attributes['goldbot.outcome'])).toEqual(['started', 'started']);
  });

  it('are no reason to tell of looks at which nothing came due', async () => {
    const { telemetry, spans } = memoryTelemetry();
    const clock = new HandClock(new Date('2026-11-30T12:00:01Z'));
    const deps = { database: store.database, clock, catalogue: () => catalogue, telemetry };
    await tick({ ...deps, kinds: [digestSchedules(deps)] }, { reconcile: true });
    expect(spans()).toEqual([]);
  });
});
