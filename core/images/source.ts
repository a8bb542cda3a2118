import type { BuildSource, ImageRef, MarketplaceImage } from '../azure';
import { nameOfId } from '../azure-id';

/**
 * What builds start from, said once: to people, in the tattoo, as the key of what is known about it. A fourth kind does
 * not compile until each of these has a word for it.
 */

/** A source with or without its version. */
type Named = BuildSource;

type Kinds<T> = {
  readonly marketplace: (image: MarketplaceImage) => T;
  readonly imageVersion: (image: ImageRef) => T;
  readonly managedImage: (id: string) => T;
};

function byKind<T>(source: Named, kinds: Kinds<T>): T {
  switch (source.kind) {
    case undefined:
      return kinds.marketplace(source);
    case 'imageVersion':
      return kinds.imageVersion(source.image);
    case 'managedImage':
      return kinds.managedImage(source.id);
  }
}

/** As people read it, without its version: `Canonical 22_04-lts-gen2`, `gold/base-linux`, `managed image hardened`. */
export function sourceName(source: Named): string {
  return byKind(source, {
    marketplace: ({ publisher, sku }) => `${publisher} ${sku}`,
    imageVersion: ({ gallery, definition }) => `${gallery}/${definition}`,
    managedImage: (id) => `managed image ${nameOfId(id)}`,
  });
}

/**
 * As the tattoo and the forecast have it, without its version: `Canonical:offer:sku`,
 * `gallery:<subscription>/<group>/<gallery>/<definition>`, `image:<subscription>/<group>/<name>`. Shorter than ids: with
 * the version it is the value of a tag, and these have 256 characters.
 */
export function sourceText(source: Named): string {
  return byKind(source, {
    marketplace: ({ publisher, offer, sku }) => [publisher, offer, sku].join(':'),
    imageVersion: ({ subscription, resourceGroup, gallery, definition }) =>
      `gallery:${[subscription, resourceGroup, gallery, definition].join('/')}`,
    managedImage: (id) => {
      const [, , subscription = '', , group = ''] = id.split('/');
      return `image:${subscription}/${group}/${nameOfId(id)}`;
    },
  });
}

/** The value of the tattoo's field `source`. */
export function exactSourceText(source: BuildSource): string {
  return `${sourceText(source)}:${source.version}`;
}

/** The exact version in the tattoo's field `source`. */
export function versionInSource(text: string): string {
  return text.split(':').at(-1) ?? text;
}

/** Who could withdraw it, as the beginning of a sentence: the publisher, the gallery. */
export function sourceOwner(source: Named): string {
  return byKind(source, {
    marketplace: ({ publisher }) => publisher,
    imageVersion: ({ gallery }) => `The gallery ${gallery}`,
    managedImage: (id) => `The owner of the managed image ${nameOfId(id)}`,
  });
}
