import type { AuditRecord } from '../core/audit';
import type { Missing } from '../core/runs';
import { appendAudit, goldbot } from './audit';
import { askingTopic, type Card, releaseCards } from './cards';
import { type Database, jsonb, type Queryable, storable } from './database';

/**
 * Conversations that goldbot is in, and the channels of the catalogue. Anybody may call a team and a channel as she likes,
 * so a name says nothing about which channel is meant: the first conversation that is the only one of its name is bound
 * to it, and stays so, until an admin says which is meant. An id in the catalogue needs none of this.
 */

/** Where goldbot may speak without being asked. */
export interface Conversation {
  readonly id: string;
  readonly tenantId: string;
  readonly serviceUrl: string;
  /** The connector's conversation reference, as the edge stores it. */
  readonly reference: unknown;
  /** As people and the catalogue call it: `Image Factory / approvals`. */
  readonly name: string | null;
  /** Of a channel: its team's group in Entra; absent where Teams has not told it. */
  readonly groupId?: string | null;
  /** Why nothing is sent there any more; null when it works. */
  readonly parkedWhy: string | null;
}

const conversationColumns = `id, tenant_id as "tenantId", service_url as "serviceUrl", reference, name, parked_why as "parkedWhy"`;

/**
 * Stores the latest reference. Hearing from a conversation unparks it and releases what was waiting for it. Answers the
 * team's group, as far as it is known.
 */
export async function saveConversation(db: Queryable, c: Omit<Conversation, 'parkedWhy'>): Promise<string | null> {
  const name = c.name === null ? null : storable(c.name);
  const [kept] = await db.query<{ groupId: string | null }>(
    `insert into conversation (id, tenant_id, service_url, reference, name, group_id) values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update set tenant_id = $2, service_url = $3, reference = $4,
       name = coalesce($5, conversation.name), group_id = coalesce($6, conversation.group_id), parked_why = null
     returning group_id as "groupId"`,
    [c.id, c.tenantId, c.serviceUrl, jsonb(c.reference), name, c.groupId ?? null],
  );
  await releaseCards(db, { conversation: c.id, name });
  return kept?.groupId ?? null;
}

/** By id or name; of several with one name, one where goldbot may speak. */
export async function findConversation(db: Queryable, idOrName: string): Promise<Conversation | undefined> {
  const [found] = await db.query<Conversation & Record<string, unknown>>(
    `select ${conversationColumns} from conversation where id = $1 or name = $1
     order by (id = $1) desc, parked_why is not null, id limit 1`,
    [idOrName],
  );
  return found;
}

/** Stops sending there until the conversation is heard from again: the bot was removed, or the channel is gone. */
export async function parkConversation(db: Queryable, id: string, why: string): Promise<void> {
  await db.query('update conversation set parked_why = $2 where id = $1', [id, storable(why)]);
}

/** A channel's id without a thread. */
const bare = (id: string): string => `split_part(${id}, ';', 1)`;

/**
 * Binds each of these names of the catalogue that is not bound yet to the one conversation that has it; a name that none
 * or several have stays unbound. Idempotent. `at`: world time.
 */
export async function bindChannels(db: Database, names: readonly string[], at: Date): Promise<void> {
  if (names.length === 0) return;
  await db.transaction(async (tx) => {
    const bound = await tx.query<{ name: string; id: string }>(
      `insert into channel (name, conversation_id, bound_at)
         select c.name, min(c.id), $2 from conversation c
         where c.name = any ($1) and c.parked_why is null and not exists (select from channel ch where ch.name = c.name)
         group by c.name having count(distinct ${bare('c.id')}) = 1
       on conflict do nothing returning name, conversation_id as id`,
      [names, at],
    );
    await appendAudit(
      tx,
      bound.map((one) => bindingOf({ ...one, before: null }, { at, who: goldbot })),
    );
  });
}

export interface ChannelChoice {
  /** As the catalogue has it. */
  readonly name: string;
  readonly conversationId: string;
  readonly who: AuditRecord['who'];
  /** World time. */
  readonly at: Date;
}

/**
 * Binds a name to the channel that somebody says is meant, releases what waits for it, and asks there for every decision
 * that is open and was asked for elsewhere under this name. Idempotent.
 */
export async function chooseChannel(db: Database, choice: ChannelChoice): Promise<void> {
  const { name, conversationId: id, who, at } = choice;
  await db.transaction(async (tx) => {
    const [bound] = await tx.query<{ id: string }>(
      'select conversation_id as id from channel where name = $1 for update',
      [name],
    );
    await tx.query(
      `insert into channel (name, conversation_id, bound_at, bound_by) values ($1, $2, $3, $4)
       on conflict (name) do update set conversation_id = $2, bound_at = $3, bound_by = $4`,
      [name, id, at, who.oid],
    );
    await releaseCards(tx, { conversation: id, name });
    await tx.query(
      `insert into card (topic, conversation_id, kind)
         select topic, $2, kind from card where conversation_name = $1 and conversation_id <> $2
           and topic = any (array(select ${askingTopic} from approval where status = 'pending')) order by id
       on conflict do nothing`,
      [name, id],
    );
    await appendAudit(tx, [bindingOf({ name, id, before: bound?.id ?? null }, { at, who })]);
  });
}

interface Binding {
  readonly name: string;
  readonly id: string;
  /** What the name was bound to. */
  readonly before: string | null;
}

function bindingOf({ name, id, before }: Binding, by: Pick<AuditRecord, 'at' | 'who'>): AuditRecord {
  return { ...by, action: 'bind-channel', detail: { channel: name, conversation: id, before } };
}

/** Where a card goes, or why it cannot go anywhere now. */
export type Destination =
  | { readonly state: 'open'; readonly conversation: Conversation }
  | { readonly state: Extract<Missing['why'], 'unknown channel'> }
  | { readonly state: Extract<Missing['why'], 'closed'>; readonly why: string }
  | { readonly state: Extract<Missing['why'], 'same name'>; readonly channels: readonly string[] };

/** `at`: world time, of a binding that this makes. */
export async function destinationOf(
  db: Database,
  { conversationId, conversationName: name }: Pick<Card, 'conversationId' | 'conversationName'>,
  at: Date,
): Promise<Destination> {
  if (conversationId !== null) return asDestination(await byId(db, conversationId));
  if (name === null) return { state: 'unknown channel' };
  let bound = await boundTo(db, name);
  if (!bound) {
    await bindChannels(db, [name], at);
    bound = await boundTo(db, name);
  } else if (bound.parkedWhy !== null && (await followInTeam(db, { name, gone: bound, at }))) {
    bound = await boundTo(db, name);
  }
  if (bound) return asDestination(bound);
  const channels = (await called(db, name)).map(({ id }) => id);
  if (channels.length > 0) return { state: 'same name', channels };
  return asDestination(await goneFrom(db, name));
}

function asDestination(conversation: Conversation | undefined): Destination {
  if (!conversation) return { state: 'unknown channel' };
  const { parkedWhy } = conversation;
  return parkedWhy === null ? { state: 'open', conversation } : { state: 'closed', why: parkedWhy };
}

async function byId(db: Queryable, id: string): Promise<Conversation | undefined> {
  const [found] = await selectConversations(db, 'where id = $1', [id]);
  return found;
}

async function boundTo(db: Queryable, name: string): Promise<Conversation | undefined> {
  const where = 'where id = (select conversation_id from channel where channel.name = $1)';
  const [found] = await selectConversations(db, where, [name]);
  return found;
}

/** Where goldbot was under this name, and may not speak any more. */
async function goneFrom(db: Queryable, name: string): Promise<Conversation | undefined> {
  const [gone] = await selectConversations(db, 'where name = $1 and parked_why is not null order by id limit 1', [
    name,
  ]);
  return gone;
}

/** Where goldbot may speak under this name, one conversation per channel. */
async function called(db: Queryable, name: string): Promise<Conversation[]> {
  const tail = `where name = $1 and parked_why is null order by ${bare('id')}, id`;
  return selectConversations(db, tail, [name], `distinct on (${bare('id')})`);
}

/**
 * A channel that was deleted and made again under its name: its own team cannot have two of one name, so the new one is
 * meant. A channel of another team is not, whatever it is called.
 */
async function followInTeam(
  db: Database,
  { name, gone, at }: { readonly name: string; readonly gone: Conversation; readonly at: Date },
): Promise<boolean> {
  const team = teamOf(gone);
  const [heir, ...others] = (await called(db, name)).filter((one) => team !== undefined && teamOf(one) === team);
  if (!heir || others.length > 0) return false;
  await chooseChannel(db, { name, conversationId: heir.id, who: goldbot, at });
  return true;
}

function teamOf({ reference }: Conversation): string | undefined {
  return (reference as { readonly teamId?: string } | null)?.teamId;
}

async function selectConversations(
  db: Queryable,
  tail: string,
  values: readonly unknown[],
  distinct = '',
): Promise<Conversation[]> {
  return db.query<Conversation & Record<string, unknown>>(
    `select ${distinct} ${conversationColumns} from conversation ${tail}`,
    values,
  );
}

/**
 * What a conversation is called: as the catalogue (`names`) calls the channel that is bound to it, else as Teams does; null
 * when that name belongs to another channel, or nothing is known.
 */
export async function nameOfConversation(db: Queryable, id: string, names: readonly string[]): Promise<string | null> {
  const [row] = await db.query<{ name: string | null }>(
    `select coalesce(
       (select ch.name from channel ch where ch.conversation_id = $1 and ch.name = any ($2) order by ch.name limit 1),
       (select c.name from conversation c where c.id = $1
          and not exists (select from channel ch where ch.name = c.name and ch.conversation_id <> $1))) as name`,
    [id, names],
  );
  return row?.name ?? null;
}

/** A channel of the catalogue, and what it is in Teams. */
export interface ChannelState {
  readonly name: string;
  /** The conversation that it is bound to; null while it is bound to none. */
  readonly conversationId: string | null;
  /** What Teams calls that now; null when unknown. */
  readonly calledNow: string | null;
  /** Why nothing can be sent there; null when it works. */
  readonly parkedWhy: string | null;
  /** Conversations of the same name besides the bound one. */
  readonly others: number;
}

/** In the order of `names`; an id of the catalogue counts as bound to itself. */
export async function channelStates(db: Queryable, names: readonly string[]): Promise<ChannelState[]> {
  return db.query<ChannelState & Record<string, unknown>>(
    `select n.name, b.id as "conversationId", c.name as "calledNow",
       coalesce(c.parked_why, (select min(g.parked_why) from conversation g where b.id is null and g.name = n.name)) as "parkedWhy",
       (select count(distinct ${bare('o.id')}) from conversation o
          where o.name = n.name and o.parked_why is null and o.id is distinct from b.id)::int as others
     from unnest($1::text[]) with ordinality as n (name, place)
       left join channel ch on ch.name = n.name
       left join conversation known on known.id = n.name
       cross join lateral (select coalesce(known.id, ch.conversation_id) as id) b
       left join conversation c on c.id = b.id
     order by n.place`,
    [names],
  );
}
