import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import { type ArmInventory, type ArmMachine, armInventory, worst } from './support/arm-inventory';
import { inventoryWorld } from './support/inventory-world';

type World = ReturnType<typeof inventoryWorld>;

/** Dotted numbers of three parts. */
const newer = (a: string, b: string) =>
  a
    .split('.')
    .map(Number)
    .reduce((so, n, i) => so || n - Number(b.split('.')[i]), 0);

const newerThan = ({ image, version }: Pick<ArmMachine, 'image' | 'version'>, versions: ArmInventory['versions']) =>
  versions.filter((v) => v.image === image && !v.excluded && newer(v.version, version) > 0).length;

/** How a machine stands, counted with nothing of the product. */
function lineage({ image, version }: ArmMachine, { versions }: ArmInventory, now: number): string {
  if (image === 'market') return 'not-golden';
  if (image === '') return 'unknown';
  const own = versions.find((v) => v.image === image && v.version === version);
  if (own && own.endOfLife <= now) return 'past-end';
  const behind = newerThan({ image, version }, versions);
  return behind === 0 ? 'latest' : behind === 1 ? 'one-behind' : 'far-behind';
}

const policyOf = (machine: ArmMachine) => worst(machine.states) ?? 'not evaluated';

/** The names of the machines that a list shows, page after page. */
async function listed(world: World, who: 'linus' | 'dana', command: string) {
  const names: string[] = [];
  let total = 0;
  for (let next: string | undefined = command; next !== undefined; ) {
    const { text }: { text: string } = await world.say(who, next);
    total = Number(/^([\d,]+) machines?/m.exec(text)?.[1]?.replace(',', '') ?? 0);
    names.push(...[...text.matchAll(/^\S (\S+) · .* · compliance --why /gm)].map((row) => row[1] ?? ''));
    next = /^(compliance .*--from \d+)/m.exec(text)?.[1];
  }
  return { names, total };
}

describe('compliance of a team of the story', () => {
  const world = inventoryWorld();
  let arm: ArmInventory;
  let now: number;
  const of = (team: string | null) => arm.machines.filter((machine) => machine.team === team);
  const count = (machines: readonly ArmMachine[], fits: (machine: ArmMachine) => boolean) =>
    machines.filter(fits).length;

  beforeAll(async () => {
    arm = await armInventory(world);
    now = world.clock.now().getTime();
  });

  it.each(['payments', 'web', 'data', 'legacy', null])('tells of %s what ARM lists, to the unit', async (team) => {
    const { text } = await world.say('dana', `compliance ${team ?? 'orphans'}`);
    const mine = of(team);
    const judged = mine.filter(({ type }) => type !== 'instance');
    const stands = (what: string) => count(mine, (machine) => lineage(machine, arm, now) === what);
    const inState = (state: string) => count(judged, (machine) => policyOf(machine) === state);
    // Each figure is followed by the sentence that lists its machines.
    const lines = text.split('\n').map((line) => line.replace(/ · compliance .*/, ''));
    expect(lines[1]).toContain(`${mine.length} machines`);
    expect(lines).toEqual(
      expect.arrayContaining([
        `${inState('Compliant')} evaluated and compliant`,
        `${inState('NonCompliant')} non-compliant`,
        `${inState('not evaluated')} not evaluated`,
        `${inState('Exempt')} exempt`,
        `On latest: ${stands('latest')}`,
        `1 behind: ${stands('one-behind')}`,
        `2+ behind: ${stands('far-behind')}`,
        `Past end of life: ${stands('past-end')}`,
        `Not golden: ${stands('not-golden')}`,
      ]),
    );
    const models = ['pet', 'cattle', 'undecided'].map((model) => count(mine, (machine) => machine.model === model));
    expect(/^Pets and cattle: (.*)$/m.exec(text)?.[1]?.match(/\d+/g)?.map(Number)).toEqual(models);
    const guest = ['Compliant', 'NonCompliant', 'Pending'].map((status) => {
      const worstOf = ({ guest: all }: ArmMachine) =>
        ['NonCompliant', 'Pending', 'Compliant'].find((s) => all.includes(s));
      return count(mine, (machine) => worstOf(machine) === status);
    });
    const none = count(judged, (machine) => machine.guest.length === 0);
    const instances = mine.length - judged.length;
    const told = [...guest, none, ...(instances > 0 ? [instances] : [])];
    expect(/^In the guest: (.*)$/m.exec(text)?.[1]?.match(/\d+/g)?.map(Number)).toEqual(told);
  });

  const isGolden = ({ image }: ArmMachine) => image !== 'market' && image !== '';

  /** What a list must show, by its options. */
  const questions: readonly (readonly [string, (machine: ArmMachine) => boolean])[] = [
    ['', () => true],
    ['--state compliant', (m) => policyOf(m) === 'Compliant'],
    ['--state not-compliant', (m) => policyOf(m) === 'NonCompliant'],
    ['--state exempt', (m) => policyOf(m) === 'Exempt'],
    ['--state not-evaluated', (m) => m.type !== 'instance' && policyOf(m) === 'not evaluated'],
    ['--state not-compliant --class cattle', (m) => policyOf(m) === 'NonCompliant' && m.model === 'cattle'],
    ['--guest not-compliant', (m) => m.guest.includes('NonCompliant')],
    ['--guest none', (m) => m.type !== 'instance' && m.guest.length === 0],
    ['--lineage latest', (m) => lineage(m, arm, now) === 'latest'],
    ['--lineage behind', (m) => isGolden(m) && newerThan(m, arm.versions) > 0],
    ['--lineage far-behind', (m) => lineage(m, arm, now) === 'far-behind'],
    ['--lineage past-end', (m) => lineage(m, arm, now) === 'past-end'],
    ['--lineage not-golden', (m) => lineage(m, arm, now) === 'not-golden'],
    ['--lineage unknown', (m) => lineage(m, arm, now) === 'unknown'],
    ['--image ubuntu-22 --version 1.4.1', (m) => m.image === 'ubuntu-22' && m.version === '1.4.1'],
    ['--class undecided', (m) => m.model === 'undecided'],
    ['--class cattle', (m) => m.model === 'cattle'],
    ['--type instance', (m) => m.type === 'instance'],
  ];

  it.each(questions)('lists exactly the machines of web behind `%s`, page by page', async (options, fits) => {
    const { names, total } = await listed(world, 'linus', `compliance web --list ${options}`);
    const wanted = of('web')
      .filter(fits)
      .map(({ name }) => name);
    expect(total).toBe(wanted.length);
    expect(names).toEqual(wanted);
  });

  it('says in a list of instances whose state theirs is', async () => {
    const { text } = await world.say('linus', 'compliance web --list --type instance');
    expect(text).toMatch(/by its scale set/);
    expect((await world.say('linus', 'compliance web --list --type vm')).text).not.toContain('by its scale set');
  });

  it('lists what no team has for those who see all, and names nothing that a team has', async () => {
    const { names } = await listed(world, 'dana', 'compliance orphans --list');
    expect(names).toEqual(of(null).map(({ name }) => name));
  });

  it.each(questions.filter(([options]) => /^--(state|guest) /.test(options)))(
    'lists exactly the machines of a team in a shared resource group behind `%s`',
    async (options, fits) => {
      for (const team of ['legacy', null]) {
        const { names } = await listed(world, 'dana', `compliance ${team ?? 'orphans'} --list ${options}`);
        const wanted = of(team).filter(fits);
        expect(names).toEqual(wanted.map(({ name }) => name));
      }
    },
  );

  it('has one line for each team, the worst first, and their machines add up to the whole estate', async () => {
    const { text } = await world.say('dana', 'compliance all');
    const rows = [...text.matchAll(/^\S (.+) · ([\d,]+) machines · .* · compliance \S+$/gm)].map(
      ([, team, n]) => [team, Number(n)] as const,
    );
    expect(new Map(rows)).toEqual(
      new Map(['legacy', null, 'web', 'data', 'payments'].map((team) => [team ?? 'no team', of(team).length])),
    );
    expect(rows.map(([team]) => team).slice(-3)).toEqual(['web', 'data', 'payments']);
    expect(text).toContain(`${arm.machines.length} machines`);
  });

  it('counts the machines of one image and kind alone, and says that policies are not counted so', async () => {
    const { text } = await world.say('linus', 'compliance payments --image jammy --class pet');
    const wanted = of('payments').filter(({ image, model }) => image === 'ubuntu-22' && model === 'pet');
    expect(text).toContain(`${wanted.length} machines`);
    expect(text).toContain('Only ubuntu-22 · pet');
    expect(text).toContain('counted by resource group, not by image or kind');
    expect(text).not.toContain('evaluated and compliant');
  });

  it('tells why one machine stands where it stands, with every assignment that fails', async () => {
    const failing = of('web').find((m) => m.states.includes('NonCompliant'));
    const { text } = await world.say('linus', `compliance --why ${failing?.name}`);
    expect(text).toMatch(/✗ .* non-compliant/);
    expect(text).toContain('What to do');
    expect(text).toContain(`Image: ${failing?.image === 'market' ? 'canonical' : failing?.image}`);
  });
});

describe('whose machines are shown', () => {
  it('asks an owner of several teams which one is meant, and keeps the rest of the question', async () => {
    const { text } = await inventoryWorld().say('linus', 'compliance --list --state not-compliant');
    expect(text).toContain('You own 2 teams: payments, web.');
    expect(text).toContain('compliance web --state not-compliant --list');
  });

  it.each([
    ['compliance data', 'data-owners'],
    ['compliance data --list --state not-compliant', 'data-owners'],
    ['compliance --why vm-data-sql-001', 'data-owners'],
    ['compliance orphans', 'publishers, approvers, admins and auditors'],
    ['tattoo vm-data-sql-001', 'data-owners'],
    ['who uses ubuntu-22 --team data', 'data-owners'],
    ['forecast data', 'data-owners'],
  ])('refuses an owner of other teams `%s`, says whom to ask and writes it down', async (command, whom) => {
    const world = inventoryWorld();
    const { text } = await world.say('linus', command);
    expect(text).toContain('WRONG_ROLE');
    expect(text).toContain(whom);
    expect(text).not.toMatch(/\d+ machines?\b/);
    expect(world.refusals).toMatchObject([{ who: { name: 'Linus' }, detail: { code: 'WRONG_ROLE' } }]);
  });

  it('believes no button: the team that a click carries is looked up and refused like a typed one', async () => {
    const world = inventoryWorld();
    const forged = await world.click('linus', 'compliance', { team: 'data', list: true, state: 'not-compliant' });
    expect(forged).toMatchObject({ kind: 'message', text: expect.stringContaining('data-owners') });
    const more = await world.click('linus', 'compliance', { team: 'payments', as: 'admin' });
    expect(more).toMatchObject({ kind: 'message', text: expect.stringContaining('no card of goldbot has') });
    expect(world.refusals).toHaveLength(2);
  });

  it('shows all that an owner sees under `all`, and nothing of others', async () => {
    const { text } = await inventoryWorld().say('linus', 'compliance all');
    expect(text).toContain('Compliance of your teams');
    expect(text).toMatch(/^\S payments · /m);
    expect(text).toMatch(/^\S web · /m);
    expect(text).not.toMatch(/data|legacy|no team/);
  });

  it('names the team that a typo may have meant', async () => {
    const { text } = await inventoryWorld().say('dana', 'compliance paymets');
    // A look is shown at once, under the sentence that was understood.
    expect(text).toMatch(
      /^Same as “compliance payments”\n\d+ of \d+ machines of payments .*\nCompliance of payments · /,
    );
    const far = await inventoryWorld().say('dana', 'compliance wbe');
    expect(far.text).toContain('UNKNOWN_TEAM');
    expect(far.text).toContain('compliance web');
  });
});

describe('what is missing on machines', () => {
  it('is named with the machines that lack it, and nothing else of one without a VM agent', async () => {
    const world = inventoryWorld();
    const agents = async (team: string) =>
      (await world.say('dana', `compliance ${team}`)).text.split('\n').filter((line) => / lacks? /.test(line));
    expect(await agents('payments')).toEqual([
      '! 3 machines lack an Azure Monitor agent: vm-payments-api-005, vm-payments-hsm-001, vm-payments-hsm-002',
      '! 4 machines lack a data collection rule: vm-payments-api-005, vm-payments-db-002, vm-payments-hsm-001 and 1 more',
    ]);
    const { text } = await world.say('dana', 'compliance legacy');
    expect(text).toContain('6 machines lack the guest configuration extension: vm-legacy-app-001,');
    expect(text).toContain(
      'For what is missing, remediate proposes the policy of Azure that installs it, where none is assigned. Diagnostic settings of machines were not checked.',
    );
    expect(text).not.toContain('remediate vm-legacy-app-001');
    expect((await world.say('linus', 'compliance payments')).text).toContain(
      'remediate vm-payments-api-005 --policy monitor-agent',
    );
    expect(text).toContain(
      'Azure Policy: https://portal.azure.com/#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance',
    );
    expect(await agents('data')).toEqual([
      '! 1 machine lacks a VM agent: vm-data-lab-006',
      '! 1 machine lacks an Azure Monitor agent: arc-data-2',
      '! 2 machines lack a data collection rule: arc-data-2, vm-data-etl-003',
    ]);
  });
});

describe('compliance while Azure tells only a part', () => {
  const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Later.' }));

  it.each([
    ['policyCounts', /Policy states are missing/, /evaluated and compliant/],
    ['guestCounts', /Guest configuration results are missing/, /^In the guest:/m],
    ['lackingMachines', /Agents and extensions on machines are missing/, /^Agents and diagnostics:/m],
    ['policyCounts', /Exemptions are missing/, /^Exempt:/m],
    ['publishedVersions', /The versions in the gallery are missing/, /^On latest: [1-9]/m],
  ] as const)('shows the rest without %s, says what is missing, and invents nothing', async (look, said, absent) => {
    const world = inventoryWorld({ read: () => ({ [look]: silent }) });
    const { text } = await world.say('dana', 'compliance payments');
    expect(text).toMatch(said);
    expect(text).not.toMatch(absent);
    expect(text).toContain('65 machines');
  });

  it('says which figures of a team in a shared resource group cannot be told, instead of a good number', async () => {
    const world = inventoryWorld({
      read: (real) => ({ machineCounts: async (tags) => ({ ...(await real.machineCounts(tags)), members: [] }) }),
    });
    const { text } = await world.say('dana', 'compliance legacy');
    expect(text).toContain('34 machines');
    expect(text).toMatch(/Policy states and guest configuration of 34 machines cannot be attributed: rg-legacy/);
    expect(text).not.toMatch(/\d+ evaluated and compliant/);
    expect((await world.say('dana', 'compliance payments')).text).not.toMatch(/cannot be attributed/);
  });

  it('says that nobody has an agent of a kind, or that goldbot may not see it, instead of naming every machine', async () => {
    const world = inventoryWorld({
      read: (real) => ({
        lackingMachines: async () => {
          const { rows } = await real.machineList({}, 1_000);
          const every = rows.filter(({ type }) => type !== 'instance');
          const lacks = ['monitor agent'] as const;
          return { rows: every.map((one) => ({ ...one, id: one.id.toLowerCase(), lacks })), asOf: world.clock.now() };
        },
      }),
    });
    const { text } = await world.say('dana', 'compliance payments');
    expect(text).toContain(
      'No machine has an Azure Monitor agent, as far as goldbot sees: nobody uses it, or the role',
    );
    expect(text).not.toContain('Agents and diagnostics:');
  });

  it('refuses with the command to repeat when the machines themselves cannot be counted', async () => {
    const { text } = await inventoryWorld({ read: () => ({ machineCounts: silent }) }).say(
      'dana',
      'compliance payments',
    );
    expect(text).toContain('AZ_SILENT');
    expect(text).toContain('compliance payments');
  });

  it('passes on that Azure looked into some subscriptions only', async () => {
    const partial = [{ reason: 'subscriptions' }] as const;
    const read = (real: AzureRead): Partial<AzureRead> => ({
      machineCounts: async (tags) => ({ ...(await real.machineCounts(tags)), partial }),
    });
    const { text } = await inventoryWorld({ read }).say('dana', 'compliance payments');
    expect(text).toContain('Azure searched only the first 10,000 subscriptions; the others are not counted.');
    expect(text).toMatch(/missing or incomplete/);
  });

  it('asks about policies and the guest at once, as soon as the machines are counted', async () => {
    const asked: string[] = [];
    let open = () => {};
    const both = new Promise<void>((done) => {
      open = done;
    });
    const meet = async (name: string) => {
      if (asked.push(name) === 2) open();
      await both;
    };
    const read = (real: AzureRead): Partial<AzureRead> => ({
      policyCounts: async (singly) => {
        await meet('policies');
        return real.policyCounts(singly);
      },
      guestCounts: async (singly) => {
        await meet('guests');
        return real.guestCounts(singly);
      },
    });
    expect((await inventoryWorld({ read }).say('dana', 'compliance payments')).text).toContain('65 machines');
    expect(asked.sort()).toEqual(['guests', 'policies']);
  });
});
