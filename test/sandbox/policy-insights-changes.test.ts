import { compute } from '../../sandbox/azure/compute/section';
import { teamGroup } from '../../sandbox/azure/estate/shape';
import { insightsWorld, machineOf, start } from './policy-insights-world';

const insights = 'providers/Microsoft.PolicyInsights';
const landing = '/providers/Microsoft.Management/managementGroups/landing-zones';
const baseline = `${landing}/providers/Microsoft.Authorization/policyAssignments/machine-baseline`;
const golden = `${landing}/providers/Microsoft.Authorization/policyAssignments/only-golden-images`;
const legacy = teamGroup('legacy');
const orphan = machineOf('legacy', 'vm-legacy-app-010');
const tally = (all: readonly { complianceState: string }[]) =>
  Object.fromEntries(
    [...new Set(all.map((one) => one.complianceState))].map((state) => [
      state,
      all.filter((one) => one.complianceState === state).length,
    ]),
  );
const vmVersion = 'api-version=2026-03-01';

describe('an evaluation', () => {
  const teamStates = async (world: ReturnType<typeof insightsWorld>) =>
    tally((await world.states(orphan, { $filter: "policyDefinitionReferenceId eq 'requireteamtag'" })) as never);

  it('comes a quarter of an hour after a resource changed, not before', async () => {
    const world = insightsWorld();
    const before = await teamStates(world);
    await world.send('PATCH', `${orphan}?${vmVersion}`, { tags: { team: 'legacy', role: 'app' } });
    world.wait(14);
    const soon = await teamStates(world);
    world.wait(2);
    expect([before, soon, await teamStates(world)]).toEqual([
      { NonCompliant: 1 },
      { NonCompliant: 1 },
      { Compliant: 1 },
    ]);
  });

  it('looks at machines that were made just before the story began', async () => {
    const { states, wait } = insightsWorld();
    const newcomer = machineOf('web', 'vm-web-front-025');
    const before = await states(newcomer);
    wait(9);
    expect([before.length, (await states(newcomer)).length > 0]).toEqual([0, true]);
  });

  it('of the day sees that an exemption is over; until then the state stays', async () => {
    const { states, wait } = insightsWorld();
    const exempt = machineOf('payments', 'vm-payments-hsm-001');
    const state = async () =>
      (await states(exempt, { $filter: "policyAssignmentName eq 'only-golden-images'" })).map((s) => s.complianceState);
    const found: string[][] = [await state()];
    wait(5 * 24 * 60 + 1);
    found.push(await state());
    wait(18 * 60);
    found.push(await state());
    expect(found).toEqual([['Exempt'], ['Exempt'], ['NonCompliant']]);
  });

  it('is started by triggerEvaluation, takes minutes, and states are as of its end', async () => {
    const world = insightsWorld();
    const { send, states, wait } = world;
    await send('PUT', `${orphan}/providers/Microsoft.Authorization/policyExemptions/x?api-version=2022-07-01-preview`, {
      properties: { policyAssignmentId: golden, exemptionCategory: 'Waiver' },
    });
    const answer = await send(
      'POST',
      `${legacy}/${insights}/policyStates/latest/triggerEvaluation?api-version=2024-10-01`,
    );
    const location = answer.headers?.['location'] ?? '';
    const early = await send('GET', location);
    wait(4);
    const late = await send('GET', location);
    const after = await states(legacy);
    expect([answer.status, early.status, late.status]).toEqual([202, 202, 200]);
    expect(late.body).toEqual({ status: 'Succeeded' });
    expect(new Set(after.map(({ timestamp }) => timestamp))).toEqual(
      new Set([new Date(start + 3 * 60_000).toISOString()]),
    );
  });
});

describe('a remediation', () => {
  const url = `${legacy}/${insights}/remediations/tags`;
  const version = 'api-version=2024-10-01';
  const properties = { policyAssignmentId: baseline, policyDefinitionReferenceId: 'inheritTeamTag' };
  const stateOf = (answer: { body?: unknown }) =>
    (answer.body as { properties: { provisioningState: string; deploymentStatus: object } }).properties;

  it('writes what the policy wants written, and the next evaluation says so', async () => {
    const { send, states, wait, world } = insightsWorld();
    const made = await send('PUT', `${url}?${version}`, { properties });
    wait(1);
    const going = await send('GET', `${url}?${version}`);
    wait(2);
    const done = await send('GET', `${url}?${version}`);
    wait(16);
    expect([made, going, done].map((one) => stateOf(one).provisioningState)).toEqual([
      'Accepted',
      'Running',
      'Succeeded',
    ]);
    expect(stateOf(done).deploymentStatus).toEqual({
      totalDeployments: 3,
      successfulDeployments: 3,
      failedDeployments: 0,
    });
    expect(compute(world).resources[orphan.toLowerCase()]?.tags).toMatchObject({ team: 'legacy' });
    expect(tally(await states(orphan, { $filter: "policyDefinitionReferenceId eq 'inheritteamtag'" }))).toEqual({
      Compliant: 1,
    });
  });

  it('that is cancelled leaves what it had not begun', async () => {
    const { send, wait, world } = insightsWorld();
    await send('PUT', `${url}?${version}`, { properties: { ...properties, parallelDeployments: 1 } });
    wait(2);
    const cancelled = await send('POST', `${url}/cancel?${version}`);
    wait(10);
    const after = await send('GET', `${url}?${version}`);
    expect([stateOf(cancelled).provisioningState, stateOf(after).provisioningState]).toEqual([
      'Cancelling',
      'Canceled',
    ]);
    expect(stateOf(after).deploymentStatus).toMatchObject({ totalDeployments: 3, successfulDeployments: 1 });
    const tagged = ['010', '011', '012'].filter(
      (n) => compute(world).resources[machineOf('legacy', `vm-legacy-app-${n}`).toLowerCase()]?.tags?.['team'],
    );
    expect(tagged).toEqual(['010']);
  });

  it.each([
    ['an audit policy', { policyAssignmentId: golden }, /'Audit'.*cannot be remediated/],
    [
      'an initiative without one of its definitions',
      { policyAssignmentId: baseline },
      /single policy definition reference ID/,
    ],
    ['an assignment that is not there', { policyAssignmentId: `${baseline}-2` }, /could not be found/],
  ])('of %s is refused', async (_, given, said) => {
    const { send } = insightsWorld();
    const answer = await send('PUT', `${url}?${version}`, { properties: given });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'InvalidCreateRemediationRequest' } } });
    expect((answer.body as { error: { message: string } }).error.message).toMatch(said);
  });
});

it('an attestation decides a manual policy, until it ends', async () => {
  const { send, states, wait } = insightsWorld();
  const pet = machineOf('legacy', 'vm-legacy-core-001');
  const state = async () =>
    (await states(pet, { $filter: "policyAssignmentName eq 'recovery-tested'" })).map((s) => s.complianceState);
  const before = await state();
  const made = await send('PUT', `${pet}/${insights}/attestations/tested?api-version=2024-10-01`, {
    properties: {
      policyAssignmentId: `${legacy}/providers/Microsoft.Authorization/policyAssignments/recovery-tested`,
      complianceState: 'Compliant',
      expiresOn: new Date(start + 3_600_000).toISOString(),
    },
  });
  wait(6);
  const attested = await state();
  wait(24 * 60);
  expect(made.status).toBe(201);
  expect([before, attested, await state()]).toEqual([['Unknown'], ['Compliant'], ['Unknown']]);
});

it('a reset begins the states again', async () => {
  const { send, states, wait, world } = insightsWorld();
  await send('PATCH', `${orphan}?${vmVersion}`, { tags: { team: 'legacy' } });
  wait(16);
  await states(orphan);
  world.reset();
  expect(tally(await states(orphan, { $filter: "policyDefinitionReferenceId eq 'requireteamtag'" }))).toEqual({
    NonCompliant: 1,
  });
});
