import type { ChangePlan, ChangeRun, PublishRun, RequestId, Run } from '../../core/runs';
import { needsALookAfter } from '../../core/runs';
import type { Queryable } from '../database';
import { selectRuns } from '../runs';

/** Whose runs somebody may look at, as `seesRun` in dialogs/conversation says of each. */
export interface Sight {
  readonly images: 'all' | readonly string[];
  readonly teams: 'all' | readonly string[];
  /** Who has a part in a change may look at it. */
  readonly person: string;
}

export interface Shown {
  /** At most so many. */
  readonly limit: number;
  /** Those alone that have stopped and wait for this person; all are counted. */
  readonly toRepair?: boolean;
  /** Beginnings of ids, subjects or kinds, in lower case: a run has to have each of them. */
  readonly words?: readonly string[];
}

/** What is open, as many of it as are shown, and how many there are. */
export interface OpenRuns {
  /** Newest first, without digests. */
  readonly runs: readonly Run[];
  readonly total: number;
  /** How many of them wait for somebody. */
  readonly asking: number;
  /** How many of them have come to their end and only tidy up. */
  readonly ending: number;
}

/** What somebody asks of runs that are open, of which there may be thousands: none of these reads more than it shows. */
export interface OpenReads {
  openSeen(sight: Sight, shown: Shown): Promise<OpenRuns>;
  /** The publish run of each image that has one. */
  openPublishes(): Promise<readonly PublishRun[]>;
  /** Oldest first. */
  openChanges(of: { readonly subject: string } | { readonly verb: ChangePlan['verb'] }): Promise<readonly ChangeRun[]>;
  /** What open runs are about: the image, or else the subject. */
  openSubjects(): Promise<readonly string[]>;
}

export const openReads = (db: Queryable): OpenReads => ({
  openSeen: (sight, shown) => openSeen(db, sight, shown),
  openPublishes: async () =>
    (await selectRuns(db, `where ended_at is null and kind = 'publish' order by created_at, id`)).flatMap((run) =>
      run.kind === 'publish' ? [run] : [],
    ),
  openChanges: async (of) => {
    const [condition, value] = 'subject' in of ? ['subject', of.subject] : [`plan ->> 'verb'`, of.verb];
    const tail = `where ended_at is null and kind = 'change' and ${condition} = $1 order by created_at, id`;
    return (await selectRuns(db, tail, [value])).flatMap((run) => (run.kind === 'change' ? [run] : []));
  },
  openSubjects: async () => {
    const rows = await db.query<{ subject: string }>(
      `select distinct case kind when 'change' then coalesce(plan ->> 'image', subject) else subject end as subject
       from run where ended_at is null and kind <> 'digest'`,
    );
    return rows.map(({ subject }) => subject);
  },
});

const isPart = `exists (select from run_actor a where a.run_id = run.id and a.oid = $3)`;

/** `$1` images, `$2` teams, null for all of them; `$3` the person. */
const isSeen = `ended_at is null and (
  kind = 'publish' and ($1::text[] is null or subject = any ($1))
  or kind = 'change' and ($2::text[] is null or plan ->> 'team' = any ($2) or ${isPart}))`;

/** As the cards of runs say (`cardStatus`, `changeStatus`), which are drawn of those alone that are shown. */
const hasEnding = `coalesce(data -> 'ending', 'null') <> 'null'`;
const isAsking = `(not ${hasEnding} and (stage in ('approve', 'hold') or kind = 'publish' and stage = 'repair')
  or kind = 'publish' and tries >= ${needsALookAfter})`;
const isEnding = `(${hasEnding} and not (kind = 'publish' and (tries >= ${needsALookAfter} or data #>> '{ending,outcome}' = 'cancelled')))`;

interface Counted extends Record<string, unknown> {
  readonly total: number;
  readonly asking: number;
  readonly ending: number;
  readonly ids: readonly RequestId[];
}

async function openSeen(db: Queryable, { images, teams, person }: Sight, shown: Shown): Promise<OpenRuns> {
  const { limit, toRepair = false, words = [] } = shown;
  const all = (of: 'all' | readonly string[]) => (of === 'all' ? null : of);
  const counted = await db.query<Counted>(
    `with seen as (select id, created_at, ${isAsking} as asking, ${isEnding} as ending,
         (not $5 or stage = 'repair' and ${isPart}) and not exists (select from unnest($6::text[]) word
           where not (starts_with(lower(id), word) or starts_with(lower(subject), word) or starts_with(kind, word))) as shown
       from run where ${isSeen})
     select count(*)::int as total, (count(*) filter (where asking))::int as asking,
       (count(*) filter (where ending))::int as ending,
       array(select id from seen where shown order by created_at desc, id limit $4) as ids
     from seen`,
    [all(images), all(teams), person, limit, toRepair, words],
  );
  const { ids = [], ...counts } = counted[0] ?? { total: 0, asking: 0, ending: 0 };
  const tail = 'where id = any ($1) order by created_at desc, id';
  return { ...counts, runs: ids.length === 0 ? [] : await selectRuns(db, tail, [ids]) };
}
