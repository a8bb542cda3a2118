import { imageBuilderApp } from '../../../sandbox/azure/authorization/names';
import { principalIdOf } from '../../../sandbox/azure/identity';
import { builderIdentity, buildSubnet } from '../../../sandbox/azure/names';
import { type Azure, machine, openAzure, outcome, vm } from './azure';
import { build } from './fits';
import { buildGroup, gallery, galleryGroup, newest, subscription, ubuntu } from './names';
import type { Refusal } from './row';
import { grant, only, steps } from './templates';

type Ask = Refusal['request'];

const templateId = (name = 'row') => `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`;
const made =
  (change: object = {}, name = 'row'): Ask =>
  (azure) =>
    azure.done('PUT', templateId(name), build({}, change));
const read: Ask = (azure) => azure.send('GET', templateId());
const run =
  (name = 'row'): Ask =>
  (azure) =>
    azure.send('POST', `${templateId(name)}/run`);
const remove: Ask = (azure) => azure.send('DELETE', templateId());
const patch =
  (properties: object): Ask =>
  (azure) =>
    azure.send('PATCH', templateId(), { properties });
const later =
  (minutes: number): Ask =>
  (azure) => {
    azure.later(minutes);
    return read(azure);
  };
const conditions =
  (body: object): Ask =>
  async (azure) => {
    await azure.conditions(body);
    return read(azure);
  };
const running = steps(made(), run(), later(2));

/** A run whose template was fine when it was made, before this became so. */
const runAfter = (becomes: Ask, change: object = {}): Pick<Refusal, 'given' | 'request' | 'fine'> => ({
  given: steps(made(change), becomes),
  request: run(),
  fine: steps(made(change), run()),
});

const west = { location: 'westeurope' };
const image = `${buildGroup}/providers/Microsoft.Compute/images/image-row`;
const asImage = { distribute: [{ type: 'ManagedImage', imageId: image, runOutputName: 'row', ...west }] };
const builder = principalIdOf(builderIdentity);

const captured = steps(
  (azure) => azure.done('PUT', vm(), machine()),
  (azure) => azure.done('POST', `${vm()}/deallocate`),
  (azure) => azure.done('POST', `${vm()}/generalize`),
  (azure) =>
    azure.done('PUT', image, {
      ...west,
      properties: { sourceVirtualMachine: { id: vm() }, hyperVGeneration: 'V2' },
    }),
);
const fromImage = { source: { type: 'ManagedImage', imageId: image } };

const left = `${gallery}/images/left`;
const defined = (osType = 'Linux'): Ask => {
  const identifier = { publisher: 'contoso', offer: 'runs', sku: 'left' };
  return (azure) =>
    azure.done('PUT', left, {
      ...west,
      properties: { osType, osState: 'Generalized', hyperVGeneration: 'V2', identifier },
    });
};
const into = (galleryImageId: string) => ({
  distribute: [{ type: 'SharedImage', galleryImageId, runOutputName: 'row', targetRegions: [{ name: 'westeurope' }] }],
});
const versioned = steps(defined(), (azure) =>
  azure.done('PUT', `${left}/versions/1.0.0`, {
    ...west,
    properties: { storageProfile: { source: { id: newest } } },
  }),
);
const fromVersion = { source: { type: 'SharedImageVersion', imageVersionId: `${left}/versions/1.0.0` } };

/** Contributor of everything, but for one action. */
const allBut = (action: string): Ask => {
  const role = '60a551e0-601d-4b07-8000-00000000b0b0';
  const scope = subscription;
  const properties = {
    roleName: 'all but one action',
    type: 'CustomRole',
    permissions: [{ actions: ['*'], notActions: [action] }],
    assignableScopes: [scope],
  };
  return steps(
    only(galleryGroup),
    (azure) => azure.done('PUT', `${scope}/providers/Microsoft.Authorization/roleDefinitions/${role}`, { properties }),
    grant(scope, role),
  );
};

const own = `${subscription}/resourceGroups/rg-own`;
const newGroup: Ask = (azure) => azure.done('PUT', own, west);
const accounts = (azure: Azure) => azure.send('GET', `${own}/providers/Microsoft.Storage/storageAccounts`);
const windows = {
  ...into(`${left}`),
  source: {
    type: 'PlatformImage',
    publisher: 'MicrosoftWindowsServer',
    offer: 'WindowsServer',
    sku: '2022-datacenter-g2',
    version: 'latest',
  },
  vmProfile: { vmSize: 'Standard_D2s_v5', vnetConfig: { subnetId: buildSubnet } },
  stagingResourceGroup: own,
};
const proxied = steps(newGroup, defined('Windows'), made(windows));

const focal = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-focal', sku: '20_04-lts-gen2' };
const untilRetired = 250 * 24 * 60;
const sleeps = (seconds: number) => ({
  customize: [{ type: 'Shell', name: 'waits', inline: [`sleep ${seconds}`] }],
  buildTimeoutInMinutes: 30,
});

const containers = 'Microsoft.ContainerInstance';
const unregistered = { registration: [{ namespace: containers, registered: false }] };
const fewCores = { quota: [{ ...west, family: 'containerInstances', cores: 4 }] };
const oneInFive = { limits: [{ what: 'containerGroups', most: 1 }] };
const lateBy = (seconds: number) =>
  conditions({ providers: [{ namespace: 'Microsoft.VirtualMachineImages', answersAfterSeconds: seconds }] });

/** Azure VM Image Builder: what runs fail for, and what is refused while they go on. */
export const runRefusals: readonly Refusal[] = [
  {
    id: 'AIB-08',
    ...runAfter(allBut('Microsoft.Compute/images/write'), asImage),
    refused: { run: 'Failed' },
    names: [image],
  },
  {
    id: 'AIB-11',
    ...runAfter(conditions({ quota: [{ ...west, family: 'standardDSv5Family', cores: 1 }] })),
    refused: { run: 'Failed', code: 'InvalidTemplateDeployment', nested: 'QuotaExceeded' },
    names: ['standardDSv5Family Cores', 'Current Limit: 1,', 'Additional Required: 2,'],
  },
  {
    id: 'AIB-14',
    ...runAfter(conditions(unregistered)),
    refused: { run: 'Failed' },
    names: ['Azure Container Instances'],
  },
  {
    id: 'AIB-15',
    given: steps(conditions(fewCores), made(), made({}, 'other'), run('other')),
    request: run(),
    fine: steps(conditions(fewCores), made(), run()),
    refused: { run: 'Failed' },
    names: ['Azure Container Instances'],
  },
  {
    id: 'AIB-16',
    given: steps(conditions(oneInFive), made(), made({}, 'other'), run('other'), later(4)),
    request: run(),
    fine: steps(conditions(oneInFive), made(), made(asImage, 'other'), run('other'), later(5), run()),
    refused: { run: 'Failed' },
    names: ['Azure Container Instances'],
  },
  {
    id: 'AIB-17',
    request: steps(made({ buildTimeoutInMinutes: 5 }), run()),
    fine: steps(made({ buildTimeoutInMinutes: 60 }), run()),
    refused: { run: 'Failed' },
    names: ['client_jwt', '5 minutes'],
  },
  {
    id: 'AIB-22',
    given: steps(versioned, made(fromVersion), (azure) => azure.done('DELETE', `${left}/versions/1.0.0`)),
    request: run(),
    fine: steps(versioned, made(fromVersion), run()),
    refused: { run: 'Failed' },
    names: [`${left}/versions/1.0.0`],
  },
  {
    id: 'AIB-23',
    given: steps(captured, made(fromImage), only(galleryGroup)),
    request: run(),
    fine: steps(captured, made(fromImage), run()),
    refused: { run: 'Failed' },
    names: [builder, 'Microsoft.Compute/images/read', image],
  },
  {
    id: 'AIB-24',
    given: proxied,
    request: run(),
    fine: steps(proxied, grant(own, 'contributor', imageBuilderApp.objectId), run()),
    refused: { run: 'Failed' },
    names: [imageBuilderApp.objectId, 'Microsoft.Compute/disks/write', `${own}/`, 'proxyVmDiskWin_'],
  },
  {
    id: 'AIB-25',
    request: steps(made({ buildTimeoutInMinutes: 9 }), run()),
    fine: steps(made(), run()),
    refused: { run: 'Failed' },
    names: ['1 images out of total 1', ubuntu, 'westeurope', 'context deadline exceeded'],
    also: async (azure) => {
      const version = await azure.send('GET', `${ubuntu}/versions/9.0.0`);
      expect(version.body).toMatchObject({ properties: { provisioningState: 'Succeeded' } });
    },
  },
  {
    id: 'AIB-26',
    request: steps(made(sleeps(3_600)), run()),
    fine: steps(made(sleeps(60)), run()),
    refused: { run: 'Failed' },
    names: ['context deadline exceeded'],
  },
  {
    id: 'AIB-28',
    ...runAfter(allBut('Microsoft.Compute/images/delete'), asImage),
    refused: { run: 'Failed', nested: 'AuthorizationFailed' },
    names: [builder, 'Microsoft.Compute/images/delete', image],
  },
  {
    id: 'AIB-33',
    given: steps(defined(), made(into(left)), (azure) => azure.done('DELETE', left)),
    request: run(),
    fine: steps(defined(), made(into(left)), run()),
    refused: { operation: 'Failed', code: 'InternalOperationError', nested: 'InternalOperationError' },
    names: ['1 images out of total 1'],
  },
  {
    id: 'AIB-34',
    ...runAfter(later(untilRetired), { source: { type: 'PlatformImage', ...focal, version: 'latest' } }),
    refused: { run: 'Failed' },
    names: Object.values(focal),
  },
  {
    id: 'AIB-18',
    request: steps(made(), patch(withOutput('other'))),
    fine: steps(made(), patch(withOutput('row'))),
    refused: { status: 400 },
    names: ['row'],
  },
  {
    id: 'AIB-19',
    request: steps(made(), patch({ distribute: [{ type: 'SharedImage', runOutputName: 'row' }] })),
    fine: steps(made(), patch(withOutput('row'))),
    refused: { status: 400 },
    names: ['ImageTemplate.properties.distribute[0]', 'galleryImageId'],
  },
  {
    id: 'AIB-20',
    given: steps(made(), async (azure) => {
      const answer = await read(azure);
      const { exactStagingResourceGroup: group } = (answer.body as Template).properties;
      return conditions({ staging: [{ group, privateEndpoint: true }] })(azure);
    }),
    request: remove,
    fine: steps(made(), remove),
    refused: { operation: 'Failed' },
    names: ['/networkInterfaces/', '/privateEndpoints/'],
  },
  {
    id: 'AIB-51',
    given: steps(newGroup, made({ stagingResourceGroup: own }), only(galleryGroup)),
    request: remove,
    refused: {
      silent: async (azure, answer) => {
        expect(await outcome(azure, answer)).toMatchObject({ status: 'Succeeded' });
        expect((await accounts(azure)).body).toMatchObject({ value: [{ location: 'westeurope' }] });
        const other = openAzure();
        const removed = await steps(newGroup, made({ stagingResourceGroup: own }), remove)(other);
        expect(await outcome(other, removed)).toMatchObject({ status: 'Succeeded' });
        expect((await accounts(other)).body).toEqual({ value: [] });
      },
    },
  },
  {
    id: 'AIB-52',
    given: steps(made(), lateBy(60)),
    request: run(),
    fine: steps(made(), lateBy(59), run()),
    refused: { status: 504, code: 'GatewayTimeout' },
    names: ['Microsoft.VirtualMachineImages'],
    also: async (azure) => {
      const { body } = await lateBy(0)(azure);
      expect(body).toMatchObject({ properties: { lastRunStatus: { runState: 'Running' } } });
    },
  },
  {
    id: 'AIB-53',
    given: steps(running, losesEach(2), read),
    request: read,
    fine: steps(running, losesEach(3), read, read),
    refused: { status: 500, code: 'InternalOperationError' },
    also: async (azure) => expect((await read(azure)).status).toBe(200),
  },
];

interface Template {
  readonly properties: { readonly exactStagingResourceGroup: string };
}

function withOutput(runOutputName: string) {
  return { distribute: [{ type: 'SharedImage', galleryImageId: ubuntu, runOutputName }] };
}

/** The answer is a read that is not counted: none was lost before. */
function losesEach(losesEachNthRead: number): Ask {
  return async (azure) => {
    await azure.conditions({ providers: [{ namespace: 'Microsoft.VirtualMachineImages', losesEachNthRead }] });
    return { status: 200 };
  };
}
