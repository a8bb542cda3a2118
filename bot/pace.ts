import type { Sleep } from '../core/time';
import { type Bucket, giveTokensBack, holdSlots, isHeld, type Queryable, takeSlot, takeToken } from '../store';
import type { Address } from './teams';

/** Teams' estimates per tenant: 30 requests a second. */
const perTenant = ({ tenantId }: Address): Bucket => ({ key: `teams tenant ${tenantId}`, perSecond: 30, burst: 30 });
/** Below Teams' 1,800 an hour in one thread; its shorter windows are kept by slots. */
const perHour = (thread: string): Bucket => ({ key: `teams thread ${thread}`, perSecond: 0.25, burst: 900 });
/** One edit every three seconds: changes in between show together. */
const edits = ({ conversationId }: Address): Bucket => ({
  key: `teams edits ${conversationId}`,
  perSecond: 1 / 3,
  burst: 1,
});

/** It is not this card's turn for a while; whoever holds a lease gives it back. */
export class TooSoon extends Error {
  override readonly name = 'TooSoon';

  /** Machine time. */
  constructor(readonly waitMs: number) {
    super(`paced: ${waitMs} ms`);
  }
}

export function isTooSoon(error: unknown): error is TooSoon {
  return typeof error === 'object' && error !== null && (error as Error).name === 'TooSoon';
}

/** Slows goldbot down to what Teams allows, all replicas together. Waits are machine time. */
export class Pace {
  constructor(
    private readonly db: Queryable,
    private readonly sleep: Sleep,
  ) {}

  /** @throws TooSoon when it would wait longer than about `mostMs`. */
  async forMessage(address: Address, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    const thread = threadOf(address);
    const buckets = [perTenant(address), perHour(thread)];
    for (;;) {
      const ms = await this.take(buckets, mostMs, takeSlot(this.db, thread, mostMs));
      // Who slept through a Retry-After of somebody else has to take another slot.
      if (ms === 0 || !(await isHeld(this.db, thread))) return;
    }
  }

  /** @throws TooSoon when it would wait longer than about twice `mostMs`. */
  async forEdit(address: Address, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.take([edits(address)], mostMs);
    await this.forMessage(address, mostMs);
  }

  /** After a Retry-After: nothing is sent there before it is over. */
  async hold(address: Address, waitMs: number): Promise<void> {
    const threads = new Set([threadOf(address), address.conversationId]);
    await Promise.all([...threads].map((thread) => holdSlots(this.db, thread, waitMs)));
  }

  /** Gives how long it waited. */
  private async take(buckets: readonly Bucket[], mostMs: number, ...slots: Promise<number>[]): Promise<number> {
    const waits = await Promise.all([...buckets.map((bucket) => takeToken(this.db, bucket)), ...slots]);
    const ms = Math.max(...waits);
    if (ms > mostMs) {
      await giveTokensBack(this.db, buckets);
      throw new TooSoon(ms);
    }
    if (ms > 0) await this.sleep(ms);
    return ms;
  }
}

function threadOf({ conversationId, threadId }: Address): string {
  return threadId === undefined ? conversationId : `${conversationId};messageid=${threadId}`;
}
