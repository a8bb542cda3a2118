import type { ResourceSku } from '@azure/arm-compute';
import { regionKey, sameId } from '../../core/azure-id';
import type { MachineSize, PreflightRead, Usage } from '../../core/preflight';
import { arm, type Fields, fieldsOf, type ReadContext, textOf } from '../azure';

export function capacityRead(
  azure: ReadContext,
): Pick<PreflightRead, 'coreUsages' | 'containerUsages' | 'machineSizes'> {
  return {
    /**
     * Cores of machines that a subscription uses and may use in a region: `cores` for all, and by family.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/providers/Microsoft.Compute/locations/{location}/usages
     */
    coreUsages: (subscription, location) =>
      azure.ask(`asking how many cores are left in ${location}`, async () => {
        const found: Usage[] = [];
        for await (const { name, currentValue, limit } of azure.compute(subscription).usage.list(location)) {
          if (name.value !== undefined) found.push({ name: name.value, used: currentValue, limit });
        }
        return found;
      }),

    /**
     * The same for container instances: `StandardCores` is what builds take.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_NOT_FOUND`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/providers/Microsoft.ContainerInstance/locations/{location}/usages
     */
    containerUsages: (subscription, location) =>
      azure.ask(`asking how many container instances are left in ${location}`, async () => {
        const path = `/subscriptions/${subscription}/providers/Microsoft.ContainerInstance/locations/${location}/usages`;
        const { body } = await arm(azure, { method: 'GET', path, version: '2023-05-01' });
        const { value } = fieldsOf(body);
        return (Array.isArray(value) ? value : []).flatMap((one) => usageOf(fieldsOf(one)));
      }),

    /**
     * Those of the named sizes of machines that a region has for the subscription. Azure lists all of them: one call of
     * up to some seconds.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/providers/Microsoft.Compute/skus?$filter=location eq '{location}'
     */
    machineSizes: (subscription, location, names) =>
      azure.ask(`asking which sizes of machines ${location} has`, () =>
        sizesIn(azure, { subscription, location, names }),
      ),
  };
}

interface Sizes {
  readonly subscription: string;
  readonly location: string;
  readonly names: readonly string[];
}

async function sizesIn(azure: ReadContext, { subscription, location, names }: Sizes): Promise<MachineSize[]> {
  const filter = `location eq '${location}'`;
  const found: MachineSize[] = [];
  for await (const sku of azure.compute(subscription).resourceSkus.list({ filter })) {
    const { name = '' } = sku;
    if (sku.resourceType !== 'virtualMachines' || !names.some((n) => sameId(n, name))) continue;
    found.push(sizeOf(sku, location));
  }
  return found;
}

function usageOf({ name, currentValue, limit }: Fields): Usage[] {
  const named = textOf(fieldsOf(name)['value']);
  if (named === undefined || typeof currentValue !== 'number' || typeof limit !== 'number') return [];
  return [{ name: named, used: currentValue, limit }];
}

/** A restriction of single zones leaves the others: goldbot's machines are in none. */
function sizeOf({ name = '', family = '', capabilities, restrictions }: ResourceSku, location: string): MachineSize {
  const cores = Number(capabilities?.find((c) => c.name === 'vCPUs')?.value ?? 0);
  const closed = restrictions?.find(
    ({ type, restrictionInfo }) =>
      type === 'Location' && restrictionInfo?.locations?.some((l) => regionKey(l) === regionKey(location)),
  );
  return { name, family, cores, ...(closed && { closed: closed.reasonCode ?? 'a restriction of the subscription' }) };
}
