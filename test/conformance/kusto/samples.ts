import { definitionId, resourceId, sameId } from '../../../core/azure-id';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { teamGroup } from '../../../sandbox/azure/estate/shape';
import { queries } from '../../../services/resource-graph';
import type { Query } from '../../../services/resource-graph/kql';
import type { RunningVersions } from '../../../services/resource-graph/machine-queries';
import { ubuntu } from '../../services/azure';
import { images, kinds, machineSamples } from './machine-samples';
import { policySamples } from './policy-samples';
import { rowSamples } from './row-samples';

/** One named query of the product with what is needed to judge it; every query must have one. */
export interface Sample {
  /** The query with an ordinary name, or with a hostile one wherever a text goes in. */
  readonly ask: (name: string) => Query<unknown>;
  /** Ordinary names: of something in the story's estate, in the synthetic one, in none. */
  readonly names: readonly [string, ...string[]];
  /** The texts that went into the query, in order, as Azure has to understand them. */
  readonly texts: (name: string) => readonly string[];
  /** The answer, counted over the resources and the rows about them, without KQL. */
  readonly expected: (estate: readonly Resource[], name: string) => readonly unknown[];
}

type Reference = { readonly id?: string; readonly sharedGalleryImageId?: string; readonly exactVersion?: string };

const isVm = (r: Resource): boolean => r.type === 'Microsoft.Compute/virtualMachines';
const isInstance = (r: Resource): boolean => r.type.toLowerCase().endsWith('scalesets/virtualmachines');
const byId = (a: Resource, b: Resource): number => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1);

/** How ids of a gallery's definitions begin, in lower case, by either of its names. */
function galleryPrefixes(gallery: string): string[] {
  const { subscription, resourceGroup } = ubuntu;
  const own = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}/images/`;
  return [own, `/sharedGalleries/${subscription}-${gallery}/images/`].map((id) => id.toLowerCase());
}

function referenceOf(profile: unknown): Reference {
  return (profile as { storageProfile: { imageReference?: Reference } }).storageProfile.imageReference ?? {};
}

/** What a reference means; undefined when it is not of this gallery. */
function meantBy(reference: Reference, gallery: string): { source: string; version: string } | undefined {
  const id = (reference.id ?? reference.sharedGalleryImageId ?? '').toLowerCase();
  const [source = '', number = 'latest'] = id.split('/versions/');
  if (!galleryPrefixes(gallery).some((prefix) => source.startsWith(prefix))) return undefined;
  return { source, version: number === 'latest' ? (reference.exactVersion ?? '') : number };
}

function machinesByVersion(estate: readonly Resource[], gallery: string): RunningVersions[] {
  const counts = new Map<string, Map<string, number>>();
  // Instances of uniform sets are in another table: what both have of a definition is listed one after the other.
  const tables = [estate.filter(isVm), estate.filter(isInstance)].map((machines) => {
    const own = new Map<string, Map<string, number>>();
    for (const machine of machines) {
      const meant = meantBy(referenceOf(machine.properties), gallery);
      if (!meant) continue;
      const versions = own.get(meant.source) ?? new Map<string, number>();
      own.set(meant.source, versions.set(meant.version, (versions.get(meant.version) ?? 0) + 1));
      counts.set(meant.source, new Map());
    }
    return own;
  });
  return [...counts.keys()].sort().map((source) => ({
    definition: source.split('/').at(-1) ?? '',
    versions: tables.flatMap((own) => [...(own.get(source) ?? [])]),
    unlisted: 0,
  }));
}

const definitionOf = (definition: string): string => definitionId({ ...ubuntu, definition });
const managedOf = (name: string): string => resourceId(ubuntu, 'Microsoft.Compute/images', name);

const inOrder = ({ versions, ...row }: RunningVersions): RunningVersions => ({
  ...row,
  versions: [...versions].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

const arcId = (name: string) =>
  `${teamGroup(/legacy/i.test(name) ? 'legacy' : 'data')}/providers/Microsoft.HybridCompute/machines/${name}`;

export const samples: Readonly<Record<keyof typeof queries, Sample>> = {
  machinesNamed: {
    ask: queries.machinesNamed,
    names: ['vm-web-front-001', 'VM-0000007', "o'neil\\'s", 'vm-web-front'],
    texts: (name) => ['microsoft.compute/virtualmachines', name],
    expected: (estate, name) => {
      const named = estate.filter((r) => isVm(r) && r.name.toLowerCase() === name.toLowerCase());
      return named.sort(byId).map((r) => r.id);
    },
  },
  arcMachine: {
    ask: (name) => queries.arcMachine(arcId(name)),
    names: ['arc-data-1', 'ARC-LEGACY-2', 'arc-stray', "o'neil\\'s"],
    texts: (name) => ['microsoft.hybridcompute/machines', arcId(name)],
    expected: (estate, name) => {
      const found = estate.filter((r) => r.id.toLowerCase() === arcId(name).toLowerCase());
      return found.map(({ id, name: own, location, properties }) => ({
        ...{ id, name: own, location, osName: properties['osSku'] },
        ...(properties['osVersion'] !== undefined && { osVersion: properties['osVersion'] }),
        os: String(properties['osType']).toLowerCase() === 'windows' ? 'Windows' : 'Linux',
      }));
    },
  },
  machinesByVersion: {
    ask: (gallery) => {
      const { read, ...query } = queries.machinesByVersion({ ...ubuntu, gallery });
      return { ...query, read: (row) => inOrder(read(row)) };
    },
    names: [ubuntu.gallery, 'GOLD', 'gold_dr', 'gol'],
    texts: (name) => [
      ...['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'],
      ...[...images, ...kinds, ...galleryPrefixes(name)],
      ...['microsoft.compute/virtualmachinescalesets/virtualmachines', ...images, ...kinds, ...galleryPrefixes(name)],
    ],
    expected: (estate, name) => machinesByVersion(estate, name).map(inOrder),
  },
  imageSources: {
    ask: (name) => queries.imageSources([definitionOf(name), managedOf(name)]),
    names: [ubuntu.definition, 'WINDOWS-2022', 'no-such', "o'neil\\'s"],
    texts: (name) => [
      ...['microsoft.compute/galleries/images', 'microsoft.compute/images'],
      ...[definitionOf(name).toLowerCase(), managedOf(name).toLowerCase(), 'microsoft.compute/galleries/images'],
    ],
    expected: (estate, name) =>
      estate
        .filter(({ id }) => [definitionOf(name), managedOf(name)].some((one) => sameId(id, one)))
        .map(({ id, name: own, type, location, tags = {}, properties }) => ({
          ...{ id: id.toLowerCase(), name: own, location, tags, properties },
          isDefinition: sameId(type, 'Microsoft.Compute/galleries/images'),
        })),
  },
  ...machineSamples,
  ...policySamples,
  ...rowSamples,
};
