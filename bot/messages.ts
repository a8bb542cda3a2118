import type { Reply } from '../cards';
import type { Caller } from '../core/access';
import { isRecord } from '../core/collections';
import { isUserError } from '../core/errors';
import type { LogFields } from '../core/log';
import { minutes, seconds, sleep } from '../core/time';
import { gathered } from '../core/together';
import {
  bugAnswer,
  type CommandPace,
  type ConversationHandlers,
  newBug,
  refusalAnswer,
  type TextAnswer,
} from '../dialogs';
import {
  answer,
  answerAll,
  answerForNow,
  claimOrphan,
  firstToken,
  type Held,
  instant,
  isBehind,
  type Lease,
  type LeaseSettings,
  type LeaseTerms,
  messageWindowMs,
  note,
  type Orphan,
  pingDatabase,
  type Queryable,
  type Standing,
  standingOf,
  type Work,
  whileHeld,
} from '../store';
import { addressOfActivity, callerOf, conversationOf, type TeamsActivity, turnOf, wordsOf } from './activity';
import { type Allowance, type Pass, placeFrom, type Turnstile } from './fair';
import { type Log, QuietLog } from './log';
import type { People } from './people';
import type { Places } from './places';
import type { Speaker } from './speaker';
import type { Posted } from './teams';

export interface MessagesDeps {
  readonly database: Queryable;
  readonly conversation: Pick<ConversationHandlers, 'handleText' | 'paceOf'>;
  readonly places: Pick<Places, 'heardFrom'>;
  readonly people: Pick<People, 'heardFrom' | 'mentioned'>;
  readonly speaker: Pick<Speaker, 'say' | 'answer' | 'complete'>;
  readonly allowance: Allowance;
  readonly turnstile: Turnstile;
  readonly log: Log;
  /** Names this replica; for people only. */
  readonly owner: string;
  readonly leases: LeaseSettings;
  /** Work that outlives its turn: a drain waits for it. */
  keep(work: Promise<unknown>): void;
  /** Aborted when the process is about to end. */
  readonly leaving: AbortSignal;
}

/** While the database is silent: between two attempts to store that a message is answered. */
const storeAgainMs = seconds(5);
/** As long as any replica's worker would still take a message up. */
const storeForMs = minutes(11);
/** After the database was silent, leases have run out though their holders live: time to renew them, store answers. */
const graceMs = seconds(20);
/** The longest that a message waits for the one before it; an answer out of order is better than none. */
const orderMs = minutes(1);

/** One person in one conversation, whatever the thread. */
function laneOf(activity: TeamsActivity, { oid }: Caller): string {
  return `${oid} ${conversationOf(activity).id}`;
}

/** By itself, `abort` would make an error with its stack for each message. */
const wasAnswered = 'a message of the lane was answered';

/** In the place of what was to be completed, when the answer is a card of its own that stays up to date. */
const done: Reply = { text: 'Azure has answered: see the card below.' };

/** What was so when it came; some of them may have been answered since. */
function placeWords(ahead: number): string {
  return `Your ${ahead} other questions come first; this one is answered after them, and what you send next after it. Decisions do not wait for questions.`;
}

/** In the place of an answer. */
const deadly =
  '! goldbot cannot answer this: whenever it tries, the process that does is stopped by it, four times in a row. It does not try again; whether something was done, “runs” and “status” say. Ask in other words, and tell whoever operates goldbot when you asked: its log has it.';

interface Message {
  readonly activity: TeamsActivity;
  readonly caller: Caller;
  readonly pace: CommandPace;
  readonly key: string;
  readonly lease: Lease;
  readonly held: Held;
  /** Its answer, which another replica left to be completed. */
  readonly posted?: Posted;
}

/**
 * What people type. A message is taken when its row is stored, which is when Teams gets its acknowledgement; it is
 * answered afterwards, by this replica or, when this one dies, by the worker of any other.
 */
export class Messages {
  private readonly quiet: QuietLog;
  private readonly terms: LeaseTerms;
  /** That messages are answered: what many of them wait for at once is one statement. */
  private readonly store: (lease: Lease) => Promise<void>;
  /** Of the messages that wait here or are being answered. */
  private readonly lanes = new Map<string, AbortController>();
  private graceUntil = 0;

  constructor(private readonly deps: MessagesDeps) {
    this.quiet = new QuietLog(deps.log);
    this.terms = { owner: deps.owner, leaseMs: deps.leases.leaseMs };
    this.store = gathered((leases) => answerAll(deps.database, leases));
  }

  /**
   * `taken`: stored, and an answer will follow. `told`: its sender knows that it could not be stored. `silent`: nothing
   * will be said to it.
   */
  async take(activity: TeamsActivity): Promise<'taken' | 'told' | 'silent'> {
    const { database, speaker, keep } = this.deps;
    const caller = callerOf(activity);
    if (!caller) {
      this.quiet.warn('no-person', { from: activity.from.id }, 'a message without an Entra object id');
      return 'silent';
    }
    const key = `message ${activity.conversation.id} ${activity.id ?? ''}`;
    const pace = this.paceOf(activity, caller);
    if (this.deps.allowance.isHeld(caller.oid, pace)) return 'silent';
    const message = { activity, lane: laneOf(activity, caller), person: caller.oid, pace };
    const at = instant();
    try {
      const noted = await note(database, 'delivery', key, { ...this.terms, windowMs: messageWindowMs, message });
      if (noted.state !== 'first') return 'silent';
      const { lease } = noted;
      const holder = { database, settings: this.deps.leases, log: this.leaseLog };
      keep(whileHeld(holder, { lease, at }, (held) => this.admitted({ activity, caller, pace, key, lease, held })));
      return 'taken';
    } catch (error) {
      await speaker.say(addressOfActivity(activity), this.explained(error));
      // The database may have stored the message although its answer was lost.
      keep(this.answered(() => answer(database, { of: 'delivery', id: key, token: firstToken }, null)));
      return 'told';
    }
  }

  private paceOf(activity: TeamsActivity, caller: Caller): CommandPace {
    const turn = turnOf(activity, { caller, name: undefined, intent: '' });
    return this.deps.conversation.paceOf(turn, wordsOf(activity));
  }

  private readonly leaseLog = (text: string, fields: LogFields): void => this.quiet.warn('lease', fields, text);

  /** What somebody asks beyond the limit is refused; once, so that a flood is not answered by another one. */
  private async admitted(message: Message): Promise<void> {
    const { activity, caller, pace, key, lease } = message;
    const { database, allowance, speaker } = this.deps;
    let isFirst = false;
    try {
      // One that another replica has taken already is not refused any more.
      const isNew = lease.token === firstToken;
      const looked = isNew ? allowance.message(caller.oid, pace, key) : standingOf(database, key);
      const { refused, ...standing }: Awaited<ReturnType<Allowance['message']>> = await looked;
      isFirst = standing.ahead === 0;
      if (refused) {
        await this.store(lease);
        if (refused.tells) await speaker.say(addressOfActivity(activity), refusalAnswer(refused.error), activity.id);
        return this.freed(laneOf(activity, caller));
      }
      await this.sayPlace(message, standing);
    } catch (err) {
      // Without a database nothing is limited.
      this.quiet.warn('unlimited', { err }, 'a message is answered without looking at limits');
    }
    await this.inOrder(message, isFirst);
  }

  private async sayPlace({ activity, caller }: Message, { ahead }: Standing): Promise<void> {
    const { allowance, speaker, keep } = this.deps;
    if (ahead < placeFrom || !(await allowance.tellsPlace(laneOf(activity, caller)))) return;
    keep(speaker.say(addressOfActivity(activity), { text: placeWords(ahead) }, activity.id));
  }

  /**
   * One person's messages in one conversation are answered in the order in which they came, at whichever replicas.
   * `isFirst`: nothing came before it when it was looked at, and what comes later does not.
   */
  private async inOrder(message: Message, isFirst: boolean): Promise<void> {
    const { database, leaving } = this.deps;
    const lane = laneOf(message.activity, message.caller);
    const until = isFirst ? 0 : Date.now() + orderMs;
    for (let pause = 50; Date.now() < until; pause = Math.min(pause * 2, seconds(1))) {
      const moved = this.moves(lane);
      // Without a database there is no order either.
      if (!(await isBehind(database, message.key).catch(() => false))) break;
      await sleep(pause, AbortSignal.any([leaving, moved]));
      // Its lease ends; whoever comes after this process finds it in its place.
      if (leaving.aborted) return;
    }
    await this.answerMessage(message);
    this.freed(lane);
  }

  private freed(lane: string): void {
    this.lanes.get(lane)?.abort(wasAnswered);
    this.lanes.delete(lane);
  }

  /** Aborted when this replica has answered a message of the lane; what others answer is found by looking. */
  private moves(lane: string): AbortSignal {
    const known = this.lanes.get(lane) ?? new AbortController();
    this.lanes.set(lane, known);
    return known.signal;
  }

  private async answerMessage(message: Message): Promise<void> {
    const pass = await this.deps.turnstile.enter(message.caller.oid, message.pace, this.deps.leaving);
    // Its lease ends; whoever comes after this process finds it in its place.
    if (!pass) return;
    try {
      await this.answerNow(message, pass);
    } finally {
      pass.over();
    }
  }

  private async answerNow(message: Message, pass: Pass): Promise<void> {
    const { activity, caller, key, lease, held } = message;
    const { places, people, conversation, speaker } = this.deps;
    const address = addressOfActivity(activity);
    try {
      const name = await places.heardFrom(activity);
      await people.heardFrom(caller);
      const turn = turnOf(activity, { caller, name, intent: key, mentioned: people.mentioned(activity) });
      const reply = await conversation.handleText(turn, wordsOf(activity));
      pass.answered();
      this.logBug(reply);
      // This process may have stood still for so long that another one has taken the message up.
      if (!(await held.confirm())) {
        this.quiet.warn('taken-over', { id: lease.id }, 'another replica answers this message');
        return;
      }
      await this.tell(message, reply);
    } catch (error) {
      await speaker.say(address, this.explained(error), activity.id);
    }
    await this.answered(() => this.store(lease));
  }

  /** What is known at once, and the whole of it in the same place when it comes. */
  private async tell({ activity, caller, lease, held, posted }: Message, reply: TextAnswer): Promise<void> {
    const { database, speaker } = this.deps;
    const address = addressOfActivity(activity);
    const { later, ...first } = reply;
    const stands = posted ?? (await speaker.answer(address, first, activity.id));
    if (!later && !posted) return;
    // Nobody's next message waits for what Azure has still to say.
    if (later && stands) {
      await answerForNow(database, lease, stands);
      this.freed(laneOf(activity, caller));
    }
    const whole = later ? await later : first;
    if (later) this.logBug(whole);
    if (!(await held.confirm())) return;
    if (stands) await speaker.complete(address, stands, whole.topic === undefined ? whole : done, activity.id);
    if (whole.topic !== undefined || !stands) await speaker.answer(address, whole, activity.id);
  }

  /** A message must not be acted on once its sender was told that it failed: retries until nobody would take it up. */
  private async answered(store: () => Promise<void>): Promise<void> {
    const { leaving } = this.deps;
    for (const until = Date.now() + storeForMs; ; ) {
      try {
        return await store();
      } catch (err) {
        if (leaving.aborted || Date.now() > until)
          return this.quiet.warn('unanswered', { err }, 'an answered message stays open');
        await sleep(storeAgainMs, leaving);
      }
    }
  }

  /** Messages whose replica died before answering them, for the worker. */
  get orphans(): Work {
    return {
      name: 'deliveries',
      atOnce: 2,
      pollMs: seconds(1),
      unhurried: true,
      lease: this.deps.leases,
      claim: async (terms) => {
        const orphan = await this.claimOrphan(terms);
        if (!orphan) return undefined;
        const { key, lease } = orphan;
        const activity = orphan.activity as TeamsActivity;
        const caller = callerOf(activity);
        if (!caller) throw new Error('a message without an Entra object id was stored');
        if (orphan.isDeadly) return { lease, work: (held) => this.givenUp(activity, lease, held) };
        const pace = this.paceOf(activity, caller);
        const posted = isRecord(orphan.posted) ? { posted: orphan.posted as unknown as Posted } : {};
        return { lease, work: (held) => this.answerMessage({ activity, caller, pace, key, lease, held, ...posted }) };
      },
    };
  }

  /** Whoever asked waits for an answer that no process lives to give. */
  private async givenUp(activity: TeamsActivity, lease: Lease, held: Held): Promise<void> {
    const { database, speaker, log } = this.deps;
    log.error({ id: lease.id }, 'a message stops every process that answers it; its sender is told');
    if (!(await held.confirm())) return;
    await speaker.say(addressOfActivity(activity), { text: deadly }, activity.id);
    await this.answered(() => answer(database, lease, null));
  }

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

  /** For failures of the edge itself; the dialogs explain what a command refuses. */
  private explained(error: unknown): Reply {
    if (isUserError(error)) {
      this.quiet.warn(error.code, {}, 'a message could not be taken');
      return refusalAnswer(error);
    }
    const bug = newBug(error);
    this.logBug({ bug });
    return bugAnswer(bug);
  }

  private logBug({ bug }: Pick<TextAnswer, 'bug'>): void {
    if (bug) this.deps.log.error({ reference: bug.reference, err: bug.error }, 'a command broke');
  }
}
