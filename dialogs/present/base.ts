import type { MarketplaceImage } from '../../core/ports';

/** How a marketplace image is called on cards, without its version: `Canonical 22_04-lts-gen2`. */
export function baseName(base: MarketplaceImage): string {
  return `${base.publisher} ${base.sku}`;
}

/** The same from a tattoo's source, `Publisher:Offer:Sku:exact version`. */
export function sourceName(source: string): string {
  const [publisher = '', , sku = '', version = ''] = source.split(':');
  return sku === '' ? source : `${publisher} ${sku} ${version}`.trim();
}
