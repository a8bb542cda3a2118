import { builderIdentity, buildSubnet, containerSubnet, testSubnet } from '../../../sandbox/azure/names';
import { type Azure, machine, vm } from './azure';
import { buildGroup, gallery, newest } from './names';
import type { Refusal } from './row';

/** A definition of its own kind, which versions can be built into. */
const defined =
  (name: string, properties: object = {}) =>
  (azure: Azure) =>
    azure.done('PUT', `${gallery}/images/${name}`, {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        osState: 'Generalized',
        hyperVGeneration: 'V2',
        identifier: { publisher: 'contoso', offer: 'fits', sku: name },
        ...properties,
      },
    });

const jammy = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};
const hardened = {
  publisher: 'center-for-internet-security-inc',
  offer: 'cis-ubuntu-linux-2204-l1',
  sku: 'cis-ubuntu-linux-2204-l1-gen2',
  version: 'latest',
};
const planInfo = { planPublisher: hardened.publisher, planProduct: hardened.offer, planName: hardened.sku };

interface Build {
  readonly source?: object;
  readonly profile?: object;
  readonly into?: string;
}

/** A template that builds, with whatever else its properties say. */
export const build = ({ source = jammy, profile = {}, into = 'ubuntu-22' }: Build, rest: object = {}) => ({
  location: 'westeurope',
  identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } },
  properties: {
    source: { type: 'PlatformImage', ...source },
    customize: [],
    distribute: [
      {
        type: 'SharedImage',
        galleryImageId: `${gallery}/images/${into}/versions/9.0.0`,
        runOutputName: 'row',
        targetRegions: [{ name: 'westeurope' }],
      },
    ],
    vmProfile: { vmSize: 'Standard_D2s_v5', ...profile },
    ...rest,
  },
});
const put = (asked: Build) => (azure: Azure) =>
  azure.send('PUT', `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/row`, build(asked));

const network = (vnetConfig: object) => ({ profile: { vnetConfig } });
const apart = network({ subnetId: buildSubnet, containerInstanceSubnetId: containerSubnet });

const security = (value: string) => ({ features: [{ name: 'SecurityType', value }] });
const trustedLaunch = {
  securityProfile: { securityType: 'TrustedLaunch', uefiSettings: { secureBootEnabled: true, vTpmEnabled: true } },
};
const versionIn = (name: string) => `${gallery}/images/${name}/versions/1.0.0`;
const versionOf = (name: string, properties: object) => async (azure: Azure) => {
  await defined(name, properties)(azure);
  await azure.done('PUT', versionIn(name), {
    location: 'westeurope',
    properties: { storageProfile: { source: { id: newest } } },
  });
};
const machineOf =
  (name: string, properties: object = {}) =>
  (azure: Azure) =>
    azure.send('PUT', vm(), machine({ image: { id: versionIn(name) }, properties }));
const after = (first: (azure: Azure) => Promise<unknown>, then: Refusal['request']) => async (azure: Azure) => {
  await first(azure);
  return then(azure);
};

/** What does not go together: source, definition, network and machine. */
export const fitRefusals: readonly Refusal[] = [
  {
    id: 'AIB-01',
    request: put({ source: { ...jammy, sku: '22_04-lts' } }),
    fine: put({}),
    refused: { operation: 'Failed', code: 'ValidationFailed' },
    names: [`${gallery}/images/ubuntu-22`, 'V1', 'V2'],
  },
  {
    id: 'AIB-31',
    request: put({ source: hardened }),
    fine: put({ source: { ...hardened, planInfo } }),
    refused: { operation: 'Failed', code: 'PurchasePlanNotProvided' },
    names: Object.values(hardened),
  },
  {
    id: 'AIB-40',
    request: put({ profile: { osDiskSizeGB: 29 } }),
    fine: put({ profile: { osDiskSizeGB: 30 } }),
    refused: { operation: 'Failed' },
    names: ['29', '30'],
  },
  {
    id: 'AIB-41',
    request: put(network({ subnetId: buildSubnet, containerInstanceSubnetId: testSubnet })),
    fine: put(apart),
    refused: { operation: 'Failed' },
    names: [testSubnet],
  },
  {
    id: 'AIB-43',
    request: put(network({ ...apart.profile.vnetConfig, proxyVmSize: 'Standard_A1_v2' })),
    fine: put(network({ subnetId: buildSubnet, proxyVmSize: 'Standard_A1_v2' })),
    refused: { status: 400 },
    names: ['proxyVmSize'],
  },
  {
    id: 'VM-49',
    request: after(versionOf('trusted', security('TrustedLaunch')), machineOf('trusted')),
    fine: after(versionOf('trusted', security('TrustedLaunch')), machineOf('trusted', trustedLaunch)),
    refused: { status: 400, code: 'BadRequest' },
    names: ['TrustedLaunch'],
  },
  {
    id: 'VM-52',
    request: after(versionOf('plain', {}), machineOf('plain', trustedLaunch)),
    fine: after(versionOf('plain', {}), machineOf('plain')),
    refused: { status: 400, code: 'BadRequest' },
    names: ['TrustedLaunch'],
  },
];
