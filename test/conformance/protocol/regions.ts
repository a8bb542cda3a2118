/** Azure's public regions as it shows them, from its documentation; without spaces and in lower case they are `location`. */
const displayNames = [
  'Australia Central',
  'Australia Central 2',
  'Australia East',
  'Australia Southeast',
  'Austria East',
  'Belgium Central',
  'Brazil South',
  'Brazil Southeast',
  'Canada Central',
  'Canada East',
  'Central India',
  'Central US',
  'Chile Central',
  'Denmark East',
  'East Asia',
  'East US',
  'East US 2',
  'France Central',
  'France South',
  'Germany North',
  'Germany West Central',
  'Indonesia Central',
  'Israel Central',
  'Italy North',
  'Japan East',
  'Japan West',
  'Jio India Central',
  'Jio India West',
  'Korea Central',
  'Korea South',
  'Malaysia West',
  'Mexico Central',
  'New Zealand North',
  'North Central US',
  'North Europe',
  'Norway East',
  'Norway West',
  'Poland Central',
  'Qatar Central',
  'South Africa North',
  'South Africa West',
  'South Central US',
  'South India',
  'Southeast Asia',
  'Spain Central',
  'Sweden Central',
  'Sweden South',
  'Switzerland North',
  'Switzerland West',
  'UAE Central',
  'UAE North',
  'UK South',
  'UK West',
  'West Central US',
  'West Europe',
  'West India',
  'West US',
  'West US 2',
  'West US 3',
] as const;

const shown = new Set<string>(displayNames);
const normal = new Set<string>(displayNames.map(normalForm));

export const isDisplayName = (name: string): boolean => shown.has(name);
export const isLocation = (name: string): boolean => normal.has(name);
/** As a request may name a region: Azure takes both forms. */
export const isRegion = (name: string): boolean => normal.has(normalForm(name));

function normalForm(name: string): string {
  return name.replaceAll(' ', '').toLowerCase();
}
