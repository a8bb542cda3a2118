import { sourceInText } from '../build-source';
import type { Catalogue } from '../catalogue';
import { byText, grouped, sumOf } from '../collections';
import {
  type BaseAnswers,
  baseKey,
  type GoldenVersion,
  goldenFor,
  isCandidate,
  type Retirement,
  retirementOf,
  tattooFromTags,
} from '../images';
import type { Gap } from './gaps';
import type { ListedVersion, MachineCount } from './inventory';
import { spelling } from './spelling';

/*
 * What becomes of marketplace images that machines run and that golden versions were built from, by what the marketplace
 * last said of them.
 */

/** Machines of a team on one exact version of a marketplace image that its publisher retires. */
export interface RetiringImage extends Retirement {
  /** `Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2`, as the catalogue spells it where it has it. */
  readonly source: string;
  readonly version: string;
  readonly machines: number;
  /** The golden image that they can move to, by its name in the catalogue; absent when none is known to fit. */
  readonly golden?: string;
}

/** Machines on a marketplace image that nobody knows the future of. */
interface UnknownImage {
  readonly source: string;
  readonly machines: number;
  /** Why, of the UserError; absent: it has not been asked about yet. */
  readonly message?: string;
}

/** The marketplace images of a team's machines. */
export interface Retiring {
  /** World time of the oldest look that this rests on; absent when there was none. */
  readonly asOf?: Date;
  /** Soonest first: what is over comes before what is announced. */
  readonly images: readonly RetiringImage[];
  /** Most machines first. */
  readonly unknown: readonly UnknownImage[];
}

type Golden = Pick<Catalogue, 'azure' | 'images'>;
type Counted = Pick<MachineCount, 'source' | 'written' | 'version' | 'machines'>;

/** `counts`: machines of one team, of whatever images. */
export function retiringOf(
  counts: readonly Counted[],
  bases: BaseAnswers,
  { azure, images }: Golden,
  now: Date,
): Retiring {
  const written = spelling(images);
  const alike = [...grouped(counts, ({ source, version }) => `${source}:${version}`)];
  const judged = alike.flatMap(([reference, own]) => {
    const image = sourceInText(reference);
    if (image?.source.kind !== undefined || !image) return [];
    const { source: named, version } = image;
    const answer = bases.get(baseKey(azure.location, named));
    const outlook = answer?.found ? retirementOf(answer.found, version, now) : 'unknown';
    return [
      {
        source: written(own),
        version,
        named,
        answer,
        outlook,
        machines: sumOf(own, ({ machines }) => machines),
      },
    ];
  });
  const looks = judged.flatMap(({ answer, outlook }) => (outlook === 'unknown' ? [] : (answer?.found?.asOf ?? [])));
  const asOf = looks.sort(byText)[0];
  return {
    ...(asOf !== undefined && { asOf: new Date(asOf) }),
    images: judged
      .flatMap(({ source, version, named, machines, outlook }): RetiringImage[] => {
        if (typeof outlook === 'string') return [];
        const golden = goldenFor(images, named, outlook);
        return [{ source, version, machines, ...outlook, ...(golden !== undefined && { golden }) }];
      })
      .sort(soonestFirst),
    unknown: unknownOf(judged.filter(({ outlook }) => outlook === 'unknown')),
  };
}

function unknownOf(
  judged: readonly (Counted & { readonly answer: ReturnType<BaseAnswers['get']> })[],
): readonly UnknownImage[] {
  const all = [...grouped(judged, ({ source }) => source)].map(([source, own]): UnknownImage => {
    const message = own[0]?.answer?.failed?.message;
    return { source, machines: sumOf(own, ({ machines }) => machines), ...(message !== undefined && { message }) };
  });
  return all.sort((a, b) => b.machines - a.machines || byText(a.source, b.source));
}

/** What nobody knows about marketplace images of these teams, as one gap; none when all is known. */
export function retiringGaps(teams: readonly (Retiring | undefined)[]): readonly Gap[] {
  const all = teams.flatMap((team) => team?.unknown ?? []);
  if (all.length === 0) return [];
  const message = all.find((image) => image.message !== undefined)?.message;
  const sources = [...new Set(all.map(({ source }) => source))];
  return [
    {
      ...{ figure: 'marketplace images', reason: 'not known', machines: sumOf(all, ({ machines }) => machines) },
      ...{ first: sources.slice(0, 1), total: sources.length },
      ...(message !== undefined && { message }),
    },
  ];
}

/** Machines of one or more teams on one marketplace image, of all versions with the same fate. */
export interface RetiringMachines extends Retirement {
  readonly source: string;
  /** How many exact versions. */
  readonly versions: number;
  readonly machines: number;
  /** Most machines first; null: of no team. */
  readonly teams: readonly (string | null)[];
  readonly golden?: string;
}

/** `retiresAt` is the first day among the versions. */
export function retiringMachines(
  teams: readonly { readonly team: string | null; readonly retiring?: Pick<Retiring, 'images'> }[],
): readonly RetiringMachines[] {
  const all = teams.flatMap(({ team, retiring }) => (retiring?.images ?? []).map((image) => ({ team, ...image })));
  const groups = grouped(
    all,
    ({ source, state, alternative = '' }) => `${source.toLowerCase()} ${state} ${alternative}`,
  );
  const found = [...groups.values()].flatMap((alike): RetiringMachines[] => {
    const [first] = alike.toSorted(soonestFirst);
    if (!first) return [];
    const { team: _, version: __, ...fate } = first;
    const byTeam = [...grouped(alike, ({ team }) => team)].map(([team, own]) => ({ team, machines: machinesIn(own) }));
    const teamsOf = byTeam.sort((a, b) => b.machines - a.machines || byText(a.team ?? '', b.team ?? ''));
    const versions = new Set(alike.map(({ version }) => version)).size;
    return [{ ...fate, versions, machines: machinesIn(alike), teams: teamsOf.map(({ team }) => team) }];
  });
  return found.sort(soonestFirst);
}

const machinesIn = (rows: readonly { readonly machines: number }[]) => sumOf(rows, ({ machines }) => machines);

type Dated = Pick<RetiringImage, 'state' | 'retiresAt' | 'machines' | 'source'>;

/** What is over already, most machines first, then what is announced, in order of time; undated ones last. */
function soonestFirst(a: Dated, b: Dated): number {
  const rank = ({ state, retiresAt }: Dated) =>
    state === 'scheduled' ? new Date(retiresAt ?? '9999-12-31').getTime() : Number.NEGATIVE_INFINITY;
  const [left, right] = [rank(a), rank(b)];
  if (left !== right) return left < right ? -1 : 1;
  return b.machines - a.machines || byText(a.source, b.source);
}

/** The base of a golden version that its publisher retires. */
export interface RetiringBase extends Retirement, GoldenVersion {
  /** `Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202607230`. */
  readonly base: string;
  /** It has a price: what was made from it stops working with it. */
  readonly bought?: true;
}

/** Bases of golden versions: those that are retired, and how many of them nobody knows about, by image. */
export interface PublishedBases {
  readonly retiring: readonly RetiringBase[];
  readonly unknown: ReadonlyMap<string, readonly string[]>;
}

/** Of those versions that were published, candidates left out; from the exact base that their tattoo names. */
export function publishedBases(
  versions: readonly (Pick<ListedVersion, 'version' | 'tags' | 'excludedFromLatest'> & { readonly image: string })[],
  bases: BaseAnswers,
  { azure }: Golden,
  now: Date,
): PublishedBases {
  const published = versions.filter((version) => !isCandidate(version));
  const judged = published.flatMap(({ image, version, tags }) => {
    const base = tattooFromTags(tags)?.source ?? '';
    const from = sourceInText(base);
    if (!from) return [];
    const found = bases.get(baseKey(azure.location, from.source))?.found;
    const outlook = found ? retirementOf(found, from.version, now) : ('unknown' as const);
    return [{ image, version, base, outlook, ...(found?.traits?.plan && { bought: true as const }) }];
  });
  const unknown = judged.filter(({ outlook }) => outlook === 'unknown');
  return {
    retiring: judged.flatMap(({ outlook, ...named }) =>
      typeof outlook === 'string' ? [] : [{ ...named, ...outlook }],
    ),
    unknown: new Map(
      [...grouped(unknown, ({ image }) => image)].map(([image, own]) => [image, own.map(({ version }) => version)]),
    ),
  };
}
