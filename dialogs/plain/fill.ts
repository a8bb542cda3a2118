import type { Values } from '../../core/command-call';
import type { Command } from '../conversation';
import type { Intent } from './intent';
import type { Piece, Slots } from './pieces';
import { isPackage, isRef } from './score';
import { capital } from './slots';
import { numberOf } from './when';

/** What else a sentence says, beside what it names. */
export interface Told {
  readonly pieces: readonly Piece[];
  readonly slots: Slots;
  /** Behind `because`, or in quotes. */
  readonly reason?: string;
  /** Whose machines are meant where no team is named: the channel's own. */
  readonly place?: string;
  /** `my`, `our`, `us`. */
  readonly own: boolean;
  readonly now: Date;
}

/** Commands about one team, which its own channel names. */
const ofPlace = new Set([
  ...['compliance', 'drift', 'forecast', 'rescan', 'digest'],
  ...['rollout', 'defer', 'undefer', 'follow', 'snooze', 'unsnooze'],
]);

/** The arguments of a command, as far as the sentence has them. */
export function fill(command: Command, { values: fixed = {} }: Intent, told: Told): Values {
  const { slots, reason } = told;
  const values: Record<string, string | number | boolean> = { ...fixed };
  const versions = [...soundVersions(command, told), ...versionWords(told)];
  // A rollout brings the latest unless it is told otherwise.
  if (command.verb === 'rollout' && versions.join() === 'latest') versions.pop();
  // What is new in the latest is new since the one before.
  if (command.verb === 'diff' && versions.length === 0) versions.push('latest');
  if (command.verb === 'diff' && versions.join() === 'latest') versions.unshift('previous');
  if (command.verb === 'diff' && versions.join() === 'previous') versions.push('latest');
  const image = slots.image[0] ?? slots.noImage[0];
  const refers = command.args.some(isRef);
  for (const arg of command.args) {
    // A list is of a team, why of a machine.
    if (arg.name === 'why' && fixed['list'] === true) continue;
    if (values[arg.name] !== undefined && !String(values[arg.name]).startsWith('<')) continue;
    const { name } = arg;
    const value =
      (name === 'at' && command.verb === 'digest' ? (slots.clock[0] ?? '') : undefined) ??
      (name === 'until' && command.verb === 'audit' ? (endOf(told) ?? '') : undefined) ??
      (arg.kind === 'image' || (command.verb === 'status' && name === 'request') ? image : undefined) ??
      (isRef(arg) || name === 'row' ? refOf(image, versions) : undefined) ??
      (arg.kind === 'version' && !(refers && image === undefined) ? takeVersion(command, versions, told) : undefined) ??
      (name === 'version' && (command.verb === 'publish' || (command.verb === 'who has' && !isBelow(told.pieces)))
        ? slots.version.find((one) => one !== 'candidate')
        : undefined) ??
      (arg.kind === 'text' && (name === 'reason' || name === 'note') ? reason : undefined) ??
      (arg.name === 'with' ? sharedWith(command.verb, told) : undefined) ??
      (arg.kind === 'choice' && arg.positional && name !== 'right' ? choiceOf(arg.choices, told.pieces) : undefined) ??
      byName[name]?.(told) ??
      (name === 'package' || ((name === 'person' || name === 'who') && slots.person.length === 0)
        ? unknownFor(name, slots)
        : undefined);
    const own = { request: slots.run[0], requests: slots.run.join(',') || undefined }[name];
    const found = own ?? value;
    // Everybody uses something: the list of all is the one without a team.
    const isAll = found === 'all' && name === 'team' && command.verb.startsWith('who ');
    if (found === undefined || found === '' || isAll) delete values[name];
    else values[name] = found;
  }
  return values;
}

/** A package rather than any other word that nobody knows; a person by a name with its capital. */
function unknownFor(name: string, { unknown }: Slots): string | undefined {
  if (name === 'package') return unknown.find(isPackage) ?? unknown[0];
  const found = unknown.find((word) => !isPackage(word));
  return found === undefined ? undefined : capital(found);
}

/** Everybody is a community in Azure, as long as something is shared. */
function sharedWith(verb: string, { slots, pieces }: Told): string | undefined {
  const said = pieces.find(({ word }) => /^(subscription|tenant|community)$/.test(word))?.word;
  if (said !== undefined || !slots.team.includes('all')) return said;
  return verb === 'share' ? 'community' : 'everybody';
}

function takeVersion({ verb }: Command, versions: string[], { slots }: Told): string | undefined {
  if (verb === 'compliance') return slots.version[0];
  return versions.shift();
}

type Filler = (told: Told) => string | true | undefined;

const machine: Filler = ({ slots }) => slots.machine[0];
const person: Filler = ({ slots }) => slots.person[0];
const until: Filler = ({ slots }) => slots.until[0];
const regions = ({ slots }: Told) => slots.region.join(',') || undefined;

/** What an argument takes from a sentence, by its name. */
const byName: Readonly<Record<string, Filler>> = {
  by: (told) =>
    says(told, /\bby (date|age)\b|\b(date|newest|latest|oldest|most recent) first\b|chronolog/) ? 'date' : undefined,
  right: ({ pieces }) => pieces.flatMap(({ word }) => rights.get(word) ?? [])[0],
  readyBy: (told) => saidOf(told, /\bready (?:by |on |until )?(?:the )?(\d{1,2})(?:st|nd|rd|th)?\b/),
  team: ({ slots, own, place }) => slots.team[0] ?? (own ? place : undefined),
  scope: ({ slots, place }) => slots.team[0] ?? place,
  ...{ machine, why: machine, what: machine },
  ...{ person, who: person },
  window: ({ slots }) => windowOf(slots),
  receiver: ({ pieces }) => {
    const before = pieces[pieces.findIndex(({ word }) => /^(webhook|receiver)$/.test(word)) - 1];
    return before?.shape === '<word>' ? before.word : undefined;
  },
  group: ({ slots }) => slots.group[0],
  ...{ until, when: until },
  eol: (told) =>
    told.pieces.some(({ word }) => /^(eol|life|expir|lives?$|lasts?$|valid$|supported$)/.test(word))
      ? until(told)
      : undefined,
  below: ({ slots, pieces }) => (isBelow(pieces) ? slots.version[0] : undefined),
  day: ({ slots }) => slots.weekday[0],
  at: ({ slots }) => momentOf(slots),
  id: ({ slots }) => slots.id[0],
  keep: ({ slots }) => slots.keep[0],
  tail: ({ slots }) => slots.lines[0],
  channel: ({ slots }) => slots.channel[0],
  region: ({ slots }) => slots.region[0]?.toLowerCase().replace(/ /g, ''),
  regions,
  add: (told) => (isLess(told.pieces) ? undefined : withCopies(told)),
  remove: (told) => (isLess(told.pieces) ? regions(told) : undefined),
  days: ({ slots }) => slots.days[0],
  since: (told) => {
    const { slots, pieces } = told;
    if (isBefore(told)) return undefined;
    return slots.days[0] !== undefined ? `${slots.days[0]}d` : (pastDay(told) ?? agoOf(pieces));
  },
  from: ({ slots }) => slots.base[0],
  policy: ({ pieces }) => policyOf(pieces),
  row: (told) => (says(told, /noncompliant|(not|non) compliant/) ? 'non-compliant' : undefined),
  change: ({ pieces }) => pieces.find(({ word }) => /^chg\d+$/.test(word))?.word.toUpperCase(),
  bump: (told) =>
    saidOf(told, /\b(patch|minor|major) (?:release|version|build|bump)\b/) ?? saidOf(told, /\b(minor|major)\b/),
  cause: (told) => saidOf(told, /\b(unknown|stale|upgraded)\b/),
  effect: (told) => (says(told, /\b(block|forbid|refuse)\b/) ? 'deny' : undefined),
  fresh: (told) => says(told, /\b(fresh|freshly|not (the )?(cached|stored)( one)?)\b/),
  force: (told) => says(told, /\b(nothing|nothing has|nothing was) changed\b|\bno changes\b/),
  me: (told) => says(told, /\b(personally|privately|in private|by dm|dm me)\b/),
  all: (told) => says(told, /\b(every single|ever (made|built|published)|the full|not the short)\b/),
  certificate: (told) => says(told, /\bbirth certificate\b/),
};

/** What people call the rights that a group can be given. */
const rights: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ view: 'view', see: 'view', read: 'view', viewing: 'view', reading: 'view', access: 'view', use: 'view' },
    ...{ create: 'create', build: 'create', publish: 'create', write: 'create', delete: 'delete', remove: 'delete' },
  }),
);

/** A day that lies ahead is meant as the one a year before, where something was. */
function pastDay({ slots, now }: Told): string | undefined {
  return slots.until.flatMap((one) => (/^\d/.test(one) ? past(one, now) : []))[0];
}

/** `what did Ada do before friday`: the day ends what is looked for. */
const isBefore = (told: Told) => says(told, /\b(until|till|before)\b/) && !says(told, /\b(since|from|after)\b/);
const endOf = (told: Told) => (isBefore(told) ? pastDay(told) : undefined);

function past(day: string, now: Date): string {
  return new Date(day) <= now ? day : `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`;
}

/** What is said to be bad is not what anybody goes back to. */
function soundVersions({ verb }: Command, { slots, pieces }: Told): readonly string[] {
  if (verb !== 'rollback') return slots.version;
  const bad = pieces.flatMap(({ slot, value }, at) => {
    const behind = pieces.slice(at + 1, at + 4).map(({ word }) => word);
    const isSaid = /^(is|was|are|looks|seems)$/.test(behind[0] ?? '');
    const isBad = behind.slice(0, isSaid ? 3 : 1).some((word) => unsound.test(word));
    return slot === 'version' && isBad ? [value] : [];
  });
  return slots.version.filter((one) => !bad.includes(one));
}

const unsound =
  /^(bad|broken|wrong|dead|faulty|buggy|crap|rubbish|not|kaputt|unusable|breaking|failing|broke|breaks|fails|failed|crashes|crashed)$/;

function wholeOf({ pieces }: Told): string {
  return pieces.map(({ word }) => word).join(' ');
}

function says(told: Told, pattern: RegExp): true | undefined {
  return pattern.test(wholeOf(told)) || undefined;
}

function saidOf(told: Told, pattern: RegExp): string | undefined {
  return pattern.exec(wholeOf(told))?.[1];
}

/** `uk south, three copies`. */
function withCopies(told: Told): string | undefined {
  const copies = numberOf(saidOf(told, /(\S+) (?:copies|replicas)\b/));
  const [only] = told.slots.region;
  const isOne = only !== undefined && told.slots.region.length === 1;
  return copies !== undefined && isOne ? `${only}:${copies}` : regions(told);
}

/** `sat 22:00`, or a day. */
function momentOf({ weekday, clock, until }: Slots): string | undefined {
  if (clock[0] === undefined) return until[0];
  return [weekday[0], clock[0]].filter((part) => part !== undefined).join(' ');
}

/** `sat 22:00 to sun 04:00`. */
function windowOf({ weekday, clock }: Slots): string | undefined {
  const [from, to] = [0, 1].map((n) => weekday[n] && clock[n] && `${weekday[n]} ${clock[n]}`);
  return from && to ? `${from} to ${to}` : undefined;
}

function isLess(pieces: readonly Piece[]): boolean {
  return /\b(remove|drop|delete|without|fewer|no more|no longer|less)\b/.test(pieces.map(({ word }) => word).join(' '));
}

/** `openssl older than 3.0.8`. */
function isBelow(pieces: readonly Piece[]): boolean {
  return pieces.some(({ word }) => /^(below|older|before|under|lower|prior)$/.test(word));
}

/** With the channel's own team, for commands that are always about one. */
export function withPlace(command: Command, values: Values, told: Told): Values {
  const lacksTeam = values['team'] === undefined && values['why'] === undefined;
  return told.place !== undefined && lacksTeam && ofPlace.has(command.verb) ? { ...values, team: told.place } : values;
}

function agoOf(pieces: readonly Piece[]): string | undefined {
  const said = pieces.map(({ word }) => word);
  if (said.includes('today')) return '1d';
  if (said.includes('yesterday')) return '2d';
  return said.includes('week') ? '7d' : said.includes('month') ? '30d' : undefined;
}

/** What goldbot itself calls a policy, or assigns under a name of its own; people write them without dashes. */
const policies = ['monitor-agent', 'guest-configuration', 'only-golden-images'];

function policyOf(pieces: readonly Piece[]): string | undefined {
  const said = ` ${pieces.map(({ word }) => word).join(' ')} `;
  const plain = policies.find((name) => said.replace('monitoring', 'monitor').includes(` ${name.replace(/-/g, ' ')} `));
  if (plain !== undefined) return plain;
  const at = pieces.findIndex(({ word }) => word === 'policy');
  const words = [pieces[at + 1]?.word ?? '', pieces[at - 1]?.word ?? '', ...pieces.map(({ word }) => word)];
  return words.find((word) => /^[a-z]+(-[a-z]+)+$/.test(word) && !/^(vm|vmss)-/.test(word));
}

function refOf(image: string | undefined, versions: string[]): string | undefined {
  if (image === undefined) return undefined;
  const version = versions.shift();
  return version === undefined ? image : `${image}@${version}`;
}

const versionNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ latest: 'latest', newest: 'latest', current: 'latest' },
    ...{ previous: 'previous', before: 'previous', candidate: 'candidate' },
  }),
);

/** Where a version is wanted and none is named: `latest`, `previous`, as they were said. */
function versionWords({ pieces, slots }: Told): readonly string[] {
  const said = pieces.flatMap(({ word, slot }) => (slot ? [] : (versionNames.get(word) ?? [])));
  const all = [...new Set(said)];
  if (slots.version.length > 0 || all.length < 2) return all;
  // However they are said, a comparison goes forward.
  return all.sort((a, b) => Number(a === 'latest') - Number(b === 'latest'));
}

function choiceOf(choices: readonly string[], pieces: readonly Piece[]): string | undefined {
  const said = new Set(pieces.map(({ word }) => word));
  // `on` is said of days and images.
  return choices.find((one) => (one !== 'on' && said.has(one)) || said.has(`${one}s`));
}
