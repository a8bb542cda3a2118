import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { isVersion } from '../../core/images';
import { parseRequestId } from '../../core/runs';
import { days } from '../../core/time';
import { distance } from '../conversation';
import { inEnglish } from './german';
import { common, spellings, systems } from './words';

/** What a sentence names, each under the name that commands use, in the order in which it was said. */
export interface Slots {
  readonly image: readonly string[];
  /** Something that is written like an image and is none: `ubuntu-24`. */
  readonly noImage: readonly string[];
  readonly version: readonly string[];
  readonly run: readonly string[];
  readonly team: readonly string[];
  readonly machine: readonly string[];
  readonly person: readonly string[];
  readonly group: readonly string[];
  readonly channel: readonly string[];
  /** `+3mo` or a day. */
  readonly until: readonly string[];
  readonly days: readonly string[];
  /** `sat`, said as the day on which something is done. */
  readonly weekday: readonly string[];
  /** `22:00`. */
  readonly clock: readonly string[];
  readonly region: readonly string[];
  /** How many versions stay. */
  readonly keep: readonly string[];
  /** How many lines of a log. */
  readonly lines: readonly string[];
  /** Of a subscription or a tenant. */
  readonly id: readonly string[];
  readonly base: readonly string[];
  /** Words that nothing explains: a package, a person. */
  readonly unknown: readonly string[];
}

export type SlotName = Exclude<keyof Slots, 'unknown'>;

/** A word of the sentence, or what stands in its place. */
export interface Piece {
  readonly shape: string;
  readonly word: string;
  readonly slot?: SlotName;
  readonly value?: string;
}

/** What slots are found by. */
export interface World {
  readonly catalogue: Catalogue;
  readonly now: Date;
}

/** Reads what a sentence names: by exact form, and by the names of the catalogue as people write them. */
export function findSlots(words: readonly string[], world: World): readonly Piece[] {
  const names = namesOf(world.catalogue);
  const pieces: Piece[] = [];
  for (let at = 0; at < words.length; ) {
    const found = finders.flatMap((find) => find({ words, at, names, world }) ?? [])[0];
    if (found) pieces.push(...found.pieces);
    else pieces.push({ shape: words[at] ?? '', word: words[at] ?? '' });
    at += found?.count ?? 1;
  }
  return pieces;
}

export function slotsOf(pieces: readonly Piece[]): Slots {
  const all = (name: SlotName) =>
    pieces.flatMap(({ slot, value }) => (slot === name && value !== undefined ? value : []));
  return {
    image: all('image'),
    noImage: all('noImage'),
    version: all('version'),
    run: all('run'),
    team: all('team'),
    machine: all('machine'),
    person: all('person'),
    group: all('group'),
    channel: all('channel'),
    until: all('until'),
    days: all('days'),
    weekday: all('weekday'),
    clock: all('clock'),
    region: all('region'),
    keep: all('keep'),
    lines: all('lines'),
    id: all('id'),
    base: all('base'),
    unknown: pieces.flatMap(({ shape, word }) => (shape === '<word>' ? word : [])),
  };
}

interface Looking {
  readonly words: readonly string[];
  readonly at: number;
  readonly names: Names;
  readonly world: World;
}

interface Found {
  readonly count: number;
  readonly pieces: readonly Piece[];
}

type Finder = (looking: Looking) => Found | undefined;

function piece(slot: SlotName, value: string, shape = `<${slot}>`): Piece {
  return { shape, word: value, slot, value };
}

/** Words as a person of this catalogue may write an image, without signs: `ubuntu2204`, `u22`, `jammy`. */
interface Names {
  readonly images: ReadonlyMap<string, string>;
  /** What images are called before their number: `ubuntu`. */
  readonly families: ReadonlySet<string>;
  readonly longest: number;
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  /** As the catalogue writes them, by their letters alone. */
  readonly regions: ReadonlyMap<string, string>;
}

const known = new WeakMap<Catalogue, Names>();

function namesOf(catalogue: Catalogue): Names {
  const before = known.get(catalogue);
  if (before) return before;
  const images = new Map<string, string>();
  const twice = new Set<string>();
  for (const image of catalogue.images) {
    for (const form of formsOf(image)) {
      if (images.has(form) && images.get(form) !== image.name) twice.add(form);
      images.set(form, image.name);
    }
  }
  // A short form that means two images means none; what somebody chose as a name or alias is unique.
  for (const form of twice) images.delete(form);
  for (const { name, aliases } of catalogue.images)
    for (const own of [name, ...aliases]) images.set(squashed(own), name);
  const families = new Set(catalogue.images.map(({ name }) => family(name)).filter((one) => one.length > 2));
  const teams = [...catalogue.teams.keys()];
  const groups = [
    ...catalogue.roles.map(({ name }) => name),
    ...[...catalogue.teams.values()].map((t) => t.owners.name),
  ];
  const regions = new Map(catalogue.images.flatMap((one) => one.regions.map(({ name }) => [squashed(name), name])));
  const names: Names = { images, families, longest: 5, teams, groups, regions };
  known.set(catalogue, names);
  return names;
}

function formsOf({ name, aliases, title }: ImageConfig): readonly string[] {
  const word = family(name);
  const number = /\d[\d.]*$/.exec(name)?.[0] ?? '';
  const told = title.toLowerCase().replace(/[,()]/g, ' ').split(/\s+/);
  const numbers = [...new Set([number, ...told.filter((part) => /^\d+(\.\d+)*$/.test(part))])].filter(
    (one) => one !== '',
  );
  const words = [...new Set([word, word.slice(0, 1), word.slice(0, 2), word.slice(0, 3), ...aliases])].filter(
    (one) => one !== '',
  );
  const kinds = words.flatMap((one) => ['', 'server', 'srv', 'lts'].map((kind) => one + kind));
  const ends = ['', 'lts', 'server'];
  const numbered = [...kinds, 'server', 'srv'].flatMap((one) =>
    numbers.flatMap((n) => ends.map((end) => one + n + end)),
  );
  const plain = numbers.filter((n) => n.includes('.'));
  const whole = told.map((_, n) => told.slice(0, n + 1).join('')).filter((one, n) => n > 0 && one.length > 4);
  return [...numbered, ...plain, ...whole, `${word}server`, `${word}servers`, name, ...aliases].map(squashed);
}

function family(name: string): string {
  return name.replace(/[-_.]?\d.*$/, '').toLowerCase();
}

function squashed(text: string): string {
  return text.toLowerCase().replace(/[-_.\s']/g, '');
}

/** The image that words in a row mean, exactly or with a letter wrong; numbers are never guessed. */
function imageOf(text: string, { images }: Names): string | undefined {
  const plain = squashed(text);
  const exact = images.get(plain);
  if (exact) return exact;
  const letters = plain.replace(/\d/g, '');
  if (letters.length < 5) return undefined;
  const digits = plain.replace(/\D/g, '');
  const allowed = letters.length < 7 ? 1 : 2;
  const near = [...images].filter(
    ([form]) => form.replace(/\D/g, '') === digits && form[0] === plain[0] && distance(form, plain) <= allowed,
  );
  return new Set(near.map(([, name]) => name)).size === 1 ? near[0]?.[1] : undefined;
}

const findImageAt: Finder = ({ words, at, names }) => {
  const [first = ''] = words.slice(at);
  const [before = '', version = ''] = first.split('@', 2);
  const referred = version === '' ? undefined : imageOf(before, names);
  if (referred && versionWord(version))
    return { count: 1, pieces: [piece('image', referred), piece('version', version.replace(/^v/, ''))] };
  for (let count = Math.min(names.longest, words.length - at); count > 0; count--) {
    const row = words.slice(at, at + count);
    if (row.some((word) => isVersionNumber(word) || /^r-|^(sun|mon|tue|wed|thu|fri|sat)$/.test(word))) continue;
    const image = imageOf(row.join(''), names);
    if (!image || (count === 1 && /^\d{2}$/.test(first))) continue;
    // `ubuntu 24` where there is only 22 is not the ubuntu that there is.
    const next = words[at + count] ?? '';
    if (!/\d/.test(row.join('')) && /^\d{2}(\.\d\d)?$|^20\d\d$/.test(next))
      return { count: count + 1, pieces: [piece('noImage', `${row.join('-')}-${next}`, '<image>')] };
    return { count, pieces: [piece('image', image)] };
  }
  const parts = /^([a-z]{3,})[-_]?(\d{1,2}(?:\.\d\d?)?|20\d\d)$/.exec(first);
  if (parts?.[1] && (names.families.has(parts[1]) || systems.has(parts[1]) || imageOf(parts[1], names)))
    return { count: 1, pieces: [piece('noImage', first, '<image>')] };
  return undefined;
};

function isVersionNumber(word: string): boolean {
  return isVersion(word.replace(/^v/, ''));
}

function versionWord(word: string): boolean {
  return isVersionNumber(word) || ['latest', 'previous', 'candidate'].includes(word);
}

const findRun: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  const id = /^#?r-/.test(first) ? parseRequestId(first.replace('#', '')) : idOf(first.replace(/^#|^r(?=\w{5}$)/, ''));
  return id ? { count: 1, pieces: [piece('run', id)] } : undefined;
};

/** Without its `R-`, an id is told from a word by a digit, and from a number by a letter. */
function idOf(word: string): string | undefined {
  return /\d/.test(word) && /[a-z]/.test(word) && !/^(vm|kb|win|v)\d/.test(word) ? parseRequestId(word) : undefined;
}

const findVersion: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  if (/^v?\d+\.\d+\.\d{6,}$/.test(first)) return { count: 1, pieces: [piece('base', first)] };
  if (isVersionNumber(first)) return { count: 1, pieces: [piece('version', first.replace(/^v/, ''))] };
  // `ubuntu 1.5`; what begins with two digits is the number of a release.
  if (/^v?\d\.\d{1,2}$/.test(first)) return { count: 1, pieces: [piece('version', `${first.replace(/^v/, '')}.0`)] };
  // As packages are numbered: `3.0.2-0ubuntu1.18`.
  if (/^\d+(\.\d+)+[-+~:][\w.+~:-]*\d\w*$/.test(first)) return { count: 1, pieces: [piece('version', first)] };
  const spoken = spokenVersion(words.slice(at, at + 5));
  if (spoken) return spoken;
  if (first === 'candidate') return { count: 1, pieces: [piece('version', first)] };
  return undefined;
};

const digits: ReadonlyMap<string, number> = new Map(
  ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map((word, n) => [word, n]),
);

/** `one five oh`, `one dot seven dot zero`. */
function spokenVersion(words: readonly string[]): Found | undefined {
  const digitAt = (n: number) => (words[n] === 'oh' && n > 0 ? 0 : digits.get(words[n] ?? ''));
  const step = /^(dot|point)$/.test(words[1] ?? '') ? 2 : 1;
  const all = [digitAt(0), digitAt(step), digitAt(2 * step)];
  const isWhole = all.every((digit) => digit !== undefined) && (step === 1 || words[3] === words[1]);
  return isWhole ? { count: 2 * step + 1, pieces: [piece('version', all.join('.'))] } : undefined;
}

const findMachine: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  const before = words[at - 1] ?? '';
  const named = /^\/subscriptions\/\S+/.test(first) || /^vm(ss)?-[a-z0-9][\w-]*$/.test(first);
  const pointed = /^(vm|machine|server)$/.test(before) && /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(first);
  const looks = /^[a-z]+(-[a-z]+)+-\d+$/.test(first);
  const spaced = /^(vm(?: [a-z]+){1,3} \d{2,4})(?: |$)/.exec(words.slice(at, at + 5).join(' '))?.[1]?.split(' ');
  if (spaced) return { count: spaced.length, pieces: [piece('machine', spaced.join('-'))] };
  return named || pointed || looks ? { count: 1, pieces: [piece('machine', first)] } : undefined;
};

const everybody = new Set([
  'everyone',
  'everybody',
  'overall',
  'estate',
  'organisation',
  'organization',
  'company',
  'companywide',
]);

const findTeam: Finder = ({ words, at, names }) => {
  const [first = '', next = ''] = words.slice(at);
  if (everybody.has(first)) return { count: 1, pieces: [piece('team', 'all')] };
  const [every] =
    /^(?:all|every|each|whole)(?: (?:of|the|our))* (?:teams?|company|organi[sz]ation)\b/.exec(
      words.slice(at).join(' '),
    ) ?? [];
  if (every !== undefined) return { count: every.split(' ').length, pieces: [piece('team', 'all')] };
  const name = first === 'team' ? next : first;
  const near = names.teams.find((team) => team === name || isNear(team, name));
  if (!near) return undefined;
  const after = words[at + (first === 'team' ? 2 : 1)] ?? '';
  const count = (first === 'team' ? 2 : 1) + (/^teams?$/.test(after) ? 1 : 0);
  return { count, pieces: [piece('team', near)] };
};

function isNear(name: string, typed: string): boolean {
  return name.length > 5 && typed.length > 4 && name[0] === typed[0] && distance(name, typed) <= 1;
}

const findGroup: Finder = ({ words, at, names }) => {
  const written = [1, 2, 3].find((count) => names.groups.includes(words.slice(at, at + count).join('-')));
  const shaped =
    /^[a-z]+(-[a-z]+)*-(owners|admins|publishers|approvers|viewers|auditors|users|readers|engineers|developers|devs|ops)$/;
  if (!written && shaped.test(words[at] ?? '')) return { count: 1, pieces: [piece('group', words[at] ?? '')] };
  if (!written || at + written > words.length) return undefined;
  return { count: written, pieces: [piece('group', words.slice(at, at + written).join('-'))] };
};

const findChannel: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  return /^(canary|stable|lts)$/.test(first) ? { count: 1, pieces: [piece('channel', first)] } : undefined;
};

const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{
      a: 1,
      an: 1,
      one: 1,
      next: 1,
      two: 2,
      three: 3,
      four: 4,
      five: 5,
      six: 6,
      seven: 7,
      eight: 8,
      nine: 9,
      ten: 10,
      eleven: 11,
      twelve: 12,
      twenty: 20,
      thirty: 30,
      sixty: 60,
      ninety: 90,
    },
    ...{ couple: 2, last: 1, past: 1 },
  }),
);
const lengths: ReadonlyMap<string, string> = new Map(
  Object.entries({ hour: 'h', day: 'd', week: 'w', month: 'mo', year: 'y' }),
);
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** `for three months`, `+2w`, `2026-12-18`, `tomorrow`. */
const findTime: Finder = ({ words, at }) => {
  const [first = '', second = '', third = ''] = words.slice(at);
  if (/^\+?\d+(h|d|w|mo)$/.test(first)) return { count: 1, pieces: [piece('until', `+${first.replace('+', '')}`)] };
  if (/^\d{4}-\d\d-\d\d$/.test(first)) return { count: 1, pieces: [piece('until', first)] };
  if (first === 'tomorrow') return { count: 1, pieces: [piece('until', '+1d')] };
  if (first === 'half' && second === 'a' && third === 'year') return { count: 3, pieces: lengthOf(6, 'mo') };
  const count = /^\d{1,3}$/.test(first) ? Number(first) : numbers.get(first);
  // `a couple of weeks`, `a few days` is no number.
  const skipped = first === 'couple' && second === 'of' ? 1 : 0;
  // `six more months`.
  const between = /^(more|additional|extra|further|other)$/.test(second) ? 1 : 0;
  const unit = lengths.get((skipped || between ? third : second).replace(/s$/, ''));
  if (count === undefined || !unit) return undefined;
  return { count: 2 + (skipped || between), pieces: unit === 'y' ? lengthOf(12 * count, 'mo') : lengthOf(count, unit) };
};

function lengthOf(count: number, unit: string): readonly Piece[] {
  const long = unit === 'd' ? count : unit === 'w' ? count * 7 : unit === 'mo' ? count * 30 : 1;
  return [piece('until', `+${count}${unit}`), piece('days', String(long), '')];
}

/** `until friday`, `on Saturday`, `every monday`: an end, or the day on which something is done. */
const findWeekday: Finder = ({ words, at, world }) => {
  const first = words[at] ?? '';
  const before = words[at - 1] ?? '';
  const isShort =
    /^(on|next|every|this|until|till|by|before|since|each)$/.test(before) || /^\d{1,2}:\d\d$/.test(words[at + 1] ?? '');
  // `patch tuesday` is the name of a day on which nothing is done here.
  if (before === 'patch') return undefined;
  const day = weekdays.findIndex((name) => first.replace(/s$/, '') === name || (isShort && name.slice(0, 3) === first));
  if (day < 0) return undefined;
  const ahead = (day - world.now.getUTCDay() + 7) % 7 || 7;
  const date = dateOf(world.now, ahead);
  if (before === 'since') return { count: 1, pieces: [piece('until', dateOf(world.now, ahead - 7))] };
  if (/^(until|till|by|before)$/.test(before)) return { count: 1, pieces: [piece('until', date)] };
  const on = piece('weekday', (weekdays[day] ?? '').slice(0, 3));
  return { count: 1, pieces: first.endsWith('s') ? [on] : [on, piece('until', date, '')] };
};

function dateOf(now: Date, ahead: number): string {
  return new Date(now.getTime() + days(ahead)).toISOString().slice(0, 10);
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthName = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$/;

/** `18 December`, `Dec 18th`, `18.12.`, `the end of the month`: the next such day. */
const findDate: Finder = ({ words, at, world: { now } }) => {
  const [first = '', second = '', third = ''] = words.slice(at);
  const dotted = /^(\d{1,2})\.(\d{1,2})(?:\.(20\d\d)?)?$/.exec(first);
  const isDate = dotted && (/\.$|\.20\d\d$/.test(first) || /^(until|till|by|on|since)$/.test(words[at - 1] ?? ''));
  if (isDate) return dayFound(1, Number(dotted[1]), Number(dotted[2]) - 1, now);
  const day = /^(\d{1,2})(?:st|nd|rd|th)?$/;
  const [dayFirst, dayLast] = [day.exec(first)?.[1], day.exec(second)?.[1]];
  if (dayFirst && monthName.test(second)) return dayFound(2, Number(dayFirst), months.indexOf(second.slice(0, 3)), now);
  if (dayFirst && second === 'of' && monthName.test(third))
    return dayFound(3, Number(dayFirst), months.indexOf(third.slice(0, 3)), now);
  if (dayLast && monthName.test(first)) return dayFound(2, Number(dayLast), months.indexOf(first.slice(0, 3)), now);
  const month = monthAt(words, at);
  if (month !== undefined) return { count: 1, pieces: [piece('until', monthOf(month, words.slice(0, at), now))] };
  const feast = feasts.get(first);
  if (feast) return dayFound(1, feast[0], feast[1], now);
  const [, unit, after] = /^end of (?:the |this )?(month|year)( |$)/.exec(words.slice(at, at + 5).join(' ')) ?? [];
  if (unit === undefined || after === undefined) return undefined;
  const last =
    unit === 'month'
      ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)
      : Date.UTC(now.getUTCFullYear(), 11, 31);
  const count = words.slice(at).indexOf(unit) + 1;
  return { count, pieces: [piece('until', new Date(last).toISOString().slice(0, 10))] };
};

const feasts: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['christmas', [25, 11]],
  ['xmas', [25, 11]],
  ['silvester', [31, 11]],
]);

const wholeMonth =
  /^(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)$/;

/** `until end of march`, `in december`: a month without a day, where a preposition says that it is one. */
function monthAt(words: readonly string[], at: number): number | undefined {
  const first = words[at] ?? '';
  const isTime = /^(in|of|until|till|by|before|since|during|for|next|this|last|from)$/.test(words[at - 1] ?? '');
  return isTime && wholeMonth.test(first) ? months.indexOf(first.slice(0, 3)) : undefined;
}

/** Its first day, or its last where its end is meant; since a month is since the last such one. */
function monthOf(month: number, before: readonly string[], now: Date): string {
  const said = before.slice(-3).join(' ');
  const isPast = /\b(since|during|last|from)$/.test(said);
  const isEnd = /\bend( of)?$/.test(said);
  const dayIn = (year: number) => new Date(isEnd ? Date.UTC(year, month + 1, 0) : Date.UTC(year, month, 1));
  const near = dayIn(now.getUTCFullYear());
  const year = now.getUTCFullYear() + (isPast && near > now ? -1 : !isPast && near < now ? 1 : 0);
  return dayIn(year).toISOString().slice(0, 10);
}

function dayFound(count: number, day: number, month: number, now: Date): Found | undefined {
  const inYear = (year: number) => new Date(Date.UTC(year, month, day));
  const near = inYear(now.getUTCFullYear());
  if (near.getUTCDate() !== day || near.getUTCMonth() !== month) return undefined;
  const date = near < now ? inYear(now.getUTCFullYear() + 1) : near;
  return { count, pieces: [piece('until', date.toISOString().slice(0, 10))] };
}

/** `at 9`, `22:00`, `10pm`. */
const findClock: Finder = ({ words, at }) => {
  const told = words[at - 1] === 'at' && !/^(an?|one|next|last|past)$/.test(words[at] ?? '') && numberOf(words[at]);
  if (told && told <= 12) {
    const half = /^(am|pm)$/.exec(words[at + 1] ?? '')?.[0];
    const hour = (half === undefined ? told : told % 12) + (half === 'pm' ? 12 : 0);
    return { count: half ? 2 : 1, pieces: [piece('clock', `${String(hour).padStart(2, '0')}:00`)] };
  }
  const [, hour, minutes, half] = /^(\d{1,2})(?::(\d\d))?(am|pm|h)?$/.exec(words[at] ?? '') ?? [];
  if (hour === undefined || (minutes === undefined && half === undefined && words[at - 1] !== 'at')) return undefined;
  const hours = (Number(hour) % (half === undefined || half === 'h' ? 24 : 12)) + (half === 'pm' ? 12 : 0);
  return { count: 1, pieces: [piece('clock', `${String(hours).padStart(2, '0')}:${minutes ?? '00'}`)] };
};

/** `4`, `four`. */
export function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,4}$/.test(word) ? Number(word) : numbers.get(word ?? '');
}

/** `keep 4`, `the last 50 lines`. */
const findCount: Finder = ({ words, at }) => {
  if (words[at - 1] === 'tail' && /^-\d{1,4}$/.test(words[at] ?? ''))
    return { count: 1, pieces: [piece('lines', (words[at] ?? '').slice(1))] };
  const told = numberOf(words[at]);
  if (told === undefined || /^(an?|next|last|past|couple)$/.test(words[at] ?? '')) return undefined;
  const first = String(told);
  if (/^lines?$/.test(words[at + 1] ?? '')) return { count: 2, pieces: [piece('lines', first)] };
  const keeps = words.slice(Math.max(0, at - 5), at).some((word) => /^(keep|keeping|retain)$/.test(word));
  return keeps ? { count: 1, pieces: [piece('keep', first)] } : undefined;
};

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const findId: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  return guid.test(first) ? { count: 1, pieces: [piece('id', first)] } : undefined;
};

const parts = '(?:north|south|east|west|central|northeast|southeast)';
const lands =
  '(?:europe|us|uk|asia|india|japan|australia|germany|france|canada|brazil|norway|sweden|switzerland|italy|poland|spain|mexico|uae|qatar|israel|korea|africa)';
const regionName = new RegExp(`^(?:${parts}+ ?${parts}? ?${lands}|${lands} ?${parts}+) ?[23]?$`);

/** `West Europe`, `uksouth`, `east us 2`: as the catalogue writes it, else as Azure does. */
const findRegion: Finder = ({ words, at, names }) => {
  const row = (count: number) => words.slice(at, at + count);
  const count = [3, 2, 1].find(
    (n) => row(n).length === n && (names.regions.has(squashed(row(n).join(''))) || regionName.test(row(n).join(' '))),
  );
  if (count === undefined) return undefined;
  const own = names.regions.get(squashed(row(count).join('')));
  const azures = row(count)
    .map((word) => (/^(us|uk|uae)$/.test(word) ? word.toUpperCase() : capital(word)))
    .join(' ');
  return { count, pieces: [piece('region', own ?? azures)] };
};

/** `@Heidi`. A plain name is a word that nothing else explains. */
const findPerson: Finder = ({ words, at }) => {
  const first = words[at] ?? '';
  const name = /^@(\p{L}[\p{L}.'-]*)$/u.exec(first)?.[1];
  return name && name !== 'goldbot' ? { count: 1, pieces: [piece('person', capital(name))] } : undefined;
};

/** `Heidi`, however it was typed. */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const finders: readonly Finder[] = [
  findId,
  findCount,
  findClock,
  findTime,
  findWeekday,
  findRun,
  findVersion,
  findDate,
  findRegion,
  findGroup,
  findImageAt,
  findMachine,
  findTeam,
  findChannel,
  findPerson,
];

const byLetters = new Map(common.map((word) => [sorted(word), word]));

function sorted(word: string): string {
  return [...word].sort().join('');
}

/** `shwo`, `whcih`: the right letters of a common word in another order. What is a word itself stays. */
function unswapped(word: string): string {
  const meant = numbers.has(word) ? undefined : byLetters.get(sorted(word));
  return meant !== undefined && meant[0] === word[0] ? meant : word;
}

/** The words of a sentence in lower case, as the table spells them. */
export function wordsOf(text: string): readonly string[] {
  const said = text
    .toLowerCase()
    .replace(/[\u2018\u2019\u0060\u00b4\u2032]/g, "'")
    .replace(/[\u{1f44d}\u{2705}\u{1f44c}]/gu, ' approve ')
    .replace(/\p{Extended_Pictographic}/gu, ' ')
    .split(/\s+/)
    .map((word) => word.replace(/^[("'“”«»*_~[]+|[)"'“”«»*_~\].,;:!?…]+$/g, ''));
  return inEnglish(said)
    .map(unswapped)
    .flatMap((word) => (spellings.get(word) ?? word.replace(/'(s|d|ll)?$/, '')).split(' '))
    .filter((word) => word !== '' && word !== '-');
}
