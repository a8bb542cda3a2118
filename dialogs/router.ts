import type { Catalogue } from '../core/catalogue';
import { isUserError, UserError } from '../core/errors';
import { parseRequestId } from '../core/ids';
import { bad } from './bad-command';
import { directoryWithin, looksWithin, startBudget } from './budget';
import { readData } from './data';
import type { Answer, Command, CommandContext, Deps, Turn, Values } from './define';
import { choiceForm, missingForm } from './forms';
import { findCommand, laterVerb, notInThisVersion, parse } from './grammar';
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
        if (isUserError(error)) return refusalAnswer(error);
        const bug = newBug(error);
        return { ...bugAnswer(bug), bug };
      }
    },
    async handleAction(turn, verb, data) {
      try {
        return clickAnswer(await runClick({ turn, via: 'button', said: String(verb), commands }, data, deps));
      } catch (error) {
        if (isUserError(error)) return { kind: 'message', text: refusalLine(error) };
        const bug = newBug(error);
        const text = `${bugMessage} ${bugHint} Reference ${bug.reference}.`;
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
    return { command, values: parsed.kind === 'command' ? parsed.values : {} };
  });
}

async function runClick(act: Act, data: unknown, deps: Deps): Promise<Done> {
  return execute(act, deps, () => {
    const command = findCommand(act.commands, act.said);
    if (command) return { command, ...readData(command, data) };
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
  readonly commands: readonly Command[];
}

interface Wanted {
  readonly command: Command;
  readonly values: Values;
  readonly hash?: string;
}

/** Everything between reading and answering; what is refused here is written down here. */
async function execute(act: Act, deps: Deps, read: () => Wanted): Promise<Done> {
  const budget = startBudget();
  const within = {
    ...deps,
    looks: looksWithin(deps.looks, budget),
    directory: directoryWithin(deps.directory, budget),
  };
  const catalogue = deps.catalogue();
  const ready = await prepare(act, within, catalogue, read).catch(async (error: unknown) => {
    if (isUserError(error)) await auditRefusal(act, deps, error);
    throw error;
  });
  if ('kind' in ready) return ready;
  const { command, ctx, values } = ready;
  return { kind: 'done', command, values, answer: await command.run(ctx, values, within) };
}

async function prepare(
  act: Act,
  deps: Deps,
  catalogue: Catalogue,
  read: () => Wanted,
): Promise<Done | { readonly command: Command; readonly ctx: CommandContext; readonly values: Values }> {
  checkTenant(act.turn, deps);
  const wanted = read();
  const { command } = wanted;
  const { rights, unknown } = await askRights(deps.directory, catalogue, act.turn.person.oid);
  const ctx: CommandContext = {
    ...act.turn,
    via: act.via,
    rights,
    rightsUnknown: unknown,
    now: deps.clock.now(),
    commands: act.commands,
    ...(wanted.hash !== undefined && { hash: wanted.hash }),
  };
  const resolved = resolveImages(command, wanted.values, catalogue);
  const run = await resolveRun(command, wanted.values, deps.reads);
  const { values } = resolved;
  const own = run && command.refusal(ctx, run, values);
  if (own) throw own;
  const role = forbidden(command, ctx, catalogue, resolved.image ?? run?.subject);
  if (role) throw role;
  if (resolved.choose) {
    return {
      kind: 'form',
      command,
      values,
      answer: choiceForm(command, values, resolved.choose.arg, resolved.choose.among),
    };
  }
  if (command.args.some((a) => a.required && values[a.name] === undefined)) {
    return { kind: 'form', command, values, answer: missingForm(command, values, catalogue) };
  }
  const [problem] = command.problems(values);
  if (problem) throw bad(command, `${problem.path.map(String).join('.') || command.verb}: ${problem.message}.`);
  return { command, ctx, values };
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
  await deps.audit?.({
    who: { oid, name },
    action: 'refuse',
    subject: null,
    request: parseRequestId(/\bR-[2-9A-HJ-NP-Z]{5}\b/i.exec(said)?.[0] ?? '') ?? null,
    detail: { code: error.code, said, via: act.via, conversation: act.turn.conversation.id },
  });
}
