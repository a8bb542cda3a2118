import { committed, parameterSets } from '../../tools/bicep-project';
import { judged } from '../conformance/shared';
import { againstTypes } from './bicep-types';

const sets = parameterSets().map((set) => [`${set.layer} with ${set.name}`, committed(set)] as const);

/** Types that nobody has put beside the checkout; the compiler alone judges these. */
const unknownHere = [
  'Microsoft.Insights/actionGroups',
  'Microsoft.Insights/activityLogAlerts',
  'Microsoft.Insights/diagnosticSettings',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
];

judged("what the templates make, by Azure's resource types", () => {
  it.each(sets)('%s', (_name, { predictedResources }) => {
    const problems = predictedResources.flatMap((resource) =>
      (againstTypes(resource) ?? []).map((problem) => `${resource.id}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  it('leaves no type out but those that are named', () => {
    const all = sets.flatMap(([, { predictedResources }]) => predictedResources);
    const left = all.filter((resource) => againstTypes(resource) === undefined).map(({ type }) => type);
    expect([...new Set(left)].sort()).toEqual(unknownHere);
  });
});
