import type { MachineGuest, MachinePolicies, Place, PlacedMachine } from '../../core/compliance';
import { certainTimeIn, type Query, textIn, timeIn } from './kql';
import { tagValue } from './machine-filter';
import { machineTables } from './machine-queries';
import { guestsByMachine, stateRanks, statesByMachine, statesIn, statusRanks } from './policy-queries';
import { inPlaces, judged } from './row-queries';

/**
 * Resource groups of several teams, machine by machine: what policies and guest configuration say carries no tags, and
 * Resource Graph refuses to join it with what does, so goldbot joins it by the id.
 */
export const mixedQueries = {
  /** VMs and Arc machines with the values of these tags; scale set instances are not judged one by one. */
  placedMachines: (places: readonly Place[], tags: readonly string[]): Query<PlacedMachine> => ({
    name: 'placedMachines',
    kql: [
      ...machineTables.resources,
      '| extend machine = tolower(id)',
      ...inPlaces(places),
      `| project ${['id = machine', 'subscriptionId', 'resourceGroup', ...tags.map((tag, n) => `tag${n}_ = ${tagValue(tag)}`)].join(', ')}`,
      '| order by id asc',
    ].join('\n'),
    read: (row) => ({
      id: textIn(row, 'id'),
      subscription: textIn(row, 'subscriptionId').toLowerCase(),
      resourceGroup: textIn(row, 'resourceGroup').toLowerCase(),
      tags: Object.fromEntries(
        tags.flatMap((tag, n) => (row[`tag${n}_`] ? [[tag, textIn(row, `tag${n}_`)] as const] : [])),
      ),
    }),
  }),

  /** Machines with their assignments by raw state, as `policyCounts` counts them. */
  machineStates: (places: readonly Place[]): Query<MachinePolicies> => ({
    name: 'machineStates',
    kql: [
      ...statesByMachine(inPlaces(places)),
      `| project id = machine, worst, ${stateRanks.map((_, n) => `s${n}`).join(', ')}, newest, oldest`,
      '| order by id asc',
    ].join('\n'),
    read: (row) => ({
      ...judged(row, stateRanks),
      states: statesIn(row),
      newest: certainTimeIn(row, 'newest'),
      oldest: certainTimeIn(row, 'oldest'),
    }),
  }),

  /** Machines with their worst status of guest configuration, as `guestCounts` counts them. */
  machineStatuses: (places: readonly Place[]): Query<MachineGuest> => ({
    name: 'machineStatuses',
    kql: [
      ...guestsByMachine(inPlaces(places)),
      '| project id = machine, worst, newest, oldest',
      '| order by id asc',
    ].join('\n'),
    read: (row) => {
      const [newest, oldest] = [timeIn(row, 'newest'), timeIn(row, 'oldest')];
      return { ...judged(row, statusRanks), ...(newest && { newest }), ...(oldest && { oldest }) };
    },
  }),
} as const;
