import {
  complianceCall,
  count,
  type ForecastKind,
  insteadWords,
  list,
  listButton,
  moveWords,
  type ForecastEntry as Row,
  retiredImageWords,
} from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { isOfMarketplace, sourceWords } from '../../core/build-source';
import { type CommandCall, call } from '../../core/command-call';
import { exemptedFrom, type ForecastEntry } from '../../core/compliance';
import type { Retirement } from '../../core/images';

interface Asker {
  readonly now: Date;
  canPublish(image: string): boolean;
}

type Entry<Kind extends ForecastEntry['kind']> = Extract<ForecastEntry, { readonly kind: Kind }>;

/** A line of the calendar; an entry without a date is true already and is listed under today. */
export function entryRow(entry: ForecastEntry, { now, canPublish }: Asker): Row {
  const at = entry.at ?? now;
  switch (entry.kind) {
    case 'endOfLife':
      return { at, ...endRow(entry) };
    case 'exemption':
      return {
        at,
        kind: 'exemption-ends',
        what: `exemption of ${nameOfId(entry.exemption.scope)} from ${exemptedFrom(entry.exemption)}`,
        detail: teamsOf(entry.teams),
        call: complianceCall(entry.teams[0] ?? null),
      };
    case 'approval':
      return {
        at,
        kind: 'approval-expires',
        what: `${entry.what} (${entry.request})`,
        call: call('status', { request: entry.request }),
      };
    case 'given':
      return {
        at,
        kind: 'taken-back',
        what: entry.what,
        ...(entry.at === undefined && { detail: 'its end has passed; goldbot is taking it back' }),
        call: call('access', { image: entry.image }),
      };
    case 'retiringBase':
      return { at, ...baseRow(entry, canPublish(entry.image)) };
    case 'retiringMachines':
      return { at, ...machinesRow(entry) };
    case 'newerBase':
      return {
        at,
        kind: 'newer-base',
        what: `${entry.image}: base ${entry.newest}`,
        detail: `there already; the latest version was built from ${entry.used}`,
        call: publishOrLook(entry.image, canPublish(entry.image)),
      };
  }
}

function endRow({ image, version, machines, teams }: Entry<'endOfLife'>): Omit<Row, 'at'> {
  const names = teams.map(({ team }) => team);
  return {
    kind: 'end-of-life',
    what: `${image} ${version}`,
    detail: `${run(machines, names)} it`,
    call: call('who uses', { ref: `${image}@${version}` }),
  };
}

/** A gallery lets its versions end, and names no others. */
const galleryFates: Readonly<Record<Retirement['state'], ForecastKind>> = {
  scheduled: 'end-of-life',
  deprecated: 'end-of-life',
  gone: 'gone-from-gallery',
};

const fates: Readonly<Record<Retirement['state'], ForecastKind>> = {
  scheduled: 'deprecation',
  deprecated: 'deprecated',
  gone: 'gone',
};

/** A gallery names the day on which a version ends; without one it is held back, or not where images are built. */
function fateOf({ state, retiresAt }: Entry<'retiringBase'>, isMarket: boolean): ForecastKind {
  if (isMarket) return fates[state];
  return state === 'deprecated' && retiresAt === undefined ? 'unusable' : galleryFates[state];
}

function baseRow(entry: Entry<'retiringBase'>, canPublish: boolean): Omit<Row, 'at'> {
  const { image, base, versions, machines, next, newer, alternative, bought } = entry;
  const isMarket = isOfMarketplace(base);
  const built = versions.length === 0 ? image : `${image} ${list(versions, 3)}`;
  // A new source is a change of the catalogue; a newer version of the same one is taken by itself.
  const change = `${isMarket ? '' : 'make it usable again, or '}change the source in images/${image}.yaml, then publish`;
  const taken = !next && newer !== undefined ? `publish takes ${newer}, which stays` : undefined;
  const isOffered = taken === undefined ? isMarket || newer !== undefined : alternative !== undefined;
  return {
    kind: fateOf(entry, isMarket),
    what: `base of ${built}`,
    detail: [...since(entry), sourceWords(base)].join('; '),
    more: [
      ...(isOffered ? [insteadWords(entry)] : []),
      ...(next ? [change] : []),
      ...(taken === undefined ? [] : [taken]),
      ...(machines > 0 ? [`${run(machines)} ${versions.length === 1 ? 'that version' : 'those versions'}`] : []),
      ...(bought ? ['it is bought: machines from it no longer work once it is deprecated'] : []),
    ].join('; '),
    call: next ? call('show', { ref: `${image}@latest` }) : publishOrLook(image, canPublish),
  };
}

function machinesRow(entry: Entry<'retiringMachines'>): Omit<Row, 'at'> {
  const { state, machines, teams, newer, versions } = entry;
  const [only, ...others] = teams;
  return {
    kind: fates[state],
    what: retiredImageWords(entry),
    detail: [...since(entry), `${run(machines, teams)} ${newer !== undefined && versions > 1 ? 'them' : 'it'}`].join(
      '; ',
    ),
    more: moveWords(entry),
    call: listButton('', others.length > 0 || only === undefined ? 'all' : only, { lineage: 'not-golden' }).call,
  };
}

function since({ state, retiresAt }: Pick<Retirement, 'state' | 'retiresAt'>): readonly string[] {
  return state === 'scheduled' || retiresAt === undefined ? [] : [`since ${dayOf(retiresAt)}`];
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

function publishOrLook(image: string, canPublish: boolean): CommandCall {
  return canPublish ? call('publish', { image, plan: true }) : call('show', { ref: `${image}@latest` });
}

/** `9 machines of payments, web run`. */
function run(machines: number, teams?: readonly (string | null)[]): string {
  const whose = teams ? ` of ${teamsOf(teams)}` : '';
  return `${count(machines, 'machine')}${whose} ${machines === 1 ? 'runs' : 'run'}`;
}

function teamsOf(teams: readonly (string | null)[]): string {
  return list(
    teams.map((team) => team ?? 'no team'),
    3,
  );
}
