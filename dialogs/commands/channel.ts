import { z } from 'zod';
import { call } from '../../core/command-call';
import { channelsOf, isCandidate, type VersionChannel, versionChannels, versionsIn } from '../../core/images';
import { byApprovers } from '../../core/runs';
import { joinFlag, refuse, startVersionChange, type VersionNamed, versionNamed } from '../changes';
import { choice, defineCommand, imageRef } from '../conversation';

/** `channel <ref> canary|stable|lts`: makes a version the one of a channel, once those who approve its image agree. */
export const channel = defineCommand({
  verb: 'channel',
  summary: 'Makes a version the canary, stable or lts one, once an approver agrees; Azure’s latest stays what it is.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({ ref: imageRef, channel: choice('Channel', versionChannels), join: joinFlag }),
  examples: ['channel ubuntu-22@1.4.1 stable', 'channel ubuntu-22@1.5.0 canary'],

  async run(ctx, { ref, channel: name, join }, deps) {
    const named = await versionNamed({ verb: 'channel', ref }, deps);
    const { image, number, all } = named;
    refuse(image, problemOf(named, name, ctx.now));
    const leave = versionsIn(all, name).flatMap(({ version }) => (version === number ? [] : [version]));
    const plan = { channel: name, versions: [number, ...leave], approval: byApprovers(image, ctx.now) };
    const again = call('channel', { ref: `${image.name}@${number}`, channel: name, join: true });
    return startVersionChange(ctx, 'channel', { named, plan, joins: { join, call: again } }, deps);
  },
});

function problemOf({ all, number, version }: VersionNamed, name: VersionChannel, now: Date): string | undefined {
  if (!version) return undefined;
  if (isCandidate(version)) return `${number} was never published: a channel is for what people may deploy.`;
  if (version.endOfLife && version.endOfLife <= now) return `The life of ${number} is over: no channel takes it.`;
  const others = versionsIn(all, name).filter((one) => one.version !== number);
  return channelsOf(version).includes(name) && others.length === 0
    ? `${number} is the ${name} version already.`
    : undefined;
}
