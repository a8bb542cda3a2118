import type { Recorded } from './tape';

type Json = Record<string, unknown>;

export function isMachine({ request: { method, url } }: Recorded): boolean {
  return method === 'GET' && /\/virtualMachines\/[^/?]+(\?|$)/i.test(url);
}

/** A body to PUT that makes the machine which a GET showed: without what Azure alone writes. */
export function recordedMachine(shown: unknown): Json {
  const { location, tags, properties } = shown as { location: string; tags?: Json; properties: Json };
  const { provisioningState: _, vmId: __, instanceView: ___, timeCreated: ____, ...kept } = properties;
  const storage = kept['storageProfile'] as Json;
  const { exactVersion: _____, ...imageReference } = storage['imageReference'] as Json;
  const { secrets: ______, requireGuestProvisionSignal: _______, ...osProfile } = kept['osProfile'] as Json;
  return { location, tags, properties: { ...kept, osProfile, storageProfile: { ...storage, imageReference } } };
}
