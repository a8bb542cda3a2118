import type { Looks } from '../../core/azure';
import { remembered } from '../../services/resource-graph/remember';

function counting(answer: () => Promise<unknown>) {
  const asked: unknown[][] = [];
  const look = (...args: unknown[]) => {
    asked.push(args);
    return answer();
  };
  const looks = { machineCounts: look, policyCounts: look, machineList: look } as unknown as Looks;
  let time = 0;
  return { asked, looks: remembered(looks, 5_000, () => time), pass: (ms: number) => (time += ms) };
}

describe('answers that are shared', () => {
  it('come from one question when people ask at once or within the time, and from a new one after it', async () => {
    const { asked, looks, pass } = counting(async () => ({ rows: [] }));
    const [first, second] = await Promise.all([looks.machineCounts(['team']), looks.machineCounts(['team'])]);
    pass(4_999);
    expect(await looks.machineCounts(['team'])).toBe(first);
    expect(second).toBe(first);
    expect(asked).toHaveLength(1);
    pass(1);
    await looks.machineCounts(['team']);
    expect(asked).toHaveLength(2);
  });

  it('are those to the same question alone', async () => {
    const { asked, looks } = counting(async () => ({ rows: [] }));
    await Promise.all([looks.machineCounts(['team']), looks.machineCounts(['owner']), looks.policyCounts()]);
    expect(asked).toHaveLength(3);
  });

  it('are never errors: the next person asks again', async () => {
    const { asked, looks } = counting(() => Promise.reject(new Error('silent')));
    await expect(looks.policyCounts()).rejects.toThrow('silent');
    await expect(looks.policyCounts()).rejects.toThrow('silent');
    expect(asked).toHaveLength(2);
  });

  it('are not lists of single machines', async () => {
    const { asked, looks } = counting(async () => ({ rows: [] }));
    await looks.machineList({}, 1);
    await looks.machineList({}, 1);
    expect(asked).toHaveLength(2);
  });
});
