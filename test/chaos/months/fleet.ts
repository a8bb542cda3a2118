import type { HttpClient } from '@azure/core-rest-pipeline';
import { sleep } from '../../../core/time';
import type { Database } from '../../../store';

/** A replica is dead: nothing that it does reaches anybody. */
class Dead extends Error {
  constructor() {
    super('this replica is dead');
  }
}

export interface MortalOptions {
  readonly random: () => number;
  /** How many times as likely as usual a death is now; nobody dies at 0. */
  readonly danger: () => number;
  readonly leaseMs: number;
  onDeath(): void;
  onFreeze(): void;
}

const isWrite = (method: string): boolean => method !== 'GET' && method !== 'HEAD';

/**
 * One life of a replica: it ends at a moment that a seed finds, before or after a request to Azure or with a transaction
 * written and not committed; or it stands still there until its leases are over, and goes on beside its heir.
 */
export class Life {
  dead = false;
  private still: Promise<void> | undefined;

  constructor(private readonly options: MortalOptions) {}

  http(client: HttpClient): HttpClient {
    return {
      sendRequest: async (request) => {
        const share = isWrite(request.method) ? 0.04 : 0.001;
        await this.reach(share, 0.4);
        const answer = await client.sendRequest(request);
        await this.reach(share, 0.4);
        return answer;
      },
    };
  }

  database(whole: Database): Database {
    return {
      ...whole,
      query: async (text, values) => {
        await this.reach(0.0002, 0.4);
        return whole.query(text, values);
      },
      transaction: async (work) => {
        await this.reach(0, 0);
        const result = await whole.transaction(async (tx) => {
          const written = await work(tx);
          // Looks that found nothing to do are no moments worth dying at.
          if (written !== undefined && written !== 0) await this.reach(0.012, 0);
          return written;
        });
        await this.reach(0.002, 0);
        return result;
      },
    };
  }

  /** `freezes`: share of those that only stand still. */
  private async reach(share: number, freezes: number): Promise<void> {
    const { random, danger, leaseMs, onDeath, onFreeze } = this.options;
    if (!this.dead && !this.still && random() < share * danger()) {
      if (random() < freezes) {
        onFreeze();
        this.still = sleep(leaseMs * 2.5).then(() => {
          this.still = undefined;
        });
      } else {
        this.dead = true;
        onDeath();
      }
    }
    await this.still;
    if (this.dead) throw new Dead();
  }
}
