import type { SandboxResponse } from '../../../sandbox/kernel/types';
import { type Azure, errorOf, machine } from './azure';
import { buildGroup, gallery, galleryGroup, newest, subscription, ubuntu } from './names';
import type { Refusal } from './row';

const version = `${ubuntu}/versions/2.0.0`;
const oldest = `${ubuntu}/versions/1.3.0`;
/** A definition beside the story's, with nothing in it. */
const own = `${gallery}/images/own`;
const ownVersion = `${own}/versions/1.0.0`;
/** A gallery beside the story's. */
const silver = `${galleryGroup}/providers/Microsoft.Compute/galleries/silver`;
const silverImage = `${silver}/images/own`;

/** A version copied from the newest one; `profile` is its publishing profile, `properties` whatever else. */
const copy = (profile: object = {}, properties: object = {}) => ({
  location: 'westeurope',
  properties: { publishingProfile: profile, storageProfile: { source: { id: newest } }, ...properties },
});

const regions = (...names: readonly string[]) => ({ targetRegions: names.map((name) => ({ name })) });

const definition = ({
  sku = 'own',
  ...properties
}: {
  readonly sku?: string;
  readonly [name: string]: unknown;
} = {}) => ({
  location: 'westeurope',
  properties: {
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V2',
    identifier: { publisher: 'contoso', offer: 'gold', sku },
    ...properties,
  },
});

/** The version is gone, as its GET says; the definition is deleted so many minutes later. */
async function deleteAfterItsVersion(azure: Azure, minutes: number): Promise<SandboxResponse> {
  await azure.done('PUT', own, definition());
  await azure.done('PUT', ownVersion, copy());
  await azure.send('DELETE', ownVersion);
  azure.later(0.5);
  expect((await azure.send('GET', ownVersion)).status).toBe(404);
  azure.later(minutes);
  return azure.send('DELETE', own);
}

const putNew = (body: object) => (azure: Azure) => azure.send('PUT', version, body);

const source = `${buildGroup}/providers/Microsoft.Compute/virtualMachines/vm-row`;
const ofMachine = { location: 'westeurope', properties: { storageProfile: { source: { virtualMachineId: source } } } };

/** A machine that is ready to become a version, and one more definition for it. */
const machineFor =
  (properties: object, body: object = machine()) =>
  async (azure: Azure) => {
    await azure.done('PUT', own, definition({ ...properties }));
    await azure.done('PUT', source, body);
    await azure.done('POST', `${source}/powerOff`);
    await azure.done('POST', `${source}/generalize`);
  };
const putOfMachine = (azure: Azure) => azure.send('PUT', ownVersion, ofMachine);
const madeOfMachine = (properties: object, body?: object) => async (azure: Azure) => {
  await machineFor(properties, body)(azure);
  return putOfMachine(azure);
};

/** The profile of a version in two regions, one of them with storage of another kind. */
const inTwoRegions = {
  targetRegions: [{ name: 'westeurope' }, { name: 'northeurope', storageAccountType: 'standard_zrs' }],
};
const change =
  (profile: object, properties: object = {}) =>
  (azure: Azure) =>
    azure.send('PATCH', version, { properties: { publishingProfile: profile, ...properties } });
const madeIn = (profile: object) => async (azure: Azure) => {
  await azure.done('PUT', version, copy(profile));
};
const encrypted = (...regionNames: readonly string[]) => ({
  targetRegions: ['westeurope', 'northeurope'].map((name) => ({
    name,
    ...(regionNames.includes(name) && {
      encryption: {
        osDiskImage: { diskEncryptionSetId: `${buildGroup}/providers/Microsoft.Compute/diskEncryptionSets/d` },
      },
    }),
  })),
});
const plan = {
  publisher: 'center-for-internet-security-inc',
  product: 'cis-ubuntu-linux-2204-l1',
  name: 'cis-ubuntu-linux-2204-l1-gen2',
};

/** Azure Compute Gallery: what a version is made of. */
export const sourceRefusals: readonly Refusal[] = [
  {
    id: 'ACG-01',
    given: machineFor({ hyperVGeneration: 'V1' }),
    request: putOfMachine,
    fine: madeOfMachine({}),
    refused: { status: 409, code: 'Conflict' },
    names: [source, "['V2']", "['V1']"],
  },
  {
    id: 'ACG-02',
    given: machineFor({ features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }] }),
    request: putOfMachine,
    fine: madeOfMachine({}),
    refused: { status: 400, code: 'InvalidParameter' },
    names: ['TrustedLaunchSupported', source],
  },
  {
    id: 'ACG-20',
    given: machineFor({ osState: 'Specialized' }),
    request: putOfMachine,
    fine: madeOfMachine({}),
    refused: { status: 400, code: 'BadRequest' },
    names: [source, "['Generalized']", "['Specialized']"],
  },
  {
    id: 'ACG-21',
    given: machineFor({ osType: 'Windows' }),
    request: putOfMachine,
    fine: madeOfMachine({}),
    refused: { status: 409 },
    names: [source, 'Linux', 'Windows'],
  },
  {
    id: 'ACG-22',
    given: boughtMachine({}),
    request: putOfMachine,
    fine: async (azure) => {
      await boughtMachine({ purchasePlan: plan })(azure);
      return putOfMachine(azure);
    },
    refused: { status: 409 },
    names: [source, plan.product, 'null'],
  },
  {
    id: 'ACG-23',
    given: machineFor({}, machine({ osDisk: { diskSizeGB: 2520 } })),
    request: putOfMachine,
    fine: madeOfMachine({}, machine({ osDisk: { diskSizeGB: 2048 } })),
    refused: { operation: 'Failed', code: 'GallerySourceResourceExceedsMaxSize' },
    names: ['2520', '2048'],
  },
  {
    id: 'ACG-24',
    given: async (azure) => {
      for (let n = 0; n < 20; n += 1) await azure.send('PUT', `${ubuntu}/versions/3.0.${n}`, copy());
    },
    request: putNew(copy()),
    refused: { status: 429 },
    names: [newest],
  },
  {
    id: 'ACG-26',
    given: machineFor({}, machine({ osDisk: { diffDiskSettings: { option: 'Local' } } })),
    request: putOfMachine,
    fine: madeOfMachine({}),
    refused: { status: 400 },
    names: [source, 'ephemeral'],
  },
];

function boughtMachine(properties: object) {
  const image = { publisher: plan.publisher, offer: plan.product, sku: plan.name, version: 'latest' };
  const terms = `${subscription}/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine/publishers/${plan.publisher}/offers/${plan.product}/plans/${plan.name}/agreements/current?api-version=2021-01-01`;
  return async (azure: Azure) => {
    await azure.done('PUT', terms, { properties: { accepted: true } });
    await machineFor(properties, machine({ image, top: { plan } }))(azure);
  };
}

/** Azure Compute Gallery: galleries, definitions, versions and their regions. */
export const galleryRefusals: readonly Refusal[] = [
  {
    id: 'ACG-05',
    given: async (azure) => {
      await azure.done('PUT', own, definition());
      await azure.done('PUT', ownVersion, copy());
    },
    request: (azure) => azure.send('DELETE', own),
    fine: async (azure) => {
      await azure.done('PUT', own, definition());
      return azure.send('DELETE', own);
    },
    refused: { status: 409, code: 'CannotDeleteResource' },
    names: [ownVersion],
  },
  {
    id: 'ACG-04',
    given: async (azure) => {
      await azure.done('PUT', silver, { location: 'westeurope' });
      await azure.done('PUT', silverImage, definition());
    },
    request: (azure) => azure.send('DELETE', silver),
    fine: async (azure) => {
      await azure.done('PUT', silver, { location: 'westeurope' });
      return azure.send('DELETE', silver);
    },
    refused: { status: 409, code: 'CannotDeleteResource' },
    names: [silverImage],
  },
  {
    id: 'ACG-06',
    request: (azure) => deleteAfterItsVersion(azure, 0),
    fine: (azure) => deleteAfterItsVersion(azure, 1),
    refused: { status: 409, code: 'CannotDeleteResource' },
  },
  {
    id: 'ACG-07',
    request: putNew(copy(regions('West Europe', 'eastus2', 'East US 2'))),
    fine: putNew(copy(regions('West Europe', 'eastus2'))),
    refused: {
      status: 400,
      code: 'InvalidParameter',
      target: 'galleryImageVersion.properties.publishingProfile',
    },
  },
  {
    id: 'ACG-08',
    request: putNew(copy({ targetRegions: [{ name: 'westeurope', regionalReplicaCount: 0 }] })),
    fine: putNew(copy({ targetRegions: [{ name: 'westeurope', regionalReplicaCount: 1 }] })),
    refused: { status: 400, code: 'InvalidParameter' },
    names: ['regionalReplicaCount'],
  },
  {
    id: 'ACG-09',
    given: madeIn(regions('westeurope', 'northeurope')),
    request: change(regions('westeurope')),
    fine: async (azure) => {
      await madeIn(regions('westeurope', 'northeurope'))(azure);
      return change(regions('westeurope'), { safetyProfile: { allowDeletionOfReplicatedLocations: true } })(azure);
    },
    refused: { status: 400, code: 'BadRequest' },
    names: [version, 'North Europe'],
  },
  {
    id: 'ACG-10',
    given: madeIn(inTwoRegions),
    request: change(regions('westeurope', 'northeurope')),
    fine: async (azure) => {
      await madeIn(inTwoRegions)(azure);
      return change(inTwoRegions)(azure);
    },
    refused: { status: 400 },
    names: ['North Europe', 'Standard_ZRS'],
  },
  {
    id: 'ACG-11',
    given: (azure) => azure.conditions({ regions: [{ location: 'northeurope', replicas: false }] }),
    request: putNew(copy(regions('westeurope', 'northeurope'))),
    refused: { operation: 'Failed' },
    names: ['North Europe'],
  },
  {
    id: 'ACG-12',
    given: madeIn(regions('westeurope', 'northeurope')),
    // The second writer read before the first one's region was there.
    request: change(regions('westeurope', 'uksouth'), { safetyProfile: { allowDeletionOfReplicatedLocations: true } }),
    refused: {
      silent: async (azure) => {
        azure.later(60);
        const { body } = await azure.send('GET', version);
        const { targetRegions } = (body as { properties: { publishingProfile: { targetRegions: { name: string }[] } } })
          .properties.publishingProfile;
        expect(targetRegions.map(({ name }) => name)).toEqual(['West Europe', 'UK South']);
      },
    },
  },
  {
    id: 'ACG-14',
    given: async (azure) => {
      await madeIn({})(azure);
      await azure.send('DELETE', version);
    },
    request: change({ replicaCount: 2 }),
    fine: async (azure) => {
      await madeIn({})(azure);
      return change({ replicaCount: 2 })(azure);
    },
    refused: { status: 409 },
  },
  {
    id: 'ACG-13',
    given: (azure) =>
      azure.done('PUT', version, {
        ...copy({ endOfLifeDate: '2027-06-01T00:00:00Z' }, { safetyProfile: { blockDeletionBeforeEndOfLife: true } }),
      }),
    request: (azure) => azure.send('DELETE', version),
    refused: { status: 409 },
    names: [version],
  },
  {
    id: 'ACG-15',
    request: putNew(copy(regions('northeurope'))),
    fine: putNew(copy(regions('northeurope', 'westeurope'))),
    refused: { status: 400 },
    names: ['westeurope'],
  },
  {
    id: 'ACG-16',
    request: putNew({
      location: 'westeurope',
      properties: { storageProfile: { source: { id: `${ubuntu}/versions/0.0.1` } } },
    }),
    fine: putNew(copy()),
    refused: { status: 404 },
    names: [`${ubuntu}/versions/0.0.1`],
  },
  {
    id: 'ACG-17',
    given: (azure) => azure.done('PUT', version, copy()),
    request: putNew({ location: 'westeurope', properties: { storageProfile: { source: { id: oldest } } } }),
    refused: {
      status: 409,
      code: 'PropertyChangeNotAllowed',
      target: 'galleryImageVersion.properties.storageProfile.source.id',
    },
  },
  {
    id: 'ACG-18',
    request: (azure) => azure.send('PATCH', ubuntu, { properties: { hyperVGeneration: 'V1' } }),
    fine: (azure) => azure.send('PATCH', ubuntu, { properties: { description: 'new' } }),
    refused: { status: 409 },
    names: ['hyperVGeneration'],
  },
  {
    id: 'ACG-19',
    request: (azure) => azure.send('PUT', own, definition({ sku: 'ubuntu-22' })),
    fine: (azure) => azure.send('PUT', own, definition()),
    refused: { status: 409 },
    names: ['ubuntu-22', 'contoso'],
  },
  {
    id: 'ACG-25',
    request: (azure) =>
      azure.send('PUT', `${buildGroup}/providers/Microsoft.Compute/galleries/gold`, { location: 'westeurope' }),
    fine: (azure) =>
      azure.send('PUT', `${buildGroup}/providers/Microsoft.Compute/galleries/silver`, { location: 'westeurope' }),
    refused: { status: 409 },
    names: ['gold', subscription.split('/').at(-1) ?? ''],
  },
  {
    id: 'ACG-28',
    request: putNew(copy(encrypted('westeurope'))),
    fine: putNew(copy(encrypted('westeurope', 'northeurope'))),
    refused: { status: 400 },
    names: ['North Europe', 'West Europe'],
  },
  {
    id: 'ACG-27',
    request: (azure) => azure.send('PUT', `${gallery}/images/nowhere/versions/1.0.0`, copy()),
    fine: putNew(copy()),
    refused: { status: 404, code: 'ParentResourceNotFound' },
    names: [`${gallery}/images/nowhere`],
  },
  {
    id: 'ACG-29',
    given: async (azure) => {
      await azure.done('PATCH', gallery, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
      await azure.done('PUT', version, copy());
    },
    request: (azure) => azure.send('DELETE', version),
    refused: {
      silent: async (azure) => {
        azure.later(10);
        const kept = await azure.send('GET', `${gallery}/softDeletedArtifactTypes/Images/artifacts/ubuntu-22/versions`);
        expect(kept.body).toMatchObject({ value: [{ name: '2.0.0' }] });
        expect((await azure.send('GET', version)).status).toBe(404);
      },
    },
  },
  {
    id: 'ACG-30',
    request: (azure) => restoreAfter(azure, 8),
    fine: (azure) => restoreAfter(azure, 6),
    refused: { status: 404 },
    names: [version],
  },
  {
    id: 'ACG-32',
    request: (azure) => azure.send('DELETE', oldest),
    refused: {
      silent: async (azure) => {
        azure.later(10);
        const pinned = `${subscription.replace(/1001$/, '1004')}/resourceGroups/rg-data/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-data-workers`;
        const set = await azure.send('GET', pinned);
        expect(JSON.stringify(set.body)).toContain(oldest);
        const later = await azure.send('PUT', source, machine({ image: { id: oldest } }));
        expect({ status: later.status, ...errorOf(later) }).toMatchObject({
          status: 404,
          code: 'GalleryImageNotFound',
        });
      },
    },
  },
  {
    id: 'ACG-31',
    request: async (azure) => {
      await azure.done('PUT', `${galleryGroup}/providers/Microsoft.Compute/galleries/shared`, {
        location: 'westeurope',
        properties: { sharingProfile: { permissions: 'Groups' } },
      });
      return azure.send('POST', `${galleryGroup}/providers/Microsoft.Compute/galleries/shared/share`, {
        operationType: 'Add',
        groups: [{ type: 'Subscriptions', ids: ['00000000-0000-4000-8000-00000000dead'] }],
      });
    },
    refused: { silent: async (_, answer) => expect(answer.status).toBeLessThan(300) },
  },
];

async function restoreAfter(azure: Azure, days: number): Promise<SandboxResponse> {
  await azure.done('PATCH', gallery, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
  await azure.done('PUT', version, copy());
  await azure.done('DELETE', version);
  azure.later(days * 24 * 60);
  return azure.send('PUT', version, { location: 'westeurope', properties: { restore: true } });
}
