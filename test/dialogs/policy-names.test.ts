import { goldenAssignment } from '../../sandbox/azure/estate/policies';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { all } from '../cards/reading';
import { ask } from '../sandbox/client';
import { inventoryWorld } from './support/inventory-world';

type World = ReturnType<typeof inventoryWorld>;

const [subscription = ''] = teamSubscriptions;
const atSubscription = (name: string) =>
  `/subscriptions/${subscription}/providers/Microsoft.Authorization/policyAssignments/${name}`;

/** Assigns the story's rule once more, and lets Azure Policy evaluate. */
async function assign(world: World, name: string, displayName?: string): Promise<void> {
  const rule = await ask(world.sandbox, 'GET', `${goldenAssignment}?api-version=2023-04-01`);
  const { policyDefinitionId, parameters } = (rule.body as { properties: Record<string, unknown> }).properties;
  const properties = { policyDefinitionId, parameters, ...(displayName && { displayName }) };
  const { status } = await ask(world.sandbox, 'PUT', `${atSubscription(name)}?api-version=2023-04-01`, { properties });
  expect(status).toBe(201);
  world.clock.advance(30);
}

const planned = ({ started }: World) =>
  started.map(({ plan }) => plan as { assignment: string; policy: string; reference?: string });
const exempt = (policy: string) =>
  `exempt vm-payments-hsm-002 --policy ${policy} --until +30d --reason "the vendor's own"`;

describe('assignments of one name at two scopes', () => {
  const world = inventoryWorld();
  beforeAll(() => assign(world, 'only-golden-images'));

  it('stand on the card with their scopes, and the buttons name one by its id', async () => {
    const { text } = await world.say('grace', 'compliance --why vm-payments-hsm-002');
    expect(text).toContain('✗ only-golden-images · management group landing-zones');
    expect(text).toContain(`✗ only-golden-images · subscription ${subscription}`);
    expect(text).toMatch(/^exempt vm-payments-hsm-002 --policy \/\S+\/policyassignments\/only-golden-images/m);
  });

  it('are a question, and nothing is done before the answer, which is taken', async () => {
    const answer = await world.say('grace', exempt('only-golden-images'));
    const { text } = answer;
    const titles = all(answer, 'Action.Execute').map(({ title }) => String(title));
    expect(text).toContain('Which "only-golden-images" do you mean?');
    expect(text).toContain('2 assignments of this name apply to vm-payments-hsm-002.');
    expect(text).toContain('Nothing has been done yet.');
    expect(titles.sort()).toEqual(['management group landing-zones', `subscription ${subscription.slice(0, 14)}…`]);
    expect(planned(world)).toEqual([]);

    const choices = text.split('\n').filter((line) => line.startsWith('exempt '));
    for (const choice of choices) await world.say('grace', choice);

    expect(
      planned(world)
        .map(({ assignment }) => assignment)
        .sort(),
    ).toEqual([goldenAssignment, atSubscription('only-golden-images')].map((id) => id.toLowerCase()).sort());
    expect(
      planned(world)
        .map(({ policy }) => policy)
        .sort(),
    ).toEqual([
      'only-golden-images · management group landing-zones',
      `only-golden-images · subscription ${subscription}`,
    ]);
  });

  it('are chosen by `remediate` too', async () => {
    const { text } = await world.say('grace', 'remediate vm-payments-hsm-002 --policy only-golden-images');
    expect(text).toContain('Which "only-golden-images" do you mean?');
    expect(text).toMatch(/^remediate vm-payments-hsm-002 --policy \/\S+$/m);
  });
});

describe('an assignment whose name the portal made up', () => {
  const world = inventoryWorld();
  const made = 'd52dab3fa50b4d47b85b1564';
  beforeAll(() => assign(world, made, 'Machines must come from the gallery'));

  it('is shown by its display name, in the advice and on the buttons too', async () => {
    const { text } = await world.say('grace', 'compliance --why vm-payments-hsm-002');
    expect(text).toContain('✗ Machines must come from the gallery');
    expect(text).not.toContain(made);
  });

  it.each([
    ['display name', '"machines must come from the Gallery"'],
    ['name', made],
  ])('is taken by its %s, and called by its display name', async (_, typed) => {
    const before = world.started.length;
    await world.say('grace', exempt(typed));
    expect(planned(world)[before]).toMatchObject({
      assignment: atSubscription(made).toLowerCase(),
      policy: 'Machines must come from the gallery',
    });
  });

  it('is what an exemption is called after, on the cards of the team and of what ends', async () => {
    const machine = `/subscriptions/${subscription}/resourceGroups/rg-payments/providers/Microsoft.Compute/virtualMachines/vm-payments-hsm-002`;
    const properties = {
      policyAssignmentId: atSubscription(made),
      exemptionCategory: 'Waiver',
      expiresOn: new Date(world.clock.now().getTime() + 86_400_000).toISOString(),
    };
    const url = `${machine}/providers/Microsoft.Authorization/policyExemptions/mine?api-version=2022-07-01-preview`;
    expect((await ask(world.sandbox, 'PUT', url, { properties })).status).toBe(201);
    const told = 'vm-payments-hsm-002 from Machines must come from the gallery';
    expect((await world.say('grace', 'compliance payments')).text).toContain(told);
    expect((await world.say('grace', 'forecast payments')).text).toContain(`exemption of ${told}`);
    const { text } = await world.say('grace', 'compliance --why vm-payments-hsm-002');
    expect(text).toMatch(/Exempt from:[\s\S]*Machines must come from the gallery/);
  });
});

describe('rows of an initiative', () => {
  it('name their definitions, by the word that `exempt` and `remediate` take', async () => {
    const world = inventoryWorld();
    const { text } = await world.say('grace', 'compliance --why vm-web-edge-005');
    const rows = [...text.matchAll(/^[✗✓!○–] (machine-baseline\S*) /gm)].map(([, name]) => name ?? '');
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows).size).toBe(rows.length);
    for (const row of rows) expect(row).toMatch(/^machine-baseline\/[a-z]+$/);

    for (const row of rows) await world.say('grace', `exempt vm-web-edge-005 --policy ${row} --until +30d --reason x`);

    expect(planned(world).map(({ policy }) => policy)).toEqual(rows);
    expect(planned(world).map(({ reference }) => `machine-baseline/${reference}`)).toEqual(rows);
  });
});

describe('an instance of a scale set', () => {
  it('is told what policies say about its scale set', async () => {
    const { text } = await inventoryWorld().say('grace', 'compliance --why vmss-payments-api_0');
    expect(text).toContain('Policies of its scale set:');
    expect(text).toMatch(/✓ only-golden-images/);
    expect(text).toContain('It belongs to the scale set vmss-payments-api.');
  });
});
