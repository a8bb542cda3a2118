import { azureId, definitionId, nameOfId, regionKey, resourceGroupId, resourceId, subscriptionId } from '../azure-id';
import type { FixedPlan } from '../runs';
import type { GroupState, ManagementLock, PlannedResource, PolicyDenial, ProviderState } from './facts';
import { type Finding, look, lookAtEach, stops, warns } from './look';

/** Documented: what Image Builder needs in the subscription that builds. */
const needed = [
  'Microsoft.VirtualMachineImages',
  'Microsoft.Compute',
  'Microsoft.Storage',
  'Microsoft.Network',
  'Microsoft.KeyVault',
  'Microsoft.ContainerInstance',
  'Microsoft.ManagedIdentity',
] as const;

export const providers = look<readonly ProviderState[]>({
  at: 'the resource providers of the subscription',
  read: (azure, { place }) => azure.providers(place.subscription, needed),
  judge: (found, { place }) => {
    const elsewhere = regionFindings(found, place);
    const missing = found.filter(({ state }) => state.toLowerCase() !== 'registered');
    if (missing.length === 0) return elsewhere;
    const named = missing.map(({ namespace, state }) => `${namespace} (${state})`).join(', ');
    return [
      stops(
        `The subscription ${place.subscription} is not registered for ${named}.`,
        'Register what is missing; it takes a few minutes:',
        ...missing.map(
          ({ namespace }) =>
            `az provider register --subscription ${place.subscription} --namespace ${namespace} --wait`,
        ),
      ),
      ...elsewhere,
    ];
  },
});

/** Image Builder is not in every region; templates, builds and a staging group of one's own are where it is. */
function regionFindings(
  found: readonly ProviderState[],
  { subscription, location }: FixedPlan['place'],
): readonly Finding[] {
  const imageBuilder = found.find(({ namespace }) => namespace === 'Microsoft.VirtualMachineImages');
  const offered = imageBuilder?.regions.get('imageTemplates') ?? [];
  if (offered.length === 0 || offered.includes(regionKey(location))) return [];
  return [
    stops(
      `Azure Image Builder is not offered in ${location}, where images are to be built.`,
      'Name another region as `location` in azure.yaml, and keep what builds use there; images are copied to wherever `regions` says. This lists where it is:',
      `az provider show --subscription ${subscription} --namespace Microsoft.VirtualMachineImages --query "resourceTypes[?resourceType=='imageTemplates'].locations[]" --output table`,
    ),
  ];
}

/** The scopes in which a run makes and deletes things. */
function scopesOf({ place, target, buildSettings }: FixedPlan): readonly string[] {
  const { subscription, resourceGroup, gallery } = target;
  const staging = buildSettings?.stagingResourceGroup;
  return [
    resourceGroupId(place),
    resourceId({ subscription, resourceGroup }, 'Microsoft.Compute/galleries', gallery),
    ...(staging === undefined ? [] : [staging]),
  ];
}

export const locks = lookAtEach<{ readonly scope: string }, readonly ManagementLock[]>({
  at: 'management locks',
  of: (plan) => scopesOf(plan).map((scope) => ({ scope })),
  read: (azure, { scope }) => azure.locksOver(scope),
  judge: (found) => {
    const all = found.flatMap(({ seen }) => seen);
    return [...new Map(all.map((lock) => [lock.id.toLowerCase(), lock])).values()].map(({ id, level, scope }) => {
      const remove = `az lock delete --ids ${id}`;
      if (level === 'ReadOnly') {
        return stops(
          `The lock ${nameOfId(id)} on ${scope} lets nothing be changed there (ReadOnly).`,
          'Make it one that forbids deleting alone, or remove it:',
          `az lock update --ids ${id} --lock-type CanNotDelete`,
          remove,
        );
      }
      return warns(
        `The lock ${nameOfId(id)} on ${scope} lets nothing be deleted there (CanNotDelete): candidates, templates or test machines of the run would stay.`,
        'Lock single versions instead, or remove it:',
        remove,
      );
    });
  },
});

/** What goldbot makes as it says here, and what Image Builder makes on its behalf, of which less is known. */
interface Planned {
  readonly scope: string;
  readonly what: string;
  readonly resource: PlannedResource;
  /** Goldbot’s own: all that a policy could look at is known. */
  readonly own: boolean;
  /** How to do without it. */
  readonly instead?: string;
}

function plannedOf(plan: FixedPlan): readonly Planned[] {
  const { place, target, testVmSize, testTags, image } = plan;
  const run = { 'goldbot-run': 'R-22222', 'goldbot-image': image };
  return [
    {
      scope: resourceGroupId(place),
      what: 'the test machine',
      own: true,
      resource: {
        ...{ type: 'Microsoft.Compute/virtualMachines', location: place.location, tags: { ...testTags, ...run } },
        properties: {
          hardwareProfile: { vmSize: testVmSize },
          storageProfile: { imageReference: { id: `${definitionId(target)}/versions/${plan.version}` } },
        },
        apiVersion: '2024-07-01',
      },
    },
    ...plannedByImageBuilder(plan),
  ];
}

function plannedByImageBuilder({ place, buildSettings = {} }: FixedPlan): readonly Planned[] {
  const { stagingResourceGroup: staging, network } = buildSettings;
  const scope = staging ?? subscriptionId(place.subscription);
  const tags = { ...buildSettings.tags, createdBy: 'AzureVMImageBuilder' };
  const planned = (what: string, type: string, apiVersion: string, instead?: string): Planned => ({
    ...{ scope, what, own: false, ...(instead !== undefined && { instead }) },
    resource: { type, location: place.location, tags, properties: {}, apiVersion },
  });
  return [
    planned('Image Builder’s storage account', 'Microsoft.Storage/storageAccounts', '2023-01-01'),
    ...(staging === undefined
      ? [planned('Image Builder’s staging group', 'Microsoft.Resources/subscriptions/resourceGroups', '2021-04-01')]
      : []),
    // Documented: without a network of one's own the build machine is in one of Image Builder's, and has such an address.
    ...(network === undefined
      ? [
          planned(
            'the public address of Image Builder’s machine',
            'Microsoft.Network/publicIPAddresses',
            '2024-05-01',
            'Let builds run in a network of yours, where they need none (`build.network` in azure.yaml)',
          ),
        ]
      : []),
  ];
}

export const policies = lookAtEach<Planned, readonly PolicyDenial[]>({
  at: 'what policies forbid',
  of: plannedOf,
  read: (azure, { scope, resource }) => azure.policyDenials(scope, resource),
  judge: (found) =>
    found.flatMap(({ what, scope, own, instead, seen }) =>
      seen.map(({ assignment }) => {
        const why = `The policy assignment ${nameOfId(assignment)} forbids ${what} in ${scope}.`;
        const tags = own ? 'test.tags' : 'build.tags';
        const set = instead ?? `Set what it asks for (\`${tags}\` in azure.yaml, if it is a tag)`;
        const mend = `${set}, or exempt the scope:`;
        const exempt = `az policy exemption create --name goldbot-builds --exemption-category Waiver --policy-assignment ${assignment} --scope ${scope}`;
        // Of what Image Builder makes goldbot knows only a part: the policy may be content with the rest.
        return own
          ? stops(why, mend, exempt)
          : warns(`${why} It may be content with what Image Builder adds.`, mend, exempt);
      }),
    ),
});

export const terms = look<boolean>({
  at: 'whether the terms of the base are accepted',
  read: (azure, { base, place }) => base.plan && azure.termsAccepted(place.subscription, base.plan),
  judge: (accepted, { base: { plan }, place }): readonly Finding[] => {
    if (accepted || !plan) return [];
    const { publisher, product, name } = plan;
    return [
      stops(
        `Nobody has accepted the terms of ${publisher}:${product}:${name} for the subscription ${place.subscription}.`,
        'Accept them once, if your company does:',
        `az vm image terms accept --subscription ${place.subscription} --publisher ${publisher} --offer ${product} --plan ${name}`,
      ),
    ];
  },
});

interface Staging {
  readonly group: GroupState | undefined;
}

/** A staging group of one's own: there, empty, and where the template is. */
export const staging = look<Staging>({
  at: 'the staging group',
  read: (azure, { buildSettings }) => {
    const id = buildSettings?.stagingResourceGroup;
    return id === undefined ? undefined : azure.groupState(id).then((group) => ({ group }));
  },
  judge: ({ group }, { buildSettings, place }) => {
    const id = azureId(buildSettings?.stagingResourceGroup ?? '');
    const at = `--subscription ${id.subscription} --name ${id.resourceGroup}`;
    if (!group) {
      const why = `The staging group ${id.text} does not exist.`;
      const make = `az group create ${at} --location ${place.location}`;
      return [{ ...stops(why, 'Correct `build.stagingResourceGroup`, or make it:', make), missing: id.text }];
    }
    const elsewhere = regionKey(group.location) !== regionKey(place.location);
    return [
      ...(elsewhere
        ? [
            stops(
              `The staging group ${id.text} is in ${group.location}; images are built in ${place.location}.`,
              'Name another group as `build.stagingResourceGroup`; this makes one:',
              `az group create --subscription ${id.subscription} --name ${id.resourceGroup}-${regionKey(place.location)} --location ${place.location}`,
            ),
          ]
        : []),
      ...(group.isEmpty
        ? []
        : [
            stops(
              `The staging group ${id.text} is not empty; Image Builder takes an empty one alone.`,
              'Look at what is in it, and delete it if nobody needs it:',
              `az resource list --subscription ${id.subscription} --resource-group ${id.resourceGroup} --output table`,
            ),
          ]),
    ];
  },
});
