import { randomUUID } from 'node:crypto';
import type { Reply } from '../cards';
import { type Caller, personOf } from '../core/access';
import { explain, isUserError } from '../core/errors';
import { sha256 } from '../core/hash';
import { parseRequestId, type RequestId } from '../core/runs';
import { minutes, seconds, sleep, within } from '../core/time';
import {
  bugAnswer,
  bugLine,
  type ClickAnswer,
  type ConversationHandlers,
  commands,
  findCommand,
  newBug,
  refusalAnswer,
  type TextAnswer,
  type Turn,
} from '../dialogs';
import {
  adoptMessage,
  answer,
  answerOf,
  claimOrphan,
  firstToken,
  type Held,
  type Holder,
  instant,
  type Lease,
  type LeaseTerms,
  leaseSettings,
  type Memory,
  messageWindowMs,
  note,
  type Orphan,
  pingDatabase,
  type Queryable,
  reopenAct,
  topicOfMessage,
  type Work,
  whileHeld,
} from '../store';
import type { Reads } from '../store/reads';
import { type Log, QuietLog } from './log';
import {
  addressOfActivity,
  conversationOf,
  type Places,
  type TeamQueries,
  type TeamsActivity,
  tenantOf,
} from './places';
import type { Speaker } from './speaker';

export interface TurnsDeps {
  readonly database: Queryable;
  readonly conversation: ConversationHandlers;
  readonly reads: Pick<Reads, 'run' | 'runOfApproval'>;
  readonly places: Places;
  readonly speaker: Speaker;
  readonly log: Log;
  /** Names this replica; for people only. */
  readonly owner?: string;
}

/** The body of an invoke's answer; the HTTP status beside it is 200. */
export interface InvokeAnswer {
  readonly statusCode: 200;
  readonly type: 'application/vnd.microsoft.card.adaptive' | 'application/vnd.microsoft.activity.message';
  readonly value: unknown;
}

/**
 * Teams waits three seconds. A command may take 2.6 s of them (the router's budget); what takes longer, such as a reply
 * held up by the pace, continues after the turn.
 */
const turnMs = 2_900;
/** Teams delivers a click up to four times within a minute, the later ones under a new id. */
const clickWindowMs = minutes(1);
/** How long a repeated click waits for the answer to the first one. */
const repeatPatienceMs = 2_500;
/** A turn whose lease has ended died with its process. */
const { leaseMs } = leaseSettings;
/** While the database is silent: between two attempts to store that a message is answered. */
const storeAgainMs = seconds(5);
/** As long as any replica's worker would still take a message up. */
const storeForMs = minutes(11);
/** After the database was silent, leases have run out though their holders live: time to renew them, store answers. */
const graceMs = seconds(20);

/** The last answer to an act, and the one that came with a posted message if there was one. */
interface ActAnswer extends InvokeAnswer {
  readonly posted?: InvokeAnswer;
}

interface Message {
  readonly activity: TeamsActivity;
  readonly caller: Caller;
  readonly key: string;
  readonly lease: Lease;
  readonly held: Held;
}

/** Once its turn is over, Teams answers no questions about a team. */
const noTeam: TeamQueries = {
  name: () => Promise.reject(new Error('the turn is over')),
  channels: () => Promise.reject(new Error('the turn is over')),
};

interface Click {
  readonly activity: TeamsActivity;
  readonly turn: Turn;
  readonly verb: string;
  readonly data: unknown;
}

/** Handles an activity that the front door admitted. Of a clicked card only its address counts; nothing in it is trusted. */
export class Turns {
  private readonly running = new Set<Promise<unknown>>();
  private readonly quiet: QuietLog;

  private readonly terms: LeaseTerms;
  private readonly holder: Holder;
  private readonly leaving = new AbortController();
  private graceUntil = 0;

  constructor(private readonly deps: TurnsDeps) {
    this.quiet = new QuietLog(deps.log);
    this.terms = { owner: deps.owner ?? 'bot', leaseMs };
    this.holder = { database: deps.database, log: (text, fields) => this.quiet.warn('lease', fields, text) };
  }

  /** Returns within the time Teams allows: the body of an invoke's answer, or undefined for anything else. */
  async take(activity: TeamsActivity, team: TeamQueries): Promise<InvokeAnswer | undefined> {
    switch (activity.type) {
      case 'message':
        await this.inTime(this.message(activity, team), () => undefined);
        return undefined;
      case 'invoke':
        return this.invoke(activity, team);
      case 'conversationUpdate':
      case 'installationUpdate':
        await this.inTime(this.deps.places.changed(activity, team), () => undefined);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Resolves when all work that outlived its turn is done. Nothing waits for the database to come back any more. */
  async settled(): Promise<void> {
    this.leaving.abort();
    // A turn that breaks must not end the drain of everything else.
    await Promise.allSettled(this.running);
  }

  private async message(activity: TeamsActivity, team: TeamQueries): Promise<void> {
    const { database, speaker } = this.deps;
    const caller = callerOf(activity);
    if (!caller)
      return this.quiet.warn('no-person', { from: activity.from.id }, 'a message without an Entra object id');
    const key = `message ${activity.conversation.id} ${activity.id ?? ''}`;
    const at = instant();
    try {
      const noted = await note(database, 'delivery', key, { ...this.terms, windowMs: messageWindowMs, activity });
      if (noted.state !== 'first') return;
      const { lease } = noted;
      // A turn may be held up by the pace for longer than a lease lasts.
      await whileHeld(this.holder, { lease, at }, (held) =>
        this.answerMessage({ activity, caller, key, lease, held }, team),
      );
    } catch (error) {
      await speaker.say(addressOfActivity(activity), this.explainInText(error));
      // The database may have stored the message although its answer was lost.
      await this.answered(() => answer(database, { of: 'delivery', id: key, token: firstToken }, null));
    }
  }

  private async answerMessage({ activity, caller, key, lease, held }: Message, team: TeamQueries): Promise<void> {
    const { database, places, conversation, speaker } = this.deps;
    try {
      const name = await places.heardFrom(activity, team);
      const turn = turnOf(activity, { caller, name, intent: key });
      const reply = await conversation.handleText(turn, activity.text ?? '');
      this.logBug(reply, 'a command broke');
      if (!(await held.confirm())) return this.takenOver(lease);
      await this.post(activity, reply);
    } catch (error) {
      await speaker.say(addressOfActivity(activity), this.explainInText(error));
    }
    await this.answered(() => answer(database, lease, null));
  }

  /** A message must not be acted on once its sender was told that it failed: retries until nobody would take it up. */
  private async answered(store: () => Promise<void>): Promise<void> {
    for (const until = Date.now() + storeForMs; ; ) {
      try {
        return await store();
      } catch (err) {
        const over = this.leaving.signal.aborted || Date.now() > until;
        if (over) return this.quiet.warn('unanswered', { err }, 'an answered message stays open');
        await sleep(storeAgainMs, this.leaving.signal);
      }
    }
  }

  /** Messages whose replica died before answering them, for the worker. */
  readonly orphans: Work = {
    name: 'deliveries',
    atOnce: 2,
    pollMs: seconds(2),
    claim: async (terms) => {
      const orphan = await this.claimOrphan(terms);
      if (!orphan) return undefined;
      const { key, lease } = orphan;
      const activity = orphan.activity as TeamsActivity;
      const caller = callerOf(activity);
      if (!caller) throw new Error('a message without an Entra object id was stored');
      return { lease, work: (held) => this.answerMessage({ activity, caller, key, lease, held }, noTeam) };
    },
  };

  /** None for a while after the database was silent: the holders of leases that ran out meanwhile may be alive. */
  private async claimOrphan(terms: LeaseTerms): Promise<Orphan | undefined> {
    const { database } = this.deps;
    try {
      if (Date.now() >= this.graceUntil) return await claimOrphan(database, terms);
      await pingDatabase(database);
      return undefined;
    } catch (error) {
      this.graceUntil = Date.now() + graceMs;
      throw error;
    }
  }

  /** This process stood still for so long that its lease ended. */
  private takenOver({ id }: Lease): void {
    this.quiet.warn('taken-over', { id }, 'another replica answers this message');
  }

  /** Undefined when the invoke is not a click on a card. */
  private async invoke(activity: TeamsActivity, team: TeamQueries): Promise<InvokeAnswer | undefined> {
    const caller = callerOf(activity);
    if (!caller) return line('Teams did not say who you are; nothing was done. Type the command instead.');
    const name = await this.deps.places.heardFrom(activity, team).catch(() => undefined);
    const clicked = clickOf(activity);
    if (!clicked) return undefined;
    const turn = turnOf(activity, { caller, name, intent: `click ${activity.id ?? ''}` });
    const work = this.click({ activity, turn, ...clicked }).catch((error: unknown) => this.explainInLine(error));
    return this.inTime(work, () => line('goldbot is still working on it. Look at the card again in a moment.'));
  }

  /** The same activity delivered again gets the same answer. */
  private async click(click: Click): Promise<InvokeAnswer> {
    const { activity, turn } = click;
    const key = `click ${turn.person.oid} ${activity.conversation.id} ${activity.id ?? randomUUID()}`;
    const noted = await note(this.deps.database, 'delivery', key, { ...this.terms, windowMs: clickWindowMs });
    if (noted.state === 'answered') return noted.answer as InvokeAnswer;
    if (noted.state === 'open') return this.whatComesOf('delivery', key);
    const shown = await this.act(click, `${key} ${noted.since}`);
    await answer(this.deps.database, noted.lease, shown);
    return shown;
  }

  /**
   * A click that changes something is one act per person, card, button and attempt, even under a new activity id: the
   * deliveries of one act wait for each other and share its intent, so it takes effect once. Permission is checked each
   * time: a refusal may no longer apply, and neither may a right.
   */
  private async act(click: Click, delivery: string): Promise<InvokeAnswer> {
    const key = await this.actOf(click);
    if (key === undefined) return this.show(click, await this.ask(click, delivery));
    const mine = await this.takeAct(key);
    if (!mine) return this.whatComesOf('act', key);
    const answered = await this.ask(click, `${key} ${mine.since}`);
    const { posted } = (mine.value ?? {}) as Partial<ActAnswer>;
    // The thread already shows the result of this act.
    const shown = answered.kind === 'post' && posted ? posted : await this.show(click, answered);
    const stands = answered.kind === 'post' ? shown : posted;
    await answer(this.deps.database, mine.lease, { ...shown, ...(stands && { posted: stands }) } satisfies ActAnswer);
    return shown;
  }

  /** Undefined while another delivery works on it. `value`: the last answer to this act, if it had one. */
  private async takeAct(key: string): Promise<{ since: number; lease: Lease; value?: unknown } | undefined> {
    const { database } = this.deps;
    const noted = await note(database, 'act', key, { ...this.terms, windowMs: clickWindowMs });
    if (noted.state === 'answered') return reopenAct(database, key, this.terms);
    return noted.state === 'first' ? noted : undefined;
  }

  private async ask(click: Click, intent: string): Promise<ClickAnswer> {
    const clicked = await this.topicOf(click);
    return this.deps.conversation.handleAction({ ...click.turn, intent, clicked }, click.verb, click.data);
  }

  /** The answer to another delivery of the same act, which is still in progress. */
  private async whatComesOf(memory: Memory, key: string): Promise<InvokeAnswer> {
    const until = Date.now() + repeatPatienceMs;
    for (let pause = 50; Date.now() < until; pause = Math.min(pause * 2, 500)) {
      await sleep(pause);
      const answered = await answerOf(this.deps.database, memory, key);
      if (!answered) continue;
      const { statusCode, type, value } = answered.value as InvokeAnswer;
      return { statusCode, type, value };
    }
    return line('goldbot is already working on it.');
  }

  /** Undefined for commands that change nothing: those simply answer again. */
  private async actOf({ activity, turn, verb, data }: Click): Promise<string | undefined> {
    if (findCommand(commands, verb)?.effect !== 'write') return undefined;
    const request = requestOf(data);
    const run = request && ((await this.deps.reads.run(request)) ?? (await this.deps.reads.runOfApproval(request)));
    const act = [turn.person.oid, activity.conversation.id, activity.replyToId, verb, run?.attempt, data];
    return `act ${sha256(JSON.stringify(act))}`;
  }

  /** The topic of the clicked card. This is also how a card is found again after a create whose outcome was unknown. */
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

  private async show({ activity }: Click, answer: ClickAnswer): Promise<InvokeAnswer> {
    if (answer.kind === 'message') {
      this.logBug(answer, 'a click broke');
      return line(answer.text);
    }
    if (answer.kind === 'card') return cardOf(answer.reply);
    await this.post(activity, answer.reply);
    return line(answer.message);
  }

  private async post(activity: TeamsActivity, reply: Reply & { readonly topic?: string }): Promise<void> {
    const address = addressOfActivity(activity);
    const { topic } = reply;
    if (topic === undefined) await this.deps.speaker.say(address, reply);
    else await this.deps.speaker.follow(address, { ...reply, topic }, activity.id ?? '');
  }

  /** For failures of the edge itself; the dialogs explain what a command refuses. */
  private explainInText(error: unknown): Reply {
    if (isUserError(error)) {
      this.quiet.warn(error.code, {}, 'a message could not be taken');
      return refusalAnswer(error);
    }
    const bug = newBug(error);
    this.logBug({ bug }, 'a command broke');
    return bugAnswer(bug);
  }

  private explainInLine(error: unknown): InvokeAnswer {
    if (isUserError(error)) return line(explain(error));
    const bug = newBug(error);
    this.logBug({ bug }, 'a click broke');
    return line(bugLine(bug));
  }

  private logBug({ bug }: Pick<TextAnswer, 'bug'>, text: 'a command broke' | 'a click broke'): void {
    if (bug) this.deps.log.error({ reference: bug.reference, err: bug.error }, text);
  }

  private inTime<T>(work: Promise<T>, late: () => T): Promise<T> {
    const kept = work.finally(() => this.running.delete(kept));
    this.running.add(kept);
    kept.catch((err) => this.quiet.warn(isUserError(err) ? err.code : 'broken', { err }, 'a turn broke'));
    return within(turnMs, kept, late);
  }
}

/** Identified by the object id that Teams vouches for, and by nothing else. */
function callerOf(activity: TeamsActivity): Caller | undefined {
  const { aadObjectId, name } = activity.from;
  if (!aadObjectId) return undefined;
  return { ...personOf(aadObjectId, name ?? 'somebody'), tenantId: tenantOf(activity) };
}

interface Known {
  readonly caller: Caller;
  readonly name: string | undefined;
  readonly intent: string;
}

function turnOf(activity: TeamsActivity, { caller, name, intent }: Known): Turn {
  const { locale, localTimezone } = activity;
  return {
    person: caller,
    conversation: { ...conversationOf(activity), ...(name !== undefined && { name }) },
    intent,
    ...(locale !== undefined && { locale }),
    ...(localTimezone !== undefined && { timeZone: localTimezone }),
  };
}

function clickOf({ name, value }: TeamsActivity): { verb: string; data: unknown } | undefined {
  if (name !== 'adaptiveCard/action' || !isRecord(value)) return undefined;
  const { action } = value;
  if (!isRecord(action) || action['type'] !== 'Action.Execute') return undefined;
  return { verb: String(action['verb'] ?? ''), data: action['data'] };
}

function requestOf(data: unknown): RequestId | undefined {
  const request = isRecord(data) ? data['request'] : undefined;
  return typeof request === 'string' ? parseRequestId(request) : undefined;
}

function cardOf({ card, text }: Reply): InvokeAnswer {
  if (!card) return line(text);
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card };
}

/** One line that only the clicker sees. */
function line(text: string): InvokeAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
