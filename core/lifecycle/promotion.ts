import type { GalleryVersion } from '../azure';
import { regionKey } from '../azure-id';
import { type CommandCall, call } from '../command-call';
import { compareVersions, isHiddenCopy, versionTags } from '../images';
import { dayOf } from '../time';
import { isShown, isShownIn, latestIn } from './latest';
import { afterwards } from './radius';

/** Which version may become latest by hand, and which ones stand above a version that people want to go back to. */

/** What goldbot's own books say of a version that is to become latest: what was tested is what is promoted. */
export interface Promotable {
  /** Why it must not be: a sentence. */
  readonly problem?: string;
  /** What those who decide should know: sentences. */
  readonly doubts: readonly string[];
}

/** Why something cannot be done, and what can be done instead. */
export interface Instead {
  readonly message: string;
  readonly next: readonly CommandCall[];
}

export interface PromoteAsked {
  readonly image: string;
  readonly version: GalleryVersion;
  /** All that the gallery has. */
  readonly all: readonly GalleryVersion[];
  /** Where; everywhere when absent. */
  readonly regions?: readonly string[] | undefined;
  readonly now: Date;
}

/** Undefined: nothing that the gallery says stands against it. */
export function whyNotPromote(asked: PromoteAsked): Instead | undefined {
  const { image, version, regions, now } = asked;
  const { version: number, tags, endOfLife, provisioningState } = version;
  const ref = `${image}@${number}`;
  const see = [call('versions', { image })];
  const state = tags[versionTags.state];
  if (provisioningState === 'Failed')
    return { message: `Azure could not make ${number}: its state is Failed.`, next: see };
  if (isHiddenCopy(version)) {
    const to = tags[versionTags.copyOf] ?? '';
    const message = `${number} is a copy of ${to} that was never shown: rolling forward again shows it.`;
    return { message, next: [call('rollback', { image, to, forward: true, reason: 'why' }), ...see] };
  }
  if (state === 'revoked' || state === 'retired') {
    return {
      message: `${number} was ${state}: that is taken back by restoring it.`,
      next: [call('restore', { ref }), ...see],
    };
  }
  if (endOfLife && endOfLife <= now) {
    return { message: `The life of ${number} ended on ${dayOf(endOfLife)}.`, next: see };
  }
  const missing = (regions ?? []).filter((name) => !has(version, name));
  if (missing.length > 0) {
    const there = version.regions.map(({ name }) => name).join(', ');
    return { message: `${number} has no copy in ${missing.join(', ')}; it is in ${there}.`, next: see };
  }
  const where = regions ?? version.regions.map(({ name }) => name);
  if (where.every((name) => isShownIn(version, name))) {
    return { message: `${number} is offered there already: nothing keeps it out of latest.`, next: see };
  }
  return nowhereLatest(asked, where);
}

const has = ({ regions }: GalleryVersion, name: string): boolean =>
  regions.some((region) => regionKey(region.name) === regionKey(name));

/** Azure's latest is the highest number, whatever people want. */
function nowhereLatest({ image, version, regions, all }: PromoteAsked, where: readonly string[]): Instead | undefined {
  const after = afterwards({ act: 'promote', versions: [version.version], regions, all });
  const above = where.map((region) => latestIn(after, region)?.version);
  if (above.includes(version.version)) return undefined;
  const names = [...new Set(above.filter((one) => one !== undefined))].join(', ');
  const message = `${version.version} would be latest nowhere: ${names} is higher, and Azure takes the highest number.`;
  return { message, next: [call('rollback', { image, to: version.version, reason: 'why' })] };
}

/** Every version above this one that is offered in some region, highest first. */
export function offeredAbove(all: readonly GalleryVersion[], to: string): readonly GalleryVersion[] {
  return all
    .filter((one) => compareVersions(one.version, to) > 0 && isShown(one) && one.provisioningState !== 'Deleting')
    .sort((a, b) => compareVersions(b.version, a.version));
}
