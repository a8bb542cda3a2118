import type { Leftover } from '../core/azure';
import type { RequestId } from '../core/runs';
import { jsonb, type Queryable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** What runs left in Azure because it could not be deleted in time; the reaper tries on until it is gone. */

/** `unread`: Azure did not even tell what the run left; it becomes rows of its own once it does. */
export type LeftoverKind = Leftover['kind'] | 'unread';

export interface NewLeftover {
  /** Resource id; `unread <run>` for a run whose things could not be listed. */
  readonly id: string;
  readonly kind: LeftoverKind;
  /** As people call it: the template's or machine's name, `<image>@<version>`. */
  readonly name: string;
  readonly runId: RequestId;
  /** Where to look for it. Belongs to the workflow that left it. */
  readonly place: unknown;
  /** World time since which goldbot has been trying to delete it. */
  readonly since: Date;
  /** What Azure last said about it, as a sentence. */
  readonly answer: string;
  /** World time of the reaper's first look. */
  readonly dueAt: Date;
}

export interface KnownLeftover extends NewLeftover {
  /** How often the reaper has looked. */
  readonly looks: number;
  /** World time; null while it is there. */
  readonly goneAt: Date | null;
}

export type LeasedLeftover = KnownLeftover & { readonly lease: Lease };

const columns = `leftover.id, leftover.kind, leftover.name, leftover.run_id as "runId", leftover.place, leftover.since,
  leftover.answer, leftover.looks, leftover.due_at as "dueAt", leftover.gone_at as "goneAt"`;

/** What is known already keeps its own rhythm; what had gone and is there again begins anew. */
export async function keepLeftovers(tx: Queryable, left: readonly NewLeftover[]): Promise<void> {
  for (const { id, kind, name, runId, place, since, answer, dueAt } of left) {
    await tx.query(
      `insert into leftover (id, kind, name, run_id, place, since, answer, due_at) values (lower($1), $2, $3, $4, $5, $6, $7, $8)
       on conflict (id) do update set since = excluded.since, answer = excluded.answer, due_at = excluded.due_at,
         looks = 0, gone_at = null where leftover.gone_at is not null`,
      [id, kind, name, runId, jsonb(place), since, answer, dueAt],
    );
  }
}

/** Leases what has been due longest; nothing of a run that is still open. */
export async function claimLeftover(db: Queryable, now: Date, terms: LeaseTerms): Promise<LeasedLeftover | undefined> {
  const row = await claim<KnownLeftover & { token: number }>(db, 'leftover', terms, {
    where: `due.gone_at is null and due.due_at <= $3
      and exists (select from run r where r.id = due.run_id and r.ended_at is not null)`,
    values: [now],
    order: 'due.due_at',
    returning: `${columns}, leftover.lease_token as token`,
  });
  if (!row) return undefined;
  const { token, ...known } = row;
  return { ...known, lease: { of: 'leftover', id: known.id, token } };
}

/** What a look came to. */
export interface LeftoverLook {
  readonly answer: string;
  /** World time of the next look. */
  readonly dueAt: Date;
  readonly goneAt: Date | null;
}

/** Writes the look and gives the lease back; false when another replica holds it. */
export function writeLook(tx: Queryable, lease: Lease, { answer, dueAt, goneAt }: LeftoverLook): Promise<boolean> {
  const set = `answer = $3, due_at = $4, gone_at = $5, looks = looks + 1, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(tx, lease, set, [answer, dueAt, goneAt]);
}

export interface LeftoverFilter {
  readonly runId?: RequestId;
  /** With those that have gone since. */
  readonly gone?: boolean;
}

/** Oldest first. */
export function leftovers(db: Queryable, { runId, gone = false }: LeftoverFilter = {}): Promise<KnownLeftover[]> {
  return db.query<KnownLeftover & Record<string, unknown>>(
    `select ${columns} from leftover
     where ($1::text is null or run_id = $1) and ($2 or gone_at is null) order by since, id`,
    [runId ?? null, gone],
  );
}
