import { needsALookAfter, type PublishRun } from '../../core/runs';
import { runView } from '../../dialogs/present/run';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { platformSubscription } from '../../sandbox/azure/names';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { defineRole, restrict, role, without } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const refused = () => world.sandbox.exchanges.filter((e) => e.status === 403);
const remarkOf = (run: PublishRun) => runView(run, { now: world.world.clock.now() }).remark ?? '';

/** In the order in which a publish comes to them. */
const missing = [
  {
    action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
    where: /\/userAssignedIdentities\/id-image-builder$/,
  },
  { action: 'Microsoft.Compute/virtualMachines/write', where: /\/virtualMachines\/gbt-[^/ ]+$/ },
  { action: 'Microsoft.Network/virtualNetworks/subnets/join/action', where: /\/subnets\/tests$/ },
] as const;
const assignCommand = `az role assignment create --role goldbot --assignee-object-id ${goldbotIdentity.objectId} --assignee-principal-type ServicePrincipal --scope /subscriptions/${platformSubscription}`;

describe('goldbot with the custom role of deploy/ alone', () => {
  it('publishes an image with all its outputs, looks at machines, and is refused nothing', async () => {
    await restrict(world.sandbox);
    const { id } = await world.publish({ output: 'all' });
    await world.approve(id);
    await world.end(id);
    expect((await world.run(id)).outcome).toBe('published');
    const machines = await world.azure.read.machines('vm-payments-api-001');
    expect(machines.map((m) => m.name)).toEqual(['vm-payments-api-001']);
    expect(await world.leftovers(id)).toEqual([]);
    expect(refused().map((e) => `${e.method} ${e.url}`)).toEqual([]);
  });

  it('says which action is missing, where, and who can do what; and goes on by itself when it is there', async () => {
    await restrict(world.sandbox, without(missing[0].action));
    const { id } = await world.publish();
    for (const { action, where } of missing) {
      await defineRole(world.sandbox, without(action));
      const stuck = await world.until(
        id,
        (run) => run.tries >= needsALookAfter && run.lastError?.includes(action) === true,
      );
      const remark = remarkOf(stuck);
      expect(remark).toContain(`goldbot's identity lacks “${action}” on /subscriptions/`);
      expect(/ on (\/subscriptions\/\S+)\. Let /.exec(remark)?.[1]).toMatch(where);
      expect(remark).toContain('az role definition update --role-definition deploy/role.json');
      expect(remark).toContain(assignCommand);
    }
    await defineRole(world.sandbox, role.Actions);
    await world.stage(id, 'approve');
  });
});
