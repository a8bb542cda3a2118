import { capital, type Field, formCard, isStill, list } from '../../cards';
import type { Rights } from '../../core/access';
import { type Catalogue, findImage, type ImageConfig } from '../../core/catalogue';
import { type CommandCall, call, type Values, type Verb } from '../../core/command-call';
import { type ErrorCode, explain, UserError } from '../../core/errors';
import { unknownRequest } from '../../core/requests';
import { parseRequestId, type RequestId, type Run } from '../../core/runs';
import { days, parseWhen } from '../../core/time';
import { clockMoment } from '../../core/windows';
import type { Reads } from '../../store/reads';
import { cardStatus } from '../present';
import {
  type Answer,
  type ArgInfo,
  type Command,
  type CommandContext,
  inSentence,
  type Ref,
  splitRef,
  type Turn,
  timeInput,
} from './command';
import { bad, nearestFew, wrongOf } from './grammar';

/** What a form is made for: by whom, and with what to choose from. */
export interface Asking {
  readonly catalogue: Catalogue;
  readonly rights: Rights;
  readonly now: Date;
}

interface Incomplete {
  readonly command: Command;
  readonly values: Values;
  /** Of the plan that the form is about; absent when there is none yet. */
  readonly hash?: string;
  /** The clicked card has a field for the reason. */
  readonly inCard: boolean;
  /** The request that the clicked card asks about: what is missing is asked for in its place. */
  readonly backTo?: string;
}

/**
 * A form for what a command lacks; undefined when nothing is missing. No form where it could not count: decisions are
 * made on the approval card alone, and a card that already has the input asks there.
 *
 * @throws UserError `REASON_NEEDED`, `BAD_COMMAND`
 */
export function askForMissing(asked: Incomplete, asking: Asking): Answer | undefined {
  const { command, values, inCard, hash } = asked;
  const missing = missingOf(command, values).map((a) => a.name);
  if (missing.length === 0) return undefined;
  if (command.hash && missing.includes('request')) throw requestNeeded(command);
  if (asked.backTo !== undefined) return reasonInPlace(asked, asked.backTo);
  if (missing.includes('reason') && (command.hash === 'always' || inCard)) throw reasonNeeded(asked);
  return missingForm({ command, values, given: values, ...(hash !== undefined && { hash }) }, asking);
}

/**
 * For whoever clicked alone, in the place of the card. Phones do not send a click on a card that lacks what it requires:
 * a reason that is missing is asked for again.
 */
function reasonInPlace({ command, values, hash }: Incomplete, backTo: string): Answer {
  const form = formCard({
    ...frame(command, values, ['reason']),
    given: [],
    ...(hash !== undefined && { hash }),
    title: `${capital(command.verb)} ${backTo}?`,
    message: whyInPlace(command),
    fields: [
      {
        name: 'reason',
        label: command.verb === 'review' ? 'What is to be learnt' : 'Reason',
        kind: 'text',
        long: true,
      },
    ],
    backTo,
  });
  return { ...form, inPlace: true };
}

function whyInPlace({ verb, hash }: Command): string {
  if (verb === 'review') return 'It closes the review of what was broken. Nothing is recorded yet.';
  if (hash === 'always') return 'It needs a reason, for those who asked. Nothing is decided yet.';
  return 'It needs a reason, for those who follow the run. Nothing is done yet.';
}

function missingOf(command: Command, values: Values): readonly ArgInfo[] {
  return command.args.filter((a) => a.required && values[a.name] === undefined);
}

/** A form that is filled in, in a dialog. */
export interface Filling {
  readonly command: Command;
  /** What it was opened with; it asks for the rest. */
  readonly given: Values;
  /** With what was filled in by now. */
  readonly values: Values;
  readonly hash?: string;
}

/**
 * What is yet to be put right in a form that was sent, each at its field with what was typed kept; undefined when nothing
 * is. What was given before it cannot be put right there.
 *
 * @throws UserError as `askForMissing`.
 */
export function askAgain(filling: Filling, asking: Asking): Answer | undefined {
  const { command, values, given } = filling;
  const missing = missingOf(command, values);
  if (missing.length > 0 && command.hash === 'always') throw reasonNeeded({ command, values, inCard: false });
  const wrong = wrongOf(command, values).filter(({ name }) => given[name] === undefined && values[name] !== undefined);
  if (missing.length + wrong.length === 0) return undefined;
  const problems = [
    ...missing.map((a) => [a.name, `${a.label} is needed.`] as const),
    ...wrong.map((a) => [a.name, `It takes ${a.takes}.`] as const),
  ];
  return missingForm(filling, asking, { problems: new Map(problems) });
}

/**
 * The form again, with why it was refused: at the field that the refusal names, else above all of them; undefined where
 * filling it in differently changes nothing.
 */
export function refusedForm(filling: Filling, asking: Asking, error: UserError): Answer | undefined {
  if (asked(filling).length === 0 || hopeless.has(error.code)) return undefined;
  const said = `${error.message} ${error.hint}`;
  const { field: at = '' } = error.facts;
  const isThere = asked(filling).some(({ name }) => name === at);
  return missingForm(
    filling,
    asking,
    isThere ? { problems: new Map([[String(at), said]]) } : { message: explain(error) },
  );
}

/** Refusals that no form can mend: they are about who asks, or about something that is over. */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['WRONG_ROLE', 'WRONG_TENANT', 'PEOPLE_ONLY', 'CARD_STALE', 'APPROVAL_STALE', 'APPROVAL_CLOSED'] as const),
  ...(['APPROVAL_OWN', 'APPROVAL_NOT_YOURS', 'RUN_ENDED', 'RUN_PAST_CANCEL', 'UNKNOWN_REQUEST'] as const),
]);

/**
 * Somebody whom a message mentions is the one whom a command wants and nobody has named: their object id is the value. A
 * mention of people whom no command asks for is for them alone.
 *
 * @throws UserError `BAD_COMMAND`: several are mentioned, or Teams did not say who it is.
 */
export async function withMentioned(command: Command, values: Values, { mentioned }: Turn): Promise<Values> {
  const lacking = command.args.find(({ name, mention }) => mention && values[name] === undefined);
  const found = lacking && mentioned ? await mentioned() : [];
  const [first, ...more] = found;
  if (!lacking || !first) return values;
  if (more.length > 0) {
    const names = list(
      found.map(({ name }) => name),
      5,
    );
    throw bad(command, `The message mentions ${names}; nothing was done.`, { hint: 'Mention one of them.' });
  }
  if (first.oid !== undefined) return { ...values, [lacking.name]: first.oid };
  throw bad(command, `Teams did not say who ${first.name} is; nothing was done.`, {
    hint: 'Write their object id, which “whoami” tells them.',
  });
}

function requestNeeded(command: Command): UserError {
  const where = command.hash === 'always' ? 'approvals' : 'runs';
  return bad(command, `${command.verb} needs a request, such as R-7F3KQ.`, {
    hint: 'Find it in the list.',
    next: [call(where)],
  });
}

const withoutReason: Partial<Record<Verb, string>> = {
  reject: 'A rejection needs a reason; nothing was decided.',
  override: 'Overriding a freeze needs a reason; nothing was done.',
  review: 'A review needs to say what was learned; nothing was recorded.',
};

function reasonNeeded({ command, values, inCard }: Incomplete): UserError {
  const message = withoutReason[command.verb] ?? 'Ending a run needs a reason; nothing was done.';
  return new UserError('REASON_NEEDED', message, {
    hint: inCard ? 'Write it into the field of the card, or type the command with it.' : 'Say why.',
    next: [{ verb: command.verb, values, blanks: ['reason'] }],
  });
}

/** Clients may omit inputs that were left empty: then the card that was clicked says what it asks for. */
export function asksForReason({ clicked = '' }: CommandContext, fields: readonly string[]): boolean {
  return fields.includes('reason') || /^(approval|requests):/.test(clicked ?? '');
}

/**
 * The request whose card gives way to the question for a reason, and comes back after it. What is rejected or reviewed is
 * so on the card that asks; what ends a run, or lets it go on, may be pressed while goldbot edits its card, which would wipe
 * the question.
 */
export function askedInPlace(
  { verb }: Command,
  { via, clicked }: CommandContext,
  { values, run }: { readonly values: Values; readonly run: Run | undefined },
): string | undefined {
  const { request } = values;
  if (via !== 'button' || typeof request !== 'string') return undefined;
  if (verb === 'reject' || verb === 'review') return request;
  const isOwn = run?.kind === 'publish' && clicked === `run:${run.id}` && isStill(cardStatus(run));
  return isOwn && (verb === 'cancel' || verb === 'override') ? request : undefined;
}

interface Trouble {
  /** Above the fields; what the command needs when absent. */
  readonly message?: string;
  /** At the fields, by name. */
  readonly problems?: ReadonlyMap<string, string>;
}

/** What a form asks for: all that was not given before it, what is needed first. */
function asked({ command, given }: Filling): readonly ArgInfo[] {
  return command.args
    .filter((a) => given[a.name] === undefined && !a.hidden && a.form !== false)
    .sort((a, b) => Number(b.required) - Number(a.required));
}

/** Asks for what a command lacks; what was given is carried along, and what was typed stands in its field. */
export function missingForm(filling: Filling, asking: Asking, { message, problems }: Trouble = {}): Answer {
  const { command, given, values, hash } = filling;
  const open = asked(filling);
  const needed = open.filter((a) => a.required);
  const needs = `${command.verb} needs ${needed.map((a) => inSentence(shortLabel(a))).join(' and ')}.`;
  const fields = open.map((a) => {
    const [value, problem] = [values[a.name], problems?.get(a.name)];
    const typed = value === undefined ? {} : { value: String(value) };
    return { ...field(a, asking, values), ...typed, ...(problem !== undefined && { problem }) };
  });
  return formCard({
    ...frame(
      command,
      given,
      needed.map((a) => a.name),
    ),
    ...(hash !== undefined && { hash }),
    message: message ?? (needed.length === 0 ? '' : needs),
    fields,
  });
}

/** What was typed may mean several images: a person chooses. */
export function choiceForm(command: Command, values: Values, arg: string, among: readonly ImageConfig[]): Answer {
  const { [arg]: typed, ...given } = values;
  const info = command.args.find((a) => a.name === arg);
  const base = info && { name: arg, label: info.label, required: true };
  return formCard({
    ...frame(command, given, [arg]),
    title: `Which image do you mean by "${String(typed)}"?`,
    message: `${among.length} images of the catalogue fit.`,
    fields: base ? [{ ...base, kind: 'choice', choices: imageChoices(among) }] : [],
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

/** As the person picks or types it. */
function field(info: ArgInfo, asking: Asking, values: Values): Field {
  const base = { name: info.name, label: info.label, required: info.required };
  if (info.pick === 'day') return dayField(info, asking.now);
  if (info.pick === 'moment') return momentField(info, asking.now);
  const teams = info.pick === 'team' ? teamChoices(asking) : [];
  if (teams.length > 0) return { ...base, kind: 'choice', choices: teams };
  const dataset = datasetOf(info, values);
  if (dataset !== undefined) return { ...base, kind: 'choice', dataset, ...chosen(values[info.name]) };
  const { offers } = info;
  if (offers) return { ...base, kind: 'choice', choices: offers.map((value) => ({ title: value, value })) };
  switch (info.kind) {
    case 'image':
      return { ...base, kind: 'choice', choices: imageChoices(asking.catalogue.images) };
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

/** What is looked up while somebody types; policies are those of the machine that was named before. */
function datasetOf({ pick }: ArgInfo, { machine }: Values): string | undefined {
  if (pick === 'policies' || pick === 'remedies') {
    return machine === undefined ? undefined : `${pick}/${String(machine).split('/').at(-1)}`;
  }
  return pick === 'machines' || pick === 'people' || pick === 'zones' ? pick : undefined;
}

/** Without its choice a client would not show what was chosen. */
function chosen(value: Values[string] | undefined): Pick<Field, 'choices'> {
  return value === undefined ? {} : { choices: [{ title: String(value), value: String(value) }] };
}

/** A calendar says nothing of zones: the label does. A needed one begins with the day that is usual. */
function dayField(info: ArgInfo, now: Date): Field {
  const { name, required, example } = info;
  const day = (date: Date | undefined) => date?.toISOString().slice(0, 10) ?? '';
  const usual = parseWhen(example, now)?.getTime() ?? now.getTime();
  const value = required ? { value: day(new Date(Math.ceil(usual / days(1)) * days(1))) } : {};
  const label = `${shortLabel(info)}${shortLabel(info) === 'Until' ? '' : ':'} the beginning of this day (00:00 UTC)`;
  return { name, label, required, kind: 'date', from: day(parseWhen('+1d', now)), ...value };
}

/** By whose clock stands in its label. It begins with the next moment that the example means, which is a usual one. */
function momentField({ name, label, required, example }: ArgInfo, now: Date): Field {
  const usual = clockMoment(example.replaceAll('"', ''), 'UTC', now);
  const [day = '', time = ''] = typeof usual === 'string' ? [] : usual.toISOString().slice(0, 16).split('T');
  const from = parseWhen('+0d', now)?.toISOString().slice(0, 10) ?? '';
  return { name, label, required, kind: 'moment', from, timeName: timeInput(name), value: `${day} ${time}` };
}

/** Without the examples of how it is typed. */
function shortLabel({ label }: ArgInfo): string {
  return label.split(', such as ', 1)[0] ?? label;
}

function teamChoices({ catalogue, rights }: Asking): NonNullable<Field['choices']> {
  return [...catalogue.teams.keys()].filter((team) => rights.sees(team)).map((team) => ({ title: team, value: team }));
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
  throw unknownRequest(id, (await reads.requestKind(id)) !== undefined);
}
