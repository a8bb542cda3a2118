import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acknowledging } from './acknowledging';
import { activities } from './activities';
import { badTokens } from './bad-tokens';
import { budget } from './budget';
import { digests } from './digests';
import { firstCard } from './first-card';
import { flooding } from './flooding';
import { grown } from './grown';
import { memory } from './memory';
import { posting } from './posting';
import { refreshing } from './refreshing';
import { starting } from './starting';
import { filledIn, machine, type Result, table } from './table';
import { watching } from './watching';

type Say = (line: string) => void;

/** What is measured, by what it is called in the table. `sizes`: numbers of machines. */
const measurements: readonly {
  readonly ids: readonly string[];
  readonly measure: (say: Say, sizes: readonly number[]) => Promise<readonly Result[]>;
}[] = [
  { ids: ['B1'], measure: activities },
  { ids: ['B2'], measure: acknowledging },
  { ids: ['B3', 'B4'], measure: (say, sizes) => digests(sizes, say) },
  { ids: ['B5'], measure: (say, sizes) => memory(Math.max(...sizes), say) },
  { ids: ['B6'], measure: posting },
  { ids: ['B7'], measure: watching },
  { ids: ['B8'], measure: starting },
  { ids: ['B9'], measure: refreshing },
  { ids: ['B10'], measure: firstCard },
  { ids: ['B11'], measure: grown },
  { ids: ['B12'], measure: budget },
  { ids: ['B14'], measure: flooding },
  { ids: ['B15'], measure: badTokens },
];

const page = join(__dirname, '../docs/performance.md');
const usage = `npm run bench [-- --only B1,B9] [--sizes 1000,10000] [--write]
Every figure beside its peers of the same run. --write puts them into docs/performance.md.`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(`${usage}\n`);
  const sizes = optionOf(args, '--sizes', '1000,10000,100000,1000000').split(',').map(Number);
  const known = measurements.flatMap(({ ids }) => ids);
  const only = optionOf(args, '--only', known.join()).split(',');
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new Error(`no measurement is called ${unknown.join(', ')}: ${known.join(', ')}`);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const results: Result[] = [];
  for (const { ids, measure } of measurements) {
    if (!ids.some((id) => only.includes(id))) continue;
    const measured = await measure(say, sizes);
    results.push(...measured.filter(({ id }) => only.includes(id)));
  }
  say(`\n${table(results)}\n\n${machine()}`);
  if (args.includes('--write')) writeFileSync(page, filledIn(readFileSync(page, 'utf8'), results, new Date()));
  if (results.some(({ reached }) => !reached)) process.exitCode = 1;
}

function optionOf(args: readonly string[], name: string, usual: string): string {
  const at = args.indexOf(name);
  return (at >= 0 ? args[at + 1] : undefined) ?? usual;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
});
