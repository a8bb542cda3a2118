import { type AgreedEnd, accessEndKind, type EndingPlan, type RequestId } from '../core/runs';
import type { PastRun, PublishedBefore, ScheduleSetting } from '../core/schedule';
import { type Card, waitedFor } from './cards';
import { jsonb, type Queryable, storable } from './database';
import { type LeasedRun, selectRuns } from './runs';

/** What recurs, when it comes next, and what publishing by schedule needs to know of earlier runs. */

/** Something that recurs. What `spec` means is up to its kind. */
export interface Schedule<Spec = unknown> {
  readonly key: string;
  readonly spec: Spec;
  /** World time. */
  readonly nextAt: Date;
  /** World time since which it has been paused; null while it runs. */
  readonly pausedAt: Date | null;
  /** Failures in a row since it has been due; zero: all is well. */
  readonly tries: number;
  /** The last of them, and the world time of the first; null: all is well. */
  readonly lastError: string | null;
  readonly failingSince: Date | null;
}

const scheduleColumns = `key, spec, fires_at as "nextAt", paused_at as "pausedAt", tries, last_error as "lastError",
  failing_since as "failingSince"`;
/** Whoever says when it comes next has got over what failed. */
const works = `tries = 0, last_error = null, failing_since = null, not_before = '-infinity'`;

export function schedulesOf<Spec>(db: Queryable, kind: string): Promise<Schedule<Spec>[]> {
  return db.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${scheduleColumns} from schedule where kind = $1 order by key`,
    [kind],
  );
}

export async function findSchedule<Spec>(db: Queryable, key: string): Promise<Schedule<Spec> | undefined> {
  const [row] = await db.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${scheduleColumns} from schedule where key = $1`,
    [key],
  );
  return row;
}

/** Must come first in its transaction, before runs, cards and the audit. */
export async function lockSchedule<Spec>(tx: Queryable, key: string): Promise<Schedule<Spec> | undefined> {
  const [row] = await tx.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${scheduleColumns} from schedule where key = $1 for update`,
    [key],
  );
  return row;
}

/** What may fire now: its rows' parameters are the kinds and the world time. */
const firesNow = (kinds: string) =>
  `kind = ${kinds} and paused_at is null and fires_at <= $2 and not_before <= clock_timestamp()`;

/** Those of these kinds of which something is due. Locks nothing: whoever fires it looks again. */
export async function dueKinds(
  db: Queryable,
  due: { readonly kinds: readonly string[]; readonly now: Date },
): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ kind: string }>(`select distinct kind from schedule where ${firesNow('any ($1)')}`, [
    due.kinds,
    due.now,
  ]);
  return new Set(rows.map(({ kind }) => kind));
}

/**
 * Locks what has been due for longest and has not just failed; undefined: nothing, or others are at it. The holder of a
 * row moves `fires_at` and inserts the run in the same transaction, or does neither. `but`: keys that are left alone.
 */
export async function lockDue<Spec>(
  tx: Queryable,
  due: { readonly kind: string; readonly now: Date; readonly but?: readonly string[] },
): Promise<Schedule<Spec> | undefined> {
  const [row] = await tx.query<Schedule<Spec> & Record<string, unknown>>(
    `select ${scheduleColumns} from schedule where ${firesNow('$1')} and key <> all ($3)
     order by fires_at, key limit 1 for update skip locked`,
    [due.kind, due.now, due.but ?? []],
  );
  return row;
}

/**
 * Records that a schedule failed when it was due, and leaves it alone for `retryMs` of machine time. Answers
 * how often it has failed in a row by now, at whichever replicas; undefined: another one has fired it since.
 */
export async function scheduleFailed(
  tx: Queryable,
  { key, nextAt }: Pick<Schedule, 'key' | 'nextAt'>,
  failure: { readonly error: string; readonly retryMs: number; readonly at: Date },
): Promise<number | undefined> {
  const [row] = await tx.query<{ tries: number }>(
    `update schedule set tries = tries + 1, last_error = $3, failing_since = coalesce(failing_since, $4),
       not_before = clock_timestamp() + $5::float8 * interval '1 ms'
     where key = $1 and fires_at = $2 returning tries`,
    [key, nextAt, storable(failure.error), failure.at, failure.retryMs],
  );
  return row?.tries;
}

/** `spec`: stays as it is when absent. */
export async function moveSchedule(
  tx: Queryable,
  key: string,
  { nextAt, spec }: { readonly nextAt: Date; readonly spec?: unknown },
): Promise<void> {
  await tx.query(`update schedule set fires_at = $2, spec = coalesce($3, spec), ${works} where key = $1`, [
    key,
    nextAt,
    spec === undefined ? null : jsonb(spec),
  ]);
}

/** Creates the schedule or changes it; it runs from now on. */
export async function putSchedule(
  tx: Queryable,
  schedule: Pick<Schedule, 'key' | 'spec' | 'nextAt'> & { readonly kind: string },
): Promise<void> {
  await tx.query(
    `insert into schedule (key, kind, spec, fires_at) values ($1, $2, $3, $4)
     on conflict (key) do update set spec = $3, fires_at = $4, paused_at = null, ${works}`,
    [schedule.key, schedule.kind, jsonb(schedule.spec), schedule.nextAt],
  );
}

/** Cards that mentioned nobody because it was quiet. */
export const quietKind = 'after-quiet';

/** Who is called when the quiet hours are over. */
export interface AfterQuiet {
  /** What is waited for. */
  readonly topic: string;
  /** Where the card stands that called nobody; absent in what earlier versions kept: wherever it shows. */
  readonly channel?: string;
}

/**
 * Those for whom a card waits are called when the quiet hours end in which it is posted (world time). Once in each place
 * for what is waited for, however many messages told of it in those hours.
 */
export async function callAfterQuiet(
  db: Queryable,
  card: Pick<Card, 'topic' | 'conversationId' | 'conversationName'>,
  until: Date,
): Promise<void> {
  const topic = await waitedFor(db, card.topic);
  const channel = card.conversationName ?? card.conversationId ?? '';
  const spec: AfterQuiet = { topic, channel };
  await db.query(
    `insert into schedule (key, kind, spec, fires_at) values ($1, $2, $3, $4) on conflict (key) do nothing`,
    [`${quietKind}:${topic}:${channel}`, quietKind, jsonb(spec), until],
  );
}

/** For what comes once and will not come again. A missing one is not an error. `at`: unless it has been moved since. */
export async function dropSchedule(tx: Queryable, key: string, at?: Date): Promise<void> {
  await tx.query('delete from schedule where key = $1 and ($2::timestamptz is null or fires_at = $2)', [
    key,
    at ?? null,
  ]);
}

/** Every right and share whose end goldbot keeps, soonest first; those that are due are being taken back. */
export async function agreedEnds(db: Queryable): Promise<AgreedEnd[]> {
  const kept = await schedulesOf<{ readonly plan: EndingPlan }>(db, accessEndKind);
  const ends = kept.map(({ key, spec, nextAt: at }) => ({
    name: key.slice(accessEndKind.length + 1),
    plan: spec.plan,
    at,
  }));
  return ends.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** A second pause changes nothing. */
export async function pauseSchedule(tx: Queryable, key: string, at: Date): Promise<void> {
  await tx.query('update schedule set paused_at = $2 where key = $1 and paused_at is null', [key, at]);
}

/** Which of these keys a run has, open or ended. */
export async function firedKeys(tx: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ dedupe: string }>('select dedupe from run where dedupe = any ($1)', [keys]);
  return new Set(rows.map(({ dedupe }) => dedupe));
}

/** What people have set for the schedule of an image, and who did so last. */
export interface StoredScheduleSetting {
  readonly image: string;
  readonly setting: ScheduleSetting;
  readonly byName: string;
  /** World time. */
  readonly at: Date;
}

const settingColumns = 'image, setting, by_name as "byName", set_at as at';

export function scheduleSettings(db: Queryable): Promise<StoredScheduleSetting[]> {
  return db.query<StoredScheduleSetting & Record<string, unknown>>(`select ${settingColumns} from publish_setting`);
}

export async function scheduleSettingOf(db: Queryable, image: string): Promise<StoredScheduleSetting | undefined> {
  const [row] = await db.query<StoredScheduleSetting & Record<string, unknown>>(
    `select ${settingColumns} from publish_setting where image = $1`,
    [image],
  );
  return row;
}

/** Sets what is given and leaves the rest as it is. The lock of the schedule, where there is one, comes first. */
export async function writeScheduleSetting(tx: Queryable, change: StoredScheduleSetting): Promise<void> {
  await tx.query(
    `insert into publish_setting (image, setting, by_name, set_at) values ($1, $2, $3, $4)
     on conflict (image) do update set setting = publish_setting.setting || $2, by_name = $3, set_at = $4`,
    [change.image, jsonb(change.setting), storable(change.byName), change.at],
  );
}

/** The last ten published runs of each image, newest first: what they took. */
export async function pastRuns(db: Queryable, images: readonly string[]): Promise<ReadonlyMap<string, PastRun[]>> {
  const rows = await db.query<PastRun & { readonly image: string }>(
    `select wanted.image, past.* from unnest($1::text[]) wanted (image), lateral (
       select attempt, data -> 'times' as times, data -> 'regions' as regions from run
       where kind = 'publish' and subject = wanted.image and outcome = 'published' order by created_at desc limit 10
     ) past`,
    [images],
  );
  const found = new Map<string, PastRun[]>(images.map((image) => [image, []]));
  for (const { image, times, regions, attempt } of rows) {
    found.get(image)?.push({ attempt, ...(times && { times }), ...(regions && { regions }) });
  }
  return found;
}

/** How a version of an image was made; undefined when no run of this goldbot published it. */
export async function publishedBefore(
  db: Queryable,
  image: string,
  version: string,
): Promise<(PublishedBefore & { readonly runId: RequestId }) | undefined> {
  const [run] = await selectRuns(
    db,
    `where kind = 'publish' and subject = $1 and plan #>> '{fixed,version}' = $2 and data -> 'publishedAt' is not null
     order by created_at desc limit 1`,
    [image, version],
  );
  if (run?.kind !== 'publish' || !run.plan.fixed || run.data.publishedAt === undefined) return undefined;
  return { runId: run.id, fixed: run.plan.fixed, publishedAt: new Date(run.data.publishedAt) };
}

/** Started by schedules and still open, oldest first. */
export async function scheduledRuns(db: Queryable): Promise<LeasedRun[]> {
  return selectRuns(
    db,
    `where kind = 'publish' and ended_at is null and plan -> 'schedule' is not null order by created_at, id`,
  );
}

/**
 * Runs that schedules started and that ended without a version, whose day is past and was `since` at the earliest; not
 * those after which somebody has published the image.
 */
export async function missedRuns(
  db: Queryable,
  { since, now }: { readonly since: Date; readonly now: Date },
): Promise<LeasedRun[]> {
  return selectRuns(
    db,
    `where kind = 'publish' and outcome in ('failed', 'cancelled', 'expired') and plan -> 'schedule' is not null
       and (plan -> 'schedule' ->> 'readyBy')::timestamptz between $1 and $2
       and not exists (
         select 1 from run other where other.kind = 'publish' and other.subject = run.subject
           and other.created_at > run.created_at and other.data ->> 'publishedAt' is not null)
     order by created_at, id`,
    [since, now],
  );
}

/** The newest run that the schedule of an image started, open or ended. */
export async function lastScheduledRun(db: Queryable, image: string): Promise<LeasedRun | undefined> {
  return (
    await selectRuns(
      db,
      `where kind = 'publish' and subject = $1 and plan -> 'schedule' is not null order by created_at desc, id limit 1`,
      [image],
    )
  )[0];
}

/** The run that has this key; at most one ever. */
export async function runOfKey(db: Queryable, key: string): Promise<LeasedRun | undefined> {
  return (await selectRuns(db, 'where dedupe = $1', [key]))[0];
}
