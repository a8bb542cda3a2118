import { teamTags } from '../access';
import type { ImageRef, InventoryRead } from '../azure';
import { definitionId, regionKey } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { grouped, sumOf } from '../collections';
import { type Counted, type Gap, machinesByTeam, type Place, partial, type ScaleSet } from '../compliance';
import { goldenImages, imageRef } from '../images';

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
  /** How many machines it stands for. */
  readonly machines?: number;
  /** Azure upgrades its running machines when another version becomes the latest. */
  readonly upgradesItself?: true;
  /** `batch pool`: what people call something of kind `other`. */
  readonly what?: string;
}

/** One as Azure's inventory finds it, beside machines and scale sets. */
export interface FoundConsumer extends Place {
  readonly kind: Exclude<ConsumerKind, 'machines' | 'scale set' | 'recipe'>;
  readonly id: string;
  readonly name: string;
  /** Azure's own, in lower case. */
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  /** As for consumers. */
  readonly version: string;
}

export interface ImageUsers {
  readonly consumers: readonly Consumer[];
  /** When Azure told of some of them alone. */
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/** What no question of goldbot reaches: said wherever nobody seems to use a version. */
export const notLookedAt =
  'Not looked at: other tenants, what goldbot’s roles do not let it read (other subscriptions; templates and pools of Batch, Dev Center, Virtual Desktop without Reader there), and stores of their own (AKS, CycleCloud, pipelines).';

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

/** `scale set vmss-web-front (web)`. */
export function consumerWords({ kind, name, team, what }: Consumer): string {
  const noun = what ?? nouns[kind];
  return `${noun} ${name}${team === null ? '' : ` (${team})`}`;
}

/**
 * Everything that uses the image, in three questions to the inventory.
 *
 * @throws UserError `AZ_…`: who is not told of all of them must not act as if nobody used it.
 */
export async function readUsers(
  read: Pick<InventoryRead, 'machineCounts' | 'managementGroups' | 'scaleSets' | 'imageConsumers'>,
  catalogue: Catalogue,
  image: Catalogue['images'][number],
): Promise<ImageUsers> {
  const ref = imageRef(catalogue.azure, image);
  const [counted, sets, found] = await Promise.all([
    machinesByTeam(read, catalogue),
    read.scaleSets(definitionId(ref)),
    read.imageConsumers(ref, teamTags(catalogue.teams)),
  ]);
  const { teamOf } = counted;
  const own = goldenImages(catalogue);
  const running = counted.rows.filter(({ count }) => own.get(count.source.toLowerCase()) === image.name);
  return {
    consumers: [
      ...machinesIn(running),
      ...sets.rows.map((set) => setIn(set, teamOf(set))),
      ...found.rows.map((one) => foundIn(one, teamOf(one))),
      ...recipesFrom(catalogue, ref),
    ],
    gaps: [...counted.gaps, ...partial('scale sets', sets), ...partial('consumers', found as Counted<unknown>)],
    asOf: counted.asOf,
  };
}

type Running = Awaited<ReturnType<typeof machinesByTeam>>['rows'];

function machinesIn(rows: Running): readonly Consumer[] {
  const alike = grouped(rows, ({ team, count }) =>
    [count.version, team ?? '', team === null ? '-' : '', regionKey(count.location)].join(' '),
  );
  return [...alike].flatMap(([key, all]) => {
    const [first] = all;
    if (!first || first.count.version === '') return [];
    const { version, location } = first.count;
    const machines = sumOf(all, ({ count }) => count.machines);
    const name = `in ${regionKey(location)}`;
    return [
      { kind: 'machines', id: key, name, team: first.team, location: regionKey(location), version, machines } as const,
    ];
  });
}

function setIn({ id, name, location, version, selfUpgrading }: ScaleSet, team: string | null): Consumer {
  return {
    ...{ kind: 'scale set', id: id.toLowerCase(), name, team, location: regionKey(location), version },
    ...(selfUpgrading && { upgradesItself: true }),
  };
}

function foundIn({ kind, id, name, type, location, version }: FoundConsumer, team: string | null): Consumer {
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
function recipesFrom({ azure, images }: Catalogue, ref: ImageRef): readonly Consumer[] {
  const id = definitionId(ref).toLowerCase();
  return images.flatMap(({ name, source }): readonly Consumer[] => {
    if (source.kind !== 'imageVersion' || definitionId(source.image).toLowerCase() !== id) return [];
    const { version = '' } = source;
    return [{ kind: 'recipe', id: `recipe ${name}`, name, team: null, location: azure.location, version }];
  });
}
