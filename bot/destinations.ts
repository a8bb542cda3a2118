import type { Clock } from '../core/time';
import {
  auditAlone,
  type Card,
  type Conversation,
  cardFailed,
  conversationsCalled,
  type Database,
  goldbot,
} from '../store';
import type { Log } from './log';
import { backOff } from './pace';
import type { Places } from './places';
import type { Address, TeamsError } from './teams';

export interface DestinationsDeps {
  readonly database: Database;
  readonly places: Pick<Places, 'park'>;
  readonly clock: Clock;
  readonly log: Log;
}

const ambiguousMs = 3 * 60_000;

/** Where cards go: the catalogue knows channels by names, and a name is nobody's property. */
export class Destinations {
  private readonly told = new Set<string>();

  constructor(private readonly deps: DestinationsDeps) {}

  /** Undefined: the card waits, because its conversation is not known, or more than one is called so. */
  async of(card: Card): Promise<Conversation | undefined> {
    const { database } = this.deps;
    const [conversation, ...others] = await conversationsCalled(database, card.conversationId);
    if (!conversation) {
      const error = `goldbot is not installed in "${card.conversationId}"`;
      await cardFailed(database, card, { error, retryMs: backOff(card.tries, 5 * 60_000) });
      return undefined;
    }
    if (others.length > 0) {
      await this.refuse(card, [conversation, ...others]);
      return undefined;
    }
    this.told.delete(card.conversationId);
    return conversation;
  }

  /** Nothing is sent there until goldbot hears from it again. */
  async close(card: Card, { conversationId }: Address, error: TeamsError): Promise<void> {
    const { database, places, clock, log } = this.deps;
    log.warn({ conversation: conversationId, code: error.details.code }, 'a conversation is closed to goldbot; parked');
    await places.park(conversationId, error.message);
    await cardFailed(database, card, { error: error.message, retryMs: 0 });
    const detail = { conversation: card.conversationId, why: error.message, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-parked', detail });
  }

  /** Anybody may make a team of the same name and put goldbot into it: no card is shown to people who were not meant. */
  private async refuse(card: Card, found: readonly Conversation[]): Promise<void> {
    const { database, clock, log } = this.deps;
    const name = card.conversationId;
    const why = `${found.length} channels are called "${name}"; put the channel's id into the catalogue`;
    // A create of which nobody knows the end keeps its mark and is looked at again when its lease is over.
    if (card.createStartedAt === null) await cardFailed(database, card, { error: why, retryMs: ambiguousMs });
    if (this.told.has(name)) return;
    this.told.add(name);
    const channels = found.map(({ id }) => id);
    log.error({ name, channels }, 'several channels have the name; cards for it wait until the catalogue has an id');
    const detail = { conversation: name, channels, why, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-ambiguous', detail });
  }
}
