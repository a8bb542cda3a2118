import type { AuditRecord } from '../core/audit';
import { UserError } from '../core/errors';
import { appendAudit, goldbot } from './audit';
import { redrawRun } from './cards';
import type { Database, Queryable } from './database';

/** What is known of a database that was restored. */
export interface Restore {
  /** World time at which the copy was made that the database was restored from. */
  readonly copyOf: Date;
  readonly now: Date;
  /** Passes over what came due after the copy and must not happen again; answers the teams that it concerns. */
  readonly passOver: (tx: Queryable) => Promise<readonly string[]>;
}

/** What was done about it, once for each copy. */
type Restored = Extract<AuditRecord, { readonly action: 'restored' }>['detail'];

/**
 * Tells the database once that it is a copy: what Teams shows may be newer, so every card of an open run is drawn anew
 * even if it looks as the row remembers; and the audit says where its gap begins. Undefined when it was told before, by
 * whichever replica.
 *
 * @throws UserError `SETTINGS_INVALID` for a moment that has not come: what came due since the copy would be passed over
 * by nobody. Nothing is noted, so that the right one counts.
 */
export async function noteRestored(database: Database, restore: Restore): Promise<Restored | undefined> {
  const { now, passOver } = restore;
  const copyOf = restore.copyOf.toISOString();
  if (restore.copyOf > now) {
    throw new UserError('SETTINGS_INVALID', `GOLDBOT_RESTORED is ${copyOf}, and it is only ${now.toISOString()}.`, {
      hint: 'Set it to when the copy was made that the database was restored from (2026-11-29T10:00:00Z, in UTC).',
    });
  }
  return database.transaction(async (tx) => {
    await tx.query(`insert into meta values ('restored', '') on conflict do nothing`);
    const [told] = await tx.query<{ value: string }>(`select value from meta where key = 'restored' for update`);
    if (told?.value === copyOf) return undefined;
    await tx.query(`update meta set value = $1 where key = 'restored'`, [copyOf]);
    const digests = await passOver(tx);
    const detail = { copyOf, cards: await redrawOpen(tx), digests };
    await appendAudit(tx, [{ at: now, who: goldbot, action: 'restored', detail }]);
    return detail;
  });
}

/** Answers how many cards of open runs there are in Teams. */
async function redrawOpen(tx: Queryable): Promise<number> {
  const open = await tx.query<{ id: string }>(`select id from run where ended_at is null order by id for update`);
  await redrawRun(tx, ...open.map(({ id }) => id));
  const drawn = await tx.query(
    `update card set look = null where id in
       (select id from card where wanted > shown and activity_id is not null order by id for update) returning id`,
  );
  return drawn.length;
}
