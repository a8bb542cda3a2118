import type { MachineCount } from '../../../core/compliance';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { queries } from '../../../services/resource-graph';
import type { GraphRow, Query } from '../../../services/resource-graph/kql';
import { ubuntu } from '../../services/azure';
import { at, byId, grouped, is, isArc, isInstance, isVm, json, place, placeOf } from './resources';
import type { Sample } from './samples';

/** What a machine was made of, and how far it says so. */
function origin(machine: Resource): Pick<MachineCount, 'source' | 'written' | 'version'> {
  const of = (name: string) => at(machine, 'properties', 'storageProfile', 'imageReference', name);
  const id = of('id') || of('sharedGalleryImageId') || of('communityGalleryImageId');
  const [definition = '', number = ''] = id.split(/\/versions\//i);
  const market = of('publisher') ? `${of('publisher')}:${of('offer')}:${of('sku')}` : '';
  const named = id ? number : of('version');
  const version = named.toLowerCase() === 'latest' ? '' : named;
  const written = id ? definition : market;
  const source = written.toLowerCase();
  return { source, ...(source !== written && { written }), version: version || of('exactVersion') };
}

export const tagOf = ({ tags }: Resource, name: string): string =>
  Object.entries(tags ?? {}).find(([tag]) => tag.toLowerCase() === name.toLowerCase())?.[1] ?? '';

function traits(machine: Resource, ...tags: readonly string[]): Omit<MachineCount, 'machines'> {
  const said = tagOf(machine, 'service-model').toLowerCase();
  const member = isInstance(machine) || at(machine, 'properties', 'virtualMachineScaleSet', 'id') !== '';
  const model = said === 'pet' || said === 'cattle' ? said : member ? 'cattle' : said;
  const values = tags.flatMap((tag) => (tagOf(machine, tag) ? [[tag, tagOf(machine, tag)]] : []));
  return {
    ...place(machine.id),
    ...origin(machine),
    type: isVm(machine) ? 'vm' : isArc(machine) ? 'arc' : 'instance',
    tags: Object.fromEntries(values) as Record<string, string>,
    ...((model === 'pet' || model === 'cattle') && { model }),
    location: machine.location,
    behindModel: at(machine, 'properties', 'latestModelApplied') === 'false',
  };
}

const isSet = is('microsoft.compute/virtualmachinescalesets');

function machineCounts(estate: readonly Resource[], tag: string): unknown[] {
  const machines = estate.filter((r) => isVm(r) || isArc(r) || isInstance(r)).map((r) => traits(r, tag));
  const places = grouped(machines, (m) => `${m.subscription}\u0000${m.resourceGroup}\u0000${m.tags[tag] ?? ''}`);
  const counted = places.map(([, all]) => ({
    counts: grouped(all, json).map(([, alike]) => ({ ...alike[0], machines: alike.length })),
    unlisted: 0,
    members: [],
  }));
  return [...counted, ...membersOf(estate, tag)].sort((a, b) => (whereOf(a) < whereOf(b) ? -1 : 1));
}

/** Of the places in which something has the tag `team` with this value. */
function machineCountsWithin(estate: readonly Resource[], value: string) {
  const rows = machineCounts(estate, 'team') as readonly (Read & { readonly unlisted: number })[];
  const whole = grouped(rows, ({ counts: [count], members: [member] }) => {
    const { subscription, resourceGroup } = count ?? member ?? {};
    return `${subscription}/${resourceGroup}`;
  }).map(([, here]) => ({
    counts: here.flatMap(({ counts }) => counts),
    unlisted: 0,
    members: here.flatMap(({ members }) => members),
  }));
  // What a list of names contains is not told apart from what a tag says: that costs a group too many.
  const has = ({ counts, members }: (typeof whole)[number]) =>
    counts.some((count) => count?.tags?.['team'] === value) ||
    members.some((member) => JSON.stringify([member.id.split('/').at(-1), Object.values(member.tags)]).includes(value));
  return whole.filter(has);
}

/** Of the places in which the tag differs, or in which there are scale sets alone. */
function membersOf(estate: readonly Resource[], tag: string) {
  const all = estate.filter((r) => isVm(r) || isArc(r) || isSet(r));
  return grouped(all, ({ id }) => placeOf(id)).flatMap(([, here]) => {
    const differs = new Set(here.map((r) => tagOf(r, tag))).size > 1;
    if (!(differs || here.every(isSet)) || here.length > 1_000) return [];
    const members = here.map((r) => ({
      id: r.id.toLowerCase(),
      ...place(r.id),
      tags: tagOf(r, tag) ? { [tag]: tagOf(r, tag) } : {},
    }));
    return [{ counts: [], unlisted: 0, members: members.sort((a, b) => (a.id < b.id ? -1 : 1)) }];
  });
}

interface Read {
  readonly counts: readonly (Partial<MachineCount> | undefined)[];
  readonly members: readonly {
    readonly id: string;
    readonly subscription: string;
    readonly resourceGroup: string;
    readonly tags: Readonly<Record<string, string | undefined>>;
  }[];
}

/** In the order in which the rows come: a row with members before those with counts. */
function whereOf({ counts: [count], members: [member] }: Read): string {
  const { subscription, resourceGroup } = count ?? member ?? {};
  const [tag = ''] = Object.values(count?.tags ?? {});
  return [subscription, resourceGroup, tag, member ? '' : '/'].join('\u0000');
}

/** The lists of a place come in no order that Azure promises: here in that of the expectation. */
function inOneOrder({ read, ...query }: ReturnType<typeof queries.machineCounts>): Query<unknown> {
  return { ...query, read: (row: GraphRow) => inOrderOfLists(read(row)) };
}

function inOrderOfLists<Row extends Pick<Read, 'counts' | 'members'>>({ counts, members, ...rest }: Row) {
  const key = ({ machines: _, ...of }: Partial<MachineCount> = {}) => json(of);
  return {
    ...rest,
    counts: counts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
    members: members.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

type Chain = readonly { readonly name: string }[] | undefined;
type Target = {
  readonly name: string;
  readonly excludeFromLatest?: boolean;
  readonly regionalReplicaCount?: number;
  readonly storageAccountType?: string;
};

function managementGroups(estate: readonly Resource[]): unknown[] {
  const subscriptions = estate.filter(is('microsoft.resources/subscriptions')).sort(byId);
  return subscriptions.map(({ id, properties }) => [
    place(id).subscription,
    ((properties['managementGroupAncestorsChain'] as unknown as Chain) ?? []).map(({ name }) => name),
  ]);
}

function publishedVersions(estate: readonly Resource[], definition: string): unknown[] {
  const { subscription, resourceGroup, gallery } = ubuntu;
  const source =
    `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}/images/${definition}`.toLowerCase();
  const versions = estate.filter(is('microsoft.compute/galleries/images/versions')).sort(byId);
  return versions
    .filter(({ id }) => id.toLowerCase().startsWith(`${source}/versions/`))
    .map((r) => {
      const profile = (name: string) => at(r, 'properties', 'publishingProfile', name);
      const { publishingProfile, storageProfile } = r.properties as unknown as {
        publishingProfile: { targetRegions: readonly Target[]; replicaCount?: number; storageAccountType?: string };
        storageProfile: { osDiskImage: { sizeInGB: number } };
      };
      const copies = publishingProfile.targetRegions.map(({ name, regionalReplicaCount, storageAccountType }) => ({
        ...{ name, replicas: regionalReplicaCount ?? publishingProfile.replicaCount },
        storageAccountType: storageAccountType ?? publishingProfile.storageAccountType,
      }));
      return {
        source,
        version: r.name,
        provisioningState: at(r, 'properties', 'provisioningState'),
        tags: r.tags ?? {},
        ...(profile('publishedDate') && { publishedAt: new Date(profile('publishedDate')) }),
        ...(profile('endOfLifeDate') && { endOfLife: new Date(profile('endOfLifeDate')) }),
        excludedFromLatest: profile('excludeFromLatest') === 'true',
        targets: publishingProfile.targetRegions,
        ...{ copies, disks: [{ lun: null, sizeGiB: storageProfile.osDiskImage.sizeInGB }] },
      };
    });
}

function machineList(estate: readonly Resource[], value: string): unknown[] {
  const golden = (source: string) => /\/(sharedgalleries\/[^/]+-|galleries\/)gold\/images\//.test(source);
  return estate
    .filter((r) => (isVm(r) || isArc(r)) && tagOf(r, 'team') === value)
    .sort(byId)
    .map((r) => {
      const { tags: _, ...of } = traits(r);
      const [set, created] = [at(r, 'properties', 'virtualMachineScaleSet', 'id'), at(r, 'properties', 'timeCreated')];
      return {
        ...{ ...of, id: r.id, name: r.name, tags: r.tags ?? {} },
        ...(set && { scaleSet: set.split('/').at(-1) }),
        ...(created && { createdAt: new Date(created) }),
      };
    })
    .filter(({ model, source }) => model === undefined && !golden(source));
}

const vms = ['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'];
const instances = 'microsoft.compute/virtualmachinescalesets/virtualmachines';
export const images = [':', ':', '/versions/', '::', '', '/versions/', 'latest', ''];
/** A tag's exact name, and what finds it in another spelling. */
export const spellings = (tag: string) => [
  tag,
  `(?i)[{,]${JSON.stringify(tag).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}:("(?:[^"\\\\]|\\\\.)*")`,
];
export const kinds = [
  ...[...vms.flatMap((type, n) => [type, n === 0 ? 'vm' : 'arc']), 'instance', ...spellings('service-model')],
  ...['pet', 'cattle', 'instance', 'cattle', 'false'],
];

const countTexts = (tag: string): readonly string[] => [
  ...[...vms, ...images, ...kinds, ...spellings(tag)],
  ...[instances, ...images, ...kinds, ...spellings(tag)],
  ...[
    '/',
    '/',
    ...vms,
    'microsoft.compute/virtualmachinescalesets',
    ...spellings(tag),
    'microsoft.compute/virtualmachinescalesets',
    '/',
  ],
];

export const machineSamples = {
  machineCounts: {
    ask: (tag) => inOneOrder(queries.machineCounts([tag])),
    names: ['team', 'Service-Model', 'nobody has this'],
    texts: countTexts,
    expected: machineCounts,
  },
  machineCountsWithin: {
    ask: (value) => inOneOrder(queries.machineCountsWithin(['team'], { tag: { name: 'Team', value } })),
    names: ['legacy', 'team-0001', 'nobody'],
    texts: (value) => [...countTexts('team'), value, JSON.stringify(value).slice(1, -1)],
    expected: (estate, value) => machineCountsWithin(estate, value).map((row) => inOrderOfLists(row)),
  },
  publishedVersions: {
    ask: (definition) => queries.publishedVersions([ubuntu, { ...ubuntu, definition }]),
    names: [ubuntu.definition],
    texts: (definition) => {
      const { subscription, resourceGroup, gallery } = ubuntu;
      const id = (of: string) =>
        `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${gallery}/images/${of}`;
      const ids = [ubuntu.definition, definition].map((of) => id(of).toLowerCase());
      return ['microsoft.compute/galleries/images/versions', '/versions/', ...ids];
    },
    expected: publishedVersions,
  },
  managementGroups: {
    ask: queries.managementGroups,
    names: ['-'],
    texts: () => ['microsoft.resources/subscriptions'],
    expected: managementGroups,
  },
  machineList: {
    ask: (value) =>
      queries.machineList('resources', {
        scope: { tag: { name: 'team', value } },
        model: 'undecided',
        notGolden: { galleries: [ubuntu.gallery] },
      }),
    names: ['legacy', 'team-0001', 'team-0002', 'team-0003', 'team-0004', 'nobody'],
    texts: (value) => [
      ...[...vms, ...spellings('team'), value, ...images, ...kinds],
      ...['pet', 'cattle', `/galleries/${ubuntu.gallery}/images/`, '/sharedgalleries/', `-${ubuntu.gallery}/images/`],
      ...['instance', ''],
    ],
    expected: machineList,
  },
} satisfies Readonly<Record<string, Sample>>;
