import type { BuildPlace, ImageRef } from '../azure';
import { hashOf } from '../hash';
import { isHiddenCopy, versionTags } from '../images';

/** Something in Azure that builds and tests leave: goldbot's own, and what looks like it. */
export interface Remain {
  readonly id: string;
  readonly kind: RemainKind;
  /** Name of the template, the machine or the group; `<image>@<version>` of a candidate and of a copy. */
  readonly name: string;
  readonly location: string;
  /** The run that its tag names; absent: goldbot did not make it. */
  readonly runId?: string;
  readonly madeAt?: Date;
  /** Of a machine. */
  readonly vmSize?: string;
  readonly os?: 'Linux' | 'Windows';
  /** Of each copy of a candidate's disk: its size, of which Azure bills what is in use. */
  readonly gib?: number;
  /** Replicas in all regions. */
  readonly copies?: number;
  /** Where the copies lie: `Standard_LRS`. */
  readonly storage?: string;
  /** Of a candidate and of a copy. */
  readonly image?: ImageRef;
  /** Of a staging group: the template that it is of. */
  readonly template?: string;
}

/** `copy`: of a golden version, which a rollback forward made and has not shown. */
export type RemainKind = 'template' | 'machine' | 'candidate' | 'copy' | 'staging group';

/** Questions about what builds have left. They throw UserError `AZ_…`. */
export interface RemainsRead {
  /**
   * Templates and machines of the build resource group, candidates and hidden copies of these images, and Image Builder's
   * own resource groups of the subscription, whoever made them. Published versions are none of them.
   */
  remains(place: BuildPlace, images: readonly ImageRef[]): Promise<readonly Remain[]>;
}

/** Whether a version may be a candidate or a copy that was left: it is in no latest, and was never published or never shown. */
export const isHiddenRemain = (version: Parameters<typeof isHiddenCopy>[0]): boolean =>
  isHiddenCopy(version) || (version.excludedFromLatest && version.tags[versionTags.published] === undefined);

/** What goldbot knows of the run that made something. */
export type MakerState = 'open' | 'ended' | 'unknown';

/**
 * `leftover`: of a run that is over, and goldbot may delete it. `in use`: of an open run, or of a template that is there.
 * `foreign`: not goldbot's, or of a run that this goldbot does not know. `orphan`: a group that its template left; to
 * delete groups takes a right that goldbot does not have.
 */
export type Standing = 'leftover' | 'in use' | 'foreign' | 'orphan';

/** How each of them stands. Pure; `makers` by run id. */
export function standings(
  remains: readonly Remain[],
  makers: ReadonlyMap<string, MakerState>,
): ReadonlyMap<Remain, Standing> {
  const templates = new Set(remains.filter(({ kind }) => kind === 'template').map(({ name }) => name.toLowerCase()));
  const standing = (one: Remain): Standing => {
    // A group goes with its template, whoever made that.
    if (one.kind === 'staging group') return templates.has((one.template ?? '').toLowerCase()) ? 'in use' : 'orphan';
    const maker = one.runId === undefined ? 'unknown' : (makers.get(one.runId) ?? 'unknown');
    return ({ open: 'in use', ended: 'leftover', unknown: 'foreign' } as const)[maker];
  };
  return new Map(remains.map((one) => [one, standing(one)]));
}

/** One thing that people have agreed to delete. */
export interface RemainToDelete {
  readonly id: string;
  readonly kind: Exclude<RemainKind, 'staging group'>;
  readonly name: string;
  readonly runId: string;
  readonly image?: ImageRef;
}

/** What may be deleted, in order of id. */
export function deletable(standing: ReadonlyMap<Remain, Standing>): readonly RemainToDelete[] {
  return [...standing]
    .flatMap(([{ id, kind, name, runId, image }, how]): RemainToDelete[] => {
      if (how !== 'leftover' || kind === 'staging group' || runId === undefined) return [];
      return [{ id, kind, name, runId, ...(image && { image }) }];
    })
    .sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
}

/** What a consent is bound to: exactly these things. Eight characters. */
export function deletionHash(things: readonly RemainToDelete[]): string {
  return hashOf(things.map(({ id, runId }) => `${id.toLowerCase()} ${runId}`)).slice(0, 8);
}

/** Whether Azure still has what people agreed to delete, and of the same run. */
export function isSame(agreed: RemainToDelete, now: Remain): boolean {
  return agreed.id.toLowerCase() === now.id.toLowerCase() && agreed.runId === now.runId && agreed.kind === now.kind;
}
