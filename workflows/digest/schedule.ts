import type { Person } from '../../core/access';
import type { AuditRecord } from '../../core/audit';
import type { Catalogue, TeamConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import type { Snooze } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { canonical } from '../../core/hash';
import { mostMentioned } from '../../core/mentions';
import {
  type DigestPlan,
  type DigestSetting,
  type DigestSpec,
  digestKey,
  digestSpec,
  dueDigest,
} from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
import { type Clock, days, hours, nextDigest, weekOf } from '../../core/time';
import {
  appendAudit,
  type Database,
  digestSettingOf,
  digestSettings,
  dropRequestId,
  firedKeys,
  goldbot,
  insertRun,
  lockDigestSetting,
  lockSchedule,
  pauseSchedule,
  putSchedule,
  type Queryable,
  type Schedule,
  schedulesOf,
  takeIntent,
  takeRequestId,
  writeDigestSetting,
} from '../../store';
import { eachAlone, type Fired, type ScheduleKind } from '../engine';
import { digestStages } from './run';
import { type SnoozeRequest, snooze, type UnsnoozeRequest, unsnooze } from './snooze';

/** Of its schedules and runs. */
export const digestKind = 'digest';

export interface DigestScheduleDeps {
  /** Where the runs that come due say that they began. */
  readonly telemetry?: Pick<Telemetry, 'here'>;
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
}

type DigestSchedule = Schedule<DigestSpec>;

/** Nothing weekly is scheduled further ahead than this, unless the clock has been set back. */
const farMs = days(15);
/** For this long replicas may disagree about the catalogue; what comes due meanwhile is not lost. */
const briefMs = hours(1);

/** Every team's digest, once per ISO week. */
export function digestSchedules(deps: DigestScheduleDeps): ScheduleKind {
  return {
    kind: digestKind,
    reconcile: () => reconcile(deps),
    fire: (tx, schedule, now) => fire(deps, tx, schedule, now),
    about: ({ spec }: DigestSchedule) => ({ subject: spec.team }),
  };
}

const scheduleKey = (team: string): string => `${digestKind}:${team}`;

/** Brings the schedules in line with catalogue and settings; two queries when nothing has changed. */
async function reconcile({ database, clock, catalogue }: DigestScheduleDeps): Promise<void> {
  const now = clock.now();
  const settings = new Map((await digestSettings(database)).map((s) => [s.team, s.setting]));
  const present = new Map((await schedulesOf<DigestSpec>(database, digestKind)).map((s) => [s.key, s]));
  const { teams } = catalogue();
  const gone = [...present.values()].map(({ spec }) => spec.team).filter((team) => !teams.has(team));
  const settling = [...teams.keys(), ...gone].map((team) => async () => {
    const config = teams.get(team);
    const wanted = config && specOf(team, config, settings.get(team));
    if (isSettled(present.get(scheduleKey(team)), wanted, now)) return;
    await database.transaction((tx) => settle(tx, { team, config }, clock.now()));
  });
  await eachAlone(settling);
}

/** Undefined: no digest. */
function specOf(team: string, config: TeamConfig, own: DigestSetting | undefined): DigestSpec | undefined {
  const { on, ...spec } = digestSpec(team, config.digest, own);
  return on ? spec : undefined;
}

function isSettled(row: DigestSchedule | undefined, spec: DigestSpec | undefined, now: Date): boolean {
  if (!spec) return !row || row.pausedAt !== null;
  const far = (row?.nextAt.getTime() ?? 0) - now.getTime() > farMs;
  return row !== undefined && row.pausedAt === null && !far && canonical(row.spec) === canonical(spec);
}

interface ScheduledTeam {
  readonly team: string;
  /** Undefined: the catalogue has no such team any more. */
  readonly config: TeamConfig | undefined;
}

/**
 * Brings a team's schedule in line with catalogue and settings, or pauses it. What is already due is not postponed by a
 * new time; what came due during a pause is not made up for.
 */
async function settle(tx: Queryable, { team, config }: ScheduledTeam, now: Date): Promise<void> {
  const key = scheduleKey(team);
  // The lock comes first: a change of the setting after it is read here waits for the lock and settles again.
  const row = await lockSchedule<DigestSpec>(tx, key);
  const spec = config && specOf(team, config, (await digestSettingOf(tx, team))?.setting);
  if (isSettled(row, spec, now)) return;
  if (!spec) return pauseSchedule(tx, key, now);
  const owed = row && row.pausedAt === null && row.nextAt <= now;
  const nextAt = owed ? row.nextAt : await nextFree(tx, spec, startOf(row, now));
  await putSchedule(tx, { key, kind: digestKind, spec, nextAt });
}

function startOf(row: DigestSchedule | undefined, now: Date): Date {
  const pausedAt = row?.pausedAt;
  return pausedAt && now.getTime() - pausedAt.getTime() < briefMs && pausedAt < now ? pausedAt : now;
}

/** The first time after `after` whose week has no digest yet. */
async function nextFree(tx: Queryable, spec: DigestSpec, after: Date): Promise<Date> {
  let at = nextDigest(after, spec);
  for (;;) {
    const key = digestKey(spec.team, weekOf(at, spec.zone));
    if (!(await firedKeys(tx, [key])).has(key)) return at;
    at = nextDigest(at, spec);
  }
}

/**
 * Moves the digests that came due after `since` past `now` without sending them, and answers their teams: of a database
 * that was restored from a copy of that moment, nobody knows whether they were sent.
 */
export async function passOverDigests(tx: Queryable, since: Date, now: Date): Promise<readonly string[]> {
  const due = (await schedulesOf<DigestSpec>(tx, digestKind)).filter(
    ({ nextAt, pausedAt }) => pausedAt === null && nextAt > since && nextAt <= now,
  );
  const teams: string[] = [];
  for (const { key } of due) {
    const row = await lockSchedule<DigestSpec>(tx, key);
    if (!row || row.nextAt > now) continue;
    await putSchedule(tx, { key, kind: digestKind, spec: row.spec, nextAt: await nextFree(tx, row.spec, now) });
    teams.push(row.spec.team);
  }
  return teams;
}

/** Inserts the run of the week that is owed, unless it has one, and returns when the schedule fires next. */
async function fire(
  { telemetry }: DigestScheduleDeps,
  tx: Queryable,
  { spec, nextAt }: DigestSchedule,
  now: Date,
): Promise<Fired> {
  const { dueAt, week, late, missed } = dueDigest(nextAt, spec, now);
  const { team, zone, onlyChanges } = spec;
  const plan: DigestPlan = { team, week, zone, dueAt: dueAt.toISOString(), late, missed, onlyChanges };
  const id = await takeRequestId(tx, 'run');
  const subject = `${team}:${week}`;
  const started = await insertRun(tx, {
    ...{ id, kind: digestKind, subject, plan, now },
    stages: digestStages,
    stage: digestStages[0],
    dedupe: digestKey(team, week),
    trace: telemetry?.here(),
  });
  if (!started) await dropRequestId(tx, id);
  const about = { subject, request: id, runId: id, detail: { plan } };
  const records: AuditRecord[] = started ? [{ at: now, who: goldbot, action: 'start', ...about }] : [];
  return { nextAt: await nextFree(tx, spec, now), records };
}

export interface DigestSettingRequest {
  readonly team: string;
  /** What is absent stays as it is. */
  readonly change: Omit<DigestSetting, 'mention'>;
  /** Whether the digest mentions this person in weeks in which something got worse; absent: as it is. */
  readonly mention?: boolean;
  readonly person: Person;
  /** Unique to one act of a person. */
  readonly intent: string;
}

/** What people change about digests; whether they may has been checked before. */
export interface DigestControl {
  /**
   * Sets when a team's digest is sent, and moves its schedule in the same transaction. Done once per intent.
   *
   * @throws UserError `DATABASE_SILENT`, `UNKNOWN_TEAM` (it has just left the catalogue).
   */
  set(request: DigestSettingRequest): Promise<DigestSpec & { readonly on: boolean }>;
  /**
   * Sets a row of the team's digest aside until a day, in place of what was said about it before; the newest digests show
   * it. Done once per intent.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  snooze(request: SnoozeRequest): Promise<void>;
  /**
   * Brings a row back before its day, and answers what it was. Undefined: it is not snoozed, or this was done before.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  unsnooze(request: UnsnoozeRequest): Promise<Snooze | undefined>;
}

export interface DigestControlDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
}

export function createDigestControl(deps: DigestControlDeps): DigestControl {
  return {
    set: (request) => set(deps, request),
    snooze: (request) => snooze(deps, request),
    unsnooze: (request) => unsnooze(deps, request),
  };
}

async function set({ database, clock, catalogue }: DigestControlDeps, request: DigestSettingRequest) {
  const { team, mention, person, intent } = request;
  const config = catalogue().teams.get(team);
  if (!config) {
    throw new UserError('UNKNOWN_TEAM', `The team ${team} has just left the catalogue; nothing was set.`, {
      hint: 'See the teams that there are.',
      next: [call('digest', { team: 'all' })],
    });
  }
  return database.transaction(async (tx) => {
    const repeated = (await takeIntent(tx, intent)) !== undefined;
    const at = clock.now();
    const specNow = async () => digestSpec(team, config.digest, (await lockDigestSetting(tx, team))?.setting);
    const before = await specNow();
    const change = { ...request.change, ...(mention !== undefined && { mention: await mentioned(tx, request) }) };
    if (!repeated) await writeDigestSetting(tx, { team, setting: change, byName: person.name, at });
    await settle(tx, { team, config }, at);
    const spec = await specNow();
    const detail = { change, before, now: spec };
    await appendAudit(tx, repeated ? [] : [{ at, who: person, action: 'set-digest', subject: team, detail }]);
    return spec;
  });
}

/** Those whom the team's digest mentions, with or without who asks. The last ones who asked are mentioned. */
async function mentioned(tx: Queryable, { team, mention, person }: DigestSettingRequest): Promise<readonly Person[]> {
  const now = (await lockDigestSetting(tx, team))?.setting.mention ?? [];
  const others = now.filter(({ oid }) => oid !== person.oid);
  return mention ? [...others, { oid: person.oid, name: person.name }].slice(-mostMentioned) : others;
}
