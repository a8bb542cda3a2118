import type { MachineType } from '../core/estate';
import type { Instant } from './format';

/** Machines of one team that run what was asked about. */
export interface UserRow {
  /** Null: machines that no team has. */
  readonly team: string | null;
  readonly machines: Readonly<Record<MachineType, number>>;
}

/** A scale set whose model refers to it: it takes it again when it scales out. */
export interface ScaleSetRow {
  readonly name: string;
  readonly resourceGroup: string;
  readonly team: string | null;
  /** Instances that run it now. */
  readonly instances: number;
}

export interface WhoUsesView {
  /** As it is typed: `ubuntu-22@1.3.0`, `canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2`. */
  readonly ref: string;
  /** When it is golden. */
  readonly golden?: {
    readonly image: string;
    /** Absent: every version was asked for. */
    readonly version?: string;
    readonly endOfLife?: Instant;
  };
  /** The team that alone was asked about. */
  readonly team?: string;
  /** Most machines first; all that the asker may see. */
  readonly teams: readonly UserRow[];
  /** First those with the most instances; absent when nobody looked. */
  readonly scaleSets?: { readonly items: readonly ScaleSetRow[]; readonly total: number };
  /** What cannot be told or is told in part, each a sentence. */
  readonly missing: readonly string[];
  readonly asOf: Instant;
}
