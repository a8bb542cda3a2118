import { type AzureRole, assignCommand, azureRoles, createCommand, type Right } from '../../core/azure-roles';
import { type ImageRole, imageRoles, makeRoleCommand } from '../../core/image-access';

/** What `grant` gives groups, of those that Azure does not have itself. */
const madeForGroups = Object.values(imageRoles).filter(({ builtIn }) => builtIn === undefined);

/** `deploy/roles/<name>.json`, as `az role definition create --role-definition` takes it; Bicep reads the same files. */
export const roleFiles: Readonly<Record<string, () => string>> = Object.fromEntries([
  ...azureRoles.map((role) => [`deploy/roles/${role.name}.json`, () => written(definitionOf(role))]),
  ...madeForGroups.map((role) => [`deploy/roles/${role.name}.json`, () => written(definitionOfImageRole(role))]),
]);

/** As the formatter leaves it: a list stands in one line where it fits. */
function written(definition: object): string {
  const text = JSON.stringify(definition, null, 2);
  const lists = text.replace(/^( *"\w+": )\[\n([^\]]*)\n *\]/gm, (many: string, key: string, inner: string) => {
    const one = `${key}[${inner.trim().replace(/,\n */g, ', ')}]`;
    return one.length < 120 ? one : many;
  });
  return `${lists}\n`;
}

function definitionOfImageRole({ name, description, actions }: ImageRole) {
  const bare = {
    name: 'goldbot-access',
    where: '',
    gives: '',
    without: '',
    at: 'subscription',
    dataActions: [],
  } as const;
  const rights = actions.map((action) => ({ action, why: '' }));
  return { ...definitionOf({ ...bare, description, actions: rights }), Name: name };
}

function definitionOf({ name, description, at, actions, dataActions }: AzureRole) {
  const named = (rights: readonly Right[]) => rights.map(({ action }) => action);
  const group = '/providers/Microsoft.Management/managementGroups/your-management-group';
  return {
    Name: name,
    Description: description,
    Actions: named(actions),
    NotActions: [],
    DataActions: named(dataActions),
    NotDataActions: [],
    AssignableScopes: [at === 'management group' ? group : '/subscriptions/00000000-0000-0000-0000-000000000000'],
  };
}

/** `docs/roles.md`: what goldbot's identity may do in Azure, where, and why. */
export function rolesPage(): string {
  return `${[
    '# What goldbot may do in Azure',
    '<!-- Written by `npm run docs` from core/azure-roles/; edit that instead. -->',
    ...introduction,
    [
      '| role | assigned to goldbot’s identity on | gives people | without it |',
      '|---|---|---|---|',
      ...azureRoles.map(rowOf),
    ].join('\n'),
    '## How to assign them',
    ...howTo,
    ...azureRoles.flatMap(sectionOf),
    ...conditionOfAccess,
    '## What is not here',
    ...absent,
  ].join('\n\n')}\n`;
}

const introduction = [
  'goldbot signs in to Azure with one managed identity. What it may do stands in custom roles, each for one kind of work and assigned where that work is. Only the observer’s is needed; leave out every other one whose commands you do not want, and goldbot says which role is missing when somebody asks for them.',
  'The actions are derived from the requests that goldbot really sends: tests give its identity these roles in the sandbox, at these scopes and nothing else, run every workflow and compare. No request lacks an action, no action is unused, and no two roles allow the same thing at one place. What a live Azure says to them nobody has seen yet; where it asks for one more action, goldbot names it and where it is missing.',
];

const rowOf = ({ name, where, gives, without }: AzureRole): string =>
  `| [${name}](#${name}) | ${where} | ${gives} | ${without} |`;

const somewhere = { objectId: '<object id of goldbot’s identity>', scope: '<scope>' };

const howTo = [
  `The files are in [\`deploy/roles/\`](../deploy/roles/). Put your own scopes into \`AssignableScopes\` (a role must name the management group, or each subscription, below which it is assigned), make the definition once, then assign it at each scope of the table:`,
  [
    '```bash',
    ...azureRoles.slice(0, 1).flatMap((role) => [createCommand(role), assignCommand(role, somewhere)]),
    '```',
  ].join('\n'),
  'A new version of goldbot may need another action: `az role definition update --role-definition deploy/roles/<role>.json` brings a role up to date; the change log says when. Azure takes up to ten minutes to notice an assignment, and storage longer than the rest.',
  'Versions before these roles had two, `goldbot` (deploy/role.json) and `goldbot-teams` (deploy/role-teams.json), and Reader beside them. Assign the new ones first, then remove the old assignments and definitions: nothing waits in between.',
];

const implied = ' Azure checks this itself while it does what was asked: no request of goldbot names it.';

function sectionOf({ name, description, where, gives, without, actions, dataActions }: AzureRole): string[] {
  const row = ({ action, why, implied: isImplied }: Right) =>
    `| \`${action}\` | ${why}${isImplied ? `.${implied}` : ''} |`;
  return [
    `## ${name}`,
    `${description} Assigned on ${where}. It gives ${gives}. Without it ${without}.`,
    [
      '| action | goldbot … |',
      '|---|---|',
      ...actions.map(row),
      ...dataActions.map((right) => row({ ...right, why: `${right.why} (a data action)` })),
    ].join('\n'),
  ];
}

/** The condition without which nobody should assign goldbot-access. */
const conditionOfAccess = [
  '### The condition of goldbot-access',
  'deploy/platform makes all of this with `goldbot-access` among its `buildingRoles`. By hand: make the roles that `grant` may give (Compute Gallery Image Reader is Azure’s own), then assign goldbot-access on the gallery with a condition that names them: with it, goldbot can give groups these three roles and nobody anything else.',
  [
    '```bash',
    ...madeForGroups.map((role) => makeRoleCommand(role)),
    'creator="$(az role definition list --name golden-image-creator --query "[0].name" --output tsv)"',
    'deleter="$(az role definition list --name golden-image-deleter --query "[0].name" --output tsv)"',
    `roles="{${imageRoles.view.builtIn}, $creator, $deleter}"`,
    'of="Microsoft.Authorization/roleAssignments"',
    'given="@Request[$of:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals $roles AND @Request[$of:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'Group\'}"',
    'taken="@Resource[$of:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals $roles AND @Resource[$of:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'Group\'}"',
    'az role assignment create --role goldbot-access --assignee-object-id "<object id of goldbot’s identity>" --assignee-principal-type ServicePrincipal --scope "<the gallery>" --condition-version 2.0 --condition "((!(ActionMatches{\'$of/write\'})) OR ($given)) AND ((!(ActionMatches{\'$of/delete\'})) OR ($taken))"',
    '```',
  ].join('\n'),
];

const absent = [
  '- **Sharing with everybody.** goldbot makes no gallery a community gallery. It gives rights to images alone: to groups, by the roles that the condition of goldbot-access names.\n- **Secrets.** No role reads keys of storage accounts, secrets of vaults, or passwords.\n- **Groups.** goldbot deletes no resource group, and no resource that somebody else made.\n- **Resource Graph.** Inventory and compliance figures come from it. It needs no action of its own and answers what the observer’s actions allow to read. Microsoft documents this for resources; which action lets policy states be read there it does not say, and `policyStates/queryResults/read` is what lets them be read elsewhere. If figures of policies stay empty, assign Azure’s own Reader where the observer is.\n- **Microsoft Graph.** The application permission `GroupMember.Read.All` is not an Azure role: see [deploy/README.md](../deploy/README.md).\n- **The builds’ identity.** Image Builder works as a second identity with roles of its own: see [deploy/README.md](../deploy/README.md).',
];
