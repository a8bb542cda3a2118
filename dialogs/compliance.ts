import { z } from 'zod';
import { complianceCard } from '../cards';
import type { TeamStanding } from '../core/standing';
import { choice, imageName } from './arguments';
import { type Answer, type CommandContext, defineCommand } from './define';
import { lookAtEstate, standingsOf } from './estate-look';
import { chooseTeam, meantTeams, teamName } from './estate-team';

/** `compliance [team]`: where a team stands, and the rows behind every number of it. */
export const compliance = defineCommand({
  verb: 'compliance',
  summary: 'Shows where a team stands: policies, images, pets and cattle, exemptions.',
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    team: teamName.optional(),
    image: imageName.optional(),
    class: choice('Pets or cattle alone', ['pet', 'cattle', 'undecided']).optional(),
  }),
  positional: ['team'],
  examples: ['compliance', 'compliance payments', 'compliance all', 'compliance payments --class pet'],

  async run(ctx, args, deps) {
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, 'compliance', args.team);
    if (meant.kind === 'choose') return chooseTeam('compliance', meant.among, given(args));
    const all = standingsOf(await lookAtEstate(deps, catalogue), ctx.now);
    if (meant.kind === 'one') return ofTeam(ctx, all, meant.team);
    throw new Error('soon');
  },
});

function ofTeam(ctx: CommandContext, all: readonly TeamStanding[], team: string | null): Answer {
  const standing = all.find((s) => s.team === team);
  if (!standing) throw new Error('no standing');
  return complianceCard({ standing, now: ctx.now, canAct: ctx.rights.actsFor(team) });
}

function given({ image, class: kind }: { image?: string | undefined; class?: string | undefined }) {
  return { ...(image && { image }), ...(kind && { class: kind }) };
}
