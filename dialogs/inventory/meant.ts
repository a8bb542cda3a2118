import { choiceCard } from '../../cards';
import type { Rights } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { policyDashboard } from '../../core/cloud';
import { type CommandCall, call, type Values, type Verb } from '../../core/command-call';
import type { PublishedVersion } from '../../core/compliance';
import { UserError, type UserErrorOptions } from '../../core/errors';
import { compareVersions, goldenGallery, highest, isVersion } from '../../core/images';
import { type Answer, type CommandContext, mayNotSee, meantImage, nearestFew, splitRef, word } from '../conversation';

/** A team from `teams.yaml`, `me`, `all`, or `orphans` for the machines that no team has. */
export const teamName = word('Team', 'team', { example: 'payments', pick: 'team' });

/** The word for machines that belong to no team. */
export const orphans = 'orphans';

/** Whose machines a question is about. It holds only teams that the person sees. */
export type TeamsMeant =
  /** Null: machines that no team has. */
  | { readonly kind: 'one'; readonly team: string | null }
  /** All teams that the person sees, by name; null last, if they see machines without a team. */
  | { readonly kind: 'all'; readonly teams: readonly (string | null)[] }
  | { readonly kind: 'choose'; readonly among: readonly string[] };

type Asker = Pick<CommandContext, 'rights'>;

/**
 * Without a name: in a team's own channel that team; elsewhere the person's own teams, or all teams for somebody who owns
 * none and sees all. `again` is the command
 * with another team in it, for a mistyped one.
 *
 * @throws UserError `UNKNOWN_TEAM` with the nearest name, `WRONG_ROLE` with whom to ask.
 */
export function meantTeams(
  asker: Pick<CommandContext, 'rights' | 'conversation'>,
  catalogue: Catalogue,
  typed: string | undefined,
  again: (team: string) => CommandCall,
): TeamsMeant {
  const here = typed === undefined ? placeTeam(asker, catalogue) : undefined;
  if (here !== undefined) return { kind: 'one', team: here };
  const wanted = typed?.trim().toLowerCase() ?? 'me';
  const { rights } = asker;
  if (wanted === 'all') return all(rights, catalogue);
  if (wanted === 'me') return own(rights, catalogue, typed !== undefined);
  return { kind: 'one', team: seenTeam(asker, catalogue, wanted === orphans ? null : known(catalogue, wanted, again)) };
}

/**
 * The team, if the person may see it.
 *
 * @throws UserError `WRONG_ROLE` with whom to ask.
 */
export function seenTeam({ rights }: Asker, catalogue: Catalogue, team: string | null): string | null {
  if (rights.sees(team)) return team;
  throw new UserError('WRONG_ROLE', `${whose(catalogue, team)}, and you are not among them.`, {
    ...ask(rights),
    ...(team !== null && { facts: { team } }),
  });
}

/** In a team's own channel its name can be left out; undefined elsewhere, and for those who may not see it. */
function placeTeam(
  { conversation: { id, name }, rights }: Pick<CommandContext, 'conversation' | 'rights'>,
  { teams }: Catalogue,
): string | undefined {
  const team = teamOfPlace({ id, ...(name !== undefined && { name }) }, { teams });
  return team !== undefined && rights.sees(team) ? team : undefined;
}

/** The one team whose own channel this is. */
export function teamOfPlace(
  { id, name }: { readonly id: string; readonly name?: string },
  { teams }: Pick<Catalogue, 'teams'>,
): string | undefined {
  const here = [...teams].filter(([, { channel }]) => channel === name || channel === id).map(([team]) => team);
  return here.length === 1 ? here[0] : undefined;
}

interface ActingFor {
  readonly verb: Verb;
  /** The team as it was typed. */
  readonly typed: string | undefined;
  /** What else was given. */
  readonly given: Values;
  readonly acting: (team: string) => Acting;
  /** What is said when it is for no single team. */
  readonly oneTeam: () => UserError;
}

/**
 * The one team that somebody acts for: the one that was named, or whose channel this is, or the person's own; `among`:
 * they have several.
 *
 * @throws UserError `WRONG_ROLE`, `UNKNOWN_TEAM`, or what `oneTeam` says.
 */
export function actingTeam(
  ctx: CommandContext,
  { verb, typed, given, acting, oneTeam }: ActingFor,
  deps: { catalogue(): Catalogue },
): string | { readonly among: readonly string[] } {
  const catalogue = deps.catalogue();
  const meant = meantTeams(ctx, catalogue, typed, (team) => call(verb, { ...given, team }));
  if (meant.kind === 'choose') return { among: meant.among };
  if (meant.kind === 'all' || meant.team === null) throw oneTeam();
  mustAct(ctx, catalogue, meant.team, acting(meant.team));
  return meant.team;
}

interface Acting {
  /** What was asked for, as in "may …". */
  readonly act: string;
  readonly otherwise?: Pick<UserErrorOptions, 'hint' | 'next'>;
}

/**
 * Refuses whoever may not act for the team (null: machines without one).
 *
 * @throws UserError `WRONG_ROLE` with whom to ask, and with the team as a fact.
 */
export function mustAct(asker: Asker, catalogue: Catalogue, team: string | null, acting: Acting): void {
  const refused = mayNotAct(asker, catalogue, team, acting);
  if (refused) throw refused;
}

/** Why the person may not act for the team: `WRONG_ROLE`, as `mustAct` throws it; undefined when they may. */
export function mayNotAct(
  { rights }: Asker,
  catalogue: Catalogue,
  team: string | null,
  { act, otherwise }: Acting,
): UserError | undefined {
  if (rights.actsFor(team)) return undefined;
  const owners = team === null ? undefined : catalogue.teams.get(team)?.owners.name;
  const who = owners === undefined ? 'admins' : `the owners of ${team} (${owners}) and admins`;
  const asked = owners === undefined ? 'an admin of goldbot' : `a member of ${owners}`;
  return new UserError('WRONG_ROLE', `Only ${who} may ${act}, and you are not among them. Nothing was done.`, {
    ...(otherwise ?? { hint: `Ask ${asked}, or see what you may do.`, next: [call('whoami')] }),
    ...(team !== null && { facts: { team } }),
  });
}

/** The person owns several teams and means one of them: they choose. */
export function chooseTeam(verb: Verb, among: readonly string[], given: Values): Answer {
  return choiceCard({
    message: 'Which of your teams do you mean?',
    reason: `You own ${among.length} teams: ${among.slice(0, 20).join(', ')}.`,
    choices: among.map((team) => ({
      title: team,
      call: call(verb, { ...given, team }),
    })),
  });
}

function all(rights: Rights, catalogue: Catalogue): TeamsMeant {
  const teams = [...catalogue.teams.keys()].filter((team) => rights.sees(team));
  if (teams.length === 0 && !rights.seesAll) throw noTeam();
  return { kind: 'all', teams: rights.seesAll ? [...teams, null] : teams };
}

function own(rights: Rights, catalogue: Catalogue, asked: boolean): TeamsMeant {
  const [first, ...others] = [...catalogue.teams.keys()].filter((team) => rights.teams.has(team));
  if (first === undefined) {
    if (rights.seesAll && !asked) return all(rights, catalogue);
    throw noTeam();
  }
  return others.length === 0 ? { kind: 'one', team: first } : { kind: 'choose', among: [first, ...others] };
}

function known(catalogue: Catalogue, wanted: string, again: (team: string) => CommandCall): string {
  if (catalogue.teams.has(wanted)) return wanted;
  const [near] = nearestFew(wanted, [...catalogue.teams.keys(), 'all', orphans]);
  throw new UserError('UNKNOWN_TEAM', noSuchTeam(wanted), {
    hint: near ? `Did you mean ${near}? Nothing was done.` : 'See the teams that you may ask about.',
    next: [near ? again(near) : call('compliance', { team: 'all' })],
  });
}

export function noSuchTeam(wanted: string): string {
  return `The catalogue has no team "${wanted.slice(0, 60)}".`;
}

function noTeam(): UserError {
  return new UserError('WRONG_ROLE', 'You are among the owners of no team.', {
    hint: 'Ask to join the group that owns your team; see which groups count.',
    next: [call('whoami')],
  });
}

function whose(catalogue: Catalogue, team: string | null): string {
  const roles = 'publishers, approvers, admins and auditors';
  if (team === null) return `Machines without a team are shown to ${roles}`;
  const group = catalogue.teams.get(team)?.owners.name ?? 'its owners';
  return `Machines of ${team} are shown to its owners (${group}) and to ${roles}`;
}

function ask(rights: Rights): Pick<UserErrorOptions, 'hint' | 'next'> {
  const owns = rights.teams.size > 0;
  return {
    hint: `Ask one of those people, ask to join the group, or see ${owns ? 'your own teams' : 'what you may do'}.`,
    next: [owns ? call('compliance', { team: 'me' }) : call('whoami')],
  };
}

/** What machines are made from, as a person asks about it. */
export type ImagesMeant =
  /** `sources`: lower-case ids by which machines name it. `version`: a number, or a word for one. */
  | { readonly kind: 'golden'; readonly image: string; readonly sources: readonly string[]; readonly version?: string }
  /** Marketplace images whose `publisher:offer:sku` begins with this, in lower case; all when empty. `written`: as typed. */
  | {
      readonly kind: 'marketplace';
      readonly source: string;
      readonly written: string;
      readonly version?: string;
    };

const whole = ['marketplace', 'market'];

/**
 * An image in the catalogue, `marketplace`, or `publisher:offer:sku[:version]`.
 *
 * @throws UserError `UNKNOWN_IMAGE`, `BAD_COMMAND` (a version twice, or none that exists), `WRONG_ROLE`.
 */
export function meantImages(
  { rights }: Pick<CommandContext, 'rights'>,
  catalogue: Catalogue,
  typed: { readonly ref: string; readonly version?: string | undefined },
): ImagesMeant {
  const text = typed.ref.trim();
  if (whole.includes(text.toLowerCase())) return { kind: 'marketplace', source: '', written: 'marketplace' };
  if (/^[^/@\s]+:[^/@\s]+/.test(text)) return ofMarketplace(text);
  const { image: name, version = typed.version } = splitRef(typed.ref);
  const meant = meantImage(catalogue, name, (near) =>
    call('who uses', { ref: near, ...(typed.version !== undefined && { version: typed.version }) }),
  );
  if (meant.kind === 'choose')
    throw severalImages(
      name,
      meant.among.map((image) => image.name),
    );
  const image = meant.image.name;
  if (!rights.has('viewer', image)) throw mayNotSee(image);
  if (version !== undefined && !isVersion(version) && !['latest', 'previous', 'candidate'].includes(version))
    throw noVersion(image, version);
  const sources = [...goldenGallery(catalogue, []).images].flatMap(([source, its]) => (its === image ? source : []));
  return { kind: 'golden', image, sources, ...(version !== undefined && { version }) };
}

/** The number that `latest`, `previous` or `candidate` means now; undefined when there is none. */
export function numberOf(version: string, published: readonly PublishedVersion[]): string | undefined {
  if (isVersion(version)) return version;
  // A version that failed, or has not arrived anywhere yet, can be deployed nowhere.
  const offered = published.filter((v) => !v.excludedFromLatest && v.regions.length > 0).map((v) => v.version);
  const latest = highest(offered);
  if (version === 'latest' || latest === undefined) return latest;
  if (version === 'previous') return highest(offered.filter((v) => compareVersions(v, latest) < 0));
  const hidden = published.filter((v) => v.excludedFromLatest).map((v) => v.version);
  return highest(hidden.filter((v) => compareVersions(v, latest) > 0));
}

function ofMarketplace(text: string): ImagesMeant {
  const [publisher = '', offer = '', sku, version] = text.split(':');
  const written = [publisher, offer, ...(sku ? [sku] : [])].join(':');
  const named = version && version.toLowerCase() !== 'latest' && { version };
  return { kind: 'marketplace', source: written.toLowerCase(), written, ...named };
}

function severalImages(typed: string, names: readonly string[]): UserError {
  return new UserError('UNKNOWN_IMAGE', `"${typed.slice(0, 60)}" fits ${names.join(', ')}.`, {
    hint: 'Name one of them.',
    next: names.slice(0, 3).map((ref) => call('who uses', { ref })),
  });
}

function noVersion(image: string, version: string): UserError {
  return new UserError('BAD_COMMAND', `"${version.slice(0, 40)}" is not a version of ${image}.`, {
    hint: 'Name three numbers, or latest.',
    next: [call('who uses', { ref: `${image}@latest` })],
  });
}

/** Azure's own view of what policies say; for one team with its scope, unless that is a tag. */
export function dashboardOf({ azure, teams }: Catalogue, team: string | null | undefined) {
  const scope = typeof team === 'string' ? teams.get(team)?.scope : undefined;
  const [kind, value] = Object.entries(scope ?? {})[0] ?? [];
  const named = kind === undefined || kind === 'tag' ? undefined : String(value);
  return { url: policyDashboard(azure.location), ...(named !== undefined && { scope: named }) };
}
