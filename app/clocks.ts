import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Sleep } from '../core/time';

export const machineClock: Clock = { now: () => new Date() };

/** Machine time; an aborted wait ends early and says nothing. */
export const sleep: Sleep = async (ms, signal) => {
  await delay(Math.max(ms, 0), undefined, signal ? { signal } : undefined).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
};

/** World time of a sandbox, read over HTTP and carried on in between. It never goes back. */
export class SandboxClock implements Clock {
  private anchor = { world: 0, machine: 0, speed: 1 };
  private last = 0;
  private stopped = false;
  /** Names the world that this clock belongs to; the database is bound to it. */
  world = '';
  /** Called when the sandbox was reset: there is another world now. */
  onNewWorld: () => void = () => {};

  private constructor(private readonly url: string) {}

  /** @throws Error when the sandbox does not answer. */
  static async follow(url: string, everyMs = 500): Promise<SandboxClock> {
    const clock = new SandboxClock(url);
    await clock.read();
    clock.keepReading(everyMs);
    return clock;
  }

  now(): Date {
    const ms = this.anchor.world + (performance.now() - this.anchor.machine) * this.anchor.speed;
    this.last = Math.max(this.last, ms);
    return new Date(this.last);
  }

  close(): void {
    this.stopped = true;
  }

  private keepReading(everyMs: number): void {
    const timer = setTimeout(async () => {
      // A sandbox that is being restarted: the clock carries on by itself until it answers again.
      await this.read().catch(() => undefined);
      if (!this.stopped) this.keepReading(everyMs);
    }, everyMs);
    timer.unref();
  }

  private async read(): Promise<void> {
    const response = await fetch(`${this.url}/_sandbox/clock`, { signal: AbortSignal.timeout(5_000) });
    const { world, now, speed } = (await response.json()) as { world: string; now: string; speed: number };
    const reset = this.world !== '' && this.world !== world;
    this.world = world;
    this.anchor = { world: new Date(now).getTime(), machine: performance.now(), speed };
    if (reset) this.onNewWorld();
  }
}
