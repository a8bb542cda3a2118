import { definitionId } from '../../core/azure-id';
import { selfUpgradingSets } from '../../core/compliance';
import { teamSubscriptions } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { ubuntu } from './azure';
import { wholeAzure } from './whole-azure';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly tags?: Record<string, string>;
  readonly properties: {
    readonly orchestrationMode?: string;
    readonly storageProfile?: { readonly imageReference?: { readonly id?: string; readonly exactVersion?: string } };
    readonly virtualMachineProfile?: { readonly storageProfile: { readonly imageReference: { readonly id?: string } } };
    readonly upgradePolicy?: { readonly automaticOSUpgradePolicy?: { readonly enableAutomaticOSUpgrade?: boolean } };
  };
}

/** Everything of a type as Compute lists it, without Resource Graph. */
async function listAll(sandbox: Sandbox, type: string): Promise<Listed[]> {
  const answers = await Promise.all(
    teamSubscriptions.map((s) =>
      ask(sandbox, 'GET', `/subscriptions/${s}/providers/Microsoft.Compute/${type}?api-version=2024-07-01`),
    ),
  );
  return answers.flatMap((a) => (a.body as { value: Listed[] }).value);
}

describe('the inventory by Resource Graph', () => {
  it('counts the machines of each version as Compute lists them, members of scale sets too', async () => {
    const { read, sandbox } = wholeAzure();
    const counted = (await read.machinesByVersion(ubuntu)).get('ubuntu-22') ?? [];
    const sets = (await listAll(sandbox, 'virtualMachineScaleSets')).filter(
      ({ properties }) => properties.orchestrationMode === 'Uniform',
    );
    const instances = await Promise.all(
      sets.map(({ id }) => ask(sandbox, 'GET', `${id}/virtualMachines?api-version=2024-07-01`)),
    );
    const expected = new Map<string, number>();
    const members = instances.flatMap(({ body }) => (body as { value: Listed[] }).value);
    for (const { properties } of [...(await listAll(sandbox, 'virtualMachines')), ...members]) {
      const ref = properties.storageProfile?.imageReference;
      const named = /\/galleries\/gold\/images\/ubuntu-22(?:\/versions\/(.+))?$/i.exec(ref?.id ?? '');
      if (!named) continue;
      const number = named[1] ?? ref?.exactVersion ?? '';
      expected.set(number, (expected.get(number) ?? 0) + 1);
    }
    expect(members.length).toBe(22);
    expect(new Map(counted)).toEqual(expected);
  });

  it('finds the scale sets that follow the latest version by themselves', async () => {
    const { read, sandbox } = wholeAzure();
    const found = (await read.scaleSets(definitionId(ubuntu))).rows.filter(({ selfUpgrading }) => selfUpgrading);
    const expected = (await listAll(sandbox, 'virtualMachineScaleSets')).filter(
      ({ properties: { virtualMachineProfile: profile, upgradePolicy: policy } }) =>
        /\/images\/ubuntu-22$/i.test(profile?.storageProfile.imageReference.id ?? '') &&
        policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true,
    );
    expect(found.map((s) => s.name).sort()).toEqual(expected.map((s) => s.name).sort());
    expect(found.length).toBeGreaterThan(0);
  });

  it('names them by the team that the catalogue gives them, whatever their tag "team" says', async () => {
    const { read } = wholeAzure();
    const { teams } = exampleCatalogue();
    const [payments] = [...teams.values()];
    const [set] = (await read.scaleSets(definitionId(ubuntu))).rows.filter(({ name }) => name === 'vmss-payments-api');
    if (!payments || !set) throw new Error('the story has changed');
    const at = `/subscriptions/${set.subscription}/resourceGroups/${set.resourceGroup}`;
    const treasury = new Map([['treasury', { ...payments, scope: { resourceGroup: at } }]]);
    expect(await selfUpgradingSets(read, { teams }, ubuntu)).toEqual([
      'payments/vmss-payments-api',
      'web/vmss-web-front',
    ]);
    expect(await selfUpgradingSets(read, { teams: treasury }, ubuntu)).toEqual([
      'treasury/vmss-payments-api',
      'vmss-web-front',
    ]);
  });
});

describe('the people of the sandbox', () => {
  it('are in the groups that they are in', async () => {
    const { directory } = wholeAzure();
    const [ada, grace] = [1, 2].map((n) => `a1d0c000-0000-4000-8000-00000000000${n}`);
    const [publishers, approvers] = [1, 2].map((n) => `b0bb1e50-0000-4000-8000-00000000000${n}`);
    const groups = [publishers ?? '', approvers ?? ''];
    await expect(directory.memberOf(ada ?? '', groups)).resolves.toEqual([publishers]);
    await expect(directory.memberOf(grace ?? '', groups)).resolves.toEqual([approvers]);
    await expect(directory.memberOf('a1d0c000-0000-4000-8000-000000000099', groups)).resolves.toEqual([]);
  });
});
