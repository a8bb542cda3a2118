import type { Reply } from '../cards';
import { isUserError } from '../core/errors';
import type { Clock, Sleep } from '../core/time';
import {
  auditAlone,
  type Card,
  cardCreating,
  cardFailed,
  cardGap,
  cardShown,
  claimCard,
  type Database,
  goldbot,
} from '../store';
import { chanceOf, keyOf, nextChance, storePosted } from './card-rows';
import { Destinations } from './destinations';
import { type Log, QuietLog } from './log';
import { backOff, isTooSoon, type Pace } from './pace';
import { addressOf, type Places } from './places';
import { type Address, isTeamsError, sameContent, smaller, type Teams, type TeamsError } from './teams';

export interface DeliveryDeps {
  readonly database: Database;
  readonly teams: Pick<Teams, 'post' | 'update'>;
  readonly pace: Pace;
  readonly places: Pick<Places, 'park'>;
  /** The present state of a topic; undefined when there is no such thing (any more). */
  readonly render: (topic: string) => Promise<Reply | undefined>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
}

/** A wait for pace may be this long, twice for edits; a card whose turn is later is given back meanwhile. */
const paceMs = 8_000;
/** Longer than those waits and the request to Teams together. */
const leaseMs = 30_000;
const editPauseMs = 3_000;
const pollMs = 500;
const atOnce = 8;
/** Somebody who sees the first card has this much machine time to click it before a second one comes. */
const secondPostMs = 60_000;

/** Brings cards up to date: whoever leases one renders what is true now. Several replicas may run it. */
export class Delivery {
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly first = new Map<string, Reply>();
  private wake: () => void = () => {};
  private loop: Promise<void> | undefined;
  private readonly quiet: QuietLog;
  private readonly destinations: Destinations;

  constructor(private readonly deps: DeliveryDeps) {
    this.quiet = new QuietLog(deps.log);
    this.destinations = new Destinations(deps);
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Takes no more cards; resolves when those under way are done. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
    await Promise.all(this.running);
  }

  /** Look for cards now. `opening` is what a new card shows first when it is posted by this replica. */
  kick(address?: Pick<Card, 'topic' | 'conversationId' | 'kind'>, opening?: Reply): void {
    if (address && opening) {
      if (this.first.size > 1_000) this.first.clear();
      this.first.set(keyOf(address), opening);
    }
    this.wake();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const card = this.running.size < atOnce ? await this.claim() : undefined;
      if (card) this.track(this.deliver(card));
      else await this.idle();
    }
  }

  private async claim(): Promise<Card | undefined> {
    try {
      return await claimCard(this.deps.database, leaseMs);
    } catch (err) {
      this.quiet.warn('claim', { err: isUserError(err) ? err.code : err }, 'cards cannot be claimed');
      await this.deps.sleep(2_000, this.stopping.signal);
      return undefined;
    }
  }

  private idle(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, pollMs);
      this.wake = () => {
        clearTimeout(timer);
        done();
      };
      if (this.stopping.signal.aborted) this.wake();
    });
  }

  private track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((err) => this.deps.log.error({ err }, 'a card could not be delivered; its lease will end'))
      .finally(() => {
        this.running.delete(tracked);
        this.wake();
      });
    this.running.add(tracked);
  }

  private async deliver(card: Card): Promise<void> {
    const { database } = this.deps;
    const conversation = await this.destinations.of(card);
    if (!conversation) return;
    const address = addressOf(conversation, card.threadId);
    if (card.activityId === null && card.createStartedAt && !(await this.onceMore(card, address))) return;
    try {
      if (card.activityId === null) await this.create(card, address);
      else await this.edit(card, address, card.activityId);
    } catch (error) {
      if (isTooSoon(error)) {
        await cardFailed(database, card, { error: error.message, retryMs: error.waitMs });
        return;
      }
      if (!isTeamsError(error)) {
        await cardFailed(database, card, { error: String(error), retryMs: backOff(card.tries, 60_000) });
        throw error;
      }
      await this.failed(card, address, error);
    }
  }

  private async create(card: Card, address: Address): Promise<void> {
    const { database, pace, teams } = this.deps;
    const opening = this.first.get(keyOf(card));
    this.first.delete(keyOf(card));
    await pace.forMessage(address, paceMs);
    const now = await this.rendered(card);
    if (!(await cardCreating(database, card))) return;
    const shown = opening ?? now;
    const posted = await this.fitting(shown, (reply) => teams.post(address, reply));
    // What was said first may be behind the state by now; then the card is edited soon.
    const wanted = sameContent(shown, now) ? card.wanted : card.wanted - 1;
    await storePosted(this.deps, { ...card, wanted }, { activityId: posted.activityId, editPauseMs });
  }

  private async edit(card: Card, address: Address, activityId: string): Promise<void> {
    const { database, pace, teams } = this.deps;
    await pace.forEdit(address, paceMs);
    const reply = await this.rendered(card);
    await this.fitting(reply, (shown) => teams.update(address, activityId, shown));
    await cardShown(database, card, { activityId, editPauseMs });
  }

  private async rendered(card: Card): Promise<Reply> {
    const reply = await this.deps.render(card.topic);
    if (!reply) throw new Error(`nothing to show for ${card.topic}`);
    return reply;
  }

  /** Too large after all: once more, as words alone. Teams has taken nothing of the first. */
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
    const creating = card.activityId === null;
    const retryIn = (retryMs: number) => cardFailed(database, card, { error: error.message, retryMs });
    switch (error.trouble) {
      case 'throttled': {
        const waitMs = error.details.retryAfterMs ?? editPauseMs;
        await pace.hold(address, waitMs);
        await retryIn(waitMs);
        return;
      }
      case 'unclear':
        if (creating) return this.gap(card, address, error.message);
        await retryIn(backOff(card.tries, 60_000));
        return;
      case 'unreached':
        await retryIn(backOff(card.tries, 60_000));
        return;
      case 'closed':
        return this.destinations.close(card, address, error);
      case 'lost':
      case 'refused':
      case 'too-big':
        return this.giveUp(card, error);
    }
  }

  /**
   * A process died over the create. A card that asks for a decision is posted once more after a while, since nobody may
   * have seen it and seeing it twice does no harm (ADR 8); by then somebody may have clicked the first one. True: now.
   */
  private async onceMore(card: Card, address: Address): Promise<boolean> {
    const { database, clock } = this.deps;
    const [why, chance] = ['the process died over it', chanceOf(card)];
    if (!card.topic.startsWith('approval:') || chance === 'over') {
      await this.gap(card, address, why);
      return false;
    }
    if (chance === 'waiting') return nextChance(database, card, null);
    const detail = { topic: card.topic, conversation: card.conversationId, why, again: true };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'card-unclear', detail });
    await nextChance(database, card, secondPostMs);
    return false;
  }

  /** Nobody knows whether Teams took it. A second card could show; none is sent, and people can still type. */
  private async gap(card: Card, address: Address, why: string): Promise<void> {
    const { database, clock, log } = this.deps;
    log.warn({ topic: card.topic, conversation: address.conversationId, why }, 'a card may be missing in Teams');
    const detail = { topic: card.topic, conversation: card.conversationId, why };
    await cardGap(database, card, { at: clock.now(), who: goldbot, action: 'card-unclear', detail });
  }

  /** The message is gone, or Teams will never take it: this state counts as shown, the next one is tried again. */
  private async giveUp(card: Card, error: TeamsError): Promise<void> {
    const { database, log } = this.deps;
    log.error({ topic: card.topic, err: error }, 'Teams does not take a card');
    if (card.activityId !== null) {
      await cardShown(database, card, { activityId: card.activityId, editPauseMs: 0 });
      return;
    }
    await cardFailed(database, card, { error: error.message, retryMs: backOff(card.tries + 5, 10 * 60_000) });
  }
}
