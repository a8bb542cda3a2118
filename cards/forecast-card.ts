import type { Instant } from './format';

export type ForecastKind =
  | 'end-of-life'
  | 'newer-base'
  | 'deprecated'
  | 'exemption-ends'
  | 'approval-expires'
  | 'scheduled';

export interface ForecastEntry {
  readonly at: Instant;
  readonly kind: ForecastKind;
  /** `ubuntu-22 1.3.0`, `exemption of vm-pay-old-01`. */
  readonly what: string;
  /** `9 machines of 2 teams still run it`. */
  readonly detail?: string;
  /** What one would type next. */
  readonly command?: string;
}

/** What ends or changes soon, by weeks. */
export interface ForecastView {
  readonly days: number;
  /** In any order. */
  readonly entries: readonly ForecastEntry[];
  /** When more were found than are handed over. */
  readonly total: number;
  /** The team that alone was asked about. */
  readonly team?: string;
  readonly missing: readonly string[];
  readonly now: Instant;
}
