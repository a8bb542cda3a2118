export interface ClockState {
  readonly worldMs: number;
  readonly machineMs: number;
  readonly speed: number;
}

/** How much world time may gain over a restart, in machine time: more than the longest gap between two saves. */
const longestGapMs = 10_000;

/** World time: runs `speed` times faster than the machine's clock and never goes back, not even over a restart. */
export class WorldClock {
  private anchor: ClockState;
  /** The machine's clock may be set back; a time that was given out is never taken back. */
  private latestMs = Number.NEGATIVE_INFINITY;

  constructor(
    start: { worldMs?: number; speed?: number; saved?: ClockState } = {},
    private readonly machine: () => number = Date.now,
  ) {
    const { saved } = start;
    const gap = saved ? Math.min(Math.max(this.machine() - saved.machineMs, 0), longestGapMs) : 0;
    this.anchor = {
      worldMs: saved ? saved.worldMs + gap * saved.speed : (start.worldMs ?? this.machine()),
      machineMs: this.machine(),
      speed: saved?.speed ?? start.speed ?? 120,
    };
  }

  get speed(): number {
    return this.anchor.speed;
  }

  /** World time in milliseconds since the epoch. */
  nowMs(): number {
    const passedMs = Math.max(this.machine() - this.anchor.machineMs, 0);
    this.latestMs = Math.max(this.latestMs, this.anchor.worldMs + passedMs * this.anchor.speed);
    return this.latestMs;
  }

  now(): Date {
    return new Date(this.nowMs());
  }

  advance(minutes: number): void {
    this.anchor = { ...this.snapshot(), worldMs: this.nowMs() + Math.max(minutes, 0) * 60_000 };
  }

  setSpeed(speed: number): void {
    this.anchor = { ...this.snapshot(), speed: Math.max(speed, 0) };
  }

  snapshot(): ClockState {
    return { worldMs: this.nowMs(), machineMs: this.machine(), speed: this.anchor.speed };
  }
}
