import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { ownVerb, type Reply, type Sharing } from '../cards';
import { isRecord, textIn } from '../core/collections';
import { type CommandCall, line as sentenceOf } from '../core/command-call';
import { explain, isUserError, type UserError } from '../core/errors';
import { sha256 } from '../core/hash';
import type { LogFields } from '../core/log';
import { parseRequestId, type RequestId } from '../core/runs';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { type Clock, minutes, seconds, sleep, within } from '../core/time';
import { Together } from '../core/together';
import {
  type Arrival,
  bugLine,
  type ClickAnswer,
  type CommandPace,
  type ConversationHandlers,
  commands,
  type DialogSaid,
  findCommand,
  type Letters,
  newBug,
  type Offered,
  type TextAnswer,
  type Turn,
} from '../dialogs';
import {
  adoptMessage,
  answer,
  giveBack,
  type Held,
  type Instant,
  instant,
  isBeingPosted,
  type Lease,
  type LeaseSettings,
  type LeaseTerms,
  type Memory,
  type Noted,
  note,
  type Queryable,
  reopenAct,
  topicOfCopy,
  topicOfMessage,
  type Work,
  whileHeld,
} from '../store';
import type { Reads } from '../store/reads';
import { addressOfActivity, callerOf, conversationOf, type TeamsActivity, turnOf, wordsOf } from './activity';
import { Arrivals } from './arrivals';
import { onTheWay, wayIn } from './back';
import {
  dialogOf,
  found,
  type InvokeAnswer,
  inDialog,
  lettersOf,
  opening,
  type SearchAnswer,
  type TaskAnswer,
} from './dialogs';
import {
  type Asked,
  askedOf,
  type ExtensionAnswer,
  inserted,
  inWords,
  isSharedAlone,
  listed,
  unfurled,
} from './extension';
import { type Allowance, type Aside, Asides, Turnstile } from './fair';
import { type Log, QuietLog } from './log';
import { Messages } from './messages';
import type { People } from './people';
import type { Places } from './places';
import { markedPrivate, withoutMark } from './private';
import type { Speaker } from './speaker';
import { leading, toChannel } from './there';
import type { Views } from './views';

export interface TurnsDeps {
  readonly database: Queryable;
  readonly conversation: ConversationHandlers;
  readonly reads: Pick<Reads, 'run' | 'runOfApproval' | 'approval'>;
  readonly places: Places;
  readonly people: People;
  readonly speaker: Speaker;
  readonly views: Pick<Views, 'forOne'>;
  readonly allowance: Allowance;
  readonly log: Log;
  /** World time. */
  readonly clock: Clock;
  /** The address of the card of a topic in Teams; undefined when it has none. */
  readonly linkTo?: (topic: string) => Promise<string | undefined>;
  /** A link into the reader's own chat with goldbot, with this sentence in the message box. */
  readonly chatLink?: (sentence: string) => string | undefined;
  /** Each activity is a span; what answers it is within. */
  readonly telemetry?: Telemetry;
  /** Names this replica; for people only. */
  readonly owner?: string;
  /** Of messages and clicks; machine time. */
  readonly leases?: LeaseSettings;
}

/**
 * Seconds, since whoever asked is looking at the screen: when a replica dies in mid-turn, its heir takes over after
 * this. Renewed while the work goes on, so it does not limit how long that may take.
 */
const turnLeases: LeaseSettings = { leaseMs: seconds(6), renewMs: seconds(2) };

/**
 * Teams waits three seconds. A command may take 2.6 s of them (the router's budget); what takes longer, such as a reply
 * held up by the pace, continues after the turn.
 */
const turnMs = 2_900;
/** Teams delivers a click up to four times within a minute, the later ones under a new id. */
const clickWindowMs = minutes(1);
/** How long a repeated click waits for the answer to the first one. */
const repeatPatienceMs = 2_500;
/** A click can be here before the id of the card it is on is stored. */
const overtakenMs = seconds(1);

/** The last answer to an act, and the one that came with a posted message if there was one. */
interface ActAnswer extends InvokeAnswer {
  readonly posted?: InvokeAnswer;
}

interface Click extends Pressed {
  readonly activity: TeamsActivity;
  readonly turn: Turn;
}

/** What was pressed. */
interface Pressed {
  readonly verb: string;
  readonly data: unknown;
  /** In a dialog, or to open one. */
  readonly dialog?: DialogSaid;
}

type Shown = Reply & Pick<TextAnswer, 'call' | 'topic'>;

/** What a request of Teams ends with: the body of an invoke's answer, or that nothing will be said to a message. */
type TurnEnd = InvokeBody | 'silent' | undefined;
type InvokeBody = InvokeAnswer | TaskAnswer | SearchAnswer | ExtensionAnswer;

/** Something that this replica does while it holds the lease. */
interface Taken {
  readonly since: number;
  readonly lease: Lease;
  /** The moment before the lease was asked for. */
  readonly at: Instant;
  /** The last answer to this act, if it had one. */
  readonly value?: unknown;
}

/** Handles an activity that the front door admitted. Of a clicked card only its address counts; nothing in it is trusted. */
export class Turns {
  /** Messages whose replica died before answering them, for the worker. */
  readonly orphans: Work;
  private readonly running = new Set<Promise<unknown>>();
  private readonly quiet: QuietLog;
  private readonly owner: string;
  private readonly leases: LeaseSettings;
  private readonly messages: Messages;
  private readonly turnstile = new Turnstile();
  private readonly asides = new Asides();
  private readonly together = new Together();
  private readonly arrivals: Arrivals;
  private readonly leaving = new AbortController();

  constructor(private readonly deps: TurnsDeps) {
    this.quiet = new QuietLog(deps.log);
    this.owner = deps.owner ?? 'bot';
    this.leases = deps.leases ?? turnLeases;
    const { owner, leases, turnstile } = this;
    const leaving = this.leaving.signal;
    // Every message that waits for another one listens.
    setMaxListeners(0, leaving);
    this.messages = new Messages({ ...deps, turnstile, owner, leases, leaving, keep: (work) => void this.kept(work) });
    this.orphans = this.messages.orphans;
    const greet = (arrival: Arrival) => deps.conversation.handleArrival(arrival);
    this.arrivals = new Arrivals({ ...deps, greet, terms: this.terms });
  }

  /**
   * A click is answered within the time that Teams allows. A message is only stored: its answer follows, whatever
   * becomes of this process.
   */
  take(activity: TeamsActivity): Promise<TurnEnd> {
    const { telemetry = silentTelemetry } = this.deps;
    const attributes = { 'goldbot.activity': activity.type };
    return telemetry.span({ name: 'activity', attributes, root: true }, () => this.taken(activity));
  }

  private async taken(activity: TeamsActivity): Promise<TurnEnd> {
    switch (activity.type) {
      case 'message':
        if (isSharedAlone(activity, wordsOf(activity))) return 'silent';
        return (await this.kept(this.messages.take(activity))) === 'silent' ? 'silent' : undefined;
      case 'invoke':
        return this.invoke(activity);
      case 'conversationUpdate':
      case 'installationUpdate':
        await within(turnMs, this.kept(this.placed(activity)), () => undefined);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Where goldbot is; where it is new, it says so once it knows the place. */
  private async placed(activity: TeamsActivity): Promise<void> {
    try {
      await this.deps.places.changed(activity);
    } finally {
      await this.arrivals.heard(activity);
    }
  }

  /** Resolves when all work that outlived its turn is done. Nothing waits for the database to come back any more. */
  async settled(): Promise<void> {
    this.leaving.abort();
    // A turn that breaks must not end the drain of everything else.
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  private kept<T>(work: Promise<T>): Promise<T> {
    const kept = work.finally(() => this.running.delete(kept));
    this.running.add(kept);
    kept.catch((err) => this.quiet.warn(isUserError(err) ? err.code : 'broken', { err }, 'a turn broke'));
    return kept;
  }

  /** Undefined when the invoke is nothing that goldbot's cards can make Teams send. */
  private async invoke(activity: TeamsActivity): Promise<InvokeBody | undefined> {
    const letters = lettersOf(activity);
    if (letters) return found(await this.lookUp(activity, letters));
    const asked = askedOf(activity);
    if (asked) return this.beside(activity, asked);
    const pressed = clickOf(activity) ?? pressedIn(dialogOf(activity));
    const answered = await this.press(activity, pressed);
    return answered && pressed?.dialog ? inDialog(answered, pressed.dialog) : answered;
  }

  /** Letters come one by one: whoever types them has been heard from, and the next ones make up for a failure. */
  private async lookUp(activity: TeamsActivity, letters: Letters): Promise<readonly Offered[]> {
    const caller = callerOf(activity);
    if (!caller || this.refusedAside(caller.oid, 'letters')) return [];
    const turn = turnOf(activity, { caller, name: undefined, intent: `letters ${activity.id ?? ''}` });
    return within(turnMs, this.kept(this.deps.conversation.handleSearch(turn, letters)), () => []).catch(() => []);
  }

  /**
   * What is asked beside the message box. It may be that of a conversation that goldbot is not in: nothing is learned of
   * it, and nothing is posted there.
   */
  private async beside(activity: TeamsActivity, asked: Asked): Promise<ExtensionAnswer> {
    const nothing = asked.kind === 'link' ? unfurled(undefined, this.sharing()) : undefined;
    const caller = callerOf(activity);
    if (!caller) return nothing ?? inWords('Teams did not say who you are; nothing is shown.');
    const turn = turnOf(activity, { caller, name: undefined, intent: `beside ${activity.id ?? ''}` });
    const work = this.answerBeside(turn, asked).catch((error: unknown) => {
      const words = this.explainInLine(error).value;
      return nothing ?? inWords(String(words));
    });
    return within(turnMs, this.kept(work), () => nothing ?? inWords('Azure is slow just now. Look again in a moment.'));
  }

  private async answerBeside(turn: Turn, asked: Asked): Promise<ExtensionAnswer> {
    const { conversation } = this.deps;
    switch (asked.kind) {
      case 'find': {
        const refused = this.refusedAside(turn.person.oid, 'letters');
        return refused ? inWords(explain(refused)) : listed(await conversation.handleFind(turn, asked.lookedFor));
      }
      case 'link': {
        if (this.refusedAside(turn.person.oid, 'letters')) return unfurled(undefined, this.sharing());
        const about = await conversation.handleLink(turn, asked.url);
        return unfurled(about?.reply, this.sharing(about?.call));
      }
      case 'share': {
        const refused = await this.deps.allowance.press(turn.person.oid, paceOf(asked.verb));
        if (refused) return inWords(explain(refused.error));
        const answer = await conversation.handleShare(turn, asked.verb, asked.data);
        if (answer.kind !== 'message') return inserted(answer.reply, this.sharing(answer.reply.call));
        this.logBug(answer);
        return inWords(answer.text);
      }
    }
  }

  private refusedAside(person: string, aside: Aside): UserError | undefined {
    const refused = this.asides.refuses(person, aside);
    if (refused) this.quiet.warn(`pace ${aside}`, {}, 'a client asks more than is taken');
    return refused;
  }

  private sharing(call?: CommandCall): Sharing {
    const open = call && this.deps.chatLink?.(sentenceOf(call));
    return { at: this.deps.clock.now(), ...(open !== undefined && { open }) };
  }

  private async press(activity: TeamsActivity, pressed: Pressed | undefined): Promise<InvokeAnswer | undefined> {
    const caller = callerOf(activity);
    if (!caller) return line('Teams did not say who you are; nothing was done. Type the command instead.');
    const name = await this.deps.places.heardFrom(activity).catch(() => undefined);
    await this.deps.people.heardFrom(caller).catch((err) => this.quiet.warn('person', { err }, 'a name was not kept'));
    if (!pressed) return undefined;
    const turn = turnOf(activity, { caller, name, intent: `click ${activity.id ?? ''}` });
    const click = { activity, turn, ...pressed };
    const asksForOwn = pressed.verb === ownVerb && !pressed.dialog;
    const answered = asksForOwn ? this.view(click) : this.click(click);
    const work = answered.catch((error: unknown) => this.explainInLine(error));
    return within(turnMs, this.kept(work), () =>
      line(
        `goldbot is still working on it. Look at the ${pressed.dialog ? 'conversation' : 'card again'} in a moment.`,
      ),
    );
  }

  /**
   * The card of whoever looks. An edit makes every client ask, so that this may only answer: a turn of it that edits or
   * posts would never end. It does nothing, and so may be done as often as Teams delivers it.
   */
  private async view(click: Click): Promise<InvokeAnswer> {
    const { activity, turn } = click;
    const refused = this.refusedAside(turn.person.oid, 'own card');
    if (refused) return line(explain(refused));
    const clicked = await this.topicOf(click, false);
    const answer = await this.deps.conversation.handleView({ ...turn, clicked }, isByHand(activity));
    if (answer.kind !== 'message') return this.cardFor(activity, await this.leading(activity, answer.reply, clicked));
    this.logBug(answer);
    return line(answer.text);
  }

  /** In somebody's own chat a request leads to the channel in which all who decide see it. */
  private async leading(activity: TeamsActivity, reply: Shown, topic: string | null | undefined): Promise<Shown> {
    const isCopy = conversationOf(activity).kind === 'personal' && /^(approval|requests):/.test(topic ?? '');
    const url = isCopy ? await this.deps.linkTo?.(topic ?? '') : undefined;
    return url === undefined ? reply : leading(reply, toChannel, url);
  }

  /** The same activity delivered again gets the same answer. */
  private async click(click: Click): Promise<InvokeAnswer> {
    const { activity, turn } = click;
    const key = `click ${turn.person.oid} ${activity.conversation.id} ${activity.id ?? randomUUID()}`;
    const { noted, at } = await this.found('delivery', key);
    if (noted.state !== 'first') return answerIn(noted);
    return this.holding({ ...noted, at }, (held) => this.act(click, `${key} ${noted.since}`, held));
  }

  /**
   * Within what one person may ask, and what this replica does at once. A refusal is the answer to this one click: another
   * delivery of it gets the same and counts for nothing.
   */
  private async fairly<T extends InvokeAnswer>({ turn, verb }: Click, work: () => Promise<T>) {
    const { oid } = turn.person;
    const pace = paceOf(verb);
    const refused = await this.deps.allowance.press(oid, pace);
    if (refused) return line(explain(refused.error));
    const pass = await this.turnstile.enter(oid, pace);
    try {
      return await work();
    } finally {
      pass?.over();
    }
  }

  /**
   * A click that changes something is one act per person, card, button and attempt, even under a new activity id: the
   * deliveries of one act wait for each other and share its intent, so it takes effect once. Permission is checked each
   * time: a refusal may no longer apply, and neither may a right.
   */
  private async act(click: Click, delivery: string, held: Held): Promise<InvokeAnswer> {
    const key = await this.actOf(click);
    if (key === undefined)
      return this.fairly(click, async () => this.show(click, await this.ask(click, delivery), held));
    const mine = await this.takeAct(key);
    if ('statusCode' in mine) return mine;
    const { posted } = (mine.value ?? {}) as Partial<ActAnswer>;
    const ask = async (act: Held): Promise<ActAnswer> => {
      const answered = await this.ask(click, `${key} ${mine.since}`);
      // The thread already shows the result of this act.
      const shown = answered.kind === 'post' && posted ? posted : await this.show(click, answered, act);
      const stands = answered.kind === 'post' ? shown : posted;
      return { ...shown, ...(stands && { posted: stands }) };
    };
    return this.holding(mine, async (act): Promise<ActAnswer> => {
      const answered = await this.fairly(click, () => ask(act));
      return { ...(posted && { posted }), ...answered };
    }).then(plain);
  }

  /** Does something leased and stores what came of it. When it breaks, the next delivery takes it up at once. */
  private async holding<T extends InvokeAnswer>({ lease, at }: Taken, work: (held: Held) => Promise<T>): Promise<T> {
    const { database } = this.deps;
    const log = (text: string, fields: LogFields) => this.quiet.warn('lease', fields, text);
    return whileHeld({ database, settings: this.leases, log }, { lease, at }, async (held) => {
      try {
        const shown = await work(held);
        await answer(database, lease, shown);
        return shown;
      } catch (error) {
        await giveBack(database, lease).catch((err) => log('a lease was not given back', { err }));
        throw error;
      }
    });
  }

  /**
   * The act itself, or what another delivery of it was answered meanwhile. An act that is over can be done again: it is
   * the person's next press.
   */
  private async takeAct(key: string): Promise<Taken | InvokeAnswer> {
    for (let waited = false; ; waited = true) {
      const found = await this.found('act', key);
      const { noted } = found;
      if (noted.state === 'first') return { ...noted, at: found.at };
      if (noted.state === 'open' || waited || found.waited) return answerIn(noted);
      const at = instant();
      const again = await reopenAct(this.deps.database, key, this.terms);
      if (again) return { ...again, at };
    }
  }

  /** Notes a delivery or act. One in progress is waited for, and taken over when whoever worked on it is dead. */
  private async found(table: Memory, key: string): Promise<{ noted: Noted; at: Instant; waited: boolean }> {
    const until = Date.now() + repeatPatienceMs;
    for (let pause = 50, waited = false; ; pause = Math.min(pause * 2, 500), waited = true) {
      const at = instant();
      const noted = await note(this.deps.database, table, key, { ...this.terms, windowMs: clickWindowMs });
      if (noted.state !== 'open' || Date.now() > until) return { noted, at, waited };
      await sleep(pause);
    }
  }

  private get terms(): LeaseTerms {
    return { owner: this.owner, leaseMs: this.leases.leaseMs };
  }

  private async ask(click: Click, intent: string): Promise<ClickAnswer> {
    const turn = { ...click.turn, intent, clicked: await this.topicOf(click) };
    const { conversation } = this.deps;
    return click.dialog
      ? conversation.handleDialog(turn, click.dialog)
      : conversation.handleAction(turn, click.verb, click.data);
  }

  /** Undefined for commands that change nothing: those simply answer again. */
  private async actOf({ activity, turn, verb, data, dialog }: Click): Promise<string | undefined> {
    const isOpened = dialog !== undefined && dialog.typed === undefined;
    if (isOpened || findCommand(commands, verb)?.effect !== 'write') return undefined;
    const request = requestOf(data);
    const run = request && ((await this.deps.reads.run(request)) ?? (await this.deps.reads.runOfApproval(request)));
    const act = [turn.person.oid, activity.conversation.id, activity.replyToId, verb, run?.attempt, data];
    return `act ${sha256(JSON.stringify(act))}`;
  }

  /**
   * The topic of the clicked card. This is also how a card is found again after a create whose outcome was unknown;
   * `adopts` is false where nothing may follow from it.
   */
  private async topicOf({ activity, data }: Click, adopts = true): Promise<string | null> {
    const { database, log } = this.deps;
    const { id } = conversationOf(activity);
    const { replyToId: activityId } = activity;
    if (!activityId) return null;
    const request = requestOf(data);
    // An edit makes sixty clients ask about one card at once.
    const known = await this.together.ask(`${id} ${activityId}`, () => topicOfMessage(database, id, activityId));
    if (known !== null || !request) return known;
    const shared = (await this.deps.reads.approval(request))?.sharedCard;
    const topics = [`run:${request}`, `approval:${request}`, ...(shared ? [shared] : [])];
    for (const until = Date.now() + overtakenMs; ; await sleep(50)) {
      // In this order: what is no longer being posted has its id by now.
      const posting = await isBeingPosted(database, id, topics);
      const topic = await topicOfMessage(database, id, activityId);
      if (topic !== null) return topic;
      if (posting && Date.now() < until) continue;
      const adopted = adopts ? await adoptMessage(database, id, { activityId, topics }) : null;
      if (adopted)
        log.info({ topic: adopted }, 'a card that seemed to be missing was clicked; it is kept up to date again');
      return adopted ?? topicOfCopy(database, id, topics);
    }
  }

  private async show({ activity, dialog }: Click, answer: ClickAnswer, held: Held): Promise<InvokeAnswer> {
    if (answer.kind === 'message') {
      this.logBug(answer);
      return line(answer.text);
    }
    if (answer.kind === 'card') return this.cardFor(activity, answer.reply);
    const { onlyFor } = addressOfActivity(activity);
    // This process may have stood still for so long that another one has done and posted the same.
    if (!(await held.confirm())) return line(working);
    await this.deps.speaker.answer(addressOfActivity(activity), answer.reply, activity.id);
    if (onlyFor && answer.reply.topic !== undefined) return line(inSight);
    // A dialog closes on what it has brought about.
    return line(dialog ? '' : answer.message);
  }

  /** Takes the place of the card on the screen of whoever pressed or looks. */
  private cardFor(activity: TeamsActivity, reply: Shown): InvokeAnswer {
    const { onlyFor } = addressOfActivity(activity);
    const own = this.deps.views.forOne(shownTo(activity, reply), activity.from.id);
    return cardOf(onlyFor ? markedPrivate(own, onlyFor.question) : own);
  }

  private explainInLine(error: unknown): InvokeAnswer {
    if (isUserError(error)) return line(explain(error));
    const bug = newBug(error);
    this.logBug({ bug });
    return line(bugLine(bug));
  }

  private logBug({ bug }: Pick<ClickAnswer & { kind: 'message' }, 'bug'>): void {
    if (bug) this.deps.log.error({ reference: bug.reference, err: bug.error }, 'a click broke');
  }
}

const working = 'goldbot is already working on it.';
/** What lives on for days is put where all of the conversation see it, and not under what only one person does. */
const inSight = 'The answer stands in this conversation, where everybody sees it.';

/** What somebody else made of it, or that they are still at it. */
function answerIn(noted: Noted): InvokeAnswer {
  return noted.state === 'answered' ? plain(noted.answer as InvokeAnswer) : line(working);
}

/** Without what is remembered beside it. */
function plain({ statusCode, type, value }: InvokeAnswer): InvokeAnswer {
  return { statusCode, type, value };
}

const paceOf = (verb: string): CommandPace => findCommand(commands, verb)?.pace ?? 'look';

function clickOf({ name, value }: TeamsActivity): Pressed | undefined {
  if (name !== 'adaptiveCard/action' || !isRecord(value)) return undefined;
  const { action } = value;
  if (!isRecord(action) || action['type'] !== 'Action.Execute') return undefined;
  return { verb: textIn(action['verb']), data: withoutMark(action['data']) };
}

function pressedIn(dialog: DialogSaid | undefined): Pressed | undefined {
  if (!dialog) return undefined;
  const { verb, given, typed } = dialog;
  return { verb, data: { ...(isRecord(given) && given), ...(isRecord(typed) && typed) }, dialog };
}

/** A live card stays one in the place of itself; whatever else is shown leads back to the card that was pressed. */
function shownTo({ value }: TeamsActivity, reply: Shown): Reply {
  const { action, data } = isRecord(value) ? value : {};
  const pressed = isRecord(action) ? action['data'] : data;
  if (reply.call) return onTheWay(reply, wayIn(pressed));
  return reply.topic === undefined ? reply : opening(reply, reply.topic);
}

/** Teams says `automatic` where a client asks by itself. */
function isByHand({ value }: TeamsActivity): boolean {
  return isRecord(value) && value['trigger'] === 'manual';
}

function requestOf(data: unknown): RequestId | undefined {
  const { request, requests } = isRecord(data) ? data : {};
  // Of several, the first: they stand on one card.
  const first = request ?? (typeof requests === 'string' ? requests.split(',')[0] : undefined);
  return typeof first === 'string' ? parseRequestId(first) : undefined;
}

function cardOf({ card, text }: Reply): InvokeAnswer {
  if (!card) return line(text);
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card };
}

/** One line that only the clicker sees. */
function line(text: string): InvokeAnswer {
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text };
}
