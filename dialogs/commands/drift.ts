import { z } from 'zod';
import { call } from '../../core/command-call';
import { driftCauses } from '../../core/compliance';
import { choice, count, defineCommand } from '../conversation';
import { chooseTeam, listDrift, meantTeams, teamName } from '../inventory';

/** `drift [team]`: which golden machines are not, or not for certain, what their versions say, and why. */
export const drift = defineCommand({
  verb: 'drift',
  summary: 'Lists golden machines that are not known to be what their version says, each with its cause.',
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    team: teamName.optional(),
    cause: choice('Only one cause', driftCauses).optional(),
    from: count('Number of the first machine to list', 1_000_000, { example: '16', form: false }).optional(),
  }),
  examples: ['drift', 'drift payments', 'drift all --cause unknown'],

  async run(ctx, asked, deps) {
    const given = { ...(asked.cause && { cause: asked.cause }), ...(asked.from !== undefined && { from: asked.from }) };
    const meant = meantTeams(ctx, deps.catalogue(), asked.team, (team) => call('drift', { ...given, team }));
    if (meant.kind === 'choose') return chooseTeam('drift', meant.among, given);
    return listDrift(ctx, { ...asked, teams: meant.kind === 'one' ? [meant.team] : meant.teams }, deps);
  },
});
