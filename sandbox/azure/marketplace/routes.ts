import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, type Operations } from '../arm';
import type { BaseImage } from './cadence';
import { findProduct, type MarketplaceProduct, products, versionAt, versionsAt } from './catalogue';

const locations = '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/publishers';
const offers = `${locations}/{publisher}/artifacttypes/vmimage/offers`;
const skus = `${offers}/{offer}/skus`;
const versions = `${skus}/{sku}/versions`;

/** Marketplace images as Microsoft.Compute has them: bare arrays, ids with capitals, an empty list if none are left. */
export function marketplaceRoutes(world: World, _operations?: Operations): Route[] {
  const now = () => world.clock.nowMs();
  return [
    { method: 'GET', path: locations, handle: (_, params) => listed(params, 'publisher') },
    { method: 'GET', path: offers, handle: (_, params) => listed(params, 'offer') },
    { method: 'GET', path: skus, handle: (_, params) => listed(params, 'sku') },
    { method: 'GET', path: versions, handle: (request, params) => listVersions(request, params, now()) },
    { method: 'GET', path: `${versions}/{version}`, handle: (_, params) => getVersion(params, now()) },
  ];
}

const same = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase();

function answer(body: unknown, operation: string): SandboxResponse {
  const left = `Microsoft.Compute/${operation}3Min;15999,Microsoft.Compute/${operation}30Min;127999`;
  return { status: 200, headers: { 'x-ms-ratelimit-remaining-resource': left }, body };
}

function missing(): SandboxResponse {
  return armError(404, 'NotFound', 'Artifact: VMImage was not found.');
}

/** Code and wording are documented, for this and for a scale set; the status is the one of creating a VM. */
function deprecated({ publisher, offer, sku }: MarketplaceProduct, { version }: BaseImage): SandboxResponse {
  const message = `VM Image from publisher: ${publisher} with - Offer: ${offer}, Sku: ${sku}, Version: ${version} is deprecated.`;
  return armError(404, 'ImageVersionDeprecated', message);
}

/** Publishers, a publisher's offers or an offer's SKUs. */
function listed(params: Params, level: 'publisher' | 'offer' | 'sku'): SandboxResponse {
  const { publisher, offer } = { publisher: params['publisher'], offer: params['offer'] };
  const inside = products.filter(
    (p) => (!publisher || same(p.publisher, publisher)) && (!offer || same(p.offer, offer)),
  );
  if (inside.length === 0) return missing();
  const names = [...new Set(inside.map((p) => p[level]))].sort();
  const items = names.map((name) => {
    const product = inside.find((p) => p[level] === name) as MarketplaceProduct;
    const whole = idOf(params, product);
    const cut = { publisher: '/ArtifactTypes/', offer: '/Skus/', sku: '/Versions' }[level];
    return { location: params['location'], name, id: whole.slice(0, whole.indexOf(cut)) };
  });
  return answer(items, 'ListVMImagesFromLocation');
}

function listVersions(request: SandboxRequest, params: Params, nowMs: number): SandboxResponse {
  const product = findProduct(params['publisher'] ?? '', params['offer'] ?? '', params['sku'] ?? '');
  if (!product) return missing();
  const query = request.url.searchParams;
  const order = query.get('$orderby') ?? 'name asc';
  if (!/^name( (asc|desc))?$/i.test(order)) {
    return armError(400, 'InvalidParameter', `The value of parameter '$orderby' is invalid: '${order}'.`);
  }
  const found = [...versionsAt(product, nowMs)];
  if (/desc$/i.test(order)) found.reverse();
  const expanded = /^properties/i.test(query.get('$expand') ?? '');
  const top = Number(query.get('$top') ?? found.length);
  const items = found
    .slice(0, top)
    .map((image) => (expanded ? whole(params, product, image) : reference(params, product, image)));
  return answer(items, 'ListVMImagesVersionsFromLocation');
}

function getVersion(params: Params, nowMs: number): SandboxResponse {
  const product = findProduct(params['publisher'] ?? '', params['offer'] ?? '', params['sku'] ?? '');
  const image = product && versionAt(product, params['version'] ?? '', nowMs);
  if (!product || !image) return missing();
  if (image.state === 'Deprecated') return deprecated(product, image);
  return answer(whole(params, product, image), 'GetVMImageFromLocation');
}

function idOf(params: Params, { publisher, offer, sku }: MarketplaceProduct): string {
  const place = `/Subscriptions/${params['subscriptionId']}/Providers/Microsoft.Compute/Locations/${params['location']}`;
  return `${place}/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions`;
}

function reference(params: Params, product: MarketplaceProduct, { version }: BaseImage) {
  return { location: params['location'], name: version, id: `${idOf(params, product)}/${version}` };
}

function whole(params: Params, product: MarketplaceProduct, image: BaseImage) {
  return { properties: properties(product, image), ...reference(params, product, image) };
}

function properties(product: MarketplaceProduct, image: BaseImage) {
  const features = [
    { name: 'IsAcceleratedNetworkSupported', value: 'True' },
    { name: 'DiskControllerTypes', value: 'SCSI, NVMe' },
    { name: 'IsHibernateSupported', value: 'True' },
  ];
  if (product.generation === 'V2') features.unshift({ name: 'SecurityType', value: 'TrustedLaunchSupported' });
  return {
    hyperVGeneration: product.generation,
    architecture: product.architecture,
    ...(product.unmanaged
      ? { replicaType: 'Unmanaged', disallowed: { vmDiskType: 'None' } }
      : { replicaType: 'Managed', replicaCount: 10, disallowed: { vmDiskType: 'Unmanaged' } }),
    automaticOSUpgradeProperties: { automaticOSUpgradeSupported: true },
    imageDeprecationStatus: deprecation(product, image),
    features,
    ...(product.plan && { plan: product.plan }),
    osDiskImage: osDiskImage(product),
    dataDiskImages: [],
  };
}

function deprecation({ alternative }: MarketplaceProduct, { state, deprecationMs }: BaseImage) {
  if (deprecationMs === undefined) return { imageState: state };
  return {
    imageState: state,
    scheduledDeprecationTime: new Date(deprecationMs).toISOString(),
    ...(alternative && { alternativeOption: alternative }),
  };
}

/** Not documented; as recorded of an unmanaged image, and as Microsoft's pages show managed ones. */
function osDiskImage({ os, unmanaged }: MarketplaceProduct) {
  const sizeInGb = os === 'Linux' ? 30 : 127;
  const footer = 1_049_088;
  return { operatingSystem: os, ...(unmanaged ? { sizeInBytes: sizeInGb * 2 ** 30 + footer } : { sizeInGb }) };
}
