import type { GalleryRef, ImageRef } from '../azure';
import type { Permission } from '../preflight';
import type { Assignment, GallerySharing } from './holdings';
import type { Sharee } from './shares';

/** Questions about who may use an image. */
export interface AccessRead {
  /** Every role assignment that reaches the image's definition: on it, and on all that is above it. */
  assignmentsAt(image: ImageRef): Promise<readonly Assignment[]>;
  /** With whom a gallery is shared beside its role assignments; undefined when there is no such gallery. */
  gallerySharing(gallery: GalleryRef): Promise<GallerySharing | undefined>;
  /** The role of this name that can be assigned at the image; undefined when there is none. */
  roleByName(image: ImageRef, name: string): Promise<FoundRole | undefined>;
}

export interface FoundRole {
  /** A GUID. */
  readonly id: string;
  readonly permissions: readonly Permission[];
}

/** Changes to who may use an image. */
export interface AccessWrite {
  /**
   * Gives a group a role on an image's definition. `name`: a GUID; the same again is the same assignment.
   */
  assignImageRole(
    image: ImageRef,
    name: string,
    given: { readonly role: string; readonly group: string; readonly why: string },
  ): Promise<void>;
  /** Takes an assignment away, by its id. A missing one is not an error. */
  removeAssignment(id: string): Promise<void>;
  /** Changes with whom a gallery is shared. All of it is shared, or none; the same again changes nothing. */
  shareGallery(gallery: GalleryRef, change: SharingChange): Promise<void>;
}

/** `reset` takes it from everybody, and the gallery can never be shared directly again. */
export type SharingChange = { readonly add: Sharee } | { readonly remove: Sharee } | 'reset';
