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
