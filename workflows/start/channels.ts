import type { Person } from '../../core/access';
import type { Clock } from '../../core/time';
import { chooseChannel, type Database } from '../../store';

export interface ChannelRequest {
  /** As the catalogue has it. */
  readonly name: string;
  readonly conversationId: string;
  readonly person: Person;
}

/** What people decide about channels; whether they may has been checked before. */
export interface ChannelControl {
  /**
   * Says which channel in Teams the catalogue means by a name, and releases what waits for it. Idempotent, and in the audit
   * each time.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  choose(request: ChannelRequest): Promise<void>;
}

export function createChannelControl({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): ChannelControl {
  return {
    choose: ({ name, conversationId, person }) =>
      chooseChannel(database, { name, conversationId, who: { oid: person.oid, name: person.name }, at: clock.now() }),
  };
}
