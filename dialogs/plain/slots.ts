import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { isVersion } from '../../core/images';
import { parseRequestId } from '../../core/runs';
import { distance } from '../conversation';
import { inEnglish } from './german';
import {
  type Finder,
  type Found,
  type Names,
  type Piece,
  piece,
  type SlotName,
  type Slots,
  type World,
} from './pieces';
import { findClock, findDate, findTime, findWeekday, numberOf, numbers } from './when';
import { common, spellings, systems } from './words';

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
