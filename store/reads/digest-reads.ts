import type { DigestData, DigestPlan, DigestSpec, RequestId } from '../../core/runs';
import type { Queryable } from '../database';
import { digestSettingOf, figuresBefore, figuresOfRun, type KeptFigures, type StoredSetting } from '../digests';
import { findSchedule } from '../schedules';

/** What became of the newest digest of a team. */
export interface LastDigest {
  readonly runId: RequestId;
  readonly plan: DigestPlan;
  readonly data: DigestData;
  /** World time; null while it is being counted. */
  readonly endedAt: Date | null;
  /** Of its card; absent when none was sent. */
  readonly delivery?: {
    readonly posted: boolean;
    /** Nobody knows whether Teams took it. */
    readonly unclear: boolean;
    /** Why it waits: the channel is closed to goldbot, not found, or Teams is in trouble. */
    readonly trouble?: string;
  };
}

export interface DigestState {
  /** Set by command; absent when only the catalogue says something. */
  readonly setting?: StoredSetting;
  /** World time; absent while no digest comes. */
  readonly nextAt?: Date;
  readonly last?: LastDigest;
}

export interface DigestReads {
  state(team: string): Promise<DigestState>;
  figures(runId: RequestId): Promise<KeptFigures | undefined>;
  /** The weekly figures of a team before this ISO week, newest first. */
  before(team: string, week: string, limit: number): Promise<readonly KeptFigures[]>;
}

export function digestReads(db: Queryable): DigestReads {
  return {
    state: (team) => stateOf(db, team),
    figures: (runId) => figuresOfRun(db, runId),
    before: (team, week, limit) => figuresBefore(db, { team, week, limit }),
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
    ...(schedule && schedule.pausedAt === null && { nextAt: schedule.nextAt }),
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
  readonly unclear: boolean | null;
  readonly trouble: string | null;
}

async function lastOf(db: Queryable, team: string): Promise<LastDigest | undefined> {
  const [row] = await db.query<LastRow>(
    `select r.id as "runId", r.plan, r.data, r.ended_at as "endedAt", c.id is not null as card,
       c.activity_id is not null as posted, c.unclear,
       coalesce((select k.parked_why from conversation k
         where k.id = c.conversation_id or (c.conversation_id is null and k.name = c.conversation_name)
         order by k.parked_why is null limit 1), c.last_error) as trouble
     from run r left join card c on c.topic = 'digest:' || r.id and c.kind = 'digest'
     where r.kind = 'digest' and r.plan ->> 'team' = $1 order by r.created_at desc, r.id limit 1`,
    [team],
  );
  if (!row) return undefined;
  const { card, posted, unclear, trouble, ...same } = row;
  if (!card) return same;
  return { ...same, delivery: { posted, unclear: unclear ?? false, ...(trouble !== null && !posted && { trouble }) } };
}
