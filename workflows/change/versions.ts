import type { GalleryVersion, VersionChange } from '../../core/azure';
import { type Catalogue, findImage } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { isCandidate, unmet, versionTags } from '../../core/images';
import {
  type BlastRadius,
  blastRadius,
  consumerWords,
  newBreaks,
  notLookedAt,
  radiusLines,
  readUsers,
  restrains,
  seenOf,
} from '../../core/lifecycle';
import type { VersionPlan } from '../../core/runs';
import { momentOf } from '../../core/time';
import { act, type ChangeContext, type ChangeDeps, type ChangeKind, type Next, type Survey, waits } from './stages';

/**
 * What is done to versions that have been published. Before anybody decides, and once more before each write that takes
 * something away, everybody who uses the image is looked up: what nobody agreed to break ends the run.
 */

type VersionDeps = Pick<ChangeDeps, 'catalogue' | 'takeTurn'>;

/** Takes versions out of latest in every region. They stay, and who names their number can deploy them. */
export const revoke = (deps: VersionDeps): ChangeKind<VersionPlan> => ({
  survey: (context, plan) =>
    survey(context, plan, deps, ({ version, tags, ...rest }) => {
      if (isCandidate({ tags, ...rest }))
        throw notSo(plan, `${version} was never published: there is nothing to revoke.`);
      return tags[versionTags.state] === 'revoked' ? 'revoked' : rest.excludedFromLatest ? 'hidden' : 'offered';
    }),
  next: (context, plan) =>
    inTurn(context, plan, deps, (version) => ({
      excludedFromLatest: true,
      tags: { [versionTags.state]: 'revoked', [versionTags.reason]: clipped(plan.reason ?? version.version) },
    })),
});

/** Lets versions that were revoked be latest again. */
export const restore = (deps: VersionDeps): ChangeKind<VersionPlan> => ({
  survey: (context, plan) =>
    survey(context, plan, deps, ({ version, tags }) => {
      if (tags[versionTags.state] === 'revoked') return `revoked: “${tags[versionTags.reason] ?? 'no reason given'}”`;
      throw notSo(plan, `${version} is not revoked: there is nothing to restore.`);
    }),
  next: (context, plan) =>
    inTurn(context, plan, deps, ({ tags }) => ({
      excludedFromLatest: false,
      tags: {
        [versionTags.state]: tags[versionTags.replacedBy] === undefined ? null : 'aged',
        [versionTags.reason]: null,
      },
    })),
});

const notSo = ({ image }: VersionPlan, message: string): UserError =>
  new UserError('UNKNOWN_VERSION', message, { hint: 'See how things are.', next: [call('versions', { image })] });

/** The most that a tag of Azure holds. */
const clipped = (text: string): string => text.slice(0, 256);

/** `beforeOf`: how one of them is, as a clause. @throws UserError when it cannot be done to it. */
async function survey(
  context: ChangeContext,
  plan: VersionPlan,
  deps: VersionDeps,
  beforeOf: (version: GalleryVersion) => string,
): Promise<Survey> {
  const all = await context.read.versions(plan.gallery);
  const before = plan.versions.map((number) => {
    const found = all.find(({ version }) => version === number);
    if (!found) throw notSo(plan, `The gallery has no version ${number} of ${plan.image}.`);
    return beforeOf(found);
  });
  const radius = await radiusOf(context, plan, deps);
  const [first] = radius.breaks;
  if (first) {
    throw new UserError('VERSION_IN_USE', `${consumerWords(first.consumer)} ${first.why}; nothing was changed.`, {
      hint: 'Move what would break to another version first.',
      next: [call('who uses', { ref: `${plan.image}@${plan.versions[0]}` })],
    });
  }
  return {
    before: before.join(', '),
    warnings: [...radiusLines(radius), notLookedAt],
    plan: { ...plan, radius: seenOf(radius) },
  };
}

/** Everybody who uses the image, looked up now. */
async function radiusOf({ read, now }: ChangeContext, plan: VersionPlan, deps: VersionDeps): Promise<BlastRadius> {
  const catalogue = deps.catalogue();
  const [all, users] = await Promise.all([
    read.versions(plan.gallery),
    readUsers(read, catalogue, inCatalogue(catalogue, plan)),
  ]);
  return blastRadius({ act: plan.verb, versions: plan.versions, all, users, now });
}

function inCatalogue(catalogue: Catalogue, { image }: VersionPlan): Catalogue['images'][number] {
  const found = findImage(catalogue, image);
  if (found) return found;
  throw new UserError('UNKNOWN_IMAGE', `${image} is no longer in the catalogue; nothing was changed.`, {
    hint: 'See which images there are.',
    next: [call('images')],
  });
}

/** One version after the other, one write a step, while no other run changes versions of the image. */
async function inTurn(
  context: ChangeContext,
  plan: VersionPlan,
  deps: VersionDeps,
  changeOf: (version: GalleryVersion) => VersionChange,
): Promise<Next> {
  const holder = await deps.takeTurn(plan.image, context.run.id);
  if (holder !== context.run.id) {
    return { kind: 'wait', progress: `${holder} is changing versions of ${plan.image}`, wait: waits.turn };
  }
  for (const number of plan.versions) {
    const version = await context.read.version(plan.gallery, number);
    if (!version) return { kind: 'failed', why: `somebody deleted ${plan.image} ${number} meanwhile` };
    const todo = await changing(context, plan, deps, { version, change: changeOf(version) });
    if (todo) return todo;
  }
  return { kind: 'so', outcome: outcomeOf(plan) };
}

interface Changing {
  readonly version: GalleryVersion;
  readonly change: VersionChange;
}

const isBusy = ({ provisioningState }: GalleryVersion): boolean =>
  provisioningState !== 'Succeeded' && provisioningState !== 'Failed';

/** The next step for one version; undefined: it is as it should be. */
async function changing(
  context: ChangeContext,
  plan: VersionPlan,
  deps: VersionDeps,
  { version, change }: Changing,
): Promise<Next | undefined> {
  const missing = unmet(version, change);
  if (isBusy(version)) {
    const progress = `the gallery is working on ${version.version}`;
    return { kind: 'wait', progress, wait: waits.gallery };
  }
  if (missing.length === 0) return undefined;
  if (restrains(plan.verb)) {
    const stop = await broken(context, plan, deps);
    if (stop) return stop;
  }
  return act(`${doing[plan.verb]} ${version.version}`, () =>
    context.write.updateVersion(plan.gallery, version.version, change),
  );
}

const doing: Readonly<Record<VersionPlan['verb'], string>> = { revoke: 'revoking', restore: 'restoring' };

/** What would break now and did not when people decided. */
async function broken(context: ChangeContext, plan: VersionPlan, deps: VersionDeps): Promise<Next | undefined> {
  const radius = await radiusOf(context, plan, deps);
  const [first, ...more] = newBreaks(radius, plan.radius);
  if (!first) return undefined;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const seen = `as of ${momentOf(context.now)} ${consumerWords(first.consumer)} ${first.why}${others}`;
  return { kind: 'failed', why: `since it was agreed to, something else came to depend on it: ${seen}` };
}

function outcomeOf({ verb, image, versions }: VersionPlan): string {
  const what = `${image} ${versions.join(', ')}`;
  const [is, names, stays] =
    versions.length === 1 ? ['is', 'its number', 'it stays'] : ['are', 'their numbers', 'they stay'];
  switch (verb) {
    case 'revoke':
      return `${what} ${is} out of latest in every region; ${stays} in the gallery, and who names ${names} can still deploy it.`;
    case 'restore':
      return `${what} ${is} offered again, and latest wherever no higher number is.`;
  }
}
