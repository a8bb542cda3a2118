import { parseAzureId } from '../../../core/azure-id';
import { guestStatuses, type PolicyState, policyStates } from '../../../core/compliance';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { syntheticSubscription } from '../../../sandbox/azure/estate/shape';
import { teamSubscriptions } from '../../../sandbox/azure/names';
import { queries } from '../../../services/resource-graph';
import type { GraphRow, Query } from '../../../services/resource-graph/kql';
import { at, byId, grouped, is, isArc, isVm, place, placeOf } from './resources';
import type { Sample } from './samples';

const worstFirst: readonly PolicyState[] = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];
const azureFirst: readonly PolicyState[] = ['NonCompliant', 'Compliant', 'Error', 'Conflict', 'Exempt', 'Unknown'];
const isScaleSet = is('microsoft.compute/virtualmachinescalesets');
const worst = <Word>(words: readonly Word[], found: readonly Word[]): Word | undefined =>
  words.find((word) => found.includes(word));

const tally = <Word extends string>(words: readonly Word[], found: readonly (Word | undefined)[]) =>
  Object.fromEntries(words.map((word) => [word, found.filter((one) => one === word).length]));

const times = (rows: readonly Resource[], column: string): number[] =>
  rows.flatMap((row) => (at(row, 'properties', column) ? [Date.parse(at(row, 'properties', column))] : []));

const isMachineState = (r: Resource): boolean =>
  is('microsoft.policyinsights/policystates')(r) &&
  [isVm, isArc, isScaleSet].some((of) => of({ ...r, type: at(r, 'properties', 'resourceType') }));

const [first = '', , last = ''] = teamSubscriptions;
const subscriptions = [first, last, syntheticSubscription(0)];
const places = (resourceGroup: string) => subscriptions.map((subscription) => ({ subscription, resourceGroup }));
const keys = (resourceGroup: string) =>
  places(resourceGroup).map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase());

interface Placed {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly machine?: string;
}

/**
 * One count for each place, or for each machine of those that are asked about singly; places of a subscription are in a row
 * by the last letter of their names.
 */
function inPlaces(
  rows: readonly Resource[],
  machineOf: (r: Resource) => string,
  group: string,
  count: (rows: readonly Resource[]) => object,
) {
  const counts = grouped(rows, (r) => placeOf(machineOf(r))).flatMap(([key, here]) => {
    const singly = subscriptions.includes(place(key).subscription) && place(key).resourceGroup === group.toLowerCase();
    return grouped(here, (r) => (singly ? machineOf(r) : '')).map(([machine, own]) => ({
      ...place(key),
      ...(machine && { machine }),
      ...count(own),
    }));
  });
  const bucketOf = ({ subscription, resourceGroup, machine }: Placed) =>
    `${subscription}/${machine === undefined ? resourceGroup.slice(-1) : resourceGroup}`;
  return grouped<Placed>(counts, bucketOf).map(([, own]) => listsInOrder({ counts: own, unlisted: 0 }));
}

function policyCounts(estate: readonly Resource[], group: string): unknown[] {
  const stateOf = (r: Resource) => at(r, 'properties', 'complianceState') as PolicyState;
  const machineOf = (r: Resource) => at(r, 'properties', 'resourceId').toLowerCase();
  const states = inPlaces(estate.filter(isMachineState), machineOf, group, (rows) => {
    const resources = grouped(rows, machineOf);
    const machines = resources.filter(([id]) => !id.includes('/virtualmachinescalesets/'));
    const ofAzure = resources.map(([, alike]) => worst(azureFirst, alike.map(stateOf)));
    const good = ofAzure.filter((state) => state && ['Compliant', 'Exempt', 'Unknown'].includes(state)).length;
    const at = times(rows, 'timestamp');
    return {
      machines: tally(
        policyStates,
        machines.map(([, alike]) => worst(worstFirst, alike.map(stateOf))),
      ),
      azure: { good, all: resources.length },
      newest: new Date(Math.max(...at)),
      oldest: new Date(Math.min(...at)),
    };
  });
  return [...exemptions(estate).map((row) => ({ ...row, counts: [], unlisted: 0 })), ...states];
}

/** The lists of a place come in no order that Azure promises: here in that of the expectation. */
function inOneOrder<Row extends { readonly counts: readonly Placed[] }>(query: Query<Row>): Query<unknown> {
  return { ...query, read: (row: GraphRow) => listsInOrder(query.read(row)) };
}

function listsInOrder<Row extends { readonly counts: readonly Placed[] }>(row: Row): Row {
  const key = ({ resourceGroup, machine = '' }: Placed) => `${resourceGroup}/${machine}`;
  return { ...row, counts: row.counts.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

const isGuest = is('microsoft.guestconfiguration/guestconfigurationassignments');
const isExemption = is('microsoft.authorization/policyexemptions');

function guestCounts(estate: readonly Resource[], group: string): unknown[] {
  const machineOf = (r: Resource) => at(r, 'properties', 'targetResourceId').toLowerCase();
  return inPlaces(estate.filter(isGuest), machineOf, group, (rows) => {
    const statuses = grouped(rows, machineOf).map(([, alike]) =>
      alike.map((r) => at(r, 'properties', 'complianceStatus')),
    );
    const checked = times(rows, 'lastComplianceStatusChecked');
    return {
      machines: tally(
        guestStatuses,
        statuses.map((found) => worst(['NonCompliant', 'Pending', 'Compliant'], found)),
      ),
      ...(checked.length > 0 && { newest: new Date(Math.max(...checked)), oldest: new Date(Math.min(...checked)) }),
    };
  });
}

const madeUpName = '^([0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$';
const isAssignment = is('microsoft.authorization/policyassignments');
const scopeOf = ({ id }: Resource) =>
  id.toLowerCase().replace(/\/providers\/microsoft\.authorization\/policy(?:exemptions|assignments)\/.*$/, '');

function exemption(r: Resource) {
  const expires = at(r, 'properties', 'expiresOn');
  const reason = at(r, 'properties', 'description') || at(r, 'properties', 'displayName');
  return {
    id: r.id,
    name: r.name,
    scope: scopeOf(r),
    assignment: at(r, 'properties', 'policyAssignmentId').toLowerCase(),
    category: at(r, 'properties', 'exemptionCategory'),
    ...(reason && { reason }),
    ...(expires && { expiresAt: new Date(expires) }),
  };
}

function assignment(r: Resource) {
  const displayName = at(r, 'properties', 'displayName');
  return { id: r.id.toLowerCase(), ...(displayName && { displayName }) };
}

const objectOf = (r: Resource) => (isExemption(r) ? { exemption: exemption(r) } : { assignment: assignment(r) });

/** With the assignments whose names somebody's script made up. */
function exemptions(estate: readonly Resource[]): object[] {
  const wanted = (r: Resource) =>
    isExemption(r) || (isAssignment(r) && new RegExp(madeUpName).test(r.name.toLowerCase()));
  return estate.filter(wanted).sort(byId).map(objectOf);
}

type Checks = readonly { readonly reasons?: readonly { readonly phrase: string }[] }[] | undefined;

const on = (machine: string, column: string) => (r: Resource) =>
  at(r, 'properties', column).toLowerCase() === machine.toLowerCase();

/** With what is exempt and assigned there, and by any management group: its own may or may not be among them. */
function machinePolicies(estate: readonly Resource[], machine: string): unknown[] {
  const within = (scope: string) => `${machine.toLowerCase()}/`.startsWith(`${scope}/`);
  const about = (r: Resource) => within(scopeOf(r)) || scopeOf(r).startsWith('/providers/microsoft.management/');
  const isState = is('microsoft.policyinsights/policystates');
  const wanted = (r: Resource) =>
    isState(r) ? on(machine, 'resourceId')(r) : (isExemption(r) || isAssignment(r)) && about(r);
  return estate
    .filter(wanted)
    .sort(byId)
    .map((r) => (isState(r) ? { policy: state(r) } : objectOf(r)));
}

function state(r: Resource) {
  return {
    assignment: at(r, 'properties', 'policyAssignmentId').toLowerCase(),
    name: at(r, 'properties', 'policyAssignmentName'),
    definition: at(r, 'properties', 'policyDefinitionId').toLowerCase(),
    ...(at(r, 'properties', 'policyDefinitionReferenceId') && {
      reference: at(r, 'properties', 'policyDefinitionReferenceId').toLowerCase(),
    }),
    state: at(r, 'properties', 'complianceState'),
    ...(at(r, 'properties', 'policyDefinitionAction') && { effect: at(r, 'properties', 'policyDefinitionAction') }),
    evaluatedAt: new Date(at(r, 'properties', 'timestamp')),
  };
}

function machineGuests(estate: readonly Resource[], machine: string): unknown[] {
  return estate
    .filter(isGuest)
    .filter(on(machine, 'targetResourceId'))
    .sort(byId)
    .map((r) => {
      const checked = at(r, 'properties', 'lastComplianceStatusChecked');
      const report = r.properties['latestAssignmentReport'] as unknown as { readonly resources?: Checks } | undefined;
      return {
        name: r.name,
        status: at(r, 'properties', 'complianceStatus'),
        ...(checked && { checkedAt: new Date(checked) }),
        reasons: (report?.resources ?? []).flatMap(({ reasons }) => (reasons ?? []).map(({ phrase }) => phrase)),
      };
    });
}

const exemptMachine = `/subscriptions/${teamSubscriptions[2]}/resourceGroups/RG-legacy/providers/Microsoft.Compute/virtualMachines/vm-legacy-erp-001`;
const strayMachine = `/subscriptions/${teamSubscriptions[0]}/resourceGroups/RG-Strays/providers/Microsoft.Compute/virtualMachines/shouting`;
const machines = [exemptMachine, strayMachine, `${exemptMachine}0`] as const;

const states = ['microsoft.policyinsights/policystates'];
const objects = ['microsoft.authorization/policyexemptions', 'microsoft.authorization/policyassignments'];
const guests = ['microsoft.guestconfiguration/guestconfigurationassignments'];
const groups = ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'] as const;
const byPlace = (group: string) => ['/', '/', '/', ...keys(group), '', '/'];

const machineTypes = [
  'microsoft.compute/virtualmachines',
  'microsoft.hybridcompute/machines',
  'microsoft.compute/virtualmachinescalesets',
];

interface Within {
  readonly counts: readonly { readonly subscription: string; readonly resourceGroup: string }[];
  readonly exemption?: { readonly scope: string };
  readonly assignment?: { readonly id: string };
}

const keyOf = (groupId: string): string => `${groupId.split('/')[2]}/${groupId.split('/')[4]}`;

/** Of these places, and of what has them below itself. */
function isWithin(group: string): (row: unknown) => boolean {
  const inside = (id: string) => !/\/resourcegroups\//i.test(id) || keys(group).includes(keyOf(placeOf(id)));
  return (row) => {
    const { counts, exemption, assignment } = row as Within;
    const [first] = counts;
    if (first) return keys(group).includes(`${first.subscription}/${first.resourceGroup}`);
    return inside(exemption?.scope ?? assignment?.id ?? '');
  };
}

export const policySamples = {
  policyCounts: {
    ask: (group) => inOneOrder(queries.policyCounts(places(group))),
    names: groups,
    texts: (group) => [
      ...[...states, ...machineTypes, ...worstFirst, ...azureFirst, machineTypes[2] ?? '', ...byPlace(group)],
      ...[...objects, 'microsoft.authorization/policyexemptions', madeUpName],
    ],
    expected: policyCounts,
  },
  guestCounts: {
    ask: (group) => inOneOrder(queries.guestCounts(places(group))),
    names: groups,
    texts: (group) => [
      ...[...guests, '/virtualmachines/', '/microsoft.hybridcompute/machines/'],
      ...['NonCompliant', 'Pending', 'Compliant', ...byPlace(group)],
    ],
    expected: guestCounts,
  },
  policyCountsWithin: {
    ask: (group) => inOneOrder(queries.policyCountsWithin(places(group), { places: places(group) })),
    names: groups,
    texts: (group) => [
      ...[...states, '/', '/', '/', ...keys(group), ...machineTypes, ...worstFirst, ...azureFirst],
      ...[machineTypes[2] ?? '', ...byPlace(group), ...objects],
      ...['/resourcegroups/', '/', '/', '/', ...keys(group), 'microsoft.authorization/policyexemptions', madeUpName],
    ],
    expected: (estate, group) => policyCounts(estate, group).filter(isWithin(group)),
  },
  guestCountsWithin: {
    ask: (group) => inOneOrder(queries.guestCountsWithin(places(group), { places: places(group) })),
    names: groups,
    texts: (group) => [
      ...[...guests, '/', '/', '/', ...keys(group), '/virtualmachines/', '/microsoft.hybridcompute/machines/'],
      ...['NonCompliant', 'Pending', 'Compliant', ...byPlace(group)],
    ],
    expected: (estate, group) => guestCounts(estate, group).filter(isWithin(group)),
  },
  machinePolicies: {
    ask: queries.machinePolicies,
    names: machines,
    texts: (machine) => {
      const parts = machine.toLowerCase().split('/');
      const isId = parseAzureId(machine) !== undefined;
      const above = [5, 3].map((depth) => (isId ? parts.slice(0, depth).join('/') : machine.toLowerCase()));
      return [
        ...[...states, ...objects, '/providers/microsoft.authorization/policy', ...states, machine.toLowerCase()],
        ...[machine.toLowerCase(), ...above, '/providers/microsoft.management/managementgroups/'],
      ];
    },
    expected: machinePolicies,
  },
  machineGuests: {
    ask: queries.machineGuests,
    names: machines,
    texts: (machine) => [...guests, machine.toLowerCase()],
    expected: machineGuests,
  },
} satisfies Readonly<Record<string, Sample>>;
