import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { type AzureOptions, addAzureFace } from '../../sandbox/azure';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { fakeCredential, sandboxHttpClient } from './client';

export const start = Date.UTC(2026, 10, 23, 9);

export function open(options: AzureOptions = { resourceGraph: { queries: 1_000 } }) {
  const world = new World({ startMs: start, speed: 0 });
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox, options);
  const client = new ResourceGraphClient(fakeCredential, { httpClient: sandboxHttpClient(sandbox) });
  const rows = async (query: string, subscriptions?: string[]) =>
    (await client.resources({ query, ...(subscriptions && { subscriptions }) })).data as Record<string, never>[];
  const of = (type: string) =>
    Object.values(compute(world).resources).filter((r) => r.type === `Microsoft.Compute/${type}`);
  return { world, sandbox, client, rows, of };
}

type Reference = { id?: string; exactVersion?: string; publisher?: string };
export const reference = (vm: Resource) =>
  (vm.properties['storageProfile'] as { imageReference: Reference }).imageReference;

export const fleetQuery = `resources
| where type =~ 'microsoft.compute/virtualmachines'
| extend ref = properties.storageProfile.imageReference
| extend refId = tolower(coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId), tostring(ref.communityGalleryImageId)))
| extend imageVersion = iff(refId contains '/versions/', tostring(split(refId, '/versions/')[1]), tostring(ref.exactVersion))
| extend imageDefinition = tostring(split(refId, '/versions/')[0])
| project id, name, subscriptionId, resourceGroup, location, team = tostring(tags['team']), imageDefinition, imageVersion, publisher = tostring(ref.publisher), powerState = tostring(properties.extended.instanceView.powerState.code), timeCreated = todatetime(properties.timeCreated)
| order by id asc`;
