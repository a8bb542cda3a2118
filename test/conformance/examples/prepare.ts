import { compute as section } from '../../../sandbox/azure/compute/section';
import { builderIdentity, galleryName, galleryResourceGroup, platformSubscription } from '../../../sandbox/azure/names';
import { ask } from '../../sandbox/client';
import type { Stage } from './stage';

/** How one type of resource is made: the least that Azure wants, and the minutes until it is there. */
interface Kind {
  readonly apiVersion: string;
  readonly minutes: number;
  readonly body: (place: Place) => object;
  /** What has to be put for it to be there, when it is not the resource itself. */
  readonly by?: (id: string) => string;
  /** What has to be there before, besides its parents. */
  readonly after?: (place: Place) => string;
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly options: Options;
}

export interface Options {
  /** Of images: one that is made into a VM without a profile of its own is specialized. */
  readonly osState?: 'Generalized' | 'Specialized';
  /** A template whose build goes on. */
  readonly running?: boolean;
  /** What a gallery is made for; private when absent. */
  readonly permissions?: 'Groups' | 'Community';
}

const groupOf = (id: string) => id.split('/providers/')[0] ?? '';
const inGroup = (id: string, rest: string) => `${groupOf(id)}/providers/Microsoft.Compute/${rest}`;

const jammy = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};

function machine({ id }: Place, osDisk: object = {}): object {
  const nic = `${groupOf(id)}/providers/Microsoft.Network/networkInterfaces/nic`;
  return {
    location: 'westus',
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: { imageReference: jammy, osDisk: { createOption: 'FromImage', ...osDisk } },
      osProfile: { computerName: 'm', adminUsername: 'me', adminPassword: 'Correct-Horse-7-Battery' },
      networkProfile: { networkInterfaces: [{ id: nic }] },
    },
  };
}

const definition = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Compute/galleries/${galleryName}/images/ubuntu-22`;

function template(runOutputName: string, runs: boolean): object {
  const output = {
    type: 'SharedImage',
    galleryImageId: `${definition}/versions/9.0.0`,
    runOutputName,
    targetRegions: [{ name: 'westeurope' }],
  };
  return {
    location: 'westus',
    identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } },
    properties: {
      source: { type: 'PlatformImage', ...jammy },
      customize: [{ type: 'Shell', name: 'hello', inline: ['echo hello'] }],
      distribute: [output],
      ...(runs && { autoRun: { state: 'Enabled' } }),
    },
  };
}

function version({ id }: Place): object {
  const targetRegions = [{ name: 'West US' }, { name: 'East US', storageAccountType: 'Standard_ZRS' }];
  const source = { id: inGroup(id, 'images/imageName') };
  return { location: 'westus', properties: { publishingProfile: { targetRegions }, storageProfile: { source } } };
}

function managedImage({ options: { osState = 'Generalized' } }: Place): object {
  const osDisk = { osType: 'Windows', osState, blobUri: 'https://account.blob.core.windows.net/vhds/os.vhd' };
  return { location: 'westus', properties: { storageProfile: { osDisk }, hyperVGeneration: 'V1' } };
}

function definitionBody({ options: { osState = 'Generalized' } }: Place): object {
  const identifier = { publisher: 'p', offer: 'o', sku: 's' };
  return { location: 'westus', properties: { osType: 'Windows', osState, identifier } };
}

function sharedAs({ permissions }: Options): object {
  if (permissions === undefined) return {};
  const [publisherUri, publisherContact, eula, publicNamePrefix] = ['uri', 'pir@microsoft.com', 'eula', 'PirPublic'];
  const communityGalleryInfo = { publisherUri, publisherContact, eula, publicNamePrefix };
  return { sharingProfile: { permissions, ...(permissions === 'Community' && { communityGalleryInfo }) } };
}

const galleries = { apiVersion: '2023-07-03', minutes: 1 } as const;
const compute = { apiVersion: '2024-07-01', minutes: 10 } as const;

const kinds: Readonly<Record<string, Kind>> = {
  galleries: { ...galleries, body: ({ options }) => ({ location: 'westus', properties: sharedAs(options) }) },
  'galleries/images': { ...galleries, body: definitionBody },
  'galleries/images/versions': {
    ...galleries,
    minutes: 600,
    body: version,
    after: ({ id }) => inGroup(id, 'images/imageName'),
  },
  images: { ...compute, body: managedImage },
  virtualMachines: { ...compute, body: (place) => machine(place) },
  'virtualMachines/runCommands': {
    ...compute,
    body: () => ({ location: 'westus', properties: { source: { script: 'true' } } }),
  },
  'virtualMachineScaleSets/virtualMachines/runCommands': {
    ...compute,
    body: () => ({ location: 'westus', properties: { source: { script: 'true' } } }),
  },
  disks: {
    ...compute,
    body: (place) => machine(place, { name: place.name }),
    by: (id) => inGroup(id, 'virtualMachines/vm'),
  },
  imageTemplates: {
    apiVersion: '2024-02-01',
    minutes: 3,
    body: ({ options }) => template('out', options.running ?? false),
  },
  'imageTemplates/triggers': {
    apiVersion: '2024-02-01',
    minutes: 3,
    body: () => template('out', false),
    by: (id) => id.replace(/\/triggers\/[^/]+$/i, ''),
  },
  'imageTemplates/runOutputs': {
    apiVersion: '2024-02-01',
    minutes: 600,
    body: ({ name }) => template(name, true),
    by: (id) => id.replace(/\/runOutputs\/[^/]+$/i, ''),
  },
};

const model = { storageProfile: { imageReference: jammy } };

/** The sandbox makes no scale sets: they are part of its estate, and stand there as Azure would have made them. */
function standing(stage: Stage, id: string, types: string): boolean {
  const isInstance = types === 'virtualMachineScaleSets/virtualMachines';
  if (!isInstance && types !== 'virtualMachineScaleSets') return false;
  const [set = '', instance = ''] = id.split(/\/virtualMachineScaleSets\//i)[1]?.split(/\/virtualMachines\//i) ?? [];
  section(stage.world).resources[id.toLowerCase()] = {
    id,
    name: isInstance ? `${set}_${instance}` : set,
    type: `Microsoft.Compute/${types}`,
    location: 'westus',
    properties: {
      provisioningState: 'Succeeded',
      ...(!isInstance && { upgradePolicy: { mode: 'Manual' }, virtualMachineProfile: model }),
      ...(isInstance && {
        storageProfile: { imageReference: jammy, osDisk: { osType: 'Linux', createOption: 'FromImage' } },
      }),
    },
  };
  return true;
}

/**
 * Makes, through ARM's own verbs, the resource of an address and its parents, under the names in the address.
 *
 * @throws when the sandbox refuses one of them.
 */
export async function prepare(stage: Stage, id: string, options: Options = {}): Promise<void> {
  const [scope = '', rest = ''] = /^(.*?\/providers\/[^/]+)\/(.*)$/i.exec(id)?.slice(1) ?? [];
  const parts = rest.split('/');
  const types = parts.filter((_, i) => i % 2 === 0);
  const made = types.join('/');
  if (types.length > 1 && !kinds[made]?.by) await prepare(stage, parentOf(id), options);
  if (standing(stage, id, made)) return;
  const kind = kinds[made];
  if (!kind) throw new Error(`Nothing here makes a ${made}.`);
  const place: Place = { id: `${scope}/${rest}`, name: parts.at(-1) ?? '', options };
  if (kind.after) await prepare(stage, kind.after(place), options);
  const address = `${kind.by?.(id) ?? id}?api-version=${kind.apiVersion}`;
  const { status, body } = await ask(stage.sandbox, 'PUT', address, kind.body(place));
  if (status >= 300) throw new Error(`The sandbox refused ${id}: ${status} ${JSON.stringify(body)}`);
  stage.world.clock.advance(kind.minutes);
}

export const parentOf = (id: string): string => id.replace(/\/[^/]+\/[^/]+$/, '');
