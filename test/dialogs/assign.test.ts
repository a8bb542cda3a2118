import { rightsOf } from '../../core/access';
import type { BaselineState } from '../../core/compliance';
import type { ChangeRun } from '../../core/runs';
import { remediate } from '../../dialogs/commands/remediate';
import type { CommandContext, Deps } from '../../dialogs/conversation/command';
import { changeView } from '../../dialogs/present/change';
import { exampleCatalogue } from '../support/catalogue';
import { aRun } from './support/world';

const admins = 'b0bb1e50-0000-4000-8000-000000000003';
const group = '/subscriptions/s/resourceGroups/rg-web';
const vm = `${group}/providers/Microsoft.Compute/virtualMachines/vm-1`;
const guest = '/providers/Microsoft.Authorization/policySetDefinitions/12794019-7a00-42cf-95c2-882eed337cc8';
const extension = '/providers/microsoft.authorization/policydefinitions/331e8ea8-378a-410f-a2e5-ae22f38bb0da';

/** What is started for `remediate`, given what Azure says of the machine and of assignments, by scope. */
async function asked(
  typed: { readonly policy: string; readonly at?: string },
  {
    id = vm,
    policies = [],
    assigned = {},
  }: {
    readonly id?: string;
    readonly policies?: readonly object[];
    readonly assigned?: Readonly<Record<string, BaselineState>>;
  } = {},
) {
  const started: unknown[] = [];
  const catalogue = exampleCatalogue();
  const ctx = {
    ...{ person: { oid: 'g', name: 'Grace' }, rights: rightsOf(catalogue, [admins]), via: 'text', intent: 'i' },
    ...{ conversation: { id: '19:here', kind: 'channel' }, now: new Date('2026-11-23T00:00:00Z') },
  } as unknown as CommandContext;
  const deps = {
    catalogue: () => catalogue,
    read: {
      machineCounts: async () => ({ rows: [], asOf: ctx.now }),
      tagsOf: async () => ({ team: 'payments' }),
      machineCompliance: async () => ({ policies, guest: [], exemptions: [] }),
      baseline: async (one: string) => assigned[one.split('/providers/')[0] ?? ''],
    },
    reads: { openChanges: async () => [] },
    runs: {
      startOrJoin: async ({ plan }: { plan: unknown }) => {
        started.push(plan);
        return { run: { ...aRun('R-33333', {}), kind: 'change', plan }, joined: false };
      },
    },
  } as unknown as Deps;
  await remediate.run(ctx, { machine: id, join: false, ...typed } as never, deps);
  return started[0];
}

const row = (state: string, effect = 'deployIfNotExists') => ({
  ...{ assignment: `${group}/providers/microsoft.authorization/policyassignments/ours`, name: 'ours', state, effect },
  ...{ definition: extension, reference: 'extensionlinux', evaluatedAt: new Date(0) },
});

describe('remediate by what is missing', () => {
  it('proposes the assignment for the resource group where none looks at the machine, and admins decide', async () => {
    expect(await asked({ policy: 'Guest-Configuration' })).toMatchObject({
      ...{
        verb: 'assign',
        baseline: 'guest-configuration',
        scope: group,
        target: 'guest-configuration',
        team: 'payments',
      },
      approval: { rule: { group: admins } },
    });
  });

  it('remediates by whichever assignment looks at the machine already', async () => {
    expect(await asked({ policy: 'guest-configuration' }, { policies: [row('NonCompliant')] })).toMatchObject({
      ...{ verb: 'remediate', machineId: vm, reference: 'extensionlinux' },
    });
  });

  it('says where it is assigned and not evaluated, and assigns nothing beside it', async () => {
    const state = { definition: guest, enforced: true, identity: 'i' };
    const refused = asked({ policy: 'guest-configuration' }, { assigned: { '/subscriptions/s': state } });
    await expect(refused).rejects.toMatchObject({
      message: 'guest-configuration is assigned to s, and has nothing to say about vm-1 yet. Nothing was done.',
      hint: 'Azure evaluates once a day, or when it is asked to.',
    });
  });

  it('is for virtual machines alone', async () => {
    const id = `${group}/providers/Microsoft.HybridCompute/machines/arc-1`;
    await expect(asked({ policy: 'monitor-agent' }, { id })).rejects.toThrow(
      'arc-1 is not a virtual machine, and monitor-agent is for those alone. Nothing was done.',
    );
  });

  it('waits for the time that was named, by the clock of the team', async () => {
    const plan = await asked({ policy: 'ours', at: '2026-11-28 22:00' }, { policies: [row('NonCompliant')] });
    expect(plan).toMatchObject({ verb: 'remediate', at: '2026-11-28T21:00:00.000Z' });
    await expect(asked({ policy: 'ours', at: 'soon' }, { policies: [row('NonCompliant')] })).rejects.toThrow(
      '"soon" must be such as "2026-12-20 18:00" or "fri 18:00"; nothing was appointed.',
    );
  });
});

describe('the card of an assignment', () => {
  const plan = {
    ...{ verb: 'assign', target: 'monitor-agent', team: 'web', baseline: 'monitor-agent', scope: group },
    ...{ location: 'westeurope', reach: { machines: 3, lacking: ['vm-1', 'vm-2'], pets: ['vm-2'], closed: [] } },
  };
  const run = (data: object) => ({ ...aRun('R-33333', {}), kind: 'change', plan, data }) as unknown as ChangeRun;
  const view = (data: object) => changeView(run(data), { now: new Date(0) } as never);

  it('says whom it reaches, by what, and as whom', () => {
    expect(view({}).facts).toEqual([
      { title: 'Team', value: 'web' },
      {
        title: 'Policy of Azure',
        value: 'Configure virtual machines to run Azure Monitor Agent with system-assigned managed identity',
      },
      { title: 'Identity', value: 'system-assigned, in westeurope; it needs Virtual Machine Contributor' },
      { title: 'Machines', value: '2 of 3 VMs lack it: vm-1, vm-2; 1 pet among them' },
    ]);
  });

  it('has the command for an owner once it is done, and not before', () => {
    const identities = { 'goldbot-monitor-linux': 'p-1' };
    expect(view({ identities }).commands).toBeUndefined();
    expect(view({ identities, ending: { how: 'done', why: 'so' } }).commands).toEqual([
      `az role assignment create --assignee-object-id p-1 --assignee-principal-type ServicePrincipal --role "Virtual Machine Contributor" --scope ${group}`,
    ]);
  });
});
