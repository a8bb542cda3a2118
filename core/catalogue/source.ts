import type { GallerySource, ImageRef, ManagedImageSource, MarketplaceSource, PurchasePlan } from '../azure';
import { azureId } from '../azure-id';
import type { ImageFile } from './schemas';
import type { TemplateProperties } from './template/schema';

/** What every build of an image starts from; without a version, the newest at each build. */
export type ImageSource =
  | (Omit<MarketplaceSource, 'version'> & { readonly version?: string })
  | (Omit<GallerySource, 'version' | 'plan'> & { readonly version?: string })
  | Omit<ManagedImageSource, 'version' | 'plan'>;

/** As an image's own file names it. */
export function sourceInFile(source: NonNullable<ImageFile['source']>): ImageSource {
  if ('imageVersion' in source) return galleryVersion(source.imageVersion);
  if ('managedImage' in source) return { kind: 'managedImage', id: source.managedImage };
  return marketplace(source, source.plan);
}

/** As an image template names it. */
export function sourceInTemplate(source: TemplateProperties['source']): ImageSource {
  switch (source.type) {
    case 'PlatformImage': {
      const { planName: name, planProduct: product, planPublisher: publisher } = source.planInfo ?? {};
      return marketplace(source, name && product && publisher ? { name, product, publisher } : undefined);
    }
    case 'SharedImageVersion':
      return galleryVersion(source.imageVersionId);
    case 'ManagedImage':
      return { kind: 'managedImage', id: source.imageId };
  }
}

function marketplace(
  { publisher, offer, sku, version }: Record<'publisher' | 'offer' | 'sku', string> & { version?: string | undefined },
  plan: PurchasePlan | undefined,
): ImageSource {
  return { publisher, offer, sku, ...pinned(version), ...(plan && { plan }) };
}

function galleryVersion(text: string): ImageSource {
  const id = azureId(text);
  const [gallery = '', , definition = '', , version] = text.split('/').slice(8);
  const { subscription, resourceGroup } = id;
  const image: ImageRef = { subscription, resourceGroup, gallery, definition };
  return { kind: 'imageVersion', image, ...pinned(version) };
}

function pinned(version: string | undefined): { readonly version?: string } {
  return version === undefined || version.toLowerCase() === 'latest' ? {} : { version };
}
