/**
 * Asks about the images that builds start from, every two hours and on one replica at a time, so that
 * `images` and `forecast` find the answer however many images there are.
 */
import type { AzureRead } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import type { Catalogue, ImageSource } from '../../core/catalogue';
import { definitionsOf } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import {
  type BaseAnswer,
  type BaseRead,
  type BasesRead,
  baseKey,
  imageRef,
  lookUpBase,
  usedBase,
} from '../../core/images';
import { type Clock, hours, minutes, type Sleep, seconds } from '../../core/time';
import { claimBase, type Database, type LeasedBase, noteBases, type Work, writeBase } from '../../store';
import type { Reads } from '../../store/reads';

interface BaseDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  /** Whose versions are remembered: each look needs them. */
  readonly read: BaseRead & Pick<AzureRead, 'publishedVersions'>;
}

/** World time until the next look; bases change every few weeks. */
const againMs = hours(2);
const afterFailureMs = minutes(10);

export function baseLooks(deps: BaseDeps): Work {
  const { database, clock, catalogue } = deps;
  let noted = '';
  return {
    name: 'bases',
    atOnce: 2,
    pollMs: seconds(1),
    claim: async (terms) => {
      const keys = [...sourcesOf(catalogue()).keys()];
      if (noted !== keys.join('\n')) await noteBases(database, keys, clock.now());
      noted = keys.join('\n');
      const base = keys.length > 0 ? await claimBase(database, keys, clock.now(), terms) : undefined;
      return base && { lease: base.lease, work: () => look(deps, base) };
    },
  };
}

async function look(deps: BaseDeps, { key, lease }: LeasedBase): Promise<void> {
  const answer = await askAbout(deps.read, deps.catalogue(), key);
  const dueAt = new Date(deps.clock.now().getTime() + (answer.found ? againMs : afterFailureMs));
  await writeBase(deps.database, lease, answer, dueAt);
}

/** What Azure says of one base, or why it says nothing. */
export async function askAbout(read: BaseDeps['read'], catalogue: Catalogue, key: string): Promise<BaseAnswer> {
  const source = sourcesOf(catalogue).get(key);
  if (!source) return { failed: { code: 'AZ_NOT_FOUND', message: 'No image of the catalogue is built from it.' } };
  try {
    const used = await usedOf(read, catalogue, key);
    return { found: await lookUpBase(read, catalogue.azure, source, used) };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { failed: { code: error.code, message: error.message } };
  }
}

function sourcesOf({ azure, images }: Catalogue): ReadonlyMap<string, ImageSource> {
  return new Map(images.map(({ source }) => [baseKey(azure.location, source), source]));
}

/** The versions of this base that the latest golden versions were made from. */
async function usedOf(read: BaseDeps['read'], catalogue: Catalogue, key: string): Promise<readonly string[]> {
  const { azure, images } = catalogue;
  const { rows } = await read.publishedVersions(definitionsOf(catalogue));
  const own = images.filter(({ source }) => baseKey(azure.location, source) === key);
  const used = own.flatMap((image) => {
    const id = definitionId(imageRef(azure, image)).toLowerCase();
    return usedBase(rows.filter(({ source }) => source === id)) ?? [];
  });
  return [...new Set(used)];
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
