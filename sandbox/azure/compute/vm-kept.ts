import type { JsonObject, Resource } from './resource';

/** What Compute shows of a machine as it was requested; the rest it fills in itself. */
const ofMachine = [
  'additionalCapabilities',
  'applicationProfile',
  'availabilitySet',
  'billingProfile',
  'capacityReservation',
  'diagnosticsProfile',
  'evictionPolicy',
  'extensionsTimeBudget',
  'host',
  'hostGroup',
  'licenseType',
  'platformFaultDomain',
  'priority',
  'proximityPlacementGroup',
  'scheduledEventsPolicy',
  'scheduledEventsProfile',
  'securityProfile',
  'userData',
  'virtualMachineScaleSet',
];
const ofDisk = ['detachOption', 'diffDiskSettings', 'encryptionSettings', 'sourceResource', 'writeAcceleratorEnabled'];
const ofManagedDisk = ['diskEncryptionSet', 'securityProfile'];

/** Of a machine's `properties`; what they refer to (sets, groups, reservations) is assumed to exist. */
export const keptOfMachine = (asked: JsonObject): JsonObject => picked(asked, ofMachine);

/** Of an OS or data disk, beside `managedDisk`. */
export const keptOfDisk = (asked: JsonObject): JsonObject => picked(asked, ofDisk);

export const keptOfManagedDisk = (asked: JsonObject): JsonObject => picked(asked, ofManagedDisk);

/** User data is shown only to callers that ask for it with `$expand=userData`. */
export function withoutUserData(vm: Resource): Resource {
  const { userData: _, ...properties } = vm.properties;
  return { ...vm, properties };
}

function picked(asked: JsonObject, names: readonly string[]): JsonObject {
  const found: JsonObject = {};
  for (const name of names) {
    const value = asked[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
