import { ComputeManagementClient, type VirtualMachine } from '@azure/arm-compute';
import { addAzureFace } from '../../sandbox/azure';
import { compute } from '../../sandbox/azure/compute/section';
import { versionRef } from '../../sandbox/azure/estate/images';
import { buildResourceGroup, platformSubscription, testSubnet } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { fakeCredential, sandboxHttpClient } from './client';

export const start = Date.UTC(2026, 10, 23, 9);
export const rg = buildResourceGroup;
export const vmUrl = (name: string) =>
  `/subscriptions/${platformSubscription}/resourceGroups/${rg}/providers/Microsoft.Compute/virtualMachines/${name}`;

export function open() {
  const world = new World({ startMs: start, speed: 0 });
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox);
  const client = (subscription: string) =>
    new ComputeManagementClient(fakeCredential, subscription, { httpClient: sandboxHttpClient(sandbox) });
  return { world, sandbox, client: client(platformSubscription), clientOf: client };
}

export function testVm(change: Partial<VirtualMachine> = {}): VirtualMachine {
  return {
    location: 'westeurope',
    tags: { 'goldbot-run': 'R-7F3KQ' },
    hardwareProfile: { vmSize: 'Standard_D2s_v5' },
    storageProfile: {
      imageReference: { id: versionRef('ubuntu-22', '1.5.0') },
      osDisk: {
        createOption: 'FromImage',
        deleteOption: 'Delete',
        managedDisk: { storageAccountType: 'StandardSSD_LRS' },
      },
    },
    osProfile: { computerName: 'test', adminUsername: 'goldbot', adminPassword: 'Correct-Horse-7-Battery' },
    networkProfile: {
      networkApiVersion: '2020-11-01',
      networkInterfaceConfigurations: [
        {
          name: 'nic',
          primary: true,
          deleteOption: 'Delete',
          ipConfigurations: [{ name: 'ip', subnet: { id: testSubnet } }],
        },
      ],
    },
    ...change,
  };
}

type Opened = ReturnType<typeof open>;

export async function deploy({ client, world }: Opened, name = 'vm-test', vm = testVm()): Promise<VirtualMachine> {
  const poller = client.virtualMachines.createOrUpdate(rg, name, vm);
  await poller.submitted();
  world.clock.advance(3);
  return poller;
}

export async function run({ client, world }: Opened, script: string, name = 'check') {
  const poller = client.virtualMachineRunCommands.createOrUpdate(rg, 'vm-test', name, {
    location: 'westeurope',
    source: { script },
  });
  await poller.submitted();
  world.clock.advance(2);
  await poller;
  return client.virtualMachineRunCommands.getByVirtualMachine(rg, 'vm-test', name, { expand: 'instanceView' });
}

/** What a VM brought into the world besides itself. */
export const parts = (world: World) =>
  Object.values(compute(world).resources)
    .filter((r) => r.id.includes(buildResourceGroup))
    .map((r) => r.type)
    .sort();
