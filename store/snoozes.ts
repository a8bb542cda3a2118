import type { Snooze } from '../core/compliance';
import { type Queryable, storable } from './database';

/** Rows of digests that people have set aside, also those whose time is over: the next digest says so. */

interface Row extends Record<string, unknown> {
  readonly team: string;
  readonly row: string;
  readonly machines: number;
  readonly until: Date;
  readonly reason: string;
  readonly oid: string;
  readonly name: string;
  readonly at: Date;
}

const columns = 'team, row_name as "row", machines, until, reason, by_oid as oid, by_name as name, at';
const toSnooze = ({ oid, name, ...same }: Row): Snooze => ({ ...same, by: { oid, name } });

/** Of a team, what ends first first. */
export async function snoozesOf(db: Queryable, team: string): Promise<Snooze[]> {
  const rows = await db.query<Row>(`select ${columns} from snooze where team = $1 order by until, row_name`, [team]);
  return rows.map(toSnooze);
}

/** The row's snooze, which nobody else changes before this transaction is over. */
export async function lockSnooze(tx: Queryable, team: string, row: string): Promise<Snooze | undefined> {
  const found = await tx.query<Row>(`select ${columns} from snooze where team = $1 and row_name = $2 for update`, [
    team,
    row,
  ]);
  return found.map(toSnooze)[0];
}

/** It takes the place of the one that the row may have. */
export async function writeSnooze(tx: Queryable, snooze: Snooze): Promise<void> {
  const { team, row, machines, until, reason, by, at } = snooze;
  await tx.query(
    `insert into snooze (team, row_name, machines, until, reason, by_oid, by_name, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (team, row_name) do update set machines = excluded.machines, until = excluded.until,
       reason = excluded.reason, by_oid = excluded.by_oid, by_name = excluded.by_name, at = excluded.at`,
    [team, storable(row), machines, until, storable(reason), by.oid, storable(by.name), at],
  );
}

export async function deleteSnooze(tx: Queryable, team: string, row: string): Promise<void> {
  await tx.query('delete from snooze where team = $1 and row_name = $2', [team, row]);
}
