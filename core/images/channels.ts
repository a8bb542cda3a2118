import type { GalleryVersion } from '../azure';

/**
 * Channels: which version is the one for whom. A channel is a tag on one version of an image. Azure does not know it: its
 * latest is one for all.
 */
export const versionChannels = ['canary', 'stable', 'lts'] as const;
export type VersionChannel = (typeof versionChannels)[number];

/** Its value is the request that put the version there. */
export const channelTag = (channel: VersionChannel): string => `goldbot-channel-${channel}`;

/** Azure keeps tag names as they were written and compares them in any case. */
const has = ({ tags }: Pick<GalleryVersion, 'tags'>, name: string): boolean =>
  Object.keys(tags).some((tag) => tag.toLowerCase() === name);

/** The channels whose version it is. */
export function channelsOf(version: Pick<GalleryVersion, 'tags'>): readonly VersionChannel[] {
  return versionChannels.filter((channel) => has(version, channelTag(channel)));
}

/** Every version that carries the channel: one, unless somebody else wrote tags. */
export function versionsIn<Version extends Pick<GalleryVersion, 'tags'>>(
  versions: readonly Version[],
  channel: VersionChannel,
): readonly Version[] {
  return versions.filter((version) => channelsOf(version).includes(channel));
}
