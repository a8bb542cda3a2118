import { builderIdentity, testSubnet } from '../../../sandbox/azure/names';
import { type Azure, errorOf, machine, vm } from './azure';
import { buildGroup, gallery, newest, subscription, ubuntu } from './names';
import type { Refusal } from './row';

type Act = (azure: Azure) => Promise<unknown>;

const put =
  (body: object = machine()) =>
  (azure: Azure) =>
    azure.send('PUT', vm(), body);
const made =
  (body: object = machine()) =>
  (azure: Azure) =>
    azure.done('PUT', vm(), body);
const act = (action: string) => (azure: Azure) => azure.send('POST', `${vm()}/${action}`);
const conditions = (body: object) => (azure: Azure) => azure.conditions(body);
const nothing = async () => {};
const andThen =
  (...acts: readonly Act[]) =>
  async (azure: Azure) => {
    for (const one of acts) await one(azure);
  };
/** These first, then the request. */
const after =
  (...acts: readonly [...Act[], Refusal['request']]) =>
  async (azure: Azure) => {
    const before = [...acts];
    const request = before.pop() as Refusal['request'];
    await andThen(...before)(azure);
    return request(azure);
  };

/** A row about the state of a machine: it is made, and brought into the state; without it, only made. */
const onMachine = (into: Act, request: Refusal['request'], body = machine()) => ({
  given: andThen(made(body), into),
  request,
  fine: after(made(), request),
});

const identified = { identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } } };
const d2 = 'Standard_D2s_v5';
const image = `${buildGroup}/providers/Microsoft.Compute/images/image-row`;
const hardened = {
  publisher: 'center-for-internet-security-inc',
  offer: 'cis-ubuntu-linux-2204-l1',
  sku: 'cis-ubuntu-linux-2204-l1-gen2',
  version: 'latest',
};
const plan = { publisher: hardened.publisher, product: hardened.offer, name: hardened.sku };
const terms = `${subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/${plan.publisher}/offers/${plan.product}/plans/${plan.name}/agreements/current?api-version=2021-01-01`;
const accept: Act = (azure) => azure.done('PUT', terms, { properties: { accepted: true } });
const bought = machine({ image: hardened, top: { plan } });
const stopped: Act = (azure) => azure.done('POST', `${vm()}/deallocate`);
const generalized = andThen(stopped, (azure) => azure.done('POST', `${vm()}/generalize`));
const imageBody = {
  location: 'westeurope',
  properties: { sourceVirtualMachine: { id: vm() }, hyperVGeneration: 'V2' },
};
const putImage = (azure: Azure) => azure.send('PUT', image, imageBody);
const imageMade = andThen(made(), generalized, (azure) => azure.done('PUT', image, imageBody));
const fromImage = machine({ image: { id: image } });
const putCopy = (azure: Azure) => azure.send('PUT', vm('vm-copy'), fromImage);
const ephemeral = { diffDiskSettings: { option: 'Local' }, caching: 'ReadOnly' };
const arm = machine({
  size: 'Standard_D2ps_v5',
  image: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server-arm64', version: 'latest' },
});
const trusted = machine({
  properties: {
    securityProfile: {
      securityType: 'TrustedLaunch',
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
    },
  },
});

const definition = (name: string, properties: object) => ({
  location: 'westeurope',
  properties: {
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V2',
    identifier: { publisher: 'contoso', offer: 'rows', sku: name },
    ...properties,
  },
});

/** A definition of its own kind with one version, made of the newest golden image. */
const versionOf =
  (name: string, properties: object): Act =>
  async (azure) => {
    await azure.done('PUT', `${gallery}/images/${name}`, definition(name, properties));
    await azure.done('PUT', versionIn(name), {
      location: 'westeurope',
      properties: { storageProfile: { source: { id: newest } } },
    });
  };
const versionIn = (name: string) => `${gallery}/images/${name}/versions/1.0.0`;
const from = (id: string, rest: object = {}) => machine({ image: { id }, ...rest });

/** Virtual machines, from the request to the end of their deployment. */
export const deploymentRefusals: readonly Refusal[] = [
  {
    id: 'VM-01',
    request: put(machine({ image: hardened })),
    fine: after(accept, put(bought)),
    refused: { status: 400, code: 'VMMarketplaceInvalidInput' },
    names: [vm()],
  },
  {
    id: 'VM-02',
    request: put(bought),
    fine: after(accept, put(bought)),
    refused: { status: 400, code: 'MarketplacePurchaseEligibilityFailed' },
    names: [plan.publisher, plan.product],
  },
  {
    id: 'VM-03',
    request: put(machine({ image: hardened, top: { plan: { ...plan, product: 'withdrawn' } } })),
    fine: after(accept, put(bought)),
    refused: { status: 400, code: 'MarketplacePurchaseEligibilityFailed' },
    names: [plan.publisher, 'withdrawn'],
  },
  {
    id: 'VM-04',
    request: put({ ...machine(), location: 'uksouth' }),
    fine: put({ ...machine(), location: 'northeurope' }),
    refused: { status: 404, code: 'GalleryImageNotFound', target: 'imageReference' },
    names: [newest, 'uksouth'],
  },
  {
    id: 'VM-05',
    request: put(machine({ image: { sharedGalleryImageId: '/SharedGalleries/nobody-GOLD/Images/x/Versions/1.5.0' } })),
    fine: put(),
    refused: { status: 404, code: 'GalleryImageNotFound' },
    names: ['/SharedGalleries/nobody-GOLD/Images/x/Versions/1.5.0'],
  },
  {
    id: 'VM-07',
    given: andThen(excluded('1.4.1'), excluded('1.5.0')),
    request: put(from(ubuntu)),
    refused: { status: 404 },
    names: [ubuntu],
  },
  {
    id: 'VM-08',
    request: after(specialized, put(from(versionIn('special')))),
    fine: after(specialized, put(from(versionIn('special'), { properties: { osProfile: undefined } }))),
    refused: { status: 400 },
    names: ['osProfile'],
  },
  {
    id: 'VM-09',
    request: put(machine({ properties: { osProfile: undefined } })),
    fine: put(),
    refused: { status: 400 },
    names: ['osProfile'],
  },
  {
    id: 'VM-11',
    given: conditions({ quota: [{ location: 'westeurope', family: 'standardDSv5Family', cores: 1 }] }),
    request: put(),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['standardDSv5Family Cores quota', 'westeurope', 'Current Limit: 1', 'Additional Required: 2'],
  },
  {
    id: 'VM-12',
    given: conditions({ quota: [{ location: 'westeurope', cores: 1 }] }),
    request: put(),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['Total Regional Cores quota', 'westeurope', 'Current Limit: 1'],
  },
  {
    id: 'VM-13',
    given: conditions({ quota: [{ location: 'westeurope', family: 'lowPriorityCores', cores: 1 }] }),
    request: put(machine({ properties: { priority: 'Spot' } })),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['LowPriorityCores quota', 'westeurope', 'Current Limit: 1'],
  },
  {
    id: 'VM-14',
    given: conditions({ sizes: [{ location: 'West Europe', size: d2, offered: false }] }),
    request: put(),
    refused: { status: 409, code: 'SkuNotAvailable', target: 'sku.name' },
    names: [d2, 'westeurope'],
  },
  {
    id: 'VM-15',
    given: conditions({ capacity: [{ location: 'westeurope', size: d2, zone: '2', free: 0 }] }),
    request: put(machine({ top: { zones: ['2'] } })),
    refused: { operation: 'Failed', code: 'ZonalAllocationFailed' },
    names: [d2, 'zone 2'],
  },
  {
    id: 'VM-16',
    given: conditions({ capacity: [{ location: 'westeurope', size: d2, free: 0 }] }),
    request: put(),
    refused: { operation: 'Failed', code: 'AllocationFailed' },
    names: ['aka.ms/allocation-guidance'],
  },
  {
    id: 'VM-17',
    given: conditions({ capacity: [{ location: 'westeurope', constraint: 'ephemeralOsDisk', free: 0 }] }),
    request: put(machine({ osDisk: ephemeral })),
    refused: { operation: 'Failed', code: 'OverconstrainedAllocationRequest' },
    names: ['ephemeralOsDisk'],
  },
  {
    id: 'VM-18',
    given: conditions({ capacity: [{ location: 'westeurope', zone: '2', constraint: 'ephemeralOsDisk', free: 0 }] }),
    request: put(machine({ top: { zones: ['2'] }, osDisk: ephemeral })),
    refused: { operation: 'Failed', code: 'OverconstrainedZonalAllocationRequest' },
    names: ['zone 2'],
  },
  {
    id: 'VM-19',
    given: conditions({ network: [{ subnet: testSubnet, free: 0 }] }),
    request: put(),
    refused: { status: 400, code: 'SubnetIsFull' },
    names: [testSubnet],
  },
  {
    id: 'VM-21',
    given: conditions({ regions: [{ location: 'westeurope', imageLagMinutes: 90 }] }),
    request: after(versionOf('fresh', {}), put(from(versionIn('fresh')))),
    refused: { status: 404, code: 'GalleryImageNotFound' },
    names: [versionIn('fresh'), 'westeurope'],
  },
  {
    id: 'VM-25',
    request: async (azure) => {
      const first = await put()(azure);
      await azure.send('DELETE', vm());
      return first;
    },
    fine: put(),
    refused: { operation: 'Failed' },
  },
  {
    id: 'VM-27',
    given: conditions({ agent: [{ image: ubuntu, provisions: 'late' }] }),
    request: put(),
    refused: { operation: 'Failed', code: 'OSProvisioningTimedOut' },
    names: ['vm-row'],
  },
  {
    id: 'VM-28',
    given: conditions({ agent: [{ image: newest, provisions: 'fails' }] }),
    request: put(),
    refused: { operation: 'Failed' },
    names: ['vm-row'],
  },
  {
    id: 'VM-29',
    given: conditions({ agent: [{ image: ubuntu, boots: false }] }),
    request: put(),
    refused: { operation: 'Failed' },
    names: ['vm-row'],
  },
  {
    id: 'VM-30',
    given: andThen(made(), generalized, putImage),
    request: putCopy,
    fine: after(imageMade, putCopy),
    refused: { status: 409 },
    names: [image],
  },
  {
    id: 'VM-31',
    request: put(machine({ osDisk: { diskSizeGB: 29 } })),
    fine: put(machine({ osDisk: { diskSizeGB: 30 } })),
    refused: { status: 409 },
    names: ['29', '30'],
  },
  { id: 'VM-32', request: put(machine({ top: { plan } })), fine: put(), refused: { status: 400 } },
  {
    id: 'VM-33',
    given: andThen(accept, versionOf('paid', { purchasePlan: { ...plan, name: 'another' } })),
    request: put(from(versionIn('paid'), { top: { plan } })),
    fine: after(accept, versionOf('paid', { purchasePlan: plan }), put(from(versionIn('paid'), { top: { plan } }))),
    refused: { status: 400 },
  },
  {
    id: 'VM-34',
    request: put(machine({ size: 'Standard_Z1' })),
    fine: put(),
    refused: { status: 400 },
    names: ['Standard_Z1', d2],
  },
  {
    id: 'VM-44',
    request: putCopy,
    fine: after(imageMade, putCopy),
    refused: { status: 404 },
    names: [image],
  },
  {
    id: 'VM-50',
    request: put(machine({ size: 'Standard_D2_v3' })),
    fine: put(machine({ size: 'Standard_D2s_v3' })),
    refused: { status: 400, code: 'BadRequest' },
    names: ['Standard_D2_v3', "'2'"],
  },
  {
    id: 'VM-51',
    request: put(machine({ size: 'Standard_D2s_v6' })),
    fine: after(
      versionOf('nvme', { features: [{ name: 'DiskControllerTypes', value: 'SCSI, NVMe' }] }),
      put(from(versionIn('nvme'), { size: 'Standard_D2s_v6' })),
    ),
    refused: { status: 400, code: 'InvalidParameter' },
    names: ['Standard_D2s_v6'],
  },
  {
    id: 'ARM-16',
    given: conditions({ regions: [{ location: 'westeurope', open: false }] }),
    request: put(),
    refused: { status: 409 },
    names: ['westeurope'],
  },
];

function excluded(version: string): Act {
  const properties = { publishingProfile: { excludeFromLatest: true } };
  return (azure) => azure.done('PATCH', `${ubuntu}/versions/${version}`, { properties });
}

/** A version of a machine that was never generalized. */
async function specialized(azure: Azure): Promise<void> {
  await azure.done('PUT', vm('vm-source'), machine());
  await azure.done('PUT', `${gallery}/images/special`, definition('special', { osState: 'Specialized' }));
  const source = { virtualMachineId: vm('vm-source') };
  await azure.done('PUT', versionIn('special'), {
    location: 'westeurope',
    properties: { storageProfile: { source } },
  });
}

const tag = (name: string) => (azure: Azure) => azure.send('PATCH', vm(), { tags: { [name]: '1' } });
const resize = (azure: Azure) =>
  azure.send('PATCH', vm(), { properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' } } });

/** What may be done to a machine that is there, and to the image that is made of it. */
export const machineRefusals: readonly Refusal[] = [
  {
    id: 'VM-22',
    ...onMachine(
      conditions({ sizes: [{ location: 'westeurope', size: 'Standard_D4s_v5', inEachCluster: false }] }),
      resize,
    ),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['vm-row', 'Standard_D4s_v5'],
  },
  {
    id: 'VM-24',
    ...onMachine(nothing, act('deallocate'), machine({ osDisk: ephemeral })),
    refused: { status: 409, code: 'OperationNotAllowed' },
  },
  {
    id: 'VM-26',
    given: made(),
    request: async (azure) => {
      const first = await tag('a')(azure);
      await tag('b')(azure);
      return first;
    },
    fine: after(made(), tag('a')),
    refused: { operation: 'Failed' },
  },
  {
    id: 'VM-35',
    ...onMachine((azure) => azure.send('DELETE', vm()), tag('a')),
    refused: { status: 409 },
    names: ['vm-row'],
  },
  {
    id: 'VM-36',
    ...onMachine(generalized, act('start')),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['start', 'vm-row'],
  },
  {
    id: 'VM-37',
    given: made(),
    request: act('generalize'),
    fine: after(made(), (azure) => azure.done('POST', `${vm()}/powerOff`), act('generalize')),
    refused: { status: 409 },
    names: ['generalize'],
  },
  {
    id: 'VM-38',
    given: made(),
    request: putImage,
    fine: after(made(), generalized, putImage),
    refused: { status: 409 },
    names: ['vm-row'],
  },
  { id: 'VM-39', ...onMachine(tag('a'), act('restart')), refused: { status: 409 }, names: ['vm-row'] },
  {
    id: 'VM-40',
    ...onMachine(stopped, act('powerOff')),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['powerOff', 'vm-row'],
  },
  {
    id: 'VM-41',
    ...onMachine(act('restart'), act('powerOff')),
    refused: { status: 409 },
    names: ['vm-row', 'running'],
  },
  {
    id: 'VM-42',
    given: andThen(imageMade, putCopy),
    request: (azure) => azure.send('DELETE', image),
    fine: after(imageMade, (azure) => azure.send('DELETE', image)),
    refused: { status: 409 },
    names: ['vm-copy'],
  },
  {
    id: 'VM-46',
    ...onMachine(conditions({ maintenance: [{ vm: vm(), running: true }] }), tag('a')),
    refused: { status: 409 },
    names: [vm()],
  },
  {
    id: 'VM-55',
    given: (azure) => azure.done('DELETE', builderIdentity),
    request: put(machine({ top: identified })),
    refused: { status: 400, code: 'FailedIdentityOperation' },
    names: [vm(), builderIdentity],
  },
  {
    id: 'VM-53',
    ...onMachine(generalized, putImage, arm),
    fine: after(made(), generalized, putImage),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['Arm64', 'x64'],
  },
  {
    id: 'ACG-03',
    ...onMachine(generalized, putImage, trusted),
    fine: after(made(), generalized, putImage),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['vm-row'],
  },
];

const command = `${vm()}/runCommands/check`;
const script = (text: string) => (azure: Azure) =>
  azure.send('PUT', command, { location: 'westeurope', properties: { source: { script: text } } });
const putCommand = script('true');
const runNow = (azure: Azure) =>
  azure.send('POST', `${vm()}/runCommand`, { commandId: 'RunShellScript', script: ['true'] });

/** Run commands, of both kinds. */
export const commandRefusals: readonly Refusal[] = [
  { id: 'RC-01', ...onMachine(runNow, runNow), refused: { status: 409, code: 'Conflict' } },
  { id: 'RC-02', ...onMachine(stopped, runNow), refused: { status: 409, code: 'OperationNotAllowed' } },
  { id: 'RC-03', ...onMachine(stopped, putCommand), refused: { status: 409, code: 'OperationNotAllowed' } },
  {
    id: 'RC-04',
    ...onMachine(conditions({ agent: [{ vm: vm(), agent: 'silent' }] }), putCommand),
    refused: { status: 409, code: 'VMAgentStatusCommunicationError' },
    names: ['vm-row'],
  },
  {
    id: 'RC-05',
    ...onMachine(conditions({ agent: [{ image: ubuntu, runCommand: 'silent' }] }), runNow),
    refused: { operation: 'Failed' },
    names: ['vm-row', 'RunCommandLinux'],
  },
  {
    id: 'RC-07',
    request: putCommand,
    fine: after(made(), putCommand),
    refused: { status: 404, code: 'ParentResourceNotFound' },
    names: ['vm-row'],
  },
  {
    id: 'RC-08',
    given: made(),
    request: script(`echo first\n${"echo 'a line of forty characters, or nearly so'\n".repeat(150)}echo last`),
    refused: {
      silent: async (azure) => {
        azure.later(5);
        const { body } = await azure.send('GET', `${command}?$expand=instanceView`);
        const { output } = (body as { properties: { instanceView: { output: string } } }).properties.instanceView;
        expect(Buffer.byteLength(output)).toBeLessThanOrEqual(4096);
        expect(output).toContain('last');
        expect(output).not.toContain('first');
      },
    },
  },
  { id: 'RC-09', ...onMachine(nothing, putCommand, arm), refused: { operation: 'Failed' }, names: ['Arm64'] },
  {
    id: 'RC-11',
    given: andThen(made(), putCommand),
    request: (azure) => azure.send('DELETE', command),
    refused: {
      silent: async (azure) => {
        azure.later(5);
        expect(errorOf(await azure.send('GET', command)).code).toBe('ResourceNotFound');
      },
    },
  },
  {
    id: 'RC-13',
    ...onMachine(
      andThen(
        putCommand,
        async (azure) => azure.later(5),
        (azure) => azure.send('DELETE', command),
      ),
      putCommand,
    ),
    refused: { status: 409, code: 'OperationNotAllowed' },
    names: ['check'],
  },
];
