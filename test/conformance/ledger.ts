import type { Judgement } from './wire';

interface Line {
  readonly used: Set<string>;
  readonly judged: Set<string>;
  exchanges: number;
  wrong: number;
  recordings: number;
  examples: number;
}

/** What was judged, per provider: the one table at the end of the conformance tests. */
export class Ledger {
  private readonly lines = new Map<string, Line>();

  /** An operation that goldbot uses, whether or not a judge knows it. */
  uses(provider: string, operation: string): void {
    this.line(provider).used.add(operation);
  }

  exchange(provider: string, { operation, wrong }: Judgement): void {
    const line = this.line(provider);
    line.exchanges += 1;
    if (operation) line.judged.add(operation);
    if (wrong.length > 0 || !operation) line.wrong += 1;
  }

  /** A recorded exchange that went through goldbot's services or was asked of the sandbox. */
  recording(provider: string): void {
    this.line(provider).recordings += 1;
  }

  /** An official example that was fed to goldbot's services or to the sandbox. */
  example(provider: string): void {
    this.line(provider).examples += 1;
  }

  table(): string {
    const head = ['provider', 'operations used', 'judged', 'exchanges judged', 'wrong', 'recordings', 'examples'];
    const rows = [...this.lines].map(([provider, line]) => [
      provider,
      String(line.used.size),
      String([...line.used].filter((operation) => line.judged.has(operation)).length),
      String(line.exchanges),
      String(line.wrong),
      String(line.recordings),
      String(line.examples),
    ]);
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
    const text = (row: readonly string[]) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
    return [text(head), ...rows.map(text)].join('\n');
  }

  private line(provider: string): Line {
    const found = this.lines.get(provider);
    if (found) return found;
    const line: Line = { used: new Set(), judged: new Set(), exchanges: 0, wrong: 0, recordings: 0, examples: 0 };
    this.lines.set(provider, line);
    return line;
  }
}
