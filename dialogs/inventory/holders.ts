import type { HolderRow, WhoHasView } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { grouped, sumOf } from '../../core/collections';
import {
  type Counted,
  definitionsOf,
  type ListedVersion,
  type MachinesByTeam,
  machinesByTeam,
  partial,
  questions,
} from '../../core/compliance';
import { compareReleases, findVulnerability, idsOf, osOf, type Package, packageOf } from '../../core/contents';
import { compareVersions, goldenImages } from '../../core/images';
import type { Holder } from '../../store/reads';
import type { CommandContext, Deps } from '../conversation';

interface Asked {
  /** A package, a source of packages, or a Windows update. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly below?: string | undefined;
  /** Whose machines the person sees and asked about. */
  readonly teams: readonly (string | null)[];
}

type Held = Omit<WhoHasView, 'team'>;

/** Which versions have it by goldbot's own books, and which teams run those by Azure's. */
export async function holdersOf(
  ctx: CommandContext,
  deps: Pick<Deps, 'read' | 'reads'>,
  catalogue: Catalogue,
  asked: Asked,
): Promise<Held> {
  const { ask, gaps } = questions();
  const [found, kept, counted, listed] = await Promise.all([
    holding(asked, deps, catalogue),
    deps.reads.keptContents(),
    ask('machines', machinesByTeam(deps.read, catalogue, ask)),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
  ]);
  const estate = estateOf(catalogue, { counted, listed, teams: asked.teams });
  const all = found
    .filter(({ image }) => ctx.rights.has('viewer', image))
    .flatMap((holder) => rowOf(holder, asked, catalogue));
  const there = all.filter((row) => estate.has(refOf(row)));
  const holders = there.map((row) => ({ ...row, ...(counted && { machines: estate.machines(refOf(row)) }) }));
  const held = new Set(holders.map(refOf));
  const known = new Set(kept.map(refOf));
  const versions = estate.golden.filter(({ image, ref }) => !known.has(ref) && ctx.rights.has('viewer', image));
  return {
    ...{ name: asked.name, holders: holders.sort(byImage), gone: all.length - there.length },
    ...(asked.version !== undefined && { version: asked.version }),
    ...(asked.below !== undefined && { below: asked.below }),
    teams: teamsOf(estate.running.filter(({ ref }) => held.has(ref))),
    unknown: {
      versions: versions.map(({ ref }) => ref).sort(),
      machines: sumOf(versions, ({ ref }) => estate.machines(ref)),
      others: sumOf(
        estate.running.filter(({ image }) => image === undefined),
        ({ machines }) => machines,
      ),
    },
    gaps: [...gaps, ...(counted?.gaps ?? []), ...partial('versions', listed)],
    asOf: counted?.asOf ?? ctx.now,
  };
}

const refOf = ({ image, version }: { readonly image: string; readonly version: string }): string =>
  `${image}@${version}`;

interface Answers {
  /** Undefined: Azure did not tell. */
  readonly counted: MachinesByTeam | undefined;
  readonly listed: Counted<ListedVersion> | undefined;
  readonly teams: Asked['teams'];
}

/** Versions that the gallery has, and machines of these teams by the version that they run. */
function estateOf(catalogue: Catalogue, { counted, listed, teams }: Answers) {
  const images = goldenImages(catalogue);
  const running = (counted?.rows ?? [])
    .filter(({ team }) => teams.includes(team))
    .map(({ team, count: { source, version, machines } }) => {
      const image = images.get(source.toLowerCase());
      return { team, machines, image, ref: image === undefined ? source : refOf({ image, version }) };
    });
  const inGallery = (listed?.rows ?? []).flatMap(({ source, version }) => {
    const image = images.get(source.toLowerCase());
    return image === undefined ? [] : [{ image, ref: refOf({ image, version }) }];
  });
  const run = running.flatMap(({ image, ref }) => (image === undefined ? [] : [{ image, ref }]));
  const golden = new Map([...inGallery, ...run].map((one) => [one.ref, one]));
  const byRef = grouped(running, ({ ref }) => ref);
  return {
    running,
    golden: [...golden.values()],
    /** Without an answer about the gallery nothing can be said to be gone. */
    has: (ref: string) => listed === undefined || golden.has(ref),
    machines: (ref: string) => sumOf(byRef.get(ref) ?? [], ({ machines }) => machines),
  };
}

/** What the books say of the name; of a vulnerability in the catalogue's list, of the packages that it is about. */
async function holding({ name }: Asked, { reads }: Pick<Deps, 'reads'>, { vulnerabilities: list }: Catalogue) {
  const meant = list && findVulnerability(name, list);
  if (!meant) return reads.holders(name);
  const all = (await Promise.all(meant.packages.map((one) => reads.holders(one)))).flat();
  return [...grouped(all, refOf).values()].map(([first, ...rest]) => ({
    ...(first as Holder),
    components: [first, ...rest].flatMap((one) => one?.components ?? []),
  }));
}

function rowOf(
  { image, version, components, system, update }: Holder,
  asked: Asked,
  { vulnerabilities: list }: Catalogue,
): readonly HolderRow[] {
  const os = osOf(system);
  const meant = list && findVulnerability(asked.name, list);
  const ids = (one: Package) => (list ? idsOf(one, os, list) : []);
  const packages = components
    .map(packageOf)
    .filter((one) => isMeant(one, asked) && (!meant || ids(one).includes(meant.id)));
  // An update has no version: it is there or not.
  const isUpdate = update && asked.version === undefined && asked.below === undefined;
  if (packages.length === 0 && !isUpdate) return [];
  const own = ({ name }: Package) => Number(name !== asked.name);
  const has = [...packages]
    .sort((a, b) => own(a) - own(b))
    .map((one) => (one.name === asked.name ? one.version : `${one.name} ${one.version}`).trim());
  const vulnerabilities = [...new Set(packages.flatMap(ids))].sort();
  return [
    {
      ...{ image, version, has: isUpdate ? ['installed'] : [...new Set(has)] },
      ...(vulnerabilities.length > 0 && { vulnerabilities }),
    },
  ];
}

function isMeant({ type, version }: Package, asked: Asked): boolean {
  if (asked.version !== undefined && version !== asked.version)
    return compareReleases(type, version, asked.version) === 0;
  return asked.below === undefined || compareReleases(type, version, asked.below) < 0;
}

const byImage = (a: HolderRow, b: HolderRow): number =>
  a.image === b.image ? compareVersions(b.version, a.version) : a.image < b.image ? -1 : 1;

function teamsOf(machines: readonly { readonly team: string | null; readonly machines: number }[]): Held['teams'] {
  return [...grouped(machines, ({ team }) => team)]
    .map(([team, own]) => ({ team, machines: sumOf(own, (m) => m.machines) }))
    .sort((a, b) => b.machines - a.machines);
}
