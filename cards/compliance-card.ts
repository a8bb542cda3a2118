import type { ServiceModel } from '../core/estate';
import type { TeamStanding } from '../core/standing';
import type { Instant } from './format';

/** Where one team stands, or the machines that no team has. */
export interface ComplianceView {
  readonly standing: TeamStanding;
  /** World time of the answer; what is much older is said to be stale. */
  readonly now: Instant;
  /** Name of the image that alone was asked about; the standing then counts its machines alone. */
  readonly image?: string;
  /** As `image`. */
  readonly class?: ServiceModel | 'undecided';
  /** True when the person who asks may act for the team. */
  readonly canAct: boolean;
}
