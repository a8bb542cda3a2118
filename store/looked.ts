import type { AuditRecord } from '../core/audit';
import { hashOf } from '../core/hash';
import { hours } from '../core/time';
import { appendAudit } from './audit';
import type { Database } from './database';

export interface LookedAt extends Pick<AuditRecord<'look'>, 'at' | 'who'> {
  readonly verb: string;
  /** Null: machines of no team. */
  readonly teams: readonly (string | null)[];
}

/** As many as an entry names; the number of all stands in its subject. */
const mostNamed = 50;

/** An entry for what somebody was shown of other teams, once an hour for the same teams and command. `at`: world time. */
export async function noteLooked(database: Database, { at, who, verb, teams }: LookedAt): Promise<void> {
  const names = teams.map((team) => team ?? 'no team').sort();
  const hour = new Date(Math.floor(at.getTime() / hours(1)) * hours(1));
  const key = hashOf([who.oid, verb, names, hour]);
  const subject = names.length === 1 ? names[0] : `${names.length} teams`;
  const detail = { verb, teams: names.slice(0, mostNamed) };
  await database.transaction(async (tx) => {
    const isNew = await tx.query(
      'insert into looked (key, at) values ($1, $2) on conflict (key) do nothing returning 1',
      [key, hour],
    );
    if (isNew.length === 0) return;
    await tx.query('delete from looked where at < $1', [new Date(hour.getTime() - hours(2))]);
    await appendAudit(tx, [{ at, who, action: 'look', subject: subject ?? '', detail }]);
  });
}
