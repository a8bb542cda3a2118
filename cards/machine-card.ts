import type { MachineCompliance, MachineType, ServiceModel } from '../core/estate';
import type { Lineage } from '../core/standing';
import type { Instant } from './format';

/** Why one machine stands where it stands. */
export interface MachineView {
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly type: MachineType;
  readonly location: string;
  /** Null: no team has it. */
  readonly team: string | null;
  readonly scaleSet?: string;
  readonly createdAt?: Instant;
  readonly lineage: LineageView;
  readonly compliance: MachineCompliance;
  readonly model: ModelView;
  /** What to do next, each a sentence; most useful first. */
  readonly advice: readonly string[];
  readonly missing: readonly string[];
  /** World time of the answer. */
  readonly now: Instant;
  /** True when the person who asks may act for its team. */
  readonly canAct: boolean;
}

export interface LineageView {
  readonly lineage: Lineage;
  /** Name in the catalogue; absent when it is not golden. */
  readonly image?: string;
  readonly version?: string;
  /** `canonical:…` or a definition's id, when it is not golden. */
  readonly source?: string;
  readonly versionsBehind?: number;
  readonly daysBehind?: number;
  readonly endOfLife?: Instant;
  /** The latest version that can be deployed in its region. */
  readonly latest?: string;
}

/** Pet or cattle, and how goldbot knows. */
export interface ModelView {
  /** What the owner decided, by its tag; absent when nobody has. */
  readonly decided?: ServiceModel;
  /** What goldbot would say. */
  readonly proposed: ServiceModel | 'undecided';
  readonly confidence: 'high' | 'medium' | 'low';
  /** `Instance of a scale set`, `Created 3 years ago`. */
  readonly evidence: readonly string[];
}
