import type { Fence } from '../core/azure';
import { UserError } from '../core/errors';
import type { LogFields } from '../core/log';
import { sleep as machineSleep, type Sleep, seconds } from '../core/time';
import type { Queryable } from './database';
import { type Lease, type LeaseTerms, renewLease } from './leases';

/**
 * The machine's own clocks, in milliseconds. Monotonic alone stands still in a suspended laptop; the wall clock alone
 * can be set.
 */
export interface MachineTime {
  monotonicMs(): number;
  wallMs(): number;
}

export const machineTime: MachineTime = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

export interface Instant {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function instant(machine: MachineTime = machineTime): Instant {
  return { monotonicMs: machine.monotonicMs(), wallMs: machine.wallMs() };
}

/** A lease as far as its holder can tell: over as soon as either clock says so. `lose` gives it up. */
export interface HeldFence extends Fence {
  lose(): void;
}

export interface LeaseFence extends HeldFence {
  /** The lease was renewed by a request sent at `from`. */
  extend(from: Instant): void;
}

/** All of the lease but a margin, since clocks of two machines drift. */
const usableOf = (leaseMs: number): number => leaseMs - leaseMs / 25;

/** `from`: the moment before the claim was sent, which is never later than the database's own start of the lease. */
export function createFence(leaseMs: number, from: Instant, machine: MachineTime = machineTime): LeaseFence {
  const usableMs = usableOf(leaseMs);
  let start = from;
  let lost = false;
  return {
    leftMs() {
      const now = instant(machine);
      const passedMs = Math.max(now.monotonicMs - start.monotonicMs, now.wallMs - start.wallMs);
      return lost ? 0 : usableMs - passedMs;
    },
    extend(newStart) {
      // Once over, always over: another replica may have held the row in between.
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
  throw new UserError('FENCED', 'This replica no longer holds the run.', { hint: 'There is nothing to do.' });
}

/** Machine time, in milliseconds. */
export interface LeaseSettings {
  /** Another replica takes over from a dead or frozen one after this. */
  readonly leaseMs: number;
  readonly renewMs: number;
}

export const leaseSettings: LeaseSettings = { leaseMs: seconds(25), renewMs: seconds(8) };

/** By itself, `abort` would make an error with its stack for each piece of work. */
const workIsOver = 'the work is over';

/** Between two attempts to renew a lease while the database is silent. */
const silentMs = seconds(1);

/** What the work on a leased row gets. */
export interface Held extends HeldFence {
  /**
   * Before something that cannot be taken back: renews the lease now, unless it is younger than a renewal. False: it is
   * over, or another replica has taken it over. While it is young, and while the database is silent, the clocks alone
   * decide: until they end the lease, nobody can have taken it.
   */
  confirm(): Promise<boolean>;
}

export interface Holder {
  readonly database: Queryable;
  readonly settings?: LeaseSettings;
  readonly sleep?: Sleep;
  readonly machine?: MachineTime;
  /** Called once when renewals begin to fail, not for each attempt. */
  readonly log?: (message: string, facts: LogFields) => void;
}

/**
 * The one way to hold a lease: does the work and renews the lease until the work is over, trying again every second
 * while the database is silent. Renewals end when the lease is lost or over; the work must heed its fence before it
 * does anything outside the database, and require the lease's token (`updateHeld`) inside. Whether the row is given
 * back is up to the work; if it throws, the lease simply ends.
 *
 * @param claimed The lease, and the moment before its claim was sent.
 */
export async function whileHeld<T>(
  holder: Holder,
  claimed: { readonly lease: Lease; readonly at: Instant },
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const { settings = leaseSettings, sleep = machineSleep, machine = machineTime, log = () => {} } = holder;
  const { lease } = claimed;
  const fence = createFence(settings.leaseMs, claimed.at, machine);
  const over = new AbortController();
  const renew = async (): Promise<void> => {
    const from = instant(machine);
    if (await renewLease(holder.database, lease, settings.leaseMs)) fence.extend(from);
    else fence.lose();
  };
  const renewals = async (): Promise<void> => {
    let silent = false;
    for (;;) {
      await sleep(silent ? Math.min(silentMs, settings.renewMs) : settings.renewMs, over.signal);
      if (over.signal.aborted || fence.leftMs() <= 0) return;
      try {
        await renew();
        silent = false;
      } catch (error) {
        if (!silent) log('lease not renewed', { of: lease.of, id: lease.id, error });
        silent = true;
      }
    }
  };
  const isYoung = () => fence.leftMs() > usableOf(settings.leaseMs) - settings.renewMs;
  const confirm = async (): Promise<boolean> => {
    if (isYoung()) return true;
    await renew().catch((error: unknown) => log('lease not confirmed', { of: lease.of, id: lease.id, error }));
    return fence.leftMs() > 0;
  };
  const renewing = renewals();
  try {
    return await work({ leftMs: () => fence.leftMs(), lose: () => fence.lose(), confirm });
  } finally {
    fence.lose();
    over.abort(workIsOver);
    await renewing;
  }
}

/** Something that was leased, and what is to be done about it. */
export interface Claimed {
  readonly lease: Lease;
  /** Gives the lease back; if it throws, the lease simply ends. Sends nothing once the lease is over. */
  work(held: Held): Promise<void>;
}

/**
 * One kind of work for the worker in workflows/engine. It is declared here because the Teams edge has such work too and
 * must not know workflows; app/ hands all kinds to one worker.
 */
export interface Work {
  /** For the log. */
  readonly name: string;
  /** Pieces in progress at once, in this process. */
  readonly atOnce: number;
  /** Machine time between two looks, unless the worker is woken. */
  readonly pollMs: number;
  /** Nobody waits for it, or what wakes the worker never makes it due: a look every `pollMs` is enough. */
  readonly unhurried?: boolean;
  /** The worker's own when absent. */
  readonly lease?: LeaseSettings;
  /** Keeps being served while turns are in progress, since a turn may wait for it. */
  readonly servesTurns?: boolean;
  /** Leases one piece; undefined when none is due. One statement or one transaction. */
  claim(terms: LeaseTerms): Promise<Claimed | undefined>;
  /** Called once with a function that wakes the worker. */
  attach?(wake: () => void): void;
}
