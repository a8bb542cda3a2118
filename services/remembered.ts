import type { AzureRead } from '../core/azure';
import { hours, minutes } from '../core/time';

/** Questions about the whole inventory and other long lists: the answer also serves whoever asks next, however little of it they may see. */
const shared = [
  'machineCounts',
  'machinesByVersion',
  'definitions',
  'publishedVersions',
  'policyCounts',
  'guestCounts',
  'lackingMachines',
  'machineTotals',
  'managementGroups',
  'machineSizes',
  'copyPrices',
  'trafficPrices',
] as const satisfies readonly (keyof AzureRead)[];
type Shared = (typeof shared)[number];

/**
 * What moves slowly is used while it is read again in the background, so that nobody's question costs it: for how long an
 * answer is fresh, which is longer than `renew` is apart, and after what time it is not used at all.
 */
const slow = {
  publishedVersions: { freshMs: minutes(2), staleMs: minutes(10) },
  managementGroups: { freshMs: minutes(2), staleMs: minutes(10) },
  lackingMachines: { freshMs: minutes(10), staleMs: minutes(30) },
  machineTotals: { freshMs: minutes(10), staleMs: minutes(30) },
} as const satisfies Partial<Record<Shared, { readonly freshMs: number; readonly staleMs: number }>>;
const isSlow = (name: Shared): name is keyof typeof slow => name in slow;
/** Azure's longest list of all, for each plan; what people mend is seen a minute later. */
const long: readonly Shared[] = ['machineSizes'];
const longFreshMs = minutes(1);
/** Azure sets prices by the month. */
const seldom: readonly Shared[] = ['copyPrices', 'trafficPrices'];
const seldomFreshMs = hours(12);

interface Remembered {
  readonly answer: Promise<unknown>;
  /** Machine time at which the answer came; infinite until then, so that it is shared by all who wait for it. */
  cameMs: number;
}

/** Whose last argument, where it is given, narrows the question: what is known of everything answers it as well. */
const narrowed: readonly (readonly [name: Shared, at: number])[] = [
  ['machineCounts', 1],
  ['policyCounts', 1],
  ['guestCounts', 1],
];

function widerThan(name: Shared, args: readonly unknown[]): string | undefined {
  const at = narrowed.find(([one]) => one === name)?.[1];
  return at === undefined || args[at] === undefined ? undefined : keyOf(name, args.slice(0, at));
}

/** An argument that is left out is one that is undefined. */
function keyOf(name: Shared, args: readonly unknown[]): string {
  return JSON.stringify([name, ...args.slice(0, args.findLastIndex((one) => one !== undefined) + 1)]);
}

export interface SharedAnswers {
  readonly read: AzureRead;
  /** goldbot has changed a version: what is known of versions is old. */
  forgetVersions(): void;
  /**
   * For questions that nobody has asked yet: what moves slowly is asked anew, whatever is known of it; meanwhile people get
   * what is known. Throws what the questions throw.
   */
  renew(ask: (read: AzureRead) => Promise<unknown>): Promise<void>;
}

/**
 * One reading for people who ask at the same time: a question whose answer is pending, or came within the last `ms` of
 * machine time, is not asked again. Resource Graph grants one identity about 15 queries in 5 s, which a few people would
 * use up; its data is minutes old anyway, and each answer carries its time. Errors are forgotten at once.
 */
export function remembered(read: AzureRead, ms: number, now: () => number = () => performance.now()): SharedAnswers {
  const known = new Map<string, Remembered>();
  const remember = (name: Shared, { anew = false } = {}) => {
    const look = read[name] as (...args: unknown[]) => Promise<unknown>;
    const longMs = seldom.includes(name) ? seldomFreshMs : longFreshMs;
    const plainMs = long.includes(name) || seldom.includes(name) ? longMs : ms;
    const { freshMs, staleMs } = isSlow(name) ? slow[name] : { freshMs: plainMs, staleMs: plainMs };
    return (...args: unknown[]): Promise<unknown> => {
      const key = keyOf(name, args);
      const ageOf = (one: Remembered | undefined) => (one ? now() - one.cameMs : Number.POSITIVE_INFINITY);
      const wide = known.get(widerThan(name, args) ?? key);
      if (wide && ageOf(wide) < (anew ? 0 : freshMs)) return wide.answer;
      const before = known.get(key);
      const ageMs = ageOf(before);
      if (before && ageMs < (anew ? 0 : freshMs)) return before.answer;
      const asked: Remembered = { answer: look(...args), cameMs: Number.POSITIVE_INFINITY };
      const stays = before && ageMs < staleMs ? before : undefined;
      const shown = stays ?? asked;
      const cameMs = stays?.cameMs;
      // While a newer answer is on its way the old one counts as fresh, so that it is asked for once.
      if (stays) stays.cameMs = Number.POSITIVE_INFINITY;
      else known.set(key, asked);
      asked.answer.then(
        () => {
          asked.cameMs = now();
          if (known.get(key) === shown) known.set(key, asked);
        },
        () => {
          if (stays && cameMs !== undefined) stays.cameMs = cameMs;
          else if (known.get(key) === shown) known.delete(key);
        },
      );
      return anew ? asked.answer : shown.answer;
    };
  };
  const reading = (names: readonly Shared[], how?: { anew: boolean }): AzureRead => ({
    ...read,
    ...Object.fromEntries(names.map((name) => [name, remember(name, how)])),
  });
  return {
    read: reading(shared),
    renew: async (ask) => void (await ask(reading(shared.filter(isSlow), { anew: true }))),
    forgetVersions: () => {
      for (const key of known.keys()) if (key.startsWith('["publishedVersions"')) known.delete(key);
    },
  };
}
