import { Client } from 'pg';
import type { Database } from '../../store';

/** What is sent to the server, each text with the values that it came with first. */
export type Statements = ReadonlyMap<string, readonly unknown[]>;

/** Remembers every statement of this process until it is told to stop. */
export function recordStatements(): { readonly seen: Statements; stop(): void } {
  const seen = new Map<string, readonly unknown[]>();
  const client = Client.prototype as unknown as { query: (...args: unknown[]) => unknown };
  const { query } = client;
  client.query = function (this: unknown, text, values, ...rest) {
    if (typeof text === 'string' && Array.isArray(values) && !seen.has(text)) seen.set(text, values);
    return query.call(this, text, values, ...rest);
  };
  return {
    seen,
    stop: () => {
      client.query = query;
    },
  };
}

/** Tables that have more rows each day, whatever is in the catalogue. */
const growing = new Set(
  `act approval audit card certificate contents decision delivery intent leftover notice request run run_actor signal
   standing webhook`.split(/\s+/),
);

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Node[];
}

/**
 * Which growing tables a statement can only read whole, in the server's own words: those of which it reads every row even
 * where it is told that this costs a fortune. An index that holds a few of the rows is no whole table, nor is one that is
 * read in its order up to a limit.
 */
export async function readWhole(db: Database, text: string, values: readonly unknown[]): Promise<readonly string[]> {
  const partial = new Set(
    (
      await db.query<{ name: string }>(
        'select indexrelid::regclass::text as name from pg_index where indpred is not null',
      )
    ).map(({ name }) => name),
  );
  return db.transaction(async (tx) => {
    await tx.query('set local enable_seqscan = off');
    const [row] = await tx.query<{ 'QUERY PLAN': readonly { readonly Plan: Node }[] }>(
      `explain (format json) ${text}`,
      values,
    );
    return row ? wholeIn(row['QUERY PLAN'][0]?.Plan, partial) : [];
  });
}

function wholeIn(node: Node | undefined, partial: ReadonlySet<string>, isLimited = false): readonly string[] {
  if (!node) return [];
  const { 'Node Type': kind, 'Relation Name': table, 'Index Name': index, 'Index Cond': condition, Plans = [] } = node;
  const limited = kind === 'Limit' || (isLimited && !/Sort|Aggregate|Hash/.test(kind));
  const below = Plans.flatMap((plan) => wholeIn(plan, partial, limited));
  if (table === undefined || !growing.has(table)) return below;
  const isWhole =
    kind === 'Seq Scan' || (/Index/.test(kind) && condition === undefined && !limited && !partial.has(index ?? ''));
  return isWhole ? [`${kind} of ${table}`, ...below] : below;
}
