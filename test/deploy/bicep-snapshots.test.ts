import { committed, parameterSets } from '../../tools/bicep-project';
import { judged } from '../conformance/shared';
import { againstTypes } from './bicep-types';

const sets = parameterSets().map((set) => [`${set.layer} with ${set.name}`, committed(set)] as const);

judged("what the templates make, by Azure's resource types", () => {
  it.each(sets)('%s', (_name, { predictedResources }) => {
    const problems = predictedResources.flatMap((resource) =>
      (againstTypes(resource) ?? []).map((problem) => `${resource.id}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });
});
