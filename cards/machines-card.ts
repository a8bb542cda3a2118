import type { MachineType, PolicyState, ServiceModel } from '../core/estate';
import type { Lineage } from '../core/standing';
import type { Instant } from './format';

export interface MachineRow {
  readonly name: string;
  readonly resourceGroup: string;
  readonly type: MachineType;
  /** Null: no team has it. Absent: the card is of one team. */
  readonly team?: string | null;
  /** `ubuntu-22 1.3.0`, or `canonical:…`; absent when Azure does not say. */
  readonly image?: string;
  readonly lineage?: Lineage;
  readonly model: ServiceModel | 'undecided';
  /** Its worst; absent when policies were not asked. */
  readonly state?: PolicyState | 'not evaluated';
}

/** The machines behind a number. */
export interface MachinesView {
  /** `payments: not compliant`. */
  readonly title: string;
  /** The question in words: `ubuntu-22 1.3.0, pets`; empty for all. */
  readonly asked: string;
  /** In the order to show. */
  readonly machines: readonly MachineRow[];
  readonly total: number;
  /** How many stand before the first that is shown. */
  readonly skipped: number;
  /** The command of the next page; absent when the person is to narrow the question instead. */
  readonly next?: { readonly command: string; readonly verb: string; readonly data: Readonly<Record<string, unknown>> };
  readonly missing: readonly string[];
  readonly asOf: Instant;
}
