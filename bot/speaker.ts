import type { Reply } from '../cards';
import type { CommandCall } from '../core/command-call';
import type { Sleep } from '../core/time';
import {
  type Bucket,
  type CardInConversation,
  type Database,
  findCard,
  giveTokensBack,
  holdSlots,
  isHeld,
  type Queryable,
  takePart,
  takeTokens,
  wantCard,
} from '../store';
import { onTheWay } from './back';
import type { Delivery } from './delivery';
import { opening } from './dialogs';
import type { Log } from './log';
import type { Places } from './places';
import {
  type Address,
  inSightOfAll,
  isHelpedByWords,
  isTeamsError,
  type Posted,
  smaller,
  type Teams,
  type TeamsError,
} from './teams';

export interface SpeakerDeps {
  readonly database: Database;
  readonly teams: Pick<Teams, 'post' | 'update'>;
  readonly pace: Pace;
  readonly places: Pick<Places, 'park'>;
  readonly delivery: Pick<Delivery, 'kick'>;
  readonly sleep: Sleep;
  readonly log: Log;
}

/** `call`: what gives the same answer again. */
type Said = Reply & { readonly call?: CommandCall };

/** How long a turn waits for its live card to appear in Teams; after that the card follows on its own. Machine time. */
const cardPatienceMs = 2_500;
const attempts = 5;
/** Before a reply that Teams may have taken is sent once more; machine time. */
const secondTryMs = 1_500;

/** Replies in a turn: sends plain messages itself and leaves live cards to the delivery, which alone posts them. */
export class Speaker {
  constructor(private readonly deps: SpeakerDeps) {}

  /**
   * Never throws: a reply that Teams does not take is logged. One of which Teams does not say whether it was taken is
   * sent once more: an answer may stand twice, but a question without one is asked into the void.
   */
  async say(address: Address, reply: Reply, question?: string): Promise<Posted | undefined> {
    return this.sent(address, reply, (shown) => this.deps.teams.post(address, shown, question));
  }

  /**
   * Puts the whole answer in the place of the one that was to be completed; if that is gone, or Teams does not let it be
   * edited, it is posted. Never throws.
   */
  async complete(address: Address, { activityId }: Posted, answer: Said, question?: string): Promise<void> {
    const reply = onTheWay(answer);
    const edited = await this.sent(address, reply, async (shown) => {
      await this.deps.teams.update(address, activityId, shown);
      return { activityId };
    });
    if (!edited) await this.say(address, reply, question);
  }

  private async sent(
    address: Address,
    reply: Reply,
    send: (shown: Reply) => Promise<Posted>,
  ): Promise<Posted | undefined> {
    const { log } = this.deps;
    let shown = reply;
    const met: TeamsError[] = [];
    while (met.length < attempts) {
      try {
        await this.paced(address);
        return await send(shown);
      } catch (err) {
        if (!isTeamsError(err)) {
          log.error({ err }, 'a reply could not be sent');
          return undefined;
        }
        met.push(err);
        if (shown === reply && isHelpedByWords(err, reply)) shown = smaller(reply);
        else if (!(await this.worthAnotherTry(address, met))) break;
      }
    }
    log.warn({ conversation: address.conversationId, err: met.at(-1) }, 'a reply did not reach Teams for certain');
    return undefined;
  }

  /** Says something, or puts a live card there if the answer has a topic. `question`: the message or click it answers. */
  async answer(
    address: Address,
    answer: Said & { readonly topic?: string },
    question?: string,
  ): Promise<Posted | undefined> {
    const { topic } = answer;
    if (topic === undefined) return this.say(address, onTheWay(answer), question);
    // It lives on for days, and what one person alone sees is gone after one.
    await this.follow(inSightOfAll(address), { ...answer, topic }, question ?? '');
    return undefined;
  }

  /** Puts the card of a topic into this thread and keeps it up to date from then on. `question`: the message it answers. */
  private async follow(address: Address, answer: Reply & { readonly topic: string }, question: string): Promise<void> {
    const { database, delivery } = this.deps;
    const card = await this.freeCard(address, answer.topic, question);
    await wantCard(database, card);
    delivery.kick(card, opening(answer, answer.topic));
    const until = Date.now() + cardPatienceMs;
    for (let pause = 20; Date.now() < until; pause = Math.min(pause * 1.5, 200)) {
      await this.deps.sleep(pause);
      const row = await findCard(database, card);
      if (row?.activityId) return;
    }
  }

  /** The topic's own card in this conversation if it has not been posted yet, or another one for this question. */
  private async freeCard(address: Address, topic: string, question: string): Promise<CardInConversation> {
    const { conversationId, threadId } = address;
    const own = { topic, conversationId, threadId, kind: topic.split(':')[0] ?? topic };
    const found = await findCard(this.deps.database, own);
    const taken = found && (found.activityId !== null || found.createStartedAt !== null);
    return taken ? { ...own, question } : own;
  }

  private async paced(address: Address): Promise<void> {
    try {
      await this.deps.pace.forAnswer(address);
    } catch (err) {
      // Without a database there is no shared pace, and the only reply is that the database is gone.
      this.deps.log.warn({ err }, 'a reply is sent without the shared pace');
    }
  }

  /** `met`: what became of the tries so far, the last one last. Waits for as long as it takes until the next. */
  private async worthAnotherTry(address: Address, met: readonly TeamsError[]): Promise<boolean> {
    const last = met.at(-1);
    const { pace, places, sleep } = this.deps;
    switch (last?.trouble) {
      case 'throttled':
        await this.orLogged(pace.hold(address, last.details.retryAfterMs ?? 0));
        return true;
      case 'unreached':
        if (met.length < attempts) await sleep(1_000 * 2 ** (met.length - 1));
        return true;
      case 'unclear':
        if (met.filter(({ trouble }) => trouble === 'unclear').length > 1) return false;
        await sleep(secondTryMs);
        return true;
      case 'closed':
        // Of one person, who has left; the conversation is as it was.
        if (address.onlyFor) return false;
        await this.orLogged(places.park(address.conversationId, last.message));
        return false;
      default:
        return false;
    }
  }

  /** What the other replicas would like to know; without a database this one goes on alone. */
  private async orLogged(work: Promise<void>): Promise<void> {
    await work.catch((err) => this.deps.log.warn({ err }, 'what Teams said about a conversation was not stored'));
  }
}

/** Teams' estimated limit per tenant: 30 requests a second. */
const perTenant = ({ tenantId }: Address): Bucket => ({ key: `teams tenant ${tenantId}`, perSecond: 30, burst: 30 });
/**
 * What of it answers to people may use: however many ask, cards, by which decisions and runs are told, have the rest. Alone
 * cards have all of it.
 */
const ofAnswers = ({ tenantId }: Address): Bucket => ({ key: `teams answers ${tenantId}`, perSecond: 20, burst: 20 });
/** Below Teams' 1,800 an hour in one thread; its shorter windows are kept by slots. */
const perHour = (thread: string): Bucket => ({ key: `teams thread ${thread}`, perSecond: 0.25, burst: 900 });
/** One edit every three seconds: changes in between show together. */
const edits = ({ conversationId }: Address): Bucket => ({
  key: `teams edits ${conversationId}`,
  perSecond: 1 / 3,
  burst: 1,
});

/** It will not be this card's turn for a while; the holder gives its lease back. */
export class TooSoon extends Error {
  override readonly name = 'TooSoon';

  /** Machine time. */
  constructor(readonly waitMs: number) {
    super(`paced: ${waitMs} ms`);
  }
}

export function isTooSoon(error: unknown): error is TooSoon {
  return typeof error === 'object' && error !== null && (error as Error).name === 'TooSoon';
}

/** Keeps all replicas together within Teams' limits. Waits are in machine time. */
export class Pace {
  constructor(
    private readonly db: Queryable,
    private readonly sleep: Sleep,
  ) {}

  /** Of an answer to somebody. */
  async forAnswer(address: Address): Promise<void> {
    const thread = threadOf(address);
    const parts = { part: ofAnswers(address), whole: perTenant(address), more: [perHour(thread)] };
    for (;;) {
      const { ms, tookWhole } = await takePart(this.db, parts, { thread, mostMs: Number.POSITIVE_INFINITY });
      if (ms > 0) await this.sleep(ms);
      if (!tookWhole) await this.take([perTenant(address)], Number.POSITIVE_INFINITY);
      // A caller that slept through somebody else's Retry-After needs a new slot.
      if (ms === 0 || !(await isHeld(this.db, thread))) return;
    }
  }

  /** Of a card. @throws TooSoon when it would wait longer than about `mostMs`. */
  async forMessage(address: Address, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    const thread = threadOf(address);
    const buckets = [perTenant(address), perHour(thread)];
    for (;;) {
      const ms = await this.take(buckets, mostMs, { thread, mostMs });
      // A caller that slept through somebody else's Retry-After needs a new slot.
      if (ms === 0 || !(await isHeld(this.db, thread))) return;
    }
  }

  /** @throws TooSoon when it would wait longer than about twice `mostMs`. */
  async forEdit(address: Address, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.take([edits(address)], mostMs);
    await this.forMessage(address, mostMs);
  }

  /** After a Retry-After, nothing is sent there until it has passed. */
  async hold(address: Address, waitMs: number): Promise<void> {
    const threads = new Set([threadOf(address), address.conversationId]);
    await Promise.all([...threads].map((thread) => holdSlots(this.db, thread, waitMs)));
  }

  /** Returns how long it waited. */
  private async take(
    buckets: readonly Bucket[],
    mostMs: number,
    slot?: Parameters<typeof takeTokens>[2],
  ): Promise<number> {
    const ms = await takeTokens(this.db, buckets, slot);
    if (ms > mostMs) {
      await giveTokensBack(this.db, buckets);
      throw new TooSoon(ms);
    }
    if (ms > 0) await this.sleep(ms);
    return ms;
  }
}

function threadOf({ conversationId, threadId }: Address): string {
  return threadId === undefined ? conversationId : `${conversationId};messageid=${threadId}`;
}
