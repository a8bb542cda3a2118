import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FaultName, faultNames, faults } from '../test/chaos/matrix';
import { type Played, play } from '../test/chaos/played';

const options = {
  only: { type: 'string', multiple: true },
  seed: { type: 'string', default: String(Date.now() % 100_000) },
  replicas: { type: 'string', default: '3' },
  kills: { type: 'string' },
  scenario: { type: 'string', multiple: true },
  keep: { type: 'boolean', default: false },
} as const;

/** What was last obtained of each row; `npm run docs` puts it into docs/reliability.md. */
const kept = join(__dirname, '../test/chaos/results.json');

/**
 * `npm run chaos [-- --only races --only kills --scenario house --kills 200 --seed 1 --replicas 3 --keep]`: plays the
 * table of test/chaos/matrix.ts, or these rows of it, at full size; prints what came of each, and exits with 1 if anything
 * was lost, stuck or done twice. `--keep` writes down what was obtained, for docs/reliability.md.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const names = values.only ?? faultNames;
  const unknown = names.filter((name) => !faultNames.includes(name as FaultName));
  if (unknown.length > 0)
    throw new Error(`the table has no row ${unknown.join(', ')}; it has: ${faultNames.join(', ')}`);
  const how = {
    ...{ seed: Number(values.seed), replicas: Number(values.replicas), scenarios: values.scenario },
    ...{ kills: values.kills === undefined ? undefined : Number(values.kills), log: console.log },
  };
  const played: [FaultName, Played][] = [];
  for (const name of names as FaultName[]) {
    console.log(`\n${name}, seed ${how.seed}: ${faults[name].made}`);
    const startedMs = Date.now();
    const result = await play(name, how);
    played.push([name, result]);
    console.log(`${line(name, result)} (${((Date.now() - startedMs) / 60_000).toFixed(1)} min)`);
    if (values.keep) keep(name, result);
  }
  console.log(`\n${played.map(([name, result]) => line(name, result)).join('\n')}`);
  if (played.some(([, { mistakes }]) => mistakes > 0)) process.exitCode = 1;
}

const line = (name: FaultName, { size, mistakes, said }: Played): string =>
  `${String(mistakes).padStart(6)} mistakes  ${name}: ${size.toLocaleString('en')} ${faults[name].unit}, ${said}`;

/** With the day: a figure without one says nothing about the code of today. */
function keep(name: FaultName, result: Played): void {
  const all = JSON.parse(readFileSync(kept, 'utf8')) as Record<string, unknown>;
  all[name] = { on: new Date().toISOString().slice(0, 10), ...result };
  const sorted = Object.fromEntries(faultNames.flatMap((each) => (all[each] ? [[each, all[each]]] : [])));
  writeFileSync(kept, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

void main();
