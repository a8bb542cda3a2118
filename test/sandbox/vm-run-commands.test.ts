import { teamGroup } from '../../sandbox/azure/estate/shape';
import { ask } from './client';

import { deploy, open, rg, run, testVm, vmUrl } from './vm-world';

describe('run commands', () => {
  it('succeed as resources although their script exits 127: only the instance view tells', async () => {
    const opened = open();
    await deploy(opened);

    const result = await run(opened, 'Write-Host Hello World!');

    expect(result.provisioningState).toBe('Succeeded');
    expect(result.instanceView).toMatchObject({ exitCode: 127, executionState: 'Failed' });
    expect(result.instanceView?.error).not.toBe('');
  });

  it('change the guest for those that come later, and are listed and deleted', async () => {
    const opened = open();
    await deploy(opened);
    await run(opened, 'echo seen > /tmp/mark', 'first');

    const second = await run(opened, 'cat /tmp/mark', 'second');
    const names: string[] = [];
    for await (const c of opened.client.virtualMachineRunCommands.listByVirtualMachine(rg, 'vm-test'))
      names.push(c.name ?? '');
    const gone = opened.client.virtualMachineRunCommands.delete(rg, 'vm-test', 'first');
    await gone.submitted();
    opened.world.clock.advance(1);
    await gone;

    expect(second.instanceView?.output).toBe('seen\n');
    expect(names).toEqual(['first', 'second']);
    await expect(
      opened.client.virtualMachineRunCommands.getByVirtualMachine(rg, 'vm-test', 'first'),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('answer the action with one message that holds both outputs', async () => {
    const opened = open();
    await deploy(opened);
    const poller = opened.client.virtualMachines.runCommand(rg, 'vm-test', {
      commandId: 'RunShellScript',
      script: ['echo out', 'echo err >&2'],
    });
    await poller.submitted();
    opened.world.clock.advance(1);

    const result = await poller;

    expect(result.value?.[0]?.message).toBe('Enable succeeded: \n[stdout]\nout\n\n[stderr]\nerr\n');
  });

  it('are refused in a VM that is still being created or not running', async () => {
    const opened = open();
    await opened.client.virtualMachines.createOrUpdate(rg, 'vm-test', testVm()).submitted();
    const command = { location: 'westeurope', properties: { source: { script: 'true' } } };
    const url = `${vmUrl('vm-test')}/runCommands/c?api-version=2026-03-01`;

    const early = await ask(opened.sandbox, 'PUT', url, command);
    opened.world.clock.advance(3);
    await ask(opened.sandbox, 'POST', `${vmUrl('vm-test')}/deallocate?api-version=2026-03-01`);
    opened.world.clock.advance(1);
    const late = await ask(opened.sandbox, 'PUT', url, command);

    expect(early).toMatchObject({ status: 409, body: { error: { code: 'Conflict' } } });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'OperationNotAllowed' } } });
  });

  it('read the tattoo of a VM that was upgraded in place, which its image reference does not show', async () => {
    const opened = open();
    const [subscription, group] = [teamGroup('payments').split('/')[2] ?? '', 'rg-payments'];
    const client = opened.clientOf(subscription);
    const poller = client.virtualMachines.runCommand(group, 'vm-payments-ledger-003', {
      commandId: 'RunShellScript',
      script: ['grep ^version= /etc/goldbot/tattoo'],
    });
    await poller.submitted();
    opened.world.clock.advance(1);
    const vm = await client.virtualMachines.get(group, 'vm-payments-ledger-003');

    expect((await poller).value?.[0]?.message).toContain('version=1.5.0');
    expect(vm.storageProfile?.imageReference?.exactVersion).toBe('1.4.1');
  });
});

describe('scale sets', () => {
  it('are six, some of which upgrade themselves when a version becomes latest', async () => {
    const { clientOf, sandbox } = open();
    const found: { name: string; automatic: boolean; mode: string }[] = [];
    for (const team of ['payments', 'web', 'data'] as const) {
      const client = clientOf(teamGroup(team).split('/')[2] ?? '');
      for await (const set of client.virtualMachineScaleSets.listAll()) {
        const automatic = set.upgradePolicy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true;
        found.push({ name: set.name ?? '', automatic, mode: set.orchestrationMode ?? '' });
      }
    }
    const instances = await ask(
      sandbox,
      'GET',
      `${teamGroup('payments')}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-payments-api/virtualMachines?api-version=2026-03-01`,
    );

    expect(found).toHaveLength(6);
    expect(found.filter((s) => s.automatic).map((s) => s.name)).toEqual(['vmss-payments-api', 'vmss-web-front']);
    expect(new Set(found.map((s) => s.mode))).toEqual(new Set(['Uniform', 'Flexible']));
    expect((instances.body as { value: unknown[] }).value).toHaveLength(6);
  });
});
