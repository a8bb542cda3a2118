import type { Resource } from '../../../sandbox/azure/compute/resource';
import { teamGroup } from '../../../sandbox/azure/estate/shape';
import { queries } from '../../../services/resource-graph';
import type { Query } from '../../../services/resource-graph/kql';
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

/** The ids of the definition that an image of this name can be known by, in lower case. */
function definitionIds(definition: string): string[] {
  const { subscription, resourceGroup, gallery } = ubuntu;
  return [
    `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}/images/${definition}`,
    `/sharedGalleries/${subscription}-${gallery}/images/${definition}`,
  ].map((id) => id.toLowerCase());
}

function referenceOf(profile: unknown): Reference {
  return (profile as { storageProfile: { imageReference?: Reference } }).storageProfile.imageReference ?? {};
}

/** The version that a reference means; undefined when it is not of this definition. */
function versionOf(reference: Reference, image: string): string | undefined {
  const id = (reference.id ?? reference.sharedGalleryImageId ?? '').toLowerCase();
  for (const definition of definitionIds(image)) {
    if (id === definition) return reference.exactVersion ?? '';
    const number = id.slice(`${definition}/versions/`.length);
    if (id.startsWith(`${definition}/versions/`)) return number === 'latest' ? (reference.exactVersion ?? '') : number;
  }
  return undefined;
}

function machinesByVersion(estate: readonly Resource[], image: string): { version: string; machines: number }[] {
  const counts = new Map<string, number>();
  for (const machine of estate.filter((r) => isVm(r) || isInstance(r))) {
    const version = versionOf(referenceOf(machine.properties), image);
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
  }
  const inOrder = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.map(([version, machines]) => ({ version, machines }));
}

/** As goldbot names them: through direct sharing only a name without a slash can be. */
function idsAsNamed(definition: string): string[] {
  const [id = '', shared = ''] = definitionIds(definition);
  return [id, definition === '' || definition.includes('/') ? id : shared];
}

const arcId = (name: string) =>
  `${teamGroup(/legacy/i.test(name) ? 'legacy' : 'data')}/providers/Microsoft.HybridCompute/machines/${name}`;

const definitions = [ubuntu.definition, 'windows-2022', 'Ubuntu-22', 'ubuntu'] as const;

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
    ask: (definition) => queries.machinesByVersion({ ...ubuntu, definition }),
    names: definitions,
    texts: (name) => [
      ...['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'],
      ...[...images, ...kinds, ...idsAsNamed(name)],
      ...['microsoft.compute/virtualmachinescalesets/virtualmachines', ...images, ...kinds, ...idsAsNamed(name)],
    ],
    expected: machinesByVersion,
  },
  ...machineSamples,
  ...policySamples,
  ...rowSamples,
};
