import { seconds } from '../../core/time';
import { type Database, sqlState } from '../database';
import { first } from './001-first';
import { digests } from './002-digests';
import { conversationNames } from './003-conversation-names';
import { oneMeaning } from './004-one-meaning';
import { orphans } from './005-orphans';
import { firesAt } from './006-fires-at';
import { whatIsSaid } from './007-what-is-said';
import { deletedMessages } from './008-deleted-messages';
import { bases } from './009-bases';
import { contents } from './010-contents';
import { certificates } from './011-certificates';
import { publishSettings } from './012-publish-settings';
import { locks } from './013-locks';
import { failingSchedules } from './014-failing-schedules';
import { sharedCards } from './015-shared-cards';
import { looks } from './016-looks';
import { traces } from './017-traces';
import { turns } from './018-turns';
import { endings } from './019-endings';
import { changeNumbers } from './020-change-numbers';
import { follows } from './021-follows';
import { webhooks } from './022-webhooks';
import { snoozes } from './023-snoozes';
import { turnsOfGroups } from './024-turns-of-groups';
import { subscriptions } from './025-subscriptions';
import { delegations } from './026-delegations';
import { overButOpen } from './027-over-but-open';
import { historyOfRequests } from './028-history-of-requests';
import { people } from './029-people';
import { lookingOn } from './030-looking-on';
import { failures } from './031-failures';
import { mentioned } from './032-mentioned';
import { groups } from './033-groups';
import { fiveYears } from './034-five-years';
import { fairTurns } from './035-fair-turns';
import { checkpoints } from './036-checkpoints';
import { namesApart } from './037-names-apart';
import { sweptByTime } from './038-swept-by-time';
import { actors } from './039-actors';
import { keptFor } from './040-kept-for';
import { accounts } from './041-accounts';

/**
 * In order; never edited once released. From 0.1.0 on they expand first and contract a release later, so that replicas
 * of the previous release keep running meanwhile; 004 to 006 are the last ones after which those can claim nothing, and
 * change nothing.
 */
export const migrations: readonly string[] = [
  first,
  digests,
  conversationNames,
  oneMeaning,
  orphans,
  firesAt,
  whatIsSaid,
  deletedMessages,
  bases,
  contents,
  certificates,
  publishSettings,
  locks,
  failingSchedules,
  sharedCards,
  looks,
  traces,
  turns,
  endings,
  changeNumbers,
  follows,
  webhooks,
  snoozes,
  turnsOfGroups,
  subscriptions,
  delegations,
  overButOpen,
  historyOfRequests,
  people,
  lookingOn,
  failures,
  mentioned,
  groups,
  fiveYears,
  fairTurns,
  checkpoints,
  namesApart,
  sweptByTime,
  actors,
  keptFor,
  accounts,
];

/** Some go through all rows of years; a platform that starts goldbot waits for a minute. */
const statementMs = seconds(55);

/** Brings the schema up to date. Safe from several replicas at once; a schema newer than the code is left alone. */
export async function migrate(database: Database): Promise<void> {
  await createMeta(database);
  await database.transaction(async (tx) => {
    await tx.query(`insert into meta values ('schema', '0') on conflict do nothing`);
    const [row] = await tx.query<{ value: string }>(`select value from meta where key = 'schema' for update`);
    const done = Number(row?.value ?? 0);
    for (const sql of migrations.slice(done)) await tx.query(sql);
    if (done < migrations.length) {
      await tx.query(`update meta set value = $1 where key = 'schema'`, [String(migrations.length)]);
    }
  }, statementMs);
}

async function createMeta(database: Database): Promise<void> {
  try {
    await database.query('create table if not exists meta (key text primary key, value text not null)');
  } catch (error) {
    // `if not exists` races with itself inside PostgreSQL's catalogue; the loser finds the table there.
    if (!['23505', '42P07'].includes(sqlState(error) ?? '')) throw error;
  }
}
