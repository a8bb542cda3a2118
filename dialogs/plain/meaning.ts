import { type CommandCall, call, type Values, type Verb } from '../../core/command-call';
import { type Command, cleanText, findCommand } from '../conversation';
import { fill, type Told, withPlace } from './fill';
import type { Intent } from './intent';
import { type Manner, mannerOf, verbAskedAbout } from './manner';
import type { Piece, SlotName, World } from './pieces';
import { isKnown, isPackage, respelt, type Scored, scored, takers, takesUnknown, wantsImage } from './score';
import { findSlots, slotsOf, wordsOf } from './slots';
import { isTalk, type Talk, talkOf } from './talk';
import { numberOf } from './when';
import { foreign, intents, ordinary, small, spellings } from './words';

/** What a sentence in plain words comes to. Nothing of it changes anything: a write is at most offered. */
export type Plain =
  | { readonly kind: 'read'; readonly call: CommandCall }
  /** `corrects`: what of the command as it was written cannot be. */
  | { readonly kind: 'offer'; readonly call: CommandCall; readonly corrects?: string }
  /** Several meanings, each as its sentence. */
  | { readonly kind: 'ask'; readonly among: readonly CommandCall[] }
  /** A decision or the like about a request that nobody named. */
  | { readonly kind: 'which'; readonly verb: Verb; readonly values: Values }
  | { readonly kind: 'help'; readonly of?: Verb }
  | { readonly kind: 'talk'; readonly talk: Talk };

export interface Spoken extends World {
  readonly commands: readonly Command[];
  /** The team whose own channel this is. */
  readonly place?: string;
}

/** The longest sentence that is read as plain words. */
const mostWords = 40;
/** The least that has to speak for a meaning. */
const enough = 1.75;
/** How far the second-best meaning has to be behind, or a person is asked. */
const margin = 0.5;

/**
 * Reads a sentence that is not written in the grammar, by the words of the table. Undefined: not understood. Pure, and
 * the same for everybody: who may do what is checked when something is read or pressed.
 */
export function meaningOf(said: string, world: Spoken): Plain | undefined {
  const text = cleanText(said);
  if (/^[?\s]+$/.test(text)) return { kind: 'help' };
  return (
    withAfterthought(text, world) ??
    withConclusion(text, world) ??
    meaningIn(withoutReason(text), world) ??
    meaningInside(text, world)
  );
}

/** `windows 1.6.0 is broken, revoke it`: what is to be done stands behind what it is done to. */
function withConclusion(text: string, world: Spoken): Plain | undefined {
  const { text: bare, reason } = withoutReason(text);
  const [, about, act] =
    /^(.{4,}?)\s*[,;:.!-]+\s+(?:so |and |please |pls )?(\w+ (?:it|that|this)\b(?: (?!,).{2,40})?)\W*$/i.exec(bare) ??
    [];
  if (about === undefined || act === undefined || /[?]/.test(text)) return undefined;
  const whole = { text: `${act} ${about}`, asked: act, ...(reason !== undefined && { reason }) };
  const meant = meaningIn(whole, world);
  return meant?.kind === 'offer' && meaningIn({ text: about }, world)?.kind !== 'offer' ? meant : undefined;
}

/** Of a sentence that is not understood as a whole: what stands outside of brackets, or the one part that says something. */
function meaningInside(text: string, world: Spoken): Plain | undefined {
  const plain = text.replace(/\s*\([^()]*\)/g, '').trim();
  const outside = plain !== text && plain !== '' ? meaningIn(withoutReason(plain), world) : undefined;
  if (outside) return outside;
  const parts = plain.split(/[,;:.!?]+\s+|\?+\s*| [-\u2013\u2014] /).filter((part) => part.trim().includes(' '));
  if (parts.length < 2) return undefined;
  const meant = parts
    .flatMap((part) => meaningIn(withoutReason(part), world) ?? [])
    .filter(({ kind }) => kind !== 'talk');
  const [first] = meant;
  return new Set(meant.map((one) => JSON.stringify(one))).size === 1 ? first : undefined;
}

/** `lock windows, it is broken`: what comes behind the request is its reason. */
function withAfterthought(text: string, world: Spoken): Plain | undefined {
  const [, head, tail] = /^(.{4,}?)(?:[,;.!:]| [-–—])\s+(\S+ \S.*)$/.exec(text) ?? [];
  if (head === undefined || tail === undefined || /[?]/.test(text)) return undefined;
  const meant = meaningIn(
    { text: head, reason: tail.replace(/^(?:note|reason|comment)\b[:\s]*/i, '').replace(/[.!]+$/, '') },
    world,
  );
  const isReason =
    meant?.kind === 'offer' &&
    Object.values(meant.call.values).some((value) => typeof value === 'string' && value !== '' && tail.includes(value));
  return isReason && !isMore({ head, tail }, meant, world) ? meant : undefined;
}

/** Whether what comes behind a request says more of what is wanted: it names something, chooses, or asks for something else. */
function isMore(
  { head, tail }: { readonly head: string; readonly tail: string },
  meant: Plain,
  world: Spoken,
): boolean {
  const words = wordsOf(tail);
  if (findSlots(words, world).some(({ slot }) => slot)) return true;
  if (/\bchg\d|\b(copies|replicas|block|forbid|ready by)\b/i.test(tail)) return true;
  if (meant.kind === 'offer' && isFuller(meant, meaningIn({ text: `${head} ${tail}` }, world))) return true;
  const { args = [] } = (meant.kind === 'offer' && findCommand(world.commands, meant.call.verb)) || {};
  const choices = args.flatMap((arg) => (arg.kind === 'choice' && arg.positional ? arg.choices : []));
  if (words.some((word) => choices.includes(word))) return true;
  return /^(offer|ask|which)$/.test(meaningIn({ text: tail }, world)?.kind ?? '');
}

/** Whether the same command is given more than a reason by all that is said. */
function isFuller({ call: part }: Extract<Plain, { kind: 'offer' }>, whole: Plain | undefined): boolean {
  if (whole?.kind !== 'offer' || whole.call.verb !== part.verb) return false;
  return Object.keys(whole.call.values).some((name) => part.values[name] === undefined);
}

function meaningIn({ text, reason, asked = text }: Reasoned, world: Spoken): Plain | undefined {
  const said = wordsOf(text);
  const all = mended(said, world, capitalsOf(text));
  if (all.length === 0 || all.length > mostWords) return undefined;
  const talk = talkOf(said) ?? talkOf(all);
  if (talk) return talk;
  if (all.join(' ') === 'who') return { kind: 'ask', among: [call('who uses'), call('who has'), call('whoami')] };
  const verb = verbAskedAbout(all, world.commands);
  if (verb) return { kind: 'help', of: verb };
  const { words, manner } = mannerOf(all, text);
  const how = asked === text ? inClauses(text, manner, world) : mannerOf(wordsOf(asked), asked).manner;
  const told = toldOf(words, { ...world, capitals: capitalsOf(text), ...(reason !== undefined && { reason }) });
  if (isAssent(told)) return { kind: 'which', verb: 'approve', values: {} };
  return bestMeaning(told, how, world) ?? (isTalk(all) ? { kind: 'talk', talk: 'hello' } : undefined);
}

/** `it can not comply until january, grant an exception`: of what is denied in one clause, another one may still ask for something. */
function inClauses(text: string, manner: Manner, world: Spoken): Manner {
  if (!manner.not || manner.asks) return manner;
  const clauses = text
    .split(/[,;:.!]+\s+| - /)
    .map(wordsOf)
    .filter((words) => words.length > 1);
  if (clauses.length < 2) return manner;
  const isAsking = clauses.some((all) => {
    const { words, manner: own } = mannerOf(all, all.join(' '));
    const pieces = findSlots(words, world);
    const [best] = scored(pieces, slotsOf(pieces), world.commands);
    return !own.not && !own.asks && best !== undefined && !isLook(best) && best.score >= enough;
  });
  return isAsking ? { ...manner, not: false } : manner;
}

/** Without slips of the thumb, in words that neither the table nor the catalogue knows. */
function mended(words: readonly string[], world: Spoken, capitals: ReadonlySet<string>): readonly string[] {
  return words.flatMap((word) => {
    const isWord = /^[a-z]{4,}$/.test(word) && !capitals.has(word) && !isPackage(word);
    if (!isWord || isKnown(word) || isSaid(word) || findSlots([word], world).some(({ slot }) => slot)) return word;
    const meant = respelt(word);
    return meant === undefined ? word : (spellings.get(meant) ?? meant).split(' ').filter((one) => one !== '');
  });
}

/** English that no wording holds. */
function isSaid(word: string): boolean {
  return ordinary.has(word) || foreign.has(word) || small.has(word) || numberOf(word) !== undefined;
}

/** `… because the base is wrong`; the reason keeps its capitals. */
interface Reasoned {
  readonly text: string;
  readonly reason?: string;
  /** The part that says what is wanted, if the rest only says of what. */
  readonly asked?: string;
}

function withoutReason(text: string): Reasoned {
  const found =
    /^(.+?)[\s,;:.-]+(?:because|bc|cause|cuz|due to|the reason is|reason is|reason|(?:as|since)(?= (?:it|we|there|they|this|that|nobody|the(?! \d))\b))[\s:]+(?:of )?(.+)$/i.exec(
      text,
    );
  const quoted = /["“”«]([^"“”«»]{3,})["“”»]/.exec(text);
  if (quoted?.[1] && !/\bwindow\b[\s:]*$/i.test(text.slice(0, quoted.index)))
    return { text: text.replace(quoted[0], ' ').replace(/\b(because|reason)\b:?/i, ' '), reason: quoted[1] };
  if (!found?.[1] || !found[2]) return { text };
  return { text: found[1], reason: found[2].replace(/[.!]+$/, '').replace(/^["']|["']$/g, '') };
}

/** Words that are written like names, in the midst of a sentence. */
function capitalsOf(text: string): ReadonlySet<string> {
  const words = text.split(' ').slice(1);
  return new Set(words.flatMap((word) => /^\p{Lu}\p{Ll}+/u.exec(word)?.[0].toLowerCase() ?? []));
}

interface Found extends Spoken {
  readonly capitals: ReadonlySet<string>;
  readonly reason?: string;
}

function toldOf(words: readonly string[], world: Found): Told {
  const pieces = withImage(findSlots(words, world).map((piece) => explained(piece, world.capitals)));
  const { place } = world;
  return {
    pieces,
    slots: slotsOf(pieces),
    now: world.now,
    own: words.some((word) => /^(my|mine|our|ours|us|we|me)$/.test(word)),
    ...(world.reason !== undefined && { reason: world.reason }),
    ...(place !== undefined && { place }),
  };
}

/** `lock zork, it is broken`: a word that nobody knows, where an image has to stand, is taken for the name of one. */
function withImage(pieces: readonly Piece[]): readonly Piece[] {
  const real = pieces.filter(({ word, slot }) => slot || !small.has(word));
  const [act, thing] = real;
  const isNamed = pieces.some(
    ({ slot }) => slot === 'image' || slot === 'noImage' || slot === 'run' || slot === 'machine',
  );
  if (
    isNamed ||
    !act ||
    act.slot ||
    !thing ||
    thing.shape !== '<word>' ||
    isPackage(thing.word) ||
    !wantsImage(act.word)
  )
    return pieces;
  const image: Piece = { shape: '<image>', word: thing.word, slot: 'noImage', value: thing.word };
  return pieces.map((piece) => (piece === thing ? image : piece));
}

/** Whether plain words know what was given to a command: as a name, or as words of some wording, slips of the thumb too. */
export function isUnderstood(given: string, world: World): boolean {
  const pieces = findSlots(wordsOf(given), world);
  return pieces.some(({ slot }) => slot) || pieces.every(({ word }) => isKnown(word) || respelt(word) !== undefined);
}

/** A word that no wording holds is a slip of the thumb, a name, or unknown. */
function explained(piece: Piece, capitals: ReadonlySet<string>): Piece {
  const { word, slot } = piece;
  if (isPackage(word) && !slot) return { shape: '<word>', word };
  if (slot || isKnown(word) || isSaid(word)) return piece;
  if (capitals.has(word)) {
    const name = word.charAt(0).toUpperCase() + word.slice(1);
    return { shape: '<person>', word, slot: 'person', value: name };
  }
  const meant = respelt(word);
  return meant ? { shape: meant, word: meant } : { shape: '<word>', word };
}

const assent = new Set(
  'approve approved approving sounds great all fine works yes yep yeah yup y ok okay k sure fine lgtm go ahead do it ship looks good agreed agree accept confirmed good to me this that one please now i for + 1 +1 the request'.split(
    ' ',
  ),
);
const assenting =
  /^(approve|approved|sounds|yes|yep|yeah|yup|y|ok|okay|k|sure|lgtm|go|do|ship|looks|agreed|agree|accept|confirmed|fine|\+1|i)$/;

/** A bare yes. */
function isAssent({ pieces }: Told): boolean {
  const [first] = pieces;
  const rest = pieces.every(({ word, slot }) => !slot && assent.has(word));
  return (
    first !== undefined &&
    rest &&
    assenting.test(first.word) &&
    !/^(i|do|go)$/.test(pieces.map((p) => p.word).join(' '))
  );
}

function bestMeaning(told: Told, manner: Manner, world: Spoken): Plain | undefined {
  const everything = scored(told.pieces, told.slots, world.commands).filter((one) => keepsNamed(one, told));
  const all = everything.filter(({ intent }) => intent.denies === undefined);
  const [best] = all;
  const denied = manner.not && !manner.asks ? everything.find(({ intent }) => intent.denies) : undefined;
  if (denied && denied.score >= Math.max(enough, (best?.score ?? 0) - 3 * margin)) return firstOf(denied, told, world);
  if (!best || best.score < enough || !isCovered(told, best))
    return loneSlot(told, manner, world) ?? namedThing(told, world);
  const isWish = manner.wishes && namesThing(told) && !isLook(best);
  const mayWrite = (!manner.asks || isWish) && !manner.not;
  const top = mayWrite ? best : all.find(isLook);
  const firstWrite = all.find((one) => !isLook(one));
  // Who asks how something is done wants to do it.
  const leads = firstWrite && (!top || firstWrite.score >= top.score - (manner.how ? margin * 3 : 0));
  if (manner.how && !isWish && leads && firstWrite)
    return told.slots.run.length > 0 ? aboutWrite(firstWrite, told, world) : helpOf(firstWrite);
  if (!mayWrite && leads && firstWrite && (!top || firstWrite.score - top.score > margin))
    return aboutWrite(firstWrite, told, world);
  if (!top || top.score < enough)
    return firstWrite ? aboutWrite(firstWrite, told, world) : loneSlot(told, manner, world);
  return answerOf(top, all, told, { ...world, mayWrite });
}

/** Whoever names a run or a machine wants nothing done to anything else. */
function keepsNamed(one: Scored, { slots }: Told): boolean {
  const { command } = one;
  // What happened to a run stands in the audit too.
  const named: readonly SlotName[] = isLook(one) ? ['machine'] : ['run', 'machine'];
  return named.every((name) => slots[name].length === 0 || command.args.some((arg) => takers[name](arg, command.verb)));
}

/** Where nothing else is understood, what a run or a machine is at. */
function namedThing({ slots: { run, machine } }: Told, { commands }: Spoken): Plain | undefined {
  const [request, vm] = [run[0], machine[0]];
  if (request !== undefined && findCommand(commands, 'status'))
    return { kind: 'read', call: call('status', { request }) };
  return vm !== undefined && findCommand(commands, 'tattoo')
    ? { kind: 'read', call: call('tattoo', { machine: vm }) }
    : undefined;
}

function namesThing({ slots: { run, version, machine, image } }: Told): boolean {
  return [run, version, machine, image].some((found) => found.length > 0);
}

/** What one meaning comes to: itself, or a question which thing is meant. */
function firstOf(one: Scored, told: Told, world: Spoken): Plain | undefined {
  return plainOf(one, told, world)[0];
}

/** Whether enough of the sentence is understood to act on it. */
function isCovered({ pieces, slots: { unknown } }: Told, { intent }: Scored): boolean {
  const words = pieces.filter(({ word }) => !small.has(word)).length;
  const takes = takesUnknown.has(intent.verb) ? 1 : 0;
  if (pieces.some(({ word }) => foreign.has(word)) && !pieces.some(({ slot }) => slot)) return false;
  const beside = pieces.filter(({ word, slot }) => !slot && ordinary.has(word)).length;
  const lost = Math.max(0, unknown.length - takes) + beside / 2;
  // Who names nothing that there is has to be understood the better.
  return lost === 0 || lost / words < (pieces.some(({ slot }) => slot) ? 0.4 : 0.3);
}

/** Verbs that show something as long as nothing but this is given, though they can change it. */
const showing: Partial<Record<Verb, readonly string[]>> = {
  digest: ['team'],
  schedule: ['image'],
  leftovers: [],
  retention: ['image'],
  channels: [],
  webhooks: [],
  subscribe: [],
};

/** Whether a call changes nothing, whoever says it. */
export function isLookOf(command: Command, values: Values): boolean {
  if (command.effect === 'read') return true;
  const shown = showing[command.verb];
  return shown !== undefined && Object.keys(values).every((name) => shown.includes(name));
}

/** Whether a meaning only looks. What is told of an image is a change, though `subscribe` alone lists. */
function isLook({ command, intent }: Scored): boolean {
  return isLookOf(command, intent.values ?? {}) && looking.has(intent);
}

const looking: ReadonlySet<Intent> = new Set(intents.looks);

/** A question about something that changes things: what there is to see about it, else how it is done. */
function aboutWrite(write: Scored, told: Told, { commands }: Spoken): Plain {
  const { run, version, image, machine } = told.slots;
  const read = (verb: Verb, values: Values): Plain | undefined =>
    findCommand(commands, verb) && { kind: 'read', call: call(verb, values) };
  const [request, one, vm] = [run[0], image[0], machine[0]];
  return (
    (request !== undefined ? read('status', { request }) : undefined) ??
    (one !== undefined && version[0] !== undefined ? read('show', { ref: `${one}@${version[0]}` }) : undefined) ??
    (vm !== undefined ? read('compliance', { why: vm }) : undefined) ??
    (one !== undefined ? read('status', { request: one }) : undefined) ??
    helpOf(write)
  );
}

function helpOf({ command }: Scored): Plain {
  return { kind: 'help', of: command.verb };
}

/** Nothing but a name: what people want to see of it. */
function loneSlot({ slots, pieces }: Told, { not }: Manner, { commands }: Spoken): Plain | undefined {
  const rest = pieces.filter(({ slot, word }) => !slot && !small.has(word));
  if (rest.length > 3 || slots.unknown.length > 0 || not) return undefined;
  const { run, image, version, machine, team, noImage } = slots;
  const found: readonly [Verb, Values] | undefined =
    run[0] !== undefined
      ? ['status', { request: run[0] }]
      : image[0] !== undefined && version[0] !== undefined && version[1] !== undefined
        ? ['diff', { image: image[0], from: version[0], to: version[1] }]
        : machine[0] !== undefined
          ? ['tattoo', { machine: machine[0] }]
          : image[0] !== undefined && version[0] !== undefined
            ? ['show', { ref: `${image[0]}@${version[0]}` }]
            : (image[0] ?? noImage[0]) !== undefined
              ? ['versions', { image: image[0] ?? noImage[0] ?? '' }]
              : team[0] !== undefined
                ? ['compliance', { team: team[0] }]
                : undefined;
  return found && findCommand(commands, found[0]) && { kind: 'read', call: call(...found) };
}

function answerOf(
  top: Scored,
  all: readonly Scored[],
  told: Told,
  world: Spoken & { readonly mayWrite: boolean },
): Plain | undefined {
  const near = all.filter(
    ({ score, command, intent }) =>
      top.score - score < margin && (world.mayWrite || isLook({ command, intent, score: 0 })),
  );
  // What is no question, and rather changes something than looks it up, is not answered by a look.
  const like = isLook(top) ? near : near.filter((one) => !isLook(one));
  const verbs = new Set(like.map(({ command }) => command.verb));
  const isTie = verbs.size > 1 && like.some((one) => !isLook(one));
  const chosen = isTie
    ? [...new Map([...like].reverse().map((one) => [one.command.verb, one])).values()].reverse()
    : [top];
  const plains = chosen.slice(0, 3).flatMap((one) => plainOf(one, told, world));
  const [first] = plains;
  const among = plains.flatMap((one) =>
    one.kind === 'read' || one.kind === 'offer' ? one.call : one.kind === 'ask' ? one.among : [],
  );
  if (plains.length < 2 || among.length < 2) return first;
  return { kind: 'ask', among: among.slice(0, 3) };
}

function plainOf({ command, intent }: Scored, told: Told, world: Spoken): readonly Plain[] {
  if (command.verb === 'help') return [{ kind: 'help' }];
  const filled = fill(command, intent, told);
  const values = withPlace(command, filled, told);
  const kind = isLookOf(command, values) && isLook({ command, intent, score: 0 }) ? 'read' : 'offer';
  const lacks = command.args.filter((arg) => arg.required && values[arg.name] === undefined);
  if (lacks.some(({ name }) => name === 'request' || name === 'requests'))
    return kind === 'read'
      ? withoutRequest(told)
      : [{ kind: 'which', verb: command.verb, values: { ...values, ...imageOnly(told) } }];
  const image = lacks.find((arg) => arg.kind === 'image' || arg.name === 'ref');
  const several = [...new Set(told.slots.image)];
  const taken = command.args.find((arg) => arg.kind === 'image' && arg.positional && arg.required);
  if (taken && several.length > 1 && command.verb !== 'diff' && told.slots.version.length === 0)
    return [{ kind: 'ask', among: several.map((name) => call(command.verb, { ...values, [taken.name]: name })) }];
  const some = image && world.catalogue.images.length <= 3;
  if (!some) return [{ kind, call: call(command.verb, values) }];
  const version = told.slots.version[0];
  const calls = world.catalogue.images.map(({ name }) => {
    const refers = image.name === 'ref' && version !== undefined;
    return call(command.verb, { [image.name]: refers ? `${name}@${version}` : name, ...values });
  });
  const [only] = calls;
  if (calls.length === 1 && only) return [{ kind, call: only }];
  return calls.length === 0 ? [{ kind, call: call(command.verb, values) }] : [{ kind: 'ask', among: calls }];
}

function imageOnly({ slots }: Told): Values {
  return slots.image[0] === undefined ? {} : { image: slots.image[0] };
}

/** The log of a run that nobody named: the runs, of which one is chosen. */
function withoutRequest({ slots }: Told): readonly Plain[] {
  return [{ kind: 'read', call: call('runs', slots.image[0] === undefined ? {} : { image: slots.image[0] }) }];
}
