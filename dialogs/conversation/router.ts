import { asksForOwn, incomplete, inWords, ownVerb, sameAs } from '../../cards';
import { rightsOfProgram } from '../../core/access';
import { eachCall } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { isRecord } from '../../core/collections';
import { type CommandCall, call, line, type Values, type Verb } from '../../core/command-call';
import { azureSilent, type ErrorCode, explain, isUserError, UserError } from '../../core/errors';
import { type Outcome, parseRequestId, type RequestId, type Run, type RunKind } from '../../core/runs';
import { silentTelemetry } from '../../core/telemetry';
import { seconds, within } from '../../core/time';
import {
  type Asking,
  askAgain,
  askedInPlace,
  askForMissing,
  asksForReason,
  choiceForm,
  type Filling,
  missingForm,
  refusedForm,
  resolveImages,
  resolveRun,
  withMentioned,
} from './asking';
import type {
  Answer,
  Command,
  CommandContext,
  CommandPace,
  Deps,
  Patience,
  RefusalEntry,
  Topic,
  Turn,
  VersionFacts,
} from './command';
import { badValues, type Clicked, findCommand, laterVerb, notInThisVersion, parse, readData } from './grammar';
import { ownCard } from './own-card';
import { forClicker, forReader } from './reader';
import { type Bug, bugAnswer, bugLine, newBug, refusalAnswer, withNext } from './refusals';
import { askRights, forbidden, forbiddenForChange, notForPrograms, otherPlan } from './rights';

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

/** What Teams sends of a dialog. None of it is trusted. */
export interface DialogSaid {
  readonly verb: string;
  /** What the pressed button carries: the arguments that were given before. */
  readonly given: unknown;
  /** What the fields of the dialog hold; absent when it is opened, by which nothing is done yet. */
  readonly typed?: unknown;
}

/** What a program is told: words for whoever reads its log, and what it goes by. */
export interface ProgramAnswer {
  /** Whether what was asked is so, or was started. False for every refusal, and for a verdict that is not good. */
  readonly ok: boolean;
  /** Why not, when it was refused. */
  readonly code?: ErrorCode;
  /** Answer or refusal as plain text. */
  readonly text: string;
  /** Sentences that may come next. */
  readonly next: readonly string[];
  /** The run that was started or asked about, as it is now. */
  readonly run?: {
    readonly id: RequestId;
    readonly kind: RunKind;
    /** The image, or what else it is about. */
    readonly subject: string;
    /** What a publish builds, once it is planned. */
    readonly version?: string;
    readonly stage: string;
    /** What it has come to; null while that is open. */
    readonly outcome: Outcome | null;
  };
  /** The version that was asked for. */
  readonly version?: VersionFacts;
  readonly bug?: Bug;
}

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

/** What running a command came to. */
type Done = {
  readonly kind: 'done' | 'form' | 'told';
  readonly command: Command;
  readonly answer: Answer;
  readonly values: Values;
};

/** Where and when something is said, for what it can mean. */
export interface Listening extends Pick<Turn, 'conversation'> {
  readonly commands: readonly Command[];
  readonly catalogue: Catalogue;
  readonly now: Date;
}

/** What a message asks for. */
export interface Heard {
  readonly command: Command;
  readonly values: Values;
  /** Said in other words than the grammar's: the answer begins with the sentence that does the same. */
  readonly isPlain?: true;
  /** What is answered in place of doing it: an offer, a question, a word of thanks. */
  tell?(ctx: CommandContext, values: Values, deps: Deps): Promise<Answer>;
}

/** Makes a command of what somebody says. @throws UserError when nothing is understood. */
export type Listen = (said: string, where: Listening) => Heard;

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
        const act: Act = { turn, via: 'button', said: String(verb), data, commands };
        const answered = clickAnswer(await runClick(act, inTime), turn);
        const own = answered.kind === 'card' ? await owned(act, answered.reply, inTime) : answered;
        return forClicker(turn, own, deps.catalogue());
      } catch (error) {
        return refusedClick(error);
      }
    },
    handleView(turn, byHand) {
      const act: Act = { turn, via: 'button', said: ownVerb, commands };
      return viewed(act, withinTurn(deps, firstMs).deps, byHand);
    },
    handleShare(turn, verb, data) {
      const reads = commands.filter(({ effect }) => effect === 'read');
      const act: Act = { turn, via: 'button', said: String(verb), data, commands: reads };
      return shared(act, withinTurn(deps, firstMs).deps);
    },
    async handleDialog(turn, dialog) {
      const data = { ...recordOf(dialog.given), ...recordOf(dialog.typed) };
      const act: Act = { turn, via: 'button', said: String(dialog.verb), data, dialog, commands };
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

function fillingOf({ given }: DialogSaid, filled: Omit<Filling, 'given'>): Filling {
  return { ...filled, given: readData(filled.command, given).values };
}

/** What takes the place of the clicked card is seen by the person who clicked alone: it is their own. */
async function owned(act: Act, reply: Answer, deps: Deps): Promise<ClickAnswer> {
  const { topic } = reply;
  if (!topic || !asksForOwn(reply)) return { kind: 'card', reply };
  const ctx = await contextOf(act, deps, {});
  return { kind: 'card', reply: { ...(await ownCard(ctx, deps, { topic, byHand: false })), topic } };
}

function refusedToProgram(error: UserError): ProgramAnswer {
  const { code, next } = error;
  return { ok: false, code, text: explain(error), next: next.map(line) };
}

async function toldProgram(act: Act, deps: Deps, budgetMs: number): Promise<ProgramAnswer> {
  try {
    return await toProgram(await runText(act, withinTurn(deps, budgetMs).deps), deps);
  } catch (error) {
    if (isUserError(error)) return refusedToProgram(error);
    const bug = newBug(error);
    return { ok: false, code: 'INTERNAL', text: bugLine(bug), next: [], bug };
  }
}

async function toProgram({ kind, command, answer }: Done, { reads }: Deps): Promise<ProgramAnswer> {
  const { text, topic, agree } = answer;
  // There is nobody to fill in a form.
  if (kind === 'form')
    return { ok: false, code: 'BAD_COMMAND', text: inWords(text), next: [line(call('help', { verb: command.verb }))] };
  const request = parseRequestId(topic?.split(':')[1] ?? '') ?? answer.outcome?.request;
  const run = request && ((await reads.run(request)) ?? (await reads.runOfApproval(request)));
  const isDone = command.effect === 'read' || topic !== undefined;
  const { yes = isDone, version } = answer.outcome ?? {};
  const next = agree ? [line(agree)] : [];
  return { ok: yes, text: inWords(text), next, ...(version && { version }), ...(run && { run: runOfProgram(run) }) };
}

function runOfProgram(run: Run): NonNullable<ProgramAnswer['run']> {
  const { id, kind, subject, stage } = run;
  if (run.kind !== 'publish') return { id, kind, subject, stage, outcome: run.outcome };
  const { outcome, data, plan } = run;
  const ended = outcome ?? data.ending?.outcome ?? (data.publishedAt === undefined ? null : 'published');
  const { version } = plan.fixed ?? {};
  return { id, kind, subject, stage, outcome: ended, ...(version !== undefined && { version }) };
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

/** Each read of a message is asked once, however often the message is tried: what comes late serves the next try. */
function askedOnce(deps: Deps): Deps {
  const asked = new Map<string, Promise<unknown>>();
  const once = (name: string, args: readonly unknown[], ask: () => Promise<unknown>) => {
    const key = JSON.stringify([name, ...args]);
    const before = asked.get(key);
    if (before) return before;
    const answer = ask();
    asked.set(key, answer);
    return answer;
  };
  const memberOf = (...args: Parameters<Deps['directory']['memberOf']>) =>
    once('memberOf', args, () => deps.directory.memberOf(...args)) as ReturnType<Deps['directory']['memberOf']>;
  const each = <Port extends object>(port: Port) => eachCall(port, (ask, name, args) => once(name, args, ask));
  return { ...deps, read: each(deps.read), house: each(deps.house), directory: { memberOf } };
}

async function runText(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, async () => {
    const { turn, commands, said, listen = byGrammar } = act;
    const { conversation: place } = turn;
    const heard = listen(said, { conversation: place, commands, catalogue: deps.catalogue(), now: deps.clock.now() });
    return { ...heard, values: await withMentioned(heard.command, heard.values, turn), fields: [] };
  });
}

/** What a message means by the grammar alone, which is all that programs speak. */
function byGrammar(said: string, { commands }: Listening): Heard {
  const parsed = parse(said, commands);
  const command = parsed.kind === 'command' ? parsed.command : findCommand(commands, 'help');
  if (!command) throw new Error('help is no command');
  return { command, values: parsed.kind === 'command' ? parsed.values : {} };
}

async function runClick(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, async () => {
    const command = findCommand(act.commands, act.said);
    if (command) return { command, ...readData(command, act.data) };
    if (laterVerb([act.said])) throw notInThisVersion(act.said);
    throw new UserError('UNKNOWN_COMMAND', 'This button belongs to no command of goldbot.', {
      hint: 'See what you can ask.',
      next: [call('help')],
    });
  });
}

interface Act {
  readonly turn: Turn;
  readonly via: 'text' | 'button';
  /** The message, or the verb of the button. */
  readonly said: string;
  /** What the button carries. */
  readonly data?: unknown;
  /** Where it was pressed in a dialog, or opens one. */
  readonly dialog?: DialogSaid;
  readonly commands: readonly Command[];
  /** Absent: the grammar alone is understood. */
  readonly listen?: Listen;
}

interface Wanted extends Clicked, Pick<Heard, 'isPlain' | 'tell'> {
  readonly command: Command;
}

/** One try of a command, as operators see it: neither what was said nor by whom. */
function execute(act: Act, deps: Deps, read: () => Promise<Wanted>): Promise<Done> {
  const { telemetry = silentTelemetry } = deps;
  return telemetry.span({ name: 'command', attributes: { 'goldbot.via': act.via } }, async (span) => {
    let verb: Verb | undefined;
    const named = async () => {
      const wanted = await read();
      verb = wanted.command.verb;
      span.set({ 'goldbot.command': verb });
      return wanted;
    };
    try {
      const done = await carriedOut(act, deps, named);
      span.set({ 'goldbot.outcome': done.kind });
      return done;
    } catch (error) {
      const refused = isUserError(error);
      if (refused) telemetry.count('goldbot.refusals', { 'goldbot.code': error.code, 'goldbot.command': verb });
      span.set({ 'goldbot.outcome': refused ? 'refused' : 'broken' });
      throw error;
    }
  });
}

/** Everything between reading and answering; refusals made here are recorded here. */
async function carriedOut(act: Act, inTime: Deps, read: () => Promise<Wanted>): Promise<Done> {
  let asked: CommandCall | undefined;
  try {
    const ready = await prepare(act, inTime, async () => {
      const wanted = await read();
      asked = call(wanted.command.verb, wanted.values);
      return wanted;
    });
    if ('kind' in ready) return ready;
    const { command, values, isPlain } = ready;
    const answer = await answerOf(act, inTime, ready);
    return { kind: 'done', command, values, answer: isPlain ? sameAs(call(command.verb, values), answer) : answer };
  } catch (error) {
    throw isUserError(error) ? withNext(error, { via: act.via, ...(asked && { call: asked }) }) : error;
  }
}

/** Whose machine a command is about, and whether an image is locked, is known only while it runs; a refusal at that point is recorded too. */
async function answerOf(act: Act, deps: Deps, ready: Ready): Promise<Answer> {
  const { command, ctx, values } = ready;
  try {
    return await command.run(ctx, values, deps);
  } catch (error) {
    if (!isUserError(error) || recordsItself(command)) throw error;
    if (error.code === 'IMAGE_LOCKED') await auditRefusal(act, deps, error, values);
    if (error.code !== 'WRONG_ROLE') throw error;
    const now = await contextOf(act, deps, ctx, refusalMs);
    if (now.rights.groups.some((group) => !ctx.rights.groups.includes(group))) {
      return answerOf(act, deps, { ...ready, ctx: now });
    }
    await auditRefusal(act, deps, error, values);
    throw error;
  }
}

/** What is done to a run is refused under the run's lock, and recorded there: workflows/start. */
function recordsItself({ effect, args }: Command): boolean {
  return effect === 'write' && args.some(({ name }) => name === 'request');
}

interface Ready {
  readonly command: Command;
  readonly ctx: CommandContext;
  readonly values: Values;
  readonly isPlain: boolean;
}

async function prepare(act: Act, deps: Deps, read: () => Promise<Wanted>): Promise<Done | Ready> {
  try {
    checkTenant(act.turn, deps);
    return await check(act, deps, await read());
  } catch (error) {
    if (isUserError(error)) await auditRefusal(act, deps, error);
    throw error;
  }
}

async function check(act: Act, deps: Deps, wanted: Wanted): Promise<Done | Ready> {
  const { command, fields, isPlain = false } = wanted;
  const catalogue = deps.catalogue();
  const { values, choose, image } = resolveImages(command, wanted.values, catalogue);
  if (wanted.tell) {
    const answer = await wanted.tell(await contextOf(act, deps, wanted), values, deps);
    return { kind: 'told', command, values, answer };
  }
  const run = await resolveRun(command, wanted.values, deps.reads);
  const refusal = (ctx: CommandContext) =>
    notForPrograms(command, ctx, wanted.values) ??
    (run && command.refusal(ctx, run, values)) ??
    (run?.kind === 'change'
      ? forbiddenForChange(command, ctx, run, catalogue)
      : forbidden(command, ctx, catalogue, image ?? run?.subject)) ??
    command.mayNot(ctx, values, catalogue) ??
    otherPlan(command, ctx, run);
  const known = await contextOf(act, deps, wanted);
  const ctx = refusal(known)?.code === 'WRONG_ROLE' ? await contextOf(act, deps, wanted, refusalMs) : known;
  const refused = refusal(ctx);
  if (refused) throw refused;
  const hash = wanted.hash ?? run?.planHash ?? undefined;
  const incomplete = { command, values, ...(hash !== undefined && { hash }) };
  const inCard = act.via === 'button' && !act.dialog && asksForReason(ctx, fields);
  const from: Asking = { catalogue, rights: ctx.rights, now: ctx.now };
  // Whoever decides does so on the card that asks, and what is typed there must outlive an edit.
  const backTo = askedInPlace(command, ctx, { values, run });
  const inPlace = backTo !== undefined && { backTo };
  const form = choose
    ? choiceForm(command, values, choose.arg, choose.among)
    : act.dialog
      ? formOfDialog(act.dialog, incomplete, from)
      : askForMissing({ ...incomplete, inCard, ...inPlace }, from);
  if (form) return { kind: 'form', command, values, answer: form };
  const wrong = badValues(command, values);
  if (wrong) throw wrong;
  return { command, ctx, values, isPlain };
}

/** A dialog that opens asks before it changes anything, be something missing or not. */
function formOfDialog(dialog: DialogSaid, incomplete: Omit<Filling, 'given'>, from: Asking): Answer | undefined {
  const filling = fillingOf(dialog, incomplete);
  if (dialog.typed !== undefined) return askAgain(filling, from);
  const form = askForMissing({ ...incomplete, inCard: false }, from);
  return form ?? (incomplete.command.effect === 'write' ? missingForm(filling, from) : undefined);
}

/** Nobody is refused for a role by groups that were read longer ago: they may have been added to one just now. */
const refusalMs = seconds(10);

async function contextOf(
  act: Act,
  deps: Deps,
  { hash }: Pick<CommandContext, 'hash'>,
  atMostMs?: number,
): Promise<CommandContext> {
  const { oid, application } = act.turn.person;
  const { rights, unknown } =
    application === undefined
      ? await askRights(deps.directory, deps.catalogue(), oid, atMostMs)
      : { rights: rightsOfProgram(deps.catalogue(), application), unknown: false };
  return {
    ...act.turn,
    via: act.via,
    rights,
    rightsUnknown: unknown,
    now: deps.clock.now(),
    commands: act.commands,
    ...(hash !== undefined && { hash }),
  };
}

function checkTenant(turn: Turn, deps: Deps) {
  if (deps.tenants.includes(turn.person.tenantId)) return;
  throw new UserError('WRONG_TENANT', 'goldbot does not serve your tenant.', {
    hint: 'Ask somebody of this organisation.',
  });
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

/**
 * The one place where dialogs record what they refuse. Typos are not refusals; everything else that was asked for and
 * not done is one. `given`: what a click was about; a message says it itself.
 */
async function auditRefusal(act: Act, deps: Deps, error: UserError, given: Values = {}) {
  if (act.via === 'text' && (error.code === 'UNKNOWN_COMMAND' || error.code === 'BAD_COMMAND')) return;
  const { oid, name } = act.turn.person;
  const said = act.said.slice(0, 200);
  const clicked = act.via === 'button' && Object.keys(given).length > 0 ? { given } : {};
  const carried = isRecord(act.data) ? String(act.data['request'] ?? '').slice(0, 40) : '';
  await deps.audit?.({
    who: { oid, name },
    action: 'refuse',
    subject: [error.facts['team'], error.facts['image']].find((name) => typeof name === 'string') ?? null,
    request: requestIn(said) ?? parseRequestId(carried) ?? null,
    detail: { code: error.code, said, via: act.via, conversation: act.turn.conversation.id, ...clicked },
  });
}

/** The first request id in a text. */
function requestIn(text: string): RequestId | undefined {
  const found = /\bR-[2-9A-HJ-NP-Z]{5}\b/i.exec(text)?.[0];
  return found === undefined ? undefined : parseRequestId(found);
}

/** A first answer takes three seconds at most; then goldbot goes on asking before it says what is missing. */
const usualPatience: Patience = { firstMs: 2_600, wholeMs: seconds(50) };

/** The reads of one try: whatever the outside does, none is waited for beyond the try's time. */
function withinTurn(deps: Deps, budgetMs: number): { readonly deps: Deps; wasLate(): boolean } {
  const end = performance.now() + budgetMs;
  const leftMs = () => Math.max(0, end - performance.now());
  let late = false;
  const tooLate = (error: UserError) => (): never => {
    late = true;
    throw error;
  };
  const inTime = (ask: () => Promise<unknown>) => within(leftMs(), ask(), tooLate(azureSilent(budgetMs)));
  return {
    wasLate: () => late,
    deps: {
      ...deps,
      read: eachCall(deps.read, inTime),
      house: eachCall(deps.house, inTime),
      directory: {
        memberOf: (...asked) => within(leftMs(), deps.directory.memberOf(...asked), tooLate(directorySilent())),
      },
    },
  };
}

function directorySilent(): UserError {
  return new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not answer in time.', {
    hint: 'Try again in a minute.',
  });
}
