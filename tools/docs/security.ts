import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figures } from '../../test/attack/figures';
import type { Front } from '../../test/attack/front';
import { fronts } from '../../test/attack/fronts';
import { type Mutant, mutants } from '../../test/mutants/list';

/** `docs/security.md`: written by hand but for its two tables, which come from what is attacked and what was counted. */
export function securityPage(): string {
  const page = readFileSync(join(__dirname, '../../docs/security.md'), 'utf8');
  return filled(filled(page, 'fronts', frontsTable()), 'faults', faultsTable());
}

function filled(page: string, name: string, table: readonly string[]): string {
  const [open, close] = [`<!-- ${name}: written by \`npm run docs\` -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(open);
  const after = rest?.split(close)[1];
  if (before === undefined || after === undefined) throw new Error(`docs/security.md has no place for its ${name}`);
  return `${before}${open}\n\n${table.join('\n')}\n\n${close}${after}`;
}

function frontsTable(): readonly string[] {
  const counted = figures();
  const rows = fronts.map((front) => {
    const figure = counted[front.name];
    const counts = figure
      ? [figure.tries.toLocaleString('en'), String(figure.letIn), figure.on]
      : ['–', '–', 'not yet'];
    return row([`\`${front.name}\``, front.row, front.tried, front.countsAsIn, ...counts]);
  });
  const head = ['front', 'row', 'what is tried', 'what would count as in', 'tries', 'in', 'counted on'];
  return [row(head), row(head.map(() => '---')), ...rows];
}

function faultsTable(): readonly string[] {
  const head = ['front', 'guard', 'deliberate mistake, and what people would suffer', 'turns red'];
  return [row(head), row(head.map(() => '---')), ...fronts.flatMap(faultRows)];
}

function faultRows({ name, guards, faults }: Front): readonly string[] {
  const planted = mutants.filter(({ harm }) => faults.includes(harm));
  const bare = guards.filter((guard) => !planted.some(({ file }) => file === guard));
  return [
    ...planted.map(({ file, harm, test, only }) => row([`\`${name}\``, link(file), harm, suite({ test, only })])),
    ...bare.map((file) => row([`\`${name}\``, link(file), '–', '–'])),
  ];
}

const suite = ({ test, only }: Pick<Mutant, 'test'> & { readonly only: string | undefined }): string =>
  `${link(test)}${only === undefined ? '' : `, “${only}”`}`;

const link = (file: string): string => `[${file}](../${file})`;

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
