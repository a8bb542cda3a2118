import { azureRoles, type Elsewhere, rolesFor } from '../../core/azure-roles';
import type { Catalogue } from '../../core/catalogue';
import { imageRoles } from '../../core/image-access';
import { committed, type PredictedResource, parameterSets, sample } from '../../tools/bicep/project';
import { exampleCatalogue } from '../support/catalogue';
import { filled } from './bicep-fill';

/** What goldbot's identity may do, where: as the templates make it, and as core/azure-roles says that a catalogue needs it. */
const resourcesOf = (name: string): readonly PredictedResource[] => {
  const [set] = parameterSets().filter(({ layer, name: of }) => layer === 'platform' && of === name);
  const resources = set ? committed(set).predictedResources : [];
  const about = /^Microsoft\.(?:Authorization\/role|KeyVault\/vaults\/keys|Storage\/.*\/containers)/;
  return filled(
    resources.filter(({ type }) => about.test(type)),
    answer,
  );
};

/** Monitoring Metrics Publisher, as Azure calls it everywhere. */
const metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb';

/** Storage Blob Data Contributor. */
const blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe';

/** Object ids are not in the snapshot: an identity is known by its name. */
const answer = (id: string, path: string): string => (path === 'principalId' ? (id.split('/').at(-1) ?? '') : path);

interface Grant {
  readonly role: string;
  readonly scope: string;
  readonly to: string;
}

function grantsOf(name: string): readonly Grant[] {
  const resources = resourcesOf(name);
  const names = new Map(
    resources
      .filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')
      .map((one) => [one.name, (one['properties'] as { roleName: string }).roleName]),
  );
  return resources
    .filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments')
    .map(({ id, properties }) => {
      const { roleDefinitionId, principalId } = properties as Record<string, string>;
      const role = roleDefinitionId?.split('/').at(-1) ?? '';
      const scope = id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/, '');
      return { role: names.get(role) ?? role, scope: scope.toLowerCase(), to: principalId ?? '' };
    });
}

/** What no template assigns: an administrator does, team by team, or on what is not goldbot's. */
const byHand = ['goldbot-recorder', 'goldbot-rollout', 'goldbot-reimage'];

const lines = (grants: readonly Pick<Grant, 'role' | 'scope'>[]) =>
  grants
    .filter(({ role }) => !byHand.includes(role))
    .map(({ role, scope }) => `${role} on ${scope.toLowerCase()}`)
    .sort();
const ofGoldbot = (name: string) =>
  grantsOf(name).filter(({ to, role }) => to === 'id-goldbot-contoso' && role.startsWith('goldbot-'));
/** The one key that there is. */
const signing = (name: string): Pick<Elsewhere, 'key'> => ({
  key: resourcesOf(name).find(({ type }) => type === 'Microsoft.KeyVault/vaults/keys')?.id ?? '',
});
/** The one container that there is. */
const disks = (name: string): Pick<Elsewhere, 'container'> => {
  const of = 'Microsoft.Storage/storageAccounts/blobServices/containers';
  const container = resourcesOf(name).find(({ type }) => type === of)?.id;
  return container === undefined ? {} : { container };
};
const subscriptions = (...last: readonly string[]) =>
  last.map((four) => `/subscriptions/${sample.subscriptionId.slice(0, -4)}${four}`);

describe('the roles of goldbot', () => {
  it('are those of deploy/roles, action by action', () => {
    const made = resourcesOf('private').filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions');
    const byName = new Map(
      made.map((one) => {
        const { roleName, permissions } = one['properties'] as {
          roleName: string;
          permissions: readonly [Record<string, readonly string[]>];
        };
        return [roleName, permissions[0]];
      }),
    );
    for (const { name, actions, dataActions } of azureRoles.filter(({ name }) => !byHand.includes(name))) {
      expect(byName.get(name)).toEqual({
        actions: actions.map(({ action }) => action),
        notActions: [],
        dataActions: dataActions.map(({ action }) => action),
        notDataActions: [],
      });
    }
    const others = [...byName.keys()].filter((name) => !azureRoles.some((role) => role.name === name));
    const forGroups = Object.values(imageRoles).flatMap(({ name, builtIn }) => (builtIn === undefined ? [name] : []));
    expect(others.sort()).toEqual(['goldbot-image-builder', 'goldbot-image-builder-network', ...forGroups].sort());
    for (const { name, actions } of Object.values(imageRoles)) {
      if (forGroups.includes(name)) expect(byName.get(name)).toMatchObject({ actions, notActions: [] });
    }
  });

  it('are assigned where the example catalogue needs them, and nowhere else', () => {
    const needed = rolesFor(exampleCatalogue(), { teams: subscriptions('1001'), ...signing('main') });
    // The least that works changes nothing of teams, and tries nothing.
    const off = ['classifier', 'policy', 'runner', 'trials', 'access', 'sharer'].map((name) => `goldbot-${name}`);
    expect(lines(ofGoldbot('main'))).toEqual(lines(needed.filter(({ role }) => !off.includes(role))));
  });

  it('let it read what signs webhooks, of those secrets alone that the app is handed', () => {
    const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6';
    const readOf = (name: string) => grantsOf(name).filter(({ role }) => role === secretsUser);
    const [set] = parameterSets().filter(({ layer, name }) => layer === 'app' && name === 'private');
    const handed = JSON.stringify(set && committed(set).predictedResources);
    const addresses = [...handed.matchAll(/https:\/\/([^.]+)\.vault\.azure\.net\/secrets\/([^"]+)/g)];
    const wanted = addresses.map(([, vault, secret]) => `/vaults/${vault}/secrets/${secret}`);
    expect(readOf('private').map(({ scope, to }) => ({ scope: scope.slice(scope.indexOf('/vaults/')), to }))).toEqual(
      wanted.map((scope) => ({ scope, to: 'id-goldbot-contoso' })),
    );
    expect(wanted).toHaveLength(1);
    expect(readOf('main')).toEqual([]);
  });

  it('reach what an enterprise names besides: subscriptions of teams, a staging group for each image, a second gallery', () => {
    const { azure, images } = exampleCatalogue();
    const group = `/subscriptions/${sample.subscriptionId}/resourceGroups/rg-image-staging-ubuntu-22`;
    const [ubuntu] = images.filter(({ name }) => name === 'ubuntu-22');
    const catalogue: Catalogue = {
      ...exampleCatalogue(),
      azure: {
        ...{ ...azure, build: { ...azure.build, stagingResourceGroup: group } },
        secondGallery: { name: 'gold_dr', resourceGroup: 'rg-golden-images-dr' },
      },
      images: ubuntu ? [ubuntu] : [],
    };
    const elsewhere = { teams: subscriptions('1002', '1003', '1004'), ...signing('private'), ...disks('private') };
    expect(lines(ofGoldbot('private'))).toEqual(lines(rolesFor(catalogue, elsewhere)));
  });

  it('follow a gallery and subnets that were there', () => {
    const { azure } = exampleCatalogue();
    const network = `/subscriptions/${sample.subscriptionId}/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-spoke`;
    const [, shared = ''] = /\/subscriptions\/([^/]+)/.exec(subscriptions('1002')[0] ?? '') ?? [];
    const catalogue: Catalogue = {
      ...exampleCatalogue(),
      azure: {
        ...azure,
        gallery: { ...azure.gallery, subscription: shared, resourceGroup: 'rg-shared-images', name: 'corporate' },
        test: { ...azure.test, subnetId: `${network}/subnets/tests` },
      },
    };
    const elsewhere = { teams: subscriptions('1003'), ...signing('bring-your-own') };
    const off = ['runner', 'trials', 'access', 'sharer'].map((name) => `goldbot-${name}`);
    const needed = rolesFor(catalogue, elsewhere).filter(({ role }) => !off.includes(role));
    expect(lines(ofGoldbot('bring-your-own'))).toEqual(lines(needed));
  });
});

it('a management group is given the roles that the platform made for it, and no other', () => {
  const [group] = parameterSets().filter(({ layer }) => layer === 'management-group');
  const granted = (group ? committed(group).predictedResources : []).map(
    (one) => (one['properties'] as { roleDefinitionId: string }).roleDefinitionId,
  );
  const scope = '/providers/Microsoft.Management/managementGroups/mg-landing-zones';
  const roles = resourcesOf('bring-your-own').filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions');
  const offered = roles.flatMap(({ name, properties }) => {
    const { roleName, assignableScopes } = properties as { roleName: string; assignableScopes: readonly string[] };
    return assignableScopes.includes(scope) ? [{ name, roleName }] : [];
  });
  // Azure takes no role with actions on data there.
  expect(offered.map(({ roleName }) => roleName)).not.toContain('goldbot-signer');
  const names = granted.map((id) =>
    offered.find(({ name }) => id === `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`),
  );
  expect(names.map((one) => one?.roleName)).toEqual(['goldbot-observer', 'goldbot-classifier', 'goldbot-policy']);
});

it.each(['main', 'private', 'bring-your-own'])('goldbot may tell Application Insights what it does: %s', (name) => {
  const [insights] = parameterSets()
    .filter(({ layer, name: of }) => layer === 'platform' && of === name)
    .flatMap((set) => committed(set).predictedResources.filter(({ type }) => type === 'Microsoft.Insights/components'));
  const given = grantsOf(name).filter(({ role }) => role === metricsPublisher);
  expect(given).toEqual([{ role: metricsPublisher, scope: insights?.id.toLowerCase(), to: 'id-goldbot-contoso' }]);
});

it('Image Builder’s identity writes disks and versions, joins the subnets of builds, and is Contributor of staging groups', () => {
  const given = grantsOf('private').filter(({ to }) => to === 'id-image-builder');
  const scopes = given.map(({ role, scope }) => `${role} on ${scope.split('/').slice(-2).join('/')}`);
  expect(scopes).toEqual([
    `${blobContributor} on containers/vhds`,
    'goldbot-image-builder on galleries/gold',
    'goldbot-image-builder-network on subnets/builds',
    'goldbot-image-builder-network on subnets/containers',
    'b24988ac-6180-42a0-ab88-20f7382dd24c on resourcegroups/rg-image-staging-ubuntu-22',
  ]);
});
