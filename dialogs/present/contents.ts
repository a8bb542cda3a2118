import type { FoundView } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { type Contents, type ContentsGap, contentsGapWords, findingsIn } from '../../core/contents';
import { UserError } from '../../core/errors';
import type { Reads } from '../../store/reads';

/** Teams refuses messages of some 100 KB, and counts two bytes a letter. */
const mostLetters = 30_000;

/** As many lines as a message in words can hold; the last one says how many are missing. */
export function asMessage(lines: readonly string[]): string {
  let letters = 0;
  const fitting = lines.findIndex((line) => {
    letters += line.length + 1;
    return letters > mostLetters;
  });
  if (fitting < 0) return lines.join('\n');
  return [...lines.slice(0, fitting), `and ${lines.length - fitting} more lines`].join('\n');
}

/** Why nothing is kept of a version: what stood in the way when it was tested, if goldbot still has its run. */
export async function whyNothingInside(
  reads: Pick<Reads, 'recordedVersions' | 'run'>,
  image: string,
  version: string,
): Promise<ContentsGap> {
  const recorded = (await reads.recordedVersions(image)).get(version);
  const run = recorded && (await reads.run(recorded.runId));
  const gap = run?.kind === 'publish' && run.plan.fixed?.version === version ? run.data.contents?.gap : undefined;
  return gap ?? { reason: 'never read' };
}

/** Somebody asked for what is not kept. */
export function nothingInside(image: string, version: string, gap: ContentsGap): UserError {
  return new UserError('CONTENTS_UNKNOWN', `What is inside ${image} ${version} is ${contentsGapWords(gap)}.`, {
    hint: 'goldbot reads it from the test machine of each version that it publishes.',
    next: [call('show', { ref: `${image}@${version}` }), call('versions', { image })],
  });
}

/** What of the catalogue's list of vulnerabilities is inside; undefined without a list. */
export function foundInside(contents: Contents, { vulnerabilities: list }: Catalogue): FoundView | undefined {
  if (list === undefined) return undefined;
  return { ids: [...findingsIn(contents, list).keys()], ...(list.asOf !== undefined && { asOf: list.asOf }) };
}
