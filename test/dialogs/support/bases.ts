import { teamTags } from '../../../core/access';
import type { AzureRead } from '../../../core/azure';
import type { Catalogue } from '../../../core/catalogue';
import { definitionsOf } from '../../../core/compliance';
import { type BaseAnswers, type BasesInUse, type BasesRead, basesInUse, basesTogether } from '../../../core/images';
import { askAbout } from '../../../workflows/bases';

/** The bases of a goldbot that has just asked for them, in a world without a database. */
export function basesThrough(read: AzureRead, catalogue: () => Catalogue, now: () => Date): BasesRead {
  return {
    bases: async (keys) => {
      const published = await told(read.publishedVersions(definitionsOf(catalogue())));
      return answers(read, basesInUse(catalogue(), published, []), { keys, home: catalogue().azure, now });
    },
  };
}

/** Of everything that is in use, machines too. */
export async function allBases(read: AzureRead, catalogue: Catalogue, now: () => Date): Promise<BaseAnswers> {
  const [published, machines] = await Promise.all([
    told(read.publishedVersions(definitionsOf(catalogue))),
    told(read.machineCounts(teamTags(catalogue.teams))),
  ]);
  const uses = basesInUse(catalogue, published, machines);
  return answers(read, uses, { keys: [...uses.keys()], home: catalogue.azure, now });
}

async function answers(
  read: AzureRead,
  uses: BasesInUse,
  { keys, home, now }: { keys: readonly string[]; home: Catalogue['azure']; now: () => Date },
): Promise<BaseAnswers> {
  const about = { home, now: now() };
  const sources = [...uses.values()].map(({ source }) => source);
  const together = basesTogether(read, sources);
  return new Map(
    await Promise.all(keys.map(async (key) => [key, await askAbout(together, uses, key, about)] as const)),
  );
}

async function told<Row>(answer: Promise<{ readonly rows: readonly Row[] }>): Promise<readonly Row[]> {
  return answer.then(
    ({ rows }) => rows,
    () => [],
  );
}
