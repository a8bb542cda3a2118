import type { PurchasePlan } from '../azure';

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

/** A resource provider as a subscription has it. */
export interface ProviderState {
  readonly namespace: string;
  /** `Registered`, `NotRegistered`, `Registering`, `Unregistering`. */
  readonly state: string;
  /** Regions of each of its resource types, as ids name them; no types are known where it does not tell. */
  readonly regions: ReadonlyMap<string, readonly string[]>;
}

/** What a role allows: what some pattern of `actions` names and none of `notActions`. */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/** A role that somebody has been assigned. */
export interface Grant {
  /** Where, and in everything below. */
  readonly scope: string;
  readonly permissions: readonly Permission[];
}

export interface Network {
  readonly location: string;
  readonly subnets: readonly Subnet[];
}

export interface Subnet {
  readonly name: string;
  /** Services that it is delegated to: `Microsoft.ContainerInstance/containerGroups`. */
  readonly delegations: readonly string[];
  readonly privateLinkServiceNetworkPolicies: boolean;
}

export interface ManagementLock {
  readonly id: string;
  readonly level: 'CanNotDelete' | 'ReadOnly';
  /** What is locked. */
  readonly scope: string;
}

/** What somebody is about to make, as far as it is known. */
export interface PlannedResource {
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: object;
  /** Of the resource's own type. */
  readonly apiVersion: string;
}

/** A policy that forbids a resource. */
export interface PolicyDenial {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Id of the definition. */
  readonly definition: string;
}

export interface GroupState {
  readonly location: string;
  readonly isEmpty: boolean;
}

/** Questions about whether a build could be made at all. They throw UserError `AZ_…`, and none needs more than to read. */
export interface PreflightRead {
  /** Cores of machines in a region: in all (`cores`) and by family. */
  coreUsages(subscription: string, location: string): Promise<readonly Usage[]>;
  /** Cores of container instances in a region. */
  containerUsages(subscription: string, location: string): Promise<readonly Usage[]>;
  /** Those of these sizes that the region has, in any order. */
  machineSizes(subscription: string, location: string, names: readonly string[]): Promise<readonly MachineSize[]>;
  /** A user-assigned identity by its id; undefined when there is none. */
  builderIdentity(id: string): Promise<{ readonly principalId: string } | undefined>;
  /** Roles of a principal, and of the groups that it is in, in a subscription, above it and in all below. */
  grants(subscription: string, principalId: string): Promise<readonly Grant[]>;
  /** What goldbot itself may do at a resource or a resource group. */
  ownPermissions(scope: string): Promise<readonly Permission[]>;
  providers(subscription: string, namespaces: readonly string[]): Promise<readonly ProviderState[]>;
  /** A virtual network by its id; undefined when there is none. */
  network(id: string): Promise<Network | undefined>;
  /** Locks on a scope and on what is above it. */
  locksOver(scope: string): Promise<readonly ManagementLock[]>;
  /** Policies that would forbid a resource in this subscription or resource group. */
  policyDenials(scope: string, resource: PlannedResource): Promise<readonly PolicyDenial[]>;
  /** Whether the terms of a purchase plan are accepted for a subscription. */
  termsAccepted(subscription: string, plan: PurchasePlan): Promise<boolean>;
  /** A resource group by its id; undefined when there is none. */
  groupState(id: string): Promise<GroupState | undefined>;
}
