import type { Leftover } from '../../core/azure';
import { findImage } from '../../core/catalogue';
import { isUserError } from '../../core/errors';
import { placesOf } from '../../core/images';
import type { FixedPlan } from '../../core/runs';
import { seconds } from '../../core/time';
import { again } from '../engine';
import {
  keepsRefusing,
  type PublishContext,
  type PublishDeps,
  type PublishStageDefinition,
  type PublishStep,
} from './stage';

/** A dead replica's request may still arrive until its lease is over; the second look comes after that. */
export const secondLookMs = 30_000;

/**
 * Deletes what the run made and nobody needs: template (with its staging group), test machine, candidates that were not
 * published. One write per step, checked twice. Nothing here can be stopped or skipped.
 */
export const cleanup = (deps: PublishDeps, settings: { secondLookMs: number }): PublishStageDefinition => ({
  name: 'cleanup',
  takes: [],
  run: async (context) => {
    const { run, now } = context;
    const places = placesFor(context, deps);
    const left = places ? await leftovers(context, places, deps) : [];
    const next = left[0];
    if (next && places) return removeOrSkip(context, places, next);
    if (places && !run.data.cleanedOnce) {
      return again(0, { cleanedOnce: now.toISOString(), progress: undefined }, settings.secondLookMs);
    }
    return { kind: 'end', outcome: run.data.ending?.outcome ?? 'failed', data: { progress: undefined } };
  },
});

type Places = Pick<FixedPlan, 'place' | 'target'>;

/** A run without a plan made nothing. If its image has left the catalogue as well, there is nowhere to look. */
function placesFor({ run }: PublishContext, deps: PublishDeps): Places | undefined {
  if (run.plan.fixed) return run.plan.fixed;
  const catalogue = deps.catalogue();
  const image = findImage(catalogue, run.subject);
  return image ? placesOf(catalogue.azure, image) : undefined;
}

async function leftovers(
  { run, read }: PublishContext,
  places: Places,
  deps: PublishDeps,
): Promise<readonly Leftover[]> {
  const published = run.data.ending?.outcome === 'published' ? run.plan.fixed?.version : undefined;
  const skipped = new Set(run.data.skipped);
  const found = await read.leftovers(places.place, places.target);
  const all = found.filter((l) => !skipped.has(l.name));
  const mine = all.filter((l) => l.runId === run.id && l.name !== `${places.target.definition}@${published}`);
  const orphans = await Promise.all(all.map(async (l) => (l.runId !== run.id && (await isOrphan(l, deps)) ? [l] : [])));
  // The build that makes versions goes first, and a machine before the version it runs from.
  const order = { template: 0, machine: 1, version: 2 };
  const sorted = (list: readonly Leftover[]) => [...list].sort((a, b) => order[a.kind] - order[b.kind]);
  return [...sorted(mine), ...sorted(orphans.flat())];
}

/**
 * What an ended run of the image left behind despite its clean-up: a request that Azure had accepted and finished late.
 * Versions of a run that published one stay: only its own clean-up knew which one that was.
 */
async function isOrphan(left: Leftover, deps: PublishDeps): Promise<boolean> {
  const outcome = await deps.outcomeOf(left.runId);
  return outcome !== undefined && (left.kind !== 'version' || outcome !== 'published');
}

/**
 * What other runs left is deleted where possible: a lock on it must not keep this run, and every later one, open. When
 * Azure is throttling or silent, it is tried again a few times first.
 */
async function removeOrSkip(context: PublishContext, places: Places, left: Leftover): Promise<PublishStep> {
  if (left.runId === context.run.id) return remove(context, places, left);
  const before = context.run.data.skipped ?? [];
  try {
    const step = await remove(context, places, left);
    return step.kind === 'again' ? { ...step, data: { ...step.data, skipped: [...before, left.name] } } : step;
  } catch (error) {
    const locked = isUserError(error) && error.code === 'AZ_CONFLICT';
    if (!locked && !keepsRefusing(error, context.run.tries)) throw error;
    return again(0, { skipped: [...before, left.name] });
  }
}

async function remove(context: PublishContext, { place, target }: Places, left: Leftover): Promise<PublishStep> {
  const { run, write } = context;
  const done = { cleaned: [...new Set([...(run.data.cleaned ?? []), left.name])], cleanedOnce: undefined };
  const progress = `deleting ${left.name}`;
  if (left.kind === 'machine') await write.deleteTestMachine(place, left.name);
  else if (left.kind === 'version') await write.deleteVersion(target, left.name.slice(left.name.indexOf('@') + 1));
  else return removeTemplate(context, place, left, { ...done, progress });
  return again(seconds(20), { ...done, progress });
}

/** Image Builder refuses to delete a template that is building, so the build is cancelled first. */
async function removeTemplate(
  { read, write }: PublishContext,
  place: Places['place'],
  left: Leftover,
  data: object,
): Promise<PublishStep> {
  const build = await read.build(place, left.name);
  if (build.state === 'running') await write.cancelBuild(place, left.name);
  else if (
    build.state !== 'cancelling' &&
    build.state !== 'deleting' &&
    build.state !== 'provisioning' &&
    build.state !== 'absent'
  ) {
    await write.deleteTemplate(place, left.name);
  }
  return again(seconds(20), data);
}
