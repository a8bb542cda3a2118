import type { Resource } from '../../../sandbox/azure/compute/resource';
import { syntheticSubscription } from '../../../sandbox/azure/estate/shape';
import { teamSubscriptions } from '../../../sandbox/azure/names';
import { queries } from '../../../services/resource-graph';
import { spellings } from './machine-samples';
import { at, byId, grouped, is, isArc, isVm, place } from './resources';
import type { Sample } from './samples';

const [first = '', , last = ''] = teamSubscriptions;
const subscriptions = [first, last, syntheticSubscription(0)];
const places = (resourceGroup: string) => subscriptions.map((subscription) => ({ subscription, resourceGroup }));
const keys = (resourceGroup: string) =>
  places(resourceGroup).map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase());

/** Whether a machine of this id lies in one of the places. */
const within = (id: string, group: string): boolean => {
  const { subscription, resourceGroup } = place(id);
  return subscriptions.includes(subscription) && resourceGroup === group.toLowerCase();
};

const statesFromWorst = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];
const azureFirst = ['NonCompliant', 'Compliant', 'Error', 'Conflict', 'Exempt', 'Unknown'];
const statusesFromWorst = ['NonCompliant', 'Pending', 'Compliant'];
const worst = (words: readonly string[], rows: readonly Resource[], column: string) =>
  words.find((word) => rows.some((row) => at(row, 'properties', column) === word));

function clock(rows: readonly Resource[], column: string) {
  const times = rows.flatMap((row) =>
    at(row, 'properties', column) ? [Date.parse(at(row, 'properties', column))] : [],
  );
  return times.length > 0 && { newest: new Date(Math.max(...times)), oldest: new Date(Math.min(...times)) };
}

function placedMachines(estate: readonly Resource[], group: string): unknown[] {
  const machines = estate.filter((r) => (isVm(r) || isArc(r) || is(sets)(r)) && within(r.id, group)).sort(byId);
  return machines.map(({ id, tags = {} }) => ({
    ...{ id: id.toLowerCase(), ...place(id) },
    tags: Object.fromEntries(['team', 'cost'].flatMap((tag) => (tags[tag] ? [[tag, tags[tag]]] : []))),
  }));
}

function machineStates(estate: readonly Resource[], group: string): unknown[] {
  const ofMachine = (r: Resource) =>
    [isVm, isArc, is(sets)].some((kind) => kind({ ...r, type: at(r, 'properties', 'resourceType') }));
  const machineOf = (r: Resource) => at(r, 'properties', 'resourceId').toLowerCase();
  const rows = estate.filter(is(states)).filter((r) => ofMachine(r) && within(machineOf(r), group));
  return grouped(rows, machineOf).map(([machine, own]) => {
    const first = worst(azureFirst, own, 'complianceState') ?? '';
    return {
      ...{ machine, worst: worst(statesFromWorst, own, 'complianceState') },
      scaleSet: is(sets)({ ...(own[0] as Resource), type: at(own[0] as Resource, 'properties', 'resourceType') }),
      good: ['Compliant', 'Exempt', 'Unknown'].includes(first),
      ...clock(own, 'timestamp'),
    };
  });
}

function machineStatuses(estate: readonly Resource[], group: string): unknown[] {
  const machineOf = (r: Resource) => at(r, 'properties', 'targetResourceId').toLowerCase();
  const rows = estate.filter(is(guests)).filter((r) => within(machineOf(r), group));
  return grouped(rows, machineOf).map(([machine, own]) => ({
    ...{ machine, worst: worst(statusesFromWorst, own, 'complianceStatus') },
    ...clock(own, 'lastComplianceStatusChecked'),
  }));
}

const vms = 'microsoft.compute/virtualmachines';
const sets = 'microsoft.compute/virtualmachinescalesets';
const arc = 'microsoft.hybridcompute/machines';
const states = 'microsoft.policyinsights/policystates';
const guests = 'microsoft.guestconfiguration/guestconfigurationassignments';
const groups = ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'] as const;

export const mixedSamples = {
  placedMachines: {
    ask: (group) => queries.placedMachines(places(group), ['team', 'cost']),
    names: groups,
    texts: (group) => [
      ...[vms, arc, sets, '/', '/', '/', ...keys(group)],
      ...[...spellings('team'), ...spellings('cost')],
    ],
    expected: placedMachines,
  },
  machineStates: {
    ask: (group) => queries.machineStates(places(group)),
    names: groups,
    texts: (group) => [
      ...[states, vms, arc, sets, '/', '/', '/', ...keys(group)],
      ...[...statesFromWorst, ...azureFirst, sets],
    ],
    expected: machineStates,
  },
  machineStatuses: {
    ask: (group) => queries.machineStatuses(places(group)),
    names: groups,
    texts: (group) => [
      ...[guests, '/virtualmachines/', '/microsoft.hybridcompute/machines/', '/', '/', '/', ...keys(group)],
      ...statusesFromWorst,
    ],
    expected: machineStatuses,
  },
} satisfies Readonly<Record<string, Sample>>;
