import type { Reply } from '../cards';
import type { Sleep } from '../core/time';
import { type CardInConversation, type Database, findCard, wantCard } from '../store';
import type { Delivery } from './delivery';
import type { Log } from './log';
import type { Pace } from './pace';
import type { Places } from './places';
import { type Address, isTeamsError, smaller, type Teams } from './teams';

export interface SpeakerDeps {
  readonly database: Database;
  readonly teams: Pick<Teams, 'post'>;
  readonly pace: Pace;
  readonly places: Pick<Places, 'park'>;
  readonly delivery: Pick<Delivery, 'kick'>;
  readonly sleep: Sleep;
  readonly log: Log;
}

/** How long a turn waits until its live card stands in Teams; later it comes by itself. Machine time. */
const cardPatienceMs = 2_500;
const attempts = 5;

/** Says things in a turn: plain messages at once, live cards by way of the delivery, which alone posts those. */
export class Speaker {
  constructor(private readonly deps: SpeakerDeps) {}

  /** Never throws: what Teams does not take is logged, the person can ask again. */
  async say(address: Address, reply: Reply): Promise<void> {
    const { teams, log } = this.deps;
    let shown = reply;
    for (let left = attempts; left > 0; left -= 1) {
      try {
        await this.paced(address);
        await teams.post(address, shown);
        return;
      } catch (err) {
        if (!isTeamsError(err)) return log.error({ err }, 'a reply could not be sent');
        if (err.trouble === 'too-big' && shown === reply) shown = smaller(reply);
        else if (!(await this.worthAnotherTry(address, err))) {
          return log.warn({ conversation: address.conversationId, err }, 'a reply did not reach Teams for certain');
        }
      }
    }
  }

  /** Puts the card of a topic into this thread and keeps it up to date from then on. `question`: the message it answers. */
  async follow(address: Address, answer: Reply & { readonly topic: string }, question: string): Promise<void> {
    const { database, delivery } = this.deps;
    const card = await this.freeCard(address, answer.topic, question);
    await wantCard(database, card);
    delivery.kick(card, answer);
    const until = Date.now() + cardPatienceMs;
    for (let pause = 20; Date.now() < until; pause = Math.min(pause * 1.5, 200)) {
      await this.deps.sleep(pause);
      const row = await findCard(database, card);
      if (row?.activityId) return;
    }
  }

  /** The topic's own card of this conversation if it was not posted yet, else one more for this question. */
  private async freeCard(address: Address, topic: string, question: string): Promise<CardInConversation> {
    const { conversationId, threadId } = address;
    const own = { topic, conversationId, threadId, kind: topic.split(':')[0] ?? topic };
    const found = await findCard(this.deps.database, own);
    const taken = found && (found.activityId !== null || found.createStartedAt !== null);
    return taken ? { ...own, question } : own;
  }

  private async paced(address: Address): Promise<void> {
    try {
      await this.deps.pace.forMessage(address);
    } catch {
      // Without a database there is no common pace, and all that is said is that the database is gone.
    }
  }

  private async worthAnotherTry(address: Address, error: unknown): Promise<boolean> {
    if (!isTeamsError(error)) return false;
    if (error.trouble === 'throttled') {
      await this.deps.pace.hold(address, error.details.retryAfterMs ?? 0).catch(() => {});
      return true;
    }
    if (error.trouble === 'unreached') {
      await this.deps.sleep(1_000);
      return true;
    }
    if (error.trouble === 'closed') await this.deps.places.park(address.conversationId, error.message).catch(() => {});
    return false;
  }
}
