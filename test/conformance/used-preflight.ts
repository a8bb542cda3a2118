import type { Used } from './used';

/** What goldbot asks of Azure before a build. */
export const usedByPreflight: readonly Used[] = [
  {
    provider: 'Microsoft.Compute',
    operation: 'Usage_List',
    by: 'coreUsages',
    call: (azure, { place }) => azure.coreUsages(place.subscription, place.location),
  },
  {
    provider: 'Microsoft.Compute',
    operation: 'ResourceSkus_List',
    by: 'machineSizes',
    call: (azure, { place }) => azure.machineSizes(place.subscription, place.location, ['Standard_D2s_v5']),
  },
];
