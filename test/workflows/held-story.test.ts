import { randomUUID } from 'node:crypto';
import type { Freeze } from '../../core/catalogue';
import { days, minutes } from '../../core/time';
import { createLockControl } from '../../workflows/start';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/**
 * Locks and freezes against the sandbox, by replicas that die: each step's commit is lost once, after whatever the step
 * did to Azure.
 */
let freeze: readonly Freeze[] = [];
const catalogue = () => {
  const { azure, ...rest } = exampleCatalogue();
  return { ...rest, azure: { ...azure, freeze: [...freeze] } };
};
const lost = new Set<string>();
let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld({
    catalogue,
    at: async (boundary, { run }) => {
      const step = `${run.id}:${run.version}`;
      if (boundary !== 'before commit' || lost.has(step)) return;
      lost.add(step);
      throw new Error('the replica died');
    },
  });
});
afterAll(() => world.close());

const wall = (ms: number) => new Date(world.clock.nowMs() + ms).toISOString().slice(0, 16).replace('T', ' ');
const window = (name: string): Freeze => ({
  name,
  from: wall(-minutes(5)),
  to: wall(days(2)),
  zone: 'UTC',
  reason: 'closed',
});
const locks = () => createLockControl({ database: world.database, clock: world.clock });
const act = (person = people.ada) => ({
  image: 'ubuntu-22',
  reason: 'openssl regression',
  person,
  intent: randomUUID(),
});
const held = (id: `R-${string}`, by: string) =>
  world.until(id, ({ stage, data }) => stage === 'hold' && data.held?.holds.map((hold) => hold.by).join() === by);
const copies = () => world.changes('PATCH', /\/versions\/1\.6\.0\?/).length;

it('a run that is locked while it builds waits before its copies, then for a freeze, and two people let it through', async () => {
  const { id } = await world.publish();
  const letGo = await world.hold(id, 'tattoo');
  await locks().lock(act(people.heidi));
  letGo();
  await world.approve(id);
  expect((await held(id, 'Heidi')).data.held).toMatchObject({
    before: 'replicate',
    holds: [{ why: 'openssl regression' }],
  });
  const other = {
    kind: 'publish',
    subject: 'ubuntu-22',
    plan: {},
    person: people.grace,
    intent: randomUUID(),
  } as const;
  expect((await world.control.startOrJoin(other)).joined).toBe(true);

  // The tattoo's tags.
  expect(copies()).toBe(1);

  freeze = [window('year end')];
  await locks().unlock({ ...act(people.heidi), isAdmin: false });
  await held(id, 'year end');
  const says = (person = people.ada, more = {}) =>
    world.control.override({ request: id, person, intent: randomUUID(), ...more });
  await says(people.ada, { reason: 'CVE' });
  await world.until(id, ({ data }) => data.override !== undefined);
  await expect(says(people.ada)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  await expect(says(people.grace)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  expect(copies()).toBe(1);

  await says(people.heidi);
  const done = await world.end(id);
  expect(done.outcome).toBe('published');
  expect(done.data.override).toMatchObject({
    reason: 'CVE',
    by: { name: 'Ada' },
    confirmed: { by: { name: 'Heidi' } },
  });
  expect(done.data.held).toBeUndefined();
  // One that copies and one that publishes: what was lost was not asked for again.
  expect(copies()).toBe(3);
  expect(done.data.times?.flatMap(({ stage }) => (stage === 'hold' || stage === 'replicate' ? [stage] : []))).toEqual([
    'replicate',
    'hold',
    'replicate',
  ]);
  expect((await world.run(id)).stages).toContain('hold');
});

it('a run that begins in a freeze builds nothing, and can be cancelled', async () => {
  freeze = [window('year end')];
  const before = world.changes('PUT', /\/imageTemplates\//).length;
  const { id } = await world.publish();
  expect((await held(id, 'year end')).data.held?.before).toBe('customise');
  const body = { reason: 'next year' };
  await world.control.signal({ request: id, kind: 'cancel', person: people.ada, body, intent: randomUUID() });
  expect((await world.end(id)).outcome).toBe('cancelled');
  expect(world.changes('PUT', /\/imageTemplates\//)).toHaveLength(before);
  expect(await world.leftovers(id)).toEqual([]);
});

it('or goes on by itself when the window is over', async () => {
  freeze = [window('year end')];
  const { id } = await world.publish();
  await held(id, 'year end');
  world.clock.advance(days(2) / minutes(1));
  const built = await world.until(id, ({ data }) => data.template !== undefined);
  expect(built.data.times?.map(({ stage }) => stage)).toEqual(['capture', 'customise', 'hold', 'capture', 'customise']);
});
