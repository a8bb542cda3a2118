import type { ImageRef } from '../../core/azure';
import { definitionId, resourceId } from '../../core/azure-id';
import { type FoundConsumer, unseenTypes } from '../../core/lifecycle';
import { type GraphRow, kqlString, kqlStrings, numberIn, type Query, tagValue, textIn } from './kql';
import { sourceNames } from './machine-queries';

const template = 'microsoft.virtualmachineimages/imagetemplates';
const version = 'microsoft.compute/galleries/images/versions';
const gallery = 'microsoft.compute/galleries' satisfies (typeof unseenTypes)[number];
const disk = 'microsoft.compute/disks';

/** Whether Resource Graph has a type is not documented for all: one that it does not have finds nothing. */
const others = [
  'microsoft.compute/images',
  'microsoft.batch/batchaccounts/pools',
  'microsoft.devcenter/devcenters/galleries',
  'microsoft.desktopvirtualization/hostpools',
  'microsoft.devopsinfrastructure/pools',
  'microsoft.devtestlab/labs/sharedgalleries',
] as const;

export const consumerQueries = {
  /**
   * What refers to one of these image definitions or a version of it: by the text of that part of its properties which says what it is
   * made from. Versions that Image Builder or goldbot built say it in a tag alone. Disks of machines are left out: the
   * machines count. What may use it where none of this says so is named too, and the image's own gallery while it is
   * shared with others than its own tenant's roles let in.
   */
  imageConsumers: (homes: readonly ImageRef[], tags: readonly string[]): Query<FoundConsumer> => {
    const pattern = kqlString(referencePattern(homes));
    return {
      name: 'imageConsumers',
      kql: [
        'resources',
        `| where type in~ (${kqlStrings([template, version, disk, ...others, ...unseenTypes])})`,
        `| where type !~ ${kqlString(disk)} or isempty(managedBy)`,
        `| extend madeOf = case(type =~ ${kqlString(template)}, tostring(properties.source), type =~ ${kqlString(version)}, strcat(tostring(properties.storageProfile), ' ', ${tagValue('goldbot-source')}, ' ', ${tagValue('VMImageBuilderSource')}), type =~ ${kqlString(disk)}, tostring(properties.creationData), tostring(properties))`,
        `| extend ref = tolower(extract(${pattern}, 0, madeOf)), number = tolower(extract(${pattern}, 1, madeOf))`,
        `| where isnotempty(ref) or (type in~ (${kqlStrings(unseenTypes)}) and (type !~ ${kqlString(gallery)} or (id in~ (${kqlStrings(homes.map(galleryOf))}) and tostring(properties.sharingProfile.permissions) in~ ('Groups', 'Community'))))`,
        ...tags.map((tag, n) => `| extend tag${n}_ = ${tagValue(tag)}`),
        `| project id, name, type = tolower(type), subscriptionId, resourceGroup, location, ${[...tags.map((_, n) => `tag${n}_`), 'shallow = tostring(properties.publishingProfile.replicationMode)', 'unseen = iff(isempty(ref), 1, 0)'].join(', ')}, ref, number`,
        '| order by id asc',
      ].join('\n'),
      read: (row) => ({
        kind: kindOf(row),
        id: textIn(row, 'id'),
        name: textIn(row, 'name'),
        type: textIn(row, 'type'),
        subscription: textIn(row, 'subscriptionId').toLowerCase(),
        resourceGroup: textIn(row, 'resourceGroup').toLowerCase(),
        location: textIn(row, 'location'),
        tags: Object.fromEntries(tags.flatMap((tag, n) => (row[`tag${n}_`] ? [[tag, String(row[`tag${n}_`])]] : []))),
        source: textIn(row, 'ref').replace(/(?:\/versions\/.*)?[^0-9a-z]?$/, ''),
        version: textIn(row, 'number') === 'latest' ? '' : textIn(row, 'number'),
      }),
    };
  },
} as const;

function kindOf(row: GraphRow): FoundConsumer['kind'] {
  if (numberIn(row, 'unseen') === 1) return 'unseen';
  switch (textIn(row, 'type')) {
    case template:
      return 'template';
    case disk:
      return 'disk';
    case version:
      return /^shallow$/i.test(textIn(row, 'shallow')) ? 'shallow copy' : 'descendant';
    default:
      return 'other';
  }
}

const galleryOf = (image: ImageRef): string => resourceId(image, 'Microsoft.Compute/galleries', image.gallery);

/** The id of the definition, by either of its names, and behind it the number of a version; not of one with a longer name. */
function referencePattern(homes: readonly ImageRef[]): string {
  const names = homes.flatMap((home) => sourceNames(definitionId(home))).map(literal);
  return `(?i)(?:${[...new Set(names)].join('|')})(?:/versions/([0-9a-z.]+))?(?:[^0-9a-z._/-]|$)`;
}

/** A text that an expression takes as it stands. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
