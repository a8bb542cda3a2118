import type { AzureRead } from '../../core/azure';
import { type ArmInventory, type ArmMachine, armInventory } from './support/arm-inventory';
import { inventoryWorld } from './support/inventory-world';

describe('who uses', () => {
  const world = inventoryWorld();
  let arm: ArmInventory;

  beforeAll(async () => {
    arm = await armInventory(world);
  });

  /** What the card says of each team, and of each scale set. */
  async function users(who: 'ada' | 'linus', command: string) {
    const { text } = await world.say(who, command);
    const teams = [...text.matchAll(/^(.+) · [^·]+ · ([\d,]+) · compliance /gm)].map(
      ([, team, n]) => [team === 'no team' ? null : team, Number(n)] as const,
    );
    const sets = [...text.matchAll(/^○ (\S+) · (\d+) instances? · /gm)].map(([, set, n]) => [set, Number(n)] as const);
    return { text, teams: new Map(teams), sets: new Map(sets) };
  }

  function byTeam(fits: (machine: ArmMachine) => boolean, teams?: readonly string[]) {
    const counts = new Map<string | null, number>();
    for (const machine of arm.machines.filter(fits)) {
      if (teams && !teams.includes(machine.team ?? '')) continue;
      counts.set(machine.team, (counts.get(machine.team) ?? 0) + 1);
    }
    return counts;
  }

  const inSet = (set: string, version?: string) =>
    arm.machines.filter((m) => m.scaleSet === set && (version === undefined || m.version === version)).length;

  it.each([
    ['who uses ubuntu-22', (m: ArmMachine) => m.image === 'ubuntu-22'],
    ['who uses jammy@1.4.1', (m: ArmMachine) => m.image === 'ubuntu-22' && m.version === '1.4.1'],
    ['who uses ubuntu-22 latest', (m: ArmMachine) => m.image === 'ubuntu-22' && m.version === '1.5.0'],
    ['who uses ubuntu-22 previous', (m: ArmMachine) => m.image === 'ubuntu-22' && m.version === '1.4.1'],
    ['who uses windows-2022@1.1.0', (m: ArmMachine) => m.image === 'windows-2022' && m.version === '1.1.0'],
    ['who uses marketplace', (m: ArmMachine) => m.image === 'market'],
  ])('tells by `%s` the machines of each team that ARM lists', async (command, fits) => {
    const { teams, text } = await users('ada', command);
    expect(teams).toEqual(byTeam(fits));
    expect(text).toContain(`${arm.machines.filter(fits).length} machines`);
  });

  it('tells a marketplace image by publisher, offer and sku, in any case', async () => {
    const { teams, text } = await users('ada', 'who uses MicrosoftWindowsServer:WindowsServer');
    expect(text).toContain('MicrosoftWindowsServer:WindowsServer');
    expect(teams).toEqual(new Map([['legacy', 8]]));
  });

  it('names the scale sets that refer to a version, and counts the instances that run it', async () => {
    expect((await users('ada', 'who uses ubuntu-22@1.4.1')).sets).toEqual(
      new Map([['vmss-payments-queue', inSet('vmss-payments-queue', '1.4.1')]]),
    );
    expect((await users('ada', 'who uses ubuntu-22@1.3.0')).sets).toEqual(
      new Map([['vmss-data-workers', inSet('vmss-data-workers', '1.3.0')]]),
    );
  });

  it('counts a scale set that takes the latest among those that refer to the latest version, not to older ones', async () => {
    const latest = await users('ada', 'who uses ubuntu-22@1.5.0');
    expect(latest.sets.get('vmss-payments-api')).toBe(inSet('vmss-payments-api', '1.5.0'));
    expect(latest.sets.has('vmss-web-front')).toBe(true);
    expect((await users('ada', 'who uses ubuntu-22@1.4.1')).sets.has('vmss-web-front')).toBe(false);
  });

  it('shows an owner their own teams alone, and says that there may be others', async () => {
    const { teams, sets, text } = await users('linus', 'who uses ubuntu-22@1.3.0');
    expect(teams).toEqual(byTeam((m) => m.image === 'ubuntu-22' && m.version === '1.3.0', ['payments', 'web']));
    expect(sets.has('vmss-data-workers')).toBe(false);
    expect(text).toContain('Machines of other teams are not shown to you.');
  });

  it('takes no version that has arrived nowhere, because it failed, for the latest', async () => {
    const failed = {
      version: '9.0.0',
      excludedFromLatest: false,
      regions: [],
      copies: [],
      disks: [],
      provisioningState: 'Failed',
      tags: {},
    } as const;
    const read = (real: AzureRead): Partial<AzureRead> => ({
      publishedVersions: async (images) => {
        const { rows, ...answer } = await real.publishedVersions(images);
        return { ...answer, rows: [...rows, { ...failed, source: rows[0]?.source ?? '' }] };
      },
    });
    expect((await inventoryWorld({ read }).say('ada', 'who uses ubuntu-22 latest')).text).toContain(
      ' run ubuntu-22 1.5.0',
    );
  });

  it('knows a version that nobody has from one that nobody runs', async () => {
    expect((await users('ada', 'who uses ubuntu-22@9.9.9')).text).toContain('UNKNOWN_VERSION');
    expect((await users('ada', 'who uses ubuntu-22 candidate')).text).toContain('UNKNOWN_VERSION');
    // A look is not worth a question back: it says what was understood.
    expect((await users('ada', 'who uses ubunto-22')).text).toMatch(/^Same as “who uses ubuntu-22”\n/);
  });

  it.each(['who ubuntu-22', 'who usess ubuntu-22'])('takes `%s` for the whole command', async (typed) => {
    expect((await world.say('ada', typed)).text).toMatch(/^Same as “who uses ubuntu-22”\n/);
  });

  it('is explained by its two words, and asks in a form for what is missing', async () => {
    expect((await world.say('ada', 'help who uses')).text).toContain('who uses ubuntu-22@1.4.1');
    expect((await world.say('ada', 'who uses')).text).toContain('who uses needs image and version');
  });

  it('answers the button of a card like the words', async () => {
    const clicked = await world.click('ada', 'who uses', { ref: 'ubuntu-22@1.3.0', team: 'data' });
    expect(clicked).toMatchObject({ kind: 'card', reply: { text: expect.stringContaining('only data') } });
  });

  it('says which scale sets upgrade their running machines by themselves, and that the others do not', async () => {
    const { text } = await world.say('ada', 'who uses ubuntu-22@1.5.0');
    expect(text).toContain(
      '3 scale sets deploy it again when scaling out. 2 of them upgrade themselves: Azure replaces their running machines when another version becomes the latest. Those of the others are not affected.',
    );
    for (const name of ['vmss-payments-api', 'vmss-web-front', 'vmss-web-jobs']) {
      const row = text.split('\n').find((one) => one.includes(name));
      expect([name, row?.includes('upgrades itself')]).toEqual([name, name !== 'vmss-web-jobs']);
    }
    const pinned = await world.say('ada', 'who uses ubuntu-22@1.3.0');
    expect(pinned.text).toContain('deploys it again when scaling out. Running machines are not affected.');
  });

  it('says so when Azure told a part of the scale sets or of their instances', async () => {
    const read = (real: AzureRead): Partial<AzureRead> => ({
      scaleSets: async (source) => ({
        ...(await real.scaleSets(source)),
        rows: [],
        partial: [{ reason: 'subscriptions' }],
      }),
      machineList: async (filter, limit) => ({
        ...(await real.machineList(filter, limit)),
        partial: [{ reason: 'rows', read: 1, total: 2 }],
      }),
    });
    const { text } = await inventoryWorld({ read }).say('ada', 'who uses ubuntu-22@1.3.0');
    expect(text).toContain('Scale sets: Azure searched only the first 10,000 subscriptions');
    expect(text).toContain('Scale set instances: Azure returned 1 of 2 rows');
  });

  it('shows the machines without the scale sets when Azure does not tell those, and says so', async () => {
    const silent = inventoryWorld({ read: () => ({ scaleSets: () => Promise.reject(silentError()) }) });
    const { text } = await silent.say('ada', 'who uses ubuntu-22@1.3.0');
    expect(text).toContain('Scale sets are missing');
    expect(text).toMatch(/^data · .* · 9 · compliance data --list/m);
  });
});

function silentError(): Error {
  return Object.assign(new Error('Azure did not answer in time.'), { name: 'UserError', code: 'AZ_SILENT', hint: '' });
}
