import type { GalleryVersion, VersionChange } from '../../core/azure';
import { galleryVersionId, nameOfId, resourceGroupId } from '../../core/azure-id';
import { type Catalogue, findImage } from '../../core/catalogue';
import { byText } from '../../core/collections';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import { isCandidate, secondNameOf, unmet, versionTags, whyCandidate } from '../../core/images';
import {
  acts,
  againstEnding,
  type BlastRadius,
  blastRadius,
  consumerWords,
  copiesWord,
  factsOfDeleted,
  joinedRadius,
  keptMs,
  newBreaks,
  notLookedAt,
  radiusLines,
  radiusOfTeams,
  readUsers,
  restrains,
  seenOf,
  type VersionFacts,
  withCopies,
} from '../../core/lifecycle';
import { type ChangeData, partsOf, type VersionPlan, type VersionVerb } from '../../core/runs';
import { dayOf, momentOf } from '../../core/time';
import { act, type ChangeContext, type ChangeDeps, type ChangeKind, type Next, type Survey, waits } from './stages';

/**
 * What is done to versions that have been published. Before anybody decides, and once more before each write that takes
 * something away, everybody who uses the image is looked up: what nobody agreed to break ends the run.
 */

export type VersionDeps = Pick<ChangeDeps, 'catalogue' | 'takeTurn' | 'leaveTurn' | 'outcomeOf' | 'recorded'>;

/** One verb. Both are about one version; undefined: the gallery has none of that number. */
interface Deed {
  /** How it is, as a clause. @throws UserError when it cannot be done to it. */
  before(plan: VersionPlan, version: GalleryVersion | undefined): string;
  /** What else deciders should know: sentences. @throws UserError when it cannot be done at all. */
  notes?(context: ChangeContext, plan: VersionPlan, number: string, deps: VersionDeps): Promise<readonly string[]>;
  /** What Azure is at work on for long: others may have their turn meanwhile. Undefined: nothing of that kind. */
  watch?(context: ChangeContext, plan: VersionPlan, version: GalleryVersion): Next | undefined;
  /** The next step; undefined: it is as it should be. */
  next(work: Work, version: GalleryVersion | undefined): Promise<Next | undefined>;
  /** The same, once every version is as it should be. */
  last?(work: Work): Promise<Next | undefined>;
  /** What stands half done once it has failed: a sentence; undefined: nothing. */
  left?(work: Work): Promise<string | undefined>;
}

export interface Work {
  readonly context: ChangeContext;
  /** Of the image and version in hand. */
  readonly plan: VersionPlan;
  /** What people agreed to. */
  readonly whole: VersionPlan;
  readonly deps: VersionDeps;
  /** Of the version in hand. */
  readonly number: string;
}

export const versionKind =
  (deed: Deed) =>
  (deps: VersionDeps): ChangeKind<VersionPlan> => ({
    survey: (context, plan) => survey(context, plan, deps, deed),
    next: (context, plan) => inTurn(context, plan, deps, deed),
    left: async (context, plan) => deed.left?.({ context, plan, whole: plan, deps, number: '' }),
  });

/** Sets the day on which its life ends, or lets it have none. */
export const eol = versionKind({
  before: (plan, version) => {
    const { endOfLife } = there(plan, version);
    return endOfLife ? `ends on ${dayOf(endOfLife)}` : 'has no end of life';
  },
  next: async (work, version) => {
    const { until = null } = work.plan;
    const change = { endOfLife: until === null ? null : new Date(until), blockDeletionBeforeEndOfLife: until !== null };
    const missing = version ? unmet(version, change) : [];
    const asked = work.context.run.data.asked ?? {};
    // Whether Azure can clear a date is documented nowhere: it is asked once, and what came of it is said.
    if (until === null && version && asked[work.number] !== undefined && !isBusy(version)) {
      if (missing.some(({ part }) => part === 'endOfLife')) return { kind: 'failed', why: keptDate(version) };
    }
    const next = await changing(work, version, change);
    if (next?.kind !== 'do') return next;
    const at = work.context.now.toISOString();
    return { ...next, act: async () => ({ ...(await next.act()), asked: { ...asked, [work.number]: at } }) };
  },
});

const keptDate = ({ version, endOfLife }: GalleryVersion): string =>
  `Azure accepted it, and ${version} still ends on ${endOfLife ? dayOf(endOfLife) : 'a day'}: it does not clear an end of life. Set a later one instead`;

/** Says that it has a successor. Nobody deploys by that. */
export const age = versionKind({
  before: (plan, version) => {
    const { tags } = published(plan, version);
    return tags[versionTags.state] === 'aged' ? `aged, replaced by ${tags[versionTags.replacedBy]}` : 'not aged';
  },
  next: (work, version) =>
    changing(work, version, {
      tags: { [versionTags.state]: 'aged', [versionTags.replacedBy]: work.plan.replacedBy ?? null },
    }),
});

/** Takes versions out of latest in every region. They stay, and who names their number can deploy them. */
export const revoke = versionKind({
  before: (plan, version) => offeredOr(published(plan, version)),
  next: (work, version) => changing(work, version, hidden(work.plan, 'revoked')),
});

/** Takes versions out of latest, waits until that is so, then deletes them. */
export const retire = versionKind({
  before: (plan, version) => offeredOr(published(plan, version)),
  notes: async ({ read }, plan, number) => {
    const id = galleryVersionId(plan.gallery, number);
    const [own, group, keeps] = await Promise.all([
      read.locksOver(id),
      read.locksOver(resourceGroupId(plan.gallery)),
      read.keepsDeleted(plan.gallery),
    ]);
    // Whether a lock of the group is told of at the version, or one of a neighbour at the group, is no matter then.
    const lock = [...own, ...group].find(({ scope }) => `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase()));
    if (keeps !== plan.keeps)
      throw notSo(plan, 'Whether the gallery keeps what is deleted has just changed: ask again.');
    if (lock) {
      throw new UserError(
        'AZ_CONFLICT',
        `A management lock on ${nameOfId(lock.scope)} keeps ${number} from being deleted.`,
        {
          hint: 'Have an administrator lift it, then ask again.',
          next: [call('versions', { image: plan.image })],
          again: 'once fixed',
        },
      );
    }
    return [
      keeps
        ? `The gallery keeps it for ${keptMs / 86_400_000} days: until then it can be restored, and anyone who names its number can deploy it.`
        : 'The gallery keeps nothing that is deleted: there is no way back.',
      ...(plan.lifts === undefined
        ? []
        : [`Its deletion is blocked until ${dayOf(new Date(plan.lifts))}: that is lifted.`]),
    ];
  },
  next: async (work, version) => {
    if (!version) return undefined;
    const { plan, context, number } = work;
    const { endOfLife, blockDeletionBeforeEndOfLife: blocks, provisioningState } = version;
    if (provisioningState === 'Deleting') return onGallery(`the gallery is deleting ${number}`);
    const change = {
      ...hidden(plan, 'retired'),
      ...(plan.lifts !== undefined && { blockDeletionBeforeEndOfLife: false }),
    };
    const first = await changing(work, version, change);
    if (first) return first;
    if (blocks && endOfLife && endOfLife > context.now) {
      return { kind: 'failed', why: `since it was agreed to, somebody blocked its deletion until ${dayOf(endOfLife)}` };
    }
    const stop = await broken(work);
    return stop ?? act(`deleting ${number}`, () => context.write.deleteVersion(plan.gallery, number));
  },
});

/** Lets versions that were revoked be latest again, and brings back those that were deleted and are kept. */
export const restore = versionKind({
  before: (plan, version) => {
    if (!version && plan.deleted) return 'deleted, and kept by the gallery';
    const { tags, version: number } = there(plan, version);
    if (wasTaken(tags)) return `${tags[versionTags.state]}: “${tags[versionTags.reason] ?? 'no reason given'}”`;
    throw notSo(plan, `${number} is not revoked: there is nothing to restore.`);
  },
  notes: async ({ read }, plan, number) => {
    if (!plan.deleted) return [];
    const [all, kept] = await Promise.all([read.versions(plan.gallery), read.softDeleted(plan.gallery)]);
    if ([...all, ...kept].some(({ version }) => version === number)) return ['It comes back as it was, with its tags.'];
    throw notSo(plan, `The gallery does not keep ${number} any more.`);
  },
  next: async (work, version) => {
    const { plan, context, number } = work;
    if (version) return changing(work, version, shown(version));
    if (!plan.deleted) return gone(work);
    const kept = (await context.read.softDeleted(plan.gallery)).some((one) => one.version === number);
    if (!kept) return { kind: 'failed', why: `the gallery does not keep ${number} any more` };
    return act(`bringing ${number} back`, () => context.write.undeleteVersion(plan.gallery, number));
  },
});

/** Taken out of latest by goldbot, as its tags tell. */
export function wasTaken(tags: GalleryVersion['tags']): boolean {
  return ['revoked', 'retired'].includes(tags[versionTags.state] ?? '');
}

const offeredOr = ({ tags, excludedFromLatest }: GalleryVersion): string =>
  wasTaken(tags) ? (tags[versionTags.state] ?? '') : excludedFromLatest ? 'hidden' : 'offered';

/** The most that a tag of Azure holds. */
const mostInTag = 256;

/** Out of latest everywhere, with the reason for whoever comes by. */
export const hidden = ({ reason }: VersionPlan, state: 'revoked' | 'retired' | 'rolled-back'): VersionChange => ({
  excludedFromLatest: true,
  tags: { [versionTags.state]: state, [versionTags.reason]: (reason ?? 'no reason given').slice(0, mostInTag) },
});

const shown = ({ tags }: GalleryVersion): VersionChange => ({
  excludedFromLatest: false,
  tags: {
    [versionTags.state]: tags[versionTags.replacedBy] === undefined ? null : 'aged',
    [versionTags.reason]: null,
  },
});

const notSo = ({ image }: VersionPlan, message: string): UserError =>
  new UserError('UNKNOWN_VERSION', message, { hint: 'See where things stand.', next: [call('versions', { image })] });

/** @throws UserError when the gallery does not have it. */
export function there(plan: VersionPlan, version: GalleryVersion | undefined): GalleryVersion {
  if (version) return version;
  throw notSo(plan, `The gallery has no version ${plan.versions.join(', ')} of ${plan.image}.`);
}

/** @throws UserError when it is not there, or was never published: its run is cancelled instead. */
export function published(plan: VersionPlan, found: GalleryVersion | undefined): GalleryVersion {
  const version = there(plan, found);
  if (!isCandidate(version)) return version;
  throw notSo(plan, `${version.version} ${whyCandidate(version)}.`);
}

async function survey(context: ChangeContext, plan: VersionPlan, deps: VersionDeps, deed: Deed): Promise<Survey> {
  const parts = partsOf(plan);
  const before = await Promise.all(parts.map((part) => beforeOf(context, part, deed)));
  const notes = await Promise.all(
    parts.flatMap((part) => part.versions.map(async (number) => deed.notes?.(context, part, number, deps) ?? [])),
  );
  const asked = await radiusOf(context, plan, deps);
  const { radius } = asked;
  const since = overtaken(plan, asked);
  if (since !== undefined) throw notSo(plan, `${plan.target}: ${since}. Nothing was changed.`);
  const [first] = radius.breaks;
  if (first && !plan.breakGlass) {
    throw new UserError('VERSION_IN_USE', `${consumerWords(first.consumer)} ${first.why}; nothing was changed.`, {
      hint: 'Move what would break to another version first.',
      next: [call('who uses', { ref: `${plan.image}@${plan.versions[0]}` })],
    });
  }
  const [moved] = radius.moves;
  if (moved && acts[plan.verb].does === 'copies' && !plan.approval) {
    const said = `Since that plan, ${consumerWords(moved.consumer)} came to depend on it: it ${moved.why}.`;
    throw notSo(plan, `${said} Nobody was asked, and nothing was changed.`);
  }
  const told = acts[plan.verb].does !== 'nothing' ? [...radiusLines(radius), notLookedAt(radius.unseen)] : [];
  return {
    before: before.flat().join(', '),
    warnings: [...new Set(notes.flat()), ...told],
    plan: { ...plan, radius: seenOf(radius) },
    ...(restrains(plan.verb) && { affected: affectedBy(radius, deps.catalogue()) }),
  };
}

async function beforeOf({ read }: ChangeContext, part: VersionPlan, deed: Deed): Promise<readonly string[]> {
  const all = await read.versions(part.gallery);
  return part.versions.map((number) =>
    deed.before(
      part,
      all.find(({ version }) => version === number),
    ),
  );
}

/** Teams without a channel in the catalogue are told by nobody: machines without a team have no one to tell. */
function affectedBy(radius: BlastRadius, { teams }: Catalogue): ChangeData['affected'] {
  const told = [...radiusOfTeams(radius)].flatMap(([team, lines]) => {
    const channel = teams.get(team)?.channel;
    return channel === undefined ? [] : [[team, { channel, lines }] as const];
  });
  return Object.fromEntries(told);
}

/** Everybody who uses the image, looked up now, and the versions that there are. */
interface Looked {
  readonly radius: BlastRadius;
  readonly all: readonly VersionFacts[];
}

/** Of the version and of what was built from it: one answer. */
async function radiusOf(context: ChangeContext, plan: VersionPlan, deps: VersionDeps): Promise<Looked> {
  const parts = partsOf(plan);
  const looked = await Promise.all(parts.map((part) => lookAt(context, part, deps)));
  const radii = looked.map(({ radius }, n) => ({ ...radius, image: parts[n]?.image ?? plan.image }));
  return { radius: joinedRadius(radii, idsOf(plan)), all: looked.at(-1)?.all ?? [] };
}

/** In lower case, as users are named. */
const idsOf = (plan: VersionPlan): ReadonlySet<string> =>
  new Set(
    partsOf(plan).flatMap(({ gallery, versions }) =>
      versions.map((number) => galleryVersionId(gallery, number).toLowerCase()),
    ),
  );

async function lookAt({ read, now }: ChangeContext, plan: VersionPlan, deps: VersionDeps): Promise<Looked> {
  const catalogue = deps.catalogue();
  const image = inCatalogue(catalogue, plan);
  const [listed, users] = await Promise.all([read.versions(plan.gallery), readUsers(read, catalogue, image)]);
  const there = await withCopies(read, plan.gallery, listed);
  const missing = plan.deleted
    ? plan.versions.filter((number) => there.every(({ version }) => version !== number))
    : [];
  const all = [...there, ...missing.map((number) => factsOfDeleted(number, image.regions))];
  const gallery = secondNameOf(catalogue.azure, plan.gallery);
  return { radius: blastRadius({ ...plan, act: plan.verb, all, users, gallery, now }), all };
}

/**
 * Why what is asked for only because a life is over, or because nobody uses a version, is not to be done any more: a clause.
 * Whoever asks for the same in their own name may.
 */
export function overtaken({ versions, unused, byItself }: VersionPlan, { radius, all }: Looked): string | undefined {
  const { machines, latest, now } = radius;
  if (unused && machines > 0) return `${machines} ${machines === 1 ? 'machine runs' : 'machines run'} it by now`;
  const where = latest.flatMap(({ region, before = '' }) => (versions.includes(before) ? [region] : []));
  if (unused && where.length > 0) return `it is latest in ${where.join(', ')} by now`;
  if (byItself?.why !== 'end of life') return undefined;
  const end = all.find(({ version }) => versions.includes(version))?.endOfLife;
  if (end === undefined) return 'it has no end of life any more';
  if (end > now) return `its life goes on until ${dayOf(end)}`;
  const [against] = againstEnding(radius);
  return against === undefined ? undefined : `it stays in latest. ${against.replace(/[.]$/, '')}`;
}

function inCatalogue(catalogue: Catalogue, { image }: VersionPlan): Catalogue['images'][number] {
  const found = findImage(catalogue, image);
  if (found) return found;
  throw new UserError('UNKNOWN_IMAGE', `${image} is no longer in the catalogue; nothing was changed.`, {
    hint: 'See which images there are.',
    next: [call('images')],
  });
}

/**
 * One version after the other, one write a step, while no other run changes versions of the same images. A run that Azure
 * lacks a role for lets others go first until it has it.
 */
async function inTurn(context: ChangeContext, plan: VersionPlan, deps: VersionDeps, deed: Deed): Promise<Next> {
  if (deed.watch) {
    const [first = ''] = plan.versions;
    const version = await context.read.version(plan.gallery, first);
    const under = version && deed.watch(context, plan, version);
    if (under) {
      await deps.leaveTurn(plan.image, context.run.id);
      return under;
    }
  }
  const images = [...new Set(partsOf(plan).map(({ image }) => image))].sort(byText);
  // Always in the same order: two runs that need the turns of both images never wait for each other.
  for (const image of images) {
    const holder = await deps.takeTurn(image, context.run.id);
    if (holder === context.run.id) continue;
    return { kind: 'wait', progress: `${holder} is changing versions of ${image}`, wait: waits.turn };
  }
  const leave = () => Promise.all(images.map((image) => deps.leaveTurn(image, context.run.id)));
  const todo = await untilAllowed(() => nextOf(context, plan, deps, deed), leave);
  if (!todo) return { kind: 'so', outcome: outcomeOf(plan, context) };
  return todo.kind === 'do' ? { ...todo, act: () => untilAllowed(todo.act, leave) } : todo;
}

/** What Azure lacks a role for may wait for hours until somebody gives it: nobody else has to wait as well. */
async function untilAllowed<Done>(step: () => Promise<Done>, leave: () => Promise<unknown>): Promise<Done> {
  try {
    return await step();
  } catch (error) {
    if (isUserError(error) && error.code === 'AZ_FORBIDDEN') await leave();
    throw error;
  }
}

async function nextOf(
  context: ChangeContext,
  whole: VersionPlan,
  deps: VersionDeps,
  deed: Deed,
): Promise<Next | undefined> {
  for (const plan of partsOf(whole)) {
    for (const number of plan.versions) {
      const version = await context.read.version(plan.gallery, number);
      // What was built from it may have gone meanwhile: nothing is left to be done about that.
      if (!version && plan !== whole) continue;
      const todo = await deed.next({ context, plan, whole, deps, number }, version);
      if (todo) return todo;
    }
  }
  return deed.last?.({ context, plan: whole, whole, deps, number: '' });
}

const onGallery = (progress: string): Next => ({ kind: 'wait', progress, wait: waits.gallery });

const gone = ({ plan, number }: Work): Next => ({
  kind: 'failed',
  why: `somebody deleted ${plan.image} ${number} meanwhile`,
});

export const isBusy = ({ provisioningState }: GalleryVersion): boolean =>
  provisioningState !== 'Succeeded' && provisioningState !== 'Failed';

/** Brings one version to be so; undefined: it is. */
export async function changing(
  work: Work,
  version: GalleryVersion | undefined,
  change: VersionChange,
): Promise<Next | undefined> {
  const { context, plan, number } = work;
  if (!version) return gone(work);
  if (isBusy(version)) return onGallery(`the gallery is working on ${number}`);
  if (unmet(version, change).length === 0) return undefined;
  const stop = restrains(plan.verb) ? await broken(work) : undefined;
  return stop ?? act(`${doing[plan.verb]} ${number}`, () => context.write.updateVersion(plan.gallery, number, change));
}

const doing: Readonly<Record<VersionVerb, string>> = {
  eol: 'setting the end of life of',
  age: 'marking as aged:',
  revoke: 'revoking',
  retire: 'taking out of latest:',
  restore: 'restoring',
  promote: 'promoting',
  rollback: 'taking out of latest:',
  channel: 'tagging',
  replicate: 'changing the copies of',
  copy: 'bringing in line:',
};

/** What would break now and did not when people decided. */
async function broken({ context, whole: plan, deps }: Work): Promise<Next | undefined> {
  const looked = await radiusOf(context, plan, deps);
  const since = overtaken(plan, looked);
  if (since !== undefined) return { kind: 'failed', why: `since it was agreed to, things have changed: ${since}` };
  const [first, ...more] = newBreaks(looked.radius, plan.radius);
  if (!first) return undefined;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const seen = `as of ${momentOf(context.now)} ${consumerWords(first.consumer)} ${first.why}${others}`;
  return { kind: 'failed', why: `since it was agreed to, something else came to depend on it: ${seen}` };
}

function outcomeOf(plan: VersionPlan, { now }: ChangeContext): string {
  const { verb, image, versions, until, replacedBy, keeps, regions, to, channel } = plan;
  const parts = partsOf(plan);
  const what = parts
    .map(({ image: name, versions: its, gallery: { gallery } }) => {
      const where = gallery === plan.gallery.gallery ? '' : ` in ${gallery}`;
      return `${name} ${its.join(', ')}${where}`;
    })
    .join(', ');
  const isOne = parts.length === 1 && versions.length === 1;
  switch (verb) {
    case 'eol':
      return until ? `${what} ends on ${dayOf(new Date(until))}.` : `${what} has no end of life.`;
    case 'age':
      return `${what} is aged: ${replacedBy} replaces it.`;
    case 'revoke':
      return isOne
        ? `${what} is out of latest in every region; it stays in the gallery, and anyone who names its number can still deploy it.`
        : `${what} are out of latest in every region; they stay in the gallery, and anyone who names their numbers can still deploy them.`;
    case 'retire':
      return keeps
        ? `${what} ${isOne ? 'is' : 'are'} deleted. Until ${dayOf(new Date(now.getTime() + keptMs))} ${isOne ? 'it' : 'they'} can be restored.`
        : `${what} ${isOne ? 'is' : 'are'} deleted for good.`;
    case 'restore':
      return `${what} is offered again, and latest wherever no higher number is.`;
    case 'channel':
      return `${image} ${versions[0]} is the ${channel} version now. Azure’s latest is what it was.`;
    case 'replicate':
      return copiesOutcome(plan);
    case 'copy':
      return secondOutcome(plan);
    case 'promote':
      return `${what} is offered in ${regions?.join(', ') ?? 'every region that it is in'}, and latest wherever no higher number is.`;
    case 'rollback':
      if (plan.forward !== undefined) return forwardOutcome(plan);
      return `${image} is back at ${to}: ${versions.join(', ')} ${versions.length === 1 ? 'is' : 'are'} out of latest in every region. Machines stay on what they run: nothing says that Azure moves a scale set down by itself.`;
  }
}

function forwardOutcome({ image, to, forward, versions }: VersionPlan): string {
  const out = `${versions.join(', ')} ${versions.length === 1 ? 'is' : 'are'} out of latest in every region`;
  return `${image} ${to} is back as ${forward}, the latest wherever ${to} has a copy; ${out}. Azure upgrades scale sets with automatic OS upgrades to ${forward} by itself; other machines stay on what they run. Inside, ${forward} still says ${to}.`;
}

function secondOutcome({ image, versions, gallery, second }: VersionPlan): string {
  const { regions = [], hidden, hiddenIn = [] } = second ?? {};
  const out = hidden
    ? ', out of latest as the version itself'
    : hiddenIn.length > 0
      ? `, out of latest in ${hiddenIn.join(', ')}`
      : '';
  return `${image} ${versions.join(', ')} is in ${gallery.gallery}${out}: ${regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ')}.`;
}

function copiesOutcome({ image, versions, copies }: VersionPlan): string {
  const { set = [], again = [], remove = [] } = copies ?? {};
  const there = [...set, ...again].map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`);
  const parts = [
    ...(there.length === 0 ? [] : [`has ${there.join(', ')}, all in place`]),
    ...(remove.length === 0 ? [] : [`has no copy in ${remove.join(', ')} any more`]),
  ];
  return `${image} ${versions.join(', ')} ${parts.join(', and ')}.`;
}
