import { definitionId, parseAzureId, resourceGroupId, resourceId, sameId } from '../azure-id';
import { type AzureRole, assignCommand, createCommand, roleWith, updateCommand } from '../azure-roles';
import type { FixedPlan } from '../runs';
import type { Grant, Permission } from './facts';
import { type Finding, look, lookAtEach, stops, warns } from './look';

/** What somebody must be allowed to do somewhere, and the role of Azure's own that allows it. */
interface Need {
  readonly scope: string;
  readonly actions: readonly string[];
  readonly role: string;
  /** Why, as in “it … there”. */
  readonly what: string;
}

/** Documented: what Image Builder does as the identity of a build. */
function needsOfBuilder({ target, buildSettings = {} }: FixedPlan): readonly Need[] {
  const { network, stagingResourceGroup } = buildSettings;
  const subnets = [network?.subnetId, network?.containerInstanceSubnetId].filter((id) => id !== undefined);
  const versions = 'Microsoft.Compute/galleries/images/versions';
  return [
    {
      scope: definitionId(target),
      actions: ['Microsoft.Compute/galleries/images/read', `${versions}/read`, `${versions}/write`],
      role: 'Contributor',
      what: 'distributes the image into the gallery',
    },
    ...subnets.map((scope) => ({
      scope,
      actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
      role: 'Network Contributor',
      what: 'puts the build machine into the subnet',
    })),
    ...(stagingResourceGroup === undefined
      ? []
      : [
          {
            scope: stagingResourceGroup.replace(/^(?=subscriptions\/)/i, '/'),
            actions: ['Microsoft.Storage/storageAccounts/write', 'Microsoft.Compute/virtualMachines/write'],
            role: 'Contributor',
            what: 'makes the build machine in the staging group',
          },
        ]),
  ];
}

interface Builder {
  readonly principalId?: string;
  readonly grants: readonly Grant[];
}

/** Without its roles Image Builder refuses the template, or fails after an hour of building. */
export const builder = look<Builder>({
  at: 'the roles of the identity of the builds',
  read: async (azure, plan) => {
    const found = await azure.builderIdentity(plan.identity);
    if (!found) return { grants: [] };
    const subscriptions = needsOfBuilder(plan).map(({ scope }) => parseAzureId(scope)?.subscription ?? '');
    const distinct = [...new Set(subscriptions.filter((one) => one !== '').map((one) => one.toLowerCase()))];
    const grants = await Promise.all(distinct.map((one) => azure.grants(one, found.principalId)));
    return { principalId: found.principalId, grants: grants.flat() };
  },
  judge: ({ principalId, grants }, plan) => {
    if (principalId === undefined) return [noIdentity(plan)];
    return needsOfBuilder(plan).flatMap((need) => lackOf(need, { grants, principalId, identity: plan.identity }));
  },
});

function noIdentity({ identity }: FixedPlan): Finding {
  const id = parseAzureId(identity);
  const make = `az identity create --subscription ${id?.subscription} --resource-group ${id?.resourceGroup} --name ${id?.name}`;
  const why = `The identity of the builds, ${identity}, does not exist.`;
  return {
    ...stops(why, 'Correct `identity` in azure.yaml, or make it and give it its roles:', make),
    missing: identity,
  };
}

interface Holder extends Pick<FixedPlan, 'identity'> {
  readonly principalId: string;
  readonly grants: readonly Grant[];
}

function lackOf(need: Need, { grants, principalId, identity }: Holder): readonly Finding[] {
  const held = permissionsAt(grants, need.scope);
  const missing = need.actions.filter((action) => !allows(held, action));
  if (missing.length === 0) return [];
  const name = parseAzureId(identity)?.name ?? identity;
  return [
    stops(
      `The identity of the builds, ${name}, lacks ${quoted(missing)} on ${need.scope}: Image Builder ${need.what} as it.`,
      'Assign a role of your own with these actions there, or a role of Azure that has more:',
      `az role assignment create --assignee-object-id ${principalId} --assignee-principal-type ServicePrincipal --role "${need.role}" --scope ${need.scope}`,
    ),
  ];
}

/** What somebody who has these roles may do at a scope. */
export function permissionsAt(grants: readonly Grant[], scope: string): readonly Permission[] {
  return grants.filter((grant) => isAt(grant.scope, scope)).flatMap(({ permissions }) => permissions);
}

/** A role holds where it is assigned and in everything below; management groups are above all that is asked about. */
function isAt(scope: string, at: string): boolean {
  const above = scope.toLowerCase().replace(/\/$/, '');
  if (above === '' || above.startsWith('/providers/microsoft.management/')) return true;
  return sameId(above, at) || at.toLowerCase().startsWith(`${above}/`);
}

/** Whether one of the roles allows an action: what one role takes away, another may give. */
export function allows(permissions: readonly Permission[], action: string): boolean {
  return allowedBy(permissions, action) !== undefined;
}

/** The action of a role, as the role has it, that allows this one; undefined when none does. */
export function allowedBy(permissions: readonly Permission[], action: string): string | undefined {
  const named = (patterns: readonly string[]) => patterns.find((pattern) => matches(pattern, action));
  const allowing = permissions.find(
    ({ actions, notActions }) => named(actions) !== undefined && named(notActions) === undefined,
  );
  return allowing && named(allowing.actions);
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}

/** What goldbot itself does in a publish; its roles allow all of it where they are assigned. */
function needsOfGoldbot({ place, target, identity, testSubnetId }: FixedPlan): readonly Omit<Need, 'role' | 'what'>[] {
  const { subscription, resourceGroup, gallery } = target;
  const templates = 'Microsoft.VirtualMachineImages/imageTemplates';
  const machines = 'Microsoft.Compute/virtualMachines';
  const versions = 'Microsoft.Compute/galleries/images/versions';
  return [
    {
      scope: resourceGroupId(place),
      actions: [
        ...['read', 'write', 'delete', 'run/action', 'cancel/action'].map((verb) => `${templates}/${verb}`),
        ...['read', 'write', 'delete', 'runCommands/write'].map((verb) => `${machines}/${verb}`),
      ],
    },
    {
      scope: resourceId({ subscription, resourceGroup }, 'Microsoft.Compute/galleries', gallery),
      actions: ['read', 'write', 'delete'].map((verb) => `${versions}/${verb}`),
    },
    { scope: identity, actions: ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'] },
    { scope: testSubnetId, actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'] },
  ];
}

/** A run that lacks a right waits for it and goes on by itself: no reason to stop one. */
export const own = lookAtEach<ReturnType<typeof needsOfGoldbot>[number], readonly Permission[]>({
  at: 'what goldbot may do',
  of: needsOfGoldbot,
  read: (azure, { scope }) => azure.ownPermissions(scope),
  judge: (places) =>
    places.flatMap(({ scope, actions, seen }) => {
      const missing = actions.filter((action) => !allows(seen, action));
      const held = actions.filter((action) => allows(seen, action));
      if (missing.length === 0) return [];
      return [
        warns(
          `goldbot’s own identity lacks ${quoted(missing)} on ${scope}: the run will wait for it.`,
          'Have an administrator make the role or bring it up to date, and assign it to goldbot’s identity there if it is not:',
          ...rolesOf(missing).flatMap((role) => [
            // Azure updates none that nobody has made.
            rolesOf(held).includes(role) ? updateCommand(role) : createCommand(role),
            assignCommand(role, { objectId: itself, scope }),
          ]),
        ),
      ];
    }),
});

/** What stands for its object id, which goldbot does not know. */
export const itself = '<object id of goldbot’s identity>';

function rolesOf(actions: readonly string[]): readonly AzureRole[] {
  return [...new Set(actions.flatMap((action) => roleWith(action, ownMachine) ?? []))];
}

/** Of actions that are called the same on anybody's machine, those on goldbot's own are meant. */
const ownMachine = '/virtualMachines/gbt-';

function quoted(actions: readonly string[]): string {
  return actions.map((action) => `“${action}”`).join(', ');
}
