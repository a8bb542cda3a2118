import type { World } from './world';

/**
 * A point of world time that somebody waits for, such as the next digest. Azure and Teams know of none: whoever keeps them
 * says so (`POST /_sandbox/moments`), and the page offers to let the time pass until then.
 */
export interface Moment {
  /** `digest`, `end of approval`: of each kind there is a next one. */
  readonly kind: string;
  /** What it is the digest or the end of. */
  readonly name: string;
  /** ISO 8601, world time. */
  readonly at: string;
}

/** Enough for any catalogue, and few enough for a page. */
const most = 500;

/** What was said last. It is part of its world: kept over a restart, forgotten with a reset. */
export class Moments {
  constructor(private readonly world: World) {}

  private get section(): { list: readonly Moment[] } {
    return this.world.section<{ list: readonly Moment[] }>('moments', () => ({ list: [] }));
  }

  /** @throws Error when this is not a list of moments. */
  set(input: unknown): void {
    if (!Array.isArray(input) || input.length > most)
      throw new Error(`\`moments\` must be a list of at most ${most}: [{"kind", "name", "at"}].`);
    this.section.list = input.map(momentOf);
  }

  /** Those still to come, soonest first. */
  get ahead(): readonly Moment[] {
    const now = this.world.clock.nowMs();
    const { list } = this.section;
    return list.filter(({ at }) => Date.parse(at) > now).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }
}

function momentOf(input: unknown): Moment {
  const { kind, name, at } = (input ?? {}) as Record<string, unknown>;
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof at !== 'string' || Number.isNaN(Date.parse(at)))
    throw new Error('A moment is {"kind": "digest", "name": "payments", "at": "2026-11-30T08:00:00Z"}.');
  return { kind, name, at: new Date(at).toISOString() };
}
