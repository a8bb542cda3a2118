import type { Queryable } from './database';
import { jsonb, storable } from './json';

/** Where goldbot may speak without being asked. */
export interface Conversation {
  readonly id: string;
  readonly tenantId: string;
  readonly serviceUrl: string;
  /** The connector's conversation reference, as the edge stores it. */
  readonly reference: unknown;
  /** As people and the catalogue call it: `Image Factory / approvals`. */
  readonly name: string | null;
  /** Why nothing is sent there any more; null when it works. */
  readonly parkedWhy: string | null;
}

const columns = `id, tenant_id as "tenantId", service_url as "serviceUrl", reference, name, parked_why as "parkedWhy"`;

/** Remembers the newest reference. Hearing from a conversation revives it and what was waiting for it. */
export async function saveConversation(db: Queryable, c: Omit<Conversation, 'parkedWhy'>): Promise<void> {
  await db.query(
    `insert into conversation (id, tenant_id, service_url, reference, name) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set tenant_id = $2, service_url = $3, reference = $4,
       name = coalesce($5, conversation.name), parked_why = null`,
    [c.id, c.tenantId, c.serviceUrl, jsonb(c.reference), c.name === null ? null : storable(c.name)],
  );
  await db.query(
    `update card set not_before = '-infinity' where wanted > shown and conversation_id in ($1, $2) and not_before > clock_timestamp()`,
    [c.id, c.name ?? c.id],
  );
}

/** By id or name; of several with one name, one where goldbot may speak. */
export async function findConversation(db: Queryable, idOrName: string): Promise<Conversation | undefined> {
  const rows = await db.query<Conversation & Record<string, unknown>>(
    `select ${columns} from conversation where id = $1 or name = $1
     order by (id = $1) desc, parked_why is not null, id limit 1`,
    [idOrName],
  );
  return rows[0];
}

/**
 * Where a card for this id or name may go: one conversation per channel, parked ones left out. Names are not unique: more
 * than one means that nobody can tell which was meant. An id is never ambiguous.
 */
export async function conversationsCalled(db: Queryable, idOrName: string): Promise<Conversation[]> {
  const rows = await db.query<Conversation & Record<string, unknown>>(
    `select distinct on (split_part(id, ';', 1)) ${columns} from conversation
     where (id = $1 or name = $1) and parked_why is null order by split_part(id, ';', 1), id`,
    [idOrName],
  );
  const exact = rows.find(({ id }) => id === idOrName);
  return exact ? [exact] : rows;
}

/** Nothing is sent there until somebody is heard from it: the bot was removed, or the channel is gone. */
export async function parkConversation(db: Queryable, id: string, why: string): Promise<void> {
  await db.query('update conversation set parked_why = $2 where id = $1', [id, storable(why)]);
}
