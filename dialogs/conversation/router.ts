import { incomplete } from '../../cards';
import { rightsOfProgram } from '../../core/access';
import { eachCall } from '../../core/azure';
import { isRecord } from '../../core/collections';
import { type CommandCall, call, line, type Values, type Verb } from '../../core/command-call';
import { azureSilent, type ErrorCode, explain, isUserError, UserError } from '../../core/errors';
import { type Outcome, parseRequestId, type RequestId, type Run, type RunKind } from '../../core/runs';
import { silentTelemetry } from '../../core/telemetry';
import { seconds, within } from '../../core/time';
import { askForMissing, asksForReason, choiceForm, resolveImages, resolveRun } from './asking';
import type { Answer, Command, CommandContext, Deps, Patience, RefusalEntry, Turn, VersionFacts } from './command';
import { badValues, type Clicked, findCommand, laterVerb, notInThisVersion, parse, readData } from './grammar';
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
  /** Answers a message; never throws. */
  handleText(turn: Turn, text: string): Promise<TextAnswer>;
  /** Answers a click on a card; never throws. Everything is read afresh: the card is only an address. */
  handleAction(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer>;
  /** Answers a program, once and in full, within a minute; never throws. Nothing that it asks makes a card for it. */
  handleAsk(turn: Turn, text: string): Promise<ProgramAnswer>;
}

/** What running a command came to. */
type Done = {
  readonly kind: 'done' | 'form';
  readonly command: Command;
  readonly answer: Answer;
  readonly values: Values;
};

/** The conversation: reads what people say and click, checks who they are, and runs commands. */
export function conversation(deps: Deps, commands: readonly Command[]): ConversationHandlers {
  const { firstMs, wholeMs } = deps.patience ?? usualPatience;
  return {
    async handleText(turn, text) {
      const act: Act = { turn, via: 'text', said: text, commands };
      const asked = askedOnce(deps);
      const first = await attempt(act, asked, firstMs);
      if (!first.mayImprove) return first.tell();
      const later = attempt(act, asked, wholeMs).then((whole) => whole.tell());
      return { ...incomplete(first.error === undefined ? first.answer : undefined), later };
    },
    async handleAsk(turn, text) {
      const act: Act = { turn, via: 'text', said: text, commands };
      try {
        const done = await runText(act, withinTurn(deps, wholeMs).deps);
        return await toProgram(done, deps);
      } catch (error) {
        if (isUserError(error)) return refusedToProgram(error);
        const bug = newBug(error);
        return { ok: false, code: 'INTERNAL', text: bugLine(bug), next: [], bug };
      }
    },
    async handleAction(turn, verb, data) {
      try {
        const inTime = withinTurn(deps, firstMs).deps;
        return clickAnswer(await runClick({ turn, via: 'button', said: String(verb), data, commands }, inTime), turn);
      } catch (error) {
        if (isUserError(error)) return { kind: 'message', text: explain(error) };
        const bug = newBug(error);
        return { kind: 'message', text: bugLine(bug), bug };
      }
    },
  };
}

function refusedToProgram(error: UserError): ProgramAnswer {
  const { code, next } = error;
  return { ok: false, code, text: explain(error), next: next.map(line) };
}

async function toProgram({ kind, command, answer }: Done, { reads }: Deps): Promise<ProgramAnswer> {
  const { text, topic, agree } = answer;
  // There is nobody to fill in a form.
  if (kind === 'form')
    return { ok: false, code: 'BAD_COMMAND', text, next: [line(call('help', { verb: command.verb }))] };
  const request = parseRequestId(topic?.split(':')[1] ?? '') ?? answer.outcome?.request;
  const run = request && ((await reads.run(request)) ?? (await reads.runOfApproval(request)));
  const isDone = command.effect === 'read' || topic !== undefined;
  const { yes = isDone, version } = answer.outcome ?? {};
  const next = agree ? [line(agree)] : [];
  return { ok: yes, text, next, ...(version && { version }), ...(run && { run: runOfProgram(run) }) };
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
    const { answer, command } = await runText(act, turn.deps);
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
  return execute(act, deps, () => {
    const parsed = parse(act.said, act.commands);
    const command = parsed.kind === 'command' ? parsed.command : findCommand(act.commands, 'help');
    if (!command) throw new Error('help is no command');
    return { command, values: parsed.kind === 'command' ? parsed.values : {}, fields: [] };
  });
}

async function runClick(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, () => {
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
  readonly commands: readonly Command[];
}

interface Wanted extends Clicked {
  readonly command: Command;
}

/** One try of a command, as operators see it: neither what was said nor by whom. */
function execute(act: Act, deps: Deps, read: () => Wanted): Promise<Done> {
  const { telemetry = silentTelemetry } = deps;
  return telemetry.span({ name: 'command', attributes: { 'goldbot.via': act.via } }, async (span) => {
    let verb: Verb | undefined;
    const named = () => {
      const wanted = read();
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
async function carriedOut(act: Act, inTime: Deps, read: () => Wanted): Promise<Done> {
  let asked: CommandCall | undefined;
  try {
    const ready = await prepare(act, inTime, () => {
      const wanted = read();
      asked = call(wanted.command.verb, wanted.values);
      return wanted;
    });
    if ('kind' in ready) return ready;
    const { command, values } = ready;
    return { kind: 'done', command, values, answer: await answerOf(act, inTime, ready) };
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
}

async function prepare(act: Act, deps: Deps, read: () => Wanted): Promise<Done | Ready> {
  try {
    checkTenant(act.turn, deps);
    return await check(act, deps, read());
  } catch (error) {
    if (isUserError(error)) await auditRefusal(act, deps, error);
    throw error;
  }
}

async function check(act: Act, deps: Deps, wanted: Wanted): Promise<Done | Ready> {
  const { command, fields } = wanted;
  const catalogue = deps.catalogue();
  const { values, choose, image } = resolveImages(command, wanted.values, catalogue);
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
  const inCard = act.via === 'button' && asksForReason(ctx, run, fields);
  const form = choose
    ? choiceForm(command, values, choose.arg, choose.among)
    : askForMissing({ command, values, inCard, ...(run?.planHash && { hash: run.planHash }) }, catalogue);
  if (form) return { kind: 'form', command, values, answer: form };
  const wrong = badValues(command, values);
  if (wrong) throw wrong;
  return { command, ctx, values };
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

function clickAnswer({ kind, answer, values }: Done, { clicked }: Turn): ClickAnswer {
  if (kind === 'form') return { kind: 'post', reply: answer, message: 'goldbot asks for more below.' };
  if (answer.toClicker !== undefined) return { kind: 'message', text: answer.toClicker };
  // What is opened on a card of several requests stands beside it: the others are still to be decided there.
  const isShared = clicked?.startsWith('requests:') ?? false;
  const sameThing = isShared ? answer.topic === clicked : answer.topic?.split(':')[1] === values['request'];
  if (answer.topic && sameThing) return { kind: 'card', reply: answer };
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
