import { accessOf } from '../../sandbox/azure/authorization/action';
import type { Exchange } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { managedId } from '../support/sources';
import { role } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

/** The action that ARM checks for a request; undefined for what is not ARM's. */
function actionOf({ method, url }: Exchange): string | undefined {
  const { hostname, pathname } = new URL(url);
  if (hostname !== 'management.azure.com') return undefined;
  if (pathname.includes('/Microsoft.ResourceGraph/')) return 'Microsoft.ResourceGraph/resources/read';
  return accessOf(method, decodeURIComponent(pathname))?.action;
}

const speed = (times: number) => ask(world.sandbox, 'POST', '/_sandbox/clock', { speed: times });

describe('the custom role of deploy/', () => {
  it('allows every request of a publish, a repair, a rejection and a cancel, and nothing that is never needed', async () => {
    await ask(world.sandbox, 'POST', '/_sandbox/guest', {
      image: 'ubuntu-22',
      set: { services: { ssh: { active: false } } },
    });
    const { id } = await world.publish({ output: 'all' });
    await world.stage(id, 'repair');
    await ask(world.sandbox, 'POST', '/_sandbox/guest', { image: 'ubuntu-22', set: null });
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'mended' });
    await world.approve(id);
    await world.end(id);
    await world.azure.read.machines('vm-payments-api-001');
    await world.azure.read.managedImage(managedId('hardened'));
    const { subscription, buildResourceGroup: resourceGroup } = exampleCatalogue().azure;
    await world.azure.read.foreignTemplates(subscription);
    await world.azure.read.triggers({ subscription, resourceGroup }, 'legacy');
    const second = await world.publish();
    await world.until(second.id, (r) => r.data.progress?.startsWith('step') ?? false);
    // The build must not be over before the cancel reaches it, however slow this machine is.
    await speed(60);
    await world.control.signal({
      request: second.id,
      kind: 'cancel',
      person: people.ada,
      body: { reason: 'x' },
      intent: 'stop',
    });
    await world.until(second.id, () => world.changes('POST', /\/cancel\?/).length > 0);
    await speed(1_500);
    await world.end(second.id);

    const used = new Set(world.sandbox.exchanges.flatMap((e) => actionOf(e) ?? []).map((a) => a.toLowerCase()));
    const allowed = new Set(role.Actions.map((a) => a.toLowerCase()));
    expect([...used].filter((action) => !allowed.has(action))).toEqual([]);
    // Asked where a base is sold with a plan, and where a staging group of one's own is named.
    const sometimes = /agreements\/read|subscriptions\/resourceGroups/i;
    // Azure checks these while it does what was asked; no request of goldbot names them.
    const implied =
      /networkInterfaces|subnets\/join|assign\/action|disks\/(?:write|delete)|imageTemplates\/run\/action/i;
    expect(role.Actions.filter((a) => !used.has(a.toLowerCase()) && !implied.test(a) && !sometimes.test(a))).toEqual(
      [],
    );
  });
});
