import { type Field, formCard, isStill } from '../../cards';
import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { type CommandCall, call, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseRequestId, type RequestId, type Run } from '../../core/runs';
import type { Reads } from '../../store/reads';
import { canCancel, cardStatus } from '../present';
import {
  type Answer,
  type ArgInfo,
  type Command,
  type CommandContext,
  inSentence,
  type Ref,
  splitRef,
} from './command';
import { bad, nearestFew } from './grammar';

interface Incomplete {
  readonly command: Command;
  readonly values: Values;
  /** Of the plan that the form is about; absent when there is none yet. */
  readonly hash?: string;
  /** The clicked card has a field for the reason. */
  readonly inCard: boolean;
}

/**
 * A form for what a command lacks; undefined when nothing is missing. No form where it could not count: decisions are
 * made on the approval card alone, and a card that already has the input asks there.
 *
 * @throws UserError `REASON_NEEDED`, `BAD_COMMAND`
 */
export function askForMissing(asked: Incomplete, catalogue: Catalogue): Answer | undefined {
  const { command, values, inCard, hash } = asked;
  const missing = command.args.filter((a) => a.required && values[a.name] === undefined).map((a) => a.name);
  if (missing.length === 0) return undefined;
  if (command.hash && missing.includes('request')) throw requestNeeded(command);
  if (missing.includes('reason') && (command.hash === 'always' || inCard)) throw reasonNeeded(asked);
  return missingForm(command, values, catalogue, hash);
}

function requestNeeded(command: Command): UserError {
  const where = command.hash === 'always' ? 'approvals' : 'runs';
  return bad(command, `${command.verb} needs a request, such as R-7F3KQ.`, {
    hint: 'Find it in the list.',
    next: [call(where)],
  });
}

function reasonNeeded({ command, values, inCard }: Incomplete): UserError {
  const message = {
    always: 'A rejection needs a reason; nothing was decided.',
    planned:
      command.verb === 'override'
        ? 'A freeze is overridden with a reason; nothing was done.'
        : 'A run is ended with a reason; nothing was done.',
  }[command.hash ?? 'planned'];
  return new UserError('REASON_NEEDED', message, {
    hint: inCard ? 'Write it into the field of the card, or type the command with it.' : 'Say why.',
    next: [{ verb: command.verb, values, blanks: ['reason'] }],
  });
}

/** Clients may omit inputs that were left empty: then the card that was clicked says what it asks for. */
export function asksForReason(ctx: CommandContext, run: Run | undefined, fields: readonly string[]): boolean {
  if (fields.includes('reason') || /^(approval|requests):/.test(ctx.clicked ?? '')) return true;
  if (!run || ctx.clicked !== `run:${run.id}`) return false;
  // A change has its field on the card of its approval request alone.
  if (run.kind !== 'publish') return false;
  return canCancel(run) && isStill(cardStatus(run));
}

/** Asks for what a command lacks; what was given is carried along. */
function missingForm(command: Command, values: Values, catalogue: Catalogue, hash?: string): Answer {
  const open = command.args.filter((a) => values[a.name] === undefined && !a.hidden && a.form !== false);
  const missing = open.filter((a) => a.required);
  return formCard({
    ...frame(
      command,
      values,
      missing.map((a) => a.name),
    ),
    ...(hash !== undefined && { hash }),
    message: `${command.verb} needs ${missing.map((a) => inSentence(a.label)).join(' and ')}.`,
    fields: [...open].sort((a, b) => Number(b.required) - Number(a.required)).map((a) => field(a, catalogue.images)),
  });
}

/** What was typed may mean several images: a person chooses. */
export function choiceForm(command: Command, values: Values, arg: string, among: readonly ImageConfig[]): Answer {
  const { [arg]: typed, ...given } = values;
  const info = command.args.find((a) => a.name === arg);
  return formCard({
    ...frame(command, given, [arg]),
    title: `Which image do you mean by "${String(typed)}"?`,
    message: `${among.length} images of the catalogue fit.`,
    fields: info ? [{ ...field(info, among), kind: 'choice', choices: imageChoices(among), required: true }] : [],
  });
}

function frame(command: Command, given: Values, blanks: readonly string[]) {
  return {
    call: call(command.verb, given, ...blanks),
    title: command.summary.replace(/\.$/, ''),
    given: givenWords(command, given),
    ...(command.destructive && { destructive: true }),
  };
}

/** What a person has said so far, in the words of the form. */
function givenWords({ args }: Command, given: Values): readonly string[] {
  return args.flatMap(({ name, label, kind, machinery }) => {
    const value = given[name];
    if (value === undefined || machinery || (kind === 'flag' && value !== true)) return [];
    return kind === 'flag' ? inSentence(label) : `${inSentence(label)} ${String(value)}`;
  });
}

function field(info: ArgInfo, images: readonly ImageConfig[]): Field {
  const base = { name: info.name, label: info.label, required: info.required };
  switch (info.kind) {
    case 'image':
      return { ...base, kind: 'choice', choices: imageChoices(images) };
    case 'choice':
      return { ...base, kind: 'choice', choices: info.choices.map((value) => ({ title: value, value })) };
    case 'flag':
      return { ...base, kind: 'toggle', value: 'false' };
    case 'number':
      return { ...base, kind: 'number' };
    case 'text':
      return { ...base, kind: 'text', long: true };
    case 'ref':
    case 'version':
    case 'request':
    case 'list':
    case 'word':
      return { ...base, kind: 'text', placeholder: info.value ?? '' };
  }
}

function imageChoices(images: readonly ImageConfig[]) {
  return images.map((i) => ({ title: `${i.name} · ${i.title}`, value: i.name }));
}

/** The images that a typed name may mean: one when it is certain, several when a person must choose. */
export type Meant =
  | { readonly kind: 'sure'; readonly image: ImageConfig }
  | { readonly kind: 'choose'; readonly among: readonly ImageConfig[] };

/**
 * By name or alias in any case. A mere prefix of one image is a suggestion, not an answer: `again` is the command
 * with the image that was meant.
 *
 * @throws UserError `UNKNOWN_IMAGE` with the nearest names.
 */
export function meantImage(catalogue: Catalogue, typed: string, again: (image: string) => CommandCall): Meant {
  const exact = findImage(catalogue, typed);
  if (exact) return { kind: 'sure', image: exact };
  const wanted = typed.toLowerCase();
  const names = (image: ImageConfig) => [image.name, ...image.aliases];
  const like = catalogue.images.filter((i) => wanted.length > 1 && names(i).some((name) => name.includes(wanted)));
  if (like.length > 1) return { kind: 'choose', among: like };
  const near = like[0]?.name ?? nearestImages(catalogue, typed)[0];
  throw new UserError('UNKNOWN_IMAGE', `The catalogue has no image "${typed.slice(0, 60)}".`, {
    hint: near ? `Did you mean ${near}? Nothing was done.` : 'See what there is.',
    next: [near ? again(near) : call('images')],
  });
}

function nearestImages(catalogue: Catalogue, typed: string): readonly string[] {
  const owner = new Map(catalogue.images.flatMap((i) => [i.name, ...i.aliases].map((name) => [name, i.name] as const)));
  return nearestFew(typed, [...owner.keys()]).flatMap((name) => owner.get(name) ?? []);
}

/** The values with every image under its own name, and the argument that a person must choose, if there is one. */
export function resolveImages(
  command: Command,
  values: Values,
  catalogue: Catalogue,
): {
  readonly values: Values;
  readonly image?: string;
  readonly choose?: { arg: string; among: readonly ImageConfig[] };
} {
  const resolved: Record<string, string | number | boolean> = { ...values };
  let image: string | undefined;
  for (const info of command.args) {
    const typed = resolved[info.name];
    if (typeof typed !== 'string' || (info.kind !== 'image' && info.kind !== 'ref')) continue;
    const ref: Ref = info.kind === 'ref' ? splitRef(typed) : { image: typed.trim() };
    const meant = meantImage(catalogue, ref.image, (near) =>
      call(command.verb, { ...values, [info.name]: refTo(near, ref) }),
    );
    if (meant.kind === 'choose') return { values: resolved, choose: { arg: info.name, among: meant.among } };
    image = meant.image.name;
    resolved[info.name] = refTo(image, ref);
  }
  return image === undefined ? { values: resolved } : { values: resolved, image };
}

function refTo(image: string, { version }: Ref): string {
  return version ? `${image}@${version}` : image;
}

/** The run that a command with a request is about; undefined for commands without one. */
export async function resolveRun(command: Command, values: Values, reads: Reads): Promise<Run | undefined> {
  const info = command.args.find((a) => a.kind === 'request');
  const typed = info && values[info.name];
  if (typeof typed !== 'string') return undefined;
  const id = parseRequestId(typed);
  return id && runOf(id, reads);
}

/**
 * The run with this id, or the run of the approval with this id.
 *
 * @throws UserError `UNKNOWN_REQUEST`
 */
export async function runOf(id: RequestId, reads: Reads): Promise<Run> {
  const run = (await reads.run(id)) ?? (await reads.runOfApproval(id));
  if (run) return run;
  throw new UserError('UNKNOWN_REQUEST', `There is no request ${id}.`, {
    hint: 'See the runs, or what is waiting for a decision.',
    next: [call('runs'), call('approvals')],
  });
}
