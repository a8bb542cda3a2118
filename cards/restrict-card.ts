import type { Instant } from './format';

export interface StoppedRow {
  /** Null: no team has them. */
  readonly team: string | null;
  readonly deployments: number;
  /** Who deployed, as Azure's activity log says it. */
  readonly who: readonly string[];
  /** `canonical:…`; what they deployed from. */
  readonly sources: readonly string[];
  readonly last?: Instant;
}

/** What a restriction to golden images would do, before anything is done. */
export interface RestrictView {
  /** As it is typed: `payments`, `sub:…`. */
  readonly scope: string;
  /** In words: `3 subscriptions of payments`. */
  readonly scopeName: string;
  readonly effect: 'audit' | 'deny';
  /** What is there now; absent: nothing. */
  readonly now?: 'audit' | 'deny';
  /** Galleries that stay allowed, by name. */
  readonly allowed: readonly string[];
  /** Resource groups that are left out, by name. */
  readonly excluded: readonly string[];
  readonly dryRun: {
    readonly days: number;
    readonly deployments: number;
    /** Most deployments first. */
    readonly teams: readonly StoppedRow[];
    /** Deployments that were looked at. */
    readonly of?: number;
  };
  readonly missing: readonly string[];
  readonly asOf: Instant;
  /** True when the person who asks may start it. */
  readonly canStart: boolean;
  /** Who decides then: a group's name. */
  readonly group?: string;
}
