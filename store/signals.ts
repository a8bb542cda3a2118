import type { RequestId, Signal } from '../core/runs';
import type { Queryable } from './database';
import { jsonb, storable } from './json';

export interface StoredSignal extends Signal {
  readonly id: number;
}

/** Under the run's lock. The run is looked at at once, whatever it was waiting for; a step in flight will notice. */
export async function insertSignal(tx: Queryable, runId: RequestId, signal: Signal): Promise<void> {
  await tx.query('insert into signal (run_id, kind, by_oid, by_name, body, at) values ($1, $2, $3, $4, $5, $6)', [
    runId,
    signal.kind,
    signal.by.oid,
    storable(signal.by.name),
    jsonb(signal.body),
    signal.at,
  ]);
  await tx.query(
    `update run set signal_seq = signal_seq + 1, due_at = least(due_at, $2), not_before = '-infinity' where id = $1`,
    [runId, signal.at],
  );
}

/** Oldest first. */
export async function openSignals(tx: Queryable, runId: RequestId): Promise<StoredSignal[]> {
  const rows = await tx.query<{
    id: number;
    kind: Signal['kind'];
    by_oid: string;
    by_name: string;
    body: Signal['body'];
    at: Date;
  }>(
    'select id, kind, by_oid, by_name, body, at from signal where run_id = $1 and consumed_version is null order by id',
    [runId],
  );
  return rows.map(({ by_oid, by_name, ...same }) => ({ ...same, by: { oid: by_oid, name: by_name } }));
}

export async function consumeSignals(tx: Queryable, ids: readonly number[], version: number): Promise<void> {
  if (ids.length === 0) return;
  await tx.query('update signal set consumed_version = $2 where id = any ($1::bigint[])', [ids, version]);
}
