import { compute } from '../../sandbox/azure/compute/section';
import { versionRef } from '../../sandbox/azure/estate/images';
import { ask } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';

type World = ReturnType<typeof inventoryWorld>;

const group = (team: string, world: World) =>
  Object.values(compute(world.world).resources)
    .map(({ id }) => id)
    .find((id) => id.toLowerCase().includes(`/rg-${team}/`))
    ?.split('/providers/')[0] ?? '';

/** As ARM takes it; ready when the world is a few minutes older. */
async function create(world: World, team: string, name: string, body: { tags?: object; imageId?: string } = {}) {
  const { tags = { team }, imageId = versionRef('ubuntu-22', '1.5.0') } = body;
  const url = `${group(team, world)}/providers/Microsoft.Compute/virtualMachines/${name}?api-version=2024-07-01`;
  const vm = {
    location: 'westeurope',
    tags,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: {
        imageReference: { id: imageId },
        osDisk: {
          createOption: 'FromImage',
          deleteOption: 'Delete',
          managedDisk: { storageAccountType: 'StandardSSD_LRS' },
        },
      },
      osProfile: { computerName: 'test', adminUsername: 'azureuser', adminPassword: 'Correct-Horse-7-Battery' },
      networkProfile: {
        networkApiVersion: '2020-11-01',
        networkInterfaceConfigurations: [
          {
            name: 'nic',
            properties: {
              primary: true,
              deleteOption: 'Delete',
              ipConfigurations: [{ name: 'ip', properties: { subnet: { id: subnetOf(world, team) } } }],
            },
          },
        ],
      },
    },
  };
  const { status, body: said } = await ask(world.sandbox, 'PUT', url, vm);
  expect([status, status < 300 ? '' : said]).toEqual([201, '']);
  world.clock.advance(5);
}

function subnetOf(world: World, team: string): string {
  const nic = Object.values(compute(world.world).resources).find(
    ({ id, type }) => type.endsWith('networkInterfaces') && id.toLowerCase().includes(`/rg-${team}/`),
  );
  const [first] = (nic?.properties['ipConfigurations'] ?? []) as { properties: { subnet: { id: string } } }[];
  return first?.properties.subnet.id ?? '';
}

describe('a machine whose image reference ends in “latest”', () => {
  const machines = (text: string) => Number(/^(\d+) machines/m.exec(text)?.[1]);

  it('runs its exact version in every count, and was not reimaged, whatever the case of the word', async () => {
    const world = inventoryWorld();
    const users = async () => machines((await world.say('ada', 'who uses ubuntu-22@1.5.0 --team payments')).text);
    const before = await users();
    const words = ['latest', 'Latest', 'LATEST'];
    for (const [n, word] of words.entries()) {
      const imageId = versionRef('ubuntu-22', '1.5.0').replace(/1\.5\.0$/, word);
      await create(world, 'payments', `vm-of-latest-${n}`, { imageId });
    }

    for (const n of words.keys()) {
      const why = await world.say('ada', `compliance --why vm-of-latest-${n}`);
      expect(why.text).toContain('Image: ubuntu-22 1.5.0');
      expect(why.text).toContain('Status: on latest');
      const { text } = await world.say('ada', `tattoo vm-of-latest-${n}`);
      expect(text).not.toContain('Reimaged');
      expect(text).toMatch(/Image reference: ubuntu-22 1\.5\.0/);
    }
    expect(await users()).toBe(before + words.length);
    expect((await world.say('ada', 'compliance payments')).text).toMatch(/^On latest: 45 /m);
  });
});

describe('tag names', () => {
  const spellings = ['ownerTeam', 'OwnerTeam', 'OWNERTEAM', 'ownerteam'];

  /** With a team that is mapped by a tag of its own. */
  const asked = (() => {
    const catalogue = exampleCatalogue();
    const pay2 = {
      ...{ owners: { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'payments-owners' } },
      ...{ channel: 'payments / ops', digest: false as const },
      scope: { tag: { name: 'ownerTeam', value: 'pay2' } },
    };
    return inventoryWorld({ catalogue: { ...catalogue, teams: new Map([...catalogue.teams, ['pay2', pay2]]) } });
  })();

  it('match in any case, wherever machines are counted or listed', async () => {
    for (const [n, name] of spellings.entries()) {
      await create(asked, 'payments', `vm-pay2-${n}`, { tags: { note: 'a "quote", \\ and {more}', [name]: 'pay2' } });
    }

    expect((await asked.say('dana', 'compliance pay2')).text).toContain('4 machines');
    const list = await asked.say('dana', 'compliance pay2 --list');
    expect(list.text.match(/(?<=^\S )vm-pay2-\d/gm)).toEqual(['vm-pay2-0', 'vm-pay2-1', 'vm-pay2-2', 'vm-pay2-3']);
    for (const n of spellings.keys()) {
      expect((await asked.say('dana', `compliance --why vm-pay2-${n}`)).text).toMatch(/^pay2 · VM in/m);
    }
    expect((await asked.say('dana', 'who uses ubuntu-22@1.5.0 --team pay2')).text).toContain('4 machines');
    expect((await asked.say('dana', 'compliance payments')).text).toContain('65 machines');
  });

  it('are not mistaken for values, nor values that differ in case for each other', async () => {
    await create(asked, 'payments', 'vm-a', { tags: { ownerTeam: 'Pay2' } });
    await create(asked, 'payments', 'vm-b', { tags: { team: 'ownerTeam":"pay2', other: ',"ownerTeam":"pay2"' } });
    await create(asked, 'payments', 'vm-c', { tags: { 'my-ownerTeam': 'pay2' } });
    expect((await asked.say('dana', 'compliance pay2')).text).toContain('4 machines');
  });

  it('decide about pets and cattle in any case', async () => {
    await create(asked, 'payments', 'vm-shouting', { tags: { team: 'payments', 'Service-MODEL': 'pet' } });
    expect((await asked.say('dana', 'compliance payments')).text).toMatch(/^Pets and cattle: 23 pets · /m);
    expect((await asked.say('dana', 'compliance payments --list --class pet --from 16')).text).toContain('vm-shouting');
    expect((await asked.say('dana', 'compliance --why vm-shouting')).text).toContain('pet, decided by its owner');
  });
});

describe('a member of a scale set without a tag of its own', () => {
  it('is cattle by rule, which nobody decided', async () => {
    const world = inventoryWorld();
    const { text } = await world.say('dana', 'compliance --why vm-legacy-portal-001');
    expect(text).toContain('Not decided yet. Looks like: cattle, confidence high');
    expect((await world.say('dana', 'compliance data')).text).toMatch(
      /^Pets and cattle: 12 pets · 21 cattle · 18 und/m,
    );
  });
});
