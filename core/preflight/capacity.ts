import { sameId } from '../azure-id';
import type { FixedPlan } from '../runs';
import type { MachineSize, Usage } from './facts';
import { type Finding, look, stops } from './look';

/** Sizes of the build's and the test's machine, once each. */
function sizesOf({ buildVmSize, testVmSize }: FixedPlan): readonly string[] {
  return sameId(buildVmSize, testVmSize) ? [buildVmSize] : [buildVmSize, testVmSize];
}

interface Cores {
  readonly sizes: readonly MachineSize[];
  readonly usages: readonly Usage[];
}

/** The machine of the build is gone when the test begins: the larger of both has to fit. */
export const cores = look<Cores>({
  at: 'sizes of machines and the quota of cores',
  read: async (azure, plan) => {
    const { subscription, location } = plan.place;
    const [sizes, usages] = await Promise.all([
      azure.machineSizes(subscription, location, sizesOf(plan)),
      azure.coreUsages(subscription, location),
    ]);
    return { sizes, usages };
  },
  judge: ({ sizes, usages }, plan) => [...sizeFindings(sizes, plan), ...coreFindings(sizes, usages, plan)],
});

function sizeFindings(sizes: readonly MachineSize[], plan: FixedPlan): readonly Finding[] {
  const { subscription, location } = plan.place;
  return sizesOf(plan).flatMap((name) => {
    const found = sizes.find((size) => sameId(size.name, name));
    if (found && found.closed === undefined) return [];
    const why = found
      ? `The subscription may not use the size ${found.name} in ${location} (${found.closed}).`
      : `Azure has no size ${name} in ${location}.`;
    const field = sameId(name, plan.buildVmSize) ? 'build.vmSize' : 'test.vmSize';
    const mend = `Name another size as \`${field}\` in azure.yaml or images/${plan.image}.yaml; this lists what there is:`;
    const list = `az vm list-skus --subscription ${subscription} --location ${location} --resource-type virtualMachines --output table`;
    return [stops(why, mend, list)];
  });
}

function coreFindings(sizes: readonly MachineSize[], usages: readonly Usage[], plan: FixedPlan): readonly Finding[] {
  const most = Math.max(0, ...sizes.map((size) => size.cores));
  const families = new Map<string, number>();
  for (const { family, cores: needed } of sizes) families.set(family, Math.max(families.get(family) ?? 0, needed));
  const asked: readonly (readonly [quota: string, needed: number])[] = [['cores', most], ...families];
  return asked.flatMap(([quota, needed]) => {
    const usage = usages.find(({ name }) => sameId(name, quota));
    return usage ? tooFew(usage, needed, { plan, provider: 'Microsoft.Compute', of: 'cores of machines' }) : [];
  });
}

/** Documented: what Image Builder's container group takes of a region's standard cores, for each build at a time. */
const containerCores = 4;

export const containers = look<readonly Usage[]>({
  at: 'the quota of container instances',
  read: (azure, { place }) => azure.containerUsages(place.subscription, place.location),
  judge: (usages, plan) => {
    const usage = usages.find(({ name }) => sameId(name, 'StandardCores'));
    const what = { plan, provider: 'Microsoft.ContainerInstance', of: 'cores of container instances' };
    return usage ? tooFew(usage, containerCores, what) : [];
  },
});

interface Quota {
  readonly plan: FixedPlan;
  readonly provider: string;
  /** What is counted, in words. */
  readonly of: string;
}

function tooFew({ name, used, limit }: Usage, needed: number, { plan, provider, of }: Quota): readonly Finding[] {
  if (used + needed <= limit) return [];
  const { subscription, location } = plan.place;
  const left = Math.max(0, limit - used);
  const why = `The quota “${name}” of ${location} leaves ${left} of ${limit} ${of}; building ${plan.image} takes ${needed}.`;
  const scope = `/subscriptions/${subscription}/providers/${provider}/locations/${location}`;
  const more = `az quota update --resource-name ${name} --scope ${scope} --limit-object value=${used + needed} --resource-type dedicated`;
  const mend = 'Delete machines that nobody needs, or ask Azure for more:';
  return [{ ...stops(why, mend, more), short: { of: `${provider} ${name}`, needed } }];
}
