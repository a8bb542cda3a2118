import { z } from 'zod';
import { moment, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { deferring, oneTeamDefers } from '../changes';
import { type Answer, defineCommand, imageName } from '../conversation';
import { actingTeam, chooseTeam, teamName } from '../inventory';
import { imageOf } from '../present';
import { mayNotDefer } from './defer';

/** `undefer <image>`: what a team put off may go on before its day. */
export const undefer = defineCommand({
  verb: 'undefer',
  summary: "Takes back a team's deferral of an image early.",
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({ image: imageName, team: teamName.optional() }),
  examples: ['undefer ubuntu-22 --team payments'],
  mayNot: mayNotDefer,

  async run(ctx, { image: typedImage, team: typed }, deps) {
    const { image } = imageOf(deps.catalogue(), typedImage);
    const given = { image: image.name };
    const acting = { verb: 'undefer', typed, given, acting: deferring, oneTeam: oneTeamDefers } as const;
    const team = actingTeam(ctx, acting, deps);
    if (typeof team !== 'string') return chooseTeam('undefer', team.among, given);
    const before = await deps.reads.deferral(team, image.name);
    if (!before) return notDeferred(team, image.name);
    await deps.runs.signal({
      ...{ request: before.id, kind: 'cancel', person: ctx.person, body: { reason: 'taken back' } },
      // It is about what is deferred now, whatever the card that carried the button showed.
      ...{ via: 'text', intent: `undefer:${before.id}` },
    });
    return noticeCard({
      message: `${image.name} is no longer deferred for ${team}`,
      details: [
        `${before.by} had deferred it until ${moment(before.until)}: “${before.reason}”.`,
        'What Azure was told to wait for, it waits for as it was told: it goes on then, or once a rollout lets it.',
      ],
      next: [call('rollout', { image: image.name, team })],
    });
  },
});

function notDeferred(team: string, image: string): Answer {
  return noticeCard({
    message: `${image} is not deferred for ${team}`,
    details: ['Nothing was done.'],
    next: [call('rollout', { image, team }), call('defer', { image, team }, 'until', 'reason')],
  });
}
