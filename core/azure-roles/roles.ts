import { observerRole } from '../observing';

/** One action of a role, as Azure names it, and what goldbot needs it for. */
export interface Right {
  readonly action: string;
  /** As in “goldbot … “: what it does with it. */
  readonly why: string;
  /** Azure checks it while it does what was asked; no request of goldbot names it. */
  readonly implied?: true;
}

export type RoleName =
  | 'goldbot-observer'
  | 'goldbot-planner'
  | 'goldbot-builder'
  | 'goldbot-publisher'
  | 'goldbot-log-reader'
  | 'goldbot-signer'
  | 'goldbot-recorder'
  | 'goldbot-classifier'
  | 'goldbot-policy'
  | 'goldbot-runner'
  | 'goldbot-trials'
  | 'goldbot-access'
  | 'goldbot-sharer'
  | 'goldbot-rollout'
  | 'goldbot-reimage';

/** A custom role for goldbot's identity. Only the observer's is needed for goldbot to be of any use. */
export interface AzureRole {
  readonly name: RoleName;
  /** One sentence, as Azure shows it. */
  readonly description: string;
  /** Where it is assigned, in words. */
  readonly where: string;
  /** What people can do with it, and what they are told without it. */
  readonly gives: string;
  readonly without: string;
  /** The widest scope that it is meant for. */
  readonly at: 'management group' | 'subscription' | 'resource group' | 'resource';
  readonly actions: readonly Right[];
  /** Of what resources hold: blobs, keys. Azure takes no role with these at a management group. */
  readonly dataActions: readonly Right[];
  /** Assigned with the condition of docs/roles.md alone: without it, it could give anybody anything. */
  readonly conditioned?: true;
}

const machines = 'Microsoft.Compute/virtualMachines';
const sets = 'Microsoft.Compute/virtualMachineScaleSets';
const instances = `${sets}/virtualMachines`;
const arc = 'Microsoft.HybridCompute/machines';
const images = 'Microsoft.Compute/galleries/images';
const templates = 'Microsoft.VirtualMachineImages/imageTemplates';
const authorization = 'Microsoft.Authorization';
const insights = 'Microsoft.PolicyInsights';
const cards = 'Microsoft.Network/networkInterfaces';
const identities = 'Microsoft.ManagedIdentity/userAssignedIdentities';

const observer: AzureRole = {
  name: observerRole,
  description: 'goldbot looks at golden images, at the machines made from them, and at what policies say about both.',
  where:
    'the teams’ management group or subscriptions, the gallery and the resource group that builds; the second gallery and galleries that images are built from',
  gives: '`images`, `versions`, `show`, `compliance`, `who has`, `tattoo`, `verify`, the weekly digest',
  without: 'goldbot sees nothing there: machines count as none',
  at: 'management group',
  actions: [
    {
      action: 'Microsoft.Resources/subscriptions/read',
      why: 'finds the subscriptions and the management groups above them',
    },
    { action: `${machines}/read`, why: 'counts machines and reads which image they refer to' },
    { action: `${sets}/read`, why: 'reads which image a scale set’s model refers to' },
    { action: `${instances}/read`, why: 'counts the instances of uniform scale sets' },
    { action: 'Microsoft.Compute/disks/read', why: 'reads what a machine’s system disk was really made from' },
    { action: `${arc}/read`, why: 'counts machines outside of Azure' },
    { action: `${machines}/extensions/read`, why: 'looks which agents are missing on machines' },
    { action: `${arc}/extensions/read`, why: 'looks which agents are missing on machines outside of Azure' },
    {
      action: 'Microsoft.Insights/dataCollectionRuleAssociations/read',
      why: 'looks whether a rule says what an agent is to send',
    },
    {
      action: 'Microsoft.Compute/galleries/read',
      why: 'looks whether the gallery keeps what is deleted, and with whom it is shared',
    },
    {
      action: 'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions/read',
      why: 'lists versions that were deleted and can be restored',
    },
    { action: `${images}/read`, why: 'lists image definitions and what they take' },
    {
      action: `${images}/versions/read`,
      why: 'lists versions, with their replicas and tags; makes test machines of one',
    },
    { action: `${insights}/policyStates/queryResults/read`, why: 'counts what policies say about machines' },
    {
      action: `${authorization}/policyAssignments/read`,
      why: 'names the policies, and looks whether a restriction is in force',
    },
    { action: `${authorization}/policyExemptions/read`, why: 'tells what is exempted, and until when' },
    {
      action: 'Microsoft.GuestConfiguration/guestConfigurationAssignments/read',
      why: 'counts what guest configuration found inside',
    },
    { action: `${authorization}/permissions/read`, why: 'looks which of its own roles it has there' },
  ],
  dataActions: [],
};

const planner: AzureRole = {
  name: 'goldbot-planner',
  description: 'goldbot looks whether a golden image can be built, and at builds: reads alone.',
  where: 'the subscription that builds, and any other one that has the gallery, the networks or the builds’ identity',
  gives: '`publish --plan` with the looks before a build, `doctor`, `triggers`, `leftovers`, `access`',
  without: 'an image cannot be planned',
  at: 'subscription',
  actions: [
    {
      action: 'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
      why: 'chooses the exact marketplace version to build from',
    },
    {
      action: 'Microsoft.Compute/images/read',
      why: 'looks at managed images, as the base of a build and as its output',
    },
    {
      action: 'Microsoft.MarketplaceOrdering/offerTypes/publishers/offers/plans/agreements/read',
      why: 'looks whether the terms of a base with a plan are accepted',
    },
    { action: 'Microsoft.Compute/locations/usages/read', why: 'looks whether there is quota for the machines' },
    { action: 'Microsoft.Compute/skus/read', why: 'looks whether the region has the machine’s size' },
    { action: 'Microsoft.ContainerInstance/locations/usages/read', why: 'looks whether there is quota for containers' },
    {
      action: 'Microsoft.Resources/subscriptions/providers/read',
      why: 'looks whether the resource providers are registered, and where Image Builder is offered',
    },
    {
      action: 'Microsoft.Resources/subscriptions/read',
      why: 'the doctor looks whether the subscription is enabled and of goldbot’s tenant',
    },
    {
      action: 'Microsoft.Resources/subscriptions/locations/read',
      why: 'the doctor looks whether the regions of the catalogue are there',
    },
    {
      action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
      why: 'finds staging groups that builds have left behind',
    },
    {
      action: 'Microsoft.Resources/subscriptions/resourceGroups/resources/read',
      why: 'looks whether a staging group of your own is empty',
    },
    { action: 'Microsoft.Network/virtualNetworks/read', why: 'looks whether the subnets fit' },
    { action: `${identities}/read`, why: 'looks whether the builds’ identity is there' },
    {
      action: `${authorization}/roleAssignments/read`,
      why: 'looks whether the builds’ identity has its roles, and who may use an image',
    },
    { action: `${authorization}/roleDefinitions/read`, why: 'looks what these roles allow' },
    { action: `${authorization}/permissions/read`, why: 'looks whether its own roles suffice' },
    { action: `${authorization}/locks/read`, why: 'looks whether a lock would keep the build from being deleted' },
    { action: `${insights}/checkPolicyRestrictions/read`, why: 'asks what policies would forbid' },
    { action: `${templates}/read`, why: 'follows builds, and finds templates of others that publish into the gallery' },
    { action: `${templates}/triggers/read`, why: 'finds templates of others that build by themselves' },
    { action: `${templates}/runOutputs/read`, why: 'reads what a build has made' },
    { action: 'Microsoft.Storage/storageAccounts/read', why: 'finds the account with the log of a build' },
  ],
  dataActions: [],
};

const builder: AzureRole = {
  name: 'goldbot-builder',
  description: 'goldbot builds golden images and tests them on machines that it makes and deletes.',
  where: 'the resource group that builds, the subnet of test machines, and the builds’ identity: each by itself',
  gives: '`publish`, `rebuild`, `cancel`',
  without: 'a publish waits before its build and says so',
  at: 'resource group',
  actions: [
    { action: `${templates}/write`, why: 'makes the image template, which builds at once' },
    { action: `${templates}/run/action`, why: 'starts a template that did not start by itself' },
    { action: `${templates}/cancel/action`, why: 'cancels a build' },
    { action: `${templates}/delete`, why: 'deletes the template once it is over' },
    { action: `${identities}/assign/action`, why: 'hands the builds’ identity to Image Builder' },
    { action: `${machines}/write`, why: 'makes the test machine' },
    { action: `${machines}/delete`, why: 'deletes it' },
    { action: `${machines}/runCommands/write`, why: 'runs the tests on it' },
    { action: `${machines}/runCommands/read`, why: 'reads how they ended' },
    { action: 'Microsoft.Network/virtualNetworks/subnets/join/action', why: 'puts it into the subnet of tests' },
    { action: 'Microsoft.Compute/disks/write', why: 'has Azure make its disk', implied: true },
    { action: 'Microsoft.Compute/disks/delete', why: 'has Azure delete its disk with it', implied: true },
    { action: `${cards}/read`, why: 'has Azure make its network interface', implied: true },
    { action: `${cards}/write`, why: 'has Azure make its network interface', implied: true },
    { action: `${cards}/join/action`, why: 'has Azure attach its network interface', implied: true },
    { action: `${cards}/delete`, why: 'has Azure delete its network interface with it', implied: true },
  ],
  dataActions: [],
};

const publisher: AzureRole = {
  name: 'goldbot-publisher',
  description:
    'goldbot publishes versions of golden images, changes what they say, and deletes candidates and what is retired.',
  where: 'the gallery, and the second one',
  gives:
    '`publish` from the test on, and clearing up after one that failed; `revoke`, `retire`, `restore`; `copy` into the second gallery',
  without: 'what was built waits in its test, excluded from latest, and the run says so',
  at: 'resource group',
  actions: [
    {
      action: `${images}/versions/write`,
      why: 'publishes a version: regions, latest, end of life, tags; revokes and restores it',
    },
    { action: `${images}/versions/delete`, why: 'deletes candidates that failed and versions that are retired' },
  ],
  dataActions: [],
};

const logReader: AzureRole = {
  name: 'goldbot-log-reader',
  description: 'goldbot reads the logs of builds, and whether a VHD is there.',
  where:
    'the staging groups of builds (the subscription that builds, where Image Builder makes them), the container of VHDs, and that of checkpoints',
  gives: '`logs`, the failing step and its first error on cards; images as VHD',
  without: 'a failed build says Image Builder’s message alone',
  at: 'subscription',
  actions: [],
  dataActions: [
    {
      action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
      why: 'reads the log of a build, and checkpoints of the audit; looks whether a VHD is there',
    },
  ],
};

const signer: AzureRole = {
  name: 'goldbot-signer',
  description: 'goldbot signs the birth certificates of versions with a key that it cannot see.',
  where: 'the key that `provenance.keyVaultKey` names, in a vault with Azure RBAC',
  gives: 'signed certificates; `verify` against the vault’s public key',
  without: 'versions are published unsigned, and `verify` says so',
  at: 'resource',
  actions: [],
  dataActions: [
    { action: 'Microsoft.KeyVault/vaults/keys/read', why: 'reads the public half of the key' },
    { action: 'Microsoft.KeyVault/vaults/keys/sign/action', why: 'signs a certificate’s digest' },
  ],
};

const recorder: AzureRole = {
  name: 'goldbot-recorder',
  description: 'goldbot keeps checkpoints of its audit where it can neither change nor delete them.',
  where: 'the container that `audit.container` names, together with goldbot-log-reader',
  gives: 'checkpoints of the audit outside of goldbot’s database',
  without: 'goldbot’s log says so each hour, and checkpoints stand in the database and the channel alone',
  at: 'resource',
  actions: [],
  dataActions: [
    {
      action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action',
      why: 'adds a checkpoint; what is there already it cannot write over',
    },
  ],
};

const classifier: AzureRole = {
  name: 'goldbot-classifier',
  description: 'goldbot writes the service model of machines as a tag.',
  where: 'the teams’ management group or subscriptions',
  gives: '`classify`',
  without: '`classify` says so; a tag can still be set by hand',
  at: 'management group',
  actions: [
    { action: 'Microsoft.Resources/tags/read', why: 'reads a machine’s tags before and after' },
    { action: 'Microsoft.Resources/tags/write', why: 'sets the tag and keeps all others' },
  ],
  dataActions: [],
};

const policy: AzureRole = {
  name: 'goldbot-policy',
  description: 'goldbot holds machines to golden images, exempts some, has others mended and evaluated anew.',
  where:
    'the teams’ management group or subscriptions; for exemptions where the policy is assigned, often a management group',
  gives: '`restrict`, `exempt`, `remediate`, `rescan`',
  without: 'these say so; policies are still read',
  at: 'management group',
  actions: [
    { action: `${authorization}/policyDefinitions/read`, why: 'looks whether its definition is there' },
    { action: `${authorization}/policyDefinitions/write`, why: 'writes its definition, goldbot-golden-images' },
    { action: `${authorization}/policyAssignments/write`, why: 'assigns it, and policies of Azure that bring agents' },
    { action: `${authorization}/policyAssignments/delete`, why: 'takes the assignment away' },
    { action: `${authorization}/policyAssignments/exempt/action`, why: 'exempts from an assignment', implied: true },
    { action: `${authorization}/policyExemptions/write`, why: 'writes the exemption' },
    { action: `${insights}/remediations/read`, why: 'follows a remediation' },
    { action: `${insights}/remediations/write`, why: 'starts a remediation' },
    { action: `${insights}/policyStates/triggerEvaluation/action`, why: 'has policies evaluated now' },
    { action: `${insights}/asyncOperationResults/read`, why: 'follows the evaluation' },
  ],
  dataActions: [],
};

const commands = (of: string, what: string): readonly Right[] => [
  { action: `${of}/runCommands/write`, why: `reads the tattoo inside ${what}` },
  { action: `${of}/runCommands/read`, why: 'waits for it' },
  { action: `${of}/runCommands/delete`, why: 'takes its command away again' },
];

const runner: AzureRole = {
  name: 'goldbot-runner',
  description:
    'goldbot runs a command inside teams’ machines. It is root on all of them: leave it out unless you need it.',
  where: 'the machines, resource groups or subscriptions whose insides goldbot may read',
  gives: '`tattoo --fresh`, `verify --fresh`',
  without: 'the verdict rests on image reference, disk and tags, and says that nobody looked inside',
  at: 'resource group',
  actions: [
    ...commands(machines, 'a machine'),
    ...commands(instances, 'an instance of a scale set'),
    ...commands(arc, 'a machine outside of Azure'),
  ],
  dataActions: [],
};

const trials: AzureRole = {
  name: 'goldbot-trials',
  description: 'goldbot makes an image definition to try what no document settles about Azure, and deletes it.',
  where: 'the gallery, for as long as trials are made; leave it out otherwise',
  gives: '`try`, together with the publisher’s role',
  without: '`try` says so; nothing else needs it',
  at: 'resource group',
  actions: [
    { action: `${images}/write`, why: 'makes the definition goldbot-trials, and no other' },
    { action: `${images}/delete`, why: 'deletes it when the trials are over' },
  ],
  dataActions: [],
};

const access: AzureRole = {
  name: 'goldbot-access',
  description:
    'goldbot gives groups rights to images and takes them back. Assign it with a condition alone, which names the roles that it may give.',
  where: 'the gallery, with the condition of this page',
  conditioned: true,
  gives: '`grant`, `ungrant`',
  without: 'these say so; `access` still tells who has which right',
  at: 'resource group',
  actions: [
    { action: `${authorization}/roleAssignments/write`, why: 'gives a group a role on an image' },
    { action: `${authorization}/roleAssignments/delete`, why: 'takes it back' },
  ],
  dataActions: [],
};

const sharer: AzureRole = {
  name: 'goldbot-sharer',
  description: 'goldbot shares the gallery with subscriptions and tenants that admins agree to, and takes it back.',
  where: 'the gallery, where it was made for direct sharing; leave it out otherwise',
  gives: '`share`, `unshare`',
  without: 'these say so; `access` still tells with whom the gallery is shared',
  at: 'resource group',
  actions: [
    {
      action: 'Microsoft.Compute/galleries/share/action',
      why: 'shares the gallery directly, and takes it back from one or from everybody',
    },
  ],
  dataActions: [],
};

const rollout: AzureRole = {
  name: 'goldbot-rollout',
  description:
    'goldbot moves scale sets to another version of a golden image, batch by batch. Instances lose their disks: assign it only where a team wants that.',
  where: 'the resource groups of the scale sets that goldbot may move: each team decides for its own',
  gives: '`rollout`, `defer`; with it goldbot asks the team by itself once Azure asks',
  without: '`rollout` shows its plan, and a run says so and changes nothing; nobody is asked by goldbot',
  at: 'resource group',
  actions: [
    { action: `${sets}/write`, why: 'has a scale set’s model name another version' },
    { action: `${sets}/manualupgrade/action`, why: 'gives instances that model, batch by batch' },
    { action: `${sets}/rollingUpgrades/read`, why: 'follows an upgrade that Azure makes by itself' },
    { action: `${sets}/rollingUpgrades/action`, why: 'has Azure stop an upgrade once its rollout is cancelled' },
    { action: `${sets}/approveRollingUpgrade/action`, why: 'lets an upgrade begin that a set defers' },
    { action: `${sets}/lifecycleHookEvents/read`, why: 'reads what Azure asks the owner of a set before an upgrade' },
    {
      action: `${sets}/lifecycleHookEvents/write`,
      why: 'answers that, or has Azure wait for the window or as long as it is deferred',
    },
  ],
  dataActions: [],
};

const reimage: AzureRole = {
  name: 'goldbot-reimage',
  description:
    'goldbot reimages instances of scale sets that took a new version and still run the old one. They lose their system disks.',
  where: 'the resource groups of scale sets whose instances goldbot may reimage: each team decides for its own',
  gives: 'a `rollout` that goes on where an instance took the version and still runs the old one',
  without: 'the rollout stops there, with the command for whoever owns the set',
  at: 'resource group',
  actions: [
    {
      action: `${sets}/reimage/action`,
      why: 'reimages such instances once, where the plan that people agreed to names the set',
    },
  ],
  dataActions: [],
};

/** In the order in which people come to need them. */
export const azureRoles: readonly AzureRole[] = [
  ...[
    observer,
    planner,
    builder,
    publisher,
    logReader,
    signer,
    recorder,
    classifier,
    policy,
    runner,
    trials,
    access,
    sharer,
    rollout,
    reimage,
  ],
];

/** Test machines are goldbot's own; all others are somebody's. */
const ofTestMachine = /\/virtualMachines\/gbt-[^/]*(?:\/|$)/i;

/** The role that has an action, at a scope that Azure named; undefined for what goldbot never does. */
export function roleWith(action: string, scope = ''): AzureRole | undefined {
  const wanted = action.toLowerCase();
  const having = azureRoles.filter((role) =>
    [...role.actions, ...role.dataActions].some((right) => right.action.toLowerCase() === wanted),
  );
  const own = ofTestMachine.test(scope) ? having.find(({ name }) => name === 'goldbot-builder') : undefined;
  return own ?? having.at(-1);
}
