import { z } from 'zod';
import { day, noticeCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { compareVersions, latestPublished, type VersionChannel, versionChannels, versionsIn } from '../../core/images';
import { isShownIn, latestIn } from '../../core/lifecycle';
import { type Answer, choice, type Deps, defineCommand, imageName, word } from '../conversation';
import { imageOf, publishedAt, versionsOf } from '../present';

/** `latest <image>`: the one version that is the answer, by number and resource id; made for pipelines. */
export const latest = defineCommand({
  verb: 'latest',
  summary: 'Names the latest version of an image, with its resource id and the digest of its certificate.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    image: imageName,
    channel: choice('Channel', versionChannels).optional(),
    region: word('Region', 'region', { example: 'westeurope' }).optional(),
  }),
  examples: ['latest ubuntu-22', 'latest ubuntu-22 --region westeurope', 'latest ubuntu-22 --channel stable'],

  async run(_ctx, { image: name, channel, region }, deps) {
    const { image } = imageOf(deps.catalogue(), name);
    const all = await versionsOf(image, deps);
    const what = channel ? `${channel} version` : 'latest version';
    const served = region === undefined ? undefined : spelt(all, name, region);
    const where = served === undefined ? '' : ` in ${served}`;
    const found = pick(all, channel, served);
    if (!found) {
      const message = `${name} has no ${what}${where}.`;
      return { ...noticeCard({ message, next: [call('versions', { image: name })] }), outcome: { yes: false } };
    }
    return tell({ image: name, found, message: `The ${what} of ${name}${where} is ${found.version}` }, deps);
  },
});

/** @throws UserError `BAD_COMMAND`: no version of the image was ever there. */
function spelt(all: readonly GalleryVersion[], image: string, region: string): string {
  const names = [...new Set(all.flatMap(({ regions }) => regions.map((one) => one.name)))];
  const key = (text: string) => text.toLowerCase().replaceAll(' ', '');
  const found = names.find((name) => key(name) === key(region));
  if (found !== undefined) return found;
  throw new UserError('BAD_COMMAND', `No version of ${image} is in "${region.slice(0, 40)}".`, {
    hint: names.length === 0 ? 'See its versions.' : `It is in ${names.slice(0, 6).join(', ')}.`,
    next: names.slice(0, 2).map((name) => call('latest', { image, region: name })),
  });
}

function pick(
  all: readonly GalleryVersion[],
  channel: VersionChannel | undefined,
  region: string | undefined,
): GalleryVersion | undefined {
  if (channel) {
    const here = versionsIn(all, channel).filter((one) => region === undefined || isShownIn(one, region));
    return [...here].sort((a, b) => compareVersions(b.version, a.version))[0];
  }
  if (region === undefined) return latestPublished([...all]);
  const number = latestIn(all, region)?.version;
  return all.find(({ version }) => version === number);
}

interface Told {
  readonly image: string;
  readonly found: GalleryVersion;
  readonly message: string;
}

async function tell({ image, found, message }: Told, { reads }: Deps): Promise<Answer> {
  const { id, version, endOfLife } = found;
  const certificate = await reads.certificate(id);
  const published = publishedAt(found);
  const regions = found.regions.filter(({ name }) => isShownIn(found, name)).map(({ name }) => name);
  const card = noticeCard({
    message,
    details: [
      `Id: ${id}`,
      certificate ? `Certificate: ${certificate.digest}` : 'No certificate of it is known.',
      regions.length === 0 ? 'It is latest in no region.' : `Not kept out of latest in ${regions.join(', ')}.`,
      published ? `Published ${day(published)}` : '',
      endOfLife ? `End of life ${day(endOfLife)}` : 'It has no end of life.',
    ].filter((detail) => detail !== ''),
    next: [call('verify', { what: `${image}@${version}` }), call('show', { ref: `${image}@${version}` })],
  });
  const facts = { image, version, id, regions, ...(certificate && { certificate: certificate.digest }) };
  return {
    ...card,
    outcome: { yes: true, version: { ...facts, ...(endOfLife && { endOfLife: endOfLife.toISOString() }) } },
  };
}
