import type { Exchange } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { managedId } from '../support/sources';
import { role } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const verbs: Readonly<Record<string, string>> = { GET: 'read', PUT: 'write', PATCH: 'write', DELETE: 'delete' };

/** The action that ARM checks for a request: types of the path and a verb; undefined for what is not ARM's. */
function actionOf({ method, url }: Exchange): string | undefined {
  const { hostname, pathname } = new URL(url);
  const [, provider] = pathname.split(/\/providers\/(?!.*\/providers\/)/i);
  if (hostname !== 'management.azure.com' || provider === undefined) return undefined;
  const [namespace, ...rest] = provider.split('/');
  const named = method === 'POST' && rest.length % 2 === 1 ? rest.slice(0, -1) : rest;
  const types = named.filter((_, i) => i % 2 === 0).join('/');
  if (namespace === 'Microsoft.ResourceGraph') return 'Microsoft.ResourceGraph/resources/read';
  return method === 'POST' ? `${namespace}/${types}/${rest.at(-1)}/action` : `${namespace}/${types}/${verbs[method]}`;
}

const speed = (times: number) => ask(world.sandbox, 'POST', '/_sandbox/clock', { speed: times });

describe('the custom role of deploy/', () => {
  it('allows every request of a publish, a repair, a rejection and a cancel, and nothing that is never needed', async () => {
    await ask(world.sandbox, 'POST', '/_sandbox/guest', {
      image: 'ubuntu-22',
      set: { services: { ssh: { active: false } } },
    });
    const { id } = await world.publish();
    await world.stage(id, 'repair');
    await ask(world.sandbox, 'POST', '/_sandbox/guest', { image: 'ubuntu-22', set: null });
    await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'mended' });
    await world.approve(id);
    await world.end(id);
    await world.azure.read.machines('vm-payments-api-001');
    await world.azure.read.managedImage(managedId('hardened'));
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
    // Azure checks these while it does what was asked; no request of goldbot names them.
    const implied =
      /networkInterfaces|subnets\/join|assign\/action|disks\/(?:write|delete)|imageTemplates\/run\/action/i;
    expect(role.Actions.filter((a) => !used.has(a.toLowerCase()) && !implied.test(a))).toEqual([]);
  });
});
