import type { MarketplaceImage } from '../../core/azure';
import type { FixedPlan } from '../../core/runs';

/** How a marketplace image is called on cards, without its version: `Canonical 22_04-lts-gen2`. */
export function baseName(base: MarketplaceImage): string {
  return `${base.publisher} ${base.sku}`;
}

/** What people must know about a base that its publisher has announced the end of; undefined for any other. */
export function retiringWarning({ base, baseDeprecation }: FixedPlan): string | undefined {
  if (!baseDeprecation) return undefined;
  const { at, alternative } = baseDeprecation;
  const when = at === undefined ? 'soon' : `on ${at.slice(0, 10)}`;
  const instead = alternative === undefined ? '' : ` It names the ${alternative} instead.`;
  return `${base.publisher} deprecates the base ${base.version} ${when}; nothing new can be built from it then.${instead}`;
}
