import type { LogFields } from '../core/log';

/** pino, or a test's own log. Fields first, then constant text. */
export interface Log {
  info(fields: LogFields, text: string): void;
  warn(fields: LogFields, text: string): void;
  error(fields: LogFields, text: string): void;
}

/** Logs the same thing at most every ten seconds, with the number of repeats: a flood of bad tokens must not flood the log. */
export class QuietLog {
  private readonly said = new Map<string, { at: number; more: number }>();

  constructor(
    private readonly log: Log,
    private readonly everyMs = 10_000,
    private readonly now: () => number = Date.now,
  ) {}

  warn(reason: string, fields: LogFields, text: string): void {
    const last = this.said.get(reason);
    if (last && this.now() - last.at < this.everyMs) {
      last.more += 1;
      return;
    }
    this.said.set(reason, { at: this.now(), more: 0 });
    this.log.warn({ reason, ...fields, ...(last && last.more > 0 && { unsaid: last.more }) }, text);
  }
}
