import type {
  VirtualMachine,
  VirtualMachineScaleSet,
  VirtualMachineScaleSetVM,
  VMScaleSetLifecycleHookEventUpdate,
} from '@azure/arm-compute';
import type { AzureRead, AzureWrite } from '../../core/azure';
import { type AzureId, nameOfId, parseAzureId } from '../../core/azure-id';
import { setModes, takesReimage } from '../../core/compliance';
import type { InstanceSeen, RollingUpgrade, SetModel, UpgradeQuestion } from '../../core/lifecycle';
import { type ReadContext, unlessMissing, type WriteContext } from '../azure';
import { queries, whole } from '../resource-graph';

/** How many machines of a flexible set are asked about at once. */
const atOnce = 10;

type SetReads = 'scaleSet' | 'setInstances' | 'rollingUpgrade' | 'upgradeQuestions';
type Consents = 'approveUpgrade' | 'answerQuestion' | 'putOffQuestion';
type SetWrites = 'setModelImage' | 'cancelUpgrade' | 'upgradeInstances' | 'reimageInstances' | Consents;

export function scaleSetRead(azure: ReadContext): Pick<AzureRead, SetReads> {
  return {
    /**
     * What a scale set would make its next instances from, by the set's id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachineScaleSets/{set}
     */
    scaleSet: (id) => azure.ask(`asking about the scale set “${nameOfId(id)}”`, () => setOf(azure, id)),

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

    /**
     * What Azure asks the owner of a set by its lifecycle hooks, as far as it is open. Empty where the set has none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/virtualMachineScaleSets/{set}/lifecycleHookEvents (preview)
     */
    upgradeQuestions: (id) =>
      azure.ask(
        `asking what Azure asks about “${nameOfId(id)}”`,
        async () => (await unlessMissing(questionsOf(azure, id))) ?? [],
      ),
  };
}

export function scaleSetWrite(azure: WriteContext): Pick<AzureWrite, SetWrites> {
  return {
    ...consentWrite(azure),
    ...stopWrite(azure),
    ...reimageWrite(azure),

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

/** Of single instances, which keep nothing of their system disks. */
function reimageWrite(azure: WriteContext): Pick<AzureWrite, 'reimageInstances'> {
  return {
    /**
     * Accepted at once; the instances take minutes. Not idempotent: each loses its system disk, and once more if it is
     * repeated; data disks stay. Azure spares what the owner protects from the whole set. That the version is taken by
     * instances of a gallery's image is documented for no such image, and was never tried at a real Azure.
     *
     * @throws UserError `AZ_CONFLICT` (Azure is changing one of them, or its owner protects it), `AZ_BAD_REQUEST` (one is
     * gone), `AZ_NOT_FOUND` (the version), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see POST …/virtualMachineScaleSets/{set}/reimage
     */
    reimageInstances: (id, instances, version) =>
      azure.change(`reimaging instances of “${nameOfId(id)}”`, async () => {
        // Without ids Azure would take every instance of the set.
        if (instances.length === 0) throw new Error(`no instance of ${id} is to be reimaged`);
        const { subscription, resourceGroup, name } = placeOf(id);
        const vmScaleSetReimageInput = { instanceIds: [...instances], exactVersion: version };
        const sets = azure.compute(subscription).virtualMachineScaleSets;
        await sets.reimage(resourceGroup, name, { vmScaleSetReimageInput }).submitted();
      }),
  };
}

/** The end of what Azure upgrades by itself. */
function stopWrite(azure: WriteContext): Pick<AzureWrite, 'cancelUpgrade'> {
  return {
    /**
     * Accepted at once; Azure finishes the batch that is on its way. Safe to repeat: where nothing goes on, nothing happens.
     *
     * @throws UserError `AZ_CONFLICT` (no upgrade is under way), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see POST …/virtualMachineScaleSets/{set}/rollingUpgrades/cancel
     */
    cancelUpgrade: (id) =>
      azure.change(`stopping the upgrade of “${nameOfId(id)}”`, async () => {
        const { subscription, resourceGroup, name } = placeOf(id);
        await azure.compute(subscription).virtualMachineScaleSetRollingUpgrades.cancel(resourceGroup, name).submitted();
      }),
  };
}

/** How the owner of a set lets Azure upgrade it, or has it wait. */
function consentWrite(azure: WriteContext): Pick<AzureWrite, Consents> {
  const eventsOf = (id: string) => {
    const { subscription, resourceGroup, name } = placeOf(id);
    const events = azure.compute(subscription).virtualMachineScaleSetLifeCycleHookEvents;
    return (event: string, properties: VMScaleSetLifecycleHookEventUpdate) =>
      events.update(resourceGroup, name, event, properties);
  };
  return {
    /**
     * Accepted at once. Safe to repeat: what waits for nothing is not begun.
     *
     * @throws UserError `AZ_CONFLICT` (the set defers nothing), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see POST …/virtualMachineScaleSets/{set}/approveRollingUpgrade
     */
    approveUpgrade: (id) =>
      azure.change(`letting Azure upgrade “${nameOfId(id)}”`, async () => {
        const { subscription, resourceGroup, name } = placeOf(id);
        await azure
          .compute(subscription)
          .virtualMachineScaleSets.approveRollingUpgrade(resourceGroup, name)
          .submitted();
      }),

    /**
     * Safe to repeat while the question is open; Azure closes it with the last answer.
     *
     * @throws UserError `AZ_CONFLICT` (it is closed), `AZ_NOT_FOUND`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see PATCH …/virtualMachineScaleSets/{set}/lifecycleHookEvents/{event} (preview; a no is an error of the server)
     */
    answerQuestion: (id, { name, waiting }) =>
      azure.change(`answering what Azure asks about “${nameOfId(id)}”`, async () => {
        const targetResources = waiting.map((one) => ({ resource: { id: one }, actionState: 'Approved' }));
        await eventsOf(id)(name, { targetResources });
      }),

    /**
     * Safe to repeat.
     *
     * @throws UserError `AZ_BAD_REQUEST` (later than Azure waits), `AZ_CONFLICT` (it is closed), `AZ_NOT_FOUND`,
     * `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see PATCH …/virtualMachineScaleSets/{set}/lifecycleHookEvents/{event} (preview)
     */
    putOffQuestion: (id, name, until) =>
      azure.change(`having Azure wait with “${nameOfId(id)}”`, async () => {
        await eventsOf(id)(name, { waitUntil: until.toISOString() });
      }),
  };
}

async function questionsOf(azure: ReadContext, id: string): Promise<readonly UpgradeQuestion[]> {
  const { subscription, resourceGroup, name } = placeOf(id);
  const all: UpgradeQuestion[] = [];
  const events = azure.compute(subscription).virtualMachineScaleSetLifeCycleHookEvents;
  for await (const { name: event, properties = {} } of events.list(resourceGroup, name)) {
    const { type = '', state, waitUntil, maxWaitUntil, defaultAction, targetResources = [] } = properties;
    if (event === undefined || waitUntil === undefined || state !== 'Active' || !type.startsWith('UpgradeAutoOS'))
      continue;
    all.push({
      name: event,
      waiting: targetResources.flatMap(({ resource, actionState }) =>
        actionState === 'Waiting' && resource?.id ? [resource.id] : [],
      ),
      until: new Date(waitUntil),
      latest: new Date(maxWaitUntil ?? waitUntil),
      otherwise: defaultAction === 'Reject' ? 'reject' : 'approve',
    });
  }
  return all;
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

async function setOf(azure: ReadContext, id: string): Promise<SetModel | undefined> {
  const { subscription, resourceGroup, name } = placeOf(id);
  const set = await unlessMissing(azure.compute(subscription).virtualMachineScaleSets.get(resourceGroup, name));
  return set && modelOf(set, name);
}

function modelOf(set: VirtualMachineScaleSet, name: string): SetModel {
  const { imageReference, osDisk } = set.virtualMachineProfile?.storageProfile ?? {};
  const { orchestrationMode = '' } = set;
  return {
    name: set.name ?? name,
    image: imageReference?.id ?? '',
    mode: setModes.find((mode) => mode === set.upgradePolicy?.mode) ?? 'Automatic',
    isBusy: !['Succeeded', 'Failed'].includes(set.provisioningState ?? ''),
    isFlexible: orchestrationMode === 'Flexible',
    takesReimage: takesReimage(orchestrationMode, osDisk?.diffDiskSettings?.option ?? ''),
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
  readonly latestModelApplied?: boolean;
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
    hasModel: instance.latestModelApplied === true,
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
