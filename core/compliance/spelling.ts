import { sameId } from '../azure-id';
import { sourceInText, sourceText } from '../build-source';
import type { ImageConfig } from '../catalogue';
import type { MachineTraits } from './inventory';

type Named = Pick<MachineTraits, 'source' | 'written'>;

/** What one machine was made from, as people read it: as Azure spells it. */
export const writtenSource = ({ source, written }: Named): string => written ?? source;

/** What machines that are alike in lower case were made from, as people read it. */
export type Spelling = (alike: readonly Named[]) => string;

/**
 * The same of machines that are compared in lower case, and may be spelled in several ways: a marketplace image,
 * `publisher:offer:sku`, as the catalogue has it, where it builds from that publisher; all else as Azure has it.
 */
export function spelling(images: readonly Pick<ImageConfig, 'source'>[]): Spelling {
  const known = images.flatMap(({ source }) => (source.kind === undefined ? [source] : []));
  return (alike) => {
    const [first] = alike;
    const found = alike.find(({ written }) => written !== undefined) ?? first;
    const source = found ? writtenSource(found) : '';
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
