import { inWords, mentioning, type Reply, standIn } from '../cards';
import type { Fence } from '../core/azure';
import { hashOf } from '../core/hash';
import { type Calling, isCall, type Mentioned } from '../core/mentions';
import { type MissingWhy, parseRequestId } from '../core/runs';
import { type Span, silentTelemetry, type Telemetry } from '../core/telemetry';
import { type Clock, hours, minutes, type Sleep, seconds } from '../core/time';
import {
  auditAlone,
  backOffMs,
  type Card,
  type CardInConversation,
  type Claimed,
  type Conversation,
  callAfterQuiet,
  cardCreating,
  cardDeleted,
  cardFailed,
  cardNotPosted,
  cardShown,
  cardStoodIn,
  cardUnclear,
  claimCard,
  copyKind,
  type Database,
  type Destination,
  destinationOf,
  dropUnposted,
  goldbot,
  interruptedOften,
  type LeaseTerms,
  leaseOfCard,
  makeSecondPost,
  promiseSecondPost,
  traceOf,
  type Work,
  wantCopies,
} from '../store';
import { opening } from './dialogs';
import type { Log } from './log';
import type { Mentioner } from './mentioner';
import type { Places } from './places';
import { isTooSoon, type Pace } from './speaker';
import {
  type Address,
  addressOf,
  isHelpedByWords,
  isTeamsError,
  sameContent,
  smaller,
  type Teams,
  type TeamsError,
} from './teams';
import { leading, toChannel } from './there';
import type { Views } from './views';

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
  /** By which clock people in a conversation live; none is known when absent. */
  readonly zoneOf?: ((called: readonly (string | null)[]) => string | undefined) | undefined;
  /** The current state of a topic; undefined when there is no such thing (any more). */
  readonly render: (topic: string) => Promise<Reply | undefined>;
  /** Whom a new message mentions where it is posted; nobody when absent. */
  readonly mentioner?: Pick<Mentioner, 'calling' | 'whom'> | undefined;
  /** The address of the card of a topic in Teams; undefined when it has none. */
  readonly linkTo?: ((topic: string) => Promise<string | undefined>) | undefined;
  /** For whom Teams is to ask for a card of their own. */
  readonly views?: Pick<Views, 'forAll'> | undefined;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly log: Log;
  /** Each delivery is a span. */
  readonly telemetry?: Telemetry | undefined;
  /** For the kill tests. */
  readonly at?: ((boundary: DeliveryBoundary) => Promise<void>) | undefined;
}

/** The longest that the pace may hold up a card, twice that for edits; a card that would wait longer is given back. */
const paceMs = seconds(8);
const editPauseMs = seconds(3);
const mostBackOffMs = seconds(60);
const sameNameMs = minutes(3);
const unknownMs = minutes(5);
const refusedMs = minutes(10);
/** A wait that Teams asks for is told to those who wait from this length on. */
const longWaitMs = minutes(1);
/** A Teams that cannot be reached for so many tries (a quarter of a minute) is told to those who wait. */
const toldAfterTries = 4;

/** Where a card goes, and by which clock it is read there. */
interface Place {
  readonly address: Address;
  readonly zone: string | undefined;
}

function inZone(reply: Reply, zone: string | undefined): Reply {
  return { ...reply, text: inWords(reply.text, { zone }) };
}

/** How it came that nobody knows whether Teams took a card: it gave an answer that says nothing, or the process died. */
type Doubt = 'silence' | 'death';

/** What is done about a card that may be in Teams or not (ADR 8). */
export interface Chances {
  /** Which cards, for people. */
  readonly cards: string;
  /** The doubts after which it is posted again. */
  readonly after: readonly Doubt[];
  /** Whoever sees the first one has this much machine time to click it before the second is posted; doubled for each more. */
  readonly firstMs: number;
  /** Then it is given up. */
  readonly posts: number;
}

/** Somebody must act on it, or nobody would ask for it: a second one does no harm, a missing one does. Tried for a day. */
const neverMissing: Chances = {
  cards: 'an approval request, a digest, a word of a schedule, news for subscribers, a call after quiet hours',
  after: ['silence', 'death'],
  firstMs: seconds(60),
  posts: 28,
};
/**
 * Somebody has just asked and waits. After a death it is not posted again: the message that asked is answered once more
 * by the heir of its turn.
 */
const answering: Chances = { cards: 'a run, news of it', after: ['silence'], firstMs: seconds(5), posts: 3 };
const mostPauseMs = hours(1);

/** For `docs/reference/waits.md`. */
export const chances: readonly Chances[] = [neverMissing, answering];

const unasked = /^(approval|requests|digest|schedule|told|call):|^news:[^:]+:(late|holdup|asked)/;

function chancesOf({ topic }: Card): Chances {
  return unasked.test(topic) ? neverMissing : answering;
}

/**
 * Of an answer with more than what people see of it. Whatever changes a run asks for all its cards anew, and most of them
 * look as before: an edit would only flicker, take from the pace and wipe what somebody is typing.
 */
const lookOf = ({ text, card, owners, pending }: Reply): string => hashOf({ text, card, owners, pending });

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
  private readonly told = new Set<string>();
  private wake: () => void = () => {};

  constructor(private readonly deps: DeliveryDeps) {}

  attach(wake: () => void): void {
    this.wake = wake;
  }

  async claim(terms: LeaseTerms): Promise<Claimed | undefined> {
    const card = await claimCard(this.deps.database, terms);
    return card && { lease: leaseOfCard(card), work: (fence) => this.seen(card, fence) };
  }

  /** Wakes the worker. `opening` is what a new card shows first, if this replica posts it. */
  kick(address: CardInConversation, opening: Reply): void {
    if (this.openings.size > 1_000) this.openings.clear();
    this.openings.set(keyOf(address), opening);
    this.wake();
  }

  /** The delivery as a span, linked to what started the run that the card shows. */
  private async seen(card: Card, fence: Fence): Promise<void> {
    const { telemetry = silentTelemetry, database } = this.deps;
    const [about, id = ''] = card.topic.split(':');
    const request = parseRequestId(id);
    const trace = telemetry.on && request ? await traceOf(database, request).catch(() => undefined) : undefined;
    const attributes = { 'goldbot.card': about, 'goldbot.request': request, 'goldbot.tries': card.tries };
    await telemetry.span({ name: 'card', attributes, links: [trace], root: true }, (span) =>
      this.deliver(card, fence, span),
    );
  }

  private async deliver(card: Card, fence: Fence, span: Span): Promise<void> {
    const { database } = this.deps;
    const conversation = await this.destination(card);
    if (!conversation) return span.set({ 'goldbot.outcome': 'waits' });
    const address = addressOf(conversation, card.threadId);
    const place: Place = {
      address,
      zone: this.deps.zoneOf?.([conversation.id, conversation.name, card.conversationName]),
    };
    if (card.activityId === null && card.createStartedAt && !(await this.mayPostAgain(card))) {
      return span.set({ 'goldbot.outcome': 'in doubt' });
    }
    const isToldInstead = needsStandIn(card);
    span.set({ 'goldbot.outcome': isToldInstead ? 'stand-in' : card.activityId === null ? 'post' : 'edit' });
    try {
      if (isToldInstead) await this.standIn(card, place, fence);
      else if (card.activityId === null) await this.create(card, place, fence);
      else await this.edit(card, place, { activityId: card.activityId, fence });
    } catch (error) {
      if (isTooSoon(error)) {
        span.set({ 'goldbot.outcome': 'paced' });
        await cardFailed(database, card, { error: error.message, retryMs: error.waitMs });
        return;
      }
      if (isTeamsError(error)) {
        span.fail({ 'teams.trouble': error.trouble });
        return this.failed(card, address, error);
      }
      await cardFailed(database, card, { error: String(error), retryMs: retryMsOf(card) });
      throw error;
    }
  }

  private async create(card: Card, { address, zone }: Place, fence: Fence): Promise<void> {
    const { database, pace, teams, at } = this.deps;
    const opening = this.openings.get(keyOf({ ...card, conversationId: address.conversationId }));
    this.openings.delete(keyOf({ ...card, conversationId: address.conversationId }));
    await pace.forMessage(address, paceMs);
    const plain = await this.stateOf(card);
    if (isTooLate(card, plain)) return dropUnposted(database, card);
    const calling = this.calling(opening ?? plain);
    const mentioned = await this.mentioned(opening ?? plain, address);
    const [now, shown] = [called(plain, mentioned), called(opening ?? plain, mentioned)];
    if (calling?.when === 'later' && !isForNobody(mentioned)) await callAfterQuiet(database, card, calling.until);
    const led = await this.leading(calling?.when === 'now' ? alertIn(address, shown) : shown, card);
    const sent = await this.forAll(led, address);
    if (fence.leftMs() <= 0 || !(await this.creating(card, address, mentioned))) return;
    await at?.('create announced');
    // It may have been frozen over the announcement. Whoever holds the card by now has read it, and posts by itself.
    if (fence.leftMs() <= 0) return cardNotPosted(database, card);
    const posted = await this.fitting(sent, (reply) => teams.post(address, inZone(reply, zone)));
    await at?.('create taken');
    // The opening may be out of date by now; then the card is edited soon.
    const wanted = sameContent(shown, now) ? card.wanted : card.wanted - 1;
    await this.storePosted({ ...card, wanted }, { ...address, activityId: posted.activityId, look: lookOf(shown) });
    await at?.('create stored');
  }

  /**
   * Whoever waits for a card over which one process after the other dies is told so in its place, in words by which nothing
   * is drawn; and operators in the log. The card is tried again as seldom as whatever rests.
   */
  private async standIn(card: Card, { address }: Place, fence: Fence): Promise<void> {
    const { database, pace, teams, log } = this.deps;
    const { topic, activityId: there } = card;
    const reply = standIn(topic);
    log.error({ topic, tries: card.tries }, 'a card stops every process that shows it; its place says so');
    await (there === null ? pace.forMessage(address, paceMs) : pace.forEdit(address, paceMs));
    if (fence.leftMs() <= 0 || (there === null && !(await this.creating(card, address, undefined)))) return;
    if (there !== null) await teams.update(address, there, reply);
    const activityId = there ?? (await teams.post(address, reply)).activityId;
    await cardStoodIn(database, card, { ...address, activityId, look: lookOf(reply) });
  }

  /** With the copies for those who are not there: the card says that they have one. */
  private creating(card: Card, { conversationId }: Address, mentioned: Mentioned | undefined): Promise<boolean> {
    return this.deps.database.transaction(async (tx) => {
      if (!(await cardCreating(tx, card, { conversation: conversationId, mentioned }))) return false;
      const oids = (mentioned?.copied ?? []).map(({ oid }) => oid);
      await wantCopies(tx, card.topic, oids);
      return true;
    });
  }

  private async edit(
    card: Card,
    { address, zone }: Place,
    { activityId, fence }: { readonly activityId: string; readonly fence: Fence },
  ): Promise<void> {
    const { database, pace, teams, at } = this.deps;
    const { look } = card;
    // After a death or an answer that says nothing, Teams may have something else.
    if (card.tries <= 1 && look !== null && look === lookOf(await this.rendered(card))) {
      await cardShown(database, card, { ...address, activityId, editPauseMs: 0, look });
      return;
    }
    await pace.forEdit(address, paceMs);
    const reply = await this.rendered(card);
    const dressed = await this.forAll(await this.leading(reply, card), address);
    await at?.('edit rendered');
    if (fence.leftMs() <= 0) return;
    await this.fitting(dressed, (shown) => teams.update(address, activityId, inZone(shown, zone)));
    await at?.('edit taken');
    const sent = { conversationId: address.conversationId, activityId, editPauseMs, look: lookOf(reply) };
    await cardShown(database, card, sent);
    await at?.('edit stored');
  }

  /**
   * Records that a card is in Teams. It must never look like one that may be posted again, so this does not throw: if the
   * database stays silent, `create_announced_at` remains and the card is handled as if the process had died.
   */
  private async storePosted(
    card: Card,
    { conversationId, activityId, look }: Address & { readonly activityId: string; readonly look: string },
  ): Promise<void> {
    const { database, sleep, log } = this.deps;
    for (const waitMs of [200, 1_000, 3_000, 5_000, undefined]) {
      try {
        await cardShown(database, card, { conversationId, activityId, editPauseMs, look });
        return;
      } catch (err) {
        if (waitMs === undefined)
          log.error({ topic: card.topic, err }, 'a card was posted; its id could not be stored');
        else await sleep(waitMs);
      }
    }
  }

  private async stateOf({ topic }: Card): Promise<Reply> {
    const reply = await this.deps.render(topic);
    if (!reply) throw new Error(`nothing to show for ${topic}`);
    return opening(reply, topic);
  }

  /** Of a card that is there: it goes on to say whom it has called, and calls nobody else. */
  private async rendered(card: Card): Promise<Reply> {
    return called(await this.stateOf(card), card.mentioned ?? undefined);
  }

  /** Whether it calls those whom it is for as it is posted. */
  private calling({ mentions }: Reply): Calling | undefined {
    return mentions && (this.deps.mentioner?.calling(mentions) ?? { when: 'now' });
  }

  /** In their own chat nobody needs to be told whom a message is for. */
  private async mentioned({ mentions }: Reply, address: Address): Promise<Mentioned | undefined> {
    const { mentioner } = this.deps;
    return mentions && mentioner && address.kind !== 'personal' ? mentioner.whom(mentions, address) : undefined;
  }

  /** A copy leads to the request that all who decide see. */
  private async leading(reply: Reply, { topic, kind }: Card): Promise<Reply> {
    const to = kind === copyKind ? { topic, title: toChannel } : reply.leadsTo;
    const url = to && (await this.deps.linkTo?.(to.topic));
    return url === undefined ? reply : leading(reply, to?.title ?? '', url);
  }

  private async forAll(reply: Reply, address: Address): Promise<Reply> {
    const { views } = this.deps;
    return views ? views.forAll(reply, address) : reply;
  }

  /** Too large after all, or a card that Teams does not take: sent again as text alone. Nothing of the first was accepted. */
  private async fitting<T>(reply: Reply, send: (reply: Reply) => Promise<T>): Promise<T> {
    try {
      return await send(reply);
    } catch (error) {
      if (!isTeamsError(error) || !isHelpedByWords(error, reply)) throw error;
      const bytes = JSON.stringify(reply).length;
      this.deps.log.warn({ bytes, err: error }, 'Teams did not take a card; its words are sent');
      return send(smaller(reply));
    }
  }

  private async failed(card: Card, address: Address, error: TeamsError): Promise<void> {
    const { database, pace } = this.deps;
    const later = (retryMs: number, missing?: MissingWhy) =>
      cardFailed(database, card, { error: error.message, retryMs, missing: missing && this.missing(missing) });
    switch (error.trouble) {
      case 'throttled': {
        const waitMs = error.details.retryAfterMs ?? editPauseMs;
        await pace.hold(address, waitMs);
        await later(waitMs, waitMs >= longWaitMs ? 'waiting' : undefined);
        return;
      }
      case 'unclear':
        if (card.activityId === null) return this.doubt(card, 'silence', error.message);
        await later(retryMsOf(card));
        return;
      case 'unreached':
        await later(retryMsOf(card), card.tries >= toldAfterTries ? 'waiting' : undefined);
        return;
      case 'closed':
        return this.park(card, address, error);
      case 'lost':
        return this.lost(card, address, error);
      case 'refused':
      case 'too-big':
        return this.refused(card, address, error);
    }
  }

  private missing(why: MissingWhy) {
    return { why, at: this.deps.clock.now() };
  }

  /** Of a create that was announced and has no message: true when its repeat is due. Else the process died over it. */
  private async mayPostAgain(card: Card): Promise<boolean> {
    if (card.secondPost === 'promised') return makeSecondPost(this.deps.database, card);
    await this.doubt(card, 'death', 'the process died over it');
    return false;
  }

  /** It is unknown whether Teams took it. What must not be missing is posted again after a while, everything else is not. */
  private async doubt(card: Card, doubt: Doubt, why: string): Promise<void> {
    const { database, clock, log } = this.deps;
    const { after, firstMs, posts } = chancesOf(card);
    const made = card.unclearPosts + 1;
    const again = after.includes(doubt) && made < posts;
    const detail = { topic: card.topic, conversation: namedPlace(card), why, ...(again && { again }) };
    const record = { at: clock.now(), who: goldbot, action: 'card-unclear', detail } as const;
    log.warn({ topic: card.topic, conversation: namedPlace(card), why, made, again }, 'a card may be missing in Teams');
    if (!again) {
      await cardUnclear(database, card, { record, missing: this.missing('given up') });
      return;
    }
    const afterMs = backOffMs(made, { firstMs, mostMs: mostPauseMs });
    const missing = this.missing('silent');
    await promiseSecondPost(database, card, { afterMs, missing, ...(made === 1 && { record }) });
  }

  /** Somebody deleted the message. Whoever is to decide would never see that it waits, so a request is posted anew. */
  private async lost(card: Card, address: Address, error: TeamsError): Promise<void> {
    const { database, clock, log } = this.deps;
    const detail = { topic: card.topic, conversation: namedPlace(card), why: error.message };
    const record = { at: clock.now(), who: goldbot, action: 'card-deleted', detail } as const;
    const became = card.activityId === null ? 'nothing' : await cardDeleted(database, card, record);
    if (became === 'nothing') return this.refused(card, address, error);
    log.warn({ topic: card.topic, conversation: namedPlace(card), became }, 'a request was deleted in Teams');
  }

  /** The message is gone and nobody is waited for, or Teams will never take it: this state counts as shown, and the next one is tried. */
  private async refused(card: Card, { conversationId }: Address, error: TeamsError): Promise<void> {
    const { database, log } = this.deps;
    log.error({ topic: card.topic, err: error }, 'Teams does not take a card');
    if (card.activityId !== null) {
      await cardShown(database, card, { conversationId, activityId: card.activityId, editPauseMs: 0 });
      return;
    }
    const retryMs = backOffMs(card.tries + 5, { mostMs: refusedMs });
    await cardFailed(database, card, { error: error.message, retryMs, missing: this.missing('refused') });
  }

  /** Nothing is sent there until goldbot hears from it again. */
  private async park(card: Card, { conversationId }: Address, error: TeamsError): Promise<void> {
    const { database, places, clock, log } = this.deps;
    log.warn({ conversation: conversationId, code: error.details.code }, 'a conversation is closed to goldbot; parked');
    await places.park(conversationId, error.message);
    await cardFailed(database, card, { error: error.message, retryMs: 0, missing: this.missing('closed') });
    const detail = { conversation: namedPlace(card), why: error.message, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-parked', detail });
  }

  /** Where a card goes. Undefined: it waits, and those who wait for it are told why. */
  private async destination(card: Card): Promise<Conversation | undefined> {
    const { database, clock } = this.deps;
    const found = await destinationOf(database, card, clock.now());
    const place = namedPlace(card);
    if (found.state === 'open') {
      this.told.delete(place);
      return found.conversation;
    }
    const [error, mostMs] = this.waits(place, found);
    // A process died over it: that is told first, when there is a place again.
    const untold = card.createStartedAt !== null && card.activityId === null && card.secondPost !== 'promised';
    if (!untold) {
      const missing = this.missing(found.state);
      await cardFailed(database, card, { error, retryMs: retryMsOf(card, mostMs), missing });
    }
    await this.tellOnce(card, found, error);
    return undefined;
  }

  /** Why a card waits, for the log and the audit, and the longest until the next look. */
  private waits(place: string, found: Exclude<Destination, { state: 'open' }>): readonly [string, number] {
    switch (found.state) {
      case 'unknown channel':
        return [`goldbot is in no channel called "${place}"`, unknownMs];
      case 'closed':
        return [found.why, unknownMs];
      case 'same name':
        return [`${found.channels.length} channels are called "${place}"; nobody has said which is meant`, sameNameMs];
    }
  }

  /** Once for each place and process. That several have the name is in the audit: somebody may want to be mistaken for it. */
  private async tellOnce(card: Card, found: Exclude<Destination, { state: 'open' }>, why: string): Promise<void> {
    const { database, clock, log } = this.deps;
    const place = namedPlace(card);
    if (this.told.has(place)) return;
    this.told.add(place);
    const channels = found.state === 'same name' ? found.channels : [];
    log.error(
      { channel: place, topic: card.topic, why, ...(channels.length > 0 && { channels }) },
      'cards wait for a channel',
    );
    if (found.state !== 'same name') return;
    const detail = { conversation: place, channels, why, topic: card.topic };
    await auditAlone(database, { at: clock.now(), who: goldbot, action: 'conversation-ambiguous', detail });
  }
}

/** One process after the other has died over it, and its place does not say so yet. */
const needsStandIn = ({ lastError, look, topic }: Card): boolean =>
  lastError === interruptedOften && look !== lookOf(standIn(topic));

/** Once nobody has to act any more, it calls nobody. */
function called(reply: Reply, mentioned: Mentioned | undefined): Reply {
  return reply.mentions && mentioned ? mentioning(reply, reply.mentions, mentioned) : reply;
}

/** It is there to call people, or a copy for one of them, and nobody is waited for any more. */
const isTooLate = ({ topic, kind }: Card, { mentions }: Reply): boolean =>
  (isCall(topic) || kind === copyKind) && !mentions?.waits;

/** Known to be, and not for want of an answer or of quiet. */
const isForNobody = (mentioned: Mentioned | undefined): boolean =>
  mentioned !== undefined && mentioned.why === undefined && mentioned.people.length + mentioned.others === 0;

/** What would mention people in a channel makes the devices of the one person in a chat of theirs tell. */
function alertIn({ kind }: Address, reply: Reply): Reply {
  return kind === 'personal' && reply.mentions ? { ...reply, alert: true } : reply;
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
