import { ComputeManagementClient } from '@azure/arm-compute';
import { createSandbox } from '../../sandbox';
import { teamSubscriptions } from '../../sandbox/azure/names';
import type { Exchange } from '../../sandbox/kernel/types';
import type { World } from '../../sandbox/kernel/world';
import { fakeCredential, sandboxHttpClient } from '../sandbox/client';
import { worldStart } from '../support/world-start';

const [group, following, pinned] = ['rg-payments', 'vmss-payments-api', 'vmss-payments-queue'];

/**
 * What the SDK asks of scale sets. The clock stands, so that what takes an hour can be looked at, stopped and answered
 * on its way; it moves between submitting an operation and waiting for its end.
 */
export async function walkScaleSets(): Promise<readonly Exchange[]> {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart });
  const options = { httpClient: sandboxHttpClient(sandbox), retryOptions: { maxRetries: 0 } };
  const client = new ComputeManagementClient(fakeCredential, teamSubscriptions[0], options);
  await models(client, world);
  await instances(client, world);
  await upgrades(client, world);
  await hooks(client, world);
  return sandbox.exchanges;
}

type Submitted = PromiseLike<unknown> & { submitted(): Promise<unknown> };

/** An operation that a while of the world's time ends. */
async function after(world: World, minutes: number, operation: Submitted): Promise<void> {
  await operation.submitted();
  world.clock.advance(minutes);
  await operation;
}

async function models({ virtualMachineScaleSets: sets }: ComputeManagementClient, world: World): Promise<void> {
  await sets.get(group, following);
  await sets.getInstanceView(group, following);
  await drain(sets.list(group));
  await after(world, 5, sets.update(group, following, { tags: { walked: 'yes' }, sku: { capacity: 7 } }));
  const upgradePolicy = {
    mode: 'Rolling' as const,
    rollingUpgradePolicy: { maxBatchInstancePercent: 50, pauseTimeBetweenBatches: 'PT1M' },
  };
  await after(world, 5, sets.createOrUpdate(group, pinned, { location: 'westeurope', upgradePolicy }));
}

async function instances(client: ComputeManagementClient, world: World): Promise<void> {
  const { virtualMachineScaleSets: sets, virtualMachineScaleSetVMs: vms } = client;
  await drain(vms.list(group, pinned));
  await vms.get(group, pinned, '0', { expand: 'instanceView' });
  await vms.getInstanceView(group, pinned, '0');
  const protectionPolicy = { protectFromScaleIn: true, protectFromScaleSetActions: false };
  await after(world, 5, vms.update(group, pinned, '0', { location: 'westeurope', protectionPolicy }));
  await after(world, 5, sets.updateInstances(group, pinned, { instanceIds: ['0'] }));
  await after(world, 5, sets.reimage(group, pinned, { vmScaleSetReimageInput: { instanceIds: ['1'] } }));
  await after(world, 5, vms.reimage(group, pinned, '1'));
}

async function upgrades(client: ComputeManagementClient, world: World): Promise<void> {
  const { virtualMachineScaleSets: sets, virtualMachineScaleSetRollingUpgrades: rolling } = client;
  const set = await sets.get(group, following);
  const image = set.virtualMachineProfile?.storageProfile?.imageReference?.id;
  const storageProfile = { imageReference: { id: `${image}/versions/1.5.0` } };
  const rolled = sets.update(group, pinned, { virtualMachineProfile: { storageProfile } });
  await rolled.submitted();
  world.clock.advance(1);
  await rolling.getLatest(group, pinned);
  await after(world, 2, rolling.cancel(group, pinned));
  await Promise.resolve(rolled).catch(() => 'it was cancelled');
  await after(world, 5, rolling.startOSUpgrade(group, following));
  await drain(sets.listOSUpgradeHistory(group, following));
  const automatic = { enableAutomaticOSUpgrade: true, osRollingUpgradeDeferral: true };
  await after(world, 5, sets.update(group, following, { upgradePolicy: { automaticOSUpgradePolicy: automatic } }));
  await after(world, 5, sets.approveRollingUpgrade(group, following, { vmInstanceIDs: { instanceIds: ['0'] } }));
  await after(world, 5, client.virtualMachineScaleSetVMs.approveRollingUpgrade(group, following, '1'));
}

async function hooks(client: ComputeManagementClient, world: World): Promise<void> {
  const { virtualMachineScaleSets: sets, virtualMachineScaleSetLifeCycleHookEvents: events } = client;
  const lifecycleHooks = [{ type: 'UpgradeAutoOSScheduling', waitDuration: 'PT2H', defaultAction: 'Approve' }];
  const upgradePolicy = { automaticOSUpgradePolicy: { osRollingUpgradeDeferral: false } };
  await after(world, 5, sets.update(group, following, { lifecycleHooksProfile: { lifecycleHooks }, upgradePolicy }));
  // An instance is behind, and Azure looks at the set.
  const older = { exactVersion: '1.4.1' };
  await after(
    world,
    5,
    client.virtualMachineScaleSetVMs.reimage(group, following, '2', { vmScaleSetVMReimageInput: older }),
  );
  world.schedule(world.clock.nowMs(), 'compute.osUpgrade', {
    set: String((await sets.get(group, following)).id).toLowerCase(),
  });
  for await (const { name = '' } of events.list(group, following)) {
    const event = await events.get(group, following, name);
    const waitUntil = String(event.properties?.maxWaitUntil);
    await events.update(group, following, name, { waitUntil });
    const targetResources = (event.properties?.targetResources ?? []).map(({ resource }) => ({
      ...(resource && { resource }),
      actionState: 'Approved',
    }));
    await events.update(group, following, name, { targetResources });
  }
  world.clock.advance(60);
  await drain(sets.listOSUpgradeHistory(group, following));
}

async function drain(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}
