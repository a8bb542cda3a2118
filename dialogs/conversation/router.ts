import { asksForOwn, incomplete, ownVerb } from '../../cards';
import { isRecord } from '../../core/collections';
import { call } from '../../core/command-call';
import { explain, isUserError, UserError } from '../../core/errors';
import { seconds } from '../../core/time';
import {
  type Act,
  byGrammar,
  checkTenant,
  contextOf,
  type DialogSaid,
  type Done,
  fillingOf,
  type Listen,
  runClick,
  runText,
} from './act';
import { refusedForm } from './asking';
import type { Answer, Command, CommandPace, Deps, Patience, RefusalEntry, Topic, Turn } from './command';
import { findCommand, readData } from './grammar';
import { askedOnce, readOnce, withinTurn } from './in-time';
import { ownCard } from './own-card';
import { forClicker, forReader } from './reader';
import { type Bug, bugAnswer, bugLine, newBug, refusalAnswer } from './refusals';
import { type ProgramAnswer, toldProgram } from './to-program';

/** What to send in answer to a message. `bug`: to be logged by the caller under its reference. */
export interface TextAnswer extends Answer {
  readonly bug?: Bug;
  /** The whole answer, when this one lacks what the outside has not said yet; never rejects, and comes within a minute. */
  readonly later?: Promise<TextAnswer>;
}

/** What to do about a click. */
export type ClickAnswer =
  /** The card takes the place of the clicked one. */
  | { readonly kind: 'card'; readonly reply: Answer }
  /** A new message in the thread; the person who clicked also gets one line. */
  | { readonly kind: 'post'; readonly reply: Answer; readonly message: string }
  /** Refused: one line for the person who clicked and for nobody else. */
  | { readonly kind: 'message'; readonly text: string; readonly bug?: Bug };

export interface ConversationHandlers {
  /** The class of what a message asks for, by its words alone: a `look` when they mean nothing. Never throws. */
  paceOf(turn: Pick<Turn, 'conversation'>, text: string): CommandPace;
  /** Answers a message; never throws. */
  handleText(turn: Turn, text: string): Promise<TextAnswer>;
  /** Answers a click on a card; never throws. Everything is read afresh: the card is only an address. */
  handleAction(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer>;
  /** Answers what is done in a dialog, as a click on a card is; what is wrong with a form stands in the form. Never throws. */
  handleDialog(turn: Turn, said: DialogSaid): Promise<ClickAnswer>;
  /**
   * Answers a client that asks for the card of whoever looks, in place of the one that everybody sees; `byHand`: a person
   * did. Changes nothing, posts nothing, asks Azure nothing; never throws.
   */
  handleView(turn: Turn, byHand: boolean): Promise<ClickAnswer>;
  /**
   * Answers somebody who wants to show others what a command shows them: the card that everybody would see, as it is at
   * this moment. Nothing is done, and nothing is posted; never throws.
   */
  handleShare(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer>;
  /** Answers a program, once and in full, within a minute; never throws. Nothing that it asks makes a card for it. */
  handleAsk(turn: Turn, text: string): Promise<ProgramAnswer>;
}

/**
 * The conversation: reads what people say and click, checks who they are, and runs commands. `listen`: for people, who
 * need no grammar.
 */
export function conversation(deps: Deps, commands: readonly Command[], listen: Listen): ConversationHandlers {
  const { firstMs, wholeMs } = deps.patience ?? usualPatience;
  return {
    paceOf: (turn, text) => paceOf({ turn, said: text, commands, listen }, deps),
    async handleText(turn, text) {
      const act: Act = { turn, via: 'text', said: text, commands, listen };
      const asked = askedOnce(deps);
      const told = (answer: TextAnswer) => forReader(turn, answer, deps.catalogue());
      const first = await attempt(act, asked, firstMs);
      if (!first.mayImprove) return told(await first.tell());
      const later = attempt(act, asked, wholeMs).then((whole) => whole.tell());
      return told({ ...incomplete(first.error === undefined ? first.answer : undefined), later });
    },
    handleAsk(turn, text) {
      return toldProgram({ turn, via: 'text', said: text, commands }, deps, wholeMs);
    },
    async handleAction(turn, verb, data) {
      try {
        const inTime = withinTurn(deps, firstMs).deps;
        const act: Act = { turn, via: 'button', said: verb, data, commands };
        const answered = clickAnswer(await runClick(act, inTime), turn);
        const own = answered.kind === 'card' ? await owned(act, answered.reply, inTime) : answered;
        return forClicker(turn, own, deps.catalogue());
      } catch (error) {
        return refusedClick(error);
      }
    },
    handleView(turn, byHand) {
      const act: Act = { turn, via: 'button', said: ownVerb, commands };
      return viewed(act, withinTurn(readOnce(deps), firstMs).deps, byHand);
    },
    handleShare(turn, verb, data) {
      const reads = commands.filter(({ effect }) => effect === 'read');
      const act: Act = { turn, via: 'button', said: verb, data, commands: reads };
      return shared(act, withinTurn(deps, firstMs).deps);
    },
    async handleDialog(turn, dialog) {
      const data = { ...recordOf(dialog.given), ...recordOf(dialog.typed) };
      const act: Act = { turn, via: 'button', said: dialog.verb, data, dialog, commands };
      try {
        return clickAnswer(await runClick(act, withinTurn(deps, firstMs).deps), turn, true);
      } catch (error) {
        const again = isUserError(error) ? await formAgain(act, deps, error) : undefined;
        return again ? { kind: 'card', reply: again } : refusedClick(error);
      }
    },
  };
}

/** By the words alone. What nobody understands is explained, and what breaks is logged, when it is answered. */
function paceOf(
  {
    turn,
    said,
    commands,
    listen = byGrammar,
  }: Pick<Act, 'said' | 'commands' | 'listen'> & { readonly turn: Pick<Turn, 'conversation'> },
  deps: Deps,
): CommandPace {
  const { conversation: place } = turn;
  const hear = place.kind === 'program' ? byGrammar : listen;
  try {
    return hear(said, { conversation: place, commands, catalogue: deps.catalogue(), now: deps.clock.now() }).command
      .pace;
  } catch {
    return 'look';
  }
}

async function shared(act: Act, deps: Deps): Promise<ClickAnswer> {
  try {
    const done = await runClick(act, deps);
    if (done.kind !== 'done') throw toChoose(done.command);
    return forClicker(act.turn, { kind: 'card', reply: lookedAt(done) }, deps.catalogue());
  } catch (error) {
    return refusedClick(error);
  }
}

function toChoose({ verb }: Command): UserError {
  return new UserError('BAD_COMMAND', `“${verb}” needs to know more before it shows anything.`, {
    hint: 'Ask goldbot in a chat.',
  });
}

function recordOf(data: unknown): Readonly<Record<string, unknown>> {
  return isRecord(data) ? data : {};
}

async function viewed(act: Act, deps: Deps, byHand: boolean): Promise<ClickAnswer> {
  const { turn } = act;
  try {
    checkTenant(turn, deps);
    const reply = await ownCard(await contextOf(act, deps, {}), deps, { topic: turn.clicked, byHand });
    const topic = turn.clicked as Topic;
    return forClicker(turn, { kind: 'card', reply: { ...reply, topic } }, deps.catalogue());
  } catch (error) {
    return refusedClick(error);
  }
}

function refusedClick(error: unknown): ClickAnswer {
  if (isUserError(error)) return { kind: 'message', text: explain(error) };
  const bug = newBug(error);
  return { kind: 'message', text: bugLine(bug), bug };
}

/** Nothing is typed twice: a form that was refused comes back as it was sent. */
async function formAgain(act: Act, deps: Deps, error: UserError): Promise<Answer | undefined> {
  const command = findCommand(act.commands, act.said);
  if (!command || act.dialog?.typed === undefined) return undefined;
  try {
    const { values, hash } = readData(command, act.data);
    const filling = fillingOf(act.dialog, { command, values, ...(hash !== undefined && { hash }) });
    const { rights, now } = await contextOf(act, deps, {});
    return refusedForm(filling, { catalogue: deps.catalogue(), rights, now }, error);
  } catch (broken) {
    // What was forged fits in no form.
    if (isUserError(broken)) return undefined;
    throw broken;
  }
}

/** What takes the place of the clicked card is seen by the person who clicked alone: it is their own. */
async function owned(act: Act, reply: Answer, deps: Deps): Promise<ClickAnswer> {
  const { topic } = reply;
  if (!topic || !asksForOwn(reply)) return { kind: 'card', reply };
  const ctx = await contextOf(act, deps, {});
  return { kind: 'card', reply: { ...(await ownCard(ctx, deps, { topic, byHand: false })), topic } };
}

/** One try to answer a message. */
interface Attempt {
  readonly answer: TextAnswer;
  readonly error?: unknown;
  /** Something did not come in time, and trying for longer changes nothing that was done. */
  readonly mayImprove: boolean;
  /** The answer, once what was refused is recorded. */
  tell(): Promise<TextAnswer>;
}

async function attempt(act: Act, deps: Deps, budgetMs: number): Promise<Attempt> {
  const refusals: RefusalEntry[] = [];
  const turn = withinTurn({ ...deps, audit: async (entry) => void refusals.push(entry) }, budgetMs);
  const told = (answer: TextAnswer) => async (): Promise<TextAnswer> => {
    try {
      for (const entry of refusals) await deps.audit?.(entry);
      return answer;
    } catch (error) {
      return explained(error);
    }
  };
  try {
    const done = await runText(act, turn.deps);
    const { command } = done;
    const answer = withCall(done);
    const mayImprove = turn.wasLate() && command.effect === 'read' && answer.topic === undefined;
    return { answer, mayImprove, tell: told(answer) };
  } catch (error) {
    const answer = explained(error);
    const cut = isUserError(error) && (error.code === 'AZ_SILENT' || error.code === 'DIRECTORY_SILENT');
    return { answer, error, mayImprove: cut && turn.wasLate(), tell: told(answer) };
  }
}

function explained(error: unknown): TextAnswer {
  if (isUserError(error)) return refusalAnswer(error);
  const bug = newBug(error);
  return { ...bugAnswer(bug), bug };
}

/** A look can be had again; a form, an offer and a change cannot. */
function withCall({ kind, command, answer, values }: Done): Answer {
  if (kind !== 'done' || command.effect !== 'read' || answer.topic !== undefined) return answer;
  return { ...answer, call: call(command.verb, values) };
}

/** As it is at this moment: it does not live on where one person looks at it. */
function lookedAt({ answer: { topic: _, ...answer }, command, values }: Done): Answer {
  return { ...answer, call: call(command.verb, values) };
}

/**
 * What somebody only looks at is shown in the place of what they pressed, and to them alone: nothing is posted for one
 * person's curiosity. A change is told where all see it.
 */
function clickAnswer(done: Done, { clicked }: Turn, inDialog = false): ClickAnswer {
  if (done.answer.inPlace && !inDialog) return { kind: 'card', reply: done.answer };
  const { kind, command, values } = done;
  const answer = withCall(done);
  // What is asked of one person stands in the place of what they pressed; an edit of a run's card would wipe it there.
  const isEdited = !inDialog && clicked?.startsWith('run:');
  if (kind === 'form' && !isEdited) return { kind: 'card', reply: answer };
  if (kind === 'form') return { kind: 'post', reply: answer, message: 'goldbot asks for more below.' };
  if (answer.toClicker !== undefined) return { kind: 'message', text: answer.toClicker };
  // What is opened on a card of several requests stands beside it: the others are still to be decided there.
  const isShared = clicked?.startsWith('requests:') ?? false;
  const sameThing = isShared ? answer.topic === clicked : answer.topic?.split(':')[1] === values['request'];
  if (answer.topic && sameThing) return { kind: 'card', reply: answer };
  if (command.effect === 'read' && (inDialog || !isShared)) return { kind: 'card', reply: lookedAt(done) };
  return { kind: 'post', reply: answer, message: 'The answer is below.' };
}

/** A first answer takes three seconds at most; then goldbot goes on asking before it says what is missing. */
const usualPatience: Patience = { firstMs: 2_600, wholeMs: seconds(50) };
