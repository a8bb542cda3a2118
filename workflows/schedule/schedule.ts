import type { AuditRecord } from '../../core/audit';
import { findImage, type ImageConfig } from '../../core/catalogue';
import { canonical } from '../../core/hash';
import type { PublishPlan } from '../../core/runs';
import {
  dueOccurrence,
  type Estimates,
  estimatesOf,
  firstAfter,
  type Occurrence,
  occurrenceOf,
  type PastRun,
  projectFrom,
  rhythmKey,
  type ScheduleSetting,
  type ScheduleSpec,
  scheduleKey,
  scheduleRunKey,
  scheduleSpec,
} from '../../core/schedule';
import { minutes } from '../../core/time';
import {
  bumpTopics,
  dropRequestId,
  firedKeys,
  goldbot,
  insertRun,
  lockSchedule,
  pastRuns,
  pauseSchedule,
  putSchedule,
  type Queryable,
  type Schedule,
  scheduleSettingOf,
  scheduleSettings,
  schedulesOf,
  takeRequestId,
  wantCard,
} from '../../store';
import { eachAlone, type Fired, listedBy, type ScheduleKind } from '../engine';
import { type Hindrance, type PublishScheduleDeps, publishKind, scheduleCard, scheduleTopic } from './parts';
import { watch } from './watch';

type PublishSchedule = Schedule<ScheduleSpec>;

/** While something is in the way the schedule looks again after this much world time. */
const lookAgainMs = minutes(10);
/** A start that moved by less is left where it is. */
const slackMs = minutes(1);

/** Every image that has a schedule, once per period. */
export function publishSchedules(deps: PublishScheduleDeps): ScheduleKind {
  return {
    kind: publishKind,
    reconcile: () => reconcile(deps),
    fire: (tx, schedule, now) => fire(deps, tx, schedule, now),
    about: (schedule) => about(deps, schedule),
  };
}

/** What a schedule is to be by catalogue and settings. */
type Wanted = Pick<ScheduleSpec, 'image' | 'rhythm' | 'skip'>;

/** Brings the schedules in line with catalogue, settings and what runs take by now; then looks who must be told. */
async function reconcile(deps: PublishScheduleDeps): Promise<void> {
  const { database, clock, catalogue } = deps;
  const now = clock.now();
  const settings = new Map((await scheduleSettings(database)).map((s) => [s.image, s.setting]));
  const rows = new Map((await schedulesOf<ScheduleSpec>(database, publishKind)).map((s) => [s.spec.image, s]));
  const { images } = catalogue();
  const named = images.filter(({ name }) => rows.has(name) || wantedOf(images, name, settings.get(name)));
  const past = await pastRuns(
    database,
    named.map(({ name }) => name),
  );
  const settling = [...new Set([...named.map((image) => image.name), ...rows.keys()])].map((name) => async () => {
    const wanted = wantedOf(images, name, settings.get(name));
    const estimates = wanted && estimatesFor(images, wanted, past);
    if (isSettled(rows.get(name), wanted && estimates && { wanted, estimates }, now)) return;
    await database.transaction((tx) => settle(tx, images, name, clock.now()));
  });
  await eachAlone([...settling, () => watch(deps, past)]);
}

function about({ catalogue }: PublishScheduleDeps, { spec }: PublishSchedule) {
  const image = findImage(catalogue(), spec.image);
  return { subject: spec.image, ...(image && { card: scheduleCard(image, spec.period) }) };
}

/** Undefined: no run begins by itself. */
function wantedOf(images: readonly ImageConfig[], name: string, own: ScheduleSetting | undefined): Wanted | undefined {
  const image = images.find((one) => one.name === name);
  const { on = false, ...spec } = (image && scheduleSpec(image, own)) ?? {};
  return on && 'image' in spec ? spec : undefined;
}

function estimatesFor(
  images: readonly ImageConfig[],
  { image: name, rhythm }: Pick<ScheduleSpec, 'image' | 'rhythm'>,
  past: ReadonlyMap<string, readonly PastRun[]>,
): Estimates | undefined {
  const image = images.find((one) => one.name === name);
  return image && estimatesOf(image, past.get(name) ?? [], rhythm.zone);
}

interface Planned {
  readonly wanted: Wanted;
  readonly estimates: Estimates;
}

/** Whether the row is what it should be. What is due already, or waits for something, is left to `fire`. */
function isSettled(row: PublishSchedule | undefined, planned: Planned | undefined, now: Date): boolean {
  if (!planned) return !row || row.pausedAt !== null;
  if (!row || row.pausedAt !== null || !isSame(row.spec, planned.wanted)) return false;
  if (row.nextAt <= now || row.spec.waits) return true;
  const found = occurrenceOf(row.spec.rhythm, row.spec.period, planned.estimates);
  return found !== undefined && Math.abs(found.startAt.getTime() - row.nextAt.getTime()) < slackMs;
}

function isSame(spec: ScheduleSpec, wanted: Wanted): boolean {
  const key = ({ rhythm, skip }: Wanted) => canonical({ rhythm, skip: skip ?? null });
  return key(spec) === key(wanted);
}

/**
 * Brings an image's schedule in line with catalogue and settings, or pauses it. A period that has been counted on is
 * kept although its start is past by now, because runs take longer than they did; what came due during a pause is not
 * made up for.
 */
export async function settle(tx: Queryable, images: readonly ImageConfig[], name: string, now: Date): Promise<void> {
  const key = scheduleKey(name);
  // The lock comes first: a change of the setting after it is read here waits for the lock and settles again.
  const row = await lockSchedule<ScheduleSpec>(tx, key);
  const wanted = wantedOf(images, name, (await scheduleSettingOf(tx, name))?.setting);
  const estimates = wanted && estimatesFor(images, wanted, await pastRuns(tx, [name]));
  if (!wanted || !estimates) return pause(tx, row, now);
  if (isSettled(row, { wanted, estimates }, now)) return;
  if (row?.spec.waits) await redrawSchedule(tx, row.spec);
  const kept = row && row.pausedAt === null ? keptPeriod(row, wanted, estimates) : undefined;
  const free = await nextFree(tx, { wanted, estimates }, now);
  const isKept = kept && (!free || kept.startAt < free.startAt) && (await isFree(tx, wanted, kept));
  const next = isKept ? kept : free;
  if (!next) return pauseSchedule(tx, key, now);
  const spec: ScheduleSpec = { ...wanted, period: next.period };
  await putSchedule(tx, { key, kind: publishKind, spec, nextAt: next.startAt });
}

async function pause(tx: Queryable, row: PublishSchedule | undefined, now: Date): Promise<void> {
  if (!row || row.pausedAt !== null) return;
  await pauseSchedule(tx, row.key, now);
  await redrawSchedule(tx, row.spec);
}

/** The period that the row counts on, if the rhythm still has it. */
function keptPeriod({ spec }: PublishSchedule, wanted: Wanted, estimates: Estimates): Occurrence | undefined {
  if (canonical(spec.rhythm) !== canonical(wanted.rhythm)) return undefined;
  return occurrenceOf(wanted.rhythm, spec.period, estimates);
}

async function isFree(tx: Queryable, { image, skip }: Wanted, { period }: Occurrence): Promise<boolean> {
  const key = scheduleRunKey(image, period);
  return period !== skip && !(await firedKeys(tx, [key])).has(key);
}

/** The first after `after` that has no run yet and is not left out; undefined: there is none. */
async function nextFree(tx: Queryable, { wanted, estimates }: Planned, after: Date): Promise<Occurrence | undefined> {
  let found = firstAfter(wanted.rhythm, after, estimates);
  while (found && !(await isFree(tx, wanted, found))) found = firstAfter(wanted.rhythm, found.startAt, estimates);
  return found;
}

/** Inserts the run of the period that is owed, unless something is in the way, and returns when the schedule fires next. */
async function fire(
  deps: PublishScheduleDeps,
  tx: Queryable,
  { spec, nextAt }: PublishSchedule,
  now: Date,
): Promise<Fired> {
  const { images } = deps.catalogue();
  const image = findImage(deps.catalogue(), spec.image);
  const estimates = image && estimatesFor(images, spec, await pastRuns(tx, [spec.image]));
  // It has just left the catalogue; reconcile pauses it.
  if (!image || !estimates) return { nextAt: later(now, lookAgainMs), records: [] };
  const first = occurrenceOf(spec.rhythm, spec.period, estimates) ?? { period: spec.period, startAt: nextAt };
  const { due, missed } = dueOccurrence(spec.rhythm, first, { now, estimates });
  const { waits: _, ...kept } = spec;
  if (!(await isFree(tx, spec, due))) return moveOn(tx, { wanted: kept, estimates }, due, now);
  const hindrance = await deps.mayStart(tx, image, now);
  const started = hindrance ?? (await startRun(deps, tx, { image, spec, due, missed, estimates }, now));
  if ('why' in started) {
    const late = due.readyBy !== undefined && due.readyBy <= now;
    const waits = { why: started.why, since: spec.waits?.since ?? now.toISOString(), ...(late && { late }) };
    // A freeze lasts for weeks: the card is not edited at every look.
    const told = canonical({ period: spec.period, ...spec.waits });
    if (told !== canonical({ period: due.period, ...waits })) await wantCard(tx, scheduleCard(image, due.period));
    return { nextAt: later(now, lookAgainMs), spec: { ...kept, period: due.period, waits }, records: [] };
  }
  await redrawSchedule(tx, spec);
  return { ...(await moveOn(tx, { wanted: kept, estimates }, due, now)), records: [started] };
}

/** The card that says what it waits for, if there is one. */
function redrawSchedule(tx: Queryable, { image, period }: Pick<ScheduleSpec, 'image' | 'period'>): Promise<void> {
  return bumpTopics(tx, [scheduleTopic(image, period)]);
}

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

async function moveOn(tx: Queryable, planned: Planned, { startAt }: Occurrence, now: Date): Promise<Fired> {
  const next = await nextFree(tx, planned, startAt > now ? startAt : now);
  // A cron expression that never fires again is refused where it is set.
  if (!next) throw new Error(`the schedule of ${planned.wanted.image} never comes again`);
  return { nextAt: next.startAt, spec: { ...planned.wanted, period: next.period }, records: [] };
}

interface Due {
  readonly image: ImageConfig;
  readonly spec: ScheduleSpec;
  readonly due: Occurrence;
  readonly missed: number;
  readonly estimates: Estimates;
}

/** The requester is goldbot itself: its card goes where approval is asked for. */
async function startRun(
  { workflow, telemetry }: PublishScheduleDeps,
  tx: Queryable,
  { image, spec, due, missed, estimates }: Due,
  now: Date,
): Promise<AuditRecord | Hindrance> {
  const { zone } = spec.rhythm;
  const plan: PublishPlan = {
    request: {},
    schedule: {
      ...{ key: rhythmKey(spec.rhythm), period: due.period, zone, missed, startAt: due.startAt.toISOString() },
      ...(due.readyBy && { readyBy: due.readyBy.toISOString() }),
      expectedAt: projectFrom(now, estimates, zone).toISOString(),
    },
    approvalChannel: image.approval.channel,
    fixed: null,
  };
  const id = await takeRequestId(tx, 'run');
  const started = await insertRun(tx, {
    ...{ id, kind: 'publish', subject: image.name, plan, now },
    stages: listedBy(workflow),
    stage: workflow.first,
    dedupe: scheduleRunKey(image.name, due.period),
    trace: telemetry?.here(),
  });
  if (!started) {
    await dropRequestId(tx, id);
    return { why: `Somebody has just begun to publish ${image.name}.` };
  }
  await wantCard(tx, { topic: `run:${id}`, channel: image.approval.channel, kind: 'run' });
  return { at: now, who: goldbot, action: 'start', subject: image.name, request: id, runId: id, detail: { plan } };
}
