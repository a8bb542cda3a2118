import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { regionName } from './regions';
import { object, type Resource } from './resource';
import { compute } from './section';
import { vmSize } from './vm-sizes';

interface QuotaSection {
  /** Cores by `region` or `region family`, as somebody set them. */
  limits: Record<string, number>;
  /** Cores by `subscription region` that are allowed as long as nobody set a limit. */
  allowance: Record<string, number>;
  /** `region size` of what is currently unavailable. */
  restricted: Record<string, true>;
}

const quotas = (world: World): QuotaSection =>
  world.section<QuotaSection>('computeQuotas', () => ({ limits: {}, allowance: {}, restricted: {} }));

/** Cores that every subscription has to spare in a region when the sandbox is first asked. */
const spareCores = 2_000;

/**
 * Sets the approved cores of a region, for every subscription: for all VM sizes together, or for one family such as
 * `standardDSv5Family`. Existing VMs stay, however many there are.
 */
export function setCoreQuota(world: World, location: string, cores: number, family?: string): void {
  quotas(world).limits[`${regionName(location)}${family ? ` ${family}` : ''}`] = cores;
}

/** Makes a VM size run out (or come back) in a region: deploying it answers `SkuNotAvailable`. */
export function setSizeAvailable(world: World, location: string, size: string, available: boolean): void {
  const { restricted } = quotas(world);
  const name = `${regionName(location)} ${size.toLowerCase()}`;
  if (available) delete restricted[name];
  else restricted[name] = true;
}

export function sizeUnavailable(world: World, location: string, size: string): SandboxResponse | undefined {
  if (!quotas(world).restricted[`${regionName(location)} ${size.toLowerCase()}`]) return undefined;
  const message = `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size}' is currently not available in location '${regionName(location)}'. Please try another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.`;
  return armError(409, 'SkuNotAvailable', message);
}

/** Cores of all VMs of a subscription in a region; a VM counts whether or not it runs. */
function coresInUse(world: World, scope: string, location: string, family?: string): number {
  return Object.values(compute(world).resources)
    .filter((r) => isVmIn(r, scope, location))
    .map((r) => vmSize(String(object(r.properties['hardwareProfile'])['vmSize'])))
    .filter((size) => size && (family === undefined || size.quota === family))
    .reduce((sum, size) => sum + (size?.cores ?? 0), 0);
}

function isVmIn(resource: Resource, scope: string, location: string): boolean {
  if (resource.type !== 'Microsoft.Compute/virtualMachines' || !key(resource.id).startsWith(scope)) return false;
  return regionName(resource.location) === regionName(location);
}

interface CoresAsked {
  readonly vmId: string;
  readonly location: string;
  readonly size: string;
  /** The size that the VM has now, when it is resized. */
  readonly before?: string;
}

/** Refuses cores beyond the approved quota of the region or of the size's family, as Compute says it. */
export function coreQuotaProblem(
  world: World,
  { vmId, location, size, before }: CoresAsked,
): SandboxResponse | undefined {
  const asked = vmSize(size);
  if (!asked) return undefined;
  const { limits, allowance } = quotas(world);
  const region = regionName(location);
  const scope = key(`/subscriptions/${vmId.split('/')[2]}/`);
  const old = before === undefined ? undefined : vmSize(before);
  const used = coresInUse(world, scope, region);
  const spare = `${scope} ${region}`;
  allowance[spare] ??= used + spareCores;
  const additional = asked.cores - (old?.cores ?? 0);
  const total = { quota: 'Total Regional Cores', location: region, limit: limits[region] ?? allowance[spare], used };
  const problem = exceeded({ ...total, additional });
  const familyLimit = limits[`${region} ${asked.quota}`];
  if (problem || familyLimit === undefined) return problem;
  return exceeded({
    quota: `${asked.quota} Cores`,
    location: region,
    limit: familyLimit,
    used: coresInUse(world, scope, region, asked.quota),
    additional: asked.cores - (old?.quota === asked.quota ? old.cores : 0),
  });
}

interface QuotaUse {
  readonly quota: string;
  readonly location: string;
  readonly limit: number;
  readonly used: number;
  readonly additional: number;
}

function exceeded({ quota, location, limit, used, additional }: QuotaUse): SandboxResponse | undefined {
  if (additional <= 0 || used + additional <= limit) return undefined;
  const message = `Operation could not be completed as it results in exceeding approved ${quota} quota. Additional details - Deployment Model: Resource Manager, Location: ${location}, Current Limit: ${limit}, Current Usage: ${used}, Additional Required: ${additional}, (Minimum) New Limit Required: ${used + additional}. Setup Alerts when Quota reaches threshold. Learn more at https://aka.ms/quotamonitoringalerting .`;
  return armError(409, 'OperationNotAllowed', message);
}

/** Documented limits per subscription and region. */
const galleryLimits: Readonly<Record<string, readonly [name: string, limit: number]>> = {
  'Microsoft.Compute/galleries': ['Galleries', 100],
  'Microsoft.Compute/galleries/images': ['Gallery Images', 1_000],
  'Microsoft.Compute/galleries/images/versions': ['Gallery Image Versions', 10_000],
};

/**
 * Refuses one resource too many of a gallery's types. The limits are documented; that the refusal reads like the one of
 * the core quota is not.
 */
export function galleryLimitProblem(world: World, type: string, id: string, location: string) {
  const [quota, limit] = galleryLimits[type] ?? ['', Number.POSITIVE_INFINITY];
  const scope = key(`/subscriptions/${id.split('/')[2]}/`);
  const region = regionName(location);
  let used = 0;
  for (const [resourceId, resource] of Object.entries(compute(world).resources)) {
    if (resource.type === type && resourceId.startsWith(scope) && regionName(resource.location) === region) used += 1;
  }
  return exceeded({ quota, location: region, limit, used, additional: 1 });
}
