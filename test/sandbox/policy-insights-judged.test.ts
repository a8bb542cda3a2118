import { type Resource, text } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { random } from '../../sandbox/azure/estate/random';
import { policies } from '../../sandbox/azure/policy/section';
import { judge } from '../../sandbox/azure/policy-insights/judge';
import { judgeOf } from '../../sandbox/azure/policy-insights/judged';
import { membersOf } from '../../sandbox/azure/policy-insights/members';
import { insightsWorld, start } from './policy-insights-world';

/** A judgement that is remembered is the one that would be made now, whatever was changed and however. */

type World = ReturnType<typeof insightsWorld>;
const day = 24 * 60;

/** What is different between what is remembered or newly found, and what a judge without a memory says. */
function differences({ world }: World, changed: readonly Resource[]): string[] {
  const atMs = world.clock.nowMs();
  const members = membersOf(world);
  const judged = judgeOf(world, () => members, atMs);
  // Of the others some: each is judged twice here, after each change.
  const others = Object.values(compute(world).resources).filter((_, n) => n % 16 === 0);
  return [...changed, ...others].flatMap((resource) => {
    const anew = judge(world, resource, members, atMs).map(({ member, state }) => [member, state]);
    return JSON.stringify(judged(resource)) === JSON.stringify(anew) ? [] : [resource.id];
  });
}

const deploys =
  '/providers/Microsoft.Management/managementGroups/landing-zones/providers/Microsoft.Authorization/policyAssignments/deploys';
const linuxExtension = '/providers/Microsoft.Authorization/policyDefinitions/331e8ea8-378a-410f-a2e5-ae22f38bb0da';

const extension = (machine: Resource, name: string): Resource => ({
  id: `${machine.id}/extensions/${name}`,
  name,
  type: 'Microsoft.Compute/virtualMachines/extensions',
  location: machine.location,
  properties: { publisher: 'Microsoft.GuestConfiguration', type: name, provisioningState: 'Succeeded' },
});

describe.each([1, 2, 3])('after each of the changes that seed %i makes', (seed) => {
  it('what is remembered is what would be found', async () => {
    const world = insightsWorld();
    const next = random(seed);
    const one = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T;
    const machines = Object.values(compute(world.world).resources)
      .filter(({ type }) => type === 'Microsoft.Compute/virtualMachines')
      .filter(({ tags }) => tags?.['team'] === 'web')
      .slice(0, 4);
    for (const machine of machines) machine.identity = { type: 'SystemAssigned' };
    const made = await world.send('PUT', `${deploys}?api-version=2025-03-01`, {
      location: 'westeurope',
      identity: { type: 'SystemAssigned' },
      properties: { policyDefinitionId: linuxExtension },
    });
    const assignments = () => Object.values(policies(world.world).policyAssignments);
    const ends = () => new Date(start + Math.floor(next() * 10) * day * 60_000).toISOString();
    const changes: readonly (() => unknown)[] = [
      () => world.send('PATCH', `${one(machines).id}?api-version=2026-03-01`, { tags: { team: one(['data', 'web']) } }),
      // As what happens by itself changes resources: in place.
      () => {
        one(machines).properties['provisioningState'] = one(['Updating', 'Failed', 'Succeeded']);
      },
      () => {
        const made = extension(one(machines), 'AzurePolicyforLinux');
        compute(world.world).resources[made.id.toLowerCase()] = made;
      },
      () => {
        const { resources } = compute(world.world);
        const found = Object.keys(resources).filter((id) => id.includes('/extensions/'));
        if (found.length > 0) delete resources[one(found)];
      },
      () =>
        world.send(
          'PUT',
          `${one(machines).id}/providers/Microsoft.Authorization/policyExemptions/x?api-version=2022-07-01-preview`,
          { properties: { policyAssignmentId: one(assignments()).id, exemptionCategory: 'Waiver', expiresOn: ends() } },
        ),
      () =>
        world.send(
          'PUT',
          `${one(machines).id}/providers/Microsoft.PolicyInsights/attestations/x?api-version=2024-10-01`,
          {
            properties: { policyAssignmentId: one(assignments()).id, complianceState: 'Compliant', expiresOn: ends() },
          },
        ),
      () => {
        const assignment = one(assignments());
        const all = policies(world.world).policyAssignments;
        const notScopes = [...((assignment.properties['notScopes'] as string[]) ?? []), one(machines).id];
        all[assignment.id.toLowerCase()] = {
          ...assignment,
          properties: { ...assignment.properties, notScopes: notScopes.map((id) => text(id) ?? '') },
        };
      },
      () => delete policies(world.world).policyAssignments[one(assignments()).id.toLowerCase()],
      () => world.wait(one([1, day, 3 * day])),
    ];
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    const found = differences(world, machines);
    for (let n = 0; n < 16; n += 1) {
      await one(changes)();
      found.push(...differences(world, machines));
    }
    expect(found).toEqual([]);
  });
});
