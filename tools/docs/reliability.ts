import { guards } from '../../test/chaos/guards';
import { type FaultName, faultNames, faults, sizesOf } from '../../test/chaos/matrix';
import results from '../../test/chaos/results.json';
import { mutants } from '../../test/mutants/list';

/** What `npm run chaos -- --keep` wrote down of a row. */
interface Kept {
  readonly on: string;
  readonly size: number;
  readonly mistakes: number;
  readonly said: string;
}

const kept = results as Partial<Record<FaultName, Kept>>;

/** `docs/reliability.md`: what goldbot survives, by the table that the tests play and what came of it. */
export function reliabilityPage(): string {
  return `${[
    '# Reliability',
    '<!-- Written by `npm run docs` from test/chaos/matrix.ts, results.json and guards.ts; edit those instead. -->',
    'What is done to goldbot on purpose, how often, and what came of it. `npm run chaos` plays the whole table at full size, `npm run chaos -- --only NAME` one row of it, `--seed` the same points again, and `--keep` writes the result down for this page; it takes hours for all of it. `npm test` plays a seeded sample, `npm run test:full` more. What has not been played at full size says so.',
    '## What it survives',
    table(
      ['name', 'fault', 'how it is made', 'what would be a mistake', 'in `npm test` · `test:full` · `chaos`', 'result'],
      [...faultNames.map(rowOf)],
    ),
    '## What it survives it by',
    'Each guard was taken away on purpose, and a suite turned red. `npm run mutants:known` does it again, every night.',
    table(
      ['guard', 'what it is', 'without it', 'then red'],
      guards.flatMap(({ guard, what, harms }) =>
        harms.map((harm, n) => faultOf(n === 0 ? [guard, what] : ['', ''], harm)),
      ),
    ),
  ].join('\n\n')}\n`;
}

const number = (n: number): string => n.toLocaleString('en');

function rowOf(name: FaultName): readonly string[] {
  const { fault, made, mistake, unit } = faults[name];
  const sizes = `${sizesOf(name).map(number).join(' · ')} ${unit}`;
  return [`\`${name}\``, fault, made, mistake, sizes, resultOf(name)];
}

function resultOf(name: FaultName): string {
  const result = kept[name];
  if (!result) return 'not played at this size yet';
  const { on, size, mistakes, said } = result;
  const rest = size < sizesOf(name)[2] ? `; not played at ${number(sizesOf(name)[2])} yet` : '';
  return `${number(mistakes)} ${mistakes === 1 ? 'mistake' : 'mistakes'} in ${number(size)}: ${said} (${on})${rest}`;
}

function faultOf(guard: readonly string[], harm: string): readonly string[] {
  const mutant = mutants.find((one) => one.harm === harm);
  if (!mutant) throw new Error(`no known mistake is called: ${harm}`);
  return [...guard, harm, `\`${mutant.test}\``];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
