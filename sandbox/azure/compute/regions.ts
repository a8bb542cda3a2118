/** Regions of this Azure: ARM's name to the display name that galleries echo. */
const displayNames: Readonly<Record<string, string>> = {
  westeurope: 'West Europe',
  northeurope: 'North Europe',
  eastus: 'East US',
  eastus2: 'East US 2',
  westus: 'West US',
  westus2: 'West US 2',
  westus3: 'West US 3',
  centralus: 'Central US',
  uksouth: 'UK South',
  ukwest: 'UK West',
  francecentral: 'France Central',
  germanywestcentral: 'Germany West Central',
  switzerlandnorth: 'Switzerland North',
  swedencentral: 'Sweden Central',
  norwayeast: 'Norway East',
  southeastasia: 'Southeast Asia',
  eastasia: 'East Asia',
  japaneast: 'Japan East',
  australiaeast: 'Australia East',
  canadacentral: 'Canada Central',
  brazilsouth: 'Brazil South',
  southindia: 'South India',
};

/** `West Europe` and `westeurope` are one region to ARM. */
export const regionName = (region: string): string => region.toLowerCase().replaceAll(' ', '');

/** How a gallery writes the region: `West Europe`. Undefined when there is no such region. */
export const regionDisplayName = (region: string): string | undefined => displayNames[regionName(region)];

export const knownRegions = (): string[] => Object.keys(displayNames);
