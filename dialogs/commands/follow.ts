import { z } from 'zod';
import { noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { type VersionChannel, versionChannels, versionsIn } from '../../core/images';
import { type Answer, choice, type Deps, defineCommand, imageName } from '../conversation';
import { chooseTeam, meantTeams, mustAct, teamName } from '../inventory';
import { imageOf, versionsOf } from '../present';

const args = z.object({
  image: imageName,
  channel: choice('Channel', [...versionChannels, 'latest']),
  team: teamName.optional(),
});
type Args = z.output<typeof args>;

/** `follow <image> <channel> [--team]`: what a team's machines of an image are measured against. */
export const follow = defineCommand({
  verb: 'follow',
  summary: 'Chooses the channel of an image that a team is measured against; latest is Azure’s own.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args,
  examples: ['follow ubuntu-22 stable', 'follow ubuntu-22 lts --team payments', 'follow ubuntu-22 latest'],

  async run(ctx, asked, deps) {
    const { image, channel, team: typed } = asked;
    const catalogue = deps.catalogue();
    const { image: config } = imageOf(catalogue, image);
    const meant = meantTeams(ctx, catalogue, typed, (team) => call('follow', { image, channel, team }));
    if (meant.kind === 'choose') return chooseTeam('follow', meant.among, { image, channel });
    const teams = meant.kind === 'one' ? [meant.team] : meant.teams;
    const [team, ...others] = teams.filter((one) => one !== null);
    if (team === undefined) return nobody(asked);
    if (others.length > 0) return chooseTeam('follow', [team, ...others], { image, channel });
    mustAct(ctx, catalogue, team, { act: `choose what ${team} follows` });
    const version = channel === 'latest' ? undefined : await versionOf(config, channel, deps);
    await deps.follows.follow({ team, image, channel, person: ctx.person, intent: `follow:${ctx.intent}` });
    return noticeCard({
      message: `${team} follows ${channel === 'latest' ? 'Azure’s latest' : channel} of ${image}`,
      details: detailsOf(asked, version),
      next: [call('compliance', { team }), call('versions', { image })],
    });
  },
});

/** The number that carries the channel now; undefined: none does. */
async function versionOf(
  image: Parameters<typeof versionsOf>[0],
  channel: VersionChannel,
  deps: Deps,
): Promise<string | undefined> {
  return versionsIn(await versionsOf(image, deps), channel)[0]?.version;
}

function detailsOf({ image, channel }: Args, version: string | undefined): readonly string[] {
  if (channel === 'latest') return [`Its machines of ${image} count as behind as soon as there is a newer version.`];
  const counted =
    version === undefined
      ? `No version is the ${channel} one yet: until one is, its machines are measured by Azure’s latest.`
      : `That is ${version} now: its machines of ${image} count as behind only up to there, on its figures, lists and digest.`;
  return [counted, 'Azure deploys as ever: what takes latest takes the highest number.'];
}

const nobody = ({ image, channel }: Args): Answer =>
  noticeCard({
    message: 'Machines without a team follow nothing',
    details: ['Only a team of the catalogue can follow a channel. Nothing was done.'],
    next: [call('follow', { image, channel })],
  });
