import type { Values } from '../../core/command-call';
import type { Command } from '../conversation';
import type { Intent } from './intent';
import { isPackage, isRef } from './score';
import { capital, numberOf, type Piece, type Slots } from './slots';

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
  const versions = [...slots.version, ...versionWords(told)];
  // What is new in the latest is new since the one before.
  if (command.verb === 'diff' && versions.length === 0) versions.push('latest');
  if (command.verb === 'diff' && versions.join() === 'latest') versions.unshift('previous');
  const image = slots.image[0] ?? slots.noImage[0];
  const refers = command.args.some(isRef);
  for (const arg of command.args) {
    // A list is of a team, why of a machine.
    if (arg.name === 'why' && fixed['list'] === true) continue;
    if (values[arg.name] !== undefined && !String(values[arg.name]).startsWith('<')) continue;
    const { name } = arg;
    const value =
      (name === 'at' && command.verb === 'digest' ? slots.clock[0] : undefined) ??
      (arg.kind === 'image' || (command.verb === 'status' && name === 'request') ? image : undefined) ??
      (isRef(arg) || name === 'row' ? refOf(image, versions) : undefined) ??
      (arg.kind === 'version' && !(refers && image === undefined) ? takeVersion(command, versions, told) : undefined) ??
      (name === 'version' && (command.verb === 'publish' || (command.verb === 'who has' && !isBelow(told.pieces)))
        ? slots.version[0]
        : undefined) ??
      (arg.kind === 'text' && (name === 'reason' || name === 'note') ? reason : undefined) ??
      (arg.name === 'with' ? sharedWith(command.verb, told) : undefined) ??
      (arg.kind === 'choice' && arg.positional ? choiceOf(arg.choices, told.pieces) : undefined) ??
      byName[name]?.(told) ??
      (name === 'package' || ((name === 'person' || name === 'who') && slots.person.length === 0)
        ? unknownFor(name, slots)
        : undefined);
    const own = { request: slots.run[0], requests: slots.run.join(',') || undefined }[name];
    const found = own ?? value;
    if (found === undefined || found === '') delete values[name];
    else values[name] = found;
  }
  return values;
}

/** A package rather than any other word that nobody knows; a person by a name with its capital. */
function unknownFor(name: string, { unknown }: Slots): string | undefined {
  const found = unknown.find(isPackage) ?? unknown[0];
  return name === 'package' || found === undefined ? found : capital(found);
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
  eol: (told) => (told.pieces.some(({ word }) => /^(eol|life|expir)/.test(word)) ? until(told) : undefined),
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
  since: ({ slots: { days, until: ends }, pieces }) =>
    days[0] !== undefined ? `${days[0]}d` : (ends.find((one) => /^\d/.test(one)) ?? agoOf(pieces)),
  from: ({ slots }) => slots.base[0],
  policy: ({ pieces }) => policyOf(pieces),
  row: (told) => (says(told, /noncompliant|(not|non) compliant/) ? 'non-compliant' : undefined),
  change: ({ pieces }) => pieces.find(({ word }) => /^chg\d+$/.test(word))?.word.toUpperCase(),
  bump: (told) => saidOf(told, /\b(patch|minor|major) (?:release|version|build|bump)\b/),
  cause: (told) => saidOf(told, /\b(unknown|stale|upgraded)\b/),
  effect: (told) => (says(told, /\b(block|forbid|refuse)\b/) ? 'deny' : undefined),
  fresh: (told) => says(told, /\b(fresh|freshly|not (the )?(cached|stored)( one)?)\b/),
  force: (told) => says(told, /\b(nothing|nothing has|nothing was) changed\b|\bno changes\b/),
  me: (told) => says(told, /\b(personally|privately|in private|by dm|dm me)\b/),
  all: (told) => says(told, /\b(every single|ever (made|built|published)|the full|not the short)\b/),
  certificate: (told) => says(told, /\bbirth certificate\b/),
};

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
  return pieces.some(({ word }) => /^(remove|drop|delete|without|fewer)$/.test(word));
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
