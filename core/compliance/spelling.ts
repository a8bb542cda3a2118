import { sameId } from '../azure-id';
import { sourceInText, sourceText } from '../build-source';
import type { ImageConfig } from '../catalogue';

/**
 * Resource Graph's names are compared in lower case. People read those of a marketplace image, `publisher:offer:sku`, as
 * the catalogue has them, where it builds from that publisher; whatever else is returned as it is.
 */
export function spelling(images: readonly Pick<ImageConfig, 'source'>[]): (source: string) => string {
  const known = images.flatMap(({ source }) => (source.kind === undefined ? [source] : []));
  return (source) => {
    const named = sourceInText(source)?.source;
    if (!named || named.kind !== undefined) return source;
    const ofPublisher = known.filter(({ publisher }) => sameId(publisher, named.publisher));
    const ofOffer = ofPublisher.filter(({ offer }) => sameId(offer, named.offer));
    return sourceText({
      publisher: ofPublisher[0]?.publisher ?? named.publisher,
      offer: ofOffer[0]?.offer ?? named.offer,
      sku: ofOffer.find(({ sku }) => sameId(sku, named.sku))?.sku ?? named.sku,
    });
  };
}
