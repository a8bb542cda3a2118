import { z } from 'zod';
import { resourceGroupId, subscriptionId } from '../../core/azure-id';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { machinesByTeam, type Place } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { startChange } from '../changes';
import { type Deps, defineCommand } from '../conversation';
import { chooseTeam, meantTeams, mustAct, teamName } from '../inventory';

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
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, team, (near) => call('rescan', { team: near }));
    if (meant.kind === 'choose') return chooseTeam('rescan', meant.among, {});
    const one = meant.kind === 'one' ? meant.team : null;
    mustAct(ctx, catalogue, one, { act: 'ask for a rescan', otherwise: evaluatedDaily });
    const scopes = meant.kind === 'all' ? await everything(deps) : await scopesOf(one, catalogue, deps);
    const target = meant.kind === 'all' ? 'all' : (one ?? 'orphans');
    if (scopes.length === 0)
      throw nothingThere(meant.kind === 'all' ? '' : one === null ? ' without a team' : ` of ${one}`);
    return startChange(ctx, { verb: 'rescan', target, team: one, scopes }, deps);
  },
});

const evaluatedDaily = {
  hint: 'Azure evaluates every day on its own; see when your machines were last evaluated.',
  next: [call('compliance')],
};

async function everything({ read }: Deps): Promise<readonly string[]> {
  return [...(await read.managementGroups()).keys()].sort().map(subscriptionId);
}

/** Where the team's machines are. Only there does an evaluation say anything about them. */
async function scopesOf(team: string | null, catalogue: Catalogue, deps: Deps): Promise<readonly string[]> {
  const { rows } = await machinesByTeam(deps.read, catalogue);
  const own = rows.filter((row) => row.team === team).map(({ count }) => count);
  const unique = (id: (place: Place) => string) => [...new Set(own.map(id))].sort();
  const groups = unique(resourceGroupId);
  return groups.length <= mostGroups ? groups : unique((p) => subscriptionId(p.subscription));
}

/** `whose`: a clause about the machines. */
function nothingThere(whose: string): UserError {
  return new UserError(
    'BAD_COMMAND',
    `There are no machines${whose} that Azure Policy could evaluate. Nothing was done.`,
    {
      hint: 'See whose machines there are.',
      next: [call('compliance', { team: 'all' })],
    },
  );
}
