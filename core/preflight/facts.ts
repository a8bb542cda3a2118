/** What a subscription has of something in a region, as its quota counts it. */
export interface Usage {
  /** As Azure names it: `cores`, `standardDSv5Family`, `StandardCores`. */
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

/** A size of machines as a subscription may use it in a region. */
export interface MachineSize {
  readonly name: string;
  /** The quota that its cores count against, besides the region's. */
  readonly family: string;
  readonly cores: number;
  /** Azure's reason why this subscription may not use it there; absent when it may. */
  readonly closed?: string;
}

/** Questions about whether a build could be made at all. They throw UserError `AZ_…`, and none needs more than to read. */
export interface PreflightRead {
  /** Cores of machines in a region: in all (`cores`) and by family. */
  coreUsages(subscription: string, location: string): Promise<readonly Usage[]>;
  /** Cores of container instances in a region. */
  containerUsages(subscription: string, location: string): Promise<readonly Usage[]>;
  /** Those of these sizes that the region has, in any order. */
  machineSizes(subscription: string, location: string, names: readonly string[]): Promise<readonly MachineSize[]>;
}
