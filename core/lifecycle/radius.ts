import { regionKey } from '../azure-id';
import { byText, sumOf } from '../collections';
import type { Gap } from '../compliance';
import { hashOf } from '../hash';
import { compareVersions } from '../images';
import {
  type Act,
  acts,
  type Becomes,
  fateOfCopy,
  fateOfFollowing,
  fateOfNaming,
  fateOfStaying,
  fateWithoutCopy,
  turnsLatest,
} from './acts';
import { type Consumer, consumerWords, type ImageUsers, type Unseen } from './consumers';
import { isShownIn, latestIn, latestOfRegions, type RegionLatest, type VersionFacts } from './latest';
import { afterCopies, type CopiesPlan } from './replicas';
import { type SecondCopy, withSecond } from './second';

/** What would become of everybody who uses an image if something were done to some of its versions. */

export interface Effect {
  readonly consumer: Consumer;
  /** A clause whose subject is the consumer. */
  readonly why: string;
  /** The same once it is done, where that differs. */
  readonly since?: string;
}

export interface BlastRadius {
  readonly act: Act;
  readonly versions: readonly string[];
  /** Where copies are made, changed and removed, when it is about that. */
  readonly copies?: CopiesPlan;
  /** What a copy in the second gallery is to be, when it is about that. */
  readonly second?: SecondCopy;
  readonly breaks: readonly Effect[];
  readonly moves: readonly Effect[];
  /** Machines that run them are among these. */
  readonly survives: readonly Effect[];
  /** Machines that run one of the versions. */
  readonly machines: number;
  readonly latest: readonly RegionLatest[];
  /** Name of the second gallery, when it is about copies there. */
  readonly gallery?: string;
  readonly gaps: readonly Gap[];
  /** What may use the image where no question reaches. */
  readonly unseen: readonly Unseen[];
  /** World time. */
  readonly now: Date;
}

export interface RadiusAsked {
  readonly act: Act;
  /** Numbers of the versions that it is done to. */
  readonly versions: readonly string[];
  /** Where a version is shown; everywhere when absent. */
  readonly regions?: readonly string[] | undefined;
  /** What becomes of its copies, when it is about that. */
  readonly copies?: CopiesPlan | undefined;
  /** `rollback`: what is gone back to, and the number under which it comes back as a copy, once that is made. */
  readonly to?: string | undefined;
  readonly forward?: string | undefined;
  /** What a copy in the second gallery is to be, when it is about that. */
  readonly second?: SecondCopy | undefined;
  /** Those that the gallery has. */
  readonly all: readonly VersionFacts[];
  readonly users: Pick<ImageUsers, 'consumers' | 'gaps'> & Partial<Pick<ImageUsers, 'unseen'>>;
  /** Name of the second gallery, where it is done to copies there; absent: to what is published. */
  readonly gallery?: string | undefined;
  readonly now: Date;
}

/** The one rule of what an act would do to whom. */
export function blastRadius(asked: RadiusAsked): BlastRadius {
  const { act, versions, copies, second, all, users, gallery, now } = asked;
  const { does } = acts[act];
  const first = afterwards(asked);
  const after = withCopyOf(first, asked);
  const judged = users.consumers.flatMap((consumer) => {
    const fate =
      consumer.gallery === gallery
        ? fateInTurn(consumer, { act, versions, copies, all, after: [first, after] })
        : fateElsewhere(consumer, { versions, gallery });
    return fate ? [{ consumer, ...fate }] : [];
  });
  const of = (wanted: Becomes): readonly Effect[] =>
    judged
      .filter(({ becomes }) => becomes === wanted)
      .map(({ becomes: _, ...effect }): Effect => effect)
      .sort(byName);
  return {
    act,
    versions,
    ...(copies && { copies }),
    ...(second && { second }),
    breaks: of('breaks'),
    moves: of('moves'),
    survives: of('survives'),
    machines: sumOf(users.consumers, (one) =>
      versions.includes(one.version) && (gallery === undefined || one.gallery === gallery) ? (one.machines ?? 0) : 0,
    ),
    ...(gallery !== undefined && { gallery }),
    latest: does === 'nothing' ? [] : latestOfRegions(all, after, first),
    gaps: users.gaps,
    unseen: users.unseen ?? [],
    now,
  };
}

const byName = (a: Effect, b: Effect): number =>
  byText(
    `${a.consumer.kind} ${a.consumer.name} ${a.consumer.id}`,
    `${b.consumer.kind} ${b.consumer.name} ${b.consumer.id}`,
  );

/** The gallery as it would be. */
export function afterwards({
  act,
  versions,
  regions: where,
  copies,
  second,
  all,
}: Omit<RadiusAsked, 'users' | 'now' | 'to' | 'forward'>): readonly VersionFacts[] {
  const { does } = acts[act];
  if (does === 'nothing') return all;
  if (does === 'copies') {
    return copies ? all.map((one) => (versions.includes(one.version) ? afterCopies(one, copies) : one)) : all;
  }
  if (does === 'repeats') return second ? withSecond(all, versions, second) : all;
  if (does === 'removes') return all.filter(({ version }) => !versions.includes(version));
  const excluded = does === 'hides';
  return all.map((one) => {
    if (!versions.includes(one.version)) return one;
    const left = hiddenIn(one, where);
    const regions = one.regions.map(({ shownThere: _, ...region }) => ({
      ...region,
      excludedFromLatest: excluded || left.includes(region.name),
    }));
    return { ...one, excludedFromLatest: excluded, regions };
  });
}

/**
 * Once the copy is there and shown: where what it is made from can be deployed, so can it be. One that stands there already,
 * still hidden, is that copy.
 */
function withCopyOf(
  first: readonly VersionFacts[],
  { to, forward }: Pick<RadiusAsked, 'to' | 'forward'>,
): readonly VersionFacts[] {
  const source = first.find(({ version }) => version === to);
  if (forward === undefined || !source) return first;
  const regions = source.regions.map(({ shownThere: _, ...region }) => ({ ...region, excludedFromLatest: false }));
  const copy = { ...source, version: forward, excludedFromLatest: false, regions };
  return [...first.filter(({ version }) => version !== forward), copy];
}

/** Where a version stays out of latest when it is shown in these regions alone: where it is out of it now. */
export function hiddenIn(version: Pick<VersionFacts, 'excludedFromLatest' | 'regions'>, where?: readonly string[]) {
  if (where === undefined) return [];
  const keys = new Set(where.map(regionKey));
  return version.regions.flatMap(({ name }) => (keys.has(regionKey(name)) || isShownIn(version, name) ? [] : [name]));
}

interface Around {
  readonly act: Act;
  readonly versions: readonly string[];
  readonly copies: CopiesPlan | undefined;
  readonly all: readonly VersionFacts[];
  readonly after: readonly VersionFacts[];
}

/** What breaks in the first half is broken until the second: that it would be well again then is no comfort. */
function fateInTurn(
  consumer: Consumer,
  { after: [first, last], ...around }: Omit<Around, 'after'> & { readonly after: readonly [Facts, Facts] },
) {
  const fate = fateOf(consumer, { ...around, after: first });
  return fate?.becomes === 'breaks' ? fate : fateOf(consumer, { ...around, after: last });
}

type Facts = readonly VersionFacts[];

/** Undefined: it has nothing to do with these versions. */
function fateOf(consumer: Consumer, { act, versions, copies, all, after }: Around) {
  const { does } = acts[act];
  if (consumer.version !== '') {
    if (versions.includes(consumer.version)) {
      return losesCopy(consumer, copies) ? fateWithoutCopy(consumer.kind) : fateOfNaming(consumer.kind, does);
    }
    return turnsLatest(act) && consumer.kind === 'scale set' ? fateOfStaying(consumer) : undefined;
  }
  if (consumer.location === undefined || does === 'nothing') return undefined;
  const [was, is] = [latestIn(all, consumer.location), latestIn(after, consumer.location)];
  // One that has nothing to take already is not broken by this.
  if (was?.version === is?.version) return undefined;
  const isHigher = is !== undefined && compareVersions(is.version, was?.version ?? '0.0.0') > 0;
  return fateOfFollowing(consumer, is?.version, isHigher);
}

/**
 * Of one that takes the image from the other gallery, where nothing changes. What is done to a version is told to whoever
 * runs a copy of it, too; what is done to a copy is no matter of those who run the version itself.
 */
function fateElsewhere(
  { kind, version, gallery }: Consumer,
  { versions, gallery: at }: Pick<RadiusAsked, 'versions' | 'gallery'>,
) {
  if (at !== undefined || !versions.includes(version)) return undefined;
  return kind === 'machines' ? fateOfNaming(kind, 'hides') : fateOfCopy(gallery ?? '');
}

/** Of one whose place nobody knows nobody can say that it keeps its copy. */
function losesCopy({ location }: Consumer, copies: CopiesPlan | undefined): boolean {
  const gone = (copies?.remove ?? []).map(regionKey);
  return gone.length > 0 && (location === undefined || gone.includes(regionKey(location)));
}

/** What deciders were shown, as a plan carries it: what breaks beyond it stops the run. */
export interface RadiusSeen {
  readonly machines: number;
  /** Ids of what would break. */
  readonly breaks: readonly string[];
  /** Of everything that was shown. */
  readonly digest: string;
}

export function seenOf(radius: BlastRadius): RadiusSeen {
  const { act, versions, copies, second, breaks, moves, machines, latest } = radius;
  const told = (effects: readonly Effect[]) => effects.map(({ consumer, why }) => `${consumer.id} ${why}`);
  return {
    machines,
    breaks: breaks.map(({ consumer }) => consumer.id),
    digest: hashOf({ act, versions, copies, second, breaks: told(breaks), moves: told(moves), machines, latest }).slice(
      0,
      8,
    ),
  };
}

/** What would break now and nobody agreed to. */
export function newBreaks({ breaks }: BlastRadius, seen: Pick<RadiusSeen, 'breaks'> | undefined): readonly Effect[] {
  return breaks.filter(({ consumer }) => !seen?.breaks.includes(consumer.id));
}

/** All that a line has room for. */
const namedAtMost = 4;

function named(effects: readonly Effect[]): string {
  const rest = effects.length - namedAtMost;
  const first = effects.slice(0, namedAtMost).map(({ consumer }) => consumerWords(consumer));
  return `${first.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
}

/** For deciders, what matters most first: a sentence each. */
export function radiusLines(radius: BlastRadius): readonly string[] {
  const { breaks, moves, machines, act } = radius;
  return [
    ...(breaks.length === 0 ? [] : [`${breaks.length} would break: ${named(breaks)}.`]),
    ...latestLines(radius),
    ...(moves.length === 0 ? [] : [`${moves.length} would take another version: ${named(moves)}.`]),
    ...(['nothing', 'copies', 'repeats'].includes(acts[act].does)
      ? []
      : [`${machines === 1 ? '1 machine runs' : `${machines} machines run`} it and would keep running.`]),
  ];
}

/** What it means, once it is done, for each team that has something to do with it, in the order of their names: sentences. */
export function radiusOfTeams({
  breaks,
  moves,
  survives,
  versions,
}: BlastRadius): ReadonlyMap<string, readonly string[]> {
  const own = survives.filter(({ consumer }) => consumer.kind === 'machines' && versions.includes(consumer.version));
  const teams = [...breaks, ...moves, ...own, ...survives].flatMap(({ consumer: { team } }) => team ?? []);
  return new Map(
    [...new Set(teams)].sort(byText).map((team) => [team, linesOf(team, { breaks, moves, survives, own })]),
  );
}

type Fates = Pick<BlastRadius, 'breaks' | 'moves' | 'survives'> & { readonly own: readonly Effect[] };

function linesOf(team: string, { breaks, moves, survives, own }: Fates): readonly string[] {
  const ofTeam = (effects: readonly Effect[]) => effects.filter(({ consumer }) => consumer.team === team);
  const machines = sumOf(ofTeam(own), ({ consumer }) => consumer.machines ?? 0);
  const others = ofTeam(survives).filter(({ consumer }) => consumer.kind !== 'machines');
  const told = (effects: readonly Effect[]) =>
    effects.map(({ consumer, why, since = why }) => `${consumerWords({ ...consumer, team: null })} ${since}.`);
  const broken = told(ofTeam(breaks));
  const mended = `Let ${broken.length === 1 ? 'it' : 'them'} name another version by its number.`;
  const running =
    machines === 1
      ? '1 machine of yours runs it and keeps running: replace it'
      : `${machines} machines of yours run it and keep running: replace them`;
  return [
    ...(broken.length === 0 ? [] : [...broken, mended]),
    ...(machines === 0 ? [] : [`${running} as soon as you can.`]),
    ...told([...ofTeam(moves), ...others]),
  ];
}

/** What would be latest; regions that say the same are told of together. */
function latestLines({ latest, now }: BlastRadius): readonly string[] {
  const changed = latest.filter(({ before, after }) => before !== after);
  const bySentence = new Map<string, string[]>();
  for (const { region, before, after, afterEnds, meanwhile } of changed) {
    const past = afterEnds && afterEnds <= now ? ', which is past its own end of life,' : '';
    const what = after === undefined ? 'no version would be latest' : `${after} would be latest${past}`;
    const until = meanwhile === undefined ? '' : `, and ${meanwhile ?? 'none'} until ${after} is in place`;
    const sentence = `${what}${before === undefined ? '' : ` instead of ${before}`}${until}`;
    bySentence.set(sentence, [...(bySentence.get(sentence) ?? []), region]);
  }
  return [...bySentence].map(([sentence, regions]) => `In ${regions.join(', ')}, ${sentence}.`);
}
