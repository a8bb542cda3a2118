import type { Reply } from '../cards';
import { type Clock, minutes, seconds, within } from '../core/time';
import type { Log } from './log';
import { type Address, isTeamsError } from './teams';

/** Somebody of a conversation: in Entra, and by the id that Teams gives people for goldbot alone. */
export interface Member {
  readonly oid: string;
  readonly userId: string;
}

export interface ViewsDeps {
  /** Who is in a conversation; undefined: more than are worth reading. @throws TeamsError */
  readonly membersAt: (
    address: Pick<Address, 'serviceUrl' | 'conversationId'>,
  ) => Promise<readonly Member[] | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** Machine time, monotonic, in milliseconds. */
  readonly nowMs?: () => number;
}

/** Teams asks for the cards of no more people. */
const mostOwners = 60;
/** Who has joined since is shown everybody's card, which has a way to their own. */
const rememberedMs = minutes(10);
/** A card that people need does not wait longer for a list that it can do without. */
const patienceMs = seconds(2);
const rememberedPlaces = 500;

type Members = readonly Member[] | undefined;

/**
 * Cards that are another one for each person (ADR 31): says of the card that everybody sees for whom Teams is to ask for
 * their own. Where nobody knows, it says nothing, and Teams asks for all of a conversation of up to sixty.
 */
export class Views {
  private readonly known = new Map<string, { readonly untilMs: number; readonly members: Promise<Members> }>();

  constructor(private readonly deps: ViewsDeps) {}

  /** The card for everybody of a conversation. Never throws for what Teams does. */
  async forAll(reply: Reply, address: Address): Promise<Reply> {
    if (!reply.card?.['refresh']) return reply;
    const { owners } = reply;
    const isOne = address.kind === 'personal' || address.onlyFor !== undefined;
    const members = owners && !isOne ? await this.membersOf(address) : undefined;
    if (!owners || !members) return this.asking(reply, undefined);
    const ids = new Map(members.map(({ oid, userId }) => [oid, userId]));
    const userIds = owners.flatMap((oid) => ids.get(oid) ?? []);
    return this.asking(reply, userIds.slice(0, mostOwners));
  }

  /** The card that one person is answered with: their client asks again after the next edit. */
  forOne(reply: Reply, userId: string): Reply {
    return reply.card?.['refresh'] ? this.asking(reply, [userId]) : reply;
  }

  /** Clients ask again when the last answer is a minute old, by the moment in what they send. */
  private asking({ card, ...reply }: Reply, userIds: readonly string[] | undefined): Reply {
    if (!card) return reply;
    const { action } = card['refresh'] as { readonly action: { readonly data: object } };
    const data = { ...action.data, at: this.deps.clock.now().toISOString() };
    return { ...reply, card: { ...card, refresh: { action: { ...action, data }, ...(userIds && { userIds }) } } };
  }

  private membersOf(address: Address): Promise<Members> {
    const { nowMs = () => performance.now() } = this.deps;
    const { conversationId } = address;
    const have = this.known.get(conversationId);
    if (have && have.untilMs > nowMs()) return have.members;
    const asked = within(patienceMs, this.deps.membersAt(address), () => this.unknown(conversationId, 'too late'));
    const members = asked.catch((err: unknown) => {
      if (!isTeamsError(err)) throw err;
      return this.unknown(conversationId, err);
    });
    if (this.known.size >= rememberedPlaces) this.known.clear();
    this.known.set(conversationId, { untilMs: nowMs() + rememberedMs, members });
    return members;
  }

  private unknown(conversation: string, err: unknown): undefined {
    this.known.delete(conversation);
    this.deps.log.warn(
      { conversation, err },
      'Teams did not say who is in a conversation; all of it are shown their own card',
    );
  }
}
