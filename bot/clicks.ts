import { randomUUID } from 'node:crypto';
import type { Reply } from '../cards';
import { isUserError } from '../core/errors';
import { sha256 } from '../core/hash';
import { parseRequestId, type RequestId } from '../core/runs';
import {
  bugMessage,
  type ClickAnswer,
  type ConversationHandlers,
  findCommand,
  newBug,
  refusalLine,
  type Turn,
} from '../dialogs';
import { commands } from '../dialogs/index';
import type { Queryable } from '../store';
import type { Reads } from '../store/reads';
import { clickOf, conversationOf, isRecord, type TeamsActivity } from './activity';
import { adoptMessage, topicOfMessage } from './card-rows';
import { answerDelivery, awaitAnswer, noteDelivery, reopenDelivery } from './deliveries';
import type { Log } from './log';
import { tenantOf } from './places';
import type { Speaker } from './speaker';

/** The body of an invoke's answer; the HTTP status beside it is 200. */
export interface InvokeAnswer {
  readonly statusCode: 200;
  readonly type: 'application/vnd.microsoft.card.adaptive' | 'application/vnd.microsoft.activity.message';
  readonly value: unknown;
}

export interface ClicksDeps {
  readonly database: Queryable;
  readonly conversation: Pick<ConversationHandlers, 'handleAction'>;
  readonly reads: Pick<Reads, 'run' | 'runOfApproval'>;
  readonly speaker: Speaker;
  readonly log: Log;
}

/** A click is answered within this much machine time, be it by "still working on it". */
const answerMs = 2_900;
/** Teams delivers a click up to four times within a minute, the later ones under a new id. */
const windowMs = 60_000;
const patienceMs = 2_500;

/** What an act was answered with last, and what it was when a message was posted for it. */
interface ActAnswer extends InvokeAnswer {
  readonly posted?: InvokeAnswer;
}

interface Click {
  readonly activity: TeamsActivity;
  readonly turn: Turn;
  readonly verb: string;
  readonly data: unknown;
}

/** Clicks on cards. The card is only an address: what it says about itself is looked up. */
export class Clicks {
  constructor(private readonly deps: ClicksDeps) {}

  /** Never throws; undefined when the invoke is no click. `keep` watches what goes on after the answer. */
  async answer(
    activity: TeamsActivity,
    turn: Turn,
    keep: (work: Promise<InvokeAnswer>) => Promise<InvokeAnswer>,
  ): Promise<InvokeAnswer | undefined> {
    const clicked = clickOf(activity);
    if (!clicked) return undefined;
    const work = keep(this.once({ activity, turn, ...clicked }).catch((error: unknown) => this.explain(error)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<InvokeAnswer>((done) => {
      timer = setTimeout(
        () => done(line('goldbot is still working on it. Look at the card again in a moment.')),
        answerMs,
      );
    });
    const answer = await Promise.race([work, late]);
    clearTimeout(timer);
    return answer;
  }

  /** The very same activity once more gets the answer that it got. */
  private async once(click: Click): Promise<InvokeAnswer> {
    const { activity, turn } = click;
    const key = `click ${turn.person.oid} ${activity.conversation.id} ${activity.id ?? randomUUID()}`;
    const noted = await noteDelivery(this.deps.database, key, windowMs);
    if (noted.state === 'answered') return noted.answer as InvokeAnswer;
    if (noted.state === 'open') return this.whatComesOf(key);
    const answer = await this.act(click, `${key} ${noted.since}`);
    await answerDelivery(this.deps.database, key, answer);
    return answer;
  }

  /**
   * Whatever changes something is one act per person, card, button and attempt, also under a new activity id: the
   * deliveries of one act wait for each other and share its intent, so that what it does is done once. What is allowed is
   * asked anew each time: a refusal may be over by now, and so may a right.
   */
  private async act(click: Click, delivery: string): Promise<InvokeAnswer> {
    const key = await this.actOf(click);
    if (key === undefined) return this.show(click, await this.ask(click, delivery));
    const { database } = this.deps;
    const noted = await noteDelivery(database, key, windowMs);
    const before = noted.state === 'answered' ? await reopenDelivery(database, key) : undefined;
    if (noted.state === 'open' || (noted.state === 'answered' && !before)) return this.whatComesOf(key);
    const told = await this.ask(click, `${key} ${noted.since}`);
    const { posted } = (before?.value ?? {}) as Partial<ActAnswer>;
    // What the act had to say in the thread stands there already.
    const answer = told.kind === 'post' && posted ? posted : await this.show(click, told);
    const stands = told.kind === 'post' ? answer : posted;
    await answerDelivery(database, key, { ...answer, ...(stands && { posted: stands }) } satisfies ActAnswer);
    return answer;
  }

  private async ask(click: Click, intent: string): Promise<ClickAnswer> {
    const clicked = await this.topicOf(click);
    return this.deps.conversation.handleAction({ ...click.turn, intent, clicked }, click.verb, click.data);
  }

  /** What another delivery that is being worked on is answered with. */
  private async whatComesOf(key: string): Promise<InvokeAnswer> {
    const answer = (await awaitAnswer(this.deps.database, key, patienceMs)) as InvokeAnswer | undefined;
    if (!answer) return line('goldbot is already working on it.');
    const { statusCode, type, value } = answer;
    return { statusCode, type, value };
  }

  /** Undefined for what changes nothing: pressed again it answers anew. */
  private async actOf({ activity, turn, verb, data }: Click): Promise<string | undefined> {
    if (findCommand(commands, verb)?.effect !== 'write') return undefined;
    const request = requestOf(data);
    const run = request && ((await this.deps.reads.run(request)) ?? (await this.deps.reads.runOfApproval(request)));
    const act = [turn.person.oid, activity.conversation.id, activity.replyToId, verb, run?.attempt, data];
    return `act ${sha256(JSON.stringify(act))}`;
  }

  /** Which live card was clicked. A card whose create nobody knew the end of is found again this way. */
  private async topicOf({ activity, data }: Click): Promise<string | null> {
    const { database, log } = this.deps;
    const { id } = conversationOf(activity);
    if (!activity.replyToId) return null;
    const topic = await topicOfMessage(database, id, activity.replyToId);
    const request = requestOf(data);
    if (topic !== null || !request) return topic;
    const topics = [`run:${request}`, `approval:${request}`];
    const adopted = await adoptMessage(database, id, { activityId: activity.replyToId, topics });
    if (adopted)
      log.info({ topic: adopted }, 'a card that seemed to be missing was clicked; it is kept up to date again');
    return adopted;
  }

  private async show({ activity }: Click, told: ClickAnswer): Promise<InvokeAnswer> {
    if (told.kind === 'message') {
      if (told.bug) this.deps.log.error({ reference: told.bug.reference, err: told.bug.error }, 'a click broke');
      return line(told.text);
    }
    if (told.kind === 'card') return cardOf(told.reply);
    await this.post(activity, told.reply);
    return line(told.message);
  }

  private async post(activity: TeamsActivity, reply: Reply & { readonly topic?: string }): Promise<void> {
    const { id, ...rest } = conversationOf(activity);
    const { serviceUrl } = activity;
    const address = { ...rest, conversationId: id, tenantId: tenantOf(activity), serviceUrl };
    const { topic } = reply;
    if (topic === undefined) await this.deps.speaker.say(address, reply);
    else await this.deps.speaker.follow(address, { ...reply, topic }, activity.id ?? '');
  }

  private explain(error: unknown): InvokeAnswer {
    if (isUserError(error)) return line(refusalLine(error));
    const bug = newBug(error);
    this.deps.log.error({ reference: bug.reference, err: error }, 'a click broke');
    return line(`${bugMessage} Reference ${bug.reference}.`);
  }
}

function cardOf({ card, text }: Reply): InvokeAnswer {
  if (!card) return line(text);
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card };
}

/** A few words for the clicker alone. */
export function line(text: string): InvokeAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text };
}

function requestOf(data: unknown): RequestId | undefined {
  const request = isRecord(data) ? data['request'] : undefined;
  return typeof request === 'string' ? parseRequestId(request) : undefined;
}
