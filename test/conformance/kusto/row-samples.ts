import type { GuestStatus, Place, PolicyState } from '../../../core/compliance';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { syntheticSubscription } from '../../../sandbox/azure/estate/shape';
import { teamSubscriptions } from '../../../sandbox/azure/names';
import { queries } from '../../../services/resource-graph';
import { ubuntu } from '../../services/azure';
import { at, byId, grouped, is, place, placeOf } from './resources';
import type { Sample } from './samples';

const [first = '', , last = ''] = teamSubscriptions;

/** Of a resource group's name: any of these subscriptions may have it. */
const places = (resourceGroup: string): Place[] =>
  [first, last, syntheticSubscription(0)].map((subscription) => ({ subscription, resourceGroup }));

/** Machines of these resource groups that `bad` is said of, by what their rows call them. */
function judged(rows: readonly Resource[], column: string, resourceGroup: string, bad: (row: Resource) => boolean) {
  const machineOf = (row: Resource) => at(row, 'properties', column).toLowerCase();
  const wanted = places(resourceGroup.toLowerCase()).map(
    (p) => `/subscriptions/${p.subscription}/resourcegroups/${p.resourceGroup}`,
  );
  const found = grouped(
    rows.filter(bad).filter((row) => wanted.includes(placeOf(machineOf(row)))),
    machineOf,
  );
  return found.map(([machine]) => machine);
}

const worst = { state: 'NonCompliant' satisfies PolicyState, status: 'NonCompliant' satisfies GuestStatus } as const;
const type = 'microsoft.compute/virtualmachinescalesets';
const states = 'microsoft.policyinsights/policystates';
const guests = 'microsoft.guestconfiguration/guestconfigurationassignments';
const keys = (resourceGroup: string) =>
  places(resourceGroup).map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase());

/** Shared or not, in any case: what the model of a scale set names. */
function modelOf(set: Resource) {
  const of = (name: string) => at(set, 'properties', 'virtualMachineProfile', 'storageProfile', 'imageReference', name);
  const [source = '', version = ''] = (of('id') || of('sharedGalleryImageId')).toLowerCase().split('/versions/');
  return { source, version: version === 'latest' ? '' : version };
}

/** Whether it takes what becomes the latest by itself. */
function upgrades(set: Resource): boolean {
  const policy = set.properties['upgradePolicy'] as
    | { readonly automaticOSUpgradePolicy?: { readonly enableAutomaticOSUpgrade?: boolean } }
    | undefined;
  return modelOf(set).version === '' && policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true;
}

/** By its id and as it is named through direct sharing, which only names without a slash can be. */
function definitionIds(definition: string): string[] {
  const { subscription, resourceGroup, gallery } = ubuntu;
  const id =
    `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.compute/galleries/${gallery}/images/${definition}`.toLowerCase();
  const shared = `/sharedgalleries/${subscription}-${gallery}/images/${definition}`.toLowerCase();
  return [id, definition === '' || definition.includes('/') ? id : shared];
}

export const rowSamples = {
  policyMachines: {
    ask: (group) => queries.policyMachines({ places: places(group) }, worst.state),
    names: ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'],
    texts: (group) => [
      ...[states, 'microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'],
      ...['/', '/', '/', ...keys(group)],
      ...['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'],
    ],
    expected: (estate, group) => {
      const machines = ['virtualmachines', 'machines'];
      const isMachine = (r: Resource) =>
        machines.includes(at(r, 'properties', 'resourceType').toLowerCase().split('/').at(-1) ?? '');
      const bad = (r: Resource) => isMachine(r) && at(r, 'properties', 'complianceState') === 'NonCompliant';
      const found = judged(estate.filter(is(states)), 'resourceId', group, bad);
      return found.map((machine) => ({ machine, worst: worst.state }));
    },
  },
  guestMachines: {
    ask: (group) => queries.guestMachines({ places: places(group) }, worst.status),
    names: ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'],
    texts: (group) => [
      ...[guests, '/virtualmachines/', '/microsoft.hybridcompute/machines/', '/', '/', '/', ...keys(group)],
      ...['NonCompliant', 'Pending', 'Compliant'],
    ],
    expected: (estate, group) => {
      const bad = (r: Resource) => at(r, 'properties', 'complianceStatus') === 'NonCompliant';
      const found = judged(estate.filter(is(guests)), 'targetResourceId', group, bad);
      return found.map((machine) => ({ machine, worst: worst.status }));
    },
  },
  scaleSets: {
    ask: (definition) => queries.scaleSets(definitionIds(definition)[0] ?? ''),
    names: [ubuntu.definition, 'ubuntu-22-22', 'nothing'],
    texts: (definition) => [
      ...[type, ':', ':', '/versions/', '::', '', '/versions/', 'latest', ''],
      ...definitionIds(definition),
    ],
    expected: (estate, definition) =>
      estate
        .filter(is(type))
        .filter((set) => definitionIds(definition).includes(modelOf(set).source))
        .sort(byId)
        .map((set) => ({
          ...{ ...place(set.id), ...modelOf(set), id: set.id, name: set.name },
          ...{ tags: set.tags ?? {}, location: set.location, selfUpgrading: upgrades(set) },
        })),
  },
} satisfies Readonly<Record<string, Sample>>;
