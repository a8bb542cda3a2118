import type { Person } from '../access';
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

/** A team is measured against a channel of an image instead of Azure's latest, because somebody of it chose so. */
export interface Follow {
  readonly team: string;
  /** Name in the catalogue. */
  readonly image: string;
  readonly channel: VersionChannel;
  readonly by: Person;
  readonly since: Date;
}

/** What a team follows; undefined: Azure's latest, as do machines without a team. */
export type Followed = (team: string | null, image: string) => VersionChannel | undefined;

export function followedOf(follows: readonly Pick<Follow, 'team' | 'image' | 'channel'>[]): Followed {
  const known = new Map(follows.map(({ team, image, channel }) => [`${team} ${image}`, channel]));
  return (team, image) => (team === null ? undefined : known.get(`${team} ${image}`));
}
