import type { HolderRow, WhoHasView } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { grouped, sumOf } from '../../core/collections';
import { definitionsOf, machinesByTeam, partial, questions } from '../../core/compliance';
import { compareReleases, type Package, packageOf } from '../../core/contents';
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
  const sees = ({ image }: { readonly image: string }) => ctx.rights.has('viewer', image);
  const [found, kept, counted, listed] = await Promise.all([
    deps.reads.holders(asked.name),
    deps.reads.keptContents(),
    ask('machines', machinesByTeam(deps.read, catalogue, ask)),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
  ]);
  const images = goldenImages(catalogue);
  const nameOf = (source: string) => images.get(source.toLowerCase());
  const machines = (counted?.rows ?? [])
    .filter(({ team }) => asked.teams.includes(team))
    .map(({ team, count }) => ({
      team,
      machines: count.machines,
      image: nameOf(count.source),
      version: count.version,
    }));
  const running = grouped(machines, ({ image, version }) => `${image}@${version}`);
  const inGallery = listed && new Set(listed.rows.map(({ source, version }) => `${nameOf(source)}@${version}`));
  const all = found.filter(sees).flatMap((holder) => rowOf(holder, asked));
  const isThere = ({ image, version }: HolderRow) =>
    inGallery === undefined || inGallery.has(`${image}@${version}`) || running.has(`${image}@${version}`);
  const there = all.filter(isThere);
  const holders = there.map((row) => ({
    ...row,
    ...(counted && { machines: sumOf(running.get(`${row.image}@${row.version}`) ?? [], (m) => m.machines) }),
  }));
  const holding = new Set(holders.map(({ image, version }) => `${image}@${version}`));
  const known = new Set(kept.map(({ image, version }) => `${image}@${version}`));
  const golden = [...new Set([...(inGallery ?? []), ...running.keys()])].filter((ref) => !ref.startsWith('undefined@'));
  const versions = golden.filter((ref) => !known.has(ref) && sees({ image: ref.split('@')[0] ?? '' })).sort();
  return {
    ...{ name: asked.name, holders: holders.sort(byImage), gone: all.length - there.length },
    ...(asked.version !== undefined && { version: asked.version }),
    ...(asked.below !== undefined && { below: asked.below }),
    teams: teamsOf(machines.filter(({ image, version }) => holding.has(`${image}@${version}`))),
    unknown: {
      versions,
      machines: sumOf(versions, (ref) => sumOf(running.get(ref) ?? [], (m) => m.machines)),
      others: sumOf(
        machines.filter(({ image }) => image === undefined),
        (m) => m.machines,
      ),
    },
    gaps: [...gaps, ...(counted?.gaps ?? []), ...partial('versions', listed)],
    asOf: counted?.asOf ?? ctx.now,
  };
}

function rowOf({ image, version, components, update }: Holder, asked: Asked): readonly HolderRow[] {
  const packages = components.map(packageOf).filter((one) => isMeant(one, asked));
  // An update has no version: it is there or not.
  const isUpdate = update && asked.version === undefined && asked.below === undefined;
  if (packages.length === 0 && !isUpdate) return [];
  const has = packages.map((one) => (one.name === asked.name ? one.version : `${one.name} ${one.version}`).trim());
  return [{ image, version, has: isUpdate ? ['installed'] : [...new Set(has)] }];
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
