import type { SandboxResponse } from '../../../sandbox/kernel/types';
import type { Azure } from './azure';
import { gallery, galleryGroup, newest, ubuntu } from './names';
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

/** Azure Compute Gallery. */
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
