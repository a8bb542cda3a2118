import type { JsonObject, Resource } from '../compute/resource';
import { location } from '../names';
import { guid } from './random';
import { day, subnetOf, type Team, teamGroup } from './shape';
import { imageSource } from './vms';

interface ScaleSet {
  readonly name: string;
  readonly team: Team;
  readonly from: string;
  readonly capacity: number;
  readonly mode: 'Uniform' | 'Flexible';
  /**
   * What a changed model does: nothing until somebody upgrades the instances, one batch after the other, or all at
   * once, with automatic OS upgrades: a version that becomes latest is rolled out without anybody asking.
   */
  readonly upgrades: 'Manual' | 'Rolling' | 'Automatic';
  readonly model?: 'pet' | 'cattle';
  /** Whoever owns it is asked before an automatic upgrade, and has so long to answer; no answer is a yes. */
  readonly asksFor?: string;
  /** How many instances, the last ones, still run another version than the model names. */
  readonly behind?: { readonly instances: number; readonly from: string };
}

const all: readonly ScaleSet[] = [
  {
    name: 'vmss-payments-api',
    team: 'payments',
    from: 'ubuntu-22@latest',
    capacity: 6,
    mode: 'Uniform',
    upgrades: 'Automatic',
    model: 'cattle',
  },
  {
    name: 'vmss-payments-queue',
    team: 'payments',
    from: 'ubuntu-22@1.4.1',
    capacity: 3,
    mode: 'Uniform',
    upgrades: 'Rolling',
    model: 'cattle',
    behind: { instances: 1, from: 'ubuntu-22@1.3.0' },
  },
  {
    name: 'vmss-web-front',
    team: 'web',
    from: 'ubuntu-22@latest',
    capacity: 8,
    mode: 'Uniform',
    upgrades: 'Automatic',
    model: 'cattle',
    asksFor: 'PT8H',
    behind: { instances: 2, from: 'ubuntu-22@1.4.1' },
  },
  {
    name: 'vmss-web-jobs',
    team: 'web',
    from: 'ubuntu-22@1.5.0',
    capacity: 4,
    mode: 'Flexible',
    upgrades: 'Manual',
    model: 'cattle',
  },
  {
    name: 'vmss-data-workers',
    team: 'data',
    from: 'ubuntu-22@1.3.0',
    capacity: 5,
    mode: 'Uniform',
    upgrades: 'Manual',
  },
  {
    name: 'vmss-legacy-app',
    team: 'legacy',
    from: 'marketplace:ubuntu-22',
    capacity: 2,
    mode: 'Flexible',
    upgrades: 'Manual',
  },
];

/** Six scale sets, and the instances of the uniform ones. */
export function scaleSets(startMs: number, next: () => number): Resource[] {
  return all.flatMap((set) => {
    const source = imageSource(set.from, startMs, next);
    const id = `${teamGroup(set.team)}/providers/Microsoft.Compute/virtualMachineScaleSets/${set.name}`;
    const resource = scaleSet(set, id, { reference: source.reference, startMs, uniqueId: guid(next) });
    if (set.mode === 'Flexible') return [resource];
    const { behind } = set;
    const old = behind && imageSource(behind.from, startMs, next).reference;
    return [
      resource,
      ...Array.from({ length: set.capacity }, (_, n) => {
        const isBehind = n >= set.capacity - (behind?.instances ?? 0);
        return instance(set, id, n, { reference: (isBehind && old) || source.reference, isBehind, startMs });
      }),
    ];
  });
}

interface Facts {
  readonly reference: JsonObject;
  readonly startMs: number;
  readonly uniqueId: string;
}

function scaleSet(set: ScaleSet, id: string, { reference, startMs, uniqueId }: Facts): Resource {
  const { exactVersion, ...model } = reference;
  const imageReference = model['id'] ? model : { ...model, version: exactVersion ?? 'latest' };
  return {
    id,
    name: set.name,
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    location,
    tags: { team: set.team, ...(set.model && { 'service-model': set.model }) },
    sku: { name: 'Standard_D2s_v5', tier: 'Standard', capacity: set.capacity },
    etag: '"1"',
    properties: {
      singlePlacementGroup: false,
      orchestrationMode: set.mode,
      upgradePolicy: upgradePolicy(set),
      virtualMachineProfile: {
        osProfile: { computerNamePrefix: set.name.slice(5, 14), adminUsername: 'azureuser', secrets: [] },
        storageProfile: {
          osDisk: {
            osType: 'Linux',
            createOption: 'FromImage',
            caching: 'ReadWrite',
            managedDisk: { storageAccountType: 'Premium_LRS' },
            deleteOption: 'Delete',
            diskSizeGB: 30,
          },
          imageReference,
          dataDisks: [],
        },
        networkProfile: networkProfile(set),
        ...(set.upgrades !== 'Manual' && { extensionProfile: { extensions: [health] } }),
      },
      ...(set.asksFor !== undefined && { lifecycleHooksProfile: { lifecycleHooks: [hook(set.asksFor)] } }),
      provisioningState: 'Succeeded',
      uniqueId,
      timeCreated: new Date(startMs - 150 * day).toISOString(),
    },
  };
}

const hook = (waitDuration: string): JsonObject => ({
  type: 'UpgradeAutoOSScheduling',
  waitDuration,
  defaultAction: 'Approve',
});

/** Without it Azure upgrades nothing by itself. */
const health: JsonObject = {
  name: 'health',
  properties: {
    autoUpgradeMinorVersion: true,
    publisher: 'Microsoft.ManagedServices',
    type: 'ApplicationHealthLinux',
    typeHandlerVersion: '1.0',
    settings: { protocol: 'http', port: 8080, requestPath: '/healthz' },
  },
};

function upgradePolicy({ upgrades }: ScaleSet): JsonObject {
  if (upgrades !== 'Automatic') return { mode: upgrades };
  return {
    mode: 'Automatic',
    automaticOSUpgradePolicy: {
      enableAutomaticOSUpgrade: true,
      useRollingUpgradePolicy: true,
      disableAutomaticRollback: false,
    },
  };
}

function networkProfile({ name, team }: ScaleSet): JsonObject {
  const subnet = { id: subnetOf(team) };
  const ipConfigurations = [
    { name: 'primary', properties: { primary: true, subnet, privateIPAddressVersion: 'IPv4' } },
  ];
  return {
    networkApiVersion: '2020-11-01',
    networkInterfaceConfigurations: [{ name: `${name}-nic`, properties: { primary: true, ipConfigurations } }],
  };
}

interface InstanceFacts {
  readonly reference: JsonObject;
  readonly isBehind: boolean;
  readonly startMs: number;
}

/** The reference is the model's, the exact version that of its last upgrade. */
function instance(set: ScaleSet, id: string, n: number, { reference, isBehind, startMs }: InstanceFacts): Resource {
  return {
    id: `${id}/virtualMachines/${n}`,
    name: `${set.name}_${n}`,
    type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
    location,
    tags: { team: set.team },
    sku: { name: 'Standard_D2s_v5', tier: 'Standard' },
    properties: {
      latestModelApplied: !isBehind,
      provisioningState: 'Succeeded',
      storageProfile: {
        imageReference: reference,
        osDisk: { osType: 'Linux', createOption: 'FromImage' },
        dataDisks: [],
      },
      timeCreated: new Date(startMs - (isBehind ? 120 : 20) * day).toISOString(),
      instanceView: { statuses: [{ code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' }] },
    },
  };
}
