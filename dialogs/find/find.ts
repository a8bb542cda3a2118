import { type FoundLine, foundLine } from '../../cards';
import { type Rights, scopeOf } from '../../core/access';
import type { ImageConfig } from '../../core/catalogue';
import { type CommandCall, call } from '../../core/command-call';
import { groupsAbove, type Machine, type MachineFilter, machineTeams } from '../../core/compliance';
import { azureSilent, explain, isUserError } from '../../core/errors';
import { compareVersions, latestPublished } from '../../core/images';
import { parseRequestId, type Run } from '../../core/runs';
import { seconds, within } from '../../core/time';
import { askRights, type Deps, groupsUnknown, seesRun, sightOf, type Turn } from '../conversation';
import { whomToAsk } from '../first';
import { runRow, versionRow, versionsOf } from '../present';

/** The one command of the app beside the message box, and what it takes: the app's package and the bot both say so. */
export const search = { command: 'find', parameter: 'name' } as const;

/** What somebody typed into the search beside the message box. None of it is trusted. */
export interface LookedFor {
  /** Empty before a letter is typed. */
  readonly text: string;
  readonly skip: number;
  readonly count: number;
}

export interface Hit extends FoundLine {
  /** What shows it. */
  readonly call: CommandCall;
}

/** `words`: why there is nothing. */
export type FoundAnswer =
  | { readonly kind: 'hits'; readonly hits: readonly Hit[] }
  | { readonly kind: 'words'; readonly text: string };

/** Before Teams gives up on an answer; each kind is looked for by itself. */
const patienceMs = seconds(2);
const longestText = 120;
/** Of each kind; Teams shows 25 in all. */
const mostOfAKind = 10;
const mostRuns = 60;
/** A word that fits more images than these names no version. */
const mostImagesAsked = 3;
const fewestLetters = 2;

/** What may be shared: each shows one thing, and nothing that is about whoever asks. */
const shows = ['versions', 'show', 'status', 'tattoo'] as const;

export function isShareable(verb: string): boolean {
  return (shows as readonly string[]).includes(verb);
}

/**
 * Images, versions, runs and machines that fit, of those that the person may view: what is named exactly first.
 *
 * @throws UserError `DATABASE_SILENT`: without its books goldbot finds nothing that it may rely on.
 */
export async function find(turn: Turn, { text, skip, count }: LookedFor, deps: Deps): Promise<FoundAnswer> {
  if (!deps.tenants.includes(turn.person.tenantId)) return { kind: 'hits', hits: [] };
  const { rights, unknown } = await askRights(deps.directory, deps.catalogue(), turn.person.oid);
  if (unknown) return { kind: 'words', text: explain(groupsUnknown()) };
  if (rights.roles.size === 0) return { kind: 'words', text: `You have no role yet. ${whomToAsk(deps.catalogue())}` };
  const words = text
    .trim()
    .toLowerCase()
    .slice(0, longestText)
    .split(/[\s@]+/)
    .filter(Boolean);
  const look: Look = { words, turn, rights, deps, now: deps.clock.now() };
  const found = await Promise.all(kinds.map(({ name, of }) => inTime(name, of(look))));
  const hits = found.flatMap((one) => ('hits' in one ? one.hits.slice(0, mostOfAKind) : []));
  const silent = found.flatMap((one) => ('silent' in one ? one.silent : []));
  if (hits.length === 0) return { kind: 'words', text: noneWords(text.trim(), silent) };
  return { kind: 'hits', hits: exactFirst(hits, text.trim()).slice(skip, skip + Math.max(1, count)) };
}

function noneWords(text: string, silent: readonly string[]): string {
  const shown = text.slice(0, 60);
  if (silent.length > 0)
    return `Azure did not answer in time, so goldbot could not look for ${silent.join(' and ')}. Type a letter more to look again.`;
  if (shown === '') return 'Type the name of an image, a version, a run or a machine.';
  return `Nothing that you may view is called “${shown}”. Type the beginning of a name, such as an image, R-7F3KQ or vm-.`;
}

/** What is typed as a whole stands above what only begins so. */
function exactFirst(hits: readonly Hit[], text: string): readonly Hit[] {
  const wanted = text.toLowerCase().replace('@', ' ');
  const isMeant = ({ title }: Hit) => {
    const name = title.toLowerCase();
    return name === wanted || name.split(' · ')[0] === wanted;
  };
  return [...hits.filter(isMeant), ...hits.filter((hit) => !isMeant(hit))];
}

interface Look {
  /** In lower case; none before a letter is typed. */
  readonly words: readonly string[];
  readonly turn: Turn;
  readonly rights: Rights;
  readonly deps: Deps;
  readonly now: Date;
}

/** In this order, where none is named exactly. */
const kinds: readonly { readonly name: string; readonly of: (look: Look) => Promise<readonly Hit[]> }[] = [
  { name: 'images', of: async (look) => images(look) },
  { name: 'versions', of: versions },
  { name: 'runs', of: runs },
  { name: 'machines', of: machines },
];

type OfKind = { readonly hits: readonly Hit[] } | { readonly silent: string };

/** What Azure keeps back is missing, and the rest is there. */
async function inTime(name: string, asked: Promise<readonly Hit[]>): Promise<OfKind> {
  try {
    const late = (): never => {
      throw azureSilent(patienceMs);
    };
    return { hits: await within(patienceMs, asked, late) };
  } catch (error) {
    if (!isUserError(error) || error.code === 'DATABASE_SILENT') throw error;
    return { silent: name };
  }
}

function mine({ rights, deps }: Look): readonly ImageConfig[] {
  return deps.catalogue().images.filter(({ name }) => rights.has('viewer', name));
}

const isCalled = ({ name, aliases, title }: ImageConfig, word: string): boolean =>
  [name, ...aliases, title].some((one) => one.toLowerCase().includes(word));

function images(look: Look): readonly Hit[] {
  const fit = mine(look).filter((image) => look.words.every((word) => isCalled(image, word)));
  return fit.map(({ name, title }) => ({ ...foundLine.image(name, title), call: call('versions', { image: name }) }));
}

const isNumber = (word: string): boolean => /^v?\d+(\.\d*){1,2}$/.test(word);

/** Asks for those of a few images alone: a number alone is looked for in all that there are. */
async function versions(look: Look): Promise<readonly Hit[]> {
  const { words } = look;
  const numbers = words.filter(isNumber);
  const names = words.filter((word) => !isNumber(word));
  const own = mine(look).filter((image) => names.every((word) => isCalled(image, word)));
  if (words.length === 0 || (numbers.length === 0 && own.length > mostImagesAsked)) return [];
  const number = (numbers[0] ?? '').replace(/^v/, '');
  const listed = await Promise.all(own.map((image) => versionsLike(image, number, look)));
  return listed.flat();
}

async function versionsLike(image: ImageConfig, number: string, { deps, now }: Look): Promise<readonly Hit[]> {
  const [all, recorded] = await Promise.all([versionsOf(image, deps), deps.reads.recordedVersions(image.name)]);
  const latest = latestPublished(all)?.version;
  const fit = all.filter(({ version }) => version.startsWith(number));
  const newest = fit.toSorted((a, b) => compareVersions(b.version, a.version)).slice(0, mostOfAKind);
  return newest.map((version) => ({
    ...foundLine.version(image.name, versionRow(version, { recorded, latest, now })),
    call: call('show', { ref: `${image.name}@${version.version}` }),
  }));
}

/** What is open stands first; before a letter is typed it stands alone. */
async function runs({ words, turn, rights, deps, now }: Look): Promise<readonly Hit[]> {
  const { reads } = deps;
  const id = parseRequestId(words.join(' '));
  const [open, recent, asked] = await Promise.all([
    reads.openSeen(sightOf({ rights, person: turn.person }), { limit: mostRuns, words }),
    words.length === 0 ? [] : reads.runs({ limit: mostRuns }),
    id && (async () => (await reads.run(id)) ?? reads.runOfApproval(id))(),
  ]);
  const all = new Map([...(asked ? [asked] : []), ...open.runs, ...recent].map((run) => [run.id, run]));
  const seen = [...all.values()].filter((run) => seesRun({ rights, person: turn.person }, run));
  return seen.flatMap((run) => {
    const row = runRow(run, now);
    if (!row || (run !== asked && !isNamed(run, words))) return [];
    return [{ ...foundLine.run(row), call: call('status', { request: run.id }) }];
  });
}

function isNamed({ id, subject, kind }: Run, words: readonly string[]): boolean {
  const names = [id, subject, kind].map((name) => name.toLowerCase());
  return words.every((word) => names.some((name) => name.startsWith(word)));
}

/** By the beginning of their names; of several with one name each by its resource id. */
async function machines({ words, rights, deps }: Look): Promise<readonly Hit[]> {
  const [name = '', ...more] = words;
  if (more.length > 0 || name.length < fewestLetters || isNumber(name)) return [];
  const catalogue = deps.catalogue();
  const [scopes, teamOf] = await Promise.all([scopesOf(rights, deps), machineTeams(deps.read, catalogue)]);
  const begins = { nameBegins: name, withoutInstances: true } as const;
  const lists = await Promise.all(scopes.map((scope) => deps.read.machineList({ ...begins, ...scope }, mostMachines)));
  const found = new Map(lists.flatMap(({ rows }) => rows.map((machine) => [machine.id, machine] as const)));
  const seen = [...found.values()].filter((machine) => rights.sees(teamOf(machine)));
  const meant = (machine: Machine) =>
    seen.some((other) => other.name === machine.name && other.id !== machine.id) ? machine.id : machine.name;
  return seen.slice(0, mostOfAKind).map((machine) => ({
    ...foundLine.machine({ ...machine, team: teamOf(machine) }),
    call: call('tattoo', { machine: meant(machine) }),
  }));
}

/** Where the machines are that the person may view: everywhere, in the scopes of their own teams, or nowhere. */
async function scopesOf({ seesAll, teams }: Rights, { read, catalogue }: Deps): Promise<readonly MachineFilter[]> {
  if (seesAll) return [{}];
  const own = [...teams].slice(0, mostTeams).flatMap((team) => catalogue().teams.get(team) ?? []);
  if (own.length === 0) return [];
  const above = await groupsAbove(read, catalogue());
  return own.map((team) => ({ scope: scopeOf(team, above) }));
}

/** Each is a question of Resource Graph. */
const mostTeams = 4;
/** In each scope; some may be of a team with a narrower one. */
const mostMachines = 100;
