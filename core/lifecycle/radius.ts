import { regionKey } from '../azure-id';
import { byText, sumOf } from '../collections';
import type { Gap } from '../compliance';
import { hashOf } from '../hash';
import { compareVersions } from '../images';
import {
  type Act,
  acts,
  type Becomes,
  fateOfFollowing,
  fateOfNaming,
  fateOfStaying,
  fateWithoutCopy,
  turnsLatest,
} from './acts';
import { type Consumer, consumerWords, type ImageUsers } from './consumers';
import { isShownIn, latestIn, latestOfRegions, type RegionLatest, type VersionFacts } from './latest';
import { afterCopies, type CopiesPlan } from './replicas';

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
  readonly breaks: readonly Effect[];
  readonly moves: readonly Effect[];
  /** Machines that run them are among these. */
  readonly survives: readonly Effect[];
  /** Machines that run one of the versions. */
  readonly machines: number;
  readonly latest: readonly RegionLatest[];
  readonly gaps: readonly Gap[];
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
  /** Those that the gallery has. */
  readonly all: readonly VersionFacts[];
  readonly users: Pick<ImageUsers, 'consumers' | 'gaps'>;
  readonly now: Date;
}

/** The one rule of what an act would do to whom. */
export function blastRadius({ act, versions, regions, copies, all, users, now }: RadiusAsked): BlastRadius {
  const { does } = acts[act];
  const after = afterwards({ act, versions, regions, copies, all });
  const judged = users.consumers.flatMap((consumer) => {
    const fate = fateOf(consumer, { act, versions, copies, all, after });
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
    breaks: of('breaks'),
    moves: of('moves'),
    survives: of('survives'),
    machines: sumOf(users.consumers, ({ version, machines = 0 }) => (versions.includes(version) ? machines : 0)),
    latest: does === 'nothing' ? [] : latestOfRegions(all, after),
    gaps: users.gaps,
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
  all,
}: Omit<RadiusAsked, 'users' | 'now'>): readonly VersionFacts[] {
  const { does } = acts[act];
  if (does === 'nothing') return all;
  if (does === 'copies') {
    return copies ? all.map((one) => (versions.includes(one.version) ? afterCopies(one, copies) : one)) : all;
  }
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
  const { act, versions, copies, breaks, moves, machines, latest } = radius;
  const told = (effects: readonly Effect[]) => effects.map(({ consumer, why }) => `${consumer.id} ${why}`);
  return {
    machines,
    breaks: breaks.map(({ consumer }) => consumer.id),
    digest: hashOf({ act, versions, copies, breaks: told(breaks), moves: told(moves), machines, latest }).slice(0, 8),
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
    ...(acts[act].does === 'nothing' || acts[act].does === 'copies'
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
  for (const { region, before, after, afterEnds } of changed) {
    const past = afterEnds && afterEnds <= now ? ', which is past its own end of life,' : '';
    const what = after === undefined ? 'no version would be latest' : `${after} would be latest${past}`;
    const sentence = `${what}${before === undefined ? '' : ` instead of ${before}`}`;
    bySentence.set(sentence, [...(bySentence.get(sentence) ?? []), region]);
  }
  return [...bySentence].map(([sentence, regions]) => `In ${regions.join(', ')}, ${sentence}.`);
}
