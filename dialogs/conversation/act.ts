import { sameAs } from '../../cards';
import { rightsOfProgram } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { isRecord, textIn } from '../../core/collections';
import { type CommandCall, call, type Values, type Verb } from '../../core/command-call';
import { type ErrorCode, isUserError, UserError } from '../../core/errors';
import { parseRequestId, type RequestId } from '../../core/runs';
import { silentTelemetry } from '../../core/telemetry';
import { seconds } from '../../core/time';
import {
  type Asking,
  askAgain,
  askedInPlace,
  askForMissing,
  asksForReason,
  choiceForm,
  type Filling,
  missingForm,
  resolveImages,
  resolveRun,
  withMentioned,
} from './asking';
import type { Answer, Command, CommandContext, Deps, Turn } from './command';
import { badValues, type Clicked, findCommand, laterVerb, notInThisVersion, parse, readData } from './grammar';
import { withNext } from './refusals';
import { askRights, forbidden, forbiddenForChange, notForPrograms, otherPlan } from './rights';

/** What Teams sends of a dialog. None of it is trusted. */
export interface DialogSaid {
  readonly verb: string;
  /** What the pressed button carries: the arguments that were given before. */
  readonly given: unknown;
  /** What the fields of the dialog hold; absent when it is opened, by which nothing is done yet. */
  readonly typed?: unknown;
}

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

export interface Act {
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

/** What running a command came to. */
export type Done = {
  readonly kind: 'done' | 'form' | 'told';
  readonly command: Command;
  readonly answer: Answer;
  readonly values: Values;
};

export async function runText(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, async () => {
    const { turn, commands, said, listen = byGrammar } = act;
    const { conversation: place } = turn;
    const heard = listen(said, { conversation: place, commands, catalogue: deps.catalogue(), now: deps.clock.now() });
    return { ...heard, values: await withMentioned(heard.command, heard.values, turn), fields: [] };
  });
}

/** What a message means by the grammar alone, which is all that programs speak. */
export function byGrammar(said: string, { commands }: Listening): Heard {
  const parsed = parse(said, commands);
  const command = parsed.kind === 'command' ? parsed.command : findCommand(commands, 'help');
  if (!command) throw new Error('help is no command');
  return { command, values: parsed.kind === 'command' ? parsed.values : {} };
}

export async function runClick(act: Act, deps: Deps): Promise<Done> {
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

/**
 * What a command refuses only while it runs, when it knows whether an image is locked or which card was pressed. What
 * Azure or the directory keep back is no refusal; what decisions refuse is recorded with them.
 */
const refusedInside: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'IMAGE_LOCKED',
  'WRONG_PLACE',
  'UNKNOWN_REQUEST',
  'CARD_STALE',
  'APPROVAL_STALE',
  'BAD_COMMAND',
]);

/** Whose machine a command is about is known only while it runs too, and rights are asked once more before it is refused. */
async function answerOf(act: Act, deps: Deps, ready: Ready): Promise<Answer> {
  const { command, ctx, values } = ready;
  try {
    return await ranSeen(ready, deps);
  } catch (error) {
    if (!isUserError(error) || recordsItself(command)) throw error;
    if (error.code !== 'WRONG_ROLE') {
      if (refusedInside.has(error.code)) await auditRefusal(act, deps, error, values);
      throw error;
    }
    const now = await contextOf(act, deps, ctx, refusalMs);
    if (now.rights.groups.some((group) => !ctx.rights.groups.includes(group))) {
      return answerOf(act, deps, { ...ready, ctx: now });
    }
    await auditRefusal(act, deps, error, values);
    throw error;
  }
}

/**
 * Runs a command and records of which teams it showed something that whoever asks does not own. Commands ask `sees` for
 * each team before they show anything of it, so none has to say what it showed. What changes something is recorded anyway.
 */
async function ranSeen({ command, ctx, values }: Ready, deps: Deps): Promise<Answer> {
  const { looked } = deps;
  if (command.effect !== 'read' || !looked) return command.run(ctx, values, deps);
  const teams = new Set<string | null>();
  const sees = (team: string | null): boolean => {
    const may = ctx.rights.sees(team);
    if (may && (team === null || !ctx.rights.teams.has(team))) teams.add(team);
    return may;
  };
  const answer = await command.run({ ...ctx, rights: { ...ctx.rights, sees } }, values, deps);
  const { oid, name } = ctx.person;
  if (teams.size > 0) await looked({ who: { oid, name }, verb: command.verb, teams: [...teams] });
  return answer;
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

export function fillingOf({ given }: DialogSaid, filled: Omit<Filling, 'given'>): Filling {
  return { ...filled, given: readData(filled.command, given).values };
}

/** Nobody is refused for a role by groups that were read longer ago: they may have been added to one just now. */
const refusalMs = seconds(10);

export async function contextOf(
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

export function checkTenant(turn: Turn, deps: Deps) {
  if (deps.tenants.includes(turn.person.tenantId)) return;
  throw new UserError('WRONG_TENANT', 'goldbot does not serve your tenant.', {
    hint: 'Ask somebody of this organisation.',
  });
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
  const carried = isRecord(act.data) ? textIn(act.data['request']).slice(0, 40) : '';
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
