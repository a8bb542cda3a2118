import { type GraphRow, kqlString, kqlStrings, type Query, textIn } from './kql';

const definition = 'microsoft.compute/galleries/images';
const managed = 'microsoft.compute/images';

/** A resource as Compute lists it, its properties beside its name, as the SDK has them. */
export interface SourceRow {
  /** In lower case. */
  readonly id: string;
  readonly isDefinition: boolean;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

export const sourceQueries = {
  /** Image definitions and managed images by their ids; at least one. */
  imageSources: (ids: readonly string[]): Query<SourceRow> => ({
    name: 'imageSources',
    kql: [
      'resources',
      `| where type in~ (${kqlStrings([definition, managed])})`,
      `| where tolower(id) in (${kqlStrings(ids.map((id) => id.toLowerCase()))})`,
      `| project id, name, isDefinition = type =~ ${kqlString(definition)}, location, tags, properties`,
      '| order by id asc',
    ].join('\n'),
    read: (row) => ({
      id: textIn(row, 'id').toLowerCase(),
      isDefinition: row['isDefinition'] === true,
      name: textIn(row, 'name'),
      location: textIn(row, 'location'),
      tags: (row['tags'] ?? {}) as SourceRow['tags'],
      properties: propertiesIn(row),
    }),
  }),
} as const;

function propertiesIn({ properties }: GraphRow): SourceRow['properties'] {
  if (typeof properties !== 'object' || properties === null) throw new Error('Resource Graph: no properties');
  return properties as SourceRow['properties'];
}
