import { drifted } from '../../sandbox/azure/estate/fleet';
import { insightsWorld, machineOf } from './policy-insights-world';

const under = 'providers/Microsoft.GuestConfiguration/guestConfigurationAssignments';
const version = 'api-version=2024-04-05';

interface Assignment {
  readonly name: string;
  readonly properties: { readonly complianceStatus: string; readonly lastComplianceStatusChecked?: string };
}

function opened() {
  const world = insightsWorld();
  const assignments = async (machine: string) => {
    const answer = await world.send('GET', `${machine}/${under}?${version}`);
    return (answer.body as { value: Assignment[] }).value;
  };
  const status = async (machine: string) =>
    Object.fromEntries((await assignments(machine)).map(({ name, properties }) => [name, properties.complianceStatus]));
  return { ...world, assignments, status };
}

describe('guest configuration', () => {
  it('finds the tattoo of golden images, also after an upgrade in place, and misses it elsewhere', async () => {
    const { status } = opened();
    expect(await status(machineOf('payments', 'vm-payments-ledger-003'))).toEqual({
      AzureLinuxBaseline: 'Compliant',
      GoldbotTattoo: 'Compliant',
    });
    expect(await status(machineOf('legacy', 'vm-legacy-erp-001'))).toEqual({
      AzureWindowsBaseline: 'Compliant',
      GoldbotTattoo: 'NonCompliant',
    });
  });

  it('looks into the machine: what a run command changes it sees', async () => {
    const { status, send, wait } = opened();
    const machine = machineOf('web', drifted.name);
    const before = await status(machine);
    const script = [`sed -i 's/^PermitRootLogin yes$/PermitRootLogin no/' ${drifted.file}`, 'rm /etc/goldbot/tattoo'];
    await send('POST', `${machine}/runCommand?api-version=2026-03-01`, { commandId: 'RunShellScript', script });
    wait(20);
    expect(before).toEqual({ AzureLinuxBaseline: 'NonCompliant', GoldbotTattoo: 'Compliant' });
    expect(await status(machine)).toEqual({ AzureLinuxBaseline: 'Compliant', GoldbotTattoo: 'NonCompliant' });
  });

  it('is checked every quarter of an hour', async () => {
    const { assignments, wait } = opened();
    const machine = machineOf('web', 'vm-web-front-001');
    const at = async () => Date.parse((await assignments(machine))[0]?.properties.lastComplianceStatusChecked ?? '');
    const first = await at();
    wait(15);
    expect((await at()) - first).toBe(15 * 60_000);
  });

  it('knows nothing of machines without agent, and has reports by their ids', async () => {
    const { assignments, send } = opened();
    const machine = machineOf('web', drifted.name);
    const list = (await send('GET', `${machine}/${under}/AzureLinuxBaseline/reports?${version}`)).body as {
      value: { id: string; properties: { details: { resources: { reasons: { phrase: string }[] }[] } } }[];
    };
    const one = await send('GET', `${list.value[0]?.id}?${version}`);
    expect(await assignments(machineOf('legacy', 'vm-legacy-app-001'))).toEqual([]);
    expect(one.body).toEqual(list.value[0]);
    expect(list.value[0]?.properties.details.resources.flatMap(({ reasons }) => reasons)).toHaveLength(1);
    expect(await send('GET', `${machine}/${under}/AzureLinuxBaseline/reports/none?${version}`)).toMatchObject({
      status: 404,
    });
  });
});
