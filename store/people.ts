import type { Person } from '../core/access';
import { type Queryable, storable } from './database';

/** People as Teams calls them: whoever wrote to goldbot or was mentioned to it. A name is for people to read and says nothing of rights. */

/** Keeps the newest name of each. `at`: world time. Safe to repeat. */
export async function meet(db: Queryable, { oid, name }: Person, at: Date): Promise<void> {
  await db.query(
    `insert into person (oid, name, at) values ($1, $2, $3)
     on conflict (oid) do update set name = excluded.name, at = excluded.at where person.at < excluded.at`,
    [oid, storable(name), at],
  );
}

/** Somebody's own chat with goldbot. */
export interface OwnChat {
  readonly oid: string;
  /** Null: goldbot has not met them, as where it was only installed for them. */
  readonly name: string | null;
  readonly conversationId: string;
  readonly serviceUrl: string;
}

/** The own chats of these people in which goldbot may speak, one for each who has one. */
export async function ownChats(db: Queryable, oids: readonly string[]): Promise<OwnChat[]> {
  if (oids.length === 0) return [];
  return db.query<OwnChat & Record<string, unknown>>(
    `select distinct on (c.reference ->> 'person') c.reference ->> 'person' as oid, p.name,
       c.id as "conversationId", c.service_url as "serviceUrl"
     from conversation c left join person p on p.oid = c.reference ->> 'person'
     where c.reference ->> 'person' = any ($1) and c.parked_why is null
     order by c.reference ->> 'person', c.id`,
    [oids],
  );
}
