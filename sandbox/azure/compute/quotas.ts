import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { condition, exactly } from '../conditions';
import { regionName } from './regions';
import type { JsonObject, Resource } from './resource';
import { compute } from './section';
import { isMachine, machineSize } from './usage';
import { vmSize } from './vm-sizes';

interface QuotaSection {
  /** Cores by `subscription region` that are allowed as long as nobody set a limit. */
  allowance: Record<string, number>;
}

const quotas = (world: World): QuotaSection => world.section<QuotaSection>('computeQuotas', () => ({ allowance: {} }));

/** Cores that every subscription has to spare in a region when the sandbox is first asked. */
const spareCores = 2_000;

/** The approved cores of a region, or of one family there, where somebody set them. */
function coreLimit(world: World, location: string, family?: string): number | undefined {
  const cores = exactly(world, 'quota', { location, ...(family !== undefined && { family }) })?.['cores'];
  return typeof cores === 'number' ? cores : undefined;
}

/** A size that the subscription may not use here, in the region or in the zone that is asked for. */
export function sizeUnavailable(world: World, location: string, size: string, zone?: string) {
  const place = { location, size, ...(zone !== undefined && { zone }) };
  if (condition(world, 'sizes', place)['offered'] !== false) return undefined;
  const message = `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${size}' is currently not available in location '${regionName(location)}'. Please try another size or deploy to a different location or different zone. See https://aka.ms/azureskunotavailable for details.`;
  return { status: 409, body: { error: { code: 'SkuNotAvailable', message, target: 'sku.name' } } };
}

/** Cores of all machines of a subscription in a region, instances of scale sets among them, whether or not they run. */
function coresInUse(world: World, scope: string, location: string, family?: string): number {
  const spot = family === spotFamily;
  return Object.values(compute(world).resources)
    .filter((r) => isVmIn(r, scope, location) && isSpot(r.properties) === spot)
    .map((r) => vmSize(machineSize(r)))
    .filter((size) => size && (family === undefined || spot || size.quota === family))
    .reduce((sum, size) => sum + (size?.cores ?? 0), 0);
}

function isVmIn(resource: Resource, scope: string, location: string): boolean {
  if (!isMachine(resource) || !key(resource.id).startsWith(scope)) return false;
  return regionName(resource.location) === regionName(location);
}

/** Machines that may be evicted have a quota of their own, for all sizes together. */
export const spotFamily = 'lowPriorityCores';

const isSpot = ({ priority }: JsonObject): boolean => /^(?:spot|low)$/i.test(String(priority ?? ''));

interface CoresAsked {
  readonly vmId: string;
  readonly location: string;
  readonly size: string;
  /** The size that the VM has now, when it is resized. */
  readonly before?: string;
  readonly priority?: string;
  /** How many machines of the size are made; one when absent. */
  readonly machines?: number;
}

/** Refuses cores beyond the approved quota of the region or of the size's family, as Compute says it. */
export function coreQuotaProblem(world: World, wanted: CoresAsked): SandboxResponse | undefined {
  const { vmId, size, before, priority, machines = 1 } = wanted;
  const one = vmSize(size);
  if (!one) return undefined;
  const asked = { ...one, cores: one.cores * machines };
  const location = regionName(wanted.location);
  const scope = key(`/subscriptions/${vmId.split('/')[2]}/`);
  if (isSpot({ priority: priority ?? null })) {
    const limit = coreLimit(world, location, spotFamily);
    const used = coresInUse(world, scope, location, spotFamily);
    return limit === undefined
      ? undefined
      : exceeded({ quota: 'LowPriorityCores', location, limit, used, additional: asked.cores });
  }
  const old = before === undefined ? undefined : vmSize(before);
  const subscriptionId = vmId.split('/')[2] ?? '';
  const additional = asked.cores - (old?.cores ?? 0);
  const total = {
    ...coreUse(world, { subscriptionId, location }),
    quota: 'Total Regional Cores',
    location,
    additional,
  };
  const problem = exceeded(total);
  if (problem || coreLimit(world, location, asked.quota) === undefined) return problem;
  return exceeded({
    ...coreUse(world, { subscriptionId, location, family: asked.quota }),
    quota: `${asked.quota} Cores`,
    location,
    additional: asked.cores - (old?.quota === asked.quota ? old.cores : 0),
  });
}

interface CorePlace {
  readonly subscriptionId: string;
  /** ARM's name. */
  readonly location: string;
  readonly family?: string;
}

/** Cores in a region, in all or of one family; a family of which nobody has said anything may use all of the region's. */
export function coreUse(world: World, { subscriptionId, location, family }: CorePlace) {
  const scope = key(`/subscriptions/${subscriptionId}/`);
  const used = coresInUse(world, scope, location, family);
  const { allowance } = quotas(world);
  const spare = `${scope} ${location}`;
  allowance[spare] ??= coresInUse(world, scope, location) + spareCores;
  const limit = (family === undefined ? undefined : coreLimit(world, location, family)) ?? coreLimit(world, location);
  return { limit: limit ?? allowance[spare], used };
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
