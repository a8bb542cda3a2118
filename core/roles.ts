import type { Catalogue, Role } from './catalogue';

/** What a person may do, from the groups they are in at this moment. */
export interface Rights {
  /** Every group id that decides anything, to be asked of the directory. */
  readonly groups: readonly string[];
  readonly roles: ReadonlySet<Role>;
  has(role: Role | 'all', image?: string): boolean;
}

/** Group ids whose membership decides about roles. */
export function roleGroups(catalogue: Catalogue): readonly string[] {
  return [...new Set(catalogue.roles.map((r) => r.group))];
}

/** `memberOf` are the groups the directory named. An admin may do what publishers and viewers may; deciding stays with approvers. */
export function rightsOf(catalogue: Catalogue, memberOf: readonly string[]): Rights {
  const mine = new Set(memberOf);
  const grants = catalogue.roles.filter((r) => mine.has(r.group));
  return {
    groups: [...mine],
    roles: new Set(grants.map((g) => g.role)),
    has: (role, image) =>
      role === 'all' ||
      grants.some((g) => grantsRole(g.role, role) && (!image || !g.images || g.images.includes(image))),
  };
}

function grantsRole(held: Role, wanted: Role): boolean {
  if (held === wanted || wanted === 'viewer') return true;
  return held === 'admin' && (wanted === 'publisher' || wanted === 'owner' || wanted === 'auditor');
}
