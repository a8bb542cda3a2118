import type { Catalogue, Role } from '../catalogue';

/** Somebody as Entra knows them: the object id says who it is, the name is for people to read. */
export interface Person {
  /** Entra object id in lower case, so that ids are compared as they are. */
  readonly oid: string;
  readonly name: string;
}

/** Who speaks to goldbot, with the tenant that Teams or Entra vouches for. */
export interface Caller extends Person {
  readonly tenantId: string;
  /**
   * The id of its application in Entra when it is a program: it may ask, and counts as nobody where people decide. Absent
   * for a person.
   */
  readonly application?: string;
}

/** The only way to make a person from an object id as Teams or Entra writes it. */
export function personOf(objectId: string, name: string): Person {
  return { oid: objectId.toLowerCase(), name };
}

/** What a person may do, given the groups they are in now. */
export interface Rights {
  /** The groups, by id, that this person is in. */
  readonly groups: readonly string[];
  /** Includes `owner` for anyone who owns a team. */
  readonly roles: ReadonlySet<Role>;
  /** The teams they own, by name. */
  readonly teams: ReadonlySet<string>;
  has(role: Role | 'all', image?: string): boolean;
  /** The images that they may look at. */
  readonly images: 'all' | readonly string[];
  /** Whether they may see all teams, and the machines that belong to none. */
  readonly seesAll: boolean;
  /** Null stands for machines that belong to no team. */
  sees(team: string | null): boolean;
  /** Whether they may change things for the team: classify, exempt, remediate, set its digest. */
  actsFor(team: string | null): boolean;
}

/** Roles that see every team; viewers and owners see only their own. */
const everybodys: readonly Role[] = ['publisher', 'approver', 'admin', 'auditor'];

/** Ids of the groups whose membership decides roles and team ownership: what the directory is asked about. */
export function roleGroups(catalogue: Catalogue): readonly string[] {
  const owners = [...catalogue.teams.values()].map((team) => team.owners.group);
  return [...new Set([...catalogue.roles.map((r) => r.group), ...owners])];
}

/** Whose members have the role approver for an image. */
export function approverGroups(roles: Catalogue['roles'], image: string): readonly string[] {
  return roles
    .filter(({ role, images }) => role === 'approver' && (!images || images.includes(image)))
    .map(({ group }) => group);
}

/**
 * `memberOf` is the directory's answer about `roleGroups`. An admin may do what publishers, owners, auditors and
 * viewers may; an image's approvers decide about its publishing, and the group that a change names about the change.
 * Anyone who owns a team has the role `owner` everywhere; `actsFor` says for which teams.
 */
export function rightsOf(catalogue: Catalogue, memberOf: readonly string[]): Rights {
  const mine = new Set(memberOf);
  const teams = new Set([...catalogue.teams].filter(([, t]) => mine.has(t.owners.group)).map(([name]) => name));
  const grants: readonly Grant[] = [
    ...catalogue.roles.filter((r) => mine.has(r.group)),
    ...(teams.size > 0 ? [{ role: 'owner' as const }] : []),
  ];
  return rightsBy(grants, mine, teams);
}

/** What an application may do: what `programs.yaml` says at this moment, and nothing by any group that it is in. */
export function rightsOfProgram({ programs }: Catalogue, application: string): Rights {
  const grants = programs?.applications.filter((one) => one.application === application) ?? [];
  return rightsBy(grants, new Set(), new Set());
}

function rightsBy(grants: readonly Grant[], groups: ReadonlySet<string>, teams: ReadonlySet<string>): Rights {
  const roles = new Set(grants.map((g) => g.role));
  const seesAll = everybodys.some((role) => roles.has(role));
  return {
    groups: [...groups],
    roles,
    teams,
    images: grants.some(({ images }) => !images) ? 'all' : grants.flatMap(({ images }) => images ?? []),
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
