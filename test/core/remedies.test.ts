import { z } from 'zod';
import { azureSchema, imageSchema } from '../../core/catalogue/schemas';
import { remedies, remedyFor } from '../../core/images/remedies';

describe('the remedy of a refusal in a log', () => {
  it('is a role when Azure names the missing action, not access to a download', () => {
    const said =
      "LinkedAuthorizationFailed: The client 'c' with object id 'o' does not have permission to perform action(s) 'A/b/write'";
    expect(remedyFor(said)).toMatch(/^An identity lacks a role/);
    expect(remedyFor('curl: (22) The requested URL returned error: 403 Forbidden')).toMatch(
      /^The download was refused/,
    );
  });

  it.each([
    ["The Azure Container Instances provider isn't registered for your subscription.", /Microsoft\.ContainerInstance`/],
    [
      "The subscription is not registered to use namespace 'Microsoft.Storage'.",
      /the namespace that the message names/,
    ],
    ['This system is not yet registered with Red Hat.', /^The system has no subscription for its packages/],
    ['Failed in distributing 1 images out of total 1: {… context deadline exceeded}', /copying it into the gallery/],
    ['Failed in distributing 1 images out of total 1: {… SkuNotAvailable}', /^The subscription has no room/],
    ['Failed in building/customizing image: context deadline exceeded', /^The build ran out of time/],
  ])('of “%s” is its own', (said, remedy) => {
    expect(remedyFor(said)).toMatch(remedy);
  });

  it('names only what the catalogue can set', () => {
    const keys = new Set(
      [azureSchema, imageSchema].flatMap((schema) =>
        keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })),
      ),
    );
    const named = remedies.flatMap(([, text]) =>
      [...text.matchAll(/`([a-z][A-Za-z]+(?:\.[A-Za-z]+)*)`/g)].map(([, key]) => key),
    );
    const settings = named.filter((key) => key !== 'sudo');
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((key) => key === undefined || !keys.has(key))).toEqual([]);
  });
});

type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[]; oneOf?: Schema[] };

/** `build`, `build.network`; the keys of list items by themselves: `validExitCodes`. */
function keysOf(schema: unknown, path = ''): string[] {
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema as Schema;
  const own = Object.entries(properties).flatMap(([name, inner]) => [
    `${path}${name}`,
    ...keysOf(inner, `${path}${name}.`),
  ]);
  return [...own, ...(items ? keysOf(items) : []), ...[...anyOf, ...oneOf].flatMap((s) => keysOf(s, path))];
}
