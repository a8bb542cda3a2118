import type { GalleryRef, GalleryVersion, ImageRef } from '../azure';
import { definitionId, sameId } from '../azure-id';
import { versionTags } from '../images';

/** Where trials are made, and the port through which: it names a gallery, and what is tried on in it is always the same. */

/** No image of a catalogue is called this, and no machine is made from it. */
export const trialDefinition = 'goldbot-trials';
export const trialVersionNumber = '1.0.0';
/** Says that goldbot made the definition, and in which run. */
export const trialTag = 'goldbot-trials';

export function trialImage(gallery: GalleryRef): ImageRef {
  const { subscription, resourceGroup, gallery: name } = gallery;
  return { subscription, resourceGroup, gallery: name, definition: trialDefinition };
}

/** Whether something may be changed or deleted by a trial: the definition that is made for them, and its one version. */
export function isTrialId(gallery: GalleryRef, id: string): boolean {
  const definition = definitionId(trialImage(gallery));
  return sameId(id, definition) || sameId(id, `${definition}/versions/${trialVersionNumber}`);
}

/** A version's writable members, in the words of Azure's API. Dates in ISO 8601. */
export interface TrialBody {
  readonly tags?: Readonly<Record<string, string>>;
  readonly publishingProfile?: {
    readonly excludeFromLatest?: boolean;
    readonly endOfLifeDate?: string | null;
    readonly replicaCount?: number;
    readonly storageAccountType?: string;
    readonly targetRegions?: readonly {
      readonly name: string;
      readonly regionalReplicaCount?: number;
      readonly storageAccountType?: string;
    }[];
  };
  readonly safetyProfile?: {
    readonly allowDeletionOfReplicatedLocations?: boolean;
    readonly blockDeletionBeforeEndOfLife?: boolean;
  };
}

/**
 * What the version is made with, and set back to before a trial that needs it: in each member a value that Azure would
 * not give by itself, so that it is seen when one is lost. `region`: the one that it is in.
 */
export function trialSpec(run: string, { region, endOfLife }: { readonly region: string; readonly endOfLife: string }) {
  return {
    tags: { [versionTags.run]: run, [trialTag]: run },
    publishingProfile: {
      excludeFromLatest: true,
      endOfLifeDate: endOfLife,
      replicaCount: 1,
      storageAccountType: 'Standard_LRS',
      targetRegions: [{ name: region, regionalReplicaCount: 1, storageAccountType: 'Premium_LRS' }],
    },
    safetyProfile: { allowDeletionOfReplicatedLocations: true, blockDeletionBeforeEndOfLife: false },
  } satisfies TrialBody;
}

/** One request and what Azure answered, as far as it may be told to others: no subscription, tenant, group or gallery. */
export interface TrialExchange {
  /** `PATCH`. */
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  /** Azure's client with its version: `azsdk-js-arm-compute/24.1.0`. */
  readonly client: string;
  readonly body: unknown;
  readonly status: number;
  /** Of a refusal, in Azure's words. */
  readonly code?: string;
  readonly message?: string;
  /** Under which Microsoft finds it. */
  readonly requestId?: string;
}

/** The version as it is. */
export interface TrialVersion extends Pick<GalleryVersion, 'provisioningState' | 'tags' | 'excludedFromLatest'> {
  /** Its home, as Azure displays it. */
  readonly region: string;
  readonly endOfLife?: string;
  readonly allowsRegionRemoval: boolean;
  /** Of the copies at home. */
  readonly storage?: string;
}

export interface TrialState {
  /** `runId`: that its tag names. Absent: there is none. */
  readonly definition?: { readonly runId?: string };
  readonly version?: TrialVersion;
}

/** Questions about what stands in the definition for trials. They throw UserError `AZ_…`. */
export interface TrialsRead {
  trial(gallery: GalleryRef): Promise<TrialState>;
}

/** Changes to the definition for trials and to its version. No call can name another one. */
export interface TrialsWrite {
  /** Of the kind of `source`, an image of the same gallery, so that versions of that fit. */
  makeTrialDefinition(gallery: GalleryRef, spec: { readonly source: string; readonly run: string }): Promise<void>;
  /** Excluded from latest, at the home of the version that it is a copy of, and nowhere else. */
  makeTrialVersion(
    gallery: GalleryRef,
    spec: {
      readonly source: { readonly definition: string; readonly version: string };
      readonly run: string;
      readonly endOfLife: string;
    },
  ): Promise<void>;
  /**
   * Exactly this PATCH; a refusal is an answer too. Not idempotent: whoever repeats it looks first.
   * @throws UserError `AZ_…` where Azure's answer says nothing about the request: away, busy with many, not allowed.
   */
  patchTrialVersion(gallery: GalleryRef, body: TrialBody): Promise<TrialExchange>;
  deleteTrial(gallery: GalleryRef, what: 'version' | 'definition'): Promise<void>;
}
