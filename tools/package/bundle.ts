import { unzipSync, zipSync } from 'fflate';
import { drawIcons } from './icons';
import { type Expected, type Files, factProblems, packageProblems } from './judge';
import { type AppFacts, manifestOf } from './manifest';

/** What cannot be packaged, or must not be uploaded; each problem is a sentence. */
export class BadPackage extends Error {
  override readonly name = 'BadPackage';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * The Teams app of one goldbot as a zip. Pure: the same facts make the same bytes, on every machine and in every time
 * zone, so that a package can be compared by its hash.
 *
 * @throws BadPackage
 */
export async function bundle(facts: AppFacts, expected: Expected): Promise<Uint8Array> {
  const wrong = factProblems(expected, facts.domain);
  if (wrong.length > 0) throw new BadPackage(wrong);
  const manifest = new TextEncoder().encode(`${JSON.stringify(manifestOf(facts), null, 2)}\n`);
  const files: Files = { 'manifest.json': manifest, ...(await drawIcons()) };
  const problems = packageProblems(files, expected);
  if (problems.length > 0) throw new BadPackage(problems);
  return packed(files);
}

/**
 * Judges a package that somebody has made or changed by hand.
 *
 * @throws BadPackage
 */
export function judgeBundle(zip: Uint8Array, domain: string, expected: Expected): void {
  const problems = [...factProblems(expected, domain), ...packageProblems(unpacked(zip), expected)];
  if (problems.length > 0) throw new BadPackage(problems);
}

export function packed(files: Files): Uint8Array {
  // A zip holds local time without a zone: noon of that day, wherever this runs, is written alike.
  return zipSync({ ...files }, { level: 9, mtime: new Date(1980, 0, 1, 12) });
}

function unpacked(zip: Uint8Array): Files {
  try {
    return unzipSync(zip);
  } catch (error) {
    throw new BadPackage([`It is no zip: ${(error as Error).message}.`]);
  }
}
