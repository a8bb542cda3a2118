import { checkpointEnvelope, checkpointName, checkpointPayload } from '../../core/provenance';
import { createSandbox } from '../../sandbox';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { galleryResourceGroup, location, platformSubscription } from '../../sandbox/azure/names';
import { sandboxCredential } from '../../services';
import { ask } from '../sandbox/client';
import { connect, failure } from './azure';

const group = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/contosoaudit`;
const containerId = `${account}/blobServices/default/containers/checkpoints`;
const container = 'https://contosoaudit.blob.core.windows.net/checkpoints';
const api = 'api-version=2023-05-01';
const bearer = { authorization: 'Bearer administrator' };

const envelopeOf = (entries: number, sig = 'c2ln') =>
  checkpointEnvelope(checkpointPayload({ entries, head: 'a'.repeat(64), at: '2026-12-01T00:00:00.000Z' }), {
    ...{ keyId: 'key', value: sig },
  });

/** A container with a policy of 3,650 days, to which goldbot may add. */
async function auditWorld({ granted = true } = {}) {
  const azure = connect(createSandbox({ speed: 0 }).sandbox, { credential: sandboxCredential });
  const put = (path: string, body: object) => ask(azure.sandbox, 'PUT', `${path}?${api}`, body, bearer);
  await put(account, { location, sku: { name: 'Standard_LRS' }, kind: 'StorageV2' });
  await put(containerId, {});
  await put(`${containerId}/immutabilityPolicies/default`, {
    properties: { immutabilityPeriodSinceCreationInDays: 3_650 },
  });
  if (granted) {
    const definition = `/subscriptions/${platformSubscription}/providers/Microsoft.Authorization/roleDefinitions/0b1ec700-0000-4b07-8000-00000000ca11`;
    const actions = ['read', 'add/action'].map(
      (one) => `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${one}`,
    );
    const role = { roleName: 'recorder', type: 'CustomRole', permissions: [{ actions: [], dataActions: actions }] };
    const made = await ask(
      azure.sandbox,
      'PUT',
      `${definition}?api-version=2022-04-01`,
      {
        properties: { ...role, assignableScopes: [`/subscriptions/${platformSubscription}`] },
      },
      bearer,
    );
    expect(made.status).toBeLessThan(300);
    const assignment = `${containerId}/providers/Microsoft.Authorization/roleAssignments/0b1ec700-0000-4b07-8000-00000000ca12`;
    const given = await ask(
      azure.sandbox,
      'PUT',
      `${assignment}?api-version=2022-04-01`,
      {
        properties: {
          roleDefinitionId: definition,
          principalId: goldbotIdentity.objectId,
          principalType: 'ServicePrincipal',
        },
      },
      bearer,
    );
    expect(given.status).toBeLessThan(300);
    azure.world.clock.advance(3_600_000);
  }
  return { ...azure, place: azure.outside(container) };
}

describe('checkpoints in a container that keeps them', () => {
  it('are kept once, read again and listed in order', async () => {
    const { place } = await auditWorld();
    for (const entries of [20, 10, 10]) {
      expect(await place.keep(checkpointName(entries), envelopeOf(entries))).toBe('kept');
    }
    expect(await place.names()).toEqual(['000000000010.json', '000000000020.json']);
    expect(JSON.parse((await place.read('000000000010.json')) ?? '')).toEqual(envelopeOf(10));
    expect(await place.read('000000000011.json')).toBeUndefined();
  });

  it('are never written over: another one under the same name is told', async () => {
    const { place, sandbox } = await auditWorld();
    await place.keep(checkpointName(10), envelopeOf(10));
    expect(await place.keep(checkpointName(10), envelopeOf(10, 'b3RoZXI='))).toBe('another');
    expect(JSON.parse((await place.read(checkpointName(10))) ?? '')).toEqual(envelopeOf(10));
    const headers = { ...bearer, 'x-ms-version': '2023-11-03', 'x-ms-blob-type': 'BlockBlob' };
    const url = `${container}/${checkpointName(10)}`;
    for (const method of ['PUT', 'DELETE']) {
      const answer = await ask(sandbox, method, url, method === 'PUT' ? {} : undefined, headers);
      expect([answer.status, answer.headers?.['x-ms-error-code']]).toEqual([409, 'BlobImmutableDueToPolicy']);
    }
    expect((await ask(sandbox, 'DELETE', `${containerId}?${api}`, undefined, bearer)).status).toBe(409);
  });

  it('are kept by nobody who may not add to it', async () => {
    const { place } = await auditWorld({ granted: false });
    const refused = await failure(place.keep(checkpointName(10), envelopeOf(10)));
    expect(refused).toMatchObject({
      code: 'AZ_FORBIDDEN',
      message: `The container ${container} does not let goldbot in (AuthorizationPermissionMismatch).`,
      hint: 'Give goldbot’s identity goldbot-recorder and goldbot-log-reader on the container (docs/roles.md), and let its account be reached from where goldbot runs.',
    });
  });
});
