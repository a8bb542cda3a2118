import type { Reply } from '../cards';
import type { Fence } from '../core/azure';
import type { Clock, Sleep } from '../core/time';
import {
  auditAlone,
  backOffMs,
  type Card,
  type CardInConversation,
  type Claimed,
  type Conversation,
  cardCreating,
  cardFailed,
  cardShown,
  cardUnclear,
  claimCard,
  conversationsFor,
  type Database,
  goldbot,
  type LeaseTerms,
  leaseOfCard,
  makeSecondPost,
  promiseSecondPost,
  type Work,
} from '../store';
import type { Log } from './log';
import type { Places } from './places';
import { isTooSoon, type Pace } from './speaker';
import { type Address, addressOf, isTeamsError, sameContent, smaller, type Teams, type TeamsError } from './teams';

/** Where the kill tests may stop the process; each is awaited. */
export type DeliveryBoundary =
  | 'create announced'
  | 'create taken'
  | 'create stored'
  | 'edit rendered'
  | 'edit taken'
  | 'edit stored';

export interface DeliveryDeps {
  readonly database: Database;
  readonly teams: Pick<Teams, 'post' | 'update'>;
  readonly pace: Pace;
  readonly places: Pick<Places, 'park'>;
  /** The current state of a topic; undefined when there is no such thing (any more). */
  readonly render: (topic: string) => Promise<Reply | undefined>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  /** For the kill tests. */
  readonly at?: ((boundary: DeliveryBoundary) => Promise<void>) | undefined;
}

/** The longest that the pace may hold up a card, twice that for edits; a card that would wait longer is given back. */
const paceMs = 8_000;
const editPauseMs = 3_000;
/** Whoever sees the first card has this much machine time to click it before a second one is posted. */
const secondPostMs = 60_000;
const mostBackOffMs = 60_000;
const ambiguousMs = 3 * 60_000;
const unknownMs = 5 * 60_000;
const refusedMs = 10 * 60_000;

/**
 * Brings cards up to date: the holder of a card's lease renders its current state. Any number of replicas may run it.
 */
export class Delivery implements Work {
  readonly name = 'cards';
  readonly atOnce = 8;
  readonly pollMs = 500;
  /** A turn may wait for its card. */
  readonly servesTurns = true;
  private readonly openings = new Map<string, Reply>();
  private readonly ambiguous = new Set<string>();
  private wake: () => void = () => {};

  constructor(private readonly deps: DeliveryDeps) {}

  attach(wake: () => void): void {
    this.wake = wake;
  }

  async claim(terms: LeaseTerms): Promise<Claimed | undefined> {
    const card = await claimCard(this.deps.database, terms);
    return card && { lease: leaseOfCard(card), work: (fence) => this.deliver(card, fence) };
  }

  /** Wakes the worker. `opening` is what a new card shows first, if this replica posts it. */
  kick(address: CardInConversation, opening: Reply): void {
    if (this.openings.size > 1_000) this.openings.clear();
    this.openings.set(keyOf(address), opening);
    this.wake();
  }

  private async deliver(card: Card, fence: Fence): Promise<void> {
    const { database } = this.deps;
    const conversation = await this.destination(card);
    if (!conversation) return;
    const address = addressOf(conversation, card.threadId);
    if (card.activityId === null && card.createStartedAt && !(await this.onceMore(card, address))) return;
    try {
      if (card.activityId === null) await this.create(card, address, fence);
      else await this.edit(card, address, { activityId: card.activityId, fence });
    } catch (error) {
      if (isTooSoon(error)) {
        await cardFailed(database, card, { error: error.message, retryMs: error.waitMs });
        return;
      }
      if (isTeamsError(error)) return this.failed(card, address, error);
      await cardFailed(database, card, { error: String(error), retryMs: retryMsOf(card) });
      throw error;
    }
  }

  private async create(card: Card, address: Address, fence: Fence): Promise<void> {
    const { database, pace, teams, at } = this.deps;
    const opening = this.openings.get(keyOf({ ...card, conversationId: address.conversationId }));
    this.openings.delete(keyOf({ ...card, conversationId: address.conversationId }));
    await pace.forMessage(address, paceMs);
    const now = await this.rendered(card);
    if (fence.leftMs() <= 0 || !(await cardCreating(database, card, address.conversationId))) return;
    await at?.('create announced');
    const shown = opening ?? now;
    const posted = await this.fitting(shown, (reply) => teams.post(address, reply));
    await at?.('create taken');
    // The opening may be out of date by now; then the card is edited soon.
    const wanted = sameContent(shown, now) ? card.wanted : card.wanted - 1;
    await this.storePosted({ ...card, wanted }, { ...address, activityId: posted.activityId });
    await at?.('create stored');
  }

  private async edit(
    card: Card,
    address: Address,
    { activityId, fence }: { readonly activityId: string; readonly fence: Fence },
  ): Promise<void> {
    const { database, pace, teams, at } = this.deps;
    await pace.forEdit(address, paceMs);
    const reply = await this.rendered(card);
    await at?.('edit rendered');
    if (fence.leftMs() <= 0) return;
    await this.fitting(reply, (shown) => teams.update(address, activityId, shown));
    await at?.('edit taken');
    await cardShown(database, card, { conversationId: address.conversationId, activityId, editPauseMs });
    await at?.('edit stored');
  }

  /**
   * Records that a card is in Teams. It must never look like one that may be posted again, so this does not throw: if the
   * database stays silent, `create_announced_at` remains and the card is handled as if the process had died.
   */
  private async storePosted(card: Card, { conversationId, activityId }: Address & { readonly activityId: string }) {
    const { database, sleep, log } = this.deps;
    for (const waitMs of [200, 1_000, 3_000, 5_000, undefined]) {
      try {
        await cardShown(database, card, { conversationId, activityId, editPauseMs });
        return;
      } catch (err) {
        if (waitMs === undefined)
          log.error({ topic: card.topic, err }, 'a card was posted; its id could not be stored');
        else await sleep(waitMs);
      }
    }
  }

  private async rendered(card: Card): Promise<Reply> {
    const reply = await this.deps.render(card.topic);
    if (!reply) throw new Error(`nothing to show for ${card.topic}`);
    return reply;
  }

  /** Too large after all: sent again as text alone. Teams has accepted nothing of the first attempt. */
  private async fitting<T>(reply: Reply, send: (reply: Reply) => Promise<T>): Promise<T> {
    try {
      return await send(reply);
    } catch (error) {
      if (!isTeamsError(error) || error.trouble !== 'too-big') throw error;
      this.deps.log.warn({ bytes: JSON.stringify(reply).length }, 'a card was too large for Teams; sent as text');
      return send(smaller(reply));
    }
  }

  private async failed(card: Card, address: Address, error: TeamsError): Promise<void> {
    const { database, pace } = this.deps;
    const retryIn = (retryMs: number) => cardFailed(database, card, { error: error.message, retryMs });
    switch (error.trouble) {
      case 'throttled': {
        const waitMs = error.details.retryAfterMs ?? editPauseMs;
        await pace.hold(address, waitMs);
        await retryIn(waitMs);
        return;
      }
      case 'unclear':
        if (card.activityId === null) return this.giveUp(card, address, error.message);
        await retryIn(retryMsOf(card));
        return;
      case 'unreached':
        await retryIn(retryMsOf(card));
        return;
      case 'closed':
        return this.park(card, address, error);
      case 'lost':
      case 'refused':
      case 'too-big':
        return this.refused(card, address, error);
    }
  }

  /**
   * A process died during the create. A card that asks for a decision is posted once more after a while, since nobody may
   * have seen it and a second one does no harm (ADR 8); by then somebody may have clicked the first. True: post it now.
   */
  private async onceMore(card: Card, address: Address): Promise<boolean> {
    const { database, clock } = this.deps;
    const why = 'the process died over it';
    if (!card.topic.startsWith('approval:') || card.secondPost === 'made') {
      await this.giveUp(card, address, why);
      return false;
    }
    if (card.secondPost === 'promised') return makeSecondPost(database, card);
    const detail = { topic: card.topic, conversation: namedPlace(card), why, again: true };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'card-unclear', detail });
    await promiseSecondPost(database, card, secondPostMs);
    return false;
  }

  /** It is unknown whether Teams took it. Sending another could show it twice, so none is sent; people can still type. */
  private async giveUp(card: Card, address: Address, why: string): Promise<void> {
    const { database, clock, log } = this.deps;
    log.warn({ topic: card.topic, conversation: address.conversationId, why }, 'a card may be missing in Teams');
    const detail = { topic: card.topic, conversation: namedPlace(card), why };
    await cardUnclear(database, card, { at: clock.now(), who: goldbot, action: 'card-unclear', detail });
  }

  /** The message is gone, or Teams will never take it: this state counts as shown, and the next one is tried. */
  private async refused(card: Card, { conversationId }: Address, error: TeamsError): Promise<void> {
    const { database, log } = this.deps;
    log.error({ topic: card.topic, err: error }, 'Teams does not take a card');
    if (card.activityId !== null) {
      await cardShown(database, card, { conversationId, activityId: card.activityId, editPauseMs: 0 });
      return;
    }
    const retryMs = backOffMs(card.tries + 5, { mostMs: refusedMs });
    await cardFailed(database, card, { error: error.message, retryMs });
  }

  /** Nothing is sent there until goldbot hears from it again. */
  private async park(card: Card, { conversationId }: Address, error: TeamsError): Promise<void> {
    const { database, places, clock, log } = this.deps;
    log.warn({ conversation: conversationId, code: error.details.code }, 'a conversation is closed to goldbot; parked');
    await places.park(conversationId, error.message);
    await cardFailed(database, card, { error: error.message, retryMs: 0 });
    const detail = { conversation: namedPlace(card), why: error.message, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-parked', detail });
  }

  /**
   * Where a card goes: the catalogue names channels, and names are not unique. Undefined: the card waits, because no
   * conversation has the name, or more than one.
   */
  private async destination(card: Card): Promise<Conversation | undefined> {
    const { database } = this.deps;
    const place = namedPlace(card);
    const [conversation, ...others] = await conversationsFor(database, card);
    if (!conversation) {
      const error = `goldbot is not installed in "${place}"`;
      await cardFailed(database, card, { error, retryMs: retryMsOf(card, unknownMs) });
      return undefined;
    }
    if (others.length === 0) {
      this.ambiguous.delete(place);
      return conversation;
    }
    await this.refuseAmbiguous(card, [conversation, ...others]);
    return undefined;
  }

  /** Anybody can create a team of the same name and add goldbot to it: no card may be shown to the wrong people. */
  private async refuseAmbiguous(card: Card, found: readonly Conversation[]): Promise<void> {
    const { database, clock, log } = this.deps;
    const name = namedPlace(card);
    const why = `${found.length} channels are called "${name}"; put the channel's id into the catalogue`;
    // A create with an unknown outcome keeps its mark and is looked at again when its lease is over.
    if (card.createStartedAt === null) await cardFailed(database, card, { error: why, retryMs: ambiguousMs });
    if (this.ambiguous.has(name)) return;
    this.ambiguous.add(name);
    const channels = found.map(({ id }) => id);
    log.error({ name, channels }, 'several channels have the name; cards for it wait until the catalogue has an id');
    const detail = { conversation: name, channels, why, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-ambiguous', detail });
  }
}

function retryMsOf({ tries }: Card, mostMs = mostBackOffMs): number {
  return backOffMs(tries, { mostMs });
}

/** For people: the name in the catalogue, or the id. */
function namedPlace({ conversationName, conversationId }: Card): string {
  return conversationName ?? conversationId ?? '';
}

/** One text for the address of a card. */
function keyOf({
  topic,
  conversationId,
  kind,
  question = '',
}: Pick<CardInConversation, 'topic' | 'conversationId' | 'kind' | 'question'>): string {
  return [topic, conversationId, kind, question].join(' ');
}
