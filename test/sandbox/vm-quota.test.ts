import { ask } from './client';
import { deploy, open, rg, testVm } from './vm-world';

type Opened = ReturnType<typeof open>;

async function conditions({ sandbox }: Opened, body: object): Promise<void> {
  expect((await ask(sandbox, 'POST', '/_sandbox/conditions', body)).status).toBe(200);
}

const sized = (vmSize: string, location = 'westeurope') => testVm({ hardwareProfile: { vmSize }, location });

describe('cores', () => {
  it('are plenty by default', async () => {
    const opened = open();

    const vm = await deploy(opened, 'vm-test', sized('Standard_D96s_v5'));

    expect(vm.provisioningState).toBe('Succeeded');
  });

  it('of a region are counted over all sizes, and one VM too many is refused in Azure’s words', async () => {
    const opened = open();
    await deploy(opened, 'first', sized('Standard_D8s_v5', 'northeurope'));
    await conditions(opened, { quota: [{ location: 'North Europe', cores: 10 }] });
    await deploy(opened, 'second', sized('Standard_D2s_v3', 'northeurope'));

    const refused = opened.client.virtualMachines.createOrUpdate(rg, 'third', sized('Standard_B2s', 'northeurope'));

    await expect(refused).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: expect.stringContaining(
        'Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: northeurope, Current Limit: 10, Current Usage: 10, Additional Required: 2, (Minimum) New Limit Required: 12.',
      ),
    });
    expect((await deploy(opened, 'elsewhere')).provisioningState).toBe('Succeeded');
  });

  it('of one family are counted apart from the others', async () => {
    const opened = open();
    await conditions(opened, { quota: [{ location: 'northeurope', family: 'standardDSv5Family', cores: 4 }] });
    await deploy(opened, 'first', sized('Standard_D4s_v5', 'northeurope'));

    const refused = opened.client.virtualMachines.createOrUpdate(rg, 'second', sized('Standard_D2s_v5', 'northeurope'));

    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining('exceeding approved standardDSv5Family Cores quota'),
    });
    expect((await deploy(opened, 'third', sized('Standard_E8s_v5', 'northeurope'))).provisioningState).toBe(
      'Succeeded',
    );
  });

  it('of a VM are free again when it is deleted, and a resize needs only the difference', async () => {
    const opened = open();
    await deploy(opened, 'vm-test', sized('Standard_D8s_v5', 'northeurope'));
    await conditions(opened, { quota: [{ location: 'northeurope', cores: 16 }] });
    const resize = (vmSize: string) =>
      opened.client.virtualMachines.update(rg, 'vm-test', { hardwareProfile: { vmSize } }).submitted();

    await expect(resize('Standard_D32s_v5')).rejects.toMatchObject({
      message: expect.stringContaining('Current Limit: 16, Current Usage: 8, Additional Required: 24'),
    });
    await resize('Standard_D16s_v5');
    const poller = opened.client.virtualMachines.delete(rg, 'vm-test');
    await poller.submitted();
    opened.world.clock.advance(2);
    await poller;

    const vm = await deploy(opened, 'next', sized('Standard_D16s_v5', 'northeurope'));
    expect(vm.provisioningState).toBe('Succeeded');
  });
});

describe('a VM size', () => {
  it('that has run out in a region is refused there as not available', async () => {
    const opened = open();
    await conditions(opened, { sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: false }] });

    await expect(opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm())).rejects.toMatchObject({
      statusCode: 409,
      code: 'SkuNotAvailable',
      message: expect.stringContaining("is currently not available in location 'westeurope'"),
    });
    expect((await deploy(opened, 'north', sized('Standard_D2s_v5', 'northeurope'))).provisioningState).toBe(
      'Succeeded',
    );
    await conditions(opened, { sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: true }] });
    expect((await deploy(opened)).provisioningState).toBe('Succeeded');
  });
});
