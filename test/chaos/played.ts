import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from '../store/database';
import { type ChaosReport, runChaos } from './harness';
import { scenario as house } from './house';
import { type FaultName, faults, sizesOf } from './matrix';
import { fourImages, simulateMonths } from './months/simulate';
import { wrongWith } from './months/verdict';
import { copies, scenario as publish } from './publish';
import type { Scenario } from './scenario';
import { runStorm } from './storm';
import { runTeamsChaos } from './teams';
import { scenario as toy } from './toy';

/** What came of a row of the table of faults. */
export interface Played {
  /** How many of what the row counts. */
  readonly size: number;
  readonly mistakes: number;
  /** For people: what happened beside that, in a line. */
  readonly said: string;
}

export interface Playing {
  readonly seed: number;
  readonly replicas: number;
  /** Deaths of each scenario, instead of those of the table. */
  readonly kills?: number | undefined;
  readonly scenarios?: readonly string[] | undefined;
  readonly log: (line: string) => void;
}

const scenarios: Readonly<Record<string, Scenario>> = { toy, publish, house };

/** Plays a row at the size of `npm run chaos`, to the end, whatever goes wrong. */
export function play(name: FaultName, how: Playing): Promise<Played> {
  const { plays } = faults[name];
  if (typeof plays !== 'string') return tests(name, how);
  return { kills, teams, months, storm }[plays](name, how);
}

async function kills(name: FaultName, { seed, replicas, log, ...wanted }: Playing): Promise<Played> {
  let [size, mistakes, frozen, runs] = [0, 0, 0, 0];
  const unknown = (wanted.scenarios ?? []).filter((part) => !(part in scenarios));
  if (unknown.length > 0) throw new Error(`no scenario is called ${unknown.join(', ')}`);
  for (const [part, [, , full]] of Object.entries(faults[name].parts)) {
    const scenario = scenarios[part];
    if (!scenario) throw new Error(`no scenario is called ${part}`);
    if (wanted.scenarios && !wanted.scenarios.includes(part)) continue;
    const report = await killed(scenario, { seed, replicas, kills: wanted.kills ?? full, log });
    size += report.kills + report.freezes;
    frozen += report.freezes;
    runs += report.runs;
    mistakes += Object.values(report.mistakes).reduce((sum, n) => sum + n, 0);
  }
  return { size, mistakes, said: `${frozen} of them frozen and thawed, over ${runs} runs` };
}

async function killed(
  scenario: Scenario,
  how: Pick<Playing, 'seed' | 'replicas' | 'log'> & { readonly kills: number },
): Promise<ChaosReport> {
  const database = await testDatabase();
  try {
    const report = await runChaos({ scenario, databaseUrl: database.url, ...how });
    tell(report, how.log);
    return report;
  } finally {
    await database.close();
  }
}

function tell(report: ChaosReport, log: Playing['log']): void {
  const width = Math.max(...[...report.points.keys()].map((name) => name.length), 20);
  log(`\n${'point'.padEnd(width)}  killed  frozen`);
  for (const [name, { killed, frozen }] of report.points)
    log(`${name.padEnd(width)}  ${String(killed).padStart(6)}  ${String(frozen).padStart(6)}`);
  const outcomes = Object.entries(report.outcomes).map(([name, n]) => `${n} ${name}`);
  log(
    `\n${report.scenario}, seed ${report.seed}: ${report.kills} kills and ${report.freezes} freezes (${report.twins} thawed beside their heir) at`,
  );
  log(`${report.points.size} points over ${report.runs} runs (${outcomes.join(', ')});`);
  log(`everything had ended ${(report.recoveredMs / 1_000).toFixed(1)} s after the last one.\n`);
  for (const [name, n] of Object.entries(report.mistakes)) log(`${String(n).padStart(6)}  ${name}`);
  if (Object.values(report.mistakes).every((n) => n === 0)) return;
  for (const line of [...report.stuck, ...report.evidence, ...report.complaints.slice(-20)]) log(line);
}

/** The bot around its calls to Teams: every boundary once, with both kinds of card. */
async function teams(_: FaultName, { log }: Playing): Promise<Played> {
  const { deaths, mistakes, gaps, twice } = await runTeamsChaos(['run', 'approval']);
  for (const line of mistakes) log(line);
  const said = `${gaps.length} posts of which nobody could know the end, each told; ${twice.length} shown twice`;
  return { size: deaths.length, mistakes: mistakes.length, said };
}

/** Months of four images that are published by schedule. */
async function months(name: FaultName, { seed, log }: Playing): Promise<Played> {
  const many = sizesOf(name)[2] / fourImages.length;
  const report = await simulateMonths({ months: many, images: fourImages, seed, log });
  const words = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([what, n]) => `${n} ${what}`)
      .join(', ');
  log(`people: ${words(report.did)};`);
  log(`runs: ${words(report.outcomes)};`);
  for (const line of report.wrong) log(line);
  for (const month of report.months.filter((one) => wrongWith(one).length > 0)) log(JSON.stringify(month));
  const said = `${report.kills} kills, ${report.freezes} freezes and ${report.faults} failures of Azure; ${words(report.ends)}`;
  return { size: report.months.length, mistakes: report.wrong.length, said };
}

/** Of each of four images as many publishes. */
async function storm(name: FaultName, { log }: Playing): Promise<Played> {
  const database = await testDatabase();
  try {
    const rounds = sizesOf(name)[2] / copies.length;
    const { publishes, services, perSuccess, mistakes } = await runStorm({ rounds, databaseUrl: database.url, log });
    for (const [service, { asked, refused }] of Object.entries(services))
      log(`${service}: ${asked} requests after the first minute, ${refused} of them refused`);
    for (const [what, n] of Object.entries(mistakes)) log(`${String(n).padStart(6)}  ${what}`);
    const sum = Object.values(mistakes).reduce((total, n) => total + n, 0);
    return {
      size: publishes,
      mistakes: sum,
      said: `${perSuccess.toFixed(2)} requests per success after the first minute`,
    };
  } finally {
    await database.close();
  }
}

/** What jest says of a suite. */
interface Verdict {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** Test files at the size of the table; a red test is a mistake, and so is a name that none has. */
async function tests(name: FaultName, { log }: Playing): Promise<Played> {
  const { plays } = faults[name];
  if (typeof plays === 'string') throw new Error(`${name} is played by no test`);
  let [passed, mistakes] = [0, 0];
  for (const { test, only } of plays) {
    const verdict = await jest([test, ...(only === undefined ? [] : ['-t', only])], log);
    passed += verdict.numPassedTests;
    mistakes += verdict.numFailedTests + verdict.numRuntimeErrorTestSuites + (verdict.numPassedTests === 0 ? 1 : 0);
  }
  return { size: sizesOf(name)[2], mistakes, said: `${passed} tests` };
}

const root = join(__dirname, '../..');

async function jest(what: readonly string[], log: Playing['log']): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-chaos-'));
  const file = join(folder, 'verdict.json');
  const options = ['-w', '1', '--testTimeout', '3600000', '--json', '--outputFile', file];
  const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...what, ...options], {
    ...{ cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    env: { ...process.env, GOLDBOT_TESTS: 'chaos' },
  });
  const said: string[] = [];
  child.stderr?.on('data', (data: Buffer) => said.push(data.toString()));
  await new Promise((done) => child.once('close', done));
  try {
    const verdict = JSON.parse(readFileSync(file, 'utf8')) as Verdict;
    if (verdict.numFailedTests + verdict.numRuntimeErrorTestSuites > 0) log(said.join(''));
    return verdict;
  } catch (error) {
    log(`${said.join('')}\n${String(error)}`);
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
