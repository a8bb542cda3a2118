import type { ImageConfig } from '../../core/catalogue';
import { canonical } from '../../core/hash';
import { isOfKind, type PublishRun } from '../../core/runs';
import {
  type Estimates,
  estimatesOf,
  occurrenceOf,
  type PastRun,
  projectedEnd,
  projectFrom,
  type ScheduleSpec,
  timedStageOf,
} from '../../core/schedule';
import { days } from '../../core/time';
import {
  cardsOfTopic,
  lockSchedule,
  missedRuns,
  moveSchedule,
  pastRuns,
  type Schedule,
  scheduledRuns,
  schedulesOf,
  wantCard,
} from '../../store';
import { eachAlone } from '../engine';
import { type Hindrance, type PublishScheduleDeps, publishKind, scheduleCard } from './parts';

/** People are told this long before the day, or as soon as it is known. */
const aheadMs = days(5);
/** What was not there on its day is told until then: after a long outage, nobody needs to hear of last year's. */
const missedMs = days(14);

/** Tells, once for each run and reason, when a day that was promised cannot be met, and when it is past. */
export async function watch(deps: PublishScheduleDeps, past: ReadonlyMap<string, readonly PastRun[]>): Promise<void> {
  const { database, clock, catalogue } = deps;
  const now = clock.now();
  const open = await scheduledRuns(database);
  const missed = await missedRuns(database, { since: new Date(now.getTime() - missedMs), now });
  const rows = await schedulesOf<ScheduleSpec>(database, publishKind);
  await eachAlone([
    ...open.map((run) => async () => isOfKind(run, 'publish') && watchRun(deps, run)),
    ...missed.map((run) => async () => isOfKind(run, 'publish') && tell(deps, run, 'late')),
    ...rows.map((row) => async () => {
      const image = catalogue().images.find(({ name }) => name === row.spec.image);
      return image && row.pausedAt === null && watchStart(deps, image, row, past.get(image.name) ?? []);
    }),
  ]);
}

async function watchRun(deps: PublishScheduleDeps, run: PublishRun): Promise<void> {
  const { database, clock, catalogue } = deps;
  const word = await warningOf(run, clock.now(), async (zone) => {
    const image = catalogue().images.find(({ name }) => name === run.subject);
    return image && estimatesOf(image, (await pastRuns(database, [run.subject])).get(run.subject) ?? [], zone);
  });
  if (word !== undefined) await tell(deps, run, word);
}

/** Once for each run and word. */
async function tell({ database }: PublishScheduleDeps, run: PublishRun, word: string): Promise<void> {
  const topic = `news:${run.id}:${word}`;
  await database.transaction(async (tx) => {
    if ((await cardsOfTopic(tx, topic)).length > 0) return;
    await wantCard(tx, { topic, channel: run.plan.approvalChannel, kind: 'news' });
  });
}

/** `late` once the day is past, `holdup-<stage>` before; undefined: all is well, or it is too early to say. */
async function warningOf(
  run: PublishRun,
  now: Date,
  estimates: (zone: string) => Promise<ReturnType<typeof estimatesOf> | undefined>,
): Promise<string | undefined> {
  const { readyBy, zone = 'UTC' } = run.plan.schedule ?? {};
  const stage = timedStageOf(run);
  if (readyBy === undefined || stage === 'over') return undefined;
  const by = Date.parse(readyBy);
  if (now.getTime() >= by) return 'late';
  if (by - now.getTime() > aheadMs) return undefined;
  const usual = await estimates(zone);
  const end = usual && projectedEnd(run, now, { estimates: usual, zone });
  return end && end.getTime() > by ? `holdup-${stage}` : undefined;
}

/** Something is in the way of a run that has yet to begin, and its day is near; or not any more. */
async function watchStart(
  { database, clock, mayStart }: PublishScheduleDeps,
  image: ImageConfig,
  row: Schedule<ScheduleSpec>,
  past: readonly PastRun[],
): Promise<void> {
  const now = clock.now();
  const { rhythm, period, waits } = row.spec;
  const estimates = estimatesOf(image, past, rhythm.zone);
  const readyBy = occurrenceOf(rhythm, period, estimates)?.readyBy;
  if (row.nextAt <= now || !readyBy || readyBy.getTime() - now.getTime() > aheadMs) return;
  // What has come due already is looked at by `fire`.
  if (waits && !waits.startAt) return;
  const why = threat(await mayStart(database, image, now), row, { readyBy, estimates, now });
  if (why === waits?.why) return;
  await database.transaction(async (tx) => {
    const current = await lockSchedule<ScheduleSpec>(tx, row.key);
    if (!current || canonical(current) !== canonical(row)) return;
    const { waits: before, ...spec } = current.spec;
    const since = before?.since ?? now.toISOString();
    const waiting = why === undefined ? {} : { waits: { why, since, startAt: row.nextAt.toISOString() } };
    await moveSchedule(tx, row.key, { nextAt: current.nextAt, spec: { ...spec, ...waiting } });
    await wantCard(tx, scheduleCard(image, period));
  });
}

/** Why the run will begin too late; undefined when nothing is in the way, or not for long. */
function threat(
  hindrance: Hindrance | undefined,
  { nextAt, spec }: Schedule<ScheduleSpec>,
  { readyBy, estimates, now }: { readonly readyBy: Date; readonly estimates: Estimates; readonly now: Date },
): string | undefined {
  if (!hindrance) return undefined;
  const { zone } = spec.rhythm;
  const { why, run } = hindrance;
  const until = hindrance.until ?? (run && projectedEnd(run, now, { estimates, zone }));
  // A lock may stay for ever; a run that ends without publishing is soon out of the way.
  if (!until) return run ? undefined : why;
  const start = until > nextAt ? until : nextAt;
  return projectFrom(start, estimates, zone) > readyBy ? why : undefined;
}
