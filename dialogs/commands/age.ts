import { z } from 'zod';
import { isCandidate, latestPublished } from '../../core/images';
import { refuse, startVersionChange, type VersionNamed, versionNamed } from '../changes';
import { defineCommand, imageRef, versionWord } from '../conversation';
import { pickVersion } from '../present';

/** `age <ref> [--replace-by]`: says that a version has a successor. */
export const age = defineCommand({
  verb: 'age',
  summary: 'Marks a version as aged and names the version that replaces it.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({ ref: imageRef, replaceBy: versionWord.optional() }),
  examples: ['age ubuntu-22@1.4.1', 'age ubuntu-22@1.4.1 --replace-by 1.5.0'],

  async run(ctx, { ref, replaceBy = 'latest' }, deps) {
    const named = await versionNamed({ verb: 'age', ref }, deps);
    const replacedBy = pickVersion(named.all, replaceBy)?.version;
    refuse(named.image, problemOf(named, replacedBy, replaceBy));
    return startVersionChange(ctx, 'age', { named, plan: { ...(replacedBy !== undefined && { replacedBy }) } }, deps);
  },
});

function problemOf({ all, number, version }: VersionNamed, by: string | undefined, word: string): string | undefined {
  if (version && isCandidate(version)) return `${number} was never published: nobody runs it.`;
  if (by === undefined) return `The gallery has no ${word} version that could replace ${number}.`;
  if (by === number) return `${number} cannot replace itself: name the version that does with --replace-by.`;
  const successor = all.find((one) => one.version === by);
  const isLatest = latestPublished(all)?.version === by;
  return successor?.excludedFromLatest && !isLatest
    ? `${by} is not offered itself: it cannot replace ${number}.`
    : undefined;
}
