import type { GalleryVersion, VersionChange } from '../../core/azure';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { channelsOf, channelTag, unmet, versionTags } from '../../core/images';
import { hiddenIn, isShownIn, offeredAbove, whyNotPromote } from '../../core/lifecycle';
import type { VersionPlan } from '../../core/runs';
import type { NewCertificate } from '../../store';
import { comesBack, forwardNotes, leftHidden } from './forward';
import type { ChangeContext, ChangeDeps, ChangeKind, Next } from './stages';
import { changing, hidden, there, type VersionDeps, versionKind } from './versions';

/**
 * Which version is latest, changed by hand: one is promoted as it was tested and approved, or what stands above a good one is
 * taken out. Azure takes the highest number that is offered; nothing is built or copied. And which version is a channel's,
 * which is goldbot's own word beside Azure's latest.
 */

/** Makes a version latest, in some regions or in all. */
export const promote = (deps: VersionDeps & Pick<ChangeDeps, 'promotable' | 'certified'>): ChangeKind<VersionPlan> =>
  versionKind({
    before: (plan, version) => whereShown(there(plan, version)),
    notes: async ({ read, now }, plan, number) => {
      const all = await read.versions(plan.gallery);
      const version = there(
        plan,
        all.find((one) => one.version === number),
      );
      const against = whyNotPromote({ ...plan, version, all, now });
      if (against)
        throw new UserError('BAD_COMMAND', against.message, { hint: 'See its current state.', next: against.next });
      const { doubts, problem } = await deps.promotable(plan.image, version);
      if (problem !== undefined) throw notTested(plan, problem);
      return doubts;
    },
    next: async (work, version) => {
      if (!version) return changing(work, version, {});
      const { context, plan } = work;
      const certificate = await deps.certified({ image: plan.image, version, now: context.now });
      const change = offering(version, plan, context, certificate?.digest);
      if (unmet(version, change).length === 0) return changing(work, version, change);
      // Servers will boot from what the write exposes: it is looked at once more.
      const { problem } = await deps.promotable(plan.image, version);
      if (problem !== undefined) return { kind: 'failed', why: problem };
      if (certificate && context.run.data.certificate !== certificate.digest) return stating(certificate, version);
      return changing(work, version, change);
    },
  })(deps);

/** As when it is published: nothing is exposed before what is stated about it is kept. */
const stating = (certificate: NewCertificate, { version }: GalleryVersion): Next => ({
  ...{ kind: 'do', progress: `stating what ${version} is`, certificate },
  act: async () => ({ certificate: certificate.digest }),
});

const notTested = ({ image, versions }: VersionPlan, problem: string): UserError =>
  new UserError('BAD_COMMAND', problem, {
    hint: 'See what is known of it.',
    next: [call('verify', { what: `${image}@${versions[0]}` }), call('versions', { image })],
  });

const whereShown = (version: GalleryVersion): string => {
  const shown = version.regions.flatMap(({ name }) => (isShownIn(version, name) ? [name] : []));
  return shown.length === 0 ? 'out of latest' : `offered in ${shown.join(', ')}`;
};

/** All that makes it latest there, in absolute values. */
function offering(
  version: GalleryVersion,
  { regions }: VersionPlan,
  { now }: ChangeContext,
  certificate: string | undefined,
): VersionChange {
  return {
    excludedFromLatest: false,
    hiddenIn: hiddenIn(version, regions),
    tags: {
      [versionTags.state]: null,
      [versionTags.reason]: null,
      [versionTags.replacedBy]: null,
      ...(certificate !== undefined && { [versionTags.certificate]: certificate }),
      // Of one that was published before, the day on which that was.
      ...(version.tags[versionTags.published] === undefined && { [versionTags.published]: now.toISOString() }),
    },
  };
}

/** Takes what is above a good version out of latest in every region. */
export const rollback = versionKind({
  before: (plan, version) => whereShown(there(plan, version)),
  notes: async (context, plan, number, deps) => {
    const since = await publishedSince(context, plan);
    if (since === undefined) return forwardNotes({ context, plan, whole: plan, deps, number });
    const next = [call('versions', { image: plan.image })];
    throw new UserError('BAD_COMMAND', since, { hint: 'See where things stand.', next });
  },
  next: async (work, version) => {
    const since = await publishedSince(work.context, work.plan);
    if (since !== undefined) return { kind: 'failed', why: since };
    return changing(work, version, hidden(work.plan, 'rolled-back'));
  },
  last: comesBack,
  left: leftHidden,
});

/** Why hiding what people agreed to hide would not bring the good version back: a sentence. */
async function publishedSince({ read }: ChangeContext, plan: VersionPlan): Promise<string | undefined> {
  const { to = '', versions, forward, image, gallery } = plan;
  const all = await read.versions(gallery);
  const good = all.find(({ version }) => version === to);
  if (!good || whereShown(good) === 'out of latest')
    return `${image} ${to} is not offered: nothing could go back to it.`;
  const others = offeredAbove(all, to).filter(({ version }) => !versions.includes(version) && version !== forward);
  if (others.length === 0) return undefined;
  return `${others.map(({ version }) => version).join(', ')} is above ${to} as well, and nobody agreed to hide it.`;
}

/** Makes one version the one of a channel. Nobody deploys by that. */
export const channel = versionKind({
  before: (plan, version) => {
    const found = there(plan, version);
    const channels = channelsOf(found);
    return `${found.version} ${channels.length === 0 ? 'in no channel' : `in ${channels.join(', ')}`}`;
  },
  notes: async (_, { channel: name, versions }, number) => {
    const [, ...leave] = versions;
    if (number !== versions[0]) return [];
    return [
      `Azure’s latest is one for all: a channel says which version is meant for whom, and deploys nothing.`,
      ...(leave.length === 0 ? [] : [`${leave.join(', ')} leaves ${name}.`]),
    ];
  },
  next: async (work, version) => {
    const { plan, context, number } = work;
    if (!plan.channel) throw new Error(`${context.run.id} names no channel`);
    const value = number === plan.versions[0] ? context.run.id : null;
    // One that is gone has left the channel as well.
    if (!version && value === null) return undefined;
    return changing(work, version, { tags: { [channelTag(plan.channel)]: value } });
  },
});
