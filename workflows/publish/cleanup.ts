import type { AuditDetail } from '../../core/audit';
import type { Leftover } from '../../core/azure';
import { findImage } from '../../core/catalogue';
import { againOf, isUserError } from '../../core/errors';
import { fingerprintDigest, placesOf } from '../../core/images';
import type { PublishData } from '../../core/runs';
import { days, minutes, seconds } from '../../core/time';
import type { NewLeftover } from '../../store';
import { again } from '../engine';
import { handed, type Places, type Removal, removals, remove, soon, unread } from './leftovers';
import {
  type PublishContext,
  type PublishDeps,
  type PublishLimit,
  type PublishStageDefinition,
  type PublishStep,
  since,
} from './stage';

type Run = PublishContext['run'];

/** A dead replica's request may still arrive until its lease is over; the second look comes after that. */
export const secondLookMs = 30_000;

/**
 * Deletes what the run made and nobody needs: template (with its staging group), test machine, candidates that were not
 * published. One write per step, checked twice. Nothing here can be stopped or skipped; what Azure will not delete in
 * time is handed to the reaper, so that the image is free for its next run.
 */
export const cleanup = (deps: PublishDeps, settings: { secondLookMs: number }): PublishStageDefinition => ({
  name: 'cleanup',
  limit: cleanupLimit(deps),
  takes: [],
  run: async (context) => {
    const { run, now } = context;
    const places = placesFor(run, deps);
    if (!places) return end(run);
    const found = await context.read.leftovers(places.place, places.target);
    const { mine, orphans } = await sorted(run, found, places, deps);
    const late = mine.filter(({ name, kind }) => since(run.data.cleaning?.[name]?.since, now) > removals[kind].ms);
    if (late.length + orphans.length > 0) return handOver(context, places, [...late, ...orphans]);
    if (mine.length > 0) return removeNext(context, places, mine);
    if (run.data.cleanedOnce) return end(run);
    return again(0, { cleanedOnce: now.toISOString(), progress: undefined }, settings.secondLookMs);
  },
});

function end({ data, plan }: Run, leftovers: readonly NewLeftover[] = []): PublishStep {
  const left = leftovers.map(({ name }) => name);
  const cleaned = data.cleaned && { cleaned: data.cleaned.filter((name) => !left.includes(name)) };
  const outcome = data.ending?.outcome ?? 'failed';
  const audit = endOf(data, plan);
  return { kind: 'end', outcome, data: { progress: undefined, cleaning: undefined, ...cleaned }, leftovers, audit };
}

/** An auditor asks what was published, and who ended what was not. */
function endOf({ ending, tested }: PublishData, { fixed }: Run['plan']): Omit<AuditDetail<'end'>, 'outcome'> {
  if (!ending) return {};
  const told = { said: ending.why, by: ending.by };
  if (ending.outcome !== 'published') return told;
  return { ...told, version: fixed?.version, fingerprint: tested && fingerprintDigest(tested) };
}

/** A run without a plan made nothing. If its image has left the catalogue as well, there is nowhere to look. */
function placesFor(run: Run, deps: PublishDeps): Places | undefined {
  if (run.plan.fixed) return run.plan.fixed;
  const catalogue = deps.catalogue();
  const image = findImage(catalogue, run.subject);
  return image ? placesOf(catalogue.azure, image) : undefined;
}

/** The build that makes versions goes first, and a machine before the version it runs from. */
const order: Readonly<Record<Leftover['kind'], number>> = { template: 0, machine: 1, version: 2 };

/**
 * What this run has to delete, and what ended runs left despite their clean-up: requests that Azure had accepted and
 * finished late. Versions of a run that published one stay: only its own clean-up knew which one that was.
 */
async function sorted(run: Run, found: readonly Leftover[], { target }: Places, deps: PublishDeps) {
  const published = run.data.ending?.outcome === 'published' ? run.plan.fixed?.version : undefined;
  const open = found.filter(({ name }) => !run.data.handed?.includes(name));
  const mine = open.filter((l) => l.runId === run.id && l.name !== `${target.definition}@${published}`);
  const isOrphan = async (l: Leftover) => {
    const outcome = l.runId === run.id ? undefined : await deps.outcomeOf(l.runId);
    return outcome !== undefined && (l.kind !== 'version' || outcome !== 'published');
  };
  const orphans = await Promise.all(open.map(async (l) => ((await isOrphan(l)) ? [l] : [])));
  return { mine: mine.sort((a, b) => order[a.kind] - order[b.kind]), orphans: orphans.flat() };
}

function handOver(context: PublishContext, places: Places, left: readonly Leftover[]): PublishStep {
  const { run, now } = context;
  const { handed: before = [], cleaned = [], cleaning = {} } = run.data;
  const names = left.map(({ name }) => name);
  const leftovers = left.map((l) => {
    const known = cleaning[l.name];
    if (known) return handed(l, places, { since: new Date(known.since), answer: known.said, dueAt: soon(now) });
    return handed(l, places, { since: now, answer: 'it was found after its run had cleaned up', dueAt: now });
  });
  return {
    ...again(0, { handed: [...before, ...names], cleaned: cleaned.filter((name) => !names.includes(name)) }),
    leftovers,
  };
}

/** The first thing that can be taken further; the others wait for Azure. */
async function removeNext(context: PublishContext, places: Places, mine: readonly Leftover[]): Promise<PublishStep> {
  let cleaning = context.run.data.cleaning ?? {};
  for (const left of mine) {
    // What is still being built, or still running from it, would only bring a version back or keep it.
    if (left.kind === 'version' && mine.some(({ kind }) => kind !== 'version')) break;
    const { asked, said } = await removal(context, places, left);
    const begun = cleaning[left.name]?.since ?? context.now.toISOString();
    cleaning = { ...cleaning, [left.name]: { id: left.id, kind: left.kind, since: begun, said } };
    if (asked) return looksAgain(context, mine, { cleaning, progress: `deleting ${left.name}` });
  }
  return looksAgain(context, mine, { cleaning, progress: `waiting for Azure to delete ${mine[0]?.name}` });
}

/** A refusal may pass, and the limit knows when it has not. Silence and throttling are the engine's to wait for. */
async function removal(context: PublishContext, places: Places, left: Leftover): Promise<Removal> {
  try {
    return await remove(context, places, left);
  } catch (error) {
    const refused = isUserError(error) && (error.code === 'AZ_CONFLICT' || againOf(error) !== 'later');
    if (!refused) throw error;
    return { asked: false, said: error.message };
  }
}

function looksAgain(
  { run, now }: PublishContext,
  mine: readonly Leftover[],
  { cleaning, progress }: Required<Pick<PublishData, 'cleaning' | 'progress'>>,
): PublishStep {
  const longest = Math.max(...mine.map(({ name }) => since(cleaning[name]?.since, now)));
  const cleaned = [...new Set([...(run.data.cleaned ?? []), ...Object.keys(cleaning)])];
  // What takes long already may take long still.
  return again(Math.min(Math.max(seconds(20), longest / 5), minutes(15)), {
    cleaning,
    cleaned,
    cleanedOnce: undefined,
    progress,
  });
}

/** Only when Azure does not even tell what there is, or never stops showing something new. */
const cleanupLimit = (deps: PublishDeps): PublishLimit => ({
  waitsFor: 'Azure to tell and delete what the run made',
  ms: days(1),
  afterwards: 'The run ends; what is left is handed to the reaper.',
  past: async ({ run, now }, late) => {
    const places = placesFor(run, deps);
    if (!places) return end(run);
    const { cleaning = {}, handed: done = [] } = run.data;
    const known = Object.entries(cleaning).flatMap(([name, one]) => {
      if (done.includes(name)) return [];
      const left = { id: one.id, kind: one.kind, name, runId: run.id };
      return [handed(left, places, { since: new Date(one.since), answer: one.said, dueAt: soon(now) })];
    });
    return end(run, late.error === undefined ? known : [...known, unread(run.id, places, late.since, late.error)]);
  },
});
