import { versionRef } from '../../sandbox/azure/estate/images';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { judged } from '../conformance/shared';
import { judgeSpec } from '../conformance/spec';
import { ask } from './client';
import { gallery, galleryUrl, open } from './gallery-world';
import { testVm, vmUrl } from './vm-world';

const host = 'https://management.azure.com';
const [galleries, computeRp] = ['?api-version=2023-07-03', '?api-version=2024-07-01'];
const location = 'westeurope';
const silver = galleryUrl.replace(`/${gallery}`, '/silver');
const silverUnique = `${platformSubscription}-SILVER`;
const definition = { osType: 'Linux', osState: 'Generalized', hyperVGeneration: 'V2' };
const identifier = { publisher: 'contoso', offer: 'copies', sku: 'one' };
const groups = [{ type: 'Subscriptions', ids: [teamSubscriptions[0]] }];
const inSubscription = `/subscriptions/${teamSubscriptions[0]}/providers/Microsoft.Compute/locations/${location}`;
const shared = `${inSubscription}/sharedGalleries/${silverUnique}`;
const image = vmUrl('x').replace('virtualMachines/x', 'images/captured');
const source = { id: versionRef('ubuntu-22', '1.5.0') };
const publishingProfile = {
  targetRegions: [
    { name: 'West Europe', regionalReplicaCount: 2 },
    { name: 'northeurope', excludeFromLatest: true },
  ],
  storageAccountType: 'Standard_ZRS',
  replicationMode: 'Full',
};
const community = {
  permissions: 'Community',
  communityGalleryInfo: {
    publisherUri: 'https://a.b',
    publisherContact: 'a@b.c',
    eula: 'https://a.b/e',
    publicNamePrefix: 'contoso',
  },
};
const osDisk = { caching: 'ReadWrite', createOption: 'FromImage' };
const { hardwareProfile, osProfile } = testVm();
const networkProfile = {
  networkInterfaces: [
    { id: vmUrl('x').replace('Microsoft.Compute/virtualMachines/x', 'Microsoft.Network/networkInterfaces/n') },
  ],
};
const vm = (imageReference: object) => ({
  location,
  properties: {
    hardwareProfile,
    osProfile,
    networkProfile,
    storageProfile: { imageReference, osDisk, dataDisks: [{ lun: 0, createOption: 'Empty', diskSizeGB: 8 }] },
  },
});

/** What goldbot never asks, but the sandbox answers: in the order in which one thing needs the other. */
const story: readonly (readonly [method: string, url: string, body?: object])[] = [
  ['PUT', `${silver}${galleries}`, { location, properties: { sharingProfile: { permissions: 'Groups' } } }],
  ['PUT', `${silver}/images/copy${galleries}`, { location, properties: { ...definition, identifier } }],
  [
    'PUT',
    `${silver}/images/copy/versions/1.0.0${galleries}`,
    { location, properties: { storageProfile: { source }, publishingProfile } },
  ],
  [
    'PATCH',
    `${silver}/images/copy/versions/1.0.0${galleries}`,
    { properties: { publishingProfile: { replicaCount: 3 }, storageProfile: {} } },
  ],
  ['GET', `${silver}/images/copy/versions/1.0.0${galleries}&$expand=ReplicationStatus`],
  ['POST', `${silver}/share${galleries}`, { operationType: 'Add', groups }],
  ['GET', `${silver}${galleries}&$select=Permissions`],
  ['GET', `${silver}${galleries}&$expand=SharingProfile/Groups`],
  ['GET', `${inSubscription}/sharedGalleries${galleries}`],
  ['GET', `${shared}${galleries}`],
  ['GET', `${shared}/images${galleries}`],
  ['GET', `${shared}/images/copy${galleries}`],
  ['GET', `${shared}/images/copy/versions${galleries}`],
  ['GET', `${shared}/images/copy/versions/1.0.0${galleries}`],
  [
    'PUT',
    `${vmUrl('by-share')}${computeRp}`,
    vm({ sharedGalleryImageId: `/SharedGalleries/${silverUnique}/Images/copy` }),
  ],
  ['POST', `${silver}/share${galleries}`, { operationType: 'Reset' }],
  ['PATCH', `${silver}${galleries}`, { properties: { sharingProfile: community } }],
  ['POST', `${silver}/share${galleries}`, { operationType: 'EnableCommunity' }],
  ['GET', `${silver}${galleries}`],
  ['PATCH', `${silver}${galleries}`, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } }],
  ['DELETE', `${silver}/images/copy/versions/1.0.0${galleries}`],
  ['DELETE', `${silver}${galleries}`],
  ['PUT', `${vmUrl('copy')}${computeRp}`, vm(source)],
  ['POST', `${vmUrl('copy')}/generalize${computeRp}`],
  ['POST', `${vmUrl('copy')}/deallocate${computeRp}`],
  ['POST', `${vmUrl('copy')}/generalize${computeRp}`],
  ['GET', `${vmUrl('copy')}${computeRp}&$expand=instanceView`],
  ['POST', `${vmUrl('copy')}/start${computeRp}`],
  [
    'PUT',
    `${image}${computeRp}`,
    { location, properties: { sourceVirtualMachine: { id: vmUrl('copy') }, hyperVGeneration: 'V2' } },
  ],
  ['GET', `${image}${computeRp}`],
  [
    'PUT',
    `${galleryUrl}/images/ubuntu-22/versions/3.0.0${galleries}`,
    { location, properties: { storageProfile: { source: { id: image } } } },
  ],
  ['GET', `${galleryUrl}/images/ubuntu-22/versions/3.0.0${galleries}`],
  ['PUT', `${vmUrl('by-image')}${computeRp}`, vm({ id: image })],
  ['PATCH', `${image}${computeRp}`, { tags: { a: '1' } }],
  ['DELETE', `${image}${computeRp}`],
];

judged('what the sandbox says of galleries, images and VMs', () => {
  it('is what the specifications say, in every answer of a long story', async () => {
    const { sandbox, world } = open();
    const wrong: string[] = [];
    const answered: number[] = [];
    for (const [method, url, body] of story) {
      const answer = await ask(sandbox, method, url, body);
      world.clock.advance(20);
      answered.push(answer.status);
      const judgement = await judgeSpec({
        method,
        url: `${host}${url}`,
        requestHeaders: {},
        requestBody: body === undefined ? undefined : JSON.parse(JSON.stringify(body)),
        status: answer.status,
        responseHeaders: answer.headers ?? {},
        responseBody: answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body)),
      } as never);
      wrong.push(...judgement.wrong.map((w) => `${method} ${url} ${answer.status}: ${w}`));
      if (!judgement.operation) wrong.push(`${method} ${url}: no specification has it`);
    }

    expect(wrong).toEqual([]);
    expect(answered.filter((status) => status >= 400)).toEqual([409, 409, 409]);
  });
});
