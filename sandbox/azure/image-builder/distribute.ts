import type { World } from '../../kernel/world';
import type { Guest } from '../guest/guest';

/** What Image Builder hands to the gallery when a build distributes a SharedImage. */
export interface GalleryVersionInput {
  /** The image definition, without `/versions/…`. */
  readonly galleryImageId: string;
  readonly version: string;
  readonly targetRegions: readonly GalleryTargetRegion[];
  readonly excludeFromLatest: boolean;
  /** The distributor's artifactTags and the two tags that Image Builder adds itself. */
  readonly tags: Readonly<Record<string, string>>;
  readonly replicationMode?: string;
  readonly endOfLife?: string;
  /** Id of the staging group's storage account, from which the gallery copies the disk. */
  readonly storageAccountId: string;
  /** Of the build machine's system disk, when it is not the source's. */
  readonly diskSizeGB?: number;
  readonly guest: Guest;
  /** World time at which distributing began, in milliseconds. */
  readonly at: number;
}

export interface GalleryTargetRegion {
  readonly name: string;
  readonly replicaCount?: number;
  readonly storageAccountType?: string;
}

/**
 * Creates the version and its guest (`setGuest` under the version's id). Answers when the version will be provisioned,
 * in world milliseconds: the build ends then. Without an answer it ends after `durations.distribute`.
 *
 * @throws Error when the gallery refuses; the build then fails while distributing, with the error's message.
 */
export type CreateGalleryVersion = (
  world: World,
  input: GalleryVersionInput,
) => { readonly readyAt: number } | undefined;

/** What Image Builder hands to Compute when a build distributes a ManagedImage. */
export interface ManagedImageInput {
  readonly imageId: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly osType: 'Linux' | 'Windows';
  readonly hyperVGeneration: string;
  readonly diskSizeGB: number;
}

/** What Image Builder needs to know of Compute. */
export interface ImageBuilderHooks {
  readonly createVersion: CreateGalleryVersion;
  /** @throws Error when Compute refuses, like `createVersion`. */
  readonly createImage?: (world: World, input: ManagedImageInput) => void;
  /** The names of a definition's versions, for the versioning scheme Latest; those that have a guest by default. */
  readonly listVersions?: (world: World, galleryImageId: string) => readonly string[];
  /** Whether the image definition exists; every well-formed id does by default. */
  readonly definitionExists?: (world: World, galleryImageId: string) => boolean;
}
