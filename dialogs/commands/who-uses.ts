import { z } from 'zod';
import { whoUsesCard } from '../../cards';
import { call } from '../../core/command-call';
import type { Gap } from '../../core/compliance';
import { defineCommand, versionWord, word } from '../conversation';
import { meantImages, meantTeams, teamName, usersOf } from '../inventory';

/** `who uses <ref>`: which teams run an image or a version, and which scale sets would take it again. */
export const whoUses = defineCommand({
  verb: 'who uses',
  aliases: ['who runs'],
  summary: 'Shows which teams run an image or a version, and which scale sets refer to it.',
  group: 'Comply',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    ref: word('Image and version', 'image@version|marketplace', {
      example: 'ubuntu-22@1.4.1',
      takes: 'an image, optionally with its version, marketplace, or publisher:offer:sku',
    }),
    version: versionWord.optional(),
    team: teamName.optional(),
  }),
  examples: [
    'who uses ubuntu-22',
    'who uses ubuntu-22@1.4.1',
    'who uses ubuntu-22 1.4.1 --team payments',
    'who uses marketplace',
  ],

  async run(ctx, { ref, version, team }, deps) {
    const catalogue = deps.catalogue();
    const meant = meantTeams(ctx, catalogue, team ?? 'all', (near) => call('who uses', { ref, team: near }));
    const teams = meant.kind === 'one' ? [meant.team] : meant.kind === 'all' ? meant.teams : meant.among;
    const asked = meantImages(ctx, catalogue, { ref, version });
    const users = await usersOf(deps, catalogue, { asked, teams }, ctx.now);
    const others: readonly Gap[] =
      !ctx.rights.seesAll && team === undefined ? [{ figure: 'machines', reason: 'other teams' }] : [];
    return whoUsesCard({
      ...users,
      ...(team !== undefined && { team }),
      gaps: [...others, ...users.gaps],
    });
  },
});
