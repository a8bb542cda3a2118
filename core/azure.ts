import type { GroupRef } from './azure-id';
import type { ImageConfig } from './catalogue';
import type {
  BaselineAssignment,
  BaselineState,
  Counted,
  Exemption,
  GuestCount,
  GuestReport,
  GuestStatus,
  Judged,
  JudgedMachines,
  LackingMachine,
  ListedVersion,
  Machine,
  MachineCompliance,
  MachineCounts,
  MachineFilter,
  MachineScope,
  MachineTotals,
  Place,
  PolicyAnswers,
  PolicyState,
  RestrictionSettings,
  RestrictionState,
  RestrictionTarget,
  ScaleSet,
  Within,
} from './compliance';
import type { PricesRead } from './costs';
import type { SubscriptionRead } from './doctor';
import type { AccessRead, AccessWrite } from './image-access';
import type { RemainsRead } from './leftovers';
import type { FoundConsumer, RolloutRead, RolloutWrite } from './lifecycle';
import type { PreflightRead } from './preflight';
import type { PublicKey } from './provenance';
import type { TrialsRead, TrialsWrite } from './trials';

/**
 * The ports to Azure: what goldbot asks (AzureRead) and what it changes (AzureWrite), then the shapes of both, by
 * subject. services/ implements them. Dialogs get AzureRead only; workflows alone change Azure.
 */

/** Questions to Azure. They may be asked at any time and retried; they throw UserError `AZ_…`. */
export interface AzureRead
  extends InventoryRead,
    ChangeRead,
    PreflightRead,
    RemainsRead,
    SubscriptionRead,
    TrialsRead,
    AccessRead,
    RolloutRead,
    PricesRead {
  marketplaceVersions(location: string, image: MarketplaceImage): Promise<readonly MarketplaceVersion[]>;
  marketplaceVersion(
    location: string,
    image: MarketplaceImage,
    version: string,
  ): Promise<MarketplaceVersion | undefined>;
  /** What an image's definition takes, whatever is in it; undefined when its gallery has none of that name. */
  definition(image: ImageRef): Promise<ImageDefinition | undefined>;
  /** All definitions of a gallery. */
  definitions(gallery: GalleryRef): Promise<readonly ImageDefinition[]>;
  /** All versions of the image's definition, without replication state. */
  versions(image: ImageRef): Promise<readonly GalleryVersion[]>;
  /** One version with its replication state; undefined when there is none. */
  version(image: ImageRef, version: string): Promise<GalleryVersion | undefined>;
  /** Versions that were deleted and can still be restored; empty where the gallery keeps none. */
  softDeleted(image: ImageRef): Promise<readonly SoftDeletedVersion[]>;
  /** Whether the gallery keeps for a while what is deleted in it. */
  keepsDeleted(gallery: GalleryRef): Promise<boolean>;
  /** By resource id; undefined when there is none. */
  managedImage(id: string): Promise<ManagedImage | undefined>;
  build(place: BuildPlace, template: string): Promise<Build>;
  /**
   * Where the artifacts of a template's last run are, of those that came to be: ids of managed images, addresses of VHDs.
   */
  distributed(place: BuildPlace, template: string): Promise<readonly string[]>;
  /** What stands where an output goes; undefined when there is nothing. */
  output(target: OutputTarget): Promise<Output | undefined>;
  /** The customization log while the staging group exists; undefined when there is none (yet). */
  buildLog(place: BuildPlace, template: string): Promise<string | undefined>;
  /** Image templates of a subscription that others made and that can build again by themselves. */
  foreignTemplates(subscription: string): Promise<readonly ForeignTemplate[]>;
  triggers(group: GroupRef, template: string): Promise<readonly SourceTrigger[]>;
  testMachine(place: BuildPlace, name: string): Promise<TestMachine>;
  /** `machine`: as of `runCommand`. */
  command(machine: string, name: string): Promise<CommandResult>;
  /** Everything of the build resource group and the gallery image that carries a run's id. */
  leftovers(place: BuildPlace, image: ImageRef): Promise<readonly Leftover[]>;
  /**
   * Machines of everything in a gallery, scale set instances too: by the name of the definition in lower case, then
   * `version → count`. One question however many images there are; what no machine runs is absent.
   */
  machinesByVersion(gallery: GalleryRef): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>>;
  /** The public half of a key of a key vault, by the id of its version; undefined when the vault has it no more. */
  vaultKey(keyId: string): Promise<PublicKey | undefined>;
  /** By name or resource id; several when several machines share the name. */
  machines(nameOrId: string): Promise<readonly MachineFacts[]>;
}

/**
 * Questions about everybody's machines. Each count is one Resource Graph query, however many machines there are; a
 * paged answer costs one call per page.
 */
export interface InventoryRead {
  /**
   * `tags`: names of the tags that map machines to teams. `scope`: only the resource groups in which something of it lies,
   * and all of what lies there, whosever it is.
   */
  machineCounts(tags: readonly string[], scope?: MachineScope): Promise<MachineCounts>;
  publishedVersions(images: readonly ImageRef[]): Promise<Counted<ListedVersion>>;
  /**
   * What builds can start from: image definitions and managed images by their ids, of those that goldbot may see. Some
   * minutes old.
   */
  imageSources(ids: readonly string[]): Promise<readonly FoundSource[]>;
  /** Policy states and exemptions. `singly`: resource groups to be told of machine by machine. */
  policyCounts(singly: readonly Place[], within?: Within): Promise<PolicyAnswers>;
  guestCounts(singly: readonly Place[], within?: Within): Promise<Counted<GuestCount>>;
  /**
   * VMs and Arc machines on which an agent, an extension or a data collection rule is missing. One that goldbot may not see
   * counts as missing.
   */
  lackingMachines(): Promise<Counted<LackingMachine>>;
  /** How many VMs and Arc machines there are, whosever they are. */
  machineTotals(): Promise<MachineTotals>;
  /** Names of the management groups above each subscription, nearest first, by lower-case subscription id. */
  managementGroups(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** At most `limit` machines in order of id, and how many there are. */
  machineList(filter: MachineFilter, limit: number): Promise<Counted<Machine> & { readonly total: number }>;
  /** What policies and guest configuration say about one machine, by its id. */
  machineCompliance(id: string): Promise<MachineCompliance>;
  /**
   * The rows behind the policy figures of these places, or of single machines: those whose worst state is this one (any,
   * when absent), at most `limit` in order of id, and how many there are.
   */
  policyMachines(
    among: JudgedMachines,
    state: PolicyState | undefined,
    limit: number,
  ): Promise<Counted<Judged<PolicyState>> & { readonly total: number }>;
  /** The same for guest configuration. */
  guestMachines(
    among: JudgedMachines,
    status: GuestStatus | undefined,
    limit: number,
  ): Promise<Counted<Judged<GuestStatus>> & { readonly total: number }>;
  /**
   * What guest configuration last reported of each machine of these places or ids, at most `limit` machines in order of id,
   * and of how many there are reports. A machine that no assignment looks at is not there.
   */
  guestReports(among: JudgedMachines, limit: number): Promise<Counted<GuestReport> & { readonly total: number }>;
  /** Scale sets whose model refers to one of these sources; to any marketplace image when absent. */
  scaleSets(sources: string | readonly string[] | undefined): Promise<Counted<ScaleSet>>;
  /**
   * What else uses versions of an image, by any of its definitions: templates, versions made from it, disks that no machine
   * has, pools. `tags`: names of the tags that map things to teams.
   */
  imageConsumers(homes: readonly ImageRef[], tags: readonly string[]): Promise<Counted<FoundConsumer>>;
}

/** Questions that changes for teams ask before and after they act. By resource id, ignoring case. */
export interface ChangeRead {
  /** Tags of a machine; undefined when it is gone. */
  tagsOf(id: string): Promise<Readonly<Record<string, string>> | undefined>;
  exemption(id: string): Promise<Exemption | undefined>;
  remediation(id: string): Promise<Remediation | undefined>;
  /** By the URL that `startEvaluation` returned. */
  evaluation(url: string): Promise<'running' | 'done'>;
  restriction(target: RestrictionTarget): Promise<RestrictionState>;
  /** An assignment of one of Azure's own policies; undefined when there is none of this id. */
  baseline(id: string): Promise<BaselineState | undefined>;
}

/** An image template that goldbot did not make. */
export interface ForeignTemplate {
  readonly id: string;
  readonly name: string;
  /** Where it puts what it builds: ids of image definitions. */
  readonly targets: readonly { readonly definition: string; readonly excludedFromLatest: boolean }[];
  /** Its last build, by Image Builder's own word; absent when there was none. */
  readonly lastRun?: { readonly state: string; readonly at?: Date };
}

/** What has an image template built again when its source is renewed. All words are Image Builder's own. */
export interface SourceTrigger {
  readonly name: string;
  /** `SourceImage`. */
  readonly kind: string;
  /** `Healthy`; anything else is not. */
  readonly health?: string;
  readonly message?: string;
  /** Of the status. */
  readonly at?: Date;
}

/** The same port, with each of its calls made through `around`. */
export function eachCall<Port extends object>(
  port: Port,
  around: (call: () => Promise<unknown>, name: string, args: readonly unknown[]) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => around(async () => member.apply(target, args), String(name), args);
    },
  });
}

/** Changes to Azure. Only workflows make them, each under a fence; safe to repeat unless it says otherwise. */
export interface AzureWrite extends ChangeWrite, TrialsWrite, AccessWrite, RolloutWrite {
  /**
   * One PUT with autoRun. An existing template of this name is adopted when it carries the run's tag; otherwise
   * `AZ_CONFLICT`.
   */
  startBuild(place: BuildPlace, template: string, spec: BuildSpec): Promise<void>;
  /**
   * One PUT with autoRun of a template without customizers, which makes outputs of a version. As `startBuild`, an existing
   * template is adopted. Image Builder overwrites what stands where an output goes.
   */
  startDistribution(place: BuildPlace, template: string, spec: DistributionSpec): Promise<void>;
  /** Not idempotent: only after reads found no run for five minutes. A run already in progress is adopted. */
  runTemplate(place: BuildPlace, template: string): Promise<void>;
  cancelBuild(place: BuildPlace, template: string): Promise<void>;
  deleteTemplate(place: BuildPlace, template: string): Promise<void>;
  /**
   * PATCH with absolute values; only what is given changes. `null` removes an end of life or a tag. Azure accepts first
   * and does it afterwards: read the version once it has ended (`unmet`).
   */
  updateVersion(image: ImageRef, version: string, change: VersionChange): Promise<void>;
  deleteVersion(image: ImageRef, version: string): Promise<void>;
  /** Brings back a version that was deleted and is kept, as it was. One that is there is left alone. */
  undeleteVersion(image: ImageRef, version: string): Promise<void>;
  /** Makes a version from another one, of the same image or of its like in another gallery, out of latest until it is shown. */
  copyVersion(image: ImageRef, version: string, copy: VersionCopy): Promise<void>;
  createTestMachine(place: BuildPlace, name: string, spec: TestMachineSpec): Promise<void>;
  deleteTestMachine(place: BuildPlace, name: string): Promise<void>;
  /**
   * PUT of a managed run command; the same name again is the same command. The machine by its id: a VM, an instance of a
   * uniform scale set, or an Arc machine.
   */
  runCommand(
    machine: Pick<MachineFacts, 'id' | 'location'>,
    command: { name: string; script: string; timeoutSeconds: number },
  ): Promise<void>;
  /** Deletes a managed run command, whatever its state. A missing one is not an error. */
  deleteCommand(machine: string, name: string): Promise<void>;
}

/** What changes for teams write to Azure. Names are deterministic and values absolute, so each is safe to repeat. */
export interface ChangeWrite {
  /** Sets these tags on a machine and keeps all others. */
  mergeTags(id: string, tags: Readonly<Record<string, string>>): Promise<void>;
  putExemption(id: string, spec: ExemptionSpec): Promise<void>;
  /** An existing one with this id is left alone. */
  startRemediation(id: string, spec: RemediationSpec): Promise<void>;
  /**
   * For a subscription or resource group by id; returns the URL to ask whether it is over, unless it is over at once.
   */
  startEvaluation(scope: string): Promise<string | undefined>;
  /** The policy definition that the target's assignment needs. */
  defineRestriction(scope: string): Promise<void>;
  assignRestriction(target: RestrictionTarget, settings: RestrictionSettings): Promise<void>;
  removeRestriction(target: RestrictionTarget): Promise<void>;
  /** Assigns one of Azure's own policies with an identity of its own, which has no role yet. */
  assignBaseline(where: BaselinePlace, assignment: BaselineAssignment): Promise<void>;
}

/** Where one of Azure's own policies is assigned: the id of a scope, and the region in which its identity lives. */
export interface BaselinePlace {
  readonly scope: string;
  readonly location: string;
}

/** The largest group whose members may decide: it is read, in three pages, while somebody waits. */
export const mostDeciders = 2_000;

/** Whether a group is there, and has at most `mostDeciders` members. */
export type GroupSize = 'fits' | 'too large' | 'missing';

/** Who is in a group that decides, as far as it matters for who could. */
export interface Deciders {
  readonly size: GroupSize;
  /** How many people are in it; groups within it, devices and services are none. */
  readonly count: number;
  /** Their object ids in lower case; the first fifty. */
  readonly ids: readonly string[];
}

/** A group of Entra. */
export interface EntraGroup {
  /** Object id in lower case. */
  readonly id: string;
  readonly name: string;
  /** Azure takes no role for any other kind. */
  readonly security: boolean;
}

/** Microsoft Graph. Nested membership counts; ids are Entra object ids in any case. Throws UserError `DIRECTORY_SILENT`. */
export interface Directory {
  /**
   * Which of these groups the person is in, as of at most `atMostMs` of machine time ago (five minutes when absent).
   * Answers within two seconds. A group that Entra does not have has no members.
   */
  memberOf(person: string, groups: readonly string[], atMostMs?: number): Promise<readonly string[]>;
  /** Which of these people are in the group at this moment: for what is decided. Answers within two seconds. */
  membersNow(group: string, people: Iterable<string>): Promise<ReadonlySet<string>>;
  /** Whether the group can decide; for the catalogue, when it is read. */
  sizeOf(group: string): Promise<GroupSize>;
  /** Who could decide at this moment; for telling people when nobody can. Takes up to two minutes. */
  deciders(group: string): Promise<Deciders>;
  /** The groups of this object id, or else of this display name, which several may share. Answers within two seconds. */
  groups(nameOrId: string): Promise<readonly EntraGroup[]>;
}

/** A lease that a write must not outlive, by monotonic and by wall clock. */
export interface Fence {
  /** Milliseconds of machine time until the write must be over; zero or less when the lease is lost. */
  leftMs(): number;
}

/* Where things are */

/** Where an image's gallery definition lives. */
export interface ImageRef {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly gallery: string;
  readonly definition: string;
}

/** A gallery of images. */
export type GalleryRef = Omit<ImageRef, 'definition'>;

/** Where image templates and test machines are made. */
export interface BuildPlace {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly location: string;
}

/* Images: the marketplace, builds, the gallery */

export interface MarketplaceImage {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
}

/**
 * What a build starts from, exactly. Those of the marketplace have no kind: runs that began before there were others have
 * stored none.
 */
export type BuildSource = MarketplaceSource | GallerySource | ManagedImageSource;

export interface MarketplaceSource extends MarketplaceImage {
  readonly kind?: undefined;
  readonly version: string;
  readonly plan?: PurchasePlan;
}

/** A version of any gallery. */
export interface GallerySource {
  readonly kind: 'imageVersion';
  readonly image: ImageRef;
  readonly version: string;
  /** That of its definition: machines of the image that is built need it too. */
  readonly plan?: PurchasePlan;
}

/** Managed images have no versions: one of the same name may be another tomorrow. */
export interface ManagedImageSource {
  readonly kind: 'managedImage';
  /** Resource id. */
  readonly id: string;
  /** Eight hex digits of a hash of what Azure says that its disks were made from. */
  readonly version: string;
  readonly plan?: undefined;
}

export interface MarketplaceVersion {
  readonly version: string;
  /**
   * Absent while the version is active, and always in lists. `alternative` in people's words: `offer ubuntu-24_04-lts`.
   */
  readonly deprecation?: { readonly state: string; readonly at?: Date; readonly alternative?: string };
  /** What it is made for. Absent in lists, and of a version that is deprecated. */
  readonly traits?: ImageTraits;
}

/** What decides whether images, definitions and machines fit each other. */
export interface ImageTraits {
  readonly os: 'Linux' | 'Windows';
  readonly generation: 'V1' | 'V2';
  readonly architecture: 'x64' | 'Arm64';
  /** Azure's feature `SecurityType`: `TrustedLaunch`, `TrustedLaunchSupported`, `ConfidentialVM` …; absent: standard. */
  readonly security?: string;
  /** The purchase plan that it is sold with. */
  readonly plan?: PurchasePlan;
}

export interface PurchasePlan {
  readonly name: string;
  readonly product: string;
  readonly publisher: string;
}

/** What a gallery says about one of its images. */
export interface ImageDefinition extends ImageTraits {
  readonly name: string;
  readonly state: 'Generalized' | 'Specialized';
}

/** An image outside of galleries. It is always for x64. */
export interface ManagedImage extends Pick<ImageTraits, 'os' | 'generation'> {
  readonly id: string;
  /** As Azure writes it in ids: `westeurope`. */
  readonly location: string;
  readonly state: ImageDefinition['state'];
  /** `Succeeded` once it can be used. */
  readonly provisioningState: string;
  /**
   * What tells one from another of the same name: ids of the machine, disks and snapshots that it was made from, in
   * lower case, URIs of blobs, and the tags of the build that made it.
   */
  readonly madeFrom: readonly string[];
}

/** One of them, by the id in lower case. */
export interface FoundSource {
  readonly id: string;
  readonly definition?: ImageDefinition;
  readonly managed?: ManagedImage;
}

/** What a version of the gallery is also given out as, and where that goes. */
export interface OutputTarget {
  readonly kind: 'managed-image' | 'vhd';
  /** Resource id of the managed image, or address of the blob. */
  readonly place: string;
}

export interface Output {
  readonly state: 'ready' | 'making' | 'failed';
  /** Of the run that its tags name; a blob has none. */
  readonly runId?: string;
}

/** What Image Builder needs to make outputs of a version that is there. */
export interface DistributionSpec extends TemplateSettings {
  readonly source: ImageRef & { readonly version: string };
  readonly outputs: readonly OutputTarget[];
  /** On what is made, as far as it can carry tags. */
  readonly artifactTags: Readonly<Record<string, string>>;
}

/** What any template has. */
export interface TemplateSettings {
  readonly identity: string;
  readonly vmSize: string;
  readonly settings?: BuildSettings;
  readonly timeoutMinutes: number;
  /** On the template; `goldbot-run` among them. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface BuildSpec extends TemplateSettings {
  readonly source: BuildSource;
  /** In Image Builder's own vocabulary; the tattoo comes last. */
  readonly customize: ImageConfig['customize'];
  readonly validate: ImageConfig['validate'];
  /** The gallery version to make, excluded from latest. */
  readonly target: ImageRef & { readonly version: string };
  readonly regions: readonly Region[];
  /** On the resulting version. */
  readonly artifactTags: Readonly<Record<string, string>>;
}

/** What an enterprise sets for its builds; Azure's defaults where absent. */
export interface BuildSettings {
  readonly osDiskSizeGiB?: number;
  readonly network?: { readonly subnetId: string; readonly containerInstanceSubnetId?: string };
  /** Id of a resource group that is empty when the build begins. */
  readonly stagingResourceGroup?: string;
  /** On the template, its staging group and all in it. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What Image Builder says about one image template. `absent` also once it has been deleted. */
export type Build =
  | { readonly state: 'absent' }
  | { readonly state: 'provisioning' }
  /** The template exists and nothing has run yet. */
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly subState: string; readonly startedAt?: Date }
  | { readonly state: 'cancelling' }
  | { readonly state: 'deleting' }
  | { readonly state: 'canceled' }
  | { readonly state: 'failed'; readonly code: string; readonly message: string; readonly endedAt?: Date }
  | { readonly state: 'succeeded'; readonly endedAt?: Date; readonly artifactId?: string };

export interface Region {
  /** As Azure displays it: `West Europe`. */
  readonly name: string;
  readonly replicas: number;
  /** `Standard_LRS`, `Standard_ZRS` or `Premium_LRS`; Azure's choice when absent. */
  readonly storageAccountType?: 'Standard_LRS' | 'Standard_ZRS' | 'Premium_LRS';
  /** Id of the disk encryption set for the replicas there. */
  readonly diskEncryptionSetId?: string;
}

/** A region as a version is to have it, in absolute values. */
export interface RegionWanted extends Region {
  /** Whether its own flag excludes it from latest; it has none, or stays as it is, when absent. */
  readonly hidden?: boolean;
}

export interface RegionStatus extends Region {
  readonly state: 'Unknown' | 'Replicating' | 'Completed' | 'Failed';
  /** Percent. */
  readonly progress: number;
  readonly excludedFromLatest: boolean;
  /** Its own flag says that it is not excluded, although the version's says so: a region's own wins. */
  readonly shownThere?: true;
  readonly details?: string;
}

/** A gallery image version as goldbot sees it. */
export interface GalleryVersion {
  readonly id: string;
  readonly image: string;
  readonly version: string;
  readonly provisioningState: 'Creating' | 'Updating' | 'Failed' | 'Succeeded' | 'Deleting' | 'Migrating';
  readonly createdAt?: Date;
  readonly endOfLife?: Date;
  readonly excludedFromLatest: boolean;
  readonly blockDeletionBeforeEndOfLife: boolean;
  /** It says that copies may be removed; it says that they may not when absent. */
  readonly allowsRegionRemoval?: true;
  readonly regions: readonly RegionStatus[];
  /** The region that it was made in, as ARM writes it; its copy there cannot be removed. */
  readonly home?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What it was made from: a resource id in lower case, or the URI of a disk. Absent: Azure does not say. */
  readonly source?: string;
  readonly disks?: readonly GalleryDisk[];
}

/** A version that was deleted, as long as it can be restored. */
export interface SoftDeletedVersion {
  readonly version: string;
  readonly deletedAt?: Date;
}

export interface GalleryDisk {
  /** Null for the OS disk. */
  readonly lun: number | null;
  readonly sizeGiB?: number;
  /** Absent where the version has a source as a whole. */
  readonly source?: string;
}

export interface VersionChange {
  readonly excludedFromLatest?: boolean;
  /** With `excludedFromLatest: false`: where it stays out of latest all the same. Empty: nowhere. */
  readonly hiddenIn?: readonly string[];
  readonly endOfLife?: Date | null;
  readonly blockDeletionBeforeEndOfLife?: boolean;
  /** Added, or set to these replicas. Regions that it does not name stay as they are. */
  readonly regions?: readonly RegionWanted[];
  /** Azure removes a copy only while the version says that it may; this lets it. */
  readonly removeRegions?: readonly string[];
  /** Whether copies may be removed; to be set back after a removal. */
  readonly allowRegionRemoval?: boolean;
  readonly tags?: Readonly<Record<string, string | null>>;
}

/** What a version is made from, and what is written on it. */
export interface VersionCopy {
  /** Its number. */
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of a version of another gallery: where that is, and where the copy is to be; as the version itself when absent. */
  readonly elsewhere?: {
    readonly from: ImageRef;
    /** Region of the copy as a resource, as Azure writes it in ids; the version has a copy there. */
    readonly location: string;
    readonly regions: readonly Region[];
  };
}

/* Test machines, machines of teams, and what runs leave behind */

export interface TestMachineSpec {
  /** Gallery version id. */
  readonly versionId: string;
  readonly subnetId: string;
  readonly vmSize: string;
  readonly os: ImageTraits['os'];
  readonly tags: Readonly<Record<string, string>>;
  /** What the definition asks of every machine. */
  readonly security?: MachineSecurity;
  /** The purchase plan that the image is sold with. */
  readonly plan?: PurchasePlan;
}

export type MachineSecurity = 'TrustedLaunch' | 'ConfidentialVM';

export type TestMachine =
  | { readonly state: 'absent' | 'creating' | 'deleting' }
  /** `remedy`: one sentence, where the reason that Azure gives has one. */
  | { readonly state: 'failed'; readonly message: string; readonly remedy?: string }
  | { readonly state: 'ready'; readonly osName?: string; readonly osVersion?: string };

/** A managed run command; `exitCode` is the script's own (Azure's provisioning state says nothing about it). */
export type CommandResult =
  | { readonly state: 'absent' | 'running' }
  | { readonly state: 'done'; readonly exitCode: number; readonly output: string; readonly error: string };

/** A machine of a team, for `tattoo <vm>`: a VM, an instance of a uniform scale set, or an Arc machine. */
export interface MachineFacts {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly os: ImageTraits['os'];
  /** Its own image reference: a gallery version id, or `Publisher:Offer:Sku:exact version`; empty when it has none. */
  readonly imageReference: string;
  /** `creationData` of the OS disk. */
  readonly diskReference?: string;
  readonly osName?: string;
  readonly osVersion?: string;
}

/** Something in Azure that carries a run's id as a tag. */
export interface Leftover {
  readonly id: string;
  readonly kind: 'template' | 'machine' | 'version';
  readonly runId: string;
  /** Name of the template or machine; `<image>@<version>` of a version. */
  readonly name: string;
}

/* Changes for teams */

export interface ExemptionSpec {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Name of the definition in its initiative; absent when the whole assignment is exempted. */
  readonly reference?: string;
  readonly title: string;
  readonly reason: string;
  readonly expiresAt: Date;
  /** The run that made it. */
  readonly run: string;
}

export interface RemediationSpec {
  /** Id of the assignment. */
  readonly assignment: string;
  /** Name of the definition in its initiative; absent when a single definition is assigned. */
  readonly reference?: string;
}

export interface Remediation {
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** Deployments that it needs. */
  readonly total: number;
  readonly succeeded: number;
  readonly message?: string;
}
