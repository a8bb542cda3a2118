import { parseArgs } from 'node:util';
import { type ChaosReport, runChaos } from '../test/chaos/harness';
import { fourImages, simulateMonths } from '../test/chaos/months/simulate';
import { wrongWith } from '../test/chaos/months/verdict';
import { scenario as publish } from '../test/chaos/publish';
import { runTeamsChaos } from '../test/chaos/teams';
import { scenario as toy } from '../test/chaos/toy';
import { testDatabase } from '../test/store/database';

const parts = { kills, teams, months } as const;
type Part = keyof typeof parts;

/**
 * `npm run chaos [-- --only kills|teams|months --scenario toy|publish --kills 200 --seed 1 --replicas 3 --months 12]`: really
 * kills and freezes replicas at every boundary of a workflow, then around the calls to Teams, then lives through a year of
 * scheduled publishes; prints what came of each, and exits with 1 if anything was lost, stuck or done twice.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { only = Object.keys(parts) } = values;
  const unknown = only.filter((part) => !(part in parts));
  if (unknown.length > 0) throw new Error(`no part of this is called ${unknown.join(', ')}`);
  for (const part of only) await parts[part as Part](values);
}

const scenarios: string[] = [toy.name, publish.name];

const options = {
  only: { type: 'string', multiple: true },
  scenario: { type: 'string', multiple: true, default: scenarios },
  kills: { type: 'string', default: '200' },
  seed: { type: 'string', default: String(Date.now() % 100_000) },
  replicas: { type: 'string', default: '3' },
  months: { type: 'string', default: '12' },
} as const;

interface Values {
  readonly scenario: readonly string[];
  readonly kills: string;
  readonly seed: string;
  readonly replicas: string;
  readonly months: string;
}

async function kills(values: Values): Promise<void> {
  for (const name of values.scenario) {
    const scenario = [toy, publish].find((one) => one.name === name);
    if (!scenario) throw new Error(`no scenario is called ${name}`);
    const database = await testDatabase();
    const numbers = { kills: Number(values.kills), seed: Number(values.seed), replicas: Number(values.replicas) };
    const report = await runChaos({ scenario, databaseUrl: database.url, ...numbers, log: console.error });
    print(report);
    if (Object.values(report.mistakes).some((n) => n > 0)) {
      process.exitCode = 1;
      console.log(`The database is kept: ${new URL(database.url).pathname.slice(1)}`);
      for (const line of [...report.evidence, ...report.complaints.slice(-20)]) console.log(line);
      await database.database.close();
    } else {
      await database.close();
    }
  }
}

/** The bot around its calls to Teams: every boundary once, with both kinds of card. */
async function teams(): Promise<void> {
  const { deaths, mistakes, gaps, twice } = await runTeamsChaos(['run', 'approval']);
  console.log(
    `\nteams: ${deaths.length} deaths, ${gaps.length} posts that nobody knew the end of, ${twice.length} shown twice`,
  );
  console.log(`${String(mistakes.length).padStart(6)}  mistakes`);
  if (mistakes.length > 0) process.exitCode = 1;
}

function print(report: ChaosReport): void {
  const width = Math.max(...[...report.points.keys()].map((name) => name.length), 20);
  console.log(`\n${'point'.padEnd(width)}  killed  frozen`);
  for (const [name, { killed, frozen }] of report.points) {
    console.log(`${name.padEnd(width)}  ${String(killed).padStart(6)}  ${String(frozen).padStart(6)}`);
  }
  const outcomes = Object.entries(report.outcomes).map(([name, n]) => `${n} ${name}`);
  console.log(
    `\n${report.scenario}, seed ${report.seed}: ${report.kills} kills and ${report.freezes} freezes (${report.twins} thawed beside their heir) at`,
  );
  console.log(`${report.points.size} points over ${report.runs} runs (${outcomes.join(', ')});`);
  console.log(`everything had ended ${(report.recoveredMs / 1_000).toFixed(1)} s after the last one.\n`);
  for (const [name, n] of Object.entries(report.mistakes)) console.log(`${String(n).padStart(6)}  ${name}`);
}

/** Months of four images that are published by schedule. */
async function months(values: Values): Promise<void> {
  const seed = Number(values.seed);
  const report = await simulateMonths({
    months: Number(values.months),
    images: fourImages,
    seed,
    log: console.error,
  });
  const words = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([what, n]) => `${n} ${what}`)
      .join(', ');
  console.log(
    `\nmonths, seed ${seed}: ${report.kills} kills, ${report.freezes} freezes and ${report.faults} faults of Azure;`,
  );
  console.log(`people: ${words(report.did)};`);
  console.log(`runs: ${words(report.outcomes)};`);
  console.log(`${report.months.length} months of an image: ${words(report.ends)}.`);
  console.log(`${String(report.wrong.length).padStart(6)}  mistakes`);
  for (const line of report.wrong) console.log(line);
  for (const month of report.months.filter((one) => wrongWith(one).length > 0)) console.log(JSON.stringify(month));
  if (report.wrong.length > 0) process.exitCode = 1;
}

void main();
