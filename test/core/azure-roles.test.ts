import { rolesFor } from '../../core/azure-roles';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { exampleCatalogue } from '../support/catalogue';

const { azure, ...example } = exampleCatalogue();
const ubuntu = example.images.find(({ name }) => name === 'ubuntu-22') as ImageConfig;
const elsewhere = (n: number, group: string): string =>
  `/subscriptions/00000000-0000-4000-8000-00000000000${n}/resourceGroups/${group}/providers`;
const subnet = (n: number, name: string): string =>
  `${elsewhere(n, 'rg-network')}/Microsoft.Network/virtualNetworks/vnet/subnets/${name}`;

function scopes(
  change: Partial<ImageConfig>,
  { teams = [] as readonly string[], container = undefined as string | undefined } = {},
) {
  const catalogue: Catalogue = { ...example, azure, images: [{ ...ubuntu, ...change }] };
  const all = rolesFor(catalogue, { teams, ...(container && { container }) });
  return (role: string) => all.filter((one) => one.role === role).map(({ scope }) => scope);
}

describe('where a catalogue needs the roles', () => {
  it('is each scope once and none within another, however somebody spells it', () => {
    const group = '/providers/Microsoft.Management/managementGroups/Corp';
    const teams = [
      group,
      group.toUpperCase(),
      `${group}-eu`,
      '/subscriptions/1',
      '/SUBSCRIPTIONS/1/resourceGroups/a',
      '/subscriptions/11',
    ];
    expect(scopes({}, { teams })('goldbot-classifier')).toEqual([
      group,
      `${group}-eu`,
      '/subscriptions/1',
      '/subscriptions/11',
    ]);
  });

  it('is wherever networks and the identity are, for whoever looks before a build', () => {
    const network = { subnetId: subnet(1, 'builds'), containerInstanceSubnetId: subnet(2, 'containers') };
    const identity = `${elsewhere(3, 'rg')}/Microsoft.ManagedIdentity/userAssignedIdentities/id`;
    const build = { network } as ImageConfig['build'];
    const catalogue: Catalogue = { ...example, azure: { ...azure, identity }, images: [{ ...ubuntu, build }] };
    const of = (role: string) => rolesFor(catalogue, { teams: [] }).filter((one) => one.role === role);
    expect(of('goldbot-planner').map(({ scope }) => scope)).toEqual([
      `/subscriptions/${azure.subscription}`,
      ...[3, 1, 2].map((n) => `/subscriptions/00000000-0000-4000-8000-00000000000${n}`),
    ]);
  });

  it('is where the second gallery is, for whoever looks and whoever copies', () => {
    const secondGallery = { name: 'gold_dr', resourceGroup: 'rg-dr' };
    const catalogue: Catalogue = { ...example, azure: { ...azure, secondGallery }, images: [ubuntu] };
    const second = `/subscriptions/${azure.subscription}/resourceGroups/rg-dr/providers/Microsoft.Compute/galleries/gold_dr`;
    const there = rolesFor(catalogue, { teams: [] }).filter(({ scope }) => scope === second);
    expect(there.map(({ role }) => role)).toEqual(['goldbot-observer', 'goldbot-publisher']);
  });

  it('is where the gallery of a base is, the definition alone, and the container of VHDs', () => {
    const image = {
      subscription: '00000000-0000-4000-8000-000000000003',
      resourceGroup: 'rg',
      gallery: 'theirs',
      definition: 'base',
    };
    const container = `${elsewhere(4, 'rg')}/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/vhds`;
    const of = scopes({ source: { kind: 'imageVersion', image } as ImageConfig['source'] }, { container });
    expect(of('goldbot-observer')).toContain(`${elsewhere(3, 'rg')}/Microsoft.Compute/galleries/theirs/images/base`);
    expect(of('goldbot-log-reader')).toContain(container);
  });
});
