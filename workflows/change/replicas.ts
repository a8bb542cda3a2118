import type { GalleryVersion, RegionStatus, VersionChange } from '../../core/azure';
import { galleryVersionId, nameOfId, regionKey, resourceGroupId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import { unmet } from '../../core/images';
import { type CopiesPlan, copiesWord, copying } from '../../core/lifecycle';
import type { VersionPlan } from '../../core/runs';
import { type ChangeContext, type Next, waits } from './stages';
import { changing, isBusy, published, versionKind, type Work } from './versions';

/**
 * Where a version has copies, and how many. What is new is made first, and only once Azure says that it is there are other
 * copies removed; what failed is given up and made again, which is how Azure itself says to mend it.
 */
export const replicate = versionKind({
  before: (plan, version) => {
    const { regions } = published(plan, version);
    return regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ');
  },
  notes: async (context, plan, number) => {
    const lock = await readOnlyLock(context, plan, number);
    if (lock !== undefined) throw lock;
    const { remove, set } = copiesOf(plan);
    const hidden = set.flatMap(({ name, hidden: out }) => (out ? [name] : []));
    return [
      ...(remove.length === 0 ? [] : [`Its copies in ${remove.join(', ')} go once everything else is done.`]),
      ...(hidden.length === 0 ? [] : [`It stays out of latest in ${hidden.join(', ')} until it is promoted there.`]),
    ];
  },
  watch: (context, plan, version) => {
    const { again, set } = copiesOf(plan);
    const wanted = [...set, ...again].map(({ name }) => regionKey(name));
    const ours = version.regions.filter(({ name }) => wanted.includes(regionKey(name)));
    const isUnder = ours.some(({ state }) => state !== 'Completed' && state !== 'Failed');
    if (!isUnder && !isBusy(version)) return undefined;
    return { kind: 'wait', progress: progressOf(ours, context.run.plan.target), wait: waits.copies };
  },
  next: async (work, version) => {
    if (!version) return changing(work, version, {});
    const { set, again, remove } = copiesOf(work.plan);
    const gone = again.filter(({ name }) => !hasCopy(version, name));
    const failed = again.filter(({ name }) => copyIn(version, name)?.state === 'Failed');
    const tried = work.context.run.data.asked ?? {};
    const untried = failed.filter(({ name }) => tried[regionKey(name)] === undefined);
    if (untried.length > 0)
      return removing(
        work,
        version,
        untried.map(({ name }) => name),
      );
    const made = { regions: [...set, ...gone] };
    if (unmet(version, made).length > 0) return making(work, version, made);
    const [lost] = [...set, ...again].flatMap(({ name }) => copyIn(version, name) ?? []).filter(isFailed);
    if (lost) return { kind: 'failed', why: lostWords(work.plan, lost) };
    const left = remove.filter((name) => hasCopy(version, name));
    if (left.length > 0) return removing(work, version, left);
    // Azure’s own word is that copies may not be removed; ours was for this alone.
    return remove.length + again.length === 0 ? undefined : changing(work, version, { allowRegionRemoval: false });
  },
});

function copiesOf({ copies, target }: VersionPlan): CopiesPlan {
  if (copies) return copies;
  throw new Error(`${target} says nothing of copies`);
}

const copyIn = ({ regions }: GalleryVersion, region: string): RegionStatus | undefined =>
  regions.find(({ name }) => regionKey(name) === regionKey(region));
const hasCopy = (version: GalleryVersion, region: string): boolean => copyIn(version, region) !== undefined;
const isFailed = ({ state }: RegionStatus): boolean => state === 'Failed';

/** Makes what is new, and remembers what was tried again: it is given up once. */
async function making(work: Work, version: GalleryVersion, change: VersionChange): Promise<Next | undefined> {
  const { asked = {} } = work.context.run.data;
  const at = work.context.now.toISOString();
  const tried = Object.fromEntries(copiesOf(work.plan).again.map(({ name }) => [regionKey(name), at]));
  const next = await changing(work, version, change);
  return next?.kind === 'do'
    ? { ...next, act: async () => ({ ...(await next.act()), asked: { ...tried, ...asked } }) }
    : next;
}

/** Whether one request may both allow it and do it is documented nowhere: where Azure refuses, it is allowed first. */
async function removing(work: Work, version: GalleryVersion, names: readonly string[]): Promise<Next | undefined> {
  const next = await changing(work, version, { removeRegions: names });
  if (next?.kind !== 'do' || version.allowsRegionRemoval) return next;
  return {
    ...next,
    act: async () => {
      try {
        return await next.act();
      } catch (error) {
        if (!isUserError(error) || error.code !== 'AZ_BAD_REQUEST') throw error;
        const { plan, number, context } = work;
        await context.write.updateVersion(plan.gallery, number, { allowRegionRemoval: true });
        return {};
      }
    },
  };
}

/** Azure’s own words of why a copy was not made. */
export const reasonOf = (details: string | undefined): string => (details ?? 'it gives no reason').replace(/\.+$/, '');

function lostWords(plan: VersionPlan, { name, details }: RegionStatus): string {
  const kept = copiesOf(plan).remove.length === 0 ? '' : '; no copy was removed';
  return `Azure could not copy it to ${name}: ${reasonOf(details)}${kept}`;
}

/** `2 of 3 regions; East US at 45 %`. */
export function progressOf(ours: readonly RegionStatus[], target: string): string {
  const done = ours.filter(({ state }) => state === 'Completed').length;
  const under = copying(ours);
  const what = ours.length === 0 ? `the gallery is working on ${target}` : `${done} of ${ours.length} regions`;
  return under === '' ? what : `${what}; ${under}`;
}

/** A lock that lets nothing be changed; one that forbids deleting alone lets copies be made and removed. */
export async function readOnlyLock(
  { read }: ChangeContext,
  plan: VersionPlan,
  number: string,
): Promise<UserError | undefined> {
  const id = galleryVersionId(plan.gallery, number);
  const found = await Promise.all([read.locksOver(id), read.locksOver(resourceGroupId(plan.gallery))]);
  const lock = found
    .flat()
    .find(({ level, scope }) => level === 'ReadOnly' && `${id}/`.toLowerCase().startsWith(`${scope}/`.toLowerCase()));
  if (!lock) return undefined;
  const message = `A management lock on ${nameOfId(lock.scope)} lets nothing of ${number} be changed (ReadOnly).`;
  return new UserError('AZ_CONFLICT', message, {
    hint: 'Have an administrator lift it, then ask again.',
    next: [call('show', { ref: `${plan.image}@${number}` })],
    again: 'once fixed',
  });
}
