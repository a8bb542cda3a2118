import { ImageBuilderClient, type ImageTemplate } from '@azure/arm-imagebuilder';
import { Operations } from '../../sandbox/azure/arm';
import { blobRoutes } from '../../sandbox/azure/blobs';
import { guestControlRoutes } from '../../sandbox/azure/guest/control';
import { guestOf, setGuest } from '../../sandbox/azure/guest/guest';
import {
  type GalleryVersionInput,
  type ImageBuilderHooks,
  imageBuilderRoutes,
  registerImageBuilder,
} from '../../sandbox/azure/image-builder';
import {
  builderIdentity,
  buildResourceGroup,
  galleryName,
  galleryResourceGroup,
  platformSubscription,
} from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World, type WorldOptions } from '../../sandbox/kernel/world';
import { ask, fakeCredential, sandboxHttpClient } from './client';

export const definition = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Compute/galleries/${galleryName}/images/ubuntu-22`;
export const templates = `/subscriptions/${platformSubscription}/resourceGroups/${buildResourceGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates`;
export const start = Date.parse('2026-11-22T12:00:00Z');

/** Image Builder alone, with a gallery that takes everything; time stands still unless a test advances it. */
export function imageBuilder(options: { hooks?: Partial<ImageBuilderHooks>; world?: WorldOptions } = {}) {
  const world = new World({ startMs: start, speed: 0, ...options.world });
  const sandbox = new Sandbox(world);
  const versions: GalleryVersionInput[] = [];
  registerImageBuilder(world, {
    createVersion: (w, input) => {
      versions.push(input);
      setGuest(w, `${input.galleryImageId}/versions/${input.version}`, input.guest);
      return undefined;
    },
    ...options.hooks,
  });
  const operations = new Operations(world);
  sandbox.add('azure', [...imageBuilderRoutes(world, operations), ...blobRoutes(world), ...guestControlRoutes(world)]);
  const client = new ImageBuilderClient(fakeCredential, platformSubscription, {
    httpClient: sandboxHttpClient(sandbox),
  });
  return {
    world,
    sandbox,
    versions,
    client,
    images: client.virtualMachineImageTemplates,
    guestOf: (id: string) => guestOf(world, id),
  };
}

export type ImageBuilderWorld = ReturnType<typeof imageBuilder>;

interface Recipe {
  readonly customize?: readonly object[];
  readonly validate?: object;
  readonly properties?: object;
  readonly distribute?: object;
}

export const windowsDefinition = definition.replace('ubuntu-22', 'windows-2022');
/** A Windows image goes into a definition of Windows images. */
export const intoWindows = { galleryImageId: `${windowsDefinition}/versions/1.6.0` };

export const shell = (name: string, ...inline: string[]) => ({ type: 'Shell', name, inline });

/** A body that Image Builder takes. */
export function template({
  customize = [shell('hello', 'echo hello')],
  validate,
  properties,
  distribute,
}: Recipe = {}) {
  return {
    location: 'westeurope',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } },
    tags: { run: 'r-1' },
    properties: {
      source: {
        type: 'PlatformImage',
        publisher: 'Canonical',
        offer: '0001-com-ubuntu-server-jammy',
        sku: '22_04-lts-gen2',
        version: 'latest',
      },
      customize,
      ...(validate && { validate }),
      distribute: [
        {
          type: 'SharedImage',
          galleryImageId: `${definition}/versions/1.6.0`,
          runOutputName: 'ubuntu-22',
          excludeFromLatest: true,
          artifactTags: { run: 'r-1' },
          targetRegions: [{ name: 'westeurope', replicaCount: 3 }],
          ...distribute,
        },
      ],
      autoRun: { state: 'Enabled' },
      ...properties,
    },
  };
}

/** The same as the Azure client wants it: without `properties` around. */
export function sdkTemplate(recipe: Recipe = {}): ImageTemplate {
  const { properties, ...rest } = template(recipe);
  return { ...rest, ...properties } as unknown as ImageTemplate;
}

export const version = 'api-version=2025-10-01';

export function put({ sandbox }: ImageBuilderWorld, name: string, body: unknown, query = version) {
  return ask(sandbox, 'PUT', `${templates}/${name}?${query}`, body);
}

export async function get({ sandbox }: ImageBuilderWorld, path: string) {
  const { status, body } = await ask(sandbox, 'GET', `${templates}/${path}?${version}`);
  return { status, body: body as { properties: Record<string, never> & { [name: string]: unknown } } };
}

/** The run's status as the template tells it. */
export async function lastRun(world: ImageBuilderWorld, name: string) {
  const { body } = await get(world, name);
  return body.properties['lastRunStatus'] as unknown as Record<string, string>;
}

/** The log that the run's message, or the staging group, leads to. */
export async function readLog(
  { sandbox }: ImageBuilderWorld,
  group: string,
  file = 'customization.log',
): Promise<string> {
  const accounts = await ask(
    sandbox,
    'GET',
    `${group}/providers/Microsoft.Storage/storageAccounts?api-version=2023-05-01`,
  );
  const [account] = (accounts.body as { value: { properties: { primaryEndpoints: { blob: string } } }[] }).value;
  const blob = account?.properties.primaryEndpoints.blob ?? '';
  const headers = { authorization: 'Bearer x', 'x-ms-version': '2023-11-03' };
  const list = await ask(sandbox, 'GET', `${blob}packerlogs?restype=container&comp=list`, undefined, headers);
  const name = new RegExp(`<Name>([^<]*/${file})</Name>`).exec(String(list.body))?.[1];
  if (!name) return '';
  return String((await ask(sandbox, 'GET', `${blob}packerlogs/${name}`, undefined, headers)).body);
}
