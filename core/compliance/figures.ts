import type { Exemption, GuestStatus, MachineType, PolicyState } from './inventory';

/**
 * How machines stand to golden images. `pastEnd`: its version's end of life is over, whatever else is true.
 * `farBehind`: two versions or more.
 */
export const lineages = ['latest', 'behind', 'farBehind', 'pastEnd', 'otherGallery', 'marketplace', 'unknown'] as const;
export type Lineage = (typeof lineages)[number];

/** Machines of one golden version. */
export interface VersionFigures {
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
  readonly lineage: Lineage;
  /** Newer versions that can be deployed in the machines' own regions; the most of any region. */
  readonly versionsBehind: number;
  /** Days since the first newer version could be deployed there; the most of any region. */
  readonly daysBehind: number;
  readonly endOfLife?: Date;
  readonly machines: number;
}

export interface PolicyFigures {
  /** Pairs of machine and assignment, by raw state. */
  readonly states: Readonly<Record<PolicyState, number>>;
  /** Machines by their worst state. */
  readonly machines: Readonly<Record<PolicyState, number>>;
  /** Machines of the team without any state: never counted as good. */
  readonly notEvaluated: number;
  /** As Azure's portal counts, exempt and unknown as good; whole percent, absent without any state. */
  readonly azurePercent?: number;
  readonly newest?: Date;
  readonly oldest?: Date;
}

export interface GuestFigures {
  /** Machines by their worst status. */
  readonly machines: Readonly<Record<GuestStatus, number>>;
  /** Machines without any assignment. */
  readonly none: number;
  readonly newest?: Date;
  readonly oldest?: Date;
}

/** Where one team stands, as of one moment. */
export interface ComplianceFigures {
  /** Null: machines that no team of `teams.yaml` has. */
  readonly team: string | null;
  readonly machines: number;
  readonly types: Readonly<Record<MachineType, number>>;
  readonly lineage: Readonly<Record<Lineage, number>>;
  /** Golden versions that its machines run, most machines first. */
  readonly versions: readonly VersionFigures[];
  /** What is not golden, most machines first: `canonical:…` or a definition of another gallery. */
  readonly foreign: readonly { readonly source: string; readonly machines: number }[];
  readonly models: { readonly pet: number; readonly cattle: number; readonly undecided: number };
  /** Scale set instances that lag behind their own model. */
  readonly behindModel: number;
  /** Absent when nothing of it can be told; then `missing` says why. */
  readonly policy?: PolicyFigures;
  readonly guest?: GuestFigures;
  /** That end first stand first; those for ever at the end. */
  readonly exemptions: readonly Exemption[];
  /** Figures that cannot be told or are told in part, each a sentence for people. */
  readonly missing: readonly string[];
  /** World time of the count. */
  readonly asOf: Date;
}
