import type { AzureWrite, Fence } from '../../core/azure';
import { UserError } from '../../core/errors';

/** The machine's own clocks, in milliseconds. Monotonic alone stands still in a suspended laptop, wall alone can be set. */
export interface MachineTime {
  monotonicMs(): number;
  wallMs(): number;
}

export const machineTime: MachineTime = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** A lease as its holder may believe in it: over when either clock says so. */
export interface LeaseFence extends Fence {
  /** The lease was renewed by a request that left at `from`. */
  extend(from: Instant): void;
  /** Another replica has the run, or this one gave the step up. */
  lose(): void;
}

export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** A part of the lease that is never used: clocks of two machines do not run equally fast. */
const marginOf = (leaseMs: number): number => leaseMs / 25;

export function instant(machine: MachineTime): Instant {
  return { monotonicMs: machine.monotonicMs(), wallMs: machine.wallMs() };
}

/** `from`: before the claim left, which is never later than the database counted from. */
export function createFence(leaseMs: number, from: Instant, machine: MachineTime = machineTime): LeaseFence {
  const usableMs = leaseMs - marginOf(leaseMs);
  let start = from;
  let lost = false;
  return {
    leftMs() {
      const now = instant(machine);
      const passedMs = Math.max(now.monotonicMs - start.monotonicMs, now.wallMs - start.wallMs);
      return lost ? 0 : usableMs - passedMs;
    },
    extend(newStart) {
      // Once over, always over: somebody may have had the run in between.
      if (this.leftMs() > 0) start = newStart;
      else lost = true;
    },
    lose() {
      lost = true;
    },
  };
}

/** @throws UserError `FENCED` once the lease is over. */
export function checkFence(fence: Fence): void {
  if (fence.leftMs() > 0) return;
  throw new UserError('FENCED', 'This replica no longer holds the run.', { hint: 'Nothing is to be done.' });
}

/** Effects that look at the fence once more before they begin; the HTTP pipeline does the same for each request. */
export function fenced(write: AzureWrite, fence: Fence): AzureWrite {
  return new Proxy(write, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        checkFence(fence);
        return member.apply(target, args);
      };
    },
  });
}
