import type { Asker, Line, Places, Quotas } from '../services';
import {
  type Bucket,
  beginAsking,
  beginSilence,
  type Database,
  endSilence,
  lowerBuckets,
  silenceMs,
  takePortion,
  takeSlot,
} from '../store';

/**
 * Azure's quotas in the database, so that all replicas keep to them together. What people and runs may use are two buckets
 * of one quota: neither can take the other's part, except for places of Resource Graph that are free at that moment.
 */
export function quotasOf(database: Database): Quotas {
  return {
    take: (line, asker, wants) =>
      line.allows.kind === 'bucket'
        ? takePortion(database, { ...wants, bucket: bucketOf(line, asker), silences: keysOf(line) })
        : slotsOf(database, line, asker, wants),
    silentMs: (line) => silenceMs(database, keysOf(line)),
    mayAsk: (line, ms) => beginAsking(database, line.silences.join(' '), ms),
    answered: (line) => endSilence(database, keysOf(line)),
    silence: (line, ms, of) => {
      const [whole = line.key, provider = whole] = keysOf(line);
      return of === 'line'
        ? beginSilence(database, { key: whole, buckets: bucketsOf(line) }, ms)
        : beginSilence(database, { key: provider, buckets: [] }, ms);
    },
    left: (line, share) => lowerBuckets(database, bucketsOf(line), share),
  };
}

const keysOf = ({ silences }: Line): readonly string[] => silences.map((key) => `silence ${key}`);

function bucketOf({ key, allows }: Line, asker: Asker): Bucket {
  if (allows.kind !== 'bucket') throw new Error(`${key} has no bucket`);
  const { perSecond, burst, people } = allows;
  const share = asker === 'people' ? people : 1 - people;
  return { key: `azure ${key} ${asker}`, perSecond: perSecond * share, burst: burst * share };
}

const bucketsOf = (line: Line): Bucket[] =>
  line.allows.kind === 'bucket' ? [bucketOf(line, 'people'), bucketOf(line, 'runs')] : [];

async function slotsOf(
  database: Database,
  line: Line,
  asker: Asker,
  { count, mostMs }: { readonly count: number; readonly mostMs: number },
): Promise<Places> {
  const silentMs = await silenceMs(database, keysOf(line));
  const waitsMs: number[] = [];
  for (let n = 0; n < count && silentMs === undefined; n++) waitsMs.push(await slotOf(database, line, asker, mostMs));
  return { waitsMs, silentMs };
}

async function slotOf(database: Database, { key, allows }: Line, asker: Asker, mostMs: number): Promise<number> {
  if (allows.kind !== 'window') throw new Error(`${key} has no windows`);
  const take = (whose: Asker, most: number) =>
    takeSlot(database, `azure ${key} ${whose}`, most, windowsOf(allows.calls[whose], allows.ms));
  if ((await take(asker, 0)) === 0) return 0;
  // Whoever comes next there waits for a window at most, before anybody who waits here.
  if ((await take(asker === 'people' ? 'runs' : 'people', 0)) === 0) return 0;
  return take(asker, mostMs);
}

/** The same object each time: statements are kept by it. */
const windows = new Map<string, readonly (readonly [number, number])[]>();

function windowsOf(calls: number, ms: number): readonly (readonly [number, number])[] {
  const name = `${calls} in ${ms}`;
  const known = windows.get(name) ?? [[calls, ms] as const];
  windows.set(name, known);
  return known;
}
