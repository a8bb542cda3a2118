import { allowedBy, type Permission } from '../preflight';

/** What people do with an image, in the order in which a card tells it. */
export const imageRights = ['view', 'create', 'delete'] as const;
export type ImageRight = (typeof imageRights)[number];

const versions = 'Microsoft.Compute/galleries/images/versions';

/** The action that each comes down to. Who may read a version may deploy it. */
export const actionOf: Readonly<Record<ImageRight, string>> = {
  view: `${versions}/read`,
  create: `${versions}/write`,
  delete: `${versions}/delete`,
};

/** Somebody as Azure's role assignments know them: by an id of Entra, without a name. */
export interface Principal {
  /** Object id in lower case. */
  readonly id: string;
  readonly kind: 'group' | 'person' | 'service' | 'other';
}

/** A role that somebody has been given. */
export interface Assignment {
  readonly id: string;
  readonly principal: Principal;
  readonly role: { readonly id: string; readonly name: string };
  readonly permissions: readonly Permission[];
  /** Where, and in everything below. */
  readonly scope: string;
  /** It holds only where its condition is true, which goldbot does not judge. */
  readonly conditional: boolean;
}

/** With whom a gallery is shared beside its role assignments. */
export interface GallerySharing {
  /** What it was made for: nobody else, direct sharing with subscriptions and tenants, or everybody in Azure. */
  readonly madeFor: 'private' | 'groups' | 'community';
  readonly subscriptions: readonly string[];
  readonly tenants: readonly string[];
  /** By which those with whom it is shared name it; absent where Azure gave it none. */
  readonly uniqueName?: string;
  /** Where the last change of its sharing is not so yet, or will not be so; absent: it is so everywhere. */
  readonly unsettled?: readonly { readonly region: string; readonly failed: boolean; readonly said?: string }[];
}

/** An assignment that gives a right to the image, and by which action of its role it does. */
export interface Holding extends Omit<Assignment, 'permissions'> {
  readonly rights: readonly ImageRight[];
  /** The actions of the role that allow them, as the role has them. Each once. */
  readonly by: readonly string[];
}

/**
 * The assignments that give somebody a right to an image: groups before people before services, those that are nearest to
 * the image first. What a role takes away by `notActions`, another one of the same holder may still give.
 */
export function holdings(assignments: readonly Assignment[]): readonly Holding[] {
  return assignments
    .flatMap(({ permissions, ...assignment }): readonly Holding[] => {
      const allowed = imageRights.map((right) => [right, allowedBy(permissions, actionOf[right])] as const);
      const given = allowed.filter(([, by]) => by !== undefined);
      if (given.length === 0) return [];
      const by = [...new Set(given.map(([, pattern]) => pattern ?? ''))];
      return [{ ...assignment, rights: given.map(([right]) => right), by }];
    })
    .sort(
      (a, b) =>
        kindOrder.indexOf(a.principal.kind) - kindOrder.indexOf(b.principal.kind) ||
        depthOf(b.scope) - depthOf(a.scope) ||
        (`${a.principal.id} ${a.role.name}` < `${b.principal.id} ${b.role.name}` ? -1 : 1),
    );
}

const kindOrder: readonly Principal['kind'][] = ['group', 'person', 'service', 'other'];

/** Which of the rights some permissions give. */
export function rightsAmong(permissions: readonly Permission[]): readonly ImageRight[] {
  return imageRights.filter((right) => allowedBy(permissions, actionOf[right]) !== undefined);
}

export type ScopeKind = 'image' | 'gallery' | 'resource group' | 'subscription' | 'management group' | 'tenant';

/** What a scope is that reaches an image definition. */
export function scopeKind(scope: string): ScopeKind {
  if (/^\/providers\/Microsoft\.Management\//i.test(scope)) return 'management group';
  if (/\/galleries\/[^/]+\/images\//i.test(scope)) return 'image';
  if (/\/galleries\//i.test(scope)) return 'gallery';
  if (/\/resourceGroups\//i.test(scope)) return 'resource group';
  return /^\/subscriptions\//i.test(scope) ? 'subscription' : 'tenant';
}

const outwards: readonly ScopeKind[] = [
  'tenant',
  'management group',
  'subscription',
  'resource group',
  'gallery',
  'image',
];

const depthOf = (scope: string): number => outwards.indexOf(scopeKind(scope));
