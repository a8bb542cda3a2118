import { type ManagementGroups, type Mapped, teamFinder, teamTags } from '../access';
import type { ImageRef, InventoryRead } from '../azure';
import type { Catalogue } from '../catalogue';
import type { UserError } from '../errors';
import { goldenImages, imageRef } from '../images';
import { mostRead, placesToAsk } from './attribution';
import { type ComplianceFigures, countTeams, type Inventory, partialAnswers } from './figures';
import { type Gap, type GapFigure, partial, type Questions, questions } from './gaps';
import type { Counted, MachineCount, MachineStates, ServiceModel } from './inventory';

/** Narrows to machines of one image, version or kind. */
export interface Only {
  /** Name in the catalogue. */
  readonly image?: string;
  /** A version number. */
  readonly version?: string;
  readonly class?: ServiceModel | 'undecided';
}

/** A question to the inventory. */
export interface InventoryQuestion extends Only {
  readonly catalogue: Catalogue;
  /** Whose machines in shared resource groups are read one by one; those of all teams when absent. */
  readonly teams?: readonly (string | null)[];
  /** World time. */
  readonly now: Date;
}

/** What the caller waits for, and for how long. */
export interface Patience {
  /** Whether the answer may be missing and becomes a gap; else the error is thrown. */
  mayLack(figure: GapFigure, error: UserError): boolean;
}

export interface CountedInventory {
  /** For every team and, if there are any, for machines without a team. */
  readonly figures: readonly ComplianceFigures[];
  /** What is missing from the figures of all teams alike. */
  readonly gaps: readonly Gap[];
}

/**
 * Reads the inventory once and counts it for all teams: at most six questions to Resource Graph at the same time,
 * however many teams and machines there are, and three more about the machines in shared resource groups once the
 * counts show which these are; more where answers are paged.
 *
 * @throws UserError `AZ_…` when the machines cannot be counted, or when something is missing that `patience` insists
 * on.
 */
export async function countInventory(
  read: InventoryRead,
  question: InventoryQuestion,
  patience: Patience,
): Promise<CountedInventory> {
  const inventory = await readInventory(read, question, patience);
  return { figures: countTeams(inventory), gaps: [...(inventory.gaps ?? []), ...partialAnswers(inventory)] };
}

async function readInventory(read: InventoryRead, question: InventoryQuestion, patience: Patience): Promise<Inventory> {
  const { catalogue, now } = question;
  const narrow = (question.image ?? question.version ?? question.class) !== undefined;
  const { ask, gaps } = questions(patience.mayLack);
  const ofSingles = questions(patience.mayLack);
  const counts = read.machineCounts(teamTags(catalogue.teams));
  const above = ask('management groups', groupsAbove(read, catalogue));
  const singles = narrow ? undefined : singleMachines(read, question, { counts, above });
  const [machines, managementGroups, mixed, versions, policies, guests, exemptions] = await Promise.all([
    counts,
    above,
    singles && ofSingles.ask('single machines', singles),
    ask('versions', read.publishedVersions(definitionsOf(catalogue))),
    narrow ? undefined : ask('policy', read.policyCounts()),
    narrow ? undefined : ask('guest', read.guestCounts()),
    narrow ? undefined : ask('exemptions', read.exemptions()),
  ]);
  const [unread] = ofSingles.gaps;
  return {
    catalogue,
    machines: { ...machines, rows: machines.rows.filter(fits(question, catalogue)) },
    managementGroups: managementGroups ?? new Map(),
    versions: versions ?? { rows: [], asOf: machines.asOf },
    ...(policies && { policies }),
    ...(guests && { guests }),
    ...(exemptions && { exemptions }),
    ...(mixed && { mixed }),
    ...(unread && { unread }),
    gaps: [...(narrow ? [{ figure: 'verdicts', reason: 'narrowed' } as const] : []), ...gaps],
    now,
  };
}

interface Counting {
  readonly counts: Promise<Counted<MachineCount>>;
  readonly above: Promise<ManagementGroups | undefined>;
}

async function singleMachines(
  read: InventoryRead,
  { catalogue, teams }: InventoryQuestion,
  { counts, above }: Counting,
): Promise<MachineStates | undefined> {
  const [machines, managementGroups = new Map()] = await Promise.all([counts, above]);
  const places = placesToAsk({ catalogue, managementGroups, machines }, teams);
  return places.length === 0 ? undefined : read.machineStates(places, teamTags(catalogue.teams), mostRead);
}

/** Whether a machine is of the image, version and kind that the question is about. */
export function fits({ image, version, class: kind }: Only, catalogue: Pick<Catalogue, 'azure' | 'images'>) {
  const images = goldenImages(catalogue);
  return ({ source, version: runs, model }: Pick<MachineCount, 'source' | 'version' | 'model'>): boolean =>
    (image === undefined || images.get(source.toLowerCase()) === image) &&
    (version === undefined || runs === version) &&
    (kind === undefined || (model ?? 'undecided') === kind);
}

/** Where the image definitions of the catalogue are. */
export function definitionsOf({ azure, images }: Pick<Catalogue, 'azure' | 'images'>): readonly ImageRef[] {
  return images.map((image) => imageRef(azure, image));
}

/** Asked for only where a team is mapped by one. */
export async function groupsAbove(
  read: Pick<InventoryRead, 'managementGroups'>,
  { teams }: Pick<Catalogue, 'teams'>,
): Promise<ManagementGroups> {
  const needed = [...teams.values()].some(({ scope }) => 'managementGroup' in scope);
  return needed ? read.managementGroups() : new Map();
}

/** Says which team has a machine, by its tags and by where it is; null when none has. */
export type TeamOf = (machine: Mapped) => string | null;

/** @throws UserError `AZ_…` when a team is mapped by a management group and Azure does not list them. */
export async function machineTeams(
  read: Pick<InventoryRead, 'managementGroups'>,
  catalogue: Pick<Catalogue, 'teams'>,
): Promise<TeamOf> {
  const find = teamFinder(catalogue.teams, await groupsAbove(read, catalogue));
  return (machine) => find(machine).team;
}

export interface MachinesByTeam {
  readonly rows: readonly { readonly count: MachineCount; readonly team: string | null }[];
  readonly teamOf: TeamOf;
  readonly managementGroups: ManagementGroups;
  /** When Azure counted only some of them. */
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/**
 * Every machine, counted by Azure, with the team that has it. Missing management groups become a gap of `ask`; without
 * it, their error is thrown: whoever acts for a team must not be told of the wrong one.
 *
 * @throws UserError `AZ_…`
 */
export async function machinesByTeam(
  read: Pick<InventoryRead, 'managementGroups' | 'machineCounts'>,
  catalogue: Pick<Catalogue, 'teams'>,
  ask?: Questions['ask'],
): Promise<MachinesByTeam> {
  const above = groupsAbove(read, catalogue);
  const [counts, managementGroups = new Map()] = await Promise.all([
    read.machineCounts(teamTags(catalogue.teams)),
    ask ? ask('management groups', above) : above,
  ]);
  const find = teamFinder(catalogue.teams, managementGroups);
  const teamOf: TeamOf = (machine) => find(machine).team;
  const rows = counts.rows.map((count) => ({ count, team: teamOf(count) }));
  return { rows, teamOf, managementGroups, gaps: partial('machines', counts), asOf: counts.asOf };
}
