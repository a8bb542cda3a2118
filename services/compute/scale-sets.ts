import type { VirtualMachine, VirtualMachineScaleSet, VirtualMachineScaleSetVM } from '@azure/arm-compute';
import type { AzureRead, AzureWrite } from '../../core/azure';
import { type AzureId, nameOfId, parseAzureId } from '../../core/azure-id';
import { setModes } from '../../core/compliance';
import type { InstanceSeen, RollingUpgrade, SetModel } from '../../core/lifecycle';
import { type ReadContext, unlessMissing, type WriteContext } from '../azure';
import { queries, whole } from '../resource-graph';

/** How many machines of a flexible set are asked about at once. */
const atOnce = 10;

export function scaleSetRead(azure: ReadContext): Pick<AzureRead, 'scaleSet' | 'setInstances' | 'rollingUpgrade'> {
  return {
    /**
     * What a scale set would make its next instances from, by the set's id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachineScaleSets/{set}
     */
    scaleSet: (id) =>
      azure.ask(`asking about the scale set “${nameOfId(id)}”`, async () => {
        const { subscription, resourceGroup, name } = placeOf(id);
        const { virtualMachineScaleSets: sets } = azure.compute(subscription);
        const set = await unlessMissing(sets.get(resourceGroup, name));
        return set && modelOf(set, name);
      }),

    /**
     * Instances with their health: one call for each page of a uniform set. Those of a flexible set are found in Resource
     * Graph, which lags by minutes, and asked about one by one. Empty when the set is gone.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachineScaleSets/{set}/virtualMachines?$expand=instanceView, GET
     * …/virtualMachines/{name}?$expand=instanceView
     */
    setInstances: (id, { isFlexible }) =>
      azure.ask(`asking about the instances of “${nameOfId(id)}”`, async () => {
        const found = isFlexible ? machinesOf(azure, placeOf(id)) : instancesOf(azure, placeOf(id));
        return (await unlessMissing(found)) ?? [];
      }),

    /**
     * The last upgrade in batches that there was, by a changed model or of the operating system; undefined: there was none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachineScaleSets/{set}/rollingUpgrades/latest (404 when there never was one)
     */
    rollingUpgrade: (id) => azure.ask(`asking about the upgrade of “${nameOfId(id)}”`, () => upgradeOf(azure, id)),
  };
}

export function scaleSetWrite(azure: WriteContext): Pick<AzureWrite, 'setModelImage' | 'upgradeInstances'> {
  return {
    /**
     * Accepted at once; the operation lasts until Azure has done what the upgrade policy asks for. Safe to repeat.
     *
     * @throws UserError `AZ_CONFLICT` (Azure is changing it; the image does not fit it), `AZ_NOT_FOUND` (the set or the
     * version), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see PATCH …/virtualMachineScaleSets/{set}
     */
    setModelImage: (id, versionId) =>
      azure.change(`giving “${nameOfId(id)}” another image`, async () => {
        const { subscription, resourceGroup, name } = placeOf(id);
        const storageProfile = { imageReference: { id: versionId } };
        const sets = azure.compute(subscription).virtualMachineScaleSets;
        await sets.update(resourceGroup, name, { virtualMachineProfile: { storageProfile } }).submitted();
      }),

    /**
     * Accepted at once; the instances take minutes. Not idempotent: an instance that has the model gets a new disk again.
     *
     * @throws UserError `AZ_CONFLICT` (Azure is changing one of them, or its owner protects it), `AZ_BAD_REQUEST` (one is
     * gone), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see POST …/virtualMachineScaleSets/{set}/manualupgrade
     */
    upgradeInstances: (id, instances) =>
      azure.change(`upgrading instances of “${nameOfId(id)}”`, async () => {
        const { subscription, resourceGroup, name } = placeOf(id);
        const sets = azure.compute(subscription).virtualMachineScaleSets;
        await sets.updateInstances(resourceGroup, name, { instanceIds: [...instances] }).submitted();
      }),
  };
}

async function upgradeOf(azure: ReadContext, id: string): Promise<RollingUpgrade | undefined> {
  const { subscription, resourceGroup, name } = placeOf(id);
  const upgrades = azure.compute(subscription).virtualMachineScaleSetRollingUpgrades;
  const found = await unlessMissing(upgrades.getLatest(resourceGroup, name));
  const { code = '', startTime } = found?.runningStatus ?? {};
  if (!found || !startTime) return undefined;
  const { message } = found.error ?? {};
  return {
    ...{ startedAt: startTime, state: upgradeStates[code] ?? 'running' },
    pending: found.progress?.pendingInstanceCount ?? 0,
    ...(message !== undefined && { error: message }),
  };
}

function placeOf(id: string): AzureId {
  const at = parseAzureId(id);
  if (!at) throw new Error(`no id of a scale set: ${id}`);
  return at;
}

const upgradeStates: Readonly<Record<string, RollingUpgrade['state']>> = {
  RollingForward: 'running',
  Completed: 'completed',
  Cancelled: 'cancelled',
  Faulted: 'faulted',
};

function modelOf(set: VirtualMachineScaleSet, name: string): SetModel {
  const { imageReference } = set.virtualMachineProfile?.storageProfile ?? {};
  return {
    name: set.name ?? name,
    image: imageReference?.id ?? '',
    mode: setModes.find((mode) => mode === set.upgradePolicy?.mode) ?? 'Automatic',
    isBusy: !['Succeeded', 'Failed'].includes(set.provisioningState ?? ''),
    isFlexible: set.orchestrationMode === 'Flexible',
  };
}

async function instancesOf(azure: ReadContext, at: AzureId): Promise<readonly InstanceSeen[]> {
  const { virtualMachineScaleSetVMs } = azure.compute(at.subscription);
  const all: InstanceSeen[] = [];
  for await (const one of virtualMachineScaleSetVMs.list(at.resourceGroup, at.name, { expand: 'instanceView' })) {
    all.push(instanceOf(one, one.instanceId ?? '', one.protectionPolicy?.protectFromScaleSetActions === true));
  }
  return all;
}

async function machinesOf(azure: ReadContext, at: AzureId): Promise<readonly InstanceSeen[]> {
  const { virtualMachines } = azure.compute(at.subscription);
  const place = { subscription: at.subscription.toLowerCase(), resourceGroup: at.resourceGroup.toLowerCase() };
  const listed = await whole(azure, queries.machineList('resources', { scaleSet: at.name, places: [place] }));
  const all: InstanceSeen[] = [];
  for (let n = 0; n < listed.length; n += atOnce) {
    const found = await Promise.all(
      listed
        .slice(n, n + atOnce)
        .map(({ name }) => unlessMissing(virtualMachines.get(at.resourceGroup, name, { expand: 'instanceView' }))),
    );
    all.push(...found.flatMap((vm) => (vm ? [instanceOf(vm, vm.name ?? '', false)] : [])));
  }
  return all;
}

type Instance = Pick<VirtualMachineScaleSetVM & VirtualMachine, 'storageProfile' | 'provisioningState'> & {
  readonly instanceView?: {
    readonly statuses?: readonly { readonly code?: string }[];
    readonly vmHealth?: { readonly status?: { readonly code?: string } };
  };
};

function instanceOf(instance: Instance, id: string, isShielded: boolean): InstanceSeen {
  const { id: image = '', exactVersion } = instance.storageProfile?.imageReference ?? {};
  const [definition = '', named = ''] = image.split(/\/versions\//i);
  const isNumber = /^\d/.test(named);
  return {
    ...{ id, definition, isShielded, state: stateOf(instance) },
    version: exactVersion ?? (isNumber ? named : ''),
    health: healthOf(instance.instanceView?.vmHealth?.status?.code),
  };
}

function stateOf({ provisioningState = '', instanceView }: Instance): InstanceSeen['state'] {
  if (provisioningState === 'Failed') return 'failed';
  if (provisioningState !== 'Succeeded') return 'busy';
  const power = instanceView?.statuses?.find(({ code }) => code?.startsWith('PowerState/'))?.code;
  return power === 'PowerState/running' ? 'running' : 'stopped';
}

function healthOf(code: string | undefined): InstanceSeen['health'] {
  if (code === undefined) return 'unknown';
  return code.toLowerCase() === 'healthstate/healthy' ? 'healthy' : 'unhealthy';
}
