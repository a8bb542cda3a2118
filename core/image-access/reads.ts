import type { GalleryRef, ImageRef } from '../azure';
import type { Assignment, GallerySharing } from './holdings';

/** Questions about who may use an image. */
export interface AccessRead {
  /** Every role assignment that reaches the image's definition: on it, and on all that is above it. */
  assignmentsAt(image: ImageRef): Promise<readonly Assignment[]>;
  /** With whom a gallery is shared beside its role assignments; undefined when there is no such gallery. */
  gallerySharing(gallery: GalleryRef): Promise<GallerySharing | undefined>;
}
