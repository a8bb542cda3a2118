import type { MarketplaceImage } from '../../core/ports';

/** How a marketplace image is called on cards, without its version: `Canonical 22_04-lts-gen2`. */
export function baseName(base: MarketplaceImage): string {
  return `${base.publisher} ${base.sku}`;
}
