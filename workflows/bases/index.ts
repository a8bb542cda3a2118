/**
 * Asks the marketplace and galleries about the images that builds start from, that golden versions were built from and that machines of
 * teams run, every two hours and on one replica at a time, so that `images`, `forecast` and digests find the answer however
 * many images there are.
 */
import { teamTags } from '../../core/access';
import type { AzureRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { definitionsOf } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import {
  type BaseAnswer,
  type BaseRead,
  type BasesInUse,
  type BasesRead,
  basesInUse,
  basesTogether,
  lookUpBase,
  type TogetherRead,
} from '../../core/images';
import { type Clock, hours, minutes, type Sleep, seconds } from '../../core/time';
import { claimBase, type Database, knownBases, type LeasedBase, noteBases, type Work, writeBase } from '../../store';
import type { Reads } from '../../store/reads';

interface BaseDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  readonly read: TogetherRead & Pick<AzureRead, 'machineCounts'>;
  /** World time until the next look; two hours when absent, since bases change every few weeks. */
  readonly basesAgainMs?: number;
}

const usualAgainMs = hours(2);
const afterFailureMs = minutes(10);

export function baseLooks(deps: BaseDeps): Work {
  const { database, clock } = deps;
  const uses = usesOver(deps);
  const sources = sourcesOf(deps);
  let noted = '';
  return {
    name: 'bases',
    atOnce: 2,
    pollMs: seconds(1),
    unhurried: true,
    claim: async (terms) => {
      const keys = [...uses.known().keys()];
      if (noted !== keys.join('\n')) await noteBases(database, keys, clock.now());
      noted = keys.join('\n');
      const base = keys.length > 0 ? await claimBase(database, keys, clock.now(), terms) : undefined;
      return base && { lease: base.lease, work: () => look(deps, { uses, sources }, base) };
    },
  };
}

interface Known {
  readonly uses: Uses;
  readonly sources: (used: BasesInUse) => BaseRead;
}

async function look(deps: BaseDeps, { uses, sources }: Known, { key, lease }: LeasedBase): Promise<void> {
  const { database, clock, catalogue, basesAgainMs = usualAgainMs } = deps;
  const [{ used, isWhole }, before] = await Promise.all([uses.renewed(), knownBases(database)]);
  const now = clock.now();
  const { azure: home } = catalogue();
  const answer = await askAbout(sources(used), used, key, { home, now, before: before.get(key)?.found });
  const dueAt = new Date(now.getTime() + (answer.found && isWhole ? basesAgainMs : afterFailureMs));
  await writeBase(database, lease, answer, dueAt);
}

/** World time for which one answer about all galleries and managed images serves: bases come due together. */
const togetherMs = minutes(5);

/** However many bases are due, those of galleries and the managed images among them are read at once. */
function sourcesOf({ read, clock, basesAgainMs = usualAgainMs }: BaseDeps): Known['sources'] {
  let last: { readonly of: BasesInUse; readonly untilMs: number; readonly read: BaseRead } | undefined;
  return (used) => {
    const nowMs = clock.now().getTime();
    if (!last || last.of !== used || nowMs >= last.untilMs) {
      const together = basesTogether(
        read,
        [...used.values()].map(({ source }) => source),
      );
      last = { of: used, untilMs: nowMs + Math.min(togetherMs, basesAgainMs), read: together };
    }
    return last.read;
  };
}

/** What Azure says of one base, or why it says nothing. */
export async function askAbout(
  read: BaseRead,
  uses: BasesInUse,
  key: string,
  about: Parameters<typeof lookUpBase>[2],
): Promise<BaseAnswer> {
  const base = uses.get(key);
  if (!base) return { failed: { code: 'AZ_NOT_FOUND', message: 'Nothing is built from it or runs it any more.' } };
  try {
    return { found: await lookUpBase(read, base, about) };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { failed: { code: error.code, message: error.message } };
  }
}

interface Uses {
  /** As far as this replica knows; never less than what the catalogue names. Asks nobody. */
  known(): BasesInUse;
  /** The same, asked anew once it is as old as an answer about a base. What Azure does not tell stays as it was, and is not whole. */
  renewed(): Promise<{ readonly used: BasesInUse; readonly isWhole: boolean }>;
}

/** Machines and versions are counted when a base is looked at, not when the queue is: nothing waits there. */
function usesOver({ read, clock, catalogue, basesAgainMs = usualAgainMs }: BaseDeps): Uses {
  let found: Found = { published: [], machines: [] };
  let dueMs = Number.NEGATIVE_INFINITY;
  let isWhole = false;
  let pending: Promise<void> | undefined;
  let last: { readonly of: Catalogue; readonly found: Found; readonly uses: BasesInUse } | undefined;
  const known = () => {
    const of = catalogue();
    if (last?.of !== of || last.found !== found) {
      last = { of, found, uses: basesInUse(of, found.published, found.machines) };
    }
    return last.uses;
  };
  const renew = async () => {
    const told = await askUses(read, catalogue(), found);
    [found, isWhole] = [told.uses, told.isWhole];
    dueMs = clock.now().getTime() + (isWhole ? basesAgainMs : afterFailureMs);
  };
  return {
    known,
    renewed: async () => {
      if (clock.now().getTime() >= dueMs) {
        pending ??= renew().finally(() => {
          pending = undefined;
        });
      }
      await pending;
      return { used: known(), isWhole };
    },
  };
}

interface Found {
  readonly published: Parameters<typeof basesInUse>[1];
  readonly machines: Parameters<typeof basesInUse>[2];
}

async function askUses(read: BaseDeps['read'], catalogue: Catalogue, before: Found) {
  const [published, counts] = await Promise.all([
    ifTold(read.publishedVersions(definitionsOf(catalogue))),
    ifTold(read.machineCounts(teamTags(catalogue.teams))),
  ]);
  const uses = { published: published?.rows ?? before.published, machines: counts?.rows ?? before.machines };
  return { uses, isWhole: published !== undefined && counts !== undefined };
}

/** Whoever asks about machines is told that their images have not been asked about; here it is only asked again. */
async function ifTold<Told>(answer: Promise<Told>): Promise<Told | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return undefined;
  }
}

/** Machine time between two looks, and how many there are: about as long as a message is completed. */
const lookMs = 500;
const mostLooks = 90;

/** For somebody who waits: looks into the store until all are there. */
export function basesOnceKnown(reads: Pick<Reads, 'bases'>, sleep: Sleep): BasesRead {
  return {
    bases: async (keys) => {
      for (let looks = mostLooks; ; looks -= 1) {
        const known = await reads.bases();
        if (looks <= 0 || keys.every((key) => known.has(key))) return known;
        await sleep(lookMs);
      }
    },
  };
}
