import type { World } from '../kernel/world';

/** The tenant that owns everything; Mallory is from the other one. */
export const tenantId = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';
export const foreignTenantId = 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666';

export interface Person {
  /** Entra object id. */
  readonly id: string;
  readonly name: string;
  readonly mail: string;
  readonly tenantId: string;
  readonly title: string;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  members: string[];
}

export interface EntraSection {
  people: Person[];
  groups: Group[];
}

const person = (n: number, name: string, title: string, tenant = tenantId): Person => ({
  id: `a1d0c000-0000-4000-8000-00000000000${n}`,
  name,
  mail: `${name.toLowerCase()}@contoso.example`,
  tenantId: tenant,
  title,
});

const ada = person(1, 'Ada', 'Image engineer');
const grace = person(2, 'Grace', 'Approver, admin');
const heidi = person(3, 'Heidi', 'Approver, admin');
const linus = person(4, 'Linus', 'Owner of payments');
const dana = person(5, 'Dana', 'Viewer, auditor');
const judy = person(7, 'Judy', 'Approver');
const mallory = person(6, 'Mallory', 'Guest from another tenant', foreignTenantId);

const group = (n: number, name: string, ...members: Person[]): Group => ({
  id: `b0bb1e50-0000-4000-8000-0000000000${String(n).padStart(2, '0')}`,
  name,
  members: members.map((m) => m.id),
});

/** The groups that `catalog/roles.yaml`, `catalog/teams.yaml` and `catalog/images/*.yaml` name by these ids. */
const groups = (): Group[] => [
  group(1, 'goldbot-publishers', ada),
  group(2, 'goldbot-approvers', grace, heidi, judy),
  group(3, 'goldbot-admins', grace, heidi),
  group(4, 'goldbot-viewers', ada, grace, heidi, linus, dana, judy),
  group(5, 'goldbot-auditors', dana),
  group(11, 'payments-owners', linus),
  group(12, 'web-owners', linus),
  group(13, 'data-owners', heidi),
  group(14, 'legacy-owners', grace),
];

/** The directory's live state. */
export function entra(world: World): EntraSection {
  return world.section<EntraSection>('entra', () => ({
    people: [ada, grace, heidi, linus, dana, judy, mallory],
    groups: groups(),
  }));
}
