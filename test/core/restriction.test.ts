import { buildExclusions } from '../../core/compliance';

describe('where images may be built although a deny is in force', () => {
  const azure = { subscription: 'S1', buildResourceGroup: 'rg-image-builds' };

  it('is the group of the builds, and what Image Builder makes for that group: no other group whose name begins alike', () => {
    const excluded = {
      notScopes: ['/subscriptions/S1/resourceGroups/rg-image-builds'],
      buildGroups: ['IT_rg-image-builds_'],
    };
    expect(buildExclusions('/subscriptions/s1', azure)).toEqual(excluded);
    expect(buildExclusions('/providers/Microsoft.Management/managementGroups/all', azure)).toEqual(excluded);
  });

  it.each(['/subscriptions/S2', '/subscriptions/S1/resourceGroups/rg-web'])('is nowhere in %s', (scope) => {
    expect(buildExclusions(scope, azure)).toEqual({ notScopes: [], buildGroups: [] });
  });
});
