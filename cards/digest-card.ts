import type { ServiceModel } from '../core/estate';
import type { TeamStanding } from '../core/standing';
import type { Instant } from './format';
import type { Button } from './sheet';

/** The four numbers of one week. */
export interface WeekFigures {
  /** ISO week: `2026-W47`. */
  readonly week: string;
  readonly machines: number;
  readonly compliant: number;
  readonly notCompliant: number;
  readonly notEvaluated: number;
  readonly exempt: number;
}

export interface DigestView {
  readonly standing: TeamStanding;
  /** ISO week: `2026-W47`. */
  readonly week: string;
  /** World time of the digest. */
  readonly now: Instant;
  /** When it should have come, when it comes late. */
  readonly dueAt?: Instant;
  /** Absent: there is no digest of the week before to compare with. */
  readonly last?: WeekFigures;
  /** The weeks before that goldbot has figures of and this one, oldest first; the last eight are drawn. */
  readonly trend: readonly WeekFigures[];
  /** Most important first. */
  readonly changes: Part<ChangeLine>;
  readonly wins: Part<string>;
  /** Worst first. */
  readonly next: Part<DoNext>;
  /** Soonest first. */
  readonly expiring: Part<Expiry>;
  /** True when its readers may act for the team. */
  readonly canAct: boolean;
}

/** The first of many, and how many there are in all. */
export interface Part<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export interface ChangeLine {
  readonly direction: 'better' | 'worse' | 'other';
  /** `6 machines moved to 1.6.0`. */
  readonly text: string;
}

export interface DoNext {
  readonly machine: string;
  /** `3 policies fail`, `2 versions behind`. */
  readonly why: string;
  readonly model: ServiceModel | 'undecided';
  /** What mends it, or looks closer. A short title: it stands beside the row. */
  readonly button: Button;
}

export interface Expiry {
  /** `exemption of vm-pay-old-01 from disk-encryption`. */
  readonly what: string;
  readonly at: Instant;
}
