import type { Catalogue, Role } from '../catalogue';

/** What a person may do, from the groups they are in at this moment. */
export interface Rights {
  /** Every group id that decides anything, to be asked of the directory. */
  readonly groups: readonly string[];
  /** `owner` also of whoever owns a team. */
  readonly roles: ReadonlySet<Role>;
  /** Names of the teams whose owners they are among. */
  readonly teams: ReadonlySet<string>;
  has(role: Role | 'all', image?: string): boolean;
  /** Whether all teams and the machines that no team has are theirs to see. */
  readonly seesAll: boolean;
  /** Null: machines that no team has. */
  sees(team: string | null): boolean;
  /** Whether they may change something for the team: classify, exempt, remediate, set its digest. */
  actsFor(team: string | null): boolean;
}

/** Roles that work for everybody; viewers and owners see what is their own. */
const everybodys: readonly Role[] = ['publisher', 'approver', 'admin', 'auditor'];

/** Group ids whose membership decides about roles and teams. */
export function roleGroups(catalogue: Catalogue): readonly string[] {
  const owners = [...catalogue.teams.values()].map((team) => team.owners.group);
  return [...new Set([...catalogue.roles.map((r) => r.group), ...owners])];
}

/**
 * `memberOf` are the groups the directory named. An admin may do what publishers, owners and viewers may; deciding stays
 * with approvers. Owners of a team are owners wherever the role is asked for; for whom they act says `actsFor`.
 */
export function rightsOf(catalogue: Catalogue, memberOf: readonly string[]): Rights {
  const mine = new Set(memberOf);
  const teams = new Set([...catalogue.teams].filter(([, t]) => mine.has(t.owners.group)).map(([name]) => name));
  const grants: readonly Grant[] = [
    ...catalogue.roles.filter((r) => mine.has(r.group)),
    ...(teams.size > 0 ? [{ role: 'owner' as const }] : []),
  ];
  const roles = new Set(grants.map((g) => g.role));
  const seesAll = everybodys.some((role) => roles.has(role));
  return {
    groups: [...mine],
    roles,
    teams,
    has: (role, image) =>
      role === 'all' ||
      grants.some((g) => grantsRole(g.role, role) && (!image || !g.images || g.images.includes(image))),
    seesAll,
    sees: (team) => seesAll || (team !== null && teams.has(team)),
    actsFor: (team) => roles.has('admin') || (team !== null && teams.has(team)),
  };
}

interface Grant {
  readonly role: Role;
  readonly images?: readonly string[] | undefined;
}

function grantsRole(held: Role, wanted: Role): boolean {
  if (held === wanted || wanted === 'viewer') return true;
  return held === 'admin' && (wanted === 'publisher' || wanted === 'owner' || wanted === 'auditor');
}
