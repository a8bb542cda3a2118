import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { Catalogue } from '../core/catalogue';
import { createSandbox } from '../sandbox';
import { seedEstate } from '../sandbox/azure/estate/seed';
import { sandboxHttpClient } from '../test/sandbox/client';
import { exampleCatalogue } from '../test/support/catalogue';
import { worldStart } from '../test/support/world-start';
import { VirtualClock } from './virtual-clock';

/** What a query costs on the way to Azure and back, and the teams of an inventory. */
const networkMs = 200;
export const teams = 100;

/** A synthetic inventory behind Resource Graph's documented quota, in time that only waiting lets pass. */
export interface SeededInventory {
  readonly vms: number;
  readonly clock: VirtualClock;
  readonly httpClient: HttpClient;
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** Requests since the last `begin`, refused ones too. */
  readonly requests: () => number;
  /** What the sandbox's own evaluator computed since then: CPU that Azure would have spent, not goldbot. */
  readonly evaluatorMs: () => number;
  /** A new contestant: nothing asked, nothing waited, a fresh quota. */
  readonly begin: () => void;
}

export function openInventory(vms: number): SeededInventory {
  const clock = new VirtualClock();
  const machine = () => clock.nowMs;
  const { sandbox, world } = createSandbox({
    speed: 0,
    startMs: worldStart,
    azure: { machine, resourceGraph: { machine } },
  });
  seedEstate(world, { vms, teams });
  const inner = sandboxHttpClient(sandbox);
  let [requests, evaluatorMs] = [0, 0];
  // One after the other, so that the evaluator's CPU is not counted twice.
  let last: Promise<unknown> = Promise.resolve();
  const httpClient: HttpClient = {
    sendRequest(request) {
      const answer = last.then(() => send(request));
      last = answer.catch(() => {});
      return answer;
    },
  };
  async function send(request: PipelineRequest): Promise<PipelineResponse> {
    requests += 1;
    clock.nowMs += networkMs;
    const before = process.cpuUsage();
    const response = await inner.sendRequest(request);
    const { user, system } = process.cpuUsage(before);
    evaluatorMs += (user + system) / 1_000;
    // The log of exchanges is for people; a million of them is no part of anybody's figure.
    sandbox.exchanges.length = 0;
    return response;
  }
  return {
    vms,
    clock,
    httpClient,
    catalogue: { ...exampleCatalogue(), teams: teamsByTag() },
    now: world.clock.now(),
    requests: () => requests,
    evaluatorMs: () => evaluatorMs,
    begin: () => {
      [requests, evaluatorMs] = [0, 0];
      // Two windows of any quota.
      clock.nowMs += 600_000;
    },
  };
}

function teamsByTag(): Catalogue['teams'] {
  const names = Array.from({ length: teams }, (_, n) => `team-${String(n + 1).padStart(4, '0')}`);
  const owners = { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'owners' };
  return new Map(
    names.map((name) => [
      name,
      { scope: { tag: { name: 'team', value: name } }, owners, channel: `${name} / ops` } as never,
    ]),
  );
}
