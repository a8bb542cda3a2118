import type { OutputLine } from '../guest/shell';

/** World milliseconds, and the line without the run's id before it. */
export type LogLine = readonly [atMs: number, text: string];

/** Writes a customization.log as Image Builder's Packer does: its own chatter to ERR, what people look for to OUT. */
export class PackerLog {
  readonly lines: LogLine[] = [];

  private readonly startedMs: number;

  constructor(public atMs: number) {
    this.startedMs = atMs;
  }

  /** `5 minutes 3 seconds`: how long Packer has been at work, as it says it. */
  get duration(): string {
    const all = Math.round((this.atMs - this.startedMs) / 1_000);
    const parts = [[Math.floor(all / 60), 'minute'] as const, [all % 60, 'second'] as const];
    return parts
      .filter(([n]) => n > 0)
      .map(([n, unit]) => `${n} ${unit}${n === 1 ? '' : 's'}`)
      .join(' ');
  }

  wait(ms: number): void {
    this.atMs += ms;
  }

  /** `==> azure-arm: …` */
  step(text: string): void {
    this.add(`PACKER OUT ==> azure-arm: ${text}`);
  }

  /** `    azure-arm: …` */
  detail(text: string): void {
    this.add(`PACKER OUT     azure-arm: ${text}`);
  }

  out(text: string): void {
    this.add(`PACKER OUT ${text}`);
  }

  /** A line of Packer's own log, with its time. */
  trace(text: string): void {
    this.add(`PACKER ERR ${stamp(this.atMs)} ${text}`);
  }

  err(text: string): void {
    this.add(`PACKER ERR ${text}`);
  }

  /** What a script wrote, spread over the time it took: its stderr stands out as errors do, harmless or not. */
  output(lines: readonly OutputLine[], lineMs: number): void {
    for (const { stream, text } of lines) {
      this.wait(lineMs);
      if (stream === 'out') this.detail(text);
      else this.step(text);
    }
  }

  private add(text: string): void {
    this.lines.push([Math.round(this.atMs), text]);
  }
}

/** The file at a moment: the run's id before each line. */
export function logText(run: string, lines: readonly LogLine[], nowMs: number): string {
  return lines
    .filter(([at]) => at <= nowMs)
    .map(([, text]) => `[${run}] ${text}\n`)
    .join('');
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
}
