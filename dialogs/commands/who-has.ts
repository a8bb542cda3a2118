import { z } from 'zod';
import { whoHasCard } from '../../cards';
import { call } from '../../core/command-call';
import type { Gap } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { type Deps, defineCommand, word } from '../conversation';
import { holdersOf, meantTeams, teamName } from '../inventory';

/** `who has <package> [version]`: which versions of images have it inside, and whose machines run those. */
export const whoHas = defineCommand({
  verb: 'who has',
  summary: 'Shows which versions of images have a package or a Windows update inside, and which teams run them.',
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    package: word('Package', 'package|KB…', {
      example: 'openssl',
    }),
    version: word('Version of the package', 'version', { example: '3.0.2-0ubuntu1.18' }).optional(),
    below: word('Only what is older than this', 'version', { example: '3.0.2-0ubuntu1.18' }).optional(),
    team: teamName.optional(),
  }),
  examples: ['who has openssl', 'who has openssl --below 3.0.2-0ubuntu1.18', 'who has KB5036909 --team payments'],

  async run(ctx, { package: name, version, below, team }, deps) {
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, team ?? 'all', (near) => call('who has', { package: name, team: near }));
    const teams = meant.kind === 'one' ? [meant.team] : meant.kind === 'all' ? meant.teams : meant.among;
    const held = await holdersOf(ctx, deps, catalogue, { name, version, below, teams });
    if (held.holders.length + held.gone === 0 && version === undefined && below === undefined)
      await mustExist(name, deps);
    const others: readonly Gap[] =
      !ctx.rights.seesAll && team === undefined ? [{ figure: 'machines', reason: 'other teams' }] : [];
    return whoHasCard({ ...held, ...(team !== undefined && { team }), gaps: [...others, ...held.gaps] });
  },
});

/** Nothing has it: a name that is nearly right is told; otherwise the answer is that nothing has it. */
async function mustExist(name: string, { reads }: Pick<Deps, 'reads'>): Promise<void> {
  // Names are compared whole: whoever writes `lib*` is told what there is instead of that nothing has it.
  const near = await reads.packagesLike(name.replaceAll('*', ''));
  if (near.length === 0) return;
  throw new UserError('UNKNOWN_PACKAGE', `No version has a package that is called exactly "${name.slice(0, 60)}".`, {
    hint: `Some have ${near.map((one) => one.slice(0, 60)).join(', ')}.`,
    next: near.slice(0, 3).map((one) => call('who has', { package: one })),
  });
}
