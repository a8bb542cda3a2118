import type { GuestStatus, Judged, Place, PolicyState, ScaleSet } from '../../core/compliance';
import { type GraphRow, kqlStrings, numberIn, type Query, textIn } from './kql';
import { sourceNames } from './machine-filter';
import { guests, isMachine, machineTypes, rank, stateRanks, states, statusRanks } from './policy-queries';

/** The rows behind the figures: machines by what is said of them, and scale sets by what they deploy. */
export const rowQueries = {
  /** Machines of these resource groups by their worst policy state; of one state alone when it is given. */
  policyMachines: (places: readonly Place[], state?: PolicyState): Query<Judged<PolicyState>> => ({
    name: 'policyMachines',
    kql: [
      ...states,
      `| where tostring(properties.resourceType) in~ (${kqlStrings(machineTypes)})`,
      ...inPlaces(places),
      `| extend rank = ${rank('tostring(properties.complianceState)', stateRanks, 'Unknown')}`,
      ...worstOf(state === undefined ? undefined : stateRanks.indexOf(state)),
    ].join('\n'),
    read: (row) => judged(row, stateRanks),
  }),

  /** The same by their worst status of guest configuration. */
  guestMachines: (places: readonly Place[], status?: GuestStatus): Query<Judged<GuestStatus>> => ({
    name: 'guestMachines',
    kql: [
      ...guests,
      `| where ${isMachine}`,
      ...inPlaces(places),
      `| extend rank = ${rank('tostring(properties.complianceStatus)', statusRanks, 'Pending')}`,
      ...worstOf(status === undefined ? undefined : statusRanks.indexOf(status)),
    ].join('\n'),
    read: (row) => judged(row, statusRanks),
  }),

  /** Scale sets whose model refers to an image: a definition's id or `publisher:offer:sku`; all marketplace ones when absent. */
  scaleSets: (source?: string): Query<ScaleSet> => ({
    name: 'scaleSets',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachinescalesets'",
      '| extend ref = properties.virtualMachineProfile.storageProfile.imageReference',
      '| extend refId = tolower(coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId), tostring(ref.communityGalleryImageId)))',
      "| extend market = tolower(strcat(tostring(ref.publisher), ':', tostring(ref.offer), ':', tostring(ref.sku)))",
      "| extend source = case(isnotempty(refId), tostring(split(refId, '/versions/')[0]), market == '::', '', market)",
      "| extend named = iff(refId contains '/versions/', tostring(split(refId, '/versions/')[1]), tostring(ref.version))",
      source === undefined
        ? "| where isempty(refId) and market != '::'"
        : `| where source in (${kqlStrings(sourceNames(source))})`,
      '| project id, name, subscriptionId, resourceGroup, location, tags, source, named',
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
      version: textIn(row, 'named') === 'latest' ? '' : textIn(row, 'named'),
    }),
  }),
} as const;

/** By the ids of the machines: whether these rows carry their subscription and group apart is not documented. */
export function inPlaces(places: readonly Place[]): string[] {
  const keys = places.map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase());
  if (keys.length === 0) return ['| where 1 == 0'];
  return [
    "| extend place = strcat(tostring(split(machine, '/')[2]), '/', tostring(split(machine, '/')[4]))",
    `| where place in (${kqlStrings(keys)})`,
  ];
}

const worstOf = (wanted: number | undefined): string[] => [
  '| summarize worst = min(rank) by machine',
  ...(wanted === undefined ? [] : [`| where worst == ${wanted}`]),
  '| project id = machine, worst',
  '| order by id asc',
];

export function judged<Verdict extends string>(row: GraphRow, ranks: readonly Verdict[]): Judged<Verdict> {
  const worst = ranks[numberIn(row, 'worst')];
  if (worst === undefined) throw new Error('Resource Graph: no rank in the column worst');
  return { machine: textIn(row, 'id'), worst };
}
