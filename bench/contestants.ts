import { PolicyInsightsClient } from '@azure/arm-policyinsights';
import { type QueryRequest, type QueryResponse, ResourceGraphClient } from '@azure/arm-resourcegraph';
import { createAzure } from '../services';
import { fakeCredential } from '../test/sandbox/client';
import { countEverybody } from '../workflows/digest/run';
import type { SeededInventory } from './inventory';
import type { VirtualClock } from './virtual-clock';

/** What the digests of one week need to know: machines of each team, and machines by their worst policy state. */
export interface Tally {
  readonly machines: ReadonlyMap<string, number>;
  readonly states: ReadonlyMap<string, number>;
}

export interface Contestant {
  readonly name: string;
  /** The largest inventory it is let loose on; beyond that its requests are as many as it says itself. */
  readonly mostVms: number;
  readonly requestsFor: (vms: number) => number;
  readonly tally: (inventory: SeededInventory) => Promise<Tally>;
}

/** goldbot's own code, as the digest runs it. */
export const goldbot: Contestant = {
  name: 'goldbot',
  mostVms: Number.POSITIVE_INFINITY,
  requestsFor: () => Number.NaN,
  async tally({ httpClient, clock, catalogue, now }) {
    const azure = createAzure({
      credential: fakeCredential,
      httpClient,
      subscription: catalogue.azure.subscription,
      sleep: clock.sleep,
      clock: { now: () => now },
      // The evaluator of a laptop counts a million machines more slowly than Azure; its CPU is told apart.
      timeouts: { tryMs: 3_600_000, readMs: 3_600_000 },
    });
    const all = await countEverybody(azure.read, catalogue, { now, patient: true });
    const states = new Map<string, number>();
    for (const { policy } of all) {
      for (const [state, count] of Object.entries(policy?.machines ?? {})) {
        if (count > 0) states.set(state, (states.get(state) ?? 0) + count);
      }
    }
    return { machines: new Map(all.flatMap((s) => (s.machines > 0 ? [[s.team ?? '', s.machines]] : []))), states };
  },
};

/** Every row of both tables, a page at a time, waiting as Retry-After says: what a script with the SDK does. */
export const rowPaging: Contestant = {
  name: 'row paging with the SDK',
  mostVms: 100_000,
  requestsFor: (vms) => Math.ceil(vms / 1_000) + Math.ceil((vms * 10) / 1_000),
  async tally(inventory) {
    const machines = new Map<string, number>();
    const states = new Map<string, number>();
    for await (const row of rows(
      inventory,
      "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, team = tostring(tags['team']) | order by id asc",
    ))
      add(machines, String(row['team']));
    const worst = new Map<string, string>();
    for await (const row of rows(
      inventory,
      "policyresources | where type =~ 'microsoft.policyinsights/policystates' | where tostring(properties.resourceType) =~ 'microsoft.compute/virtualmachines' | project id, machine = tostring(properties.resourceId), state = tostring(properties.complianceState) | order by id asc",
    ))
      worsen(worst, String(row['machine']), String(row['state']));
    for (const state of worst.values()) add(states, state);
    return { machines, states };
  },
};

/** A machine has a state for each policy; the worst one counts. */
const worstFirst = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];

function worsen(worst: Map<string, string>, machine: string, state: string): void {
  const known = worst.get(machine);
  if (known === undefined || worstFirst.indexOf(state) < worstFirst.indexOf(known)) worst.set(machine, state);
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export async function* rows(
  { httpClient, clock }: SeededInventory,
  query: string,
): AsyncGenerator<Record<string, unknown>> {
  const client = new ResourceGraphClient(fakeCredential, { httpClient, retryOptions: { maxRetries: 0 } });
  let place: { readonly skipToken?: string } | undefined = {};
  while (place) {
    const options: QueryRequest['options'] = { resultFormat: 'objectArray', top: 1_000, ...place };
    const page: QueryResponse | undefined = await unlessThrottled(client.resources({ query, options }), clock);
    if (!page) continue;
    yield* page.data as Record<string, unknown>[];
    place = page.skipToken === undefined ? undefined : { skipToken: page.skipToken };
  }
}

/** Undefined after the wait that Azure asked for. */
async function unlessThrottled<T>(asked: Promise<T>, clock: VirtualClock): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const { statusCode, response } = error as { statusCode?: number; response?: { headers: Headers } };
    if (statusCode !== 429) throw error;
    await clock.sleep(Number(response?.headers.get('retry-after') ?? 5) * 1_000);
    return undefined;
  }
}

/** One question to Policy Insights for each machine, and its row before that: what a loop over machines does. */
export const callPerMachine: Contestant = {
  name: 'one call per VM',
  mostVms: 1_000,
  requestsFor: (vms) => Math.ceil(vms / 1_000) + vms,
  async tally(inventory) {
    const machines = new Map<string, number>();
    const states = new Map<string, number>();
    const query =
      "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, team = tostring(tags['team']) | order by id asc";
    const client = new PolicyInsightsClient(fakeCredential, '00000000-0000-0000-0000-000000000000', {
      httpClient: inventory.httpClient,
      retryOptions: { maxRetries: 0 },
    });
    // By itself Azure tells the last day's states alone, and a state may be older than that.
    const window = { queryOptions: { from: new Date(inventory.now.getTime() - 172_800_000) } };
    for await (const row of rows(inventory, query)) {
      add(machines, String(row['team']));
      const found = client.policyStates.listQueryResultsForResource('latest', String(row['id']).slice(1), window);
      const worst = new Map<string, string>();
      for await (const state of found) worsen(worst, String(row['id']), String(state.complianceState));
      for (const state of worst.values()) add(states, state);
    }
    return { machines, states };
  },
};
