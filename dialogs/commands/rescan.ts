import { z } from 'zod';
import { teamFinder, teamTags } from '../../core/access';
import { resourceGroupId, subscriptionId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { groupsAbove, type Place } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { startChange, writtenDown } from '../changes';
import { type Answer, type CommandContext, type Deps, defineCommand } from '../conversation';
import { chooseTeam, meantTeams, teamName } from '../inventory';

/** More resource groups than this are evaluated by subscription instead: each one costs Azure an evaluation. */
const mostGroups = 8;

/** `rescan [team]`: Azure Policy evaluates now instead of within a day. */
export const rescan = defineCommand({
  verb: 'rescan',
  summary: "Has Azure Policy evaluate a team's machines now instead of within a day.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({ team: teamName.optional() }),
  examples: ['rescan payments', 'rescan all'],

  async run(ctx, { team }, deps) {
    return writtenDown(ctx, { verb: 'rescan', team }, deps, () => answer(ctx, team, deps));
  },
});

async function answer(ctx: CommandContext, team: string | undefined, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const meant = meantTeams(ctx, catalogue, team, (near) => call('rescan', { team: near }));
  if (meant.kind === 'choose') return chooseTeam('rescan', meant.among, {});
  const one = meant.kind === 'one' ? meant.team : null;
  if (!ctx.rights.actsFor(one)) throw notYours(one, catalogue);
  const scopes = meant.kind === 'all' ? await everything(deps) : await scopesOf(one, catalogue, deps);
  const target = meant.kind === 'all' ? 'all' : (one ?? 'orphans');
  if (scopes.length === 0) throw nothingThere(target);
  return startChange(ctx, { verb: 'rescan', target, team: one, scopes }, deps);
}

async function everything({ read }: Deps): Promise<readonly string[]> {
  return [...(await read.managementGroups()).keys()].sort().map(subscriptionId);
}

/** Where the team's machines are. Only there does an evaluation say anything about them. */
async function scopesOf(team: string | null, catalogue: Catalogue, deps: Deps): Promise<readonly string[]> {
  const [counts, above] = await Promise.all([
    deps.read.machineCounts(teamTags(catalogue.teams)),
    groupsAbove(deps.read, catalogue),
  ]);
  const find = teamFinder(catalogue.teams, above);
  const own = counts.rows.filter((row) => find(row).team === team);
  const unique = (id: (place: Place) => string) => [...new Set(own.map(id))].sort();
  const groups = unique(resourceGroupId);
  return groups.length <= mostGroups ? groups : unique((p) => subscriptionId(p.subscription));
}

function notYours(team: string | null, catalogue: Catalogue): UserError {
  const owners = team === null ? undefined : catalogue.teams.get(team)?.owners.name;
  const who = owners === undefined ? 'Admins' : `Owners of ${team} (${owners}) and admins`;
  return new UserError('WRONG_ROLE', `${who} may ask for this, and you are not among them. Nothing was done.`, {
    hint: 'Azure evaluates every day by itself; see when your machines were last evaluated.',
    next: [call('compliance')],
  });
}

function nothingThere(target: string): UserError {
  return new UserError('BAD_COMMAND', `There are no machines of ${target} that Azure Policy could evaluate.`, {
    hint: 'See whose machines there are.',
    next: [call('compliance', { team: 'all' })],
  });
}
