import type { Clock } from '../core/time';
import { auditAlone, type Database } from '../store';
import type { Log } from './log';
import type { Stranger } from './refused';

const everyMs = 3_600_000;
const rememberedTenants = 100;

/** Writes down that people of a tenant that is not served tried: once an hour for each tenant, with how often it was. */
export class Strangers {
  private readonly heard = new Map<string, { at: number; unsaid: number }>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Never throws. */
  async note({ tenant, oid, name }: Stranger): Promise<void> {
    const last = this.heard.get(tenant);
    if (last && Date.now() - last.at < everyMs) {
      last.unsaid += 1;
      return;
    }
    if (this.heard.size >= rememberedTenants) this.heard.clear();
    this.heard.set(tenant, { at: Date.now(), unsaid: 0 });
    const detail = { code: 'WRONG_TENANT', tenant, unsaid: last?.unsaid ?? 0 };
    const record = { at: this.clock.now(), who: { oid, name }, action: 'refuse', detail };
    await auditAlone(this.database, record).catch((err) => this.log.warn({ err }, 'a stranger could not be audited'));
  }
}
