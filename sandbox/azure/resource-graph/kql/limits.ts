import type { Query } from './ast';
import { KqlError } from './errors';

/** Of `join` and `union` together, and of `mv-expand`, in one query. */
const most = 3;

/** Tables that may be joined with each other more than once. */
const joinable: readonly string[] = ['resources', 'resourcecontainers'];

/** @throws KqlError when a query does more than Resource Graph allows. */
export function mustBeModest(query: Query): void {
  const counted = count(query);
  const tables = [query.table, ...counted.tables].map((table) => table.toLowerCase());
  const foreign = counted.tables.filter((table) => table.toLowerCase() !== tables[0]);
  const mixed = foreign.length > 1 && !tables.every((table) => joinable.includes(table));
  if (counted.tables.length > most || mixed) {
    const message = `The query uses more remote tables than are allowed: at most ${most} of join and union together, one of them between different tables.`;
    throw new KqlError({ code: 'DisallowedMaxNumberOfRemoteTables', message });
  }
  if (counted.expansions > most) {
    const message = `The query uses mv-expand ${counted.expansions} times; at most ${most} are allowed.`;
    throw new KqlError({ code: 'DisallowedMaxNumberOfMvExpands', message });
  }
}

interface Counted {
  readonly tables: readonly string[];
  readonly expansions: number;
}

function count(query: Query): Counted {
  const inner = query.operators.flatMap((operator) =>
    operator.kind === 'join' ? [operator.right] : operator.kind === 'union' ? [operator.leg] : [],
  );
  const deeper = inner.map(count);
  const own = query.operators.filter(({ kind }) => kind === 'mvExpand').length;
  return {
    tables: inner.flatMap((one, n) => [one.table, ...(deeper[n]?.tables ?? [])]),
    expansions: deeper.reduce((sum, one) => sum + one.expansions, own),
  };
}
