import { setTimeout as pause } from 'node:timers/promises';
import { type Database, openDatabase } from '../../store';
import type { LeasedTable } from '../../store/leases';
import { type AllReads, createReads } from '../../store/reads';
import { createRunControl, type RunControl } from '../../workflows/start';
import { programFile } from '../support/programs';
import { noAdmins } from '../support/unheld';
import { Fleet } from './fleet';
import { patient } from './patient';
import { seeded } from './random';
import type { Scenario, ScenarioWorld } from './scenario';
import { stillness } from './stillness';

export interface ChaosOptions {
  readonly scenario: Scenario;
  /** A migrated, empty database. */
  readonly databaseUrl: string;
  readonly kills: number;
  readonly seed: number;
  readonly replicas?: number;
  /** Share of freezes among the kills. */
  readonly freezes?: number;
  /** For kills that do not come about; machine time. */
  readonly deadlineMs?: number;
  readonly log?: (line: string) => void;
}

export interface ChaosReport {
  readonly scenario: string;
  readonly seed: number;
  readonly kills: number;
  readonly freezes: number;
  /** Frozen replicas that were thawed while their heir was at work. */
  readonly twins: number;
  /** Deaths by point. */
  readonly points: ReadonlyMap<string, { readonly killed: number; readonly frozen: number }>;
  readonly runs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly recoveredMs: number;
  /** Runs that did not end, and where they are. */
  readonly stuck: readonly string[];
  /** Each to be zero. */
  readonly mistakes: Readonly<Record<string, number>>;
  readonly complaints: readonly string[];
  /** Of what was done twice. */
  readonly evidence: readonly string[];
}

/**
 * Runs a workflow in several processes over one database and kills them for real, at every boundary that the seed finds,
 * while people start runs and decide; then lets everything end in peace and judges what the world looks like.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { scenario, databaseUrl, kills, seed, replicas = 3, freezes = 0.15 } = options;
  const { leaseMs = 1_500 } = scenario;
  const world = await scenario.world(seed, databaseUrl);
  const database = patient(openDatabase({ url: databaseUrl }));
  const reads = createReads(database);
  const control = createRunControl({ database, ...world, catalogue: noAdmins });
  const program = await programFile(`replica-${scenario.name}`);
  const fleet = new Fleet({ program, databaseUrl, worldUrl: world.url, freezes, leaseMs, replicas, seed });
  try {
    const deadline = Date.now() + (options.deadlineMs ?? 2_700_000);
    const starter = starting(world, control, reads, seeded(seed));
    let [said, wokenMs] = [0, 0];
    while (fleet.kills < kills && Date.now() < deadline) {
      fleet.check();
      await starter();
      await world.people({ control, reads });
      await pause(25);
      if (Date.now() > wokenMs + 1_000) {
        wokenMs = Date.now();
        await wake(database);
      }
      if (fleet.kills < said + 25) continue;
      said = fleet.kills;
      options.log?.(`${said} of ${kills} kills`);
    }
    fleet.makePeace();
    const peaceAt = Date.now();
    await wake(database);
    const begun = await openNow(database);
    const isStill = stillness(database);
    while ((await unfinished(database, begun)) > 0 && !(await isStill())) {
      fleet.check();
      await world.people({ control, reads });
      await pause(50);
    }
    const recoveredMs = Date.now() - peaceAt;
    const runs = await reads.runs({ limit: 100_000 });
    const lost = await database.query('select 1 from signal where consumed_version is null');
    const audit = await reads.verifyAudit();
    const stuck = await stuckOf(database, begun, world.clock.now());
    const mistakes = {
      'kills missing': Math.max(kills - fleet.kills, 0),
      'replicas that ended by themselves': fleet.crashes,
      'stuck runs': stuck.length,
      'lost signals': lost.length,
      'broken audit': audit.intact ? 0 : 1,
      ...(await doubled(database, reads)),
      ...(await world.judge(runs)),
    };
    return {
      ...summary(scenario, seed, fleet, await outcomesOf(database)),
      recoveredMs,
      stuck: [...stuck, ...(await leftIn(database))],
      mistakes,
      evidence: world.evidence?.() ?? [],
    };
  } finally {
    await fleet.end();
    await database.close();
    await world.close();
  }
}

/** Whatever is leased and rests by itself once it has killed several replicas, unlike runs. */
const resting: Readonly<Record<Exclude<LeasedTable, 'run'>, true>> = {
  ...{ card: true, leftover: true, webhook: true, notice: true, counting: true, certificate: true },
  ...{ ending: true, base: true, delivery: true, act: true },
};

/**
 * Nothing rests because one replica after the other died over it, or because a request came too late for its lease: that
 * is what the harness is there for. Of a run that had failed a dozen times, the next failure would be followed by a rest
 * of minutes, in which it looks as if it were stuck; so also of what is still in the hands of the dead.
 */
export async function wake(database: Database): Promise<void> {
  await database.query(
    `update run set tries = least(tries, 2), failures = least(failures, 2),
       not_before = case when leased_until is null then '-infinity' else not_before end
     where id in (select id from run where ended_at is null for update skip locked)`,
  );
  // What somebody has locked is at work, or frozen in mid-transaction.
  for (const table of Object.keys(resting))
    await database.query(
      `update ${table} set tries = 2 where id in (select id from ${table} where tries > 2 for update skip locked)`,
    );
}

async function openNow(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>('select id from run where ended_at is null');
  return rows.map(({ id }) => id);
}

/**
 * Which of these runs are open, and what ended ones left in Azure and the reaper has not deleted yet. A world with
 * schedules begins others in peace, for ever: no death has met those, and nobody waits for a moment without one.
 */
async function unfinished(database: Database, begun: readonly string[]): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    `select (select count(*) from run where ended_at is null and id = any ($1))::int
       + (select count(*) from leftover where gone_at is null)::int as n`,
    [begun],
  );
  return row?.n ?? 0;
}

/** The runs of these that did not end, with all that tells why. */
async function stuckOf(database: Database, begun: readonly string[], now: Date): Promise<readonly string[]> {
  const rows = await database.query<{ told: object }>(
    `select jsonb_build_object('id', id, 'stage', stage, 'version', version, 'due', due_at, 'tries', tries, 'failures', failures,
       'error', last_error, 'rests', not_before - clock_timestamp(), 'leased', leased_until - clock_timestamp(), 'by', lease_owner,
       'data', data) as told
     from run where ended_at is null and id = any ($1)`,
    [begun],
  );
  return rows.map(({ told }) => `${now.toISOString()} ${JSON.stringify(told)}`);
}

/** What ended runs left, and the reaper has not deleted. */
async function leftIn(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ told: object }>(
    'select to_jsonb(leftover) as told from leftover where gone_at is null',
  );
  return rows.map(({ told }) => JSON.stringify(told));
}

/** Keeps one run of each subject open; the same intent again when the answer was lost. */
function starting(
  world: ScenarioWorld,
  control: RunControl,
  reads: AllReads,
  random: () => number,
): () => Promise<void> {
  let count = 0;
  return async () => {
    const open = new Set((await reads.openRuns()).map((run) => run.subject));
    for (const wanted of world.next(open)) {
      const person = { oid: `asker-${Math.floor(random() * 5)}`, name: 'Asker' };
      await control.startOrJoin({ ...wanted, person, intent: `start-${wanted.subject}-${++count}` });
    }
  };
}

/** A run ends once, asks once about one plan, and obeys the approval that it got. */
async function doubled(database: Database, reads: AllReads): Promise<Record<string, number>> {
  const ends = (await reads.audit({ limit: 1_000_000 })).filter((entry) => entry.action === 'end');
  const asked = await database.query(
    // One that was voided is asked anew, and the audit says why.
    `select run_id from approval a where status <> 'void'
       or not exists (select from audit where entry::jsonb ->> 'action' = 'void' and entry::jsonb ->> 'request' = a.id)
     group by run_id, plan_hash having count(*) > 1`,
  );
  const ignored = await database.query(
    `select a.id from approval a join run r on r.id = a.run_id
     where a.status = 'approved' and r.outcome not in ('published', 'done')
       and not exists (select from signal s where s.run_id = r.id and s.kind in ('cancel', 'rebuild'))`,
  );
  const decided = await database.query(
    `select a.id from approval a left join signal s on s.kind = 'decided' and s.body ->> 'approval' = a.id
     where a.status in ('approved', 'rejected') group by a.id having count(s.id) <> 1`,
  );
  return {
    'runs ended twice': ends.length - new Set(ends.map((entry) => entry.runId)).size,
    'plans asked about twice': asked.length,
    'lost approvals': ignored.length,
    'decisions not told once': decided.length,
  };
}

type Summary = Omit<ChaosReport, 'recoveredMs' | 'stuck' | 'mistakes' | 'evidence'>;

/** How many runs ended how, digests too. */
async function outcomesOf(database: Database): Promise<Readonly<Record<string, number>>> {
  const rows = await database.query<{ outcome: string; n: number }>(
    `select coalesce(outcome, 'open') as outcome, count(*)::int as n from run group by 1 order by 1`,
  );
  return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]));
}

function summary(scenario: Scenario, seed: number, fleet: Fleet, outcomes: ChaosReport['outcomes']): Summary {
  const names = [...new Set([...fleet.killed.keys(), ...fleet.frozen.keys()])].sort();
  const frozen = [...fleet.frozen.values()].reduce((sum, n) => sum + n, 0);
  return {
    scenario: scenario.name,
    seed,
    kills: fleet.kills - frozen,
    freezes: frozen,
    twins: fleet.twins,
    points: new Map(names.map((n) => [n, { killed: fleet.killed.get(n) ?? 0, frozen: fleet.frozen.get(n) ?? 0 }])),
    runs: Object.values(outcomes).reduce((sum, n) => sum + n, 0),
    outcomes,
    complaints: fleet.complaints,
  };
}
