import { teamTags } from '../access';
import type { InventoryRead } from '../azure';
import { definitionId, regionKey } from '../azure-id';
import type { Catalogue, ImageConfig } from '../catalogue';
import { grouped, sumOf } from '../collections';
import { type Counted, type Gap, machinesByTeam, type Place, partial, type ScaleSet } from '../compliance';
import { copiedIn, goldenImages, homesOf } from '../images';

/**
 * What uses the versions of an image. `template`: of Image Builder; `recipe`: an image of the catalogue that is built from
 * it; `descendant`: a version that was built or copied from one; `shallow copy`: one without disks of its own; `disk`: one
 * that no machine has; `other`: pools and the like.
 */
export type ConsumerKind =
  | 'machines'
  | 'scale set'
  | 'template'
  | 'recipe'
  | 'descendant'
  | 'shallow copy'
  | 'disk'
  | 'other';

/** Something that uses a version, or takes whatever is latest. */
export interface Consumer {
  readonly kind: ConsumerKind;
  /** Lower-case resource id; what tells machines of one team, region and version from others. */
  readonly id: string;
  readonly name: string;
  readonly team: string | null;
  /** `westeurope`; absent where nobody knows. */
  readonly location?: string;
  /** The number that it names; empty: it takes the latest. */
  readonly version: string;
  /** Name of the second gallery, where it takes the image from there; absent: from the one that is published into. */
  readonly gallery?: string;
  /** How many machines it stands for. */
  readonly machines?: number;
  /** Azure upgrades its running machines when another version becomes the latest. */
  readonly upgradesItself?: true;
  /** `batch pool`: what people call something of kind `other`. */
  readonly what?: string;
}

/** One as Azure's inventory finds it, beside machines and scale sets. */
export interface FoundConsumer extends Place {
  /** `unseen`: it names the image nowhere that goldbot reads, and may use it where goldbot does not. */
  readonly kind: Exclude<ConsumerKind, 'machines' | 'scale set' | 'recipe'> | 'unseen';
  readonly id: string;
  readonly name: string;
  /** Azure's own, in lower case. */
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** As for consumers. */
  readonly version: string;
  /** The definition that it refers to, as machines name it, in lower case. */
  readonly source: string;
}

export interface ImageUsers {
  readonly consumers: readonly Consumer[];
  readonly unseen: readonly Unseen[];
  /** When Azure told of some of them alone. */
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/** Something that is there and may use the image in a place that no question of goldbot reaches. */
export interface Unseen {
  /** Azure's own, in lower case. */
  readonly type: string;
  readonly name: string;
}

/** Where such a thing may use an image, by its type; in the order in which they are named. */
const unseenIn = {
  'microsoft.compute/galleries': ({ first }) => `whoever ${first} is shared with, if anybody`,
  'microsoft.batch/batchaccounts': (all) => `pools of ${some(all, 'Batch account')}`,
  'microsoft.desktopvirtualization/hostpools': (all) => `session hosts of ${some(all, 'host pool')}`,
  'microsoft.devcenter/devcenters': (all) => `Dev Boxes of ${some(all, 'dev center')}`,
  'microsoft.devtestlab/labs': (all) => `formulas of ${some(all, 'lab')}`,
} as const satisfies Readonly<Record<string, (all: Alike) => string>>;

/** Types of which one that is there may use an image unseen. Of galleries, the image's own alone counts, while it is shared. */
export const unseenTypes = Object.keys(unseenIn) as readonly (keyof typeof unseenIn)[];

interface Alike {
  readonly first: string;
  readonly count: number;
}

const some = ({ first, count }: Alike, noun: string): string =>
  count === 1 ? `${noun} ${first}` : `${count} ${noun}s, such as ${first}`;

/** A sentence: what no question of goldbot reached, of what is there; subscriptions that it may not read are always among it. */
export function notLookedAt(unseen: readonly Unseen[]): string {
  const kinds = unseenTypes.flatMap((type) => {
    const [first, ...rest] = unseen.filter((one) => one.type === type);
    return first ? [unseenIn[type]({ first: first.name, count: 1 + rest.length })] : [];
  });
  const others = 'subscriptions that goldbot may not read';
  return `Not checked: ${kinds.length === 0 ? others : `${kinds.join('; ')}; ${others}`}.`;
}

const nouns: Readonly<Record<ConsumerKind, string>> = {
  machines: 'machines',
  'scale set': 'scale set',
  template: 'image template',
  recipe: 'image',
  descendant: 'version',
  'shallow copy': 'shallow version',
  disk: 'disk',
  other: 'consumer',
};

/** `scale set vmss-web-front (web)`, `machines in westeurope from gold_dr (web)`. */
export function consumerWords({ kind, name, team, what, gallery }: Consumer): string {
  const noun = what ?? nouns[kind];
  const from = gallery === undefined ? '' : ` from ${gallery}`;
  return `${noun} ${name}${from}${team === null ? '' : ` (${team})`}`;
}

/**
 * Everything that uses the image, from either gallery, in three questions to the inventory. What the second gallery has of
 * an image is a copy, and uses nothing.
 *
 * @throws UserError `AZ_…`: who is not told of all of them must not act as if nobody used it.
 */
export async function readUsers(
  read: Pick<InventoryRead, 'machineCounts' | 'managementGroups' | 'scaleSets' | 'imageConsumers'>,
  catalogue: Catalogue,
  image: Catalogue['images'][number],
): Promise<ImageUsers> {
  const homes = homesOf(catalogue.azure, image);
  const [counted, sets, found] = await Promise.all([
    machinesByTeam(read, catalogue),
    read.scaleSets(homes.map(definitionId)),
    read.imageConsumers(homes, teamTags(catalogue.teams)),
  ]);
  const { teamOf } = counted;
  const own = goldenImages(catalogue);
  const running = counted.rows.filter(({ count }) => own.get(count.source.toLowerCase()) === image.name);
  const second = copiedIn(catalogue);
  const from = (source: string) => {
    const gallery = second(source);
    return gallery === undefined ? {} : { gallery };
  };
  return {
    consumers: [
      ...machinesIn(running, from),
      ...sets.rows.map((set) => ({ ...setIn(set, teamOf(set)), ...from(set.source) })),
      ...found.rows
        .filter(({ id }) => second(id.split(/\/versions\//i)[0] ?? '') === undefined)
        .flatMap((one) =>
          one.kind === 'unseen' ? [] : { ...foundIn(one, one.kind, teamOf(one)), ...from(one.source) },
        ),
      ...recipesFrom(catalogue, image, from),
    ],
    unseen: found.rows.flatMap(({ kind, type, name }) => (kind === 'unseen' ? { type, name } : [])),
    gaps: [...counted.gaps, ...partial('scale sets', sets), ...partial('consumers', found as Counted<unknown>)],
    asOf: counted.asOf,
  };
}

type Running = Awaited<ReturnType<typeof machinesByTeam>>['rows'];
/** Which gallery a source is in, where that is the second one. */
type From = (source: string) => Pick<Consumer, 'gallery'>;

function machinesIn(rows: Running, from: From): readonly Consumer[] {
  const alike = grouped(rows, ({ team, count }) => {
    const { gallery } = from(count.source);
    const place = [count.version, team ?? '', team === null ? '-' : '', regionKey(count.location)];
    return [...place, ...(gallery === undefined ? [] : [gallery])].join(' ');
  });
  return [...alike].flatMap(([key, all]) => {
    const [first] = all;
    if (!first || first.count.version === '') return [];
    const { version, location, source } = first.count;
    const machines = sumOf(all, ({ count }) => count.machines);
    const name = `in ${regionKey(location)}`;
    const own = { team: first.team, location: regionKey(location), version, machines, ...from(source) };
    return [{ kind: 'machines', id: key, name, ...own } as const];
  });
}

function setIn({ id, name, location, version, selfUpgrading }: ScaleSet, team: string | null): Consumer {
  return {
    ...{ kind: 'scale set', id: id.toLowerCase(), name, team, location: regionKey(location), version },
    ...(selfUpgrading && { upgradesItself: true }),
  };
}

function foundIn(
  { id, name, type, location, version }: FoundConsumer,
  kind: Exclude<FoundConsumer['kind'], 'unseen'>,
  team: string | null,
): Consumer {
  const own = {
    kind,
    id: id.toLowerCase(),
    name: nameIn(kind, id, name),
    team,
    location: regionKey(location),
    version,
  };
  return kind === 'other' ? { ...own, what: type.split('/').slice(-2).join(' ') } : own;
}

/** A version says which image it is of: its own name is a number. */
function nameIn(kind: ConsumerKind, id: string, name: string): string {
  if (kind !== 'descendant' && kind !== 'shallow copy') return name;
  return `${id.split('/').at(-3) ?? ''}@${name}`;
}

/** Images of the catalogue that are built from it. They are built where goldbot builds. */
function recipesFrom(catalogue: Catalogue, image: ImageConfig, from: From): readonly Consumer[] {
  const golden = goldenImages(catalogue);
  return catalogue.images.flatMap(({ name, source }): readonly Consumer[] => {
    if (source.kind !== 'imageVersion') return [];
    const base = definitionId(source.image);
    if (golden.get(base.toLowerCase()) !== image.name) return [];
    const { version = '' } = source;
    const own = { name, team: null, location: catalogue.azure.location, version, ...from(base) };
    return [{ kind: 'recipe', id: `recipe ${name}`, ...own }];
  });
}
