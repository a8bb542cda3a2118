import type { AuditAction } from '../../core/audit';
import { readingOf, type Snooze, type TattooReading } from '../../core/compliance';
import type { BaseAnswers, Fingerprint, Follow, Judgement, RecordedJudgement } from '../../core/images';
import type { AsksFound, Deferral, EndingsFound } from '../../core/lifecycle';
import type { Account, Alteration, Envelope, SigningKey } from '../../core/provenance';
import {
  type AgreedEnd,
  type Approval,
  type ChangeRun,
  type Delegation,
  type DigestData,
  type DigestPlan,
  type DigestSpec,
  deferralsOf,
  type EarlierRun,
  type Lock,
  type Missing,
  type RequestId,
  type Run,
  type SharedTopic,
  tattooSubjects,
} from '../../core/runs';
import {
  type PastRun,
  type PublishedBefore,
  type ScheduleSpec,
  scheduleKey,
  scheduleRunKey,
} from '../../core/schedule';
import type { Subscription } from '../../core/webhooks';
import { findApproval, pendingApprovals, selectApprovals } from '../approvals';
import { type AuditCheck, type AuditVerdict, goldbot, verifyAudit } from '../audit';
import { knownBases } from '../bases';
import { isShown, topicsIn } from '../cards';
import { type Certificate, certificateOf, certificateOfRun, signingKeys } from '../certificates';
import { accountsBy, checkpointOf } from '../checkpoints';
import { contentsOf, type Holder, holdersOf, keptVersions, type NewContents, packagesLike } from '../contents';
import { type ChannelState, channelStates } from '../conversations';
import type { Queryable } from '../database';
import { delegationsAt } from '../delegations';
import {
  digestSettingOf,
  figuresBefore,
  figuresOfRun,
  type KeptFigures,
  newestFigures,
  type StoredSetting,
} from '../digests';
import { allFollows } from '../follows';
import { type KnownLeftover, type LeftoverFilter, leftovers } from '../leftovers';
import { allLocks, lockOf } from '../locks';
import { auditedBy, oidsOf, withNames } from '../names';
import { alterationFound, ownLookFound } from '../own-looks';
import { findRun, requestKind, selectRuns, standingChanges } from '../runs';
import {
  agreedEnds,
  findSchedule,
  lastScheduledRun,
  pastRuns,
  publishedBefore,
  runOfKey,
  type Schedule,
  type StoredScheduleSetting,
  scheduleSettingOf,
} from '../schedules';
import { snoozesOf } from '../snoozes';
import { type HeardBy, type Noticed, noticed, ownChat, subscriptionsOf } from '../subscriptions';
import { type WebhookState, webhookStates } from '../webhooks';
import { type OpenReads, openReads } from './open';

export type { AuditVerdict } from '../audit';
export type { Certificate } from '../certificates';
export type { Holder, NewContents } from '../contents';
export type { ChannelState } from '../conversations';
export type { KeptFigures } from '../digests';
export type { KnownLeftover } from '../leftovers';
export type { StoredScheduleSetting } from '../schedules';

export interface AuditEntry {
  readonly seq: number;
  /** World time. */
  readonly at: Date;
  /** `oid` is null for goldbot itself. */
  readonly who: { readonly oid: string | null; readonly name: string };
  /** Verb of what happened: `start`, `join`, `approve`, `stage`, … */
  readonly action: string;
  /** The image. */
  readonly subject: string | null;
  /** The run or approval. */
  readonly request: RequestId | null;
  readonly runId: RequestId | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  /** Object id, or part of a name. */
  readonly who?: string;
  readonly image?: string;
  /** World time; before `until`. */
  readonly since?: Date;
  readonly until?: Date;
  /** Newest first; 100 when absent. */
  readonly limit?: number;
}

/** What people and channels hear of images. */
interface SubscriptionReads {
  /** What a conversation, and a person in their own chat, are told of images; by image. */
  subscriptions(of: HeardBy): Promise<readonly Subscription[]>;
  /** The conversation that is a person's own chat with goldbot; undefined when goldbot knows none. */
  ownChat(person: string): Promise<string | undefined>;
  /** What a message to subscribers tells, by the event's id; undefined once it is forgotten. */
  noticed(eventId: string): Promise<Noticed | undefined>;
}

/** With what is for no dialog: megabytes where thousands are open. */
export interface AllReads extends Reads {
  /** Without digests: they come by the hundred and nobody asked for them. Oldest first. */
  openRuns(): Promise<readonly Run[]>;
}

/** What people may see of the store. Nothing here changes anything. */
export interface Reads extends SubscriptionReads, OpenReads {
  run(id: RequestId): Promise<Run | undefined>;
  /** The last time that goldbot read the tattoo inside each of these machines and came to a verdict, by their ids. */
  readings(machines: readonly string[]): Promise<readonly TattooReading[]>;
  /** Those that there are, by id: for a list, whose rows must not ask one by one. */
  runsOf(ids: readonly RequestId[]): Promise<ReadonlyMap<string, Run>>;
  runOfApproval(id: RequestId): Promise<Run | undefined>;
  /** The publish run of an image. */
  openRun(image: string): Promise<Run | undefined>;
  /** Newest first, without digests. `failed`: ended in any way other than published, done or unchanged. */
  runs(filter: { image?: string; failed?: boolean; limit?: number }): Promise<readonly Run[]>;
  approval(id: RequestId): Promise<Approval | undefined>;
  /** Oldest first; those already expired by world time are left out. */
  approvalsPending(now: Date): Promise<readonly Approval[]>;
  /** Newest first. */
  approvalsOfRun(runId: RequestId): Promise<readonly Approval[]>;
  /** Those that are listed on a card that several share, oldest first; of a run that has asked more than once, each. */
  approvalsOn(card: SharedTopic): Promise<readonly Approval[]>;
  /**
   * The last requests of the same kind and subject that were rejected before this one, newest first, at most three: of
   * its own run or of earlier ones, back to the last that was approved.
   */
  rejectedBefore(id: RequestId): Promise<readonly Approval[]>;
  /** What the marketplace last said of the images that builds start from. */
  bases(): Promise<BaseAnswers>;
  /** What the last daily look after versions past their end of life found; undefined before the first. */
  endings(): Promise<EndingsFound | undefined>;
  /** What Azure asked the owners of scale sets when goldbot last looked; undefined before the first look. */
  asks(): Promise<AsksFound | undefined>;
  /** What a team has put off of an image. */
  deferral(team: string, image: string): Promise<Deferral | undefined>;
  /** Open changes that wait for the day that people agreed to, or for the review of what was broken; oldest first. */
  standingChanges(): Promise<readonly ChangeRun[]>;
  /** Every right to an image and every share of a gallery whose end goldbot keeps, soonest first. */
  agreedEnds(): Promise<readonly AgreedEnd[]>;
  /** What runs left in Azure because it could not be deleted in time; oldest first. */
  leftovers(filter?: LeftoverFilter): Promise<readonly KnownLeftover[]>;
  /** Whether some card about a topic is in Teams. */
  isShown(topic: string): Promise<boolean>;
  /** What the cards of a thread are about; the thread is named by its first message. */
  topicsIn(conversationId: string, threadId: string): Promise<readonly string[]>;
  lockOf(image: string): Promise<Lock | undefined>;
  /** Of all images, by name. */
  locks(): Promise<readonly Lock[]>;
  /** Which channels teams follow, by team and image. */
  follows(): Promise<readonly Follow[]>;
  /** Who decides in whose place at this moment, what ends first first. */
  delegations(now: Date): Promise<readonly Delegation[]>;
  /** Receivers that have something to be sent, or did not get something. */
  webhooks(): Promise<readonly WebhookState[]>;
  audit(filter?: AuditFilter): Promise<readonly AuditEntry[]>;
  /** What was done to the requests of a run, newest first, at most so many. */
  history(runs: readonly RequestId[], actions: readonly AuditAction[], limit: number): Promise<readonly AuditEntry[]>;
  /**
   * Whether the record is as it was written: from the newest checkpoint on, or all of it. `left` of the verdict says how
   * many entries the time did not reach.
   */
  verifyAudit(check?: Pick<AuditCheck, 'whole' | 'patienceMs'>): Promise<AuditVerdict>;
  /** What the last checks found wrong with the audit; undefined when it was whole. */
  alteration(): Promise<Alteration | undefined>;
  /** Alterations of it that somebody has answered for, oldest first. */
  accounts(): Promise<readonly Account[]>;
  /** The signed checkpoint of the audit over so many entries, as it is handed out. */
  checkpoint(entries: number): Promise<Envelope | undefined>;
  /**
   * Median time in milliseconds of world time that the published attempts of an image took to reach the approval
   * request; undefined without any. The time that people take is not included, nor that of locks and freezes.
   */
  duration(image: string): Promise<number | undefined>;
  /** What the newest publishes of the image waited for Azure, then what those of other images did. */
  waited(image: string): Promise<readonly EarlierRun[]>;
  requestKind(id: RequestId): Promise<'run' | 'approval' | undefined>;
  /** Every version number that a run of the image ever took, open or ended. */
  versionsTaken(image: string): Promise<readonly string[]>;
  /** What goldbot keeps of the versions of an image that it made and tested, by number; versions of others are not there. */
  recordedVersions(image: string): Promise<ReadonlyMap<string, RecordedVersion>>;
  /** What is inside versions of an image, by number; those of which nothing is kept are not there. */
  contents(image: string, versions: readonly string[]): Promise<ReadonlyMap<string, NewContents>>;
  /** The birth certificate of a gallery version, by its id. */
  certificate(versionId: string): Promise<Certificate | undefined>;
  certificateOfRun(runId: RequestId): Promise<Certificate | undefined>;
  /** Every key that goldbot has signed certificates with, by its id. */
  signingKeys(): Promise<ReadonlyMap<string, SigningKey>>;
  /** Versions that have a package, a source or a Windows update of exactly this name. */
  holders(name: string): Promise<readonly Holder[]>;
  /** All versions of which it is kept what is inside. */
  keptContents(): Promise<readonly { readonly image: string; readonly version: string }[]>;
  /** Names of packages that have these letters in them; the shortest five. */
  packagesLike(letters: string): Promise<readonly string[]>;
  /** Names of people by object id in lower case; only of those who wrote to goldbot, were mentioned to it, or have a part in a run. */
  namesOf(oids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What channels of the catalogue, by their names there, are in Teams. */
  channels(names: readonly string[]): Promise<readonly ChannelState[]>;
  readonly digests: DigestReads;
  readonly schedules: ScheduleReads;
}

export interface RecordedVersion {
  readonly runId: RequestId;
  readonly fingerprint: Fingerprint;
}

const subscriptionReads = (db: Queryable): SubscriptionReads => ({
  subscriptions: (of) => subscriptionsOf(db, of),
  ownChat: (person) => ownChat(db, person),
  noticed: (eventId) => noticed(db, eventId),
});

const standing = (db: Queryable): Pick<Reads, 'endings' | 'asks' | 'deferral' | 'standingChanges'> => ({
  standingChanges: () => standingChanges(db),
  endings: () => ownLookFound(db, 'endings'),
  asks: () => ownLookFound(db, 'asks'),
  deferral: async (team, image) =>
    deferralsOf(await standingChanges(db)).find((one) => one.team === team && one.image === image),
});

/** Reads straight from the tables; each call is one statement, or two. Throws UserError `DATABASE_SILENT`. */
export function createReads(db: Queryable): AllReads {
  return {
    ...runReads(db),
    ...openReads(db),
    ...approvalReads(db),
    readings: (machines) => tattooReadings(db, machines),
    bases: () => knownBases(db),
    ...standing(db),
    agreedEnds: () => agreedEnds(db),
    leftovers: (filter) => leftovers(db, filter),
    isShown: (topic) => isShown(db, topic),
    topicsIn: (conversationId, threadId) => topicsIn(db, conversationId, threadId),
    ...arrangements(db),
    ...subscriptionReads(db),
    webhooks: () => webhookStates(db),
    ...auditReads(db),
    duration: (image) => medianDuration(db, image),
    waited: (image) => waitedBefore(db, image),
    requestKind: (id) => requestKind(db, id),
    versionsTaken: (image) => versionsTaken(db, image),
    recordedVersions: (image) => recordedVersions(db, image),
    contents: (image, versions) => contentsOf(db, image, versions),
    certificate: (versionId) => certificateOf(db, versionId),
    certificateOfRun: (runId) => certificateOfRun(db, runId),
    signingKeys: () => signingKeys(db),
    holders: (name) => holdersOf(db, name),
    keptContents: () => keptVersions(db),
    packagesLike: (letters) => packagesLike(db, letters, 5),
    namesOf: (oids) => namesOf(db, oids),
    channels: (names) => channelStates(db, names),
    digests: digestReads(db),
    schedules: scheduleReads(db),
  };
}

/** What people have arranged until they say otherwise. */
function arrangements(db: Queryable): Pick<Reads, 'lockOf' | 'locks' | 'follows' | 'delegations'> {
  return {
    lockOf: (image) => lockOf(db, image),
    locks: () => allLocks(db),
    follows: () => allFollows(db),
    delegations: (now) => delegationsAt(db, now),
  };
}

function runReads(db: Queryable): Pick<AllReads, 'run' | 'runsOf' | 'runOfApproval' | 'openRuns' | 'openRun' | 'runs'> {
  return {
    run: (id) => findRun(db, id),
    runsOf: async (ids) => {
      const found = ids.length === 0 ? [] : await selectRuns(db, 'where id = any($1)', [ids]);
      return new Map(found.map((run) => [run.id, run] as const));
    },
    runOfApproval: async (id) =>
      (await selectRuns(db, 'where id = (select run_id from approval where id = $1)', [id]))[0],
    openRuns: () => selectRuns(db, `where ended_at is null and kind <> 'digest' order by created_at, id`),
    openRun: async (image) =>
      (await selectRuns(db, `where ended_at is null and kind = 'publish' and subject = $1`, [image]))[0],
    runs: (filter) => runsBy(db, filter),
  };
}

function approvalReads(
  db: Queryable,
): Pick<Reads, 'approval' | 'approvalsPending' | 'approvalsOfRun' | 'approvalsOn' | 'rejectedBefore'> {
  return {
    approval: (id) => findApproval(db, id),
    approvalsPending: (now) => pendingApprovals(db, now),
    approvalsOfRun: (runId) => selectApprovals(db, 'where run_id = $1 order by seq desc', [runId]),
    approvalsOn: (card) => selectApprovals(db, 'where card_topic = $1 order by seq', [card]),
    rejectedBefore: (id) => rejectedBefore(db, id),
  };
}

async function recordedVersions(db: Queryable, image: string): Promise<ReadonlyMap<string, RecordedVersion>> {
  const rows = await db.query<RecordedVersion & { readonly version: string }>(
    `select distinct on (version) version, id as "runId", fingerprint from (
       select plan #>> '{fixed,version}' as version, id, created_at, data -> 'tested' as fingerprint
       from run where kind = 'publish' and subject = $1 and data -> 'tested' is not null
       union all
       select plan ->> 'forward', id, created_at, data -> 'copied'
       from run where kind = 'change' and subject = 'rollback:' || $1 and data -> 'copied' is not null
     ) made order by version, created_at desc`,
    [image],
  );
  return new Map(rows.map(({ version, ...recorded }) => [version, recorded]));
}

function runsBy(db: Queryable, { image, failed, limit = 20 }: Parameters<Reads['runs']>[0]): Promise<Run[]> {
  const { where, values, next } = asking([
    [`kind <> 'digest'`],
    ['subject = ?', image],
    ...(failed ? [[`outcome not in ('published', 'done', 'unchanged')`] as const] : []),
  ]);
  return selectRuns(db, `${where} order by created_at desc, id limit ${next}`, [...values, limit]);
}

function rejectedBefore(db: Queryable, id: RequestId): Promise<Approval[]> {
  return selectApprovals(
    db,
    `where status = 'rejected' and id in (select earlier.id from approval asked
       join run now on now.id = asked.run_id
       join run before on before.kind = now.kind and before.subject = now.subject
       join approval earlier on earlier.run_id = before.id and earlier.seq < asked.seq
       where asked.id = $1 and not exists (select from approval agreed join run of on of.id = agreed.run_id
         where of.kind = now.kind and of.subject = now.subject and agreed.status = 'approved'
           and agreed.seq > earlier.seq and agreed.seq < asked.seq))
     order by seq desc limit 3`,
    [id],
  );
}

function auditReads(
  db: Queryable,
): Pick<Reads, 'audit' | 'history' | 'verifyAudit' | 'alteration' | 'accounts' | 'checkpoint'> {
  return {
    audit: (filter = {}) => auditBy(db, filter),
    history: async (runs, actions, limit) =>
      named(
        db,
        await db.query<AuditText>(
          `select seq, entry from audit where substring(entry from '"runId":"(R-[A-Z0-9]{5})"') = any($1)
             and entry::jsonb ->> 'action' = any($2) order by seq desc limit $3`,
          [runs, actions, limit],
        ),
      ),
    verifyAudit: (check) => verifyAudit(db, check),
    alteration: () => alterationFound(db),
    accounts: () => accountsBy(db),
    checkpoint: (entries) => checkpointOf(db, entries),
  };
}

/**
 * The conditions of what is asked for, and no others: one that may be absent (`$1 is null or …`) has the server read every
 * row. `?` stands for the condition's value; one whose value is undefined is left out. `next`: the parameter after them.
 */
function asking(conditions: readonly (readonly [condition: string, value?: unknown])[]) {
  const given = conditions.filter((one) => one.length === 1 || one[1] !== undefined);
  const values: unknown[] = [];
  const texts = given.map(([condition, ...own]) => {
    values.push(...own);
    return condition.replaceAll('?', `$${values.length}`);
  });
  return { where: texts.length > 0 ? `where ${texts.join(' and ')}` : '', values, next: `$${values.length + 1}` };
}

/** Of an entry, whose fields stand in the order of their names: as the index has it. */
const auditedOf = `substring(entry from '"subject":"([^"]*)","who":')`;

interface AuditText extends Record<string, unknown> {
  readonly seq: number;
  readonly entry: string;
}

function entryOf({ seq, entry }: AuditText): AuditEntry {
  const text = JSON.parse(entry) as Omit<AuditEntry, 'seq' | 'at'> & { at: string };
  return { ...text, seq, at: new Date(text.at) };
}

/** With the names that belong to their object ids now. */
const named = (db: Queryable, rows: readonly AuditText[]): Promise<AuditEntry[]> => withNames(db, rows.map(entryOf));

async function auditBy(db: Queryable, { who, image, since, until, limit = 100 }: AuditFilter): Promise<AuditEntry[]> {
  const about: Conditions = [
    [`${auditedOf} = ?`, image],
    ['at >= ?', since],
    // By number too: newest first, the server would else go back through all that came after.
    ['at < ?', until],
    ['seq <= (select seq from audit where at < ? order by at desc, seq desc limit 1)', until],
  ];
  const asked = who === undefined ? [about] : (await actorsLike(db, who)).map((one): Conditions => [one, ...about]);
  const found = await Promise.all(asked.map((conditions) => newestOf(db, conditions, limit)));
  const newest = found.flat().sort((one, other) => other.seq - one.seq);
  return named(db, newest.slice(0, limit));
}

/**
 * One condition for each actor, whose entries stand together in an index: read by all of them at once, the server would go
 * back through everybody's until it has enough of somebody who rarely does anything.
 */
async function actorsLike(db: Queryable, who: string): Promise<readonly Conditions[number][]> {
  const oids = (await oidsOf(db, who)).slice(0, mostActors);
  const isItself = goldbot.name.includes(who.toLowerCase());
  return [
    ...oids.map((oid): Conditions[number] => [`${auditedBy} = ?`, oid]),
    ...(isItself ? [[`${auditedBy} is null`] as const] : []),
  ];
}

/** Of people whose names have something in common. */
const mostActors = 20;

type Conditions = Parameters<typeof asking>[0];

function newestOf(db: Queryable, conditions: Conditions, limit: number): Promise<AuditText[]> {
  const { where, values, next } = asking(conditions);
  return db.query<AuditText>(`select seq, entry from audit ${where} order by seq desc limit ${next}`, [
    ...values,
    limit,
  ]);
}

/** By subject, of which there is one for each machine and way of reading it. */
async function tattooReadings(db: Queryable, machines: readonly string[]): Promise<TattooReading[]> {
  const subjects = machines.flatMap((id) => tattooSubjects(id));
  const rows = await db.query<{ machine: string; at: Date; judgement: Judgement | RecordedJudgement }>(
    `select distinct on (machine) lower(plan ->> 'machineId') as machine, ended_at as at, data -> 'judgement' as judgement
     from run where subject = any($1) and kind = 'change' and ended_at is not null and data -> 'judgement' is not null
     order by machine, ended_at desc`,
    [subjects],
  );
  return rows.map(({ machine, at, judgement }) => ({ machine, at, ...readingOf(judgement) }));
}

/** When a run `r` was in which stage. */
const timesOfRun = `(select (t ->> 'from')::timestamptz as at, (t ->> 'to')::timestamptz as until, t ->> 'stage' as stage,
  (t ->> 'attempt')::int as attempt from jsonb_array_elements(r.data -> 'times') t) times`;

async function medianDuration(db: Queryable, image: string): Promise<number | undefined> {
  const [row] = await db.query<{ ms: number | null }>(
    `select percentile_cont(0.5) within group (order by extract(epoch from reached.at - reached.begun - held.time) * 1000) as ms
     from run r, lateral (
       select min(times.at) as begun, min(times.at) filter (where times.stage = 'approve') as at
       from ${timesOfRun} where times.attempt = r.attempt
     ) reached, lateral (
       select coalesce(sum(times.until - times.at), '0') as time
       from ${timesOfRun} where times.attempt = r.attempt and times.stage = 'hold' and times.at < reached.at
     ) held
     where r.subject = $1 and r.outcome = 'published'`,
    [image],
  );
  return row?.ms ?? undefined;
}

/** Of others as many as stand among the newest five hundred runs of all kinds. */
async function waitedBefore(db: Queryable, image: string): Promise<readonly EarlierRun[]> {
  const columns = `subject as image, plan #>> '{fixed,recipe,os}' as os, data -> 'took' as took, data -> 'times' as times`;
  const rows = await db.query<{ [K in keyof EarlierRun]: EarlierRun[K] | null } & { readonly image: string }>(
    `(select ${columns} from run where kind = 'publish' and subject = $1 and ended_at is not null
       order by created_at desc limit 20)
     union all
     (select ${columns} from (select * from run where kind <> 'digest' order by created_at desc, id limit 500) newest
       where kind = 'publish' and subject <> $1 and data ? 'took' order by created_at desc limit 60)`,
    [image],
  );
  return rows.map(({ os, took, times, ...row }) => ({
    ...row,
    ...(os && { os }),
    ...(took && { took }),
    ...(times && { times }),
  }));
}

async function versionsTaken(db: Queryable, image: string): Promise<string[]> {
  const rows = await db.query<{ version: string }>(
    `select distinct taken.version from run, jsonb_array_elements_text(
       case jsonb_typeof(data -> 'versionsTaken') when 'array' then data -> 'versionsTaken' else '[]' end) taken (version)
     where subject = $1
     union
     select plan ->> 'forward' from run
     where kind = 'change' and subject = 'rollback:' || $1 and plan ? 'forward' and data ? 'begunAt'`,
    [image],
  );
  return rows.map((row) => row.version);
}

async function namesOf(db: Queryable, oids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ oid: string; name: string }>(
    `select distinct on (oid) oid, name from (
       select oid, name, at from decision union all select oid, name, at from run_actor
       union all select oid, name, at from person
     ) known where oid = any ($1) order by oid, at desc`,
    [oids.map((oid) => oid.toLowerCase())],
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

/** What became of the newest digest of a team. */
export interface LastDigest {
  readonly runId: RequestId;
  readonly plan: DigestPlan;
  readonly data: DigestData;
  /** World time; null while it is being counted. */
  readonly endedAt: Date | null;
  /** What became of its card; absent when none was sent. */
  readonly delivery?: {
    readonly posted: boolean;
    /** Why it is not in Teams, or not for certain; absent while it is on its way. */
    readonly missing?: Missing;
  };
}

export interface DigestState {
  /** Set by command; absent when only the catalogue has settings. */
  readonly setting?: StoredSetting;
  /** World time; absent while no digest is due. */
  readonly nextAt?: Date;
  readonly failing?: Failing;
  readonly last?: LastDigest;
}

export interface DigestReads {
  state(team: string): Promise<DigestState>;
  figures(runId: RequestId): Promise<KeptFigures | undefined>;
  /** The weekly figures of a team before this ISO week, newest first. */
  before(team: string, week: string, limit: number): Promise<readonly KeptFigures[]>;
  /** What the team was told last; undefined before its first digest. */
  newest(team: string): Promise<KeptFigures | undefined>;
  /** Rows of the team that were set aside, also those whose time is over; what ends first first. */
  snoozes(team: string): Promise<readonly Snooze[]>;
}

function digestReads(db: Queryable): DigestReads {
  return {
    state: (team) => stateOf(db, team),
    figures: (runId) => figuresOfRun(db, runId),
    before: (team, week, limit) => figuresBefore(db, { team, week, limit }),
    newest: (team) => newestFigures(db, team),
    snoozes: (team) => snoozesOf(db, team),
  };
}

async function stateOf(db: Queryable, team: string): Promise<DigestState> {
  const [setting, schedule, last] = await Promise.all([
    digestSettingOf(db, team),
    findSchedule<DigestSpec>(db, `digest:${team}`),
    lastOf(db, team),
  ]);
  return {
    ...(setting && { setting }),
    ...(schedule && schedule.pausedAt === null && { nextAt: schedule.nextAt, ...failingOf(schedule) }),
    ...(last && { last }),
  };
}

interface LastRow extends Record<string, unknown> {
  readonly runId: RequestId;
  readonly plan: DigestPlan;
  readonly data: DigestData;
  readonly endedAt: Date | null;
  readonly card: boolean;
  readonly posted: boolean;
  readonly missing: (Omit<Missing, 'since'> & { readonly since: string }) | null;
}

async function lastOf(db: Queryable, team: string): Promise<LastDigest | undefined> {
  const [row] = await db.query<LastRow>(
    `select r.id as "runId", r.plan, r.data, r.ended_at as "endedAt", c.id is not null as card,
       c.activity_id is not null as posted,
       case when c.activity_id is null and (c.unclear or c.missing_why is not null)
         then jsonb_build_object('why', coalesce(c.missing_why, 'given up'), 'since', coalesce(c.missing_at, r.ended_at),
           'channel', coalesce(c.conversation_name, c.conversation_id)) end as missing
     from run r left join card c on c.topic = 'digest:' || r.id and c.kind = 'digest'
     where r.kind = 'digest' and r.plan ->> 'team' = $1 order by r.created_at desc, r.id limit 1`,
    [team],
  );
  if (!row) return undefined;
  const { card, posted, missing, ...same } = row;
  if (!card) return same;
  const why = missing && { missing: { ...missing, since: new Date(missing.since) } };
  return { ...same, delivery: { posted, ...why } };
}

/** What is due fails, and is tried again by itself. */
export interface Failing {
  /** In a row. */
  readonly tries: number;
  readonly error: string;
  /** World time of the first. */
  readonly since: Date;
}

function failingOf({ tries, lastError, failingSince }: Schedule): { readonly failing?: Failing } {
  if (tries === 0 || lastError === null || failingSince === null) return {};
  return { failing: { tries, error: lastError, since: failingSince } };
}

/** What is known of the schedule of an image, besides what the catalogue says. */
export interface ScheduleState {
  /** Set by command; absent when only the catalogue says something. */
  readonly setting?: StoredScheduleSetting;
  /** What comes next; absent while nothing does. */
  readonly next?: { readonly spec: ScheduleSpec; readonly startAt: Date; readonly failing?: Failing };
  /** The newest run that it started, open or ended. */
  readonly last?: Run;
  /** The last published runs of the image, newest first: the start is counted back from what they took. */
  readonly past: readonly PastRun[];
}

export interface ScheduleReads {
  state(image: string): Promise<ScheduleState>;
  /** The run that a schedule started for this period, if it did. */
  runOf(image: string, period: string): Promise<Run | undefined>;
  /** How a version was made; undefined when no run of this goldbot published it. */
  published(image: string, version: string): Promise<PublishedBefore | undefined>;
}

function scheduleReads(db: Queryable): ScheduleReads {
  return {
    state: (image) => scheduleState(db, image),
    runOf: (image, period) => runOfKey(db, scheduleRunKey(image, period)),
    published: (image, version) => publishedBefore(db, image, version),
  };
}

async function scheduleState(db: Queryable, image: string): Promise<ScheduleState> {
  const [setting, row, last, past] = await Promise.all([
    scheduleSettingOf(db, image),
    findSchedule<ScheduleSpec>(db, scheduleKey(image)),
    lastScheduledRun(db, image),
    pastRuns(db, [image]),
  ]);
  return {
    ...(setting && { setting }),
    ...(row && row.pausedAt === null && { next: { spec: row.spec, startAt: row.nextAt, ...failingOf(row) } }),
    ...(last && { last }),
    past: past.get(image) ?? [],
  };
}
