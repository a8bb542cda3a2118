import { randomUUID } from 'node:crypto';
import {
  type AssignPlan,
  type ChangePlan,
  type ChangeRun,
  changeSubject,
  type ExemptPlan,
  exemptionId,
  type RemediatePlan,
  type TattooPlan,
} from '../../core/runs';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { until } from '../support/until';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ moves: true });
});
afterEach(() => world.close());

const admins = { group: 'b0bb1e50-0000-4000-8000-000000000003', groupName: 'goldbot-admins', quorum: 1 };
const approval = { rule: admins, ttlMs: 3_600_000, channel: 'Image Factory / approvals' };

async function start(plan: ChangePlan) {
  const { run } = await world.control.startOrJoin({
    kind: 'change',
    subject: changeSubject(plan),
    plan,
    person: people.ada,
    intent: randomUUID(),
  });
  return run.id;
}

async function done(plan: ChangePlan): Promise<ChangeRun> {
  const id = await start(plan);
  if (plan.approval) await world.approve(id);
  return await world.endOfChange(id);
}

async function machineNamed(name: string) {
  const [found] = (await world.azure.read.machineList({ name }, 2)).rows;
  if (!found) throw new Error(`no machine ${name}`);
  return found;
}

async function failing(name: string, policy: string, of?: string) {
  const { id } = await machineNamed(name);
  const { policies } = await world.azure.read.machineCompliance(id);
  const found = policies.find((p) => p.name === policy && p.reference === of && p.state === 'NonCompliant');
  if (!found) throw new Error(`${policy} does not fail on ${name}: ${JSON.stringify(policies)}`);
  return { id, ...found };
}

async function powerOf(id: string): Promise<string | undefined> {
  const { body } = await ask(world.sandbox, 'GET', `${id}/instanceView?api-version=2024-07-01`);
  const { statuses } = body as { statuses: { code: string }[] };
  return statuses.find(({ code }) => code.startsWith('PowerState/'))?.code;
}

const about = (target: string) => ({ target, team: 'web', reason: 'the vendor supports this image alone' });

describe('exempt', () => {
  const planOf = async (until: string): Promise<ExemptPlan> => {
    const { id, assignment, name } = await failing('vm-web-edge-005', 'only-golden-images');
    const what = { verb: 'exempt', machineId: id, assignment, policy: name, until } as const;
    return { ...what, ...about('vm-web-edge-005'), approval };
  };

  it('writes a waiver with its day and its reason, and the same command later renews the same one', async () => {
    const plan = await planOf('2027-01-01T00:00:00.000Z');
    expect((await done(plan)).data).toMatchObject({ before: 'not exempt by goldbot', ending: { how: 'done' } });
    const first = await world.azure.read.exemption(exemptionId(plan));
    expect(first).toMatchObject({ category: 'Waiver', reason: plan.reason, expiresAt: new Date(plan.until) });
    const renewed = await planOf('2027-03-01T00:00:00.000Z').catch(() => ({
      ...plan,
      until: '2027-03-01T00:00:00.000Z',
    }));
    expect((await done(renewed)).data.before).toBe('exempt until 1 Jan 2027');
    const second = await world.azure.read.exemption(exemptionId(renewed));
    expect([second?.id, second?.expiresAt]).toEqual([first?.id, new Date('2027-03-01T00:00:00.000Z')]);
  });

  it('sets aside nothing but the definition of an initiative that was named', async () => {
    const { assignment } = await failing('vm-legacy-app-010', 'machine-baseline', 'inheritteamtag');
    const plan = { ...(await planOf('2027-01-01T00:00:00.000Z')), assignment, reference: 'inheritteamtag' };
    await done(plan);
    const { body } = await ask(world.sandbox, 'GET', `${exemptionId(plan)}?api-version=2022-07-01-preview`);
    expect(body).toMatchObject({ properties: { policyDefinitionReferenceIds: ['inheritteamtag'] } });
  });

  it('writes none whose day is over when people have agreed at last', async () => {
    const plan = await planOf(new Date(world.world.clock.now().getTime() - 1_000).toISOString());
    expect((await done(plan)).data.ending).toMatchObject({ how: 'failed', why: expect.stringContaining('has passed') });
    expect(await world.azure.read.exemption(exemptionId(plan))).toBeUndefined();
  });

  it('ends with the words of Azure when it refuses', async () => {
    const plan = await planOf('2027-01-01T00:00:00.000Z');
    const run = await done({ ...plan, assignment: plan.assignment.replace('only-golden-images', 'gone') });
    expect(run.data.ending).toMatchObject({ how: 'failed', why: expect.stringContaining('could not be found') });
  });
});

describe('remediate', () => {
  const planOf = async (machine: string, policy: string, of: string): Promise<RemediatePlan> => {
    const { id, assignment, name, reference } = await failing(machine, policy, of);
    const what = { verb: 'remediate', machineId: id, assignment, policy: name } as const;
    return { ...what, ...about(machine), ...(reference && { reference }) };
  };

  it('lets the policy mend one machine and waits until Azure says so', async () => {
    const orphan = (await world.azure.read.machineList({}, 300)).rows.find(({ tags }) => tags['team'] === undefined);
    const plan = await planOf(orphan?.name ?? '', 'machine-baseline', 'inheritteamtag');
    const run = await done(plan);
    expect(run.data.ending).toMatchObject({ how: 'done', why: expect.stringContaining('1 of 1 deployment') });
    expect(await world.azure.read.tagsOf(plan.machineId)).toMatchObject({ team: expect.any(String) });
    expect(world.changes('PUT', /\/remediations\//)).toHaveLength(1);
  });

  it('fails in the words of Azure where the policy cannot mend', async () => {
    const { id, assignment, name } = await failing('vm-web-edge-005', 'only-golden-images');
    const run = await done({ verb: 'remediate', machineId: id, assignment, policy: name, ...about('vm-web-edge-005') });
    expect(run.data.ending).toMatchObject({ how: 'failed', why: expect.stringContaining('cannot be remediated') });
  });
});

describe('assign', () => {
  const planOf = async (machine: string, baseline: AssignPlan['baseline']): Promise<AssignPlan> => {
    const { subscription, resourceGroup } = await machineNamed(machine);
    const scope = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
    return { verb: 'assign', baseline, scope, location: 'westeurope', ...about(baseline), approval };
  };
  const assignmentsOf = async ({ scope }: AssignPlan, names: readonly string[]) =>
    Promise.all(
      names.map((name) =>
        world.azure.read.baseline(`${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`),
      ),
    );

  it('assigns both policies of the monitor agent with an identity each, shows whom they reach, and gives no role', async () => {
    const plan = await planOf('vm-payments-api-005', 'monitor-agent');
    const run = await done(plan);
    expect(run.plan).toMatchObject({
      reach: {
        lacking: ['vm-payments-api-005', 'vm-payments-hsm-001', 'vm-payments-hsm-002'],
        pets: ['vm-payments-hsm-001', 'vm-payments-hsm-002'],
        closed: [],
      },
    });
    const states = await assignmentsOf(plan, ['goldbot-monitor-linux', 'goldbot-monitor-windows']);
    expect(states).toEqual([
      expect.objectContaining({ enforced: true, identity: run.data.identities?.['goldbot-monitor-linux'] }),
      expect.objectContaining({ enforced: true, identity: run.data.identities?.['goldbot-monitor-windows'] }),
    ]);
    expect(run.data.before).toBe('not assigned');
    expect(run.data.warnings).toContain(
      'It passes over VMs without a system-assigned identity, which guest-configuration gives them.',
    );
    expect(run.data.ending?.why).toContain('before an owner of rg-payments has given its identity the role');
    expect(world.changes('PUT', /\/roleAssignments\//)).toEqual([]);
  });

  it('leaves an assignment of that name alone which is of another policy', async () => {
    const plan = await planOf('vm-web-edge-009', 'guest-configuration');
    const other = '/providers/Microsoft.Authorization/policyDefinitions/a4034bc6-ae50-406d-bf76-50f4ee5a7811';
    const id = `${plan.scope}/providers/Microsoft.Authorization/policyAssignments/goldbot-guest-config`;
    const body = {
      ...{ location: 'westeurope', identity: { type: 'SystemAssigned' } },
      properties: { policyDefinitionId: other },
    };
    await ask(world.sandbox, 'PUT', `${id}?api-version=2025-03-01`, body);
    const run = await done(plan);
    expect(run.data.ending).toMatchObject({ how: 'failed', why: expect.stringContaining('goldbot left it alone') });
    const [found] = await assignmentsOf(plan, ['goldbot-guest-config']);
    expect(found?.definition).toBe(other);
  });
});

describe('rescan', () => {
  it('starts one evaluation for each scope, waits for all, and says what it did not touch', async () => {
    const [web, data] = [await machineNamed('vm-web-edge-005'), await machineNamed('vm-data-etl-001')];
    const scopes = [web, data].map((m) => `/subscriptions/${m.subscription}/resourceGroups/${m.resourceGroup}`);
    const run = await done({ verb: 'rescan', target: 'web', team: 'web', scopes });
    expect(run.data.ending).toMatchObject({ how: 'done', why: expect.stringContaining('has its own schedule') });
    expect(world.changes('POST', /triggerEvaluation/)).toHaveLength(2);
    expect(Object.values(run.data.evaluations ?? {})).toEqual(['', '']);
  });
});

describe('tattoo --fresh', () => {
  const planOf = async (name: string, os: TattooPlan['os'] = 'Linux'): Promise<TattooPlan> => {
    const { id, location } = await machineNamed(name);
    return { verb: 'tattoo', machineId: id, os, location, target: name, team: 'payments' };
  };
  const commandsOn = async ({ machineId }: TattooPlan) => {
    const { body } = await ask(world.sandbox, 'GET', `${machineId}/runCommands?api-version=2024-07-01`);
    return (body as { value: unknown[] }).value;
  };

  it('reads what stands in the machine, judges it, and leaves no command behind', async () => {
    const plan = await planOf('vm-payments-api-001');
    const run = await done(plan);
    expect(run.data.judgement).toMatchObject({ verdict: 'verified' });
    expect(run.data.ending?.why).toBe('verified');
    expect(await commandsOn(plan)).toEqual([]);
  });

  it('reads the registry of a Windows machine', async () => {
    const run = await done(await planOf('vm-payments-win-001', 'Windows'));
    expect(run.data.guest).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^schema=1\r?\nimage=windows-2022/),
    });
    expect(run.data.judgement).toMatchObject({
      verdict: 'verified',
      inside: { image: 'windows-2022', version: '1.2.0' },
    });
  });

  it('finds none in a Windows machine that was not made from a golden image', async () => {
    const plan = await planOf('vm-legacy-erp-001', 'Windows');
    const run = await done(plan);
    expect(run.data.judgement).toMatchObject({ verdict: 'unknown', unread: { why: 'no tattoo' } });
  });

  it('sees that somebody changed the tattoo', async () => {
    const plan = await planOf('vm-payments-api-001');
    const content = 'schema=1\nimage=other\nversion=1.5.0\nsource=x\nos=y\nbuilt=z\nrun=R-22222\nrecipe=r\n';
    const set = { files: { '/etc/goldbot/tattoo': content } };
    await ask(world.sandbox, 'POST', '/_sandbox/guest', { vm: plan.machineId, set });
    const { judgement } = (await done(plan)).data;
    expect(judgement).toMatchObject({ verdict: 'rebranded', inside: { image: 'other', version: '1.5.0' } });
  });

  it('says so when the machine is off, and leaves nothing behind', async () => {
    const plan = await planOf('vm-payments-api-001');
    await ask(world.sandbox, 'POST', `${plan.machineId}/deallocate?api-version=2024-07-01`);
    await until(async () => (await powerOf(plan.machineId)) === 'PowerState/deallocated');
    const run = await done(plan);
    expect(run.outcome).toBe('failed');
    expect(await commandsOn(plan)).toEqual([]);
  });
});
