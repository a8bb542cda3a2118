import type { AzureRead } from '../../core/azure';

/** Questions about everybody's machines: each answer is of use to whoever asks next, whatever they may see of it. */
const shared = [
  'machineCounts',
  'publishedVersions',
  'policyCounts',
  'guestCounts',
  'exemptions',
  'managementGroups',
  'machineStates',
] as const satisfies readonly (keyof AzureRead)[];

interface Remembered {
  readonly answer: Promise<unknown>;
  readonly untilMs: number;
}

/**
 * The same looks for people who talk at the same time: what was asked within `ms` of machine time is not asked again,
 * also while the answer is still under way. Resource Graph gives one identity about 15 queries in 5 s, which three
 * people would use up; its data is minutes old anyway, and each answer carries the time it is of. Errors are forgotten
 * at once.
 */
export function remembered(read: AzureRead, ms: number, now: () => number = () => performance.now()): AzureRead {
  const known = new Map<string, Remembered>();
  const remember = (name: (typeof shared)[number]) => {
    const look = read[name] as (...args: unknown[]) => Promise<unknown>;
    return (...args: unknown[]): Promise<unknown> => {
      const key = JSON.stringify([name, ...args]);
      const before = known.get(key);
      if (before && now() < before.untilMs) return before.answer;
      const asked: Remembered = { answer: look(...args), untilMs: now() + ms };
      known.set(key, asked);
      asked.answer.catch(() => known.get(key) === asked && known.delete(key));
      return asked.answer;
    };
  };
  return { ...read, ...Object.fromEntries(shared.map((name) => [name, remember(name)])) };
}
