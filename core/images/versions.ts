/** Gallery version numbers: three parts, each at most 32 bits (galleryImageVersions: "<Major>.<Minor>.<Patch>"). */
const pattern = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/;
const maxPart = 2 ** 31 - 1;

export type Bump = 'patch' | 'minor' | 'major';
type Parts = readonly [number, number, number];

export function isVersion(text: string): boolean {
  return parts(text) !== undefined;
}

/** Negative when a is lower. Azure's "latest" is the highest number, not the newest date. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a) ?? [0, 0, 0], parts(b) ?? [0, 0, 0]];
  for (const i of [0, 1, 2] as const) {
    if (left[i] !== right[i]) return left[i] - right[i];
  }
  return 0;
}

export function highest(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareVersions).at(-1);
}

/** The number after `version`; `1.0.0` when there is none yet. */
export function nextVersion(version: string | undefined, bump: Bump): string {
  if (!version) return '1.0.0';
  const [major, minor, patch] = parts(version) ?? [0, 0, 0];
  if (bump === 'major') return `${major + 1}.0.0`;
  return bump === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

function parts(text: string): Parts | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const numbers = [Number(found[1]), Number(found[2]), Number(found[3])] as const;
  return numbers.every((n) => n <= maxPart) ? numbers : undefined;
}
