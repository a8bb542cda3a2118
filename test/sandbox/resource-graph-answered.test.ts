import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { tenantId } from '../../sandbox/entra/people';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { sandboxCredential } from '../../services';
import { reader } from '../deploy/restricted';
import { ask } from './client';
import { open, start } from './resource-graph-world';

/** A question that was answered before, in this world or in one like it, is answered by what is there now. */

const ada = { oid: 'a1d0c000-0000-4000-8000-000000000001', upn: 'ada@contoso.example', tid: tenantId };
const machines = "resources | where type =~ 'microsoft.compute/virtualmachines' | project id, tags | order by id asc";
const sizes = "resources | where type =~ 'microsoft.compute/virtualmachines' | summarize n = count() by location";
const states =
  "policyresources | where type =~ 'microsoft.policyinsights/policystates' | summarize n = count() by tostring(properties.timestamp)";

const first = (of: (type: string) => Resource[]): Resource => {
  const [vm] = of('virtualMachines');
  if (!vm) throw new Error('the estate has no machine');
  return vm;
};

describe('What was asked before', () => {
  it('has the same answer in another world that holds the same, and nobody can change it for the others', async () => {
    const [one, another] = [open(), open()];
    const body = { query: sizes };
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const before = (await ask(one.sandbox, 'POST', url, body)).body as { data: { n: number }[] };
    const wanted = structuredClone(before);
    for (const row of before.data) row.n = -1;
    for (const world of [one, another, one]) {
      const again = (await ask(world.sandbox, 'POST', url, body)).body as typeof before;
      expect(again).toEqual(wanted);
      for (const row of again.data) row.n = -1;
    }
  });

  it.each<[string, (opened: ReturnType<typeof open>, vm: Resource) => Promise<unknown> | unknown]>([
    ['the world is changed where it is kept', ({ world }, vm) => delete compute(world).resources[vm.id.toLowerCase()]],
    ['a resource is changed in place', (_, vm) => Object.assign(vm, { tags: { touched: 'yes' } })],
    [
      'Azure is asked to change it',
      ({ sandbox }, { id }) =>
        ask(sandbox, 'PATCH', `${id}?api-version=2024-07-01`, { tags: { team: 'somebody', touched: 'yes' } }),
    ],
    ['the world begins again, with nothing in it', ({ world }) => world.reset({ empty: true })],
  ])('is answered again once %s', async (_, change) => {
    const opened = open();
    const vm = first(opened.of);
    const before = await opened.rows(machines);
    await change(opened, vm);
    const after = await opened.rows(machines);
    expect(after).not.toEqual(before);
    expect(await opened.rows(machines)).toEqual(after);
    expect(await open().rows(machines)).toEqual(before);
  });

  it('is answered again once it is later', async () => {
    const { world, rows } = open();
    const [before] = [await rows(states), await rows(states)];
    world.clock.advance(24 * 60);
    expect(await rows(states)).not.toEqual(before);
  });

  it('leaves behind what a question that is answered leaves: the evaluations that were due', async () => {
    const told = ({ world }: ReturnType<typeof open>) => JSON.stringify(world.section('policyInsights', () => ({})));
    const [one, another] = [open(), open()];
    await one.rows(states);
    await another.rows(states);
    expect(told(one)).toContain('"cycleMs":1');
    expect(told(another)).toEqual(told(one));
  });

  it('is what the caller may see of it: of a subscription, one machine', async () => {
    const { sandbox, of } = open();
    const { id } = first(of);
    const { oid } = ada;
    const subscription = id.split('/')[2] ?? '';
    const assignment = `${id}/providers/Microsoft.Authorization/roleAssignments/ada00000-0000-4000-8000-000000000001`;
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${reader}`;
    await ask(sandbox, 'PUT', `${assignment}?api-version=2022-04-01`, {
      properties: { roleDefinitionId, principalId: oid, principalType: 'User' },
    });
    await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: true });
    const token = ['{}', JSON.stringify(ada), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const asked = { query: machines, subscriptions: [subscription] };
    const as = (who: string) => ask(sandbox, 'POST', url, asked, { authorization: `Bearer ${who}` });
    const all = await as((await sandboxCredential.getToken('https://management.azure.com/.default'))?.token ?? '');
    const seen = await as(token);
    expect((all.body as { count: number }).count).toBeGreaterThan(1);
    expect(seen).toMatchObject({ status: 200, body: { count: 1, data: [{ id }] } });
  });
});

describe('What a world holds, as a hash', () => {
  const kept = (world: World) => world.section('one', () => ({ n: 1 }));

  it('is that of every world that holds the same', () => {
    const [one, another] = [new World({ startMs: start, speed: 0 }), new World({ startMs: start, speed: 0 })];
    expect([kept(one), kept(another)]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(one.state()).toBe(another.state());
    kept(another).n = 2;
    expect(one.state()).not.toBe(another.state());
    kept(another).n = 1;
    expect(one.state()).toBe(another.state());
  });

  it('tells worlds apart that began at another time', () => {
    expect(new World({ startMs: start, speed: 0 }).state()).not.toBe(
      new World({ startMs: start + 1, speed: 0 }).state(),
    );
  });

  it('is not made again for those who only read, and is for what they are the first to ask for', () => {
    const world = new World({ startMs: start, speed: 0 });
    kept(world);
    const before = world.state();
    // It says that it reads: nobody looks whether it keeps its word.
    world.reading(() => Object.assign(kept(world), { n: 2 }));
    expect(world.state()).toBe(before);
    world.reading(() => world.section('two', () => ({})));
    expect(world.state()).not.toBe(before);
  });

  it('is made again for whoever asks after reading has failed', () => {
    const world = new World({ startMs: start, speed: 0 });
    kept(world);
    const before = world.state();
    const fails = () => {
      throw new Error('it did');
    };
    expect(() => world.reading(fails)).toThrow('it did');
    kept(world).n = 2;
    expect(world.state()).not.toBe(before);
  });

  it('is made again for what a request goes on with after a pause', async () => {
    const world = new World({ startMs: start, speed: 0 });
    const sandbox = new Sandbox(world);
    kept(world);
    const handle = async () => {
      await Promise.resolve();
      kept(world).n += 1;
      return { status: 200 };
    };
    sandbox.add('azure', [{ method: 'GET', path: '/slow', reads: true, handle }]);
    const before = world.state();
    await ask(sandbox, 'GET', '/slow');
    expect(world.state()).not.toBe(before);
  });
});
