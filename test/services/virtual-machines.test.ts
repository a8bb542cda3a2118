import crypto from 'node:crypto';
import { inspect } from 'node:util';
import type { TestMachineSpec } from '../../core/azure';
import { resourceId } from '../../core/azure-id';
import { testSubnet } from '../../sandbox/azure/names';
import type { Route } from '../../sandbox/kernel/types';
import { azureOf, failure, held, place, ubuntu } from './azure';
import { wholeAzure } from './whole-azure';

const vm = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/virtualMachines/{vm}';
const machine = 'gbt-7f3kq-a1';
const machineId = resourceId(place, 'Microsoft.Compute/virtualMachines', machine);
const at = { id: machineId, location: place.location };

async function withImage() {
  const azure = wholeAzure();
  const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
  const spec: TestMachineSpec = {
    versionId: newest?.id ?? '',
    subnetId: testSubnet,
    vmSize: 'Standard_D2s_v5',
    os: 'Linux',
    tags: { 'goldbot-run': 'R-7F3KQ' },
  };
  return { ...azure, spec, writeUnder: azure.write, write: azure.write(held) };
}

async function withMachine() {
  const azure = await withImage();
  await azure.write.createTestMachine(place, machine, azure.spec);
  azure.world.clock.advance(10);
  return azure;
}

describe('a test machine', () => {
  it('is made from the version, becomes ready, and is deleted with all that belongs to it', async () => {
    const { read, write, spec, world } = await withImage();
    await expect(read.testMachine(place, machine)).resolves.toEqual({ state: 'absent' });
    await write.createTestMachine(place, machine, spec);
    await expect(read.testMachine(place, machine)).resolves.toEqual({ state: 'creating' });
    world.clock.advance(10);
    await expect(read.testMachine(place, machine)).resolves.toMatchObject({ state: 'ready', osName: 'ubuntu' });
    await write.deleteTestMachine(place, machine);
    await expect(read.testMachine(place, machine)).resolves.toEqual({ state: 'deleting' });
    world.clock.advance(10);
    await expect(read.testMachine(place, machine)).resolves.toEqual({ state: 'absent' });
    await write.deleteTestMachine(place, machine);
  });

  it('gets a key that nobody has and no address in the world, and takes its disk and interface with it', async () => {
    const azure = await withImage();
    await azure.write.createTestMachine(place, machine, azure.spec);
    const put = azure.sandbox.exchanges.find((e) => e.method === 'PUT');
    expect(put?.requestBody).toMatchObject({
      properties: {
        storageProfile: { imageReference: { id: azure.spec.versionId }, osDisk: { deleteOption: 'Delete' } },
        networkProfile: { networkInterfaceConfigurations: [{ properties: { deleteOption: 'Delete' } }] },
        osProfile: { linuxConfiguration: { disablePasswordAuthentication: true } },
      },
    });
    const text = JSON.stringify(put?.requestBody);
    expect(text).toMatch(/ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ[\w+/=]{300,}/);
    expect(text).not.toMatch(/PRIVATE|publicIPAddress|adminPassword/);
  });

  describe('on Windows', () => {
    const propertiesOf = (body: unknown) =>
      (body as { properties: { osProfile: { adminPassword: string }; licenseType?: string } }).properties;
    const windows = async () => {
      const azure = await withImage();
      const [newest] = (await azure.read.versions({ ...ubuntu, definition: 'windows-2022' })).slice(-1);
      return { ...azure, spec: { ...azure.spec, os: 'Windows', versionId: newest?.id ?? '' } as const };
    };

    it('is made as Windows asks for it: a name of at most 15 characters, and nothing is installed meanwhile', async () => {
      const azure = await windows();
      await azure.write.createTestMachine(place, machine, azure.spec);
      const put = azure.sandbox.exchanges.find((e) => e.method === 'PUT');
      expect(put?.status).toBe(201);
      const { osProfile, licenseType } = propertiesOf(put?.requestBody);
      expect(osProfile).toEqual({
        computerName: expect.stringMatching(/^(?=.*[a-z])[a-z0-9-]{1,15}$/),
        adminUsername: 'goldbot',
        adminPassword: expect.any(String),
        windowsConfiguration: {
          provisionVMAgent: true,
          enableAutomaticUpdates: false,
          patchSettings: { patchMode: 'Manual' },
        },
      });
      expect(licenseType).toBeUndefined();
      azure.world.clock.advance(30);
      expect(await azure.read.testMachine(place, machine)).toMatchObject({ state: 'ready' });
    });

    // A key for Linux may take many seconds of a busy machine; that order is the same, and one process makes but one.
    it('gives Azure all that is left of the lease: what goldbot makes up for the login is there before', async () => {
      const azure = await windows();
      const order: string[] = [];
      const { randomBytes } = crypto;
      const made = jest.spyOn(crypto, 'randomBytes').mockImplementation(((size: number) => {
        if (size === 32) order.push('password');
        return randomBytes(size);
      }) as typeof randomBytes);
      const leftMs = () => {
        order.push('lease');
        return held.leftMs();
      };
      await azure.writeUnder({ leftMs }).createTestMachine(place, machine, azure.spec);
      made.mockRestore();

      expect(order.slice(0, 2)).toEqual(['password', 'lease']);
      expect(azure.sent('PUT')).toHaveLength(1);
    });

    it('has a password of its own that Azure takes, and that nothing repeats: no answer and no error', async () => {
      const azure = await windows();
      await azure.write.createTestMachine(place, 'gbt-one', azure.spec);
      azure.sandbox.faults.add({ match: { method: 'PUT', url: 'gbt-two' }, status: 400 });
      const error = await failure(azure.write.createTestMachine(place, 'gbt-two', azure.spec));
      await azure.read.testMachine(place, 'gbt-one');
      const puts = azure.sandbox.exchanges.filter((e) => e.method === 'PUT');
      const passwords = puts.map((e) => propertiesOf(e.requestBody).osProfile.adminPassword);
      expect(new Set(passwords).size).toBe(2);
      for (const password of passwords) {
        expect(password).toMatch(/^[\w-]{43}aA1!$/);
        const answers = azure.sandbox.exchanges.map((e) => e.responseBody);
        expect(JSON.stringify(answers)).not.toContain(password);
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(password);
      }
    });
  });

  it('is made as its definition demands, with its plan and the tags of the company', async () => {
    const azure = await withImage();
    const made = async (name: string, more: Partial<TestMachineSpec>) => {
      await azure.write.createTestMachine(place, name, { ...azure.spec, ...more }).catch(() => {});
      return azure.sandbox.exchanges.find((e) => e.method === 'PUT' && e.url.includes(name))?.requestBody;
    };
    const plan = { name: 'n', product: 'p', publisher: 'u' };
    const uefiSettings = { secureBootEnabled: true, vTpmEnabled: true };
    const trusted = await made('gbt-a', {
      security: 'TrustedLaunch',
      plan,
      tags: { ...azure.spec.tags, costCenter: '1' },
    });
    expect(trusted).toMatchObject({
      plan,
      tags: { costCenter: '1' },
      properties: { securityProfile: { securityType: 'TrustedLaunch', uefiSettings } },
    });
    expect(JSON.stringify(trusted)).not.toContain('securityEncryptionType');
    expect(await made('gbt-b', { security: 'ConfidentialVM' })).toMatchObject({
      properties: {
        securityProfile: { securityType: 'ConfidentialVM', uefiSettings },
        storageProfile: {
          osDisk: { managedDisk: { securityProfile: { securityEncryptionType: 'VMGuestStateOnly' } } },
        },
      },
    });
    expect(JSON.stringify(await made('gbt-c', {}))).not.toMatch(/securityProfile|"plan"/);
  });

  it('is made once, however often it is asked for', async () => {
    const { write, spec, sent } = await withMachine();
    await write.createTestMachine(place, machine, spec);
    expect(sent('PUT')).toHaveLength(1);
  });

  it('is adopted when only the answer to its making was lost', async () => {
    const azure = await withImage();
    azure.sandbox.faults.add({ match: { method: 'PUT' }, dropAfterAccept: true, times: 1 });
    const error = await failure(azure.write.createTestMachine(place, machine, azure.spec));
    expect(error.code).toBe('AZ_SILENT');
    await azure.write.createTestMachine(place, machine, azure.spec);
    expect(azure.sent('PUT')).toHaveLength(1);
  });

  it('of another run is left alone and named', async () => {
    const { write, spec } = await withMachine();
    const theirs = { ...spec, tags: { 'goldbot-run': 'R-22222' } };
    const error = await failure(write.createTestMachine(place, machine, theirs));
    expect(error).toMatchObject({ code: 'AZ_CONFLICT', facts: { owner: 'R-7F3KQ' } });
    expect(error.message).toContain(machine);
  });

  it('that Azure could not make says why', async () => {
    const status = {
      code: 'ProvisioningState/failed/OSProvisioningTimedOut',
      message: 'OS Provisioning for VM did not finish.',
    };
    const properties = { provisioningState: 'Failed', instanceView: { statuses: [status] } };
    const get: Route = {
      method: 'GET',
      path: vm,
      handle: () => ({ status: 200, body: { location: 'x', properties } }),
    };
    const answer = await azureOf([get]).read.testMachine(place, machine);
    expect(answer).toEqual({
      state: 'failed',
      message: status.message,
      remedy:
        'Check whether the recipe breaks the Azure agent, cloud-init or the generalization of the image, or Windows needs a larger test.vmSize for its first boot, then rebuild.',
    });
  });
});

describe('a command on a machine', () => {
  const command = { name: 'test-1', script: 'echo hello; echo oops >&2; exit 3', timeoutSeconds: 60 };

  it('runs once and tells its own exit code, output and error', async () => {
    const { read, write, world } = await withMachine();
    await expect(read.command(machineId, 'test-1')).resolves.toEqual({ state: 'absent' });
    await write.runCommand(at, command);
    await expect(read.command(machineId, 'test-1')).resolves.toEqual({ state: 'running' });
    world.clock.advance(5);
    const done = await read.command(machineId, 'test-1');
    expect(done).toMatchObject({ state: 'done', exitCode: 3 });
    expect(done).toMatchObject({ output: expect.stringContaining('hello'), error: expect.stringContaining('oops') });
  });

  it('is sent whole: the client drops a field whose name it does not know', async () => {
    const { write, sandbox } = await withMachine();
    await write.runCommand(at, command);
    const put = sandbox.exchanges.find(({ method, url }) => method === 'PUT' && url.includes('/runCommands/'));
    expect(put?.requestBody).toEqual({
      location: 'westeurope',
      properties: {
        source: { script: command.script },
        timeoutInSeconds: 60,
        asyncExecution: false,
        treatFailureAsDeploymentFailure: false,
      },
    });
  });

  it('is not run again under the same name', async () => {
    const { write, world, sent } = await withMachine();
    await write.runCommand(at, command);
    await write.runCommand(at, command);
    world.clock.advance(5);
    await write.runCommand(at, command);
    expect(sent('PUT').filter((p) => p.includes('/runCommands/'))).toHaveLength(1);
  });

  it('needs its machine', async () => {
    const { write } = await withImage();
    await expect(write.runCommand({ ...at, id: `${machineId}-gone` }, command)).rejects.toMatchObject({
      code: 'AZ_NOT_FOUND',
    });
  });

  it('of a machine that is gone is absent', async () => {
    const { read } = await withImage();
    await expect(read.command(`${machineId}-gone`, 'test-1')).resolves.toEqual({ state: 'absent' });
  });

  const views: [why: string, view: object, provisioning: string, expected: object][] = [
    ['ran out of time', { executionState: 'TimedOut', output: 'a' }, 'Succeeded', { exitCode: 124, output: 'a' }],
    ['was cancelled', { executionState: 'Canceled', exitCode: 0 }, 'Succeeded', { exitCode: -1 }],
    [
      'failed without an exit code',
      { executionState: 'Failed', executionMessage: 'no agent' },
      'Succeeded',
      { exitCode: -1, error: 'no agent' },
    ],
    ['went well', { executionState: 'Succeeded', exitCode: 0, output: 'x' }, 'Succeeded', { exitCode: 0, output: 'x' }],
    ['never came to the machine', { executionState: 'Unknown' }, 'Failed', { exitCode: -1 }],
  ];
  it.each(views)('that %s is told so', async (_, instanceView, provisioningState, expected) => {
    const body = { location: 'x', properties: { provisioningState, instanceView } };
    const get: Route = { method: 'GET', path: `${vm}/runCommands/{c}`, handle: () => ({ status: 200, body }) };
    const answer = await azureOf([get]).read.command(machineId, 'test-1');
    expect(answer).toMatchObject({ state: 'done', ...expected });
  });

  it('that Azure refuses because the machine is busy is a conflict', async () => {
    const { write, sandbox } = await withMachine();
    sandbox.faults.add({ match: { method: 'PUT', url: 'runCommands' }, status: 409 });
    await expect(write.runCommand(at, command)).rejects.toMatchObject({ code: 'AZ_CONFLICT' });
  });
});
