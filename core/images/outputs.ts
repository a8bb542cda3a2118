import type { ImageDefinition, OutputTarget } from '../azure';
import { nameOfId, resourceId } from '../azure-id';
import type { AzureConfig, ImageConfig } from '../catalogue';
import { clouds, cloudsOfRegion } from '../cloud';
import { call } from '../command-call';
import { UserError } from '../errors';
import type { OutputChoice, PublishRequest } from '../runs';
import { demands, fileOf, type Misfit } from './fit';

/**
 * What a version is given out as beside the gallery: where each output goes, what it is called, and why Azure could not
 * make it. Their names hold definition and version, and neither is used twice.
 */

type Kind = OutputTarget['kind'];

const chosen: Readonly<Record<OutputChoice, readonly Kind[]>> = {
  gallery: [],
  'managed-image': ['managed-image'],
  vhd: ['vhd'],
  all: ['managed-image', 'vhd'],
};

/**
 * The outputs of one publish: those that the command names, else the catalogue's.
 * @throws UserError `BAD_COMMAND` when azure.yaml does not say where one of them goes.
 */
export function outputTargets(
  { output }: Pick<PublishRequest, 'output'>,
  { image, azure, version }: { readonly image: ImageConfig; readonly azure: AzureConfig; readonly version: string },
): readonly OutputTarget[] {
  const asked = image.outputs ?? [];
  const kinds = output ? chosen[output] : chosen.all.filter((kind) => asked.includes(kind));
  return kinds.map((kind) => ({ kind, place: placeOf(kind, { image, azure, version }) }));
}

function placeOf(
  kind: Kind,
  { image, azure, version }: { readonly image: ImageConfig; readonly azure: AzureConfig; readonly version: string },
): string {
  const name = `${image.imageDefinition}-${version}`;
  const { resourceGroup, storageAccount, container } = azure.outputs ?? {};
  if (kind === 'managed-image' && resourceGroup !== undefined) {
    return resourceId({ subscription: azure.subscription, resourceGroup }, 'Microsoft.Compute/images', name);
  }
  if (kind === 'vhd' && storageAccount !== undefined && container !== undefined) {
    return `https://${storageAccount}.${clouds[cloudsOfRegion(azure.location)[0]].blobs}/${container}/${name}.vhd`;
  }
  const [what, keys] =
    kind === 'vhd'
      ? ['VHDs', '`outputs.storageAccount` and `outputs.container`']
      : ['managed images', '`outputs.resourceGroup`'];
  throw new UserError('BAD_COMMAND', `azure.yaml does not say where ${what} go.`, {
    hint: `Name ${keys} there, or publish into the gallery alone.`,
    next: [call('publish', { image: image.name, output: 'gallery' })],
  });
}

const longestImageName = 80;

/** Why Azure could not make an output of any version of a definition. */
export function outputMisfits(
  image: ImageConfig,
  { name, security, architecture }: ImageDefinition,
  outputs: readonly OutputTarget[],
): readonly Misfit[] {
  if (outputs.length === 0) return [];
  const leaveOut = `Leave it out of \`outputs\` in ${fileOf(image)}, or publish with \`--output gallery\`.`;
  const managed = outputs.find(({ kind }) => kind === 'managed-image');
  const needed = demands(security);
  const why = [
    needed &&
      `The image definition ${name} takes protected machines alone (${needed}), and Image Builder cannot start from its versions again: there will be no ${outputs.map(({ kind }) => kindName[kind]).join(' and no ')} of them.`,
    managed && architecture === 'Arm64' && `Azure has no managed images for Arm64, which ${name} is made for.`,
    managed &&
      nameOfId(managed.place).length > longestImageName &&
      `The managed image would be called ${nameOfId(managed.place)}; Azure takes ${longestImageName} characters at most.`,
  ];
  return why
    .filter((one) => typeof one === 'string' && one !== '')
    .map((one) => ({ why: String(one), mend: leaveOut }));
}

export const kindName: Readonly<Record<Kind, string>> = { 'managed-image': 'managed image', vhd: 'VHD' };

/** As people read it: `managed image ubuntu-22-1.6.0`, `VHD ubuntu-22-1.6.0.vhd`. */
export function outputName({ kind, place }: OutputTarget): string {
  return `${kindName[kind]} ${nameOfId(place.replace(/^https:\/\/[^/]+/, ''))}`;
}

/** Where it is: `rg-golden-outputs`, `goldoutputs/vhds`. */
export function outputHome({ kind, place }: OutputTarget): string {
  const parts = place.split('/');
  if (kind === 'managed-image') return parts[4] ?? place;
  return `${(parts[2] ?? '').split('.')[0]}/${parts[3] ?? ''}`;
}
