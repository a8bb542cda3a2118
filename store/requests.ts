import { newRequestId, type RequestId } from '../core/runs';
import type { Queryable } from './database';

export type RequestKind = 'run' | 'approval';

/** A new id that no run and no approval ever had. */
export async function takeRequestId(tx: Queryable, kind: RequestKind): Promise<RequestId> {
  for (;;) {
    const id = newRequestId();
    const taken = await tx.query('insert into request (id, kind) values ($1, $2) on conflict do nothing returning id', [
      id,
      kind,
    ]);
    if (taken.length > 0) return id;
  }
}

export async function requestKind(db: Queryable, id: RequestId): Promise<RequestKind | undefined> {
  const [row] = await db.query<{ kind: RequestKind }>('select kind from request where id = $1', [id]);
  return row?.kind;
}

/** In the transaction that took it: it was not needed. */
export async function dropRequestId(tx: Queryable, id: RequestId): Promise<void> {
  await tx.query('delete from request where id = $1', [id]);
}
