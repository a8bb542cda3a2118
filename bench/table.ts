import { arch, availableParallelism, platform, totalmem } from 'node:os';

/** One line of the benchmark's table. */
export interface Result {
  readonly id: string;
  readonly what: string;
  readonly goldbot: string;
  /** The peers of the same run, each with its figure. */
  readonly peers: readonly string[];
  readonly target: string;
  readonly reached: boolean;
}

export function table(results: readonly Result[]): string {
  const head = ['', 'what', 'goldbot', 'peers in the same run', 'target', 'reached'];
  const rows = results.map((r) => [r.id, r.what, r.goldbot, r.peers.join(' · '), r.target, r.reached ? 'yes' : 'NO']);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
export const times = (of: number, than: number): string => `${(of / Math.max(than, 1e-9)).toFixed(1)} x`;
export const thousands = (n: number): string => n.toLocaleString('en-US');

/** What it was measured on, without any name. */
export function machine(): string {
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores, ${gib} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** Between these the page is written by `npm run bench -- --write`. */
const marks = (id: string) => [`<!-- ${id} -->\n`, `<!-- end of ${id} -->`] as const;

const monthOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/**
 * The page with these figures in place of those that it had of the same measurements, each with its date and machine.
 *
 * @throws Error when the page has no place for one of them.
 */
export function filledIn(page: string, results: readonly Result[], at: Date): string {
  const ids = [...new Set(results.map(({ id }) => id))];
  return ids.reduce((text, id) => {
    const [begin, end] = marks(id);
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no place for ${id}`);
    const rows = results.filter((one) => one.id === id).map(rowOf);
    const head = ['| what | goldbot | peers in the same run | target | reached |', '|---|---|---|---|---|'];
    const when = `*${monthOf.format(at)}; ${machine()}*`;
    return `${text.slice(0, from)}${begin}${[...head, ...rows].join('\n')}\n\n${when}\n${text.slice(to)}`;
  }, page);
}

function rowOf({ what, goldbot, peers, target, reached }: Result): string {
  return `| ${[what, goldbot, peers.join('; '), target, reached ? 'yes' : '**no**'].join(' | ')} |`;
}
