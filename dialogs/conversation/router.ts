import { spoken } from '../../cards';
import { isUserError, UserError } from '../../core/errors';
import { parseRequestId } from '../../core/runs';
import { badValues } from './bad-command';
import { directoryWithin, readWithin, startBudget } from './budget';
import { forbiddenForChange } from './change-rights';
import { type Clicked, readData } from './data';
import type { Answer, Command, CommandContext, Deps, Turn, Values } from './define';
import { choiceForm } from './forms';
import { findCommand, laterVerb, notInThisVersion, parse } from './grammar';
import { askForMissing, asksForReason } from './missing';
import { requestIn, type Said, saidByClick, saidInText, withCommand } from './next-command';
import { otherPlan } from './plan-bound';
import { type Bug, bugAnswer, bugHint, bugMessage, newBug, refusalAnswer, refusalLine } from './refusals';
import { resolveImages, resolveRun } from './resolve';
import { askRights, forbidden } from './rights';

/** What to send to a message. `bug`: to be logged by the caller under its reference. */
export interface TextAnswer extends Answer {
  readonly bug?: Bug;
}

/** What to do about a click. */
export type ClickAnswer =
  /** The card takes the place of the clicked one. */
  | { readonly kind: 'card'; readonly reply: Answer }
  /** A new message in the thread; the clicker is told in a line. */
  | { readonly kind: 'post'; readonly reply: Answer; readonly message: string }
  /** Refused: one line for the clicker alone. */
  | { readonly kind: 'message'; readonly text: string; readonly bug?: Bug };

export interface ConversationHandlers {
  /** Answers a message; never throws. */
  handleText(turn: Turn, text: string): Promise<TextAnswer>;
  /** Answers a click on a card; never throws. Everything is read anew: the card is only an address. */
  handleAction(turn: Turn, verb: string, data: unknown): Promise<ClickAnswer>;
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
  return {
    async handleText(turn, text) {
      try {
        return (await runText({ turn, via: 'text', said: text, commands }, deps)).answer;
      } catch (error) {
        if (isUserError(error)) return refusalAnswer(error, saidInText(text, commands));
        const bug = newBug(error);
        return { ...bugAnswer(bug), bug };
      }
    },
    async handleAction(turn, verb, data) {
      try {
        return clickAnswer(await runClick({ turn, via: 'button', said: String(verb), data, commands }, deps));
      } catch (error) {
        if (isUserError(error)) return { kind: 'message', text: refusalLine(error) };
        const bug = newBug(error);
        const text = spoken(`${bugMessage} ${bugHint} Reference ${bug.reference}.`);
        return { kind: 'message', text, bug };
      }
    },
  };
}

async function runText(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, () => {
    const parsed = parse(act.said, act.commands);
    const command = parsed.kind === 'command' ? parsed.command : findCommand(act.commands, 'help');
    if (!command) throw new Error('help is no command');
    const said = saidInText(act.said, act.commands);
    return { command, values: parsed.kind === 'command' ? parsed.values : {}, fields: [], said };
  });
}

async function runClick(act: Act, deps: Deps): Promise<Done> {
  return execute(act, deps, () => {
    const command = findCommand(act.commands, act.said);
    if (command) {
      const clicked = readData(command, act.data);
      return { command, ...clicked, said: saidByClick(command, clicked.values, act.commands) };
    }
    if (laterVerb([act.said])) throw notInThisVersion(act.said);
    throw new UserError('UNKNOWN_COMMAND', 'This button belongs to no command of goldbot.', {
      hint: 'Send `help` to see what you can ask.',
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
  readonly said: Said;
}

/** Everything between reading and answering; what is refused here is written down here. */
async function execute(act: Act, deps: Deps, read: () => Wanted): Promise<Done> {
  const budget = startBudget();
  const within = {
    ...deps,
    read: readWithin(deps.read, budget),
    directory: directoryWithin(deps.directory, budget),
  };
  let said: Said | undefined;
  try {
    const ready = await prepare(act, within, () => {
      const wanted = read();
      said = wanted.said;
      return wanted;
    });
    if ('kind' in ready) return ready;
    const { command, values } = ready;
    return { kind: 'done', command, values, answer: await answerOf(act, within, ready) };
  } catch (error) {
    throw said && isUserError(error) ? withCommand(error, said) : error;
  }
}

/** Whose machine it is shows only while a read runs; what it refuses is written down like what was refused before. */
async function answerOf(act: Act, deps: Deps, { command, ctx, values }: Ready): Promise<Answer> {
  try {
    return await command.run(ctx, values, deps);
  } catch (error) {
    // Writes are refused by the store, which writes down its own refusals.
    if (isUserError(error) && error.code === 'WRONG_ROLE' && command.effect === 'read')
      await auditRefusal(act, deps, error);
    throw error;
  }
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
  const ctx = await contextOf(act, deps, wanted);
  const { values, choose, image } = resolveImages(command, wanted.values, catalogue);
  const run = await resolveRun(command, wanted.values, deps.reads);
  const refused =
    (run && command.refusal(ctx, run, values)) ??
    (run?.kind === 'change'
      ? forbiddenForChange(command, ctx, run, catalogue)
      : forbidden(command, ctx, catalogue, image ?? run?.subject)) ??
    otherPlan(command, ctx, run);
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

async function contextOf(act: Act, deps: Deps, { hash }: Wanted): Promise<CommandContext> {
  const { rights, unknown } = await askRights(deps.directory, deps.catalogue(), act.turn.person.oid);
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

function clickAnswer({ kind, answer, values }: Done): ClickAnswer {
  if (kind === 'form') return { kind: 'post', reply: answer, message: 'goldbot asks for more below.' };
  const sameThing = answer.topic?.split(':')[1] === values['request'];
  if (answer.topic && sameThing) return { kind: 'card', reply: answer };
  return { kind: 'post', reply: answer, message: 'The answer is below.' };
}

/** Typos are not refusals; everything else that was asked for and not done is. */
async function auditRefusal(act: Act, deps: Deps, error: UserError) {
  if (act.via === 'text' && (error.code === 'UNKNOWN_COMMAND' || error.code === 'BAD_COMMAND')) return;
  const { oid, name } = act.turn.person;
  const said = act.said.slice(0, 200);
  const carried = isRecord(act.data) ? String(act.data['request'] ?? '').slice(0, 40) : '';
  await deps.audit?.({
    who: { oid, name },
    action: 'refuse',
    subject: null,
    request: requestIn(said) ?? parseRequestId(carried) ?? null,
    detail: { code: error.code, said, via: act.via, conversation: act.turn.conversation.id },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
