import { committed, parameterSets } from '../../tools/bicep/project';
import { judged } from '../conformance/shared';
import { againstTypes } from './bicep-types';

const sets = parameterSets().map((set) => [`${set.layer} with ${set.name}`, committed(set)] as const);

/** Types that nobody has put beside the checkout; the compiler alone judges these. */
const unknownHere = [
  'Microsoft.Insights/actionGroups',
  'Microsoft.Insights/activityLogAlerts',
  'Microsoft.Insights/diagnosticSettings',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/workbooks',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Storage/storageAccounts',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/blobServices/containers',
];

judged("what the templates make, by Azure's resource types", () => {
  it.each(sets)('%s', (_name, { predictedResources }) => {
    const problems = predictedResources.flatMap((resource) =>
      (againstTypes(resource) ?? []).map((problem) => `${resource.id}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  const vault = {
    type: 'Microsoft.KeyVault/vaults',
    apiVersion: '2024-11-01',
    id: '/v',
    name: 'kv-gold-1',
    location: 'westeurope',
    properties: { tenantId: "[reference('/x').tenantId]", sku: { family: 'A', name: 'standard' } },
  };
  const { properties } = vault;
  const channel = {
    ...vault,
    type: 'Microsoft.BotService/botServices/channels',
    apiVersion: '2022-09-15',
    name: 'bot/MsTeamsChannel',
  };

  it.each([
    ['nothing, where all is well', {}, []],
    [
      'an unknown property',
      { properties: { ...properties, purgeProtection: true } },
      ['properties.purgeProtection is unknown'],
    ],
    ['a property that is missing', { properties: { sku: properties.sku } }, ['properties.tenantId is missing']],
    [
      'a word that is none of those there are',
      { properties: { ...properties, sku: { family: 'A', name: 'gold' } } },
      ['properties.sku.name is “gold”, which is none of standard, premium'],
    ],
    [
      'what Azure alone sets',
      { properties: { ...properties, hsmPoolResourceId: 'x' } },
      ["properties.hsmPoolResourceId is Azure's to set"],
    ],
    [
      'a text for a number',
      { properties: { ...properties, softDeleteRetentionInDays: '90' } },
      ['properties.softDeleteRetentionInDays is not a number'],
    ],
    [
      'a name that is too short',
      { ...channel, type: 'Microsoft.BotService/botServices', name: 'b' },
      expect.arrayContaining(['name has 1 characters']),
    ],
    [
      'a channel that is none',
      { ...channel, properties: { channelName: 'Teams' } },
      [expect.stringMatching(/^properties\.channelName is none of .*MsTeamsChannel/)],
    ],
  ])('tells %s', (_what, change, told) => {
    expect(againstTypes({ ...vault, ...change })).toEqual(told);
  });

  it('leaves no type out but those that are named', () => {
    const all = sets.flatMap(([, { predictedResources }]) => predictedResources);
    const left = all.filter((resource) => againstTypes(resource) === undefined).map(({ type }) => type);
    expect([...new Set(left)].sort()).toEqual(unknownHere);
  });
});
