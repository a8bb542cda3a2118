import { list, object, type Resource, text } from './resource';

/** What a definition says about one of its features, such as `SecurityType`. */
export function featureOf(definition: Resource, name: string): string | undefined {
  const feature = list(definition.properties['features'])
    .map(object)
    .find((f) => f['name'] === name);
  return text(feature?.['value']);
}
