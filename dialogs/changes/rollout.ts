import { z } from 'zod';
import { rolloutCard } from '../../cards';
import { call, type Values } from '../../core/command-call';
import { readRollout, whyNotRollOut } from '../../core/lifecycle';
import { type Answer, type CommandContext, type Deps, flag, imageName, versionWord } from '../conversation';
import { chooseTeam, meantTeams, teamName } from '../inventory';
import { imageOf, needVersion, versionsOf } from '../present';
import { refuse } from './versions';

/** What `rollout` takes. */
export const rolloutArgs = {
  image: imageName,
  version: versionWord.optional(),
  team: teamName.optional(),
  plan: flag('Only show what would happen', { form: false }),
};

const asked = z.object(rolloutArgs);

/** Shows whose machines would come to a version, and how. */
export async function planRollout(ctx: CommandContext, given: z.output<typeof asked>, deps: Deps): Promise<Answer> {
  const catalogue = deps.catalogue();
  const { image } = imageOf(catalogue, given.image);
  const typed: Values = {
    image: image.name,
    ...(given.version !== undefined && { version: given.version }),
  };
  const meant = meantTeams(ctx, catalogue, given.team, (team) => call('rollout', { ...typed, team }));
  if (meant.kind === 'choose') return chooseTeam('rollout', meant.among, typed);
  const all = await versionsOf(image, deps);
  const version = needVersion(all, given.version ?? 'latest', image);
  refuse(image, whyNotRollOut(version, ctx.now));
  const { version: number } = version;
  const planned = await readRollout(deps.read, catalogue, { image, version: number, all });
  const shown = meant.kind === 'one' ? [meant.team] : meant.teams;
  return rolloutCard({
    ...{ image: image.name, version: number, gaps: planned.gaps, asOf: planned.asOf },
    teams: planned.teams.filter(({ team }) => shown.includes(team)),
    ...(meant.kind === 'one' && { team: meant.team }),
    only: (team) => call('rollout', { image: image.name, version: number, team: team ?? 'orphans' }),
  });
}
