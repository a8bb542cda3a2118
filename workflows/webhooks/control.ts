import type { Person } from '../../core/access';
import type { Clock } from '../../core/time';
import { appendAudit, type Database, sendLostAgain } from '../../store';

export interface WebhookControl {
  /**
   * Has what a receiver did not get sent again, under the same ids; returns how many events that are. A repeat finds none.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  resend(request: { readonly receiver: string; readonly person: Person }): Promise<number>;
}

export function createWebhookControl({ database, clock }: { database: Database; clock: Clock }): WebhookControl {
  return {
    resend: ({ receiver, person }) =>
      database.transaction(async (tx) => {
        const at = clock.now();
        const events = await sendLostAgain(tx, receiver, at);
        if (events === 0) return 0;
        await appendAudit(tx, [{ at, who: person, action: 'resend-webhooks', detail: { receiver, events } }]);
        return events;
      }),
  };
}
