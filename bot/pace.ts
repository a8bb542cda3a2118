import type { Sleep } from '../core/ports';
import { type Bucket, drainBucket, takeToken } from '../store/buckets';
import type { Queryable } from '../store/database';
import type { Address } from './teams';

/** Teams allows about 30 requests a second per tenant, and in one thread 7 at once and 60 in 30 s. */
const perTenant = (address: Address): Bucket => ({
  key: `teams tenant ${address.tenantId}`,
  perSecond: 30,
  burst: 30,
});
const perConversation = (address: Address): Bucket => ({
  key: `teams conversation ${address.conversationId}`,
  perSecond: 1.8,
  burst: 6,
});
/** One edit every three seconds: changes in between show together. */
const edits = (address: Address): Bucket => ({
  key: `teams edits ${address.conversationId}`,
  perSecond: 1 / 3,
  burst: 1,
});

/** Slows goldbot down to what Teams allows, all replicas together. Waits are machine time. */
export class Pace {
  constructor(
    private readonly db: Queryable,
    private readonly sleep: Sleep,
  ) {}

  async forMessage(address: Address): Promise<void> {
    const waits = await Promise.all([
      takeToken(this.db, perTenant(address)),
      takeToken(this.db, perConversation(address)),
    ]);
    await this.wait(Math.max(...waits));
  }

  async forEdit(address: Address): Promise<void> {
    await this.wait(await takeToken(this.db, edits(address)));
    await this.forMessage(address);
  }

  /** After a Retry-After: nothing is sent into this conversation before it is over. */
  async hold(address: Address, waitMs: number): Promise<void> {
    await drainBucket(this.db, perConversation(address), waitMs);
  }

  private async wait(ms: number): Promise<void> {
    if (ms > 0) await this.sleep(ms);
  }
}
