import type { GalleryDisk, GalleryRef, GalleryVersion, ImageRef, MachineFacts, Region } from '../../core/azure';
import { definitionId, nameOfId, resourceGroupId, resourceId } from '../../core/azure-id';
import { sumOf } from '../../core/collections';
import {
  type Machine,
  type MachineCount,
  type MachineFilter,
  type MachineScope,
  type MachineType,
  mostTogether,
  type Place,
  type PlacedMachine,
  type ScaleSet,
  type ServiceModel,
  serviceModelTag,
  setModes,
  takesReimage,
} from '../../core/compliance';
import { copiesIn } from '../azure';
import { type GraphRow, kqlString, kqlStrings, listIn, numberIn, type Query, tagValue, textIn, timeIn } from './kql';

/** Where Resource Graph keeps machines: instances of uniform scale sets are kept apart from VMs and Arc machines. */
export const machineTables = {
  resources: [
    'resources',
    "| where type in~ ('microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines')",
  ],
  computeresources: ['computeresources', "| where type =~ 'microsoft.compute/virtualmachinescalesets/virtualmachines'"],
} as const;
export type MachineTable = keyof typeof machineTables;

/**
 * Columns that say what an image reference names: `source`, the definition or `publisher:offer:sku` in lower case,
 * `written`, the same as Azure spells it, and `named`, the version; empty when it names none or the latest, in whatever
 * case.
 */
const referred = (profile: 'storageProfile' | 'virtualMachineProfile.storageProfile'): readonly string[] => [
  `| extend ref = properties.${profile}.imageReference`,
  '| extend refText = coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId), tostring(ref.communityGalleryImageId))',
  '| extend refId = tolower(refText)',
  "| extend market = strcat(tostring(ref.publisher), ':', tostring(ref.offer), ':', tostring(ref.sku))",
  "| extend source = case(isnotempty(refId), tostring(split(refId, '/versions/')[0]), market == '::', '', tolower(market))",
  '| extend written = substring(iff(isnotempty(refId), refText, market), 0, strlen(source))',
  "| extend named = iff(isnotempty(refId), tostring(split(refId, '/versions/')[1]), tostring(ref.version))",
  "| extend named = iff(named =~ 'latest', '', named)",
];

/** KQL: whether a machine belongs to a scale set, uniform or flexible. */
const inSet = "machineType == 'instance' or isnotempty(properties.virtualMachineScaleSet.id)";

/** Columns that say what a machine is, as `MachineCount` needs it. */
const described = [
  ...referred('storageProfile'),
  '| extend version = coalesce(named, tostring(ref.exactVersion))',
  "| extend machineType = case(type =~ 'microsoft.compute/virtualmachines', 'vm', type =~ 'microsoft.hybridcompute/machines', 'arc', 'instance')",
  `| extend said = tolower(${tagValue(serviceModelTag)})`,
  // Who belongs to a scale set is cattle, unless its owner says otherwise.
  `| extend model = case(said in ('pet', 'cattle'), said, ${inSet}, 'cattle', said)`,
  "| extend behind = tostring(properties.latestModelApplied) =~ 'false'",
];

/** A hook before an upgrade, or one before each of its batches, says when it goes on; a deferral does not. */
function asksIn(row: GraphRow): Pick<ScaleSet, 'asks'> {
  const hooks = listIn(row, 'hooks') as readonly { readonly type?: string }[];
  if (hooks.some(({ type }) => type?.startsWith('UpgradeAutoOS'))) return { asks: 'hook' };
  return row['deferral'] === true ? { asks: 'deferral' } : {};
}

/** What runs of a definition; a version may be there more than once. */
export interface RunningVersions {
  /** In lower case. */
  readonly definition: string;
  readonly versions: readonly (readonly [version: string, machines: number])[];
  /** Machines that were counted but are missing from the list, whose length Azure limits. */
  readonly unlisted: number;
}

interface PublishedRow {
  readonly source: string;
  readonly version: string;
  readonly provisioningState: GalleryVersion['provisioningState'];
  readonly tags: Readonly<Record<string, string>>;
  readonly publishedAt?: Date;
  readonly endOfLife?: Date;
  readonly excludedFromLatest: boolean;
  readonly targets: readonly { readonly name?: string; readonly excludeFromLatest?: boolean }[];
  /** Where it is to have copies, and how many. */
  readonly copies: readonly Region[];
  readonly disks: readonly GalleryDisk[];
  /** What it was copied from as a whole; absent: Azure does not say, or from disks. */
  readonly origin?: string;
}

/** What copies of a version are counted by: where they are to be, and how large its disks are. */
function storedIn(row: GraphRow): Pick<PublishedRow, 'copies' | 'disks' | 'origin'> {
  const { replicas, storage, systemDisk, origin } = row;
  const profile = {
    ...(typeof replicas === 'number' && { replicaCount: replicas }),
    ...(typeof storage === 'string' && { storageAccountType: storage }),
  };
  const disks = [...(systemDisk ? [{ ...systemDisk, lun: null }] : []), ...listIn(row, 'dataDisks')];
  return {
    copies: (listIn(row, 'targets') as PublishedRow['targets']).map((target) => copiesIn(target, profile)),
    disks: (disks as readonly { readonly lun: number | null; readonly sizeInGB?: number }[]).map(
      ({ lun, sizeInGB: sizeGiB }) => ({ lun, ...(sizeGiB !== undefined && { sizeGiB }) }),
    ),
    ...(typeof origin === 'string' && origin !== '' && { origin }),
  };
}

export const machineQueries = {
  /**
   * All machines, counted. Packed into one row per resource group and set of tag values, because every 1,000 rows cost
   * a request. The join matches places, not machines: `union` is documented for `resources` with `resourcecontainers`
   * only, while a join may go to any one other table. With them, in rows of their own, the names of what lies in the
   * resource groups in which these tags differ, or that have nothing but scale sets.
   */
  machineCounts: (tags: readonly string[]): Query<PlaceCounts> => ({
    name: 'machineCounts',
    kql: [...countedIn(tags), `| order by ${inOrder(tags)}`].join('\n'),
    read: (row) => countsIn(row, tags),
  }),

  /** The same, of the resource groups in which something of the scope lies; its tag is one of `tags`. */
  machineCountsWithin: (tags: readonly string[], scope: MachineScope): Query<PlaceCounts> =>
    'tag' in scope
      ? {
          name: 'machineCountsWithin',
          kql: [...countedIn(tags), ...whereTagged(tags, scope.tag)].join('\n'),
          read: (row) =>
            together(
              (listIn(row, 'rows') as readonly unknown[][]).map((cells) => countsIn(unpacked(row, tags, cells), tags)),
            ),
        }
      : {
          name: 'machineCountsWithin',
          kql: [...countedIn(tags, [inScope(scope)]), `| order by ${inOrder(tags)}`].join('\n'),
          read: (row) => countsIn(row, tags),
        },

  /** Versions of image definitions; `targets` are the regions that they are to be in. */
  publishedVersions: (images: readonly ImageRef[]): Query<PublishedRow> => ({
    name: 'publishedVersions',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/galleries/images/versions'",
      "| extend source = tostring(split(tolower(id), '/versions/')[0])",
      `| where source in (${kqlStrings(images.map((image) => definitionId(image).toLowerCase()))})`,
      '| extend profile = properties.publishingProfile',
      '| project id, source, version = name, tags, provisioningState = tostring(properties.provisioningState), publishedAt = todatetime(profile.publishedDate), endOfLife = todatetime(profile.endOfLifeDate), excluded = tobool(profile.excludeFromLatest), targets = profile.targetRegions, replicas = profile.replicaCount, storage = profile.storageAccountType, systemDisk = properties.storageProfile.osDiskImage, dataDisks = properties.storageProfile.dataDiskImages, origin = tolower(tostring(properties.storageProfile.source.id))',
      '| order by id asc',
    ].join('\n'),
    read: (row) => {
      const [publishedAt, endOfLife] = [timeIn(row, 'publishedAt'), timeIn(row, 'endOfLife')];
      return {
        source: textIn(row, 'source'),
        version: textIn(row, 'version'),
        provisioningState: textIn(row, 'provisioningState') as GalleryVersion['provisioningState'],
        tags: (row['tags'] ?? {}) as Readonly<Record<string, string>>,
        ...(publishedAt && { publishedAt }),
        ...(endOfLife && { endOfLife }),
        excludedFromLatest: row['excluded'] === true,
        targets: listIn(row, 'targets') as PublishedRow['targets'],
        ...storedIn(row),
      };
    },
  }),

  /** Names of the management groups above each subscription, nearest first. */
  managementGroups: (): Query<readonly [subscription: string, groups: readonly string[]]> => ({
    name: 'managementGroups',
    kql: [
      'resourcecontainers',
      "| where type =~ 'microsoft.resources/subscriptions'",
      '| project id, subscriptionId, chain = properties.managementGroupAncestorsChain',
      '| order by id asc',
    ].join('\n'),
    read: (row) => [
      textIn(row, 'subscriptionId').toLowerCase(),
      (listIn(row, 'chain') as readonly { readonly name?: string }[]).flatMap(({ name }) => name ?? []),
    ],
  }),

  /** Machines that pass a filter, row by row; of both tables in one request, where the join matches nothing but adds. */
  machineList: (table: MachineTable | 'both', filter: MachineFilter): Query<Machine> => ({
    name: 'machineList',
    kql: [
      // A table is in the order of its ids whatever their case; what was joined is not.
      ...(table === 'both'
        ? [...ofBoth(filter), '| order by tolower(id) asc']
        : [...listed(table, filter), '| order by id asc']),
    ].join('\n'),
    read: machineIn,
  }),

  /**
   * Scale sets whose model refers to an image: a definition's id or `publisher:offer:sku`; all marketplace ones when
   * absent.
   */
  scaleSets: (sources?: string | readonly string[]): Query<ScaleSet> => ({
    name: 'scaleSets',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachinescalesets'",
      ...referred('virtualMachineProfile.storageProfile'),
      sources === undefined
        ? "| where isempty(refId) and market != '::'"
        : `| where source in (${kqlStrings(namesOfAll(sources))})`,
      // Those that name a version stay with it, whatever becomes the latest.
      '| extend upgrades = isempty(named) and tobool(properties.upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade)',
      '| extend mode = tostring(properties.upgradePolicy.mode), hooks = properties.lifecycleHooksProfile.lifecycleHooks',
      '| extend deferral = tobool(properties.upgradePolicy.automaticOSUpgradePolicy.osRollingUpgradeDeferral)',
      '| extend orchestration = tostring(properties.orchestrationMode)',
      '| extend ephemeral = tostring(properties.virtualMachineProfile.storageProfile.osDisk.diffDiskSettings.option)',
      '| project id, name, subscriptionId, resourceGroup, location, tags, source, named, upgrades, mode, hooks, deferral, orchestration, ephemeral',
      '| order by id asc',
    ].join('\n'),
    read: (row) => ({
      id: textIn(row, 'id'),
      name: textIn(row, 'name'),
      subscription: textIn(row, 'subscriptionId').toLowerCase(),
      resourceGroup: textIn(row, 'resourceGroup').toLowerCase(),
      location: textIn(row, 'location'),
      tags: (row['tags'] ?? {}) as Readonly<Record<string, string>>,
      source: textIn(row, 'source'),
      version: textIn(row, 'named'),
      selfUpgrading: row['upgrades'] === true,
      mode: setModes.find((mode) => mode === row['mode']) ?? 'Automatic',
      takesReimage: takesReimage(textIn(row, 'orchestration'), textIn(row, 'ephemeral')),
      ...asksIn(row),
    }),
  }),

  /** Ids of the virtual machines with a name, in every subscription that goldbot can see. */
  machinesNamed: (name: string): Query<string> => ({
    name: 'machinesNamed',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachines'",
      `| where name =~ ${kqlString(name)}`,
      '| project id',
      '| order by id asc',
    ].join('\n'),
    read: (row) => textIn(row, 'id'),
  }),

  /** An Arc machine as its agent describes it. */
  arcMachine: (id: string): Query<Omit<MachineFacts, 'imageReference'>> => ({
    name: 'arcMachine',
    kql: [
      'resources',
      "| where type =~ 'microsoft.hybridcompute/machines'",
      `| where id =~ ${kqlString(id)}`,
      '| project id, name, location, osType = tostring(properties.osType), osSku = tostring(properties.osSku), osVersion = tostring(properties.osVersion)',
      '| order by id asc',
    ].join('\n'),
    read: (row) => {
      const [osName, osVersion] = [textIn(row, 'osSku'), textIn(row, 'osVersion')];
      return {
        id: textIn(row, 'id'),
        name: textIn(row, 'name'),
        location: textIn(row, 'location'),
        os: /^windows$/i.test(textIn(row, 'osType')) ? 'Windows' : 'Linux',
        ...(osName !== '' && { osName }),
        ...(osVersion !== '' && { osVersion }),
      };
    },
  }),

  /** Machines of a gallery's images by version, a row for each definition: VMs and scale set instances. */
  machinesByVersion: (gallery: GalleryRef): Query<RunningVersions> => {
    const own = sourcesOf(gallery).map((begins) => `source startswith ${kqlString(begins)}`);
    const counted = (table: MachineTable) => [
      ...machineTables[table],
      ...described,
      `| where ${own.join(' or ')}`,
      '| summarize n = count() by source, version',
      '| summarize versions = make_list(pack_array(version, n)), machines = sum(n) by source',
    ];
    return {
      name: 'machinesByVersion',
      kql: [
        ...counted('resources'),
        '| join kind=fullouter (',
        ...counted('computeresources').map((line) => `    ${line}`),
        '  ) on source',
        '| extend source = coalesce(source, source1)',
        '| project source, versions, versions1, machines, machines1',
        '| order by source asc',
      ].join('\n'),
      read: runningIn,
    };
  },
} as const;

const listColumns = [
  ...[
    'id',
    'name',
    'machineType',
    'subscriptionId',
    'resourceGroup',
    'tags',
    'model',
    'location',
    'written',
    'version',
  ],
  ...['behind', 'setId', 'createdAt'],
];

function listed(table: MachineTable, filter: MachineFilter): string[] {
  return [
    ...machineTables[table],
    ...(filter.scope ? [inScope(filter.scope)] : []),
    ...(filter.places ? [`| where ${isInPlaces(filter.places)}`] : []),
    ...described,
    ...conditions(filter),
    "| extend setId = coalesce(tostring(properties.virtualMachineScaleSet.id), iff(machineType == 'instance', id, ''))",
    ...(filter.scaleSet === undefined ? [] : [ofScaleSet(filter.scaleSet)]),
    '| extend createdAt = todatetime(properties.timeCreated)',
    `| project ${listColumns.join(', ')}`,
  ];
}

function ofBoth(filter: MachineFilter): string[] {
  return [
    ...listed('resources', filter),
    '| join kind=fullouter (',
    ...listed('computeresources', filter).map((line) => `    ${line}`),
    '  ) on id',
    ...listColumns.map((column) => `| extend ${column} = coalesce(${column}, ${column}1)`),
    `| project ${listColumns.join(', ')}`,
  ];
}

const placeColumns = (tags: readonly string[]): readonly string[] => [
  ...['subscriptionId', 'resourceGroup'],
  ...tags.map((_, n) => `tag${n}_`),
];
const countColumns = ['images', 'images1', 'machines', 'machines1'];
const inOrder = (tags: readonly string[]): string =>
  [...placeColumns(tags).map((column) => `${column} asc`), 'id asc'].join(', ');

/** Machines of both tables by place, and what lies together in it. `where`: lines that every resource has to pass. */
function countedIn(tags: readonly string[], where: readonly string[] = []): string[] {
  const place = placeColumns(tags);
  return [
    ...packed('resources', { tags, place, where }),
    '| join kind=fullouter (',
    ...packed('computeresources', { tags, place, where }).map((line) => `    ${line}`),
    `  ) on ${place.join(', ')}`,
    ...place.map((column) => `| extend ${column} = coalesce(${column}, ${column}1)`),
    `| extend id = strcat(${place.join(", '/', ")})`,
    `| project id, ${[...place, ...countColumns].join(', ')}`,
    ...withMembers(tags, [...place, ...countColumns], where),
  ];
}

/**
 * A row for each resource group in which the tag has this value on something: its rows, packed. No join could tell, for
 * Azure allows three. That another tag has the value costs a group too many, and nothing else.
 */
function whereTagged(
  tags: readonly string[],
  { name, value }: { readonly name: string; readonly value: string },
): string[] {
  const column = `tag${tags.findIndex((tag) => tag.toLowerCase() === name.toLowerCase())}_`;
  const own = ['subscriptionId', 'resourceGroup'];
  // As the text of a list has it.
  const inJson = JSON.stringify(value).slice(1, -1);
  const cells = [...placeColumns(tags).slice(2), ...countColumns, 'members'].join(', ');
  return [
    `| summarize rows = make_list(pack_array(${cells})), mine = countif(${column} == ${kqlString(value)} or tostring(members) contains ${kqlString(inJson)}) by ${own.join(', ')}`,
    '| where mine > 0',
    `| project ${own.join(', ')}, rows`,
    `| order by ${own.map((one) => `${one} asc`).join(', ')}`,
  ];
}

/** A row as it was before it was packed. */
function unpacked(row: GraphRow, tags: readonly string[], cells: readonly unknown[]): GraphRow {
  const names = [...placeColumns(tags).slice(2), ...countColumns, 'members'];
  return { ...row, ...Object.fromEntries(names.map((name, n) => [name, cells[n]])) };
}

function together(all: readonly PlaceCounts[]): PlaceCounts {
  return {
    counts: all.flatMap(({ counts }) => counts),
    unlisted: sumOf(all, ({ unlisted }) => unlisted),
    members: all.flatMap(({ members }) => members),
  };
}

interface Packing {
  readonly tags: readonly string[];
  readonly place: readonly string[];
  readonly where: readonly string[];
}

/** One row for each place, with the counts of its machines nested by image, which keeps long ids from repeating. */
function packed(table: MachineTable, { tags, place, where }: Packing): string[] {
  const by = place.join(', ');
  return [
    ...machineTables[table],
    ...where,
    ...described,
    ...tags.map((tag, n) => `| extend tag${n}_ = ${tagValue(tag)}`),
    `| summarize n = count() by ${by}, written, version, machineType, location, model, behind`,
    `| summarize cells = make_list(pack_array(machineType, location, model, behind, n)), n = sum(n) by ${by}, written, version`,
    `| summarize images = make_list(pack_array(written, version, cells)), machines = sum(n) by ${by}`,
  ];
}

/**
 * A row for each resource group in which these tags differ, for only there can machines of several teams lie, and for
 * each that has nothing but scale sets, for none of them may have an instance that is counted. The join matches nothing
 * but adds; scale sets come too, since Azure Policy judges them instead of their instances.
 */
function withMembers(tags: readonly string[], columns: readonly string[], where: readonly string[]): string[] {
  const own = ['subscriptionId', 'resourceGroup'];
  const by = [...own, ...tags.map((_, n) => `tag${n}_`)].join(', ');
  return [
    '| join kind=fullouter (',
    ...[
      'resources',
      "| where type in~ ('microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines', 'microsoft.compute/virtualmachinescalesets')",
      ...where,
      ...tags.map((tag, n) => `| extend tag${n}_ = ${tagValue(tag)}`),
      `| summarize names = make_list(tolower(name)), n = count() by ${by}, what = tolower(type)`,
      `| summarize kinds = make_list(pack_array(what, names)), n = sum(n), machines = countif(what != 'microsoft.compute/virtualmachinescalesets') by ${by}`,
      `| summarize members = make_list(pack_array(${[...tags.map((_, n) => `tag${n}_`), 'kinds'].join(', ')})), n = sum(n), differing = count(), machines = sum(machines) by ${own.join(', ')}`,
      `| where (differing > 1 or machines == 0) and n <= ${mostTogether}`,
      "| project id = strcat(subscriptionId, '/', resourceGroup), subscriptionId, resourceGroup, members",
    ].map((line) => `    ${line}`),
    '  ) on id',
    ...['id', ...own].map((column) => `| extend ${column} = coalesce(${column}, ${column}1)`),
    `| project id, ${columns.join(', ')}, members`,
  ];
}

type Cell = readonly [type: MachineType, location: string, model: string, behind: boolean, n: number];
type Packed = readonly [written: string, version: string, cells: readonly Cell[]];

/** Machines of one place. */
interface PlaceCounts {
  readonly counts: readonly MachineCount[];
  /** Machines that were counted but are missing from the lists, whose length Azure limits. */
  readonly unlisted: number;
  /** What lies there, in the row of a place in which tags differ. */
  readonly members: readonly PlacedMachine[];
}

function countsIn(row: GraphRow, tags: readonly string[]): PlaceCounts {
  const here = {
    subscription: textIn(row, 'subscriptionId').toLowerCase(),
    resourceGroup: textIn(row, 'resourceGroup').toLowerCase(),
  };
  const members = membersIn(here, listIn(row, 'members'), tags);
  const place = {
    ...here,
    tags: tagsIn(
      tags.map((_, n) => row[`tag${n}_`] ?? ''),
      tags,
    ),
  };
  const images = [...listIn(row, 'images'), ...listIn(row, 'images1')] as readonly Packed[];
  const counts = images.flatMap(([written, version, cells]) =>
    cells.map(([type, location, model, behindModel, machines]) => ({
      ...{ ...place, type, location, ...sourceOf(written), version, behindModel, machines },
      ...modelOf(model),
    })),
  );
  const listed = counts.reduce((sum, { machines }) => sum + machines, 0);
  return { counts, unlisted: machinesIn(row) - listed, members };
}

function runningIn(row: GraphRow): RunningVersions {
  const versions = [...listIn(row, 'versions'), ...listIn(row, 'versions1')] as RunningVersions['versions'];
  const listed = versions.reduce((sum, [, machines]) => sum + machines, 0);
  return { definition: nameOfId(textIn(row, 'source')), versions, unlisted: machinesIn(row) - listed };
}

/** Of both tables that were joined: a place need not be in either. */
function machinesIn(row: GraphRow): number {
  return ['machines', 'machines1'].reduce((sum, column) => sum + (row[column] ? numberIn(row, column) : 0), 0);
}

type Kinds = readonly (readonly [type: string, names: readonly string[]])[];

function membersIn(place: Place, lists: readonly unknown[], tags: readonly string[]): readonly PlacedMachine[] {
  return (lists as readonly (readonly unknown[])[]).flatMap((alike) => {
    const own = tagsIn(alike.slice(0, tags.length), tags);
    const group = `${resourceGroupId(place)}/providers/`.toLowerCase();
    return (alike.at(-1) as Kinds).flatMap(([type, names]) =>
      names.map((name) => ({ id: `${group}${type}/${name}`, ...place, tags: own })),
    );
  });
}

/** Tags that are not there, or empty, are absent. */
function tagsIn(values: readonly unknown[], tags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.flatMap((tag, n) => (values[n] ? [[tag, String(values[n])] as const] : [])));
}

function sourceOf(written: string): Pick<MachineCount, 'source' | 'written'> {
  const source = written.toLowerCase();
  return source === written ? { source } : { source, written };
}

function modelOf(value: string): { readonly model?: ServiceModel } {
  return value === 'pet' || value === 'cattle' ? { model: value } : {};
}

function machineIn(row: GraphRow): Machine {
  const setId = /\/virtualmachinescalesets\/([^/]+)/i.exec(textIn(row, 'setId'));
  const createdAt = timeIn(row, 'createdAt');
  return {
    id: textIn(row, 'id'),
    name: textIn(row, 'name'),
    type: textIn(row, 'machineType') as MachineType,
    subscription: textIn(row, 'subscriptionId').toLowerCase(),
    resourceGroup: textIn(row, 'resourceGroup').toLowerCase(),
    tags: (row['tags'] ?? {}) as Readonly<Record<string, string>>,
    ...modelOf(textIn(row, 'model')),
    location: textIn(row, 'location'),
    ...sourceOf(textIn(row, 'written')),
    version: textIn(row, 'version'),
    behindModel: row['behind'] === true,
    ...(setId?.[1] && { scaleSet: setId[1] }),
    ...(createdAt && { createdAt }),
  };
}

/** Goes before the columns of `described`, so that most rows never get them. */
function inScope(scope: MachineScope): string {
  if ('tag' in scope) return `| where ${tagValue(scope.tag.name)} == ${kqlString(scope.tag.value)}`;
  if ('subscriptions' in scope) {
    return scope.subscriptions.length === 0
      ? '| where 1 == 0'
      : `| where subscriptionId in~ (${kqlStrings(scope.subscriptions)})`;
  }
  const { subscription, resourceGroup } = scope.resourceGroup;
  return `| where subscriptionId =~ ${kqlString(subscription)} and resourceGroup =~ ${kqlString(resourceGroup)}`;
}

function conditions({
  source,
  orPlaces,
  version,
  images,
  model,
  notGolden,
  type,
  inScaleSet,
  name,
  nameBegins,
  createdSince,
  ids,
}: MachineFilter): string[] {
  return [
    ...(source === undefined ? [] : [`| where ${ofSource(source, orPlaces)}`]),
    ...(version === undefined ? [] : [`| where version == ${kqlString(version)}`]),
    ...(images === undefined
      ? []
      : [`| where strcat(source, '@', version) in (${kqlStrings(images.map((i) => `${i.source}@${i.version}`))})`]),
    ...(model === 'undecided' ? ["| where model !in ('pet', 'cattle')"] : []),
    ...(model === 'pet' || model === 'cattle' ? [`| where model == ${kqlString(model)}`] : []),
    ...(notGolden ? [`| where not(${notGolden.galleries.map(inGallery).join(' or ')})`] : []),
    ...(type === undefined ? [] : [`| where machineType == ${kqlString(type)}`]),
    ...(inScaleSet ? [`| where ${inSet}`] : []),
    ...(name === undefined ? [] : [`| where name =~ ${kqlString(name)}`]),
    ...(nameBegins === undefined ? [] : [`| where name startswith ${kqlString(nameBegins)}`]),
    ...(createdSince ? [`| where todatetime(properties.timeCreated) >= datetime(${createdSince.toISOString()})`] : []),
    ...(ids === undefined ? [] : [`| where tolower(id) in (${kqlStrings(ids.map((id) => id.toLowerCase()))})`]),
  ];
}

const isInPlaces = (places: readonly Place[]): string =>
  `strcat(subscriptionId, '/', resourceGroup) in~ (${placeKeys(places)})`;

function ofSource(source: string | readonly string[], orPlaces: readonly Place[] = []): string {
  const own = `source in (${kqlStrings(namesOfAll(source))})`;
  return orPlaces.length === 0 ? own : `${own} or ${isInPlaces(orPlaces)}`;
}

/** Instances of uniform sets have the set in their own ids, others refer to it: the id may continue after the name. */
function ofScaleSet(name: string): string {
  return `| where strcat(tolower(setId), '/') contains ${kqlString(`/virtualmachinescalesets/${name.toLowerCase()}/`)}`;
}

/** By the gallery's id, or by its name wherever it is; through direct sharing machines name it by neither. */
function inGallery(gallery: string): string {
  const name = gallery.toLowerCase();
  const [, subscription, own = name] = /^\/subscriptions\/([^/]+)\/.*\/galleries\/([^/]+)$/.exec(name) ?? [];
  const id = subscription
    ? `source startswith ${kqlString(`${name}/images/`)}`
    : `source contains ${kqlString(`/galleries/${name}/images/`)}`;
  const shared = subscription
    ? `source startswith ${kqlString(`/sharedgalleries/${subscription}-${own}/images/`)}`
    : `(source startswith '/sharedgalleries/' and source contains ${kqlString(`-${name}/images/`)})`;
  return `${id} or ${shared}`;
}

/** A definition by its id, and as machines name it that got it through direct sharing; always two texts. */
export function sourceNames(source: string): readonly [string, string] {
  const name = source.toLowerCase();
  const parts = /^\/subscriptions\/([^/]+)\/.*\/galleries\/([^/]+)\/images\/([^/]+)$/.exec(name);
  return [name, parts ? `/sharedgalleries/${parts[1]}-${parts[2]}/images/${parts[3]}` : name];
}

/** How all definitions of a gallery begin, by either name. */
function sourcesOf({ subscription, gallery, ...place }: GalleryRef): readonly string[] {
  const id = resourceId({ subscription, ...place }, 'Microsoft.Compute/galleries', gallery);
  return [`${id}/images/`, `/sharedGalleries/${subscription}-${gallery}/images/`].map((begins) => begins.toLowerCase());
}

/** Of all of these. */
const namesOfAll = (sources: string | readonly string[]): readonly string[] => [sources].flat().flatMap(sourceNames);

/** By the ids of the machines: whether these rows have columns for subscription and group is not documented. */
export function inPlaces(places: readonly Place[]): string[] {
  if (places.length === 0) return ['| where 1 == 0'];
  return [
    "| extend place = strcat(tostring(split(machine, '/')[2]), '/', tostring(split(machine, '/')[4]))",
    `| where place in (${placeKeys(places)})`,
  ];
}

/** At least one, as literals. */
export const placeKeys = (places: readonly Place[]): string =>
  kqlStrings(places.map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase()));
