import type { AzureRead, GalleryVersion } from '../azure';
import { definitionId, regionKey, sameId } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { byText, grouped, sumOf } from '../collections';
import {
  type Gap,
  type Machine,
  type MachineCount,
  machinesByTeam,
  type Place,
  partial,
  type ScaleSet,
  type ServiceModel,
  type TeamOf,
} from '../compliance';
import { hashOf } from '../hash';
import { compareVersions, goldenImages, homesOf, imageRef, isCandidate, versionTags } from '../images';
import { dayOf, momentOf } from '../time';
import { withCopies } from './copies';
import type { Deferral } from './deferral';
import { isShown, latestIn, type VersionFacts } from './latest';

/** Whose machines would come to a version, and how: by goldbot, by Azure itself, or by their owners. */

/**
 * How a scale set comes to a version. `batches`: goldbot changes its model, then its instances, batch by batch; `rolling`:
 * goldbot changes its model, and Azure moves the instances; `azure`: by automatic OS upgrades alone; `left`: it does not;
 * `there`: it has nothing to do.
 */
export type SetWay = 'batches' | 'rolling' | 'azure' | 'left' | 'there';

export interface SetRollout extends Pick<ScaleSet, 'id' | 'name' | 'location' | 'asks' | 'takesReimage'> {
  readonly team: string | null;
  readonly way: SetWay;
  /** A clause whose subject is the set. */
  readonly why: string;
  /** The number that its model names; empty: it takes the latest. */
  readonly named: string;
  /** What its instances run of the image, most first. */
  readonly runs: readonly { readonly version: string; readonly machines: number }[];
  /** Instances on another image than its model: they are moved with the others. */
  readonly foreign: number;
  readonly instances: number;
  /** Instances on another version than the one that is rolled out. */
  readonly elsewhere: number;
  /** An instance that takes the model and keeps its disk is reimaged: goldbot may, and says so before anybody agrees. */
  readonly reimages?: true;
}

export type Model = ServiceModel | 'undecided';

/** Machines in no scale set: their owners replace them. */
export interface SinglesRollout {
  /** Older than the version, by what their owners said they are. */
  readonly behind: Readonly<Record<Model, number>>;
  /** On it, or on a newer one. */
  readonly there: number;
}

export interface TeamRollout {
  readonly team: string | null;
  readonly sets: readonly SetRollout[];
  readonly singles: SinglesRollout;
  /** Instances of scale sets whose model has gone over to another image, and the names of those sets. */
  readonly strays: { readonly machines: number; readonly sets: readonly string[] };
  /** What the team has put off: none of its sets is moved before. */
  readonly deferral?: Deferral;
  /** Of what goldbot and Azure would do: what somebody agrees to. */
  readonly digest: string;
}

/** Every machine of a team is one of these. */
export interface RolloutSums {
  readonly machines: number;
  readonly there: number;
  readonly goldbot: number;
  readonly azure: number;
  readonly owners: number;
  readonly left: number;
}

export interface RolloutPlanned {
  readonly version: string;
  readonly teams: readonly TeamRollout[];
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
  readonly teamOf: TeamOf;
}

export interface RolloutAsked {
  readonly version: string;
  /** What the gallery has, with where their copies are. */
  readonly all: readonly VersionFacts[];
  readonly sets: readonly (ScaleSet & { readonly team: string | null })[];
  /** Members of scale sets that run the image. */
  readonly members: readonly (Machine & { readonly team: string | null })[];
  /** Members of scale sets that run another one. */
  readonly foreign: readonly Machine[];
  /** All machines that run the image, counted. */
  readonly counts: readonly { readonly count: MachineCount; readonly team: string | null }[];
  /** Of this image, by whichever team. */
  readonly deferrals?: readonly Deferral[];
}

/** How many members of scale sets are read, one by one. */
const mostMembers = 5_000;

type Asking = Pick<AzureRead, 'machineCounts' | 'managementGroups' | 'scaleSets' | 'machineList' | 'version'>;

/**
 * Who has to do with an image, and what rolling a version out would mean for each: three questions to the inventory.
 *
 * @throws UserError `AZ_…`: a plan that lacks a scale set without saying so would be agreed to for what it shows.
 */
export async function readRollout(
  read: Asking,
  catalogue: Catalogue,
  {
    image,
    version,
    all,
    deferrals = [],
  }: { readonly image: Catalogue['images'][number] } & Pick<RolloutAsked, 'version' | 'all' | 'deferrals'>,
): Promise<RolloutPlanned> {
  const ref = imageRef(catalogue.azure, image);
  const source = definitionId(ref);
  const [counted, [sets, members], copies] = await Promise.all([
    machinesByTeam(read, catalogue),
    setsWithMembers(read, source, homesOf(catalogue.azure, image).map(definitionId)),
    withCopies(read, ref, all),
  ]);
  const { teamOf, rows } = counted;
  const golden = goldenImages(catalogue);
  const isOwn = (machine: Pick<Machine, 'source'>) => golden.get(machine.source.toLowerCase()) === image.name;
  return {
    version,
    teams: planRollout({
      ...{ version, all: copies, deferrals: deferrals.filter((one) => one.image === image.name) },
      sets: sets.rows.map((set) => ({ ...set, team: teamOf(set) })),
      members: members.rows.filter(isOwn).map((machine) => ({ ...machine, team: teamOf(machine) })),
      foreign: members.rows.filter((machine) => !isOwn(machine)),
      counts: rows.filter(({ count }) => isOwn(count)),
    }),
    gaps: [...counted.gaps, ...partial('scale sets', sets), ...unreadMembers(members)],
    ...{ asOf: counted.asOf, teamOf },
  };
}

/** Scale sets that take the image from the second gallery are their owners’. Also the members of those scale sets that run another image, and so what else lies beside them: one question for all. */
async function setsWithMembers(
  read: Pick<AzureRead, 'scaleSets' | 'machineList'>,
  source: string,
  sources: readonly string[],
) {
  const sets = await read.scaleSets(source);
  const orPlaces = [...new Map(sets.rows.map((set) => [placeKey(set), placeOf(set)])).values()];
  const filter = { source: sources.map((id) => id.toLowerCase()), orPlaces, inScaleSet: true } as const;
  return [sets, await read.machineList(filter, mostMembers)] as const;
}

const placeOf = ({ subscription, resourceGroup }: ScaleSet): Place => ({ subscription, resourceGroup });
const placeKey = (set: ScaleSet): string => `${set.subscription}/${set.resourceGroup}`;

function unreadMembers(members: Awaited<ReturnType<AzureRead['machineList']>>): readonly Gap[] {
  const { rows, total } = members;
  const unread = { figure: 'scale set instances', reason: 'not read', first: rows.length, total } as const;
  return [...partial('scale set instances', members), ...(total > rows.length ? [unread] : [])];
}

/** Why a version is rolled out to nobody, a sentence; undefined: nothing that the gallery says stands against it. */
export function whyNotRollOut(version: GalleryVersion, now: Date): string | undefined {
  const { version: number, provisioningState, tags, endOfLife } = version;
  if (provisioningState === 'Failed') return `Azure could not make ${number}: its state is Failed.`;
  if (provisioningState === 'Deleting') return `${number} is being deleted.`;
  if (isCandidate(version)) return `${number} was never published.`;
  const state = tags[versionTags.state];
  if (state === 'revoked' || state === 'retired' || state === 'rolled-back') {
    return `${number} was ${state.replace('-', ' ')}: ${tags[versionTags.reason] ?? 'no reason given'}.`;
  }
  if (!isShown(version)) return `${number} is out of latest everywhere.`;
  return endOfLife && endOfLife <= now ? `The life of ${number} ended on ${dayOf(endOfLife)}.` : undefined;
}

/** For each team with something on the image, in the order of their names; machines without a team come last. */
export function planRollout(asked: RolloutAsked): readonly TeamRollout[] {
  const { sets, members, counts, version } = asked;
  const teams = [...new Set([...sets, ...members, ...counts].map(({ team }) => team))];
  const sorted = teams.sort((a, b) => Number(a === null) - Number(b === null) || byText(a ?? '', b ?? ''));
  return sorted.map((team) => {
    const of = <Row extends { readonly team: string | null }>(rows: readonly Row[]) =>
      rows.filter((row) => row.team === team);
    const deferral = asked.deferrals?.find((one) => one.team === team);
    const own = sets.filter((set) => set.team === team).map((set) => heldBack(setRollout(set, asked), deferral));
    const rolled = own.sort((a, b) => byText(`${a.name} ${a.id}`, `${b.name} ${b.id}`));
    return {
      ...{ team, sets: rolled, digest: digestOf(version, rolled) },
      ...(deferral && { deferral }),
      singles: singlesOf(of(counts), of(members), version),
      strays: straysOf(of(members).filter((machine) => sets.every((set) => !isMember(machine, set)))),
    };
  });
}

/** The word by which people agree to what would be done to these sets. */
export function digestOf(version: string, sets: readonly SetRollout[]): string {
  const agreed = sets.map(({ id, way, named, reimages }) => ({ id, way, named, ...(reimages && { reimages }) }));
  return hashOf({ version, sets: agreed }).slice(0, 8);
}

const straysOf = (machines: readonly Machine[]): TeamRollout['strays'] => ({
  machines: machines.length,
  sets: [...new Set(machines.map(({ scaleSet = '' }) => scaleSet))].sort(byText),
});

/** Each machine once. */
export function sumsOf({ sets, singles, strays }: TeamRollout): RolloutSums {
  const moved = (...ways: readonly SetWay[]) =>
    sumOf(
      sets.filter(({ way }) => ways.includes(way)),
      ({ elsewhere }) => elsewhere,
    );
  const { pet, cattle, undecided } = singles.behind;
  const owners = pet + cattle + undecided;
  const left = moved('left') + strays.machines;
  const there = sumOf(sets, ({ instances, elsewhere }) => instances - elsewhere) + singles.there;
  const [goldbot, azure] = [moved('batches', 'rolling'), moved('azure')];
  return { machines: there + goldbot + azure + owners + left, there, goldbot, azure, owners, left };
}

/** Whether there is something that goldbot would do, or let Azure do. */
export function hasWork({ sets }: Pick<TeamRollout, 'sets'>): boolean {
  return sets.some(isWork);
}

/** Whether there is something that a run would do or, where owners replace machines, look on at. */
export function isRollable(team: TeamRollout): boolean {
  // A team that has put it off appoints nothing either: one word holds for all that is theirs.
  return team.deferral === undefined && (hasWork(team) || sumsOf(team).owners > 0);
}

/** Sets that a run changes, or whose upgrade it lets begin. */
export const isWork = ({ way, asks }: Pick<SetRollout, 'way' | 'asks'>): boolean =>
  way === 'batches' || way === 'rolling' || (way === 'azure' && asks !== undefined);

/** Azure waits for nobody where it does not ask. */
function heldBack(set: SetRollout, deferral: Deferral | undefined): SetRollout {
  if (!deferral || !isWork(set)) return set;
  return { ...set, ...left(`is deferred by ${deferral.by} until ${momentOf(deferral.until)}: “${deferral.reason}”`) };
}

function setRollout(set: RolloutAsked['sets'][number], asked: RolloutAsked): SetRollout {
  const { id, name, location, asks, team, takesReimage, version: named } = set;
  const own = asked.members.filter((machine) => isMember(machine, set));
  const runs = [...grouped(own, ({ version }) => version)]
    .map(([version, all]) => ({ version, machines: all.length }))
    .sort((a, b) => b.machines - a.machines || compareVersions(b.version, a.version));
  const foreign = asked.foreign.filter((machine) => isMember(machine, set)).length;
  const elsewhere = own.filter(({ version }) => version !== asked.version).length + foreign;
  return {
    ...{ id, name, team, location, takesReimage, named, runs, foreign, instances: own.length + foreign, elsewhere },
    ...(asks && { asks }),
    ...wayOf(set, asked, { own, elsewhere }),
  };
}

function isMember(
  { scaleSet, subscription, resourceGroup }: Machine,
  set: Pick<ScaleSet, 'name' | 'subscription' | 'resourceGroup'>,
): boolean {
  return sameId(scaleSet ?? '', set.name) && subscription === set.subscription && resourceGroup === set.resourceGroup;
}

type Way = Pick<SetRollout, 'way' | 'why'>;

const left = (why: string): Way => ({ way: 'left', why });

function wayOf(
  set: ScaleSet,
  { version, all }: RolloutAsked,
  { own, elsewhere }: { readonly own: readonly Machine[]; readonly elsewhere: number },
): Way {
  const { version: named, location, selfUpgrading, mode } = set;
  const follows = named === '';
  const latest = latestIn(all, location)?.version;
  if (follows && latest !== version) {
    return left(`takes the latest, which is ${latest ?? 'none'} in ${regionKey(location)}`);
  }
  if (elsewhere === 0 && (follows || named === version)) return { way: 'there', why: 'runs it' };
  if (!follows && !hasCopy(all, version, location)) {
    return left(`cannot take it: ${version} has no copy in ${regionKey(location)}`);
  }
  if (selfUpgrading) return byAzure(set, { others: own.filter((one) => one.version !== version), elsewhere }, version);
  if (named === version || follows) return { way: 'batches', why: `has it in its model; ${inBatches}` };
  if (mode === 'Automatic') {
    return left('would lose all its instances at once (upgrade policy Automatic): its owner sets Manual or Rolling');
  }
  if (mode === 'Rolling') return { way: 'rolling', why: 'gets it into its model; Azure moves it batch by batch' };
  return { way: 'batches', why: `gets it into its model; ${inBatches}` };
}

const inBatches = 'goldbot moves one instance first, then a fifth at a time';

/** Nothing ever goes down by itself. */
function byAzure(
  { asks }: ScaleSet,
  { others, elsewhere }: { readonly others: readonly Machine[]; readonly elsewhere: number },
  version: string,
): Way {
  const isNewer = others.length === elsewhere && others.every((one) => compareVersions(one.version, version) > 0);
  if (isNewer) {
    return left('runs a newer version, and Azure moves nothing down by itself');
  }
  if (asks === 'hook')
    return { way: 'azure', why: 'is upgraded by Azure once its owner lets it, or the time to answer ends' };
  if (asks === 'deferral') return { way: 'azure', why: 'is upgraded by Azure once its owner lets it' };
  return { way: 'azure', why: 'is upgraded by Azure itself, a fifth at a time' };
}

/** Whether a version can be deployed there by its number; `location` in either form. */
export function hasCopy(
  all: readonly Pick<VersionFacts, 'version' | 'regions'>[],
  version: string,
  location: string,
): boolean {
  const found = all.find((one) => one.version === version);
  const here = found?.regions.find(({ name }) => regionKey(name) === regionKey(location));
  return here !== undefined && here.state !== 'Failed' && here.state !== 'Replicating';
}

/** Those that Azure counts as virtual machines, without members of flexible sets, which are virtual machines as well. */
function singlesOf(counts: RolloutAsked['counts'], members: readonly Machine[], version: string): SinglesRollout {
  const inSets = members.filter(({ type }) => type === 'vm');
  const machines = (fits: (machine: Pick<Machine, 'version' | 'model'>) => boolean): number =>
    sumOf(counts, ({ count }) => (count.type === 'vm' && fits(count) ? count.machines : 0)) -
    inSets.filter(fits).length;
  const isBehind = (one: Pick<Machine, 'version'>) => compareVersions(one.version, version) < 0;
  const behind = (model: Model) => machines((one) => isBehind(one) && (one.model ?? 'undecided') === model);
  return {
    behind: { pet: behind('pet'), cattle: behind('cattle'), undecided: behind('undecided') },
    there: machines((one) => !isBehind(one)),
  };
}
