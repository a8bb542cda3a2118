import type { BuildSource, ImageRef, MarketplaceImage } from './azure';
import { nameOfId } from './azure-id';
import type { ImageConfig, ImageSource } from './catalogue';

/**
 * What builds start from, said once: to people, in the tattoo, as the key of what is known of it. A fourth kind does not
 * compile until each of these has a word for it.
 */
type Named = BuildSource | ImageSource;

interface Kinds<T> {
  readonly marketplace: (image: MarketplaceImage) => T;
  readonly imageVersion: (image: ImageRef) => T;
  readonly managedImage: (id: string) => T;
}

export function byKind<T>(source: Named, kinds: Kinds<T>): T {
  switch (source.kind) {
    case undefined:
      return kinds.marketplace(source);
    case 'imageVersion':
      return kinds.imageVersion(source.image);
    case 'managedImage':
      return kinds.managedImage(source.id);
  }
}

/** As cards have it, without its version: `Canonical 22_04-lts-gen2`, `gold/base-linux`, `managed image hardened`. */
export function sourceName(source: Named): string {
  return byKind(source, { ...names, marketplace: ({ publisher, sku }) => `${publisher} ${sku}` });
}

/** As errors have it: with the offer of a marketplace image. */
export function sourceTitle(source: Named): string {
  return byKind(source, {
    ...names,
    marketplace: ({ publisher, offer, sku }) => `${publisher} ${offer} ${sku}`,
  });
}

const names = {
  imageVersion: ({ gallery, definition }: ImageRef) => `${gallery}/${definition}`,
  managedImage: (id: string) => `managed image ${nameOfId(id)}`,
};

/** Where its versions are listed: `the marketplace`, `the gallery gold`. */
export function sourcePlace(source: Named): string {
  return byKind(source, {
    marketplace: () => 'the marketplace',
    imageVersion: ({ gallery }) => `the gallery ${gallery}`,
    managedImage: () => 'Azure',
  });
}

/**
 * As the tattoo has it, without its version: `Canonical:offer:sku`, `gallery:<subscription>/<group>/<gallery>/<definition>`,
 * `image:<subscription>/<group>/<name>`. Shorter than an id: it becomes the value of a tag, which has 256 characters.
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

/** What `exactSourceText` says; the version is empty where it says none. Undefined: not one of its kinds. */
export function sourceInText(text: string): { readonly source: ImageSource; readonly version: string } | undefined {
  const [first = '', second = '', third = '', fourth = '', ...more] = text.split(':');
  if (first === 'gallery' && fourth === '') {
    const [subscription = '', resourceGroup = '', gallery = '', definition = '', ...others] = second.split('/');
    if (definition === '' || others.length > 0) return undefined;
    return {
      source: { kind: 'imageVersion', image: { subscription, resourceGroup, gallery, definition } },
      version: third,
    };
  }
  const named = [first, second, third].every((part) => part !== '' && !part.includes('/'));
  if (!named || more.length > 0) return undefined;
  return { source: { publisher: first, offer: second, sku: third }, version: fourth };
}

/** The exact version in the tattoo's field `source`. */
export function versionInSource(text: string): string {
  return text.split(':').at(-1) ?? text;
}

/** The tattoo's field as people read it, with its version or without: `gold/base-linux 1.4.0`; of the marketplace as it is. */
export function sourceWords(text: string): string {
  const [kind, path = '', version = ''] = text.split(':');
  const parts = path.split('/');
  if (kind === 'gallery' && parts.length === 4) return `${parts.slice(2).join('/')} ${version}`.trim();
  if (kind === 'image' && parts.length === 3) return `managed image ${parts[2]} ${version}`.trim();
  return text;
}

/** The same in little room: of the marketplace the version alone. */
export function shortSourceWords(text: string): string {
  const words = sourceWords(text);
  return words === text ? versionInSource(text) : words;
}

/** Whether the tattoo's field, with its version or without, names a marketplace image. */
export function isOfMarketplace(text: string): boolean {
  return sourceWords(text) === text;
}

/** Whether a tattoo's field names this source, whatever its version. */
export function isOfSource(text: string, source: Named): boolean {
  return text.toLowerCase() === `${sourceText(source)}:${versionInSource(text)}`.toLowerCase();
}

/** Where a person changes what an image is built from. */
export interface SourceKey {
  readonly key: string;
  /** `images/ubuntu-22.yaml`, or the file of its template. */
  readonly file: string;
}

export function sourceKey({ name, source, template }: ImageConfig): SourceKey {
  const file = template?.file ?? `images/${name}.yaml`;
  const inTemplate = template !== undefined;
  return byKind(source, {
    marketplace: () => ({ key: 'source.sku', file }),
    imageVersion: () => ({ key: inTemplate ? 'source.imageVersionId' : 'source.imageVersion', file }),
    managedImage: () => ({ key: inTemplate ? 'source.imageId' : 'source.managedImage', file }),
  });
}
