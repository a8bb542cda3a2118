import { type Contestant, callPerMachine, goldbot, rowPaging, type Tally } from './contestants';
import { openInventory, type SeededInventory } from './inventory';
import { type Result, seconds, thousands, times } from './table';

interface Figure {
  readonly contestant: Contestant;
  readonly requests: number;
  readonly worldMs: number;
  readonly evaluatorMs: number;
  /** Undefined: not let loose on so many machines; then `requests` is what it would need at least. */
  readonly tally: Tally | undefined;
}

const peers = [rowPaging, callPerMachine];

/** B3 and B4: what the weekly digests of 100 teams cost in requests to Azure, and how long they wait for its quota. */
export async function digests(sizes: readonly number[], say: (line: string) => void): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const vms of sizes) {
    const inventory = openInventory(vms);
    const own = await figureOf(goldbot, inventory);
    const others = [];
    for (const peer of peers) others.push(await figureOf(peer, inventory));
    for (const figure of [own, ...others]) say(described(vms, figure));
    for (const { contestant, tally } of others) {
      if (tally) sameNumbers(own.tally as Tally, tally, `${contestant.name}, ${vms} VMs`);
    }
    results.push(requestsOf(vms, own, others), waitsOf(vms, own, others));
  }
  return results.sort((a, b) => a.id.localeCompare(b.id));
}

async function figureOf(contestant: Contestant, inventory: SeededInventory): Promise<Figure> {
  if (inventory.vms > contestant.mostVms) {
    const requests = contestant.requestsFor(inventory.vms);
    return { contestant, requests, worldMs: quotaMs(requests), evaluatorMs: 0, tally: undefined };
  }
  inventory.begin();
  const before = inventory.clock.nowMs;
  const tally = await contestant.tally(inventory);
  const worldMs = inventory.clock.nowMs - before;
  return { contestant, requests: inventory.requests(), worldMs, evaluatorMs: inventory.evaluatorMs(), tally };
}

/** What the quota alone costs: 15 queries in 5 seconds. */
const quotaMs = (requests: number): number => Math.floor(requests / 15) * 5_000;

/** Counting rows is the judge: a figure that is quick and wrong is worth nothing. */
function sameNumbers(own: Tally, counted: Tally, who: string): void {
  for (const what of ['machines', 'states'] as const) {
    const [a, b] = [own[what], counted[what]].map((m) => JSON.stringify([...m].sort(([x], [y]) => (x < y ? -1 : 1))));
    if (a !== b) throw new Error(`goldbot's ${what} are not those of ${who}:\n${a}\n${b}`);
  }
}

function requestsOf(vms: number, own: Figure, others: readonly Figure[]): Result {
  const most = vms > 100_000 ? 12 : 6;
  return {
    id: 'B3',
    what: `Azure calls for the digests of ${thousands(vms)} VMs`,
    goldbot: String(own.requests),
    peers: others.map((f) => `${f.contestant.name}: ${f.tally ? '' : 'at least '}${thousands(f.requests)}`),
    target: `at most ${most}`,
    reached: own.requests <= most,
  };
}

function waitsOf(vms: number, own: Figure, others: readonly Figure[]): Result {
  const mostMs = vms > 100_000 ? 20_000 : 10_000;
  return {
    id: 'B4',
    what: `their wall clock, ${thousands(vms)} VMs`,
    goldbot: seconds(own.worldMs),
    peers: others.map((f) => {
      const estimate = f.tally ? '' : 'at least ';
      return `${f.contestant.name}: ${estimate}${seconds(f.worldMs)} (${times(f.worldMs, own.worldMs)})`;
    }),
    target: `at most ${seconds(mostMs)}`,
    reached: own.worldMs <= mostMs,
  };
}

function described(vms: number, { contestant, requests, worldMs, evaluatorMs, tally }: Figure): string {
  const cpu = tally ? `, ${seconds(evaluatorMs)} CPU of the sandbox's evaluator apart` : ', not run at this size';
  return `${thousands(vms)} VMs, ${contestant.name}: ${thousands(requests)} requests, ${seconds(worldMs)} of world time${cpu}`;
}
