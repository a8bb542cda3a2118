import type { AzureRead, AzureWrite } from '../../core/azure';
import type { Catalogue, TeamConfig } from '../../core/catalogue';
import type { Counted, MachineCount } from '../../core/compliance';
import type { DigestRun } from '../../core/runs';
import { sleep } from '../../core/time';
import { cardFailed, cardShown, claimCard, type Database, destinationOf, type LeaseSettings } from '../../store';
import { selectRuns } from '../../store/runs';
import { findSchedule } from '../../store/schedules';
import { digestSchedules, digestWorkflow } from '../../workflows/digest';
import type { Schedules, Worker } from '../../workflows/engine';
import { createEngine, createSchedules } from '../../workflows/engine';
import { testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';
import { until } from '../support/until';

/** World time that a test moves. */
export class HandClock {
  constructor(public at: Date) {}
  now = (): Date => new Date(this.at);
  advance(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
  }
}

/** Machines of teams by tag, as many as the test says; `asked` counts the questions to Azure. */
export class SmallInventory {
  readonly machines = new Map<string, number>();
  asked = 0;
  silent = false;
  /** How long an answer takes; machine time. */
  slowMs = 0;
  /** What every question about policies is refused with. */
  refused: Error | undefined;

  constructor(private readonly clock: HandClock) {}

  read(): AzureRead {
    const none = () => this.answer<never>([]);
    const read: Partial<AzureRead> = {
      gallerySharing: async () => ({ madeFor: 'private', subscriptions: [], tenants: [] }),
      managementGroups: async () => {
        await this.answer([]);
        return new Map();
      },
      machineCounts: async () => {
        const counts = [...this.machines].map(([team, machines]) => counted(team, machines));
        return { ...(await this.answer(counts)), members: [] };
      },
      publishedVersions: none,
      policyCounts: async () => {
        if (this.refused) throw this.refused;
        const said = await none();
        return { states: said, exemptions: said };
      },
      guestCounts: none,
      lackingMachines: none,
      machineTotals: async () => ({ vm: 0, arc: 0 }),
    };
    return read as AzureRead;
  }

  private async answer<Row>(rows: readonly Row[]): Promise<Counted<Row>> {
    this.asked += 1;
    if (this.silent) throw new Error('Azure is silent');
    if (this.slowMs > 0) await sleep(this.slowMs);
    return { rows, asOf: this.clock.now() };
  }
}

function counted(team: string, machines: number): MachineCount {
  return {
    ...{ subscription: 's', resourceGroup: `rg-${team}`, type: 'vm', tags: { team }, location: 'westeurope' },
    ...{ source: 'canonical:ubuntu:22', version: '1.0.0', behindModel: false, machines },
  };
}

export function aTeam(name: string, digest: TeamConfig['digest'], channel = `${name} / ops`): [string, TeamConfig] {
  const owners = { group: `group-${name}`, name: `${name}-owners` };
  return [name, { scope: { tag: { name: 'team', value: name } }, owners, channel, digest }];
}

export interface Replica {
  readonly engine: Worker;
  readonly schedules: Schedules;
}

/** Digests of some teams on a store of their own, with a clock that is moved by hand. */
export async function digestWorld(
  teams: readonly [string, TeamConfig][],
  start: string,
  counting: LeaseSettings = { leaseMs: 1_500, renewMs: 150 },
) {
  const store = await testDatabase();
  const clock = new HandClock(new Date(start));
  const inventory = new SmallInventory(clock);
  for (const [team] of teams) inventory.machines.set(team, 3);
  let catalogue: Catalogue = { ...exampleCatalogue(), teams: new Map(teams) };
  const replicas: Replica[] = [];
  const world = {
    ...{ clock, inventory, store },
    database: store.database,
    catalogue: () => catalogue,
    setTeams(next: readonly [string, TeamConfig][]) {
      catalogue = { ...catalogue, teams: new Map(next) };
    },
    /** One more replica over the store, or over what a test puts before it. */
    replica(database: Database = store.database): Replica {
      const deps = { database, catalogue: world.catalogue, counting };
      const engine = createEngine({
        ...{ database, clock, sleep, read: inventory.read(), write: () => ({}) as AzureWrite },
        workflows: [digestWorkflow(deps)],
        owner: `replica-${replicas.length}`,
        settings: { pollMs: 5, backOffMs: 20, leaseMs: 1_500, renewMs: 130 },
      });
      const kinds = [digestSchedules({ database, clock, catalogue: world.catalogue })];
      const schedules = createSchedules({ database, clock, sleep, kinds, pollMs: 10, reconcileMs: 0 });
      const replica = { engine, schedules };
      engine.start();
      schedules.start();
      replicas.push(replica);
      return replica;
    },
    runs: () => selectRuns(store.database, `where kind = 'digest' order by created_at, id`) as Promise<DigestRun[]>,
    /** Takes what is to be sent, as the bot's delivery does, and gives its topics. */
    async deliver(): Promise<readonly string[]> {
      const sent: string[] = [];
      for (;;) {
        const card = await claimCard(store.database, { owner: 'test', leaseMs: 60_000 });
        if (!card) return sent;
        const to = await destinationOf(store.database, card, clock.now());
        if (to.state === 'closed') {
          const missing = { why: to.state, at: clock.now() };
          await cardFailed(store.database, card, { error: to.why, retryMs: 3_600_000, missing });
          continue;
        }
        sent.push(card.topic);
        await cardShown(store.database, card, {
          conversationId: card.conversationId ?? '19:channel',
          activityId: `message-${card.id}`,
          editPauseMs: 0,
        });
      }
    },
    /** Cards of a team's digests, oldest first. */
    cards: (team: string) =>
      store.database.query<{ topic: string; channel: string; wanted: number; week: string }>(
        `select c.topic, c.conversation_name as channel, c.wanted, r.plan ->> 'week' as week
         from card c join run r on c.topic = 'digest:' || r.id where r.plan ->> 'team' = $1 order by c.id`,
        [team],
      ),
    /** Nothing is due and nothing is open. */
    async settled(patienceMs?: number): Promise<void> {
      await world.until(async () => {
        const [row] = await store.database.query<{ left: number }>(
          `select (select count(*) from schedule where paused_at is null and fires_at <= $1)
             + (select count(*) from run where kind = 'digest' and ended_at is null) as left`,
          [clock.now()],
        );
        return row?.left === 0;
      }, patienceMs);
    },
    /** Waits until the schedules are what catalogue and settings say. */
    async scheduled(team: string, when: { readonly next: string } | 'paused'): Promise<void> {
      await world.until(async () => {
        const row = await findSchedule(store.database, `digest:${team}`);
        return when === 'paused' ? !row?.nextAt || row.pausedAt !== null : row?.nextAt.toISOString() === when.next;
      });
    },
    until,
    async stop(): Promise<void> {
      await Promise.all(replicas.splice(0).flatMap((r) => [r.engine.drain(), r.schedules.drain()]));
    },
    async close(): Promise<void> {
      await world.stop();
      await store.close();
    },
  };
  return world;
}

export type DigestWorld = Awaited<ReturnType<typeof digestWorld>>;
