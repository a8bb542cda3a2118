import type { World } from '../../kernel/world';
import { key } from '../arm';
import { compute } from '../compute/section';
import { findProduct } from '../marketplace/catalogue';
import { hasSubnet, refusesPrivateLinks, takesContainers } from '../networks';
import { lacking, notAuthorizedTo } from './rights';
import { type JsonObject, listOf, objectOf, type Template, textOf } from './section';

/** Why source, outputs and build machine do not go together. */
export interface FitError {
  readonly provisioningErrorCode: string;
  readonly message: string;
  /** Of the operation, where it differs. */
  readonly code?: string;
}

/** What decides whether a source fits a definition. */
interface Traits {
  readonly osType: string;
  readonly hyperVGeneration: string;
  readonly architecture: string;
  readonly diskGB?: number;
  readonly plan?: JsonObject;
}

/** Image Builder looks at both ends before it builds; undefined when they fit. */
export function fitError(world: World, template: Template): FitError | undefined {
  const source = objectOf(template.properties['source']);
  const traits = traitsOf(world, source);
  return (
    (traits && (planError(template, source, traits) ?? diskError(template, traits))) ??
    networkError(world, template) ??
    (traits && definitionError(world, template, traits))
  );
}

/** Undefined when the source is not known: another check has said so. */
export function traitsOf(world: World, source: JsonObject): Traits | undefined {
  if (source['type'] === 'PlatformImage') {
    const [publisher = '', offer = '', sku = ''] = ['publisher', 'offer', 'sku'].map((name) => textOf(source[name]));
    const product = findProduct(publisher, offer, sku);
    return (
      product && {
        osType: product.os,
        hyperVGeneration: product.generation,
        architecture: product.architecture,
        diskGB: product.os === 'Windows' ? 127 : 30,
        ...(product.plan && { plan: { ...product.plan } }),
      }
    );
  }
  const id = textOf(source['imageVersionId']).replace(/\/versions\/.*$/i, '') || textOf(source['imageId']);
  const { properties } = compute(world).resources[key(id)] ?? {};
  const diskGB = diskOf(world, textOf(source['exactVersion']) || textOf(source['imageVersionId']));
  return properties && { ...ofDefinition(properties), osType: osOf(properties), ...(diskGB > 0 && { diskGB }) };
}

function diskOf(world: World, version: string): number {
  const profile = objectOf(compute(world).resources[key(version)]?.properties['storageProfile']);
  return Number(objectOf(profile['osDiskImage'])['sizeInGB'] ?? 0);
}

function osOf(properties: JsonObject): string {
  return textOf(properties['osType']) || textOf(objectOf(objectOf(properties['storageProfile'])['osDisk'])['osType']);
}

function ofDefinition(properties: JsonObject): Traits {
  return {
    osType: textOf(properties['osType']),
    hyperVGeneration: textOf(properties['hyperVGeneration']) || 'V1',
    architecture: textOf(properties['architecture']) || 'x64',
  };
}

const ts = 'For more details, go to https://aka.ms/azvmimagebuilderts.';

/** The code was seen on the operation; the template's own is not known. */
export const refused = (code: string, message: string): FitError => ({
  provisioningErrorCode: 'Other',
  code,
  message: `${message} ${ts}`,
});

function planError({ location }: Template, source: JsonObject, { plan }: Traits): FitError | undefined {
  const given = objectOf(source['planInfo']);
  const names: Readonly<Record<string, string>> = {
    publisher: 'planPublisher',
    product: 'planProduct',
    name: 'planName',
  };
  const fits = Object.entries(names).every(([name, field]) => key(textOf(plan?.[name])) === key(textOf(given[field])));
  if (!plan || fits) return undefined;
  const image = ['publisher', 'offer', 'sku', 'version'].map((name) => textOf(source[name])).join(', ');
  return refused('PurchasePlanNotProvided', `A purchase plan was not provided for the image: ${location}, ${image}.`);
}

function diskError({ properties }: Template, { diskGB = 0 }: Traits): FitError | undefined {
  const asked = objectOf(properties['vmProfile'])['osDiskSizeGB'];
  if (typeof asked !== 'number' || asked === 0 || asked >= diskGB) return undefined;
  return refused(
    'ValidationFailed',
    `The OS disk of ${asked} GB is smaller than that of the source image, ${diskGB} GB.`,
  );
}

function networkError(world: World, template: Template): FitError | undefined {
  const vnet = objectOf(objectOf(template.properties['vmProfile'])['vnetConfig']);
  const [subnet, containers] = [textOf(vnet['subnetId']), textOf(vnet['containerInstanceSubnetId'])];
  const missing = [subnet, containers].find((id) => id !== '' && !hasSubnet(world, id));
  if (missing !== undefined) return refused('ValidationFailed', `The subnet '${missing}' was not found.`);
  const joined = [subnet, containers].filter((id) => id !== '').map((scope) => ({ action: joinSubnet, scope }));
  const closed = lacking(world, template, joined);
  if (closed) return refused('Unauthorized', notAuthorizedTo(closed.scope));
  if (containers === '') return subnet === '' ? undefined : privateLinkError(world, subnet);
  const network = (id: string) => key(id).replace(/\/subnets\/[^/]+$/, '');
  if (key(subnet) === key(containers) || network(subnet) !== network(containers)) {
    return refused(
      'ValidationFailed',
      `The subnet '${containers}' must be another one of the virtual network of '${subnet}'.`,
    );
  }
  if (takesContainers(world, containers)) return undefined;
  return refused(
    'ValidationFailed',
    `The subnet '${containers}' is not delegated to Microsoft.ContainerInstance/containerGroups.`,
  );
}

const joinSubnet = 'Microsoft.Network/virtualNetworks/subnets/join/action';

/** Without containers in the subnet Image Builder comes in by a private link service of its own. */
function privateLinkError(world: World, subnet: string): FitError | undefined {
  if (!refusesPrivateLinks(world, subnet)) return undefined;
  return refused(
    'ValidationFailed',
    `PrivateLinkService Network Policy is not disabled for the given subnet. Subnet: ${subnet}.`,
  );
}

function definitionError(world: World, { properties }: Template, source: Traits): FitError | undefined {
  for (const output of listOf(properties['distribute'])) {
    const id = textOf(output['galleryImageId']).replace(/\/versions\/.*$/i, '');
    const definition = compute(world).resources[key(id)];
    if (!definition) continue;
    const takes = ofDefinition(definition.properties);
    if (takes.hyperVGeneration !== source.hyperVGeneration) {
      return refused(
        'ValidationFailed',
        `Hyper-V version check failed: cross-generation images are not supported. The image definition ${id} has hyperVGeneration ${takes.hyperVGeneration}, the source image has ${source.hyperVGeneration}.`,
      );
    }
    for (const name of ['osType', 'architecture'] as const) {
      if (takes[name] === source[name]) continue;
      return refused(
        'ValidationFailed',
        `The image definition ${id} has ${name} ${takes[name]}, the source image has ${source[name]}.`,
      );
    }
  }
  return undefined;
}
