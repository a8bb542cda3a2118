import { tenantId } from '../../entra/people';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { JsonObject, Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { catchUp } from '../policy-insights/evaluation';
import { type Member, membersOf } from '../policy-insights/members';
import { managementGroupIds, recordOf, stateWeights } from '../policy-insights/records';
import type { RawState } from '../policy-insights/section';
import { SyntheticJudge } from '../policy-insights/synthetic-judge';
import { syntheticUnder } from '../policy-insights/synthetic-states';
import type { Row } from './kql/values';
import { policyRows, stateType } from './policy-rows';
import { subscriptionOf, type Wanted } from './rows';

/**
 * All rows of `policyresources` for a caller that keeps none of them: those of a synthetic estate, ten million at
 * most, are one row and one bag of properties per member, in which only what differs is rewritten.
 */
export function* policyScan(world: World, asked: Wanted): Generator<Row> {
  for (const [, row] of policyRows(world, asked, '', 'live')) yield row;
  const { seed } = compute(world);
  if (!seed || (asked.types && !asked.types.includes(stateType))) return;
  catchUp(world);
  const members = membersOf(world);
  const judge = new SyntheticJudge(world, seed, members);
  let bags: readonly JsonObject[] | undefined;
  const row: Row = [];
  for (const { n, resource } of syntheticUnder(world, '')) {
    const states = judge.statesOf(n, resource);
    if (states.length === 0 || !asked.wanted(subscriptionOf(resource.id))) continue;
    bags ??= members.map((member) => bagOf(resource, member));
    const place = placeOf(resource, judge.atMs(n));
    begin(row, place);
    for (const [at, state] of states) {
      const [member, bag] = [members[at], bags[at]];
      if (!member || !bag) continue;
      write(bag, place, state);
      row[0] = `${resource.id}/providers/Microsoft.PolicyInsights/policyStates/${member.guid}`;
      row[1] = member.guid;
      row[11] = bag;
      yield row;
    }
  }
}

const bagOf = (resource: Resource, member: Member): JsonObject => ({
  ...recordOf({ resource, member, state: 'Compliant', atMs: 0 }),
  stateWeight: 0,
});

interface Place {
  readonly begins: string;
  readonly timestamp: string;
  readonly resourceId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly resourceLocation: string;
  readonly managementGroupIds: string;
}

const timestamps = new Map<number, string>();

/** VMs are evaluated in the same few minutes. */
function timestampOf(atMs: number): string {
  const known = timestamps.get(atMs);
  if (known !== undefined) return known;
  if (timestamps.size > 5_000) timestamps.clear();
  const made = new Date(atMs).toISOString();
  timestamps.set(atMs, made);
  return made;
}

let lastPlace: Place | undefined;

/** VMs of one subscription follow each other. */
function placeOf({ id, location }: Resource, atMs: number): Place {
  const own = { timestamp: timestampOf(atMs), resourceId: key(id), resourceLocation: location };
  if (!lastPlace || !id.startsWith(lastPlace.begins)) {
    const [, , subscriptionId = '', , resourceGroup = ''] = id.split('/', 5);
    const begins = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/`;
    lastPlace = { ...own, begins, subscriptionId, resourceGroup, managementGroupIds: managementGroupIds(id) };
  }
  const { begins, subscriptionId, resourceGroup, managementGroupIds: groups } = lastPlace;
  return { ...own, begins, subscriptionId, resourceGroup, managementGroupIds: groups };
}

/** Taken out once: with millions of rows, looking up an import costs more than the assignment. */
const weights = stateWeights;

/** One by one: copying all of an object's properties into another costs ten times as much. */
function write(bag: JsonObject, place: Place, state: RawState): void {
  bag['timestamp'] = place.timestamp;
  bag['resourceId'] = place.resourceId;
  bag['subscriptionId'] = place.subscriptionId;
  bag['resourceGroup'] = place.resourceGroup;
  bag['resourceLocation'] = place.resourceLocation;
  bag['managementGroupIds'] = place.managementGroupIds;
  bag['complianceState'] = state;
  bag['isCompliant'] = state !== 'NonCompliant';
  bag['stateWeight'] = weights[state];
}

/** What the states of a resource have in common, and what an `extend` may have written over. */
function begin(row: Row, { subscriptionId, resourceGroup, resourceLocation }: Place): void {
  row[2] = stateType;
  row[3] = tenantId;
  row[4] = '';
  row[5] = resourceLocation.toLowerCase();
  row[6] = resourceGroup.toLowerCase();
  row[7] = subscriptionId.toLowerCase();
  row[8] = '';
  for (let n = 9; n < 16; n += 1) row[n] = null;
}
