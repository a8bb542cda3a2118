import type { TattooReading } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { type ArmInventory, armInventory } from './support/arm-inventory';
import { inventoryWorld } from './support/inventory-world';

const counted = (text: string, what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(text)?.[1] ?? 0);
const names = (text: string) => [...text.matchAll(/^(vm-\S+) · /gm)].map((row) => row[1]);

describe('drift of the story', () => {
  let readings: readonly TattooReading[] = [];
  let silent = false;
  const world = inventoryWorld({
    reads: {
      readings: async (ids) => readings.filter(({ machine }) => ids.some((id) => id.toLowerCase() === machine)),
    },
    read: (real) => ({
      guestReports: (...asked) =>
        silent
          ? Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer.', { hint: 'Ask again.' }))
          : real.guestReports(...asked),
    }),
  });
  let arm: ArmInventory;
  beforeAll(async () => {
    arm = await armInventory(world);
  });

  it('names each machine with its cause, worst first, and its figures add up to all golden VMs', async () => {
    const { text } = await world.say('dana', 'drift all');
    const all = ['changed inside', 'not known', 'checked too long ago', 'upgraded in place', 'as made'];
    const figures = all.map((what) => counted(text, what));
    const golden = arm.machines.filter(({ type, image }) => type === 'vm' && image !== 'market' && image !== '');
    expect(figures.reduce((sum, n) => sum + n, 0)).toBe(golden.length);
    expect(text).toContain(`${golden.length} golden VMs`);
    expect(counted(text, 'not known')).toBe(
      golden.filter(({ guest }) => guest.length === 0 || guest.includes('Pending')).length,
    );
    expect(text.split('\n').find((line) => line.startsWith('vm-'))).toMatch(/^vm-web-cms-002 .* · web · rg-web/);
    expect(text).toContain("/etc/ssh/sshd_config sets 'PermitRootLogin yes'");
    expect(text).toMatch(
      /^No guest configuration checks it: it lacks the guest configuration extension\.\n.*vm-legacy-core-005 /ms,
    );
    expect(text).toMatch(/Not among them: \d+ scale set instances, .* look \(\d+ behind the model of their set\)/);
    expect(text).toContain('compliance all --list --type instance');
    expect(text).toMatch(/vm-data-archive-002 .*nothing heard since .* 9 days ago/);

    const { text: rest } = await world.say('dana', /^drift all --from \d+/m.exec(text)?.[0] ?? '');
    expect([...names(text), ...names(rest)]).toHaveLength(figures.slice(0, -1).reduce((sum, n) => sum + n, 0));
  });

  it('tells an upgrade in place from drift once somebody has read the tattoo', async () => {
    const machine = arm.machines.find(({ name }) => name === 'vm-payments-ledger-003')?.id.toLowerCase() ?? '';
    const [from, to] = ['1.4.1', '1.5.0'].map((version) => ({ image: 'ubuntu-22', version }));
    if (!from || !to) throw new Error('no versions');
    readings = [{ machine, at: world.clock.now(), verdict: 'upgraded in place', reference: from, runs: to }];
    const { text } = await world.say('linus', 'drift payments --cause upgraded');
    readings = [];
    expect(names(text)).toEqual(['vm-payments-ledger-003']);
    expect(text).toContain(
      'Azure Policy: https://portal.azure.com/#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance',
    );
    expect(text).toContain('it runs ubuntu-22 1.5.0 by now');
    expect((await world.say('linus', 'drift payments --cause upgraded')).text).toContain('No machine is upgraded.');
  });

  it('says that nothing is known when guest configuration is silent, and calls no machine in order', async () => {
    silent = true;
    const { text } = await world.say('linus', 'drift payments');
    silent = false;
    expect(text).toContain('Guest configuration results are missing: Azure did not answer.');
    expect(text).toContain('What is inside these machines is not known.');
    expect(text).not.toContain('as made');
  });

  it('shows machines of a team to those alone who may see them', async () => {
    expect((await world.say('linus', 'drift legacy')).text).toContain('Machines of legacy are shown to its owners');
  });
});
