import { regionDisplayName, regionName } from '../../../sandbox/azure/compute/regions';

/** One thing that Azure says and goldbot must not lose: where it stands in the answer and where in the result. */
export interface Kept {
  /** `value[].properties.name`; what the answer does not have is not looked for. */
  readonly from: string;
  /** The same number of `[]`; each stands for the same index. */
  readonly to: string;
  /** Goldbot's word for Azure's. Undefined: Azure said nothing that goldbot has a word for. */
  readonly as?: (said: unknown) => unknown;
}

/** What of an answer is not in the result, each with its place; empty when nothing was lost. */
export function lost(kept: readonly Kept[], answer: unknown, result: unknown): string[] {
  return kept.flatMap(({ from, to, as = (said) => said }) =>
    placesOf(from, answer).flatMap(({ value, indexes }) => {
      const wanted = as(value);
      if (wanted === undefined) return [];
      const at = indexes.reduce<string>((path, index) => path.replace('[]', `[${index}]`), to);
      const [found] = placesOf(at, result);
      return found && same(wanted, found.value) ? [] : [`${from} → ${at}: ${show(wanted)}, but ${show(found?.value)}`];
    }),
  );
}

/** The entries of the list that an answer has something for. */
export function met(kept: readonly Kept[], answer: unknown): Kept[] {
  return kept.filter(({ from }) => placesOf(from, answer).length > 0);
}

interface Place {
  readonly value: unknown;
  readonly indexes: readonly number[];
}

/** Everything that a path leads to; `[]` to every item, `[0]` to one. Nothing where there is nothing. */
function placesOf(path: string, value: unknown, indexes: readonly number[] = []): Place[] {
  if (value === undefined) return [];
  const step = /^(?:\[(\d*)\]|\.?([^.[]+))(.*)$/.exec(path);
  if (!step) return [{ value, indexes }];
  const [, index, name = '', rest = ''] = step;
  if (index === undefined) return placesOf(rest, (value as Readonly<Record<string, unknown>> | null)?.[name], indexes);
  const items = Array.isArray(value) ? value : [];
  if (index !== '') return placesOf(rest, items[Number(index)], indexes);
  return items.flatMap((item, i) => placesOf(rest, item, [...indexes, i]));
}

/**
 * Fields of what was sent that do not come back, by path: regions by whatever name, ids in whatever case, moments in
 * whatever notation; what was sent as null may stay away.
 */
export function missing(sent: unknown, back: unknown, path = ''): string[] {
  if (sent === null || sent === undefined) return [];
  if (Array.isArray(sent)) {
    const items = Array.isArray(back) ? back : [];
    return sent.flatMap((item, i) => missing(item, items[i], `${path}[${i}]`));
  }
  if (typeof sent === 'object') {
    if (typeof back !== 'object' || back === null) return [path];
    const given = back as Readonly<Record<string, unknown>>;
    return Object.entries(sent).flatMap(([name, value]) =>
      missing(value, memberOf(given, name), path === '' ? name : `${path}.${name}`),
    );
  }
  return alike(sent, back) ? [] : [path];
}

/** Names of members that are ids come back in another case. */
function memberOf(given: Readonly<Record<string, unknown>>, name: string): unknown {
  if (name in given || !name.startsWith('/')) return given[name];
  return Object.entries(given).find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/** Goldbot's words are Azure's to the letter; moments are moments. */
function same(said: unknown, told: unknown): boolean {
  if (told instanceof Date) return typeof said === 'string' && Date.parse(said) === told.getTime();
  return typeof said === 'object' ? JSON.stringify(said) === JSON.stringify(told) : said === told;
}

/** The same value in another notation of Azure's. */
function alike(a: unknown, b: unknown): boolean {
  if (typeof a !== 'string' || typeof b !== 'string' || a === b) return a === b;
  if (a.startsWith('/')) return a.toLowerCase() === b.toLowerCase();
  if (/^\d{4}-\d\d-\d\dT/.test(a)) return Date.parse(a) === Date.parse(b);
  return regionDisplayName(a) !== undefined && regionName(a) === regionName(b);
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
