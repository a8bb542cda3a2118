import { teamGroup } from '../../sandbox/azure/estate/shape';
import { ask } from './client';
import { deploy, open, rg, run, testVm, vmUrl } from './vm-world';

type Opened = ReturnType<typeof open>;

/** A run command as it is answered. */
interface Answer {
  readonly type: string;
  readonly properties?: { readonly instanceView?: { readonly output: string; readonly exitCode: number } };
}

const image = {
  publisher: 'MicrosoftWindowsServer',
  offer: 'WindowsServer',
  sku: '2022-datacenter-azure-edition',
  version: 'latest',
};

const windowsVm = (profile: object = {}) =>
  testVm({
    storageProfile: { imageReference: image, osDisk: { createOption: 'FromImage', deleteOption: 'Delete' } },
    osProfile: {
      computerName: 'gbt-7f3kq-a1',
      adminUsername: 'goldbot',
      adminPassword: 'Correct-Horse-7-Battery',
      windowsConfiguration: {
        provisionVMAgent: true,
        enableAutomaticUpdates: false,
        patchSettings: { patchMode: 'Manual' },
      },
      ...profile,
    },
  });

describe('a Windows machine', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = open();
    await deploy(opened, 'vm-test', windowsVm());
  });

  it('runs PowerShell as SYSTEM, under the name and with the administrator that were asked for', async () => {
    const { instanceView, provisioningState } = await run(
      opened,
      "whoami; $env:COMPUTERNAME; (Get-LocalUser | Where-Object { $_.SID -like '*-500' }).Name",
      'who',
    );
    expect(provisioningState).toBe('Succeeded');
    expect(instanceView).toMatchObject({
      exitCode: 0,
      executionState: 'Succeeded',
      output: 'nt authority\\system\ngbt-7f3kq-a1\ngoldbot\n',
    });
  });

  it('keeps what a command changed for those that come later', async () => {
    await run(
      opened,
      "New-Item 'HKLM:\\SOFTWARE\\mark' -Force | Out-Null; Set-ItemProperty 'HKLM:\\SOFTWARE\\mark' seen yes",
      'first',
    );
    const { instanceView } = await run(opened, "(Get-ItemProperty 'HKLM:\\SOFTWARE\\mark').seen", 'second');
    expect(instanceView?.output).toBe('yes\n');
  });

  it.each([
    ['exit 7', 7],
    ["throw 'no'", 1],
    ['if (', 1],
    ['uname -a', 1],
    ['Get-Service nope', 0],
  ])('ends %s with %i', async (script, exitCode) => {
    const { instanceView } = await run(opened, script, 'ends');
    expect(instanceView).toMatchObject({ exitCode, executionState: exitCode === 0 ? 'Succeeded' : 'Failed' });
  });

  it('keeps the last 4 KB of each output', async () => {
    const { instanceView } = await run(opened, '1..2000 | ForEach-Object { "line $_" }', 'long');
    expect(Buffer.byteLength(instanceView?.output ?? '')).toBe(4_096);
    expect(instanceView?.output).toMatch(/line 2000\n$/);
  });

  it('takes named parameters', async () => {
    const poller = opened.client.virtualMachines.runCommand(rg, 'vm-test', {
      commandId: 'RunPowerShellScript',
      script: ['param($name, $count)', '"$name $count"'],
      parameters: [
        { name: 'name', value: 'a' },
        { name: 'count', value: '2' },
      ],
    });
    await poller.submitted();
    opened.world.clock.advance(1);
    expect((await poller).value?.[0]?.message).toBe('a 2\n');
  });
});

describe('what Azure refuses of the profile of a Windows machine', () => {
  const opened = open();
  const refusal = async (profile: object) => {
    const { location, hardwareProfile, networkProfile } = windowsVm();
    const nics = networkProfile?.networkInterfaceConfigurations?.map(({ name, ipConfigurations, ...nic }) => ({
      name,
      properties: {
        ...nic,
        ipConfigurations: ipConfigurations?.map((ip) => ({ name: ip.name, properties: { subnet: ip.subnet } })),
      },
    }));
    const properties = {
      hardwareProfile,
      storageProfile: { imageReference: image, osDisk: { createOption: 'FromImage' } },
      osProfile: { ...windowsVm().osProfile, ...profile },
      networkProfile: { networkApiVersion: '2020-11-01', networkInterfaceConfigurations: nics },
    };
    const answer = await ask(opened.sandbox, 'PUT', `${vmUrl('vm-refused')}?api-version=2026-03-01`, {
      location,
      properties,
    });
    const { error } = answer.body as { error?: { code: string; target: string } };
    return error ? `${answer.status} ${error.code} ${error.target}` : String(answer.status);
  };

  it.each([
    [{ computerName: 'a2345678901234x6' }, '400 InvalidParameter computerName'],
    [{ computerName: '123456' }, '400 InvalidParameter computerName'],
    [{ computerName: 'a.b' }, '400 InvalidParameter computerName'],
    [{ adminUsername: 'Administrator' }, '400 InvalidParameter adminUsername'],
    [{ adminUsername: 'a23456789012345678901' }, '400 InvalidParameter adminUsername'],
    [{ adminPassword: 'Short-7' }, '400 InvalidParameter adminPassword'],
    [{ adminPassword: `Aa1!${'x'.repeat(120)}` }, '400 InvalidParameter adminPassword'],
    [{ adminPassword: 'alllowercase7' }, '400 InvalidParameter adminPassword'],
    [{ adminPassword: 'P@ssw0rd' }, '400 InvalidParameter adminPassword'],
    [{ linuxConfiguration: {} }, '400 InvalidParameter linuxConfiguration'],
  ])('%j: %s', async (profile, expected) => {
    expect(await refusal(profile)).toBe(expected);
  });

  it('and the limits themselves are taken', async () => {
    const profile = {
      computerName: 'a23456789012345',
      adminUsername: 'a2345678901234567890',
      adminPassword: `Aa1!${'x'.repeat(119)}`,
    };
    expect(await refusal(profile)).toBe('201');
  });
});

describe('commands of machines that are no virtual machines of their own', () => {
  const opened = open();
  const command = (script: string) => ({ location: 'westeurope', properties: { source: { script } } });
  const arc = (name: string, team: 'data' | 'legacy') =>
    `${teamGroup(team)}/providers/Microsoft.HybridCompute/machines/${name}`;
  const instance = (set: string, n: number) =>
    `${teamGroup('payments')}/providers/Microsoft.Compute/virtualMachineScaleSets/${set}/virtualMachines/${n}`;
  const versions = { arc: 'api-version=2025-01-13', compute: 'api-version=2026-03-01' };

  async function ran(machine: string, script: string, version: string) {
    const url = `${machine}/runCommands/c`;
    const put = await ask(opened.sandbox, 'PUT', `${url}?${version}`, command(script));
    opened.world.clock.advance(1);
    const got = await ask(opened.sandbox, 'GET', `${url}?$expand=instanceView&${version}`);
    const { type, properties } = got.body as Answer;
    return { status: put.status, type, view: properties?.instanceView };
  }

  it('an instance of a uniform scale set runs them in a guest of its own', async () => {
    const machine = instance('vmss-payments-api', 2);
    const { status, type, view } = await ran(
      machine,
      'grep ^image= /etc/goldbot/tattoo; echo mark > /etc/mark',
      versions.compute,
    );
    expect([status, type]).toEqual([201, 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/runCommands']);
    expect(view).toMatchObject({ exitCode: 0, output: 'image=ubuntu-22\n' });
    const again = (n: number) => ran(instance('vmss-payments-api', n), 'cat /etc/mark', versions.compute);
    expect((await again(2)).view).toMatchObject({ output: 'mark\n' });
    expect((await again(3)).view).toMatchObject({ exitCode: 1 });
  });

  it('an Arc machine runs them while it is connected, in the shell of its system', async () => {
    const linux = await ran(arc('arc-data-1', 'data'), '. /etc/os-release; echo $VERSION_ID', versions.arc);
    const windows = await ran(
      arc('arc-legacy-1', 'legacy'),
      '(Get-CimInstance Win32_OperatingSystem).Caption',
      versions.arc,
    );
    expect([linux.view?.output, windows.view?.output]).toEqual([
      '22.04\n',
      'Microsoft Windows Server 2019 Datacenter\n',
    ]);
    expect((await ran(arc('arc-data-2', 'data'), 'true', versions.arc)).status).toBe(409);
  });

  it('shows the result of an Arc machine unasked, and that of an instance when it is asked for', async () => {
    const view = async (machine: string, version: string) =>
      ((await ask(opened.sandbox, 'GET', `${machine}/runCommands/c?${version}`)).body as Answer).properties
        ?.instanceView;
    expect(await view(arc('arc-data-1', 'data'), versions.arc)).toBeDefined();
    expect(await view(instance('vmss-payments-api', 2), versions.compute)).toBeUndefined();
  });

  it('are gone once they are deleted, and are not found on machines that there are not', async () => {
    const url = `${arc('arc-data-1', 'data')}/runCommands/c?${versions.arc}`;
    expect((await ask(opened.sandbox, 'DELETE', url)).status).toBe(202);
    opened.world.clock.advance(1);
    expect((await ask(opened.sandbox, 'GET', url)).status).toBe(404);
    const missing = [arc('arc-nope', 'data'), instance('vmss-payments-api', 77), instance('vmss-nope', 0)];
    for (const machine of missing) {
      expect(
        (await ask(opened.sandbox, 'PUT', `${machine}/runCommands/c?${versions.compute}`, command('true'))).status,
      ).toBe(404);
    }
  });
});
