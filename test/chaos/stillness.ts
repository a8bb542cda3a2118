import type { Database } from '../../store';

/** Machine time without a touch after which no run will ever be touched; the product's back-off is longer only for what keeps failing. */
const stillMs = 120_000;

/**
 * Asked again and again, says when nobody has claimed a run or taken one a step further for two minutes. How long work
 * takes altogether says nothing about the product: beside busy neighbours a replica needs a minute to come up, and every
 * step waits for a processor. A run that can never go on is found all the same: its failures make its back-off longer
 * and longer, until nobody touches it.
 */
export function stillness(database: Database): () => Promise<boolean> {
  let [touched, atMs] = [0, Date.now()];
  return async () => {
    const touches = await touchesOf(database);
    if (touches !== touched) [touched, atMs] = [touches, Date.now()];
    return Date.now() - atMs >= stillMs;
  };
}

/** Claims and steps of all runs, and of what they left. */
async function touchesOf(database: Database): Promise<number> {
  const rows = await database.query<{ n: number }>(
    `select (select coalesce(sum(lease_token + version), 0) from run)::bigint
       + (select coalesce(sum(lease_token + looks), 0) from leftover)::bigint as n`,
  );
  return rows[0]?.n ?? 0;
}
