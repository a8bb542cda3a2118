import { teamSubscriptions } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
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
    const counted = await read.machinesByVersion(ubuntu);
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
    const found = await read.selfUpgradingScaleSets(ubuntu);
    const expected = (await listAll(sandbox, 'virtualMachineScaleSets')).filter(
      ({ properties: { virtualMachineProfile: profile, upgradePolicy: policy } }) =>
        /\/images\/ubuntu-22$/i.test(profile?.storageProfile.imageReference.id ?? '') &&
        policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true,
    );
    expect(found.map((s) => s.name).sort()).toEqual(expected.map((s) => s.name).sort());
    expect(found.length).toBeGreaterThan(0);
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
