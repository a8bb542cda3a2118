/** One version of a marketplace image. */
export interface BaseImage {
  readonly version: string;
  readonly publishedMs: number;
  readonly state: 'Active' | 'ScheduledForDeprecation' | 'Deprecated';
  /** When it was or will be deprecated; absent while nothing is announced. */
  readonly deprecationMs?: number;
}

/** The versions of a product at a moment, oldest first, computed from the clock alone. */
export type Cadence = (nowMs: number) => readonly BaseImage[];

const dayMs = 86_400_000;
/** A publisher announces a version's end this long after its release, ends it later, and finally removes it. */
const announcedAfterMs = 180 * dayMs;
const deprecatedAfterMs = 270 * dayMs;
const removedAfterMs = 365 * dayMs;

function aged(version: string, publishedMs: number, nowMs: number): BaseImage[] {
  const ageMs = nowMs - publishedMs;
  if (ageMs < 0 || ageMs >= removedAfterMs) return [];
  if (ageMs < announcedAfterMs) return [{ version, publishedMs, state: 'Active' }];
  const state = ageMs < deprecatedAfterMs ? 'ScheduledForDeprecation' : 'Deprecated';
  return [{ version, publishedMs, state, deprecationMs: publishedMs + deprecatedAfterMs }];
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');
}

/** Canonical's rhythm: a new image every two weeks, at six in the morning, named after its day. */
function fortnightly(release: string, offsetDays: number): Cadence {
  const anchor = Date.UTC(2026, 10, 12, 6) + offsetDays * dayMs;
  const step = 14 * dayMs;
  return (nowMs) => {
    const newest = Math.floor((nowMs - anchor) / step);
    const oldest = newest - Math.ceil(removedAfterMs / step);
    const steps = Array.from({ length: newest - oldest + 1 }, (_, i) => anchor + (oldest + i) * step);
    return steps.flatMap((at) => aged(`${release}.${day(at)}0`, at, nowMs));
  };
}

/** Microsoft's rhythm: the second Tuesday of each month. */
function patchTuesday(build: number, firstRevision: number): Cadence {
  return (nowMs) => {
    const now = new Date(nowMs);
    const months = Array.from({ length: 14 }, (_, i) =>
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 13 + i, 1, 18),
    );
    return months.flatMap((first) => {
      const at = first + (7 + ((9 - new Date(first).getUTCDay()) % 7)) * dayMs;
      const revision = firstRevision + Math.round((first - Date.UTC(2025, 0, 1)) / (30.44 * dayMs)) * 67;
      return aged(`${build}.${revision}.${day(at).slice(2)}`, at, nowMs);
    });
  };
}

/** A product whose publisher has stopped: its last version stays, until the day that the publisher names. */
function ended(version: string, publishedMs: number, deprecationMs?: number): Cadence {
  if (deprecationMs === undefined) return () => [{ version, publishedMs, state: 'Active' }];
  return (nowMs) => {
    const state = nowMs < deprecationMs ? 'ScheduledForDeprecation' : 'Deprecated';
    return [{ version, publishedMs, state, deprecationMs }];
  };
}

export const cadences = {
  jammy: fortnightly('22.04', 0),
  noble: fortnightly('24.04', 5),
  focal: ended('20.04.202505200', Date.UTC(2025, 4, 20, 6), Date.UTC(2027, 4, 31)),
  bionic: ended('18.04.202401161', Date.UTC(2024, 0, 16, 6)),
  windows2022: patchTuesday(20348, 3091),
  windows2019: patchTuesday(17763, 6775),
  windows2025: patchTuesday(26100, 2894),
} as const satisfies Record<string, Cadence>;
