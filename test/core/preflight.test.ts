import type { AzureRead } from '../../core/azure';
import { UserError } from '../../core/errors';
import { type Finding, type PreflightRead, preflight } from '../../core/preflight';
import { lookAll } from '../../core/preflight/look';
import type { FixedPlan } from '../../core/runs';
import { fixed } from '../dialogs/support/plan';
import { roomForAll } from '../support/preflight';

const plan: FixedPlan = { ...fixed, buildVmSize: 'Standard_D4s_v5', testVmSize: 'Standard_E8s_v5' };

/** What is found when Azure is as ever but for this. */
const found = (read: Partial<PreflightRead> = {}, change: Partial<FixedPlan> = {}): Promise<readonly Finding[]> =>
  preflight({ ...roomForAll, ...read } as AzureRead, { ...plan, ...change });

const sizes: Partial<PreflightRead> = {
  machineSizes: async (_subscription, _location, names) =>
    names.map((name) => ({
      name,
      family: name.includes('_E') ? 'standardESv5Family' : 'standardDSv5Family',
      cores: Number(/\d+/.exec(name)?.[0]),
    })),
};

const usages = (name: string, used: number, limit: number): Partial<PreflightRead> => ({
  ...sizes,
  coreUsages: async () =>
    [
      { name: 'cores', used: 0, limit: 100 },
      { name: 'standardESv5Family', used: 0, limit: 100 },
      { name: 'standardDSv5Family', used: 0, limit: 100 },
      { name, used, limit },
    ].filter((usage, n, all) => usage.name !== name || n === all.length - 1),
});

describe('the quota of cores before a build', () => {
  it.each([
    ['cores', 92, 8],
    ['standardDSv5Family', 96, 4],
    ['standardESv5Family', 92, 8],
  ])('of %s suffices up to its last core, and is missed by one', async (name, used, needed) => {
    expect(await found(usages(name, used, 100))).toEqual([]);
    const [finding, ...others] = await found(usages(name, used + 1, 100));
    expect(others).toEqual([]);
    expect(finding).toEqual({
      severity: 'stops',
      why: `The quota “${name}” of westeurope leaves ${needed - 1} of 100 cores of machines; building ubuntu-22 takes ${needed}.`,
      mend: 'Delete machines that nobody needs, or ask Azure for more:',
      short: { of: `Microsoft.Compute ${name}`, needed },
      commands: [
        `az quota update --resource-name ${name} --scope /subscriptions/s/providers/Microsoft.Compute/locations/westeurope --limit-object value=101 --resource-type dedicated`,
      ],
    });
  });

  it('may be zero', async () => {
    const [finding] = await found(usages('standardDSv5Family', 0, 0));
    expect(finding?.why).toContain('leaves 0 of 0 cores of machines; building ubuntu-22 takes 4.');
  });

  it('counts the larger of two machines of one family once: the first is gone when the second is made', async () => {
    const change = { testVmSize: 'Standard_D2s_v5' };
    expect(await found(usages('standardDSv5Family', 96, 100), change)).toEqual([]);
  });

  it.each([
    [96, 0],
    [97, 1],
  ])('of container instances takes four cores a build: %s of 100 used', async (used, findings) => {
    const all = await found({ containerUsages: async () => [{ name: 'StandardCores', used, limit: 100 }] });
    expect(all).toHaveLength(findings);
    if (findings > 0)
      expect(all[0]?.commands[0]).toContain('/providers/Microsoft.ContainerInstance/locations/westeurope');
  });
});

describe('a size of machines before a build', () => {
  it('that the region does not have stops it, by the field that names it', async () => {
    const all = await found({
      machineSizes: async () => [{ name: 'standard_d4s_v5', family: 'standardDSv5Family', cores: 4 }],
    });
    expect(all.map(({ why, mend }) => `${why} ${mend}`)).toEqual([
      'Azure has no size Standard_E8s_v5 in westeurope. Name another size as `test.vmSize` in azure.yaml or images/ubuntu-22.yaml; this lists what there is:',
    ]);
    expect(all[0]?.commands[0]).toBe(
      'az vm list-skus --subscription s --location westeurope --resource-type virtualMachines --output table',
    );
  });

  it('that the subscription may not use stops it, with Azure’s reason', async () => {
    const all = await found({
      machineSizes: async (...args) =>
        (await roomForAll.machineSizes(...args)).map((size, n) => (n === 0 ? { ...size, closed: 'QuotaId' } : size)),
    });
    expect(all.map(({ why }) => why)).toEqual([
      'The subscription may not use the size Standard_D4s_v5 in westeurope (QuotaId).',
    ]);
  });
});

describe('looks before a build', () => {
  const forbidden = () =>
    Promise.reject(new UserError('AZ_FORBIDDEN', 'goldbot’s identity may not.', { hint: 'Let somebody assign it.' }));

  it('that Azure does not answer are said and stop nothing; the others are made all the same', async () => {
    const all = await found({ ...usages('cores', 100, 100), containerUsages: forbidden });
    expect(all.map(({ severity }) => severity)).toEqual(['stops', 'unseen']);
    expect(all[1]).toEqual({
      severity: 'unseen',
      why: 'goldbot could not see the quota of container instances: goldbot’s identity may not.',
      mend: 'Let somebody assign it.',
      commands: [],
    });
  });

  it('do not hide a bug behind what could not be seen', async () => {
    const bug = () => Promise.reject(new TypeError('x is undefined'));
    await expect(found({ containerUsages: bug })).rejects.toThrow('x is undefined');
  });

  it('do not wait for one that never ends', async () => {
    const never = { at: 'the moon', find: () => new Promise<readonly Finding[]>(() => {}) };
    expect(await lookAll([never], roomForAll as AzureRead, plan, 1)).toEqual([
      {
        severity: 'unseen',
        why: 'goldbot could not see the moon: Azure did not answer in time.',
        mend: 'Ask again in a minute.',
        commands: [],
      },
    ]);
  });
});
