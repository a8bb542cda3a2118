import type { World } from '../../kernel/world';
import { key } from '../arm';
import { guidOf } from '../compute/vm-view';
import { policyPrincipals } from '../estate/policies';
import { principalIdOf } from '../identity';
import { builderIdentity, galleryResourceGroup, outputsAccount, platformSubscription, vaultId } from '../names';
import { builtInRoles } from './built-in';
import type { RoleAssignment, RoleDefinition } from './model';
import {
  builderAssignment,
  goldbotIdentity,
  initialAssignment,
  logsAssignment,
  outputsAssignment,
  owner,
  rootManagementGroup,
  signingAssignment,
} from './names';

interface AuthorizationSection {
  /** Custom roles by the GUID of their name. */
  roles: Record<string, RoleDefinition>;
  /** By lower-case id. */
  assignments: Record<string, RoleAssignment>;
  /** Whether the identity of the builds has been given its role: worlds of earlier versions had none. */
  builds?: true;
  /** The same of goldbot's role for the logs of builds. */
  logs?: true;
  /** The same of what builds may do in the account of outputs. */
  outputs?: true;
  /** The same of goldbot's role for the vault. */
  signing?: true;
}

export const assignmentType = 'Microsoft.Authorization/roleAssignments';
export const definitionType = 'Microsoft.Authorization/roleDefinitions';

export function assignmentId({ scope, name }: Pick<RoleAssignment, 'scope' | 'name'>): string {
  return `${scope === '/' ? '' : scope}/providers/${assignmentType}/${name}`;
}

/** Custom roles and every role assignment. */
export function authorization(world: World): AuthorizationSection {
  const section = world.section<AuthorizationSection>('authorization', () => {
    // Whoever subscribed owns it, and has given nothing to anybody.
    if (world.isEmpty) return { roles: {}, assignments: {}, builds: true, logs: true, outputs: true, signing: true };
    const first = ownRights(world);
    const ofPolicies = policyPrincipals().map(
      ({ scope, principalId }): RoleAssignment => ({
        ...first,
        name: guidOf(`contributor ${principalId}`),
        scope,
        role: builtInRoles.contributor.name,
        principalId,
      }),
    );
    const all = [first, ...ofPolicies].map((one) => [key(assignmentId(one)), one] as const);
    return { roles: {}, assignments: Object.fromEntries(all) };
  });
  if (!section.builds) {
    const principalId = principalIdOf(builderIdentity);
    assign({ ...ownRights(world), name: builderAssignment, role: builtInRoles.contributor.name, principalId });
  }
  // Not even an Owner reads blobs.
  if (!section.logs) {
    const scope = `/subscriptions/${platformSubscription}`;
    assign({ ...ownRights(world), name: logsAssignment, role: builtInRoles.blobDataReader.name, scope });
  }
  if (!section.outputs) {
    const scope = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Storage/storageAccounts/${outputsAccount}`;
    const role = builtInRoles.blobDataContributor.name;
    const principalId = principalIdOf(builderIdentity);
    assign({ ...ownRights(world), name: outputsAssignment, role, principalId, scope });
  }
  if (!section.signing) {
    assign({ ...ownRights(world), name: signingAssignment, role: builtInRoles.vaultCryptoUser.name, scope: vaultId });
  }
  section.builds = section.logs = section.outputs = section.signing = true;
  return section;

  function assign(one: RoleAssignment) {
    section.assignments[key(assignmentId(one))] = one;
  }
}

/** What goldbot's identity begins with. */
function ownRights(world: World): RoleAssignment {
  const at = world.clock.now().toISOString();
  return {
    name: initialAssignment,
    scope: rootManagementGroup,
    role: builtInRoles.owner.name,
    principalId: goldbotIdentity.objectId,
    principalType: goldbotIdentity.principalType,
    createdOn: at,
    updatedOn: at,
    createdBy: owner.objectId,
    updatedBy: owner.objectId,
  };
}

export function roleNamed(world: World, name: string): RoleDefinition | undefined {
  const builtIn = Object.values(builtInRoles).find((r) => r.name === key(name));
  return builtIn ?? authorization(world).roles[key(name)];
}

export function allRoles(world: World): RoleDefinition[] {
  return [...Object.values(builtInRoles), ...Object.values(authorization(world).roles)];
}
