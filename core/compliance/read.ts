import { type ManagementGroups, type Mapped, placeKey, scopeOf, teamFinder, teamTags } from '../access';
import type { GalleryRef, ImageRef, InventoryRead } from '../azure';
import { definitionId } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { grouped } from '../collections';
import type { UserError } from '../errors';
import { type BaseAnswers, type Followed, galleryRef, goldenImages } from '../images';
import { placesToAsk, sharesOfTeams } from './attribution';
import { type ComplianceFigures, countTeams, type Inventory, partialAnswers } from './figures';
import { type Gap, type GapFigure, partial, type Questions, questions } from './gaps';
import type { MachineCount, MachineCounts, MachineScope, ServiceModel, Within } from './inventory';

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
  /** What the marketplace said, for whoever wants to know which images are retired. Never fails. */
  readonly bases?: Promise<BaseAnswers>;
  /** A team of the catalogue whose figures alone are wanted: only where it has machines is Azure asked. */
  readonly team?: string;
  /** Which channels teams follow. */
  readonly follows?: Followed;
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
 * Reads the inventory once and counts it for all teams, in three questions to Resource Graph however many teams and
 * machines there are, beside those about versions, management groups and what machines lack, which are remembered; more
 * where answers are paged. The machines come first: where teams share a resource group, the others are asked about each
 * of them.
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
  const counting = countScope(read, question, ask('management groups', groupsAbove(read, catalogue)));
  const [[machines, above], versions, verdicts] = await Promise.all([
    counting,
    ask('versions', read.publishedVersions(definitionsOf(catalogue))),
    narrow ? undefined : counting.then((counted) => verdictsOn(read, question, counted, ask)),
  ]);
  const bases = await question.bases;
  return {
    catalogue,
    ...(bases && { bases }),
    ...(question.follows && { follows: question.follows }),
    machines: { ...machines, rows: machines.rows.filter(fits(question, catalogue)) },
    managementGroups: above ?? new Map(),
    versions: versions ?? { rows: [], asOf: machines.asOf },
    ...verdicts,
    gaps: [...(narrow ? [{ figure: 'verdicts', reason: 'narrowed' } as const] : []), ...gaps],
    now,
  };
}

type Scoped = readonly [machines: MachineCounts, above: ManagementGroups | undefined, scope: MachineScope | undefined];

/** Subscriptions of a management group are known once Azure has told of it; of any other scope nothing is waited for. */
async function countScope(
  read: InventoryRead,
  { catalogue: { teams }, team }: InventoryQuestion,
  above: Promise<ManagementGroups | undefined>,
): Promise<Scoped> {
  const config = team === undefined ? undefined : teams.get(team);
  const needed = config && 'managementGroup' in config.scope ? await above : new Map<string, readonly string[]>();
  const scope = config && needed && scopeOf(config, needed);
  const counting = read.machineCounts(teamTags(teams), scope);
  return [await counting, await above, scope];
}

/** In more resource groups than these a team is asked about as everybody is: the question would be longer than the answer. */
const mostPlaces = 500;

/** By tag a team has machines where they were found: the answer may be one about everybody, if that was known. */
function withinOf(
  { catalogue, team }: InventoryQuestion,
  [machines, above = new Map(), scope]: Scoped,
): Within | undefined {
  if (!scope) return undefined;
  if ('subscriptions' in scope) return { subscriptions: scope.subscriptions };
  if ('resourceGroup' in scope) return { places: [scope.resourceGroup] };
  const find = teamFinder(catalogue.teams, above);
  const own = [...machines.rows, ...machines.members].filter((one) => find(one).team === team);
  const places = [...grouped(own, placeKey).values()].flatMap(([first]) =>
    first ? [{ subscription: first.subscription, resourceGroup: first.resourceGroup }] : [],
  );
  return places.length > mostPlaces ? undefined : { places };
}

async function verdictsOn(
  read: InventoryRead,
  question: InventoryQuestion,
  counted: Scoped,
  ask: Questions['ask'],
): Promise<Pick<Inventory, 'singly' | 'policies' | 'guests' | 'exemptions' | 'agents' | 'totals'>> {
  const [machines, managementGroups = new Map()] = counted;
  const singly = placesToAsk({ catalogue: question.catalogue, managementGroups, machines });
  const within = withinOf(question, counted);
  const said = read.policyCounts(singly, within);
  const [policies, exemptions, guests, agents, totals] = await Promise.all([
    ask(
      'policy',
      said.then(({ states }) => states),
    ),
    ask(
      'exemptions',
      said.then((answers) => answers.exemptions),
    ),
    ask('guest', read.guestCounts(singly, within)),
    ask('agents', read.lackingMachines()),
    counted[2] && ask('agents', read.machineTotals()),
  ]);
  return {
    ...{ singly, ...(policies && { policies }), ...(exemptions && { exemptions }) },
    ...{ ...(guests && { guests }), ...(agents && (totals || !counted[2]) && { agents }), ...(totals && { totals }) },
  };
}

/** Whether a machine is of the image, version and kind that the question is about. */
export function fits({ image, version, class: kind }: Only, catalogue: Pick<Catalogue, 'azure' | 'images'>) {
  const images = goldenImages(catalogue);
  return ({ source, version: runs, model }: Pick<MachineCount, 'source' | 'version' | 'model'>): boolean =>
    (image === undefined || images.get(source.toLowerCase()) === image) &&
    (version === undefined || runs === version) &&
    (kind === undefined || (model ?? 'undecided') === kind);
}

/** Where the image definitions of the catalogue are; in a second gallery they are called the same. */
export function definitionsOf(
  { azure, images }: Pick<Catalogue, 'azure' | 'images'>,
  gallery: GalleryRef = galleryRef(azure),
): readonly ImageRef[] {
  return images.map(({ imageDefinition: definition }) => ({ ...gallery, definition }));
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
  readonly shares: ReturnType<typeof sharesOfTeams>;
  /** Whose the machines are that Azure named, by lower-case id. */
  readonly members: ReadonlyMap<string, string | null>;
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
  const shares = sharesOfTeams(rows, counts.members, find);
  const members = new Map(counts.members.map((member) => [member.id, teamOf(member)]));
  return { rows, teamOf, shares, members, managementGroups, gaps: partial('machines', counts), asOf: counts.asOf };
}

/**
 * Scale sets that upgrade by themselves when a version of this image becomes the latest, with the team that the catalogue
 * gives them: `payments/vmss-api`. Undefined when Azure told of some of them alone.
 *
 * @throws UserError `AZ_…`
 */
export async function selfUpgradingSets(
  read: Pick<InventoryRead, 'scaleSets' | 'managementGroups'>,
  catalogue: Pick<Catalogue, 'teams'>,
  image: ImageRef,
): Promise<readonly string[] | undefined> {
  const [sets, teamOf] = await Promise.all([read.scaleSets(definitionId(image)), machineTeams(read, catalogue)]);
  if (sets.partial) return undefined;
  return sets.rows
    .filter(({ selfUpgrading }) => selfUpgrading)
    .map((set) => {
      const team = teamOf(set);
      return team === null ? set.name : `${team}/${set.name}`;
    });
}
