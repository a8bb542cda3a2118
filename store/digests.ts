import { type ComplianceFigures, packFigures, unpackFigures } from '../core/compliance';
import type { DigestSetting, RequestId } from '../core/runs';
import { jsonb, type Queryable, storable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** What a team has set for its digest by command, and who did so last. */
export interface StoredSetting {
  readonly team: string;
  readonly setting: DigestSetting;
  readonly byName: string;
  /** World time. */
  readonly at: Date;
}

const settingColumns = 'team, setting, by_name as "byName", set_at as at';

export function digestSettings(db: Queryable): Promise<StoredSetting[]> {
  return db.query<StoredSetting & Record<string, unknown>>(`select ${settingColumns} from digest_setting`);
}

export async function digestSettingOf(db: Queryable, team: string): Promise<StoredSetting | undefined> {
  const [row] = await db.query<StoredSetting & Record<string, unknown>>(
    `select ${settingColumns} from digest_setting where team = $1`,
    [team],
  );
  return row;
}

/** Nobody else changes it before this transaction is over, if it is set at all. */
export async function lockDigestSetting(tx: Queryable, team: string): Promise<StoredSetting | undefined> {
  await tx.query('select 1 from digest_setting where team = $1 for update', [team]);
  return digestSettingOf(tx, team);
}

/** Sets what is given and leaves the rest as it is. */
export async function writeDigestSetting(tx: Queryable, change: StoredSetting): Promise<void> {
  await tx.query(
    `insert into digest_setting (team, setting, by_name, set_at) values ($1, $2, $3, $4)
     on conflict (team) do update set setting = digest_setting.setting || $2, by_name = $3, set_at = $4`,
    [change.team, jsonb(change.setting), storable(change.byName), change.at],
  );
}

/** A team's figures as one digest reports them. */
export interface KeptFigures {
  readonly runId: RequestId;
  readonly team: string;
  /** ISO week. */
  readonly week: string;
  /** Asked for by a person, in addition to the weekly one. */
  readonly extra: boolean;
  readonly figures: ComplianceFigures;
}

interface FiguresRow extends Record<string, unknown> {
  readonly runId: RequestId;
  readonly team: string;
  readonly week: string;
  readonly extra: boolean;
  readonly body: unknown;
}

const figuresColumns = 'run_id as "runId", team, week, extra, body';

/** The first figures of a run stay: a late replica changes nothing. */
export async function keepFigures(db: Queryable, { runId, team, week, extra, figures }: KeptFigures): Promise<void> {
  await db.query(
    `insert into standing (run_id, team, week, extra, counted_at, body) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [runId, team, week, extra, figures.asOf, jsonb(packFigures(figures))],
  );
}

export async function figuresOfRun(db: Queryable, runId: RequestId): Promise<KeptFigures | undefined> {
  const rows = await db.query<FiguresRow>(`select ${figuresColumns} from standing where run_id = $1`, [runId]);
  return rows.map(kept)[0];
}

/** What a team was told last, by the weekly digest or one that somebody asked for. */
export async function newestFigures(db: Queryable, team: string): Promise<KeptFigures | undefined> {
  const rows = await db.query<FiguresRow>(
    `select ${figuresColumns} from standing where team = $1 order by week desc, counted_at desc, run_id limit 1`,
    [team],
  );
  return rows.map(kept)[0];
}

/** The weekly ones of a team before this ISO week, newest first. */
export async function figuresBefore(
  db: Queryable,
  { team, week, limit }: { readonly team: string; readonly week: string; readonly limit: number },
): Promise<KeptFigures[]> {
  const rows = await db.query<FiguresRow>(
    `select ${figuresColumns} from standing where team = $1 and week < $2 and not extra order by week desc limit $3`,
    [team, week, limit],
  );
  return rows.map(kept);
}

function kept({ body, ...same }: FiguresRow): KeptFigures {
  return { ...same, figures: unpackFigures(body) };
}

/** The newest count of a team's machines that is not older than `since` (world time). */
export async function freshCount(db: Queryable, team: string, since: Date): Promise<ComplianceFigures | undefined> {
  const [row] = await db.query<{ body: unknown }>('select body from team_count where team = $1 and counted_at >= $2', [
    team,
    since,
  ]);
  return row && unpackFigures(row.body);
}

/**
 * The holder of this lease counts for everybody; undefined while another replica holds it, or until a dead one's lease
 * ends.
 */
export async function takeCounting(db: Queryable, terms: LeaseTerms): Promise<Lease | undefined> {
  const row = await claim<{ token: number }>(db, 'counting', terms, {
    where: 'true',
    values: [],
    returning: 'lease_token as token',
  });
  return row && { of: 'counting', id: 1, token: row.token };
}

export async function endCounting(db: Queryable, lease: Lease): Promise<void> {
  await updateHeld(db, lease, `tries = 0, last_error = null, ${givesBack}`);
}

export async function writeCounts(db: Queryable, all: readonly ComplianceFigures[]): Promise<void> {
  const rows = all.filter(({ team }) => team !== null);
  await db.query(
    `insert into team_count (team, counted_at, body)
     select * from unnest($1::text[], $2::timestamptz[], $3::jsonb[])
     on conflict (team) do update set counted_at = excluded.counted_at, body = excluded.body
       where team_count.counted_at <= excluded.counted_at`,
    [rows.map((s) => s.team), rows.map((s) => s.asOf), rows.map((s) => jsonb(packFigures(s)))],
  );
}

/** Whether the team has a weekly digest of a later ISO week, finished or not. */
export async function hasNewerDigest(db: Queryable, team: string, week: string): Promise<boolean> {
  const rows = await db.query(
    `select 1 from run where kind = 'digest' and plan ->> 'team' = $1 and plan ->> 'week' > $2 and dedupe is not null limit 1`,
    [team, week],
  );
  return rows.length > 0;
}

/**
 * Drops undelivered digests of earlier weeks, so that a channel that comes back gets one, not ten. Returns how many.
 */
export async function dropUnsent(tx: Queryable, team: string, week: string): Promise<number> {
  const rows = await tx.query(
    `delete from card where kind = 'digest' and activity_id is null and create_announced_at is null
       and (leased_until is null or leased_until < clock_timestamp())
       and topic = any (array(select 'digest:' || id from run
         where kind = 'digest' and plan ->> 'team' = $1 and plan ->> 'week' < $2))
     returning id`,
    [team, week],
  );
  return rows.length;
}
