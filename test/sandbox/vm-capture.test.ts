import type { VirtualMachine } from '@azure/arm-compute';
import { ask } from './client';
import { deploy, open, rg, testVm, vmUrl } from './vm-world';

type Opened = ReturnType<typeof open>;

const api = '?api-version=2024-07-01';
const imageUrl = vmUrl('x').replace('virtualMachines/x', 'images/captured');

async function settle({ world }: Opened, poller: PromiseLike<unknown> & { submitted(): Promise<void> }, minutes = 1) {
  await poller.submitted();
  world.clock.advance(minutes);
  await poller;
}

const withData: VirtualMachine = testVm({
  storageProfile: {
    ...testVm().storageProfile,
    dataDisks: [{ lun: 0, createOption: 'Empty', diskSizeGB: 10, deleteOption: 'Delete' }],
  },
});

async function generalized(opened: Opened, name = 'vm-test'): Promise<void> {
  await deploy(opened, name, withData);
  await settle(opened, opened.client.virtualMachines.deallocate(rg, name));
  await opened.client.virtualMachines.generalize(rg, name);
}

async function captured(opened: Opened) {
  await generalized(opened);
  const poller = opened.client.images.createOrUpdate(rg, 'captured', {
    location: 'westeurope',
    sourceVirtualMachine: { id: vmUrl('vm-test') },
    hyperVGeneration: 'V2',
  });
  await settle(opened, poller);
  return opened.client.images.get(rg, 'captured');
}

describe('a VM', () => {
  it('that runs cannot be generalized', async () => {
    const opened = open();
    await deploy(opened);

    await expect(opened.client.virtualMachines.generalize(rg, 'vm-test')).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: expect.stringContaining(
        "Operation 'generalize' is not allowed on VM 'vm-test' since the VM is running.",
      ),
    });
  });

  it('that is generalized says so and never starts again', async () => {
    const opened = open();
    await generalized(opened);
    const view = await opened.client.virtualMachines.instanceView(rg, 'vm-test');

    expect(view.statuses?.map((s) => s.code)).toEqual([
      'ProvisioningState/succeeded',
      'OSState/generalized',
      'PowerState/deallocated',
    ]);
    await expect(opened.client.virtualMachines.start(rg, 'vm-test')).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: expect.stringContaining("Operation 'start' is not allowed on VM 'vm-test' since the VM is generalized."),
    });
  });

  it('that is made anew under the name of a generalized one is not generalized', async () => {
    const opened = open();
    await generalized(opened);
    await settle(opened, opened.client.virtualMachines.delete(rg, 'vm-test'));
    await deploy(opened);

    await expect(opened.client.virtualMachines.generalize(rg, 'vm-test')).rejects.toMatchObject({ statusCode: 409 });
  });

  it('that is deallocated does not tell what its disks are made of, and tells it again when it starts', async () => {
    const opened = open();
    await deploy(opened, 'vm-test', withData);
    const disksOf = async () => (await opened.client.virtualMachines.get(rg, 'vm-test')).storageProfile;
    await settle(opened, opened.client.virtualMachines.deallocate(rg, 'vm-test'));
    const resting = await disksOf();
    await settle(opened, opened.client.virtualMachines.start(rg, 'vm-test'));
    const running = await disksOf();

    expect(resting?.osDisk?.diskSizeGB).toBeUndefined();
    expect(resting?.osDisk?.managedDisk?.storageAccountType).toBeUndefined();
    expect(resting?.dataDisks?.[0]).toMatchObject({ lun: 0, managedDisk: { id: expect.any(String) } });
    expect(running?.osDisk).toMatchObject({ diskSizeGB: 30, managedDisk: { storageAccountType: 'StandardSSD_LRS' } });
    expect(running?.dataDisks?.[0]).toMatchObject({ diskSizeGB: 10, toBeDetached: false });
  });

  it('takes its data disks along when they say so', async () => {
    const opened = open();
    const vm = await deploy(opened, 'vm-test', withData);
    const disk = vm.storageProfile?.dataDisks?.[0]?.name ?? '';
    const before = await opened.client.disks.get(rg, disk);
    await settle(opened, opened.client.virtualMachines.delete(rg, 'vm-test'));

    expect(before).toMatchObject({ diskSizeGB: 10, managedBy: vmUrl('vm-test') });
    await expect(opened.client.disks.get(rg, disk)).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('a managed image', () => {
  it('is captured from a generalized VM, and knows the sizes of its disks when it is there', async () => {
    const opened = open();
    await generalized(opened);
    const body = { location: 'westeurope', properties: { sourceVirtualMachine: { id: vmUrl('vm-test') } } };
    const answer = await ask(opened.sandbox, 'PUT', `${imageUrl}${api}`, body);
    opened.world.clock.advance(1);
    const image = await opened.client.images.get(rg, 'captured');

    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      'azure-asyncnotification': 'Enabled',
      'azure-asyncoperation': expect.stringContaining('/locations/westeurope/operations/'),
      'x-ms-ratelimit-remaining-resource': 'Microsoft.Compute/CreateImagesSubscriptionMaximum;59',
    });
    expect(answer.body).toMatchObject({ properties: { provisioningState: 'Creating', hyperVGeneration: 'V1' } });
    expect(JSON.stringify(answer.body)).not.toContain('diskSizeGB');
    expect(image).toMatchObject({
      type: 'Microsoft.Compute/images',
      provisioningState: 'Succeeded',
      sourceVirtualMachine: { id: vmUrl('vm-test') },
      storageProfile: {
        osDisk: { osType: 'Linux', osState: 'Generalized', diskSizeGB: 30, caching: 'ReadWrite' },
        dataDisks: [{ lun: 0, diskSizeGB: 10, caching: 'None', storageAccountType: 'Premium_LRS' }],
      },
    });
  });

  it('is refused of a VM that is not generalized, or not there', async () => {
    const opened = open();
    await deploy(opened);
    const capture = (name: string) =>
      opened.client.images.createOrUpdate(rg, 'captured', {
        location: 'westeurope',
        sourceVirtualMachine: { id: vmUrl(name) },
      });

    await expect(capture('vm-test')).rejects.toMatchObject({
      statusCode: 409,
      message: expect.stringContaining("requires the Virtual Machine 'vm-test' to be Generalized."),
    });
    await expect(capture('nobody')).rejects.toMatchObject({ statusCode: 400, code: 'InvalidResourceReference' });
  });

  it('makes VMs that have inside what the captured one had, and its data disks', async () => {
    const opened = open();
    const image = await captured(opened);
    const vm = await deploy(opened, 'copy', {
      ...testVm(),
      storageProfile: { ...testVm().storageProfile, imageReference: { id: image.id ?? '' } },
    });
    const poller = opened.client.virtualMachineRunCommands.createOrUpdate(rg, 'copy', 'look', {
      location: 'westeurope',
      source: { script: 'cat /etc/goldbot/tattoo' },
    });
    await settle(opened, poller, 2);
    const ran = await opened.client.virtualMachineRunCommands.getByVirtualMachine(rg, 'copy', 'look', {
      expand: 'instanceView',
    });

    expect(vm.storageProfile?.imageReference).toEqual({ id: image.id });
    expect(vm.storageProfile?.dataDisks).toMatchObject([{ lun: 0, createOption: 'FromImage', diskSizeGB: 10 }]);
    expect(ran.instanceView?.output).toContain('version=1.5.0');
  });

  it('can be listed, tagged and deleted, but never be made of something else', async () => {
    const opened = open();
    await captured(opened);
    const { images } = opened.client;
    await settle(opened, images.update(rg, 'captured', { tags: { a: '1' } }));
    const listed = [];
    for await (const image of images.listByResourceGroup(rg)) listed.push(image);
    const change = images.update(rg, 'captured', { sourceVirtualMachine: { id: vmUrl('other') } });

    await expect(change).rejects.toMatchObject({ statusCode: 409, code: 'PropertyChangeNotAllowed' });
    expect(listed).toMatchObject([{ name: 'captured', tags: { a: '1' }, provisioningState: 'Succeeded' }]);
    await settle(opened, images.delete(rg, 'captured'));
    await expect(images.get(rg, 'captured')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
  });
});

describe('the run command action', () => {
  it('shows its output in the status of the operation and at its location', async () => {
    const opened = open();
    await deploy(opened);
    const body = { commandId: 'RunShellScript', script: ['echo hello'] };
    const started = await ask(opened.sandbox, 'POST', `${vmUrl('vm-test')}/runCommand${api}`, body);
    opened.world.clock.advance(1);

    const status = await ask(opened.sandbox, 'GET', started.headers?.['azure-asyncoperation'] ?? '');
    const result = await ask(opened.sandbox, 'GET', started.headers?.['location'] ?? '');

    expect(started.status).toBe(202);
    expect(result.body).toMatchObject({ value: [{ message: expect.stringContaining('hello') }] });
    expect(status.body).toMatchObject({ status: 'Succeeded', properties: { output: result.body } });
    expect(status.headers?.['x-ms-ratelimit-remaining-resource']).toContain('Microsoft.Compute/GetOperationResource;');
  });
});
