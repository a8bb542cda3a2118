import { z } from 'zod';
import type { Catalogue } from '../../core/catalogue';
import type { Values } from '../../core/command-call';
import type { UserError } from '../../core/errors';
import { deferRollouts, deferring } from '../changes';
import { type CommandContext, defineCommand, imageName, textArg, word } from '../conversation';
import { mayNotAct, teamName } from '../inventory';

/** `defer <image> --until --reason`: a team's scale sets are brought to no other version until then. */
export const defer = defineCommand({
  verb: 'defer',
  summary: "Puts off rollouts to a team's scale sets until a day, as far as Azure waits, and then asks again.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    image: imageName,
    team: teamName.optional(),
    until: word('Until, such as +1d or 2026-12-18', 'when', { example: '+1d', pick: 'day' }),
    reason: textArg('Reason'),
  }),
  examples: ['defer ubuntu-22 --team payments --until +1d --reason "the month is being closed"'],
  mayNot: mayNotDefer,

  run: deferRollouts,
});

/** A button names its team: whoever may not act for it is told so at once, not after filling in a form. */
export function mayNotDefer(ctx: CommandContext, { team }: Values, catalogue: Catalogue): UserError | undefined {
  const known = typeof team === 'string' && catalogue.teams.has(team) ? team : undefined;
  return known === undefined ? undefined : mayNotAct(ctx, catalogue, known, deferring(known));
}
