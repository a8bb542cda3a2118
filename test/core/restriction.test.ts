import { buildExclusions } from '../../core/compliance';
import { exampleCatalogue } from '../support/catalogue';

describe('where images may be built although a deny is in force', () => {
  const example = exampleCatalogue();
  const azure = { ...example.azure, subscription: 'S1', buildResourceGroup: 'rg-image-builds' };
  const builds = { azure, images: example.images };

  it('is the group of the builds, and what Image Builder makes for that group: no other group whose name begins alike', () => {
    const excluded = {
      notScopes: ['/subscriptions/S1/resourceGroups/rg-image-builds'],
      buildGroups: ['IT_rg-image-builds_'],
    };
    expect(buildExclusions('/subscriptions/s1', builds)).toEqual(excluded);
    expect(buildExclusions('/providers/Microsoft.Management/managementGroups/all', builds)).toEqual(excluded);
  });

  it('is also each staging group of your own, by azure.yaml or by the file of an image, once', () => {
    const staging = (name: string) => `/subscriptions/S1/resourceGroups/${name}`;
    const [first, second] = example.images;
    if (!first || !second) throw new Error('two images');
    const own = { ...azure, build: { ...azure.build, stagingResourceGroup: staging('rg-staging') } };
    const named = { ...second, build: { stagingResourceGroup: staging('rg-staging-windows') } };
    const { notScopes } = buildExclusions('/subscriptions/S1', { azure: own, images: [first, first, named] });
    expect(notScopes).toEqual(['rg-image-builds', 'rg-staging', 'rg-staging-windows'].map(staging));
  });

  it.each(['/subscriptions/S2', '/subscriptions/S1/resourceGroups/rg-web'])('is nowhere in %s', (scope) => {
    expect(buildExclusions(scope, builds)).toEqual({ notScopes: [], buildGroups: [] });
  });
});
