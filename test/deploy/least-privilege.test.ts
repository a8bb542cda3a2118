import { randomUUID } from 'node:crypto';
import { judgementWords } from '../../cards';
import { assignCommand, azureRoles, roleWith } from '../../core/azure-roles';
import type { Judgement } from '../../core/images';
import { type ChangePlan, type ChangeRun, changeSubject, needsALookAfter, type PublishRun } from '../../core/runs';
import { presentReading } from '../../dialogs/present/machine-tattoo';
import { runView } from '../../dialogs/present/run';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { platformSubscription } from '../../sandbox/azure/names';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { withSecondGallery } from '../support/catalogue';
import { changesOfEachKind } from '../support/changes';
import { defineAs, restrict, roleNamed, without } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ catalogue: withSecondGallery });
});
afterEach(() => world.close());

const remarkOf = (run: PublishRun) => runView(run, { now: world.world.clock.now() }).remark ?? '';
const group = `/subscriptions/${platformSubscription}/resourceGroups`;
const network = `${group}/rg-image-builds/providers/Microsoft.Network/virtualNetworks/vnet-images/subnets/tests`;
const identity = `${group}/rg-golden-images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-image-builder`;
const gallery = `${group}/rg-golden-images/providers/Microsoft.Compute/galleries/gold`;

/** In the order in which a publish comes to them; `at`: where the command assigns the role. */
const missing = [
  {
    action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
    where: /\/id-image-builder$/,
    at: identity,
  },
  {
    action: 'Microsoft.Compute/virtualMachines/write',
    where: /\/virtualMachines\/gbt-[^/ ]+$/,
    at: `${group}/rg-image-builds`,
  },
  { action: 'Microsoft.Network/virtualNetworks/subnets/join/action', where: /\/subnets\/tests$/, at: network },
  {
    action: 'Microsoft.Compute/virtualMachines/runCommands/write',
    where: /\/runCommands\/[^/ ]+$/,
    at: `${group}/rg-image-builds`,
  },
  { action: 'Microsoft.Compute/galleries/images/versions/write', where: /\/versions\/[\d.]+$/, at: gallery },
] as const;

it('a run says which action is missing, where, and who can do what; and goes on by itself when it is there', async () => {
  await restrict(world.sandbox);
  const { id } = await world.publish();
  for (const { action, where, at } of missing) {
    const role = roleWith(action, '/virtualMachines/gbt-');
    if (!role) throw new Error(`no role has ${action}`);
    await defineAs(world.sandbox, without(role, action));
    // What was missing before is there from now on, not earlier: the run would be past this one.
    for (const other of azureRoles.filter((one) => one !== role)) await defineAs(world.sandbox, other);
    const lacks = (run: PublishRun) => run.tries >= needsALookAfter && run.lastError?.includes(action) === true;
    const remark = remarkOf(await world.until(id, lacks));
    expect(remark).toContain(`goldbot's identity lacks “${action}” on /subscriptions/`);
    expect(/ on (\/subscriptions\/\S+)\. Have /.exec(remark)?.[1]).toMatch(where);
    expect(remark).toContain(`az role definition update --role-definition deploy/roles/${role.name}.json`);
    expect(remark).toContain(assignCommand(role, { objectId: goldbotIdentity.objectId, scope: at }));
    expect(remark).toContain(`--scope ${at}”`);
  }
  await defineAs(world.sandbox, roleNamed('goldbot-publisher'));
  await world.stage(id, 'approve');
});

/** The role that each change asks for, when there is only the observer’s. */
const ofChange: Readonly<Record<ChangePlan['verb'], string>> = {
  classify: 'goldbot-classifier',
  exempt: 'goldbot-policy',
  remediate: 'goldbot-policy',
  assign: 'goldbot-policy',
  rescan: 'goldbot-policy',
  restrict: 'goldbot-policy',
  tattoo: 'goldbot-runner',
  leftovers: 'goldbot-builder',
  // Who has the right already is asked first.
  grant: 'goldbot-planner',
  ungrant: 'goldbot-planner',
  share: 'goldbot-sharer',
  unshare: 'goldbot-sharer',
  eol: 'goldbot-publisher',
  age: 'goldbot-publisher',
  revoke: 'goldbot-publisher',
  // Whether a lock keeps it from being deleted is asked first.
  retire: 'goldbot-planner',
  restore: 'goldbot-publisher',
  try: 'goldbot-trials',
  promote: 'goldbot-publisher',
  rollback: 'goldbot-publisher',
  channel: 'goldbot-publisher',
  // Whether a lock keeps it as it is is asked first.
  replicate: 'goldbot-planner',
  copy: 'goldbot-planner',
  rollout: 'goldbot-rollout',
  defer: 'goldbot-rollout',
};

it('with the observer’s role alone each change says which role it lacks, and changes nothing', async () => {
  const plans = await changesOfEachKind(world);
  await restrict(world.sandbox, { roles: [roleNamed('goldbot-observer')] });
  const before = world.sandbox.exchanges.length;
  // What undoes a change has nothing to undo, and a second change of an image waits for the first.
  for (const plan of plans.filter(
    (one) =>
      !['eol', 'age', 'restore', 'promote', 'rollback', 'channel', 'replicate', 'copy', 'unshare'].includes(one.verb) &&
      // Without a scale set it changes nothing in Azure.
      (one.verb !== 'rollout' || one.sets.length > 0) &&
      (one.verb !== 'restrict' || one.effect !== 'off'),
  )) {
    const request = { kind: 'change', subject: changeSubject(plan) + randomUUID(), plan, person: people.ada } as const;
    const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
    if (plan.verb === 'tattoo') continue;
    // Azure may ask to be asked later, before it says no.
    const isSaid = (r: { readonly lastError: string | null }) => r.lastError?.includes('deploy/roles/') ?? false;
    const { lastError } = await world.untilAny(run.id, (r) => r.endedAt !== null || isSaid(r));
    expect([plan.verb, lastError]).toEqual([
      plan.verb,
      expect.stringContaining(`deploy/roles/${ofChange[plan.verb]}.json`),
    ]);
  }
  const asked = world.sandbox.exchanges.slice(before);
  const changed = asked.filter(
    ({ method, url, status }) => method !== 'GET' && status < 400 && !url.includes('ResourceGraph'),
  );
  expect(changed).toEqual([]);
});

describe('reading inside a machine without the role for it', () => {
  const outside =
    /^By image reference, disk and tags it was made from ubuntu-22 1\.5\.0, but nobody looked inside: goldbot's identity lacks the role goldbot-runner there \(docs\/roles\.md\)\.$/;

  async function reading(verify: boolean, plan: ChangePlan): Promise<ChangeRun> {
    const request = {
      kind: 'change',
      subject: randomUUID(),
      plan: { ...plan, ...(verify && { verify }) },
      person: people.ada,
    } as const;
    const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
    return world.endOfChange(run.id);
  }

  const told = (run: ChangeRun) => {
    if (run.plan.verb !== 'tattoo') throw new Error('no reading');
    return presentReading(run, run.plan, { now: world.world.clock.now() }).text;
  };

  it.each([
    ['no right at all', []],
    ['the right to read commands alone', ['Microsoft.Compute/virtualMachines/runCommands/read']],
  ])('says what is known from outside and that nobody looked inside, with %s', async (_, actions) => {
    const [plan] = (await changesOfEachKind(world)).filter((one) => one.verb === 'tattoo');
    if (!plan) throw new Error('no reading');
    const runner = roleNamed('goldbot-runner');
    const less = { ...runner, actions: runner.actions.filter(({ action }) => actions.includes(action)) };
    await restrict(world.sandbox, { roles: [roleNamed('goldbot-observer'), ...(actions.length > 0 ? [less] : [])] });
    const read = await reading(false, plan);
    expect(read.data.judgement).toMatchObject({ verdict: 'unknown', because: 'unread' });
    expect(judgementWords(read.data.judgement as Judgement)).toMatch(outside);
    expect(told(read)).toContain('nobody looked inside');
    const verified = await reading(true, plan);
    expect(verified.data.verified?.verdict).toBe('unknown');
    expect(told(verified)).toContain('nobody looked inside');
    const run = world.sandbox.exchanges.filter(
      ({ method, url, status }) => method === 'PUT' && url.includes('/runCommands/') && status < 400,
    );
    expect(run).toEqual([]);
  });
});

describe('the command that assigns a role', () => {
  it('names every role for its own actions', () => {
    const named = azureRoles.flatMap(({ name, actions, dataActions }) =>
      [...actions, ...dataActions].map(({ action }) => [
        name,
        roleWith(action, name === 'goldbot-builder' ? '/virtualMachines/gbt-x' : '/')?.name,
      ]),
    );
    // Where the observer is refused these two, nobody is told of the action: Resource Graph leaves out what it may not
    // see, and what goldbot may do for teams it looks at with the role in hand.
    const ofBoth = ['goldbot-observer', 'goldbot-planner'];
    expect(named.filter(([name, found]) => name !== found)).toEqual([ofBoth, ofBoth]);
    expect(roleWith('Microsoft.Resources/subscriptions/read')?.name).toBe('goldbot-planner');
    expect(roleWith('Microsoft.Authorization/roleAssignments/write')?.name).toBe('goldbot-access');
  });
});
