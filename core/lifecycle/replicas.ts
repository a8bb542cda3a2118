import type { GalleryVersion, Region, RegionStatus, RegionWanted } from '../azure';
import { regionKey } from '../azure-id';
import { byText, sumOf } from '../collections';
import { type CommandCall, call } from '../command-call';
import { isCandidate, versionTags } from '../images';
import { dayOf } from '../time';
import type { Consumer } from './consumers';
import { isShownIn, type VersionFacts } from './latest';
import type { Instead } from './promotion';

/** In which regions a version has how many copies: what becomes of what people ask for, why not, and how many Azure advises. */

/** Which copies are made, changed or given up, in absolute values. */
export interface CopiesPlan {
  /** Made, or set to so many. */
  readonly set: readonly RegionWanted[];
  /** Those that failed: given up, then made again as they were. */
  readonly again: readonly RegionWanted[];
  /** Given up. As Azure displays them. */
  readonly remove: readonly string[];
}

export interface CopiesAsked {
  readonly image: string;
  /** With the state of its replication. */
  readonly version: GalleryVersion;
  /** `replicas` absent: as many as the catalogue says, or one. */
  readonly add: readonly { readonly name: string; readonly replicas?: number }[];
  readonly remove: readonly string[];
  /** What failed is made again. */
  readonly retry: boolean;
  /** Regions of the image in the catalogue. */
  readonly configured: readonly Region[];
  readonly now: Date;
}

/** Azure's own limit of a version, in all regions together. */
export const mostCopies = 100;

/** What it comes to, or why it cannot be done and what can be instead. */
export function planCopies(asked: CopiesAsked): CopiesPlan | Instead {
  const { remove, add } = asked;
  const { set, again } = { set: add.map((one) => wantedOf(asked, one)), again: againOf(asked) };
  const plan = { set, again, remove: remove.map((name) => spelt(asked, name)) };
  const refused =
    whyNotNow(asked) ??
    whyNotAdd(asked, plan) ??
    whyNotRemove(asked) ??
    whyNotAgain(asked, plan) ??
    tooMany(asked, plan);
  if (refused === undefined) return plan;
  return typeof refused === 'string' ? { message: refused, next: seeing(asked) } : refused;
}

const seeing = ({ image, version }: CopiesAsked): readonly CommandCall[] => [
  call('show', { ref: `${image}@${version.version}` }),
];

type Refused = string | Instead | undefined;

/** As the gallery writes it, then as the catalogue does, then as it was typed. */
function spelt({ version, configured }: CopiesAsked, name: string): string {
  return [...version.regions, ...configured].find((one) => isIn(one, name))?.name ?? name;
}

const isIn = ({ name }: { readonly name: string }, region: string): boolean => regionKey(name) === regionKey(region);
const copyIn = ({ version }: CopiesAsked, region: string) => version.regions.find((one) => isIn(one, region));

/** A new copy is offered where all of them are; in a version that is promoted region by region it waits to be promoted. */
function wantedOf(asked: CopiesAsked, { name, replicas }: CopiesAsked['add'][number]): RegionWanted {
  const there = copyIn(asked, name);
  const known = asked.configured.find((one) => isIn(one, name));
  if (there) return { name: there.name, replicas: replicas ?? there.replicas };
  const shown = asked.version.regions.filter((one) => isShownIn(asked.version, one.name)).length;
  const isPartly = shown > 0 && shown < asked.version.regions.length;
  return {
    ...known,
    ...{ name: known?.name ?? name, replicas: replicas ?? known?.replicas ?? 1 },
    ...(isPartly && { hidden: true }),
  };
}

function againOf({ version, retry }: CopiesAsked): readonly RegionWanted[] {
  if (!retry) return [];
  return version.regions.filter(hasFailed).map((one) => {
    const { name, replicas, storageAccountType, diskEncryptionSetId, excludedFromLatest, shownThere } = one;
    return {
      ...{ name, replicas },
      ...(storageAccountType && { storageAccountType }),
      ...(diskEncryptionSetId && { diskEncryptionSetId }),
      ...(excludedFromLatest && { hidden: true }),
      ...(shownThere && { hidden: false }),
    };
  });
}

const hasFailed = ({ state }: RegionStatus): boolean => state === 'Failed';

/** What stands against any change of its copies, or against making more of them. */
function whyNotNow({ image, version, add, retry, now }: CopiesAsked): Refused {
  const { version: number, provisioningState: state, tags, endOfLife, regions } = version;
  const ref = `${image}@${number}`;
  if (isCandidate(version)) return `${number} was never published: its run copies it to its regions.`;
  if (state === 'Failed' && !regions.some(hasFailed)) return `Azure could not make ${number}: its state is Failed.`;
  if (state !== 'Succeeded' && state !== 'Failed') {
    const under = copying(regions);
    return `The gallery is working on ${number} (${state}${under === '' ? '' : `; ${under}`}): ask again once it is done.`;
  }
  if (add.length === 0 && !retry) return undefined;
  const was = tags[versionTags.state];
  if (was === 'revoked' || was === 'retired') {
    return { message: `${number} was ${was}: it gets no new copies.`, next: [call('restore', { ref })] };
  }
  if (endOfLife && endOfLife <= now) {
    const message = `The life of ${number} ended on ${dayOf(endOfLife)}: it gets no new copies.`;
    return { message, next: [call('eol', { ref, when: '+6mo' })] };
  }
  return undefined;
}

/** `East US at 45 %`; empty when nothing is being copied. */
export function copying(regions: readonly RegionStatus[]): string {
  return regions
    .filter(({ state }) => state === 'Replicating')
    .map(({ name, progress }) => `${name} at ${progress} %`)
    .join(', ');
}

function whyNotAdd(asked: CopiesAsked, { set }: CopiesPlan): Refused {
  const { add, remove, version } = asked;
  const named = [...add.map(({ name }) => name), ...remove];
  const twice = named.find((name, at) => named.findIndex((one) => regionKey(one) === regionKey(name)) !== at);
  if (twice !== undefined) return `${spelt(asked, twice)} is named twice.`;
  for (const [at, { name, replicas }] of add.entries()) {
    const there = copyIn(asked, name);
    const copies = set[at]?.replicas ?? 0;
    if (copies < 1 || copies > mostCopies) return `${spelt(asked, name)} can have 1 to ${mostCopies} copies.`;
    if (there && (replicas === undefined || replicas === there.replicas)) {
      return `${there.name} has ${copiesWord(there.replicas)} of ${version.version} already: name another number, such as “${there.name}:${there.replicas + 1}”.`;
    }
  }
  const unkeyed = set.find((one) => !copyIn(asked, one.name) && one.diskEncryptionSetId === undefined);
  if (unkeyed && version.regions.some(({ diskEncryptionSetId: key }) => key !== undefined)) {
    return `The copies of ${version.version} are encrypted with keys of your own, and the catalogue names no disk encryption set in ${unkeyed.name}.`;
  }
  return undefined;
}

function whyNotRemove(asked: CopiesAsked): Refused {
  const { version, remove } = asked;
  for (const name of remove) {
    const there = copyIn(asked, name);
    if (!there) return `${version.version} has no copy in ${name}; it is in ${names(version.regions)}.`;
    if (isHome(version, there.name)) {
      return `${there.name} is where ${version.version} was made: Azure keeps a copy there.`;
    }
  }
  return undefined;
}

const isHome = ({ home, regions }: GalleryVersion, name: string): boolean =>
  regions.length === 1 || (home !== undefined && regionKey(home) === regionKey(name));

function whyNotAgain({ version, retry, image }: CopiesAsked, { again }: CopiesPlan): Refused {
  if (!retry) return undefined;
  if (again.length === 0) return `No copy of ${version.version} has failed: there is nothing to try again.`;
  const home = again.find(({ name }) => isHome(version, name));
  if (!home) return undefined;
  const message = `${version.version} failed in ${home.name}, where it was made, and Azure lets no copy go there: publish it again.`;
  return { message, next: [call('publish', { image })] };
}

function tooMany({ version }: CopiesAsked, plan: CopiesPlan): Refused {
  const total = sumOf(afterCopies(version, plan).regions, ({ replicas }) => replicas);
  if (total <= mostCopies) return undefined;
  return `${version.version} would have ${total} copies in all; Azure makes at most ${mostCopies} of a version.`;
}

export const copiesWord = (n: number): string => (n === 1 ? '1 copy' : `${n} copies`);
const names = (regions: readonly { readonly name: string }[]): string => regions.map(({ name }) => name).join(', ');

/** The version once all of it is done. */
export function afterCopies<Version extends VersionFacts>(version: Version, plan: CopiesPlan): Version {
  const gone = new Set(plan.remove.map(regionKey));
  const wanted = [...plan.set, ...plan.again];
  const kept = version.regions.filter(({ name }) => !gone.has(regionKey(name)));
  const changed = kept.map((one): RegionStatus => {
    const change = wanted.find((other) => isIn(other, one.name));
    return change
      ? { ...one, replicas: change.replicas, ...(plan.again.includes(change) && { state: 'Completed' }) }
      : one;
  });
  const added = wanted
    .filter(({ name }) => !version.regions.some((one) => isIn(one, name)))
    .map(
      ({ hidden = false, ...one }): RegionStatus => ({
        ...{ ...one, excludedFromLatest: hidden, state: 'Completed', progress: 100 },
      }),
    );
  return { ...version, regions: [...changed, ...added] };
}

/** What Azure advises for a region, and what that is counted from. */
export interface CopyAdvice {
  /** As the version or the consumer writes it. */
  readonly region: string;
  readonly replicas: number;
  /** Machines of any version of the image there: as many could start at once. */
  readonly machines: number;
  readonly scaleSets: number;
}

/** In production, whatever is there. */
const leastCopies = 3;
const machinesACopy = 20;

/**
 * How many copies would serve everybody who could start at once, for each region in which the version or somebody is: at
 * least three in production, one for each 20 machines, one for each scale set; together no more than Azure makes.
 */
export function copyAdvice(
  { regions }: Pick<GalleryVersion, 'regions'>,
  consumers: readonly Consumer[],
): readonly CopyAdvice[] {
  const used = consumers.filter(({ kind, location }) => (kind === 'machines' || kind === 'scale set') && location);
  const places = new Map([
    ...used.map(({ location = '' }) => [regionKey(location), location] as const),
    ...regions.map(({ name }) => [regionKey(name), name] as const),
  ]);
  const counted = [...places].map(([key, region]) => {
    const here = used.filter(({ location = '' }) => regionKey(location) === key);
    const machines = sumOf(here, ({ machines: n = 0 }) => n);
    const scaleSets = here.filter(({ kind }) => kind === 'scale set').length;
    return {
      region,
      machines,
      scaleSets,
      replicas: Math.max(leastCopies, Math.ceil(machines / machinesACopy), scaleSets),
    };
  });
  const total = sumOf(counted, ({ replicas }) => replicas);
  const most = (n: number) => (total <= mostCopies ? n : Math.max(1, Math.floor((n * mostCopies) / total)));
  return counted.map((one) => ({ ...one, replicas: most(one.replicas) })).sort((a, b) => byText(a.region, b.region));
}
