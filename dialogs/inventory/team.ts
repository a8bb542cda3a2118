import { choiceCard } from '../../cards';
import type { Rights } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { call, type Values, type Verb } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Answer, type CommandContext, nearestFew, word } from '../conversation';

/** A team of `teams.yaml`, `me`, `all`, or `orphans` for the machines that no team has. */
export const teamName = word('Team', 'team', { example: 'payments' });

/** How machines that no team has are asked for. */
export const orphans = 'orphans';

/** Whose machines a question is about. Only teams that the person sees are in it. */
export type TeamsMeant =
  /** Null: machines that no team has. */
  | { readonly kind: 'one'; readonly team: string | null }
  /** Everything that the person sees, by name; null last, when they see it. */
  | { readonly kind: 'all'; readonly teams: readonly (string | null)[] }
  | { readonly kind: 'choose'; readonly among: readonly string[] };

type Asker = Pick<CommandContext, 'rights'>;

/**
 * Without a name: the person's own teams, or everybody's for those who own none and see all.
 *
 * @throws UserError `UNKNOWN_TEAM` with the nearest name, `WRONG_ROLE` with whom to ask.
 */
export function meantTeams(asker: Asker, catalogue: Catalogue, verb: string, typed: string | undefined): TeamsMeant {
  const wanted = typed?.trim().toLowerCase() ?? 'me';
  const { rights } = asker;
  if (wanted === 'all') return all(rights, catalogue);
  if (wanted === 'me') return own(rights, catalogue, typed !== undefined);
  return { kind: 'one', team: seenTeam(asker, catalogue, wanted === orphans ? null : known(catalogue, verb, wanted)) };
}

/**
 * The team, when the person may see it.
 *
 * @throws UserError `WRONG_ROLE` with whom to ask.
 */
export function seenTeam({ rights }: Asker, catalogue: Catalogue, team: string | null): string | null {
  if (rights.sees(team)) return team;
  throw new UserError('WRONG_ROLE', `${whose(catalogue, team)}, and you are not among them.`, { hint: ask(rights) });
}

/** One of several teams of the person's own is meant: they choose. */
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

function known(catalogue: Catalogue, verb: string, wanted: string): string {
  if (catalogue.teams.has(wanted)) return wanted;
  const [near] = nearestFew(wanted, [...catalogue.teams.keys(), 'all', orphans]);
  throw new UserError('UNKNOWN_TEAM', `The catalogue has no team "${wanted.slice(0, 60)}".`, {
    hint: near
      ? `Did you mean \`${verb} ${near}\`? Nothing was done.`
      : 'See the teams that you may ask about with `compliance all`.',
  });
}

function noTeam(): UserError {
  return new UserError('WRONG_ROLE', 'You are among the owners of no team.', {
    hint: 'Ask for membership of the group that owns your team, and see with `whoami` which groups count.',
  });
}

function whose(catalogue: Catalogue, team: string | null): string {
  const roles = 'publishers, approvers, admins and auditors';
  if (team === null) return `Machines that no team has are shown to ${roles}`;
  const group = catalogue.teams.get(team)?.owners.name ?? 'its owners';
  return `Machines of ${team} are shown to its owners (${group}) and to ${roles}`;
}

function ask(rights: Rights): string {
  const ownOnes = rights.teams.size > 0 ? 'see your own with `compliance me`' : 'see with `whoami` what you may';
  return `Ask one of those people, or for membership of the group, or ${ownOnes}.`;
}
