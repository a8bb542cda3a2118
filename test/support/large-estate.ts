import type { Catalogue, ImageConfig, ImageSource, TeamConfig } from '../../core/catalogue';
import type { createSandbox } from '../../sandbox';
import { key } from '../../sandbox/azure/arm';
import type { JsonObject, Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { exampleCatalogue } from './catalogue';

type World = ReturnType<typeof createSandbox>['world'];

export interface Size {
  readonly images: number;
  readonly teams: number;
  readonly vms: number;
}

const numbered = (word: string, n: number): string => `${word}-${String(n).padStart(4, '0')}`;
const managedId = (n: number): string =>
  `/subscriptions/${exampleCatalogue().azure.subscription}/resourceGroups/rg-bases/providers/Microsoft.Compute/images/${numbered('base', n)}`;

/**
 * A catalogue of so many images and teams. Of four images two are built from the marketplace, one from another golden image,
 * and one from a managed image of its own: every kind of base grows with them.
 */
export function largeCatalogue({ images, teams }: Omit<Size, 'vms'>): Catalogue {
  const example = exampleCatalogue();
  const more = Array.from({ length: Math.max(images - example.images.length, 0) }, (_, n) => imageOf(example, n));
  const [first] = example.teams.values();
  if (!first) throw new Error('the example has teams');
  const others = Array.from({ length: Math.max(teams - example.teams.size, 0) }, (_, n): [string, TeamConfig] => {
    const name = numbered('team', n + 1);
    return [name, { ...first, scope: { tag: { name: 'team', value: name } }, channel: `${name} / ops` }];
  });
  return { ...example, images: [...example.images, ...more], teams: new Map([...example.teams, ...others]) };
}

function imageOf({ images: [ubuntu, windows] }: Catalogue, n: number): ImageConfig {
  const like = n % 4 === 1 ? windows : ubuntu;
  if (!like) throw new Error('the example has two images');
  const name = numbered('image', n + 1);
  return {
    ...like,
    name,
    title: `${like.title} ${n + 1}`,
    aliases: [],
    imageDefinition: name,
    source: sourceOf(like, n),
  };
}

function sourceOf({ source }: ImageConfig, n: number): ImageSource {
  const { subscription, gallery } = exampleCatalogue().azure;
  const home = { subscription, resourceGroup: gallery.resourceGroup, gallery: gallery.name };
  if (n % 4 === 2)
    return { kind: 'imageVersion', image: { ...home, definition: numbered('image', n) }, version: 'latest' };
  return n % 4 === 3 ? { kind: 'managedImage', id: managedId(n) } : source;
}

/** What Azure has of all that: the definitions of the catalogue with the versions of the example's, and the machines. */
export function fillLargeEstate(world: World, catalogue: Catalogue, { teams, vms }: Size): void {
  seedEstate(world, { vms, teams });
  const { resources } = compute(world);
  const all = Object.values(resources);
  const known = new Set(exampleCatalogue().images.map(({ name }) => name));
  for (const { name, title, source } of catalogue.images.filter((image) => !known.has(image.name))) {
    const like = title.startsWith('Windows') ? 'windows-2022' : 'ubuntu-22';
    for (const one of all.filter(({ id }) => `${id}/`.includes(`/images/${like}/`))) {
      add(resources, renamed(one, like, name));
    }
    if (source.kind === 'managedImage') add(resources, managedImage(source.id));
  }
  world.touch();
}

function add(resources: Record<string, Resource>, resource: Resource): void {
  resources[key(resource.id)] = resource;
}

function renamed(resource: Resource, from: string, to: string): Resource {
  const { tags } = resource;
  const id = resource.id.replace(`/images/${from}`, `/images/${to}`);
  const own =
    (tags as JsonObject)['goldbot-image'] === undefined ? tags : { ...(tags as JsonObject), 'goldbot-image': to };
  return { ...resource, id, name: resource.name === from ? to : resource.name, tags: own } as Resource;
}

function managedImage(id: string): Resource {
  return {
    ...{ id, name: id.split('/').at(-1) ?? '', type: 'Microsoft.Compute/images', location: 'westeurope', tags: {} },
    properties: {
      hyperVGeneration: 'V2',
      provisioningState: 'Succeeded',
      storageProfile: {
        osDisk: {
          osType: 'Linux',
          osState: 'Generalized',
          managedDisk: { id: `${id.replace('/images/', '/disks/')}-os` },
        },
      },
    },
  } as Resource;
}
