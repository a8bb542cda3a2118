import type { AzureRead } from '../../core/azure';
import { remembered } from '../../services';

function counting(answer: () => Promise<unknown>) {
  const asked: unknown[][] = [];
  const look = (...args: unknown[]) => {
    asked.push(args);
    return answer();
  };
  const read = { machineCounts: look, policyCounts: look, machineList: look } as unknown as AzureRead;
  let time = 0;
  return { asked, read: remembered(read, 5_000, () => time), pass: (ms: number) => (time += ms) };
}

describe('answers that are shared', () => {
  it('come from one question when people ask at once or within the time, and from a new one after it', async () => {
    const { asked, read, pass } = counting(async () => ({ rows: [] }));
    const [first, second] = await Promise.all([read.machineCounts(['team']), read.machineCounts(['team'])]);
    pass(4_999);
    expect(await read.machineCounts(['team'])).toBe(first);
    expect(second).toBe(first);
    expect(asked).toHaveLength(1);
    pass(1);
    await read.machineCounts(['team']);
    expect(asked).toHaveLength(2);
  });

  it('are those to the same question alone', async () => {
    const { asked, read } = counting(async () => ({ rows: [] }));
    await Promise.all([read.machineCounts(['team']), read.machineCounts(['owner']), read.policyCounts()]);
    expect(asked).toHaveLength(3);
  });

  it('are never errors: the next person asks again', async () => {
    const { asked, read } = counting(() => Promise.reject(new Error('silent')));
    await expect(read.policyCounts()).rejects.toThrow('silent');
    await expect(read.policyCounts()).rejects.toThrow('silent');
    expect(asked).toHaveLength(2);
  });

  it('are not lists of single machines', async () => {
    const { asked, read } = counting(async () => ({ rows: [] }));
    await read.machineList({}, 1);
    await read.machineList({}, 1);
    expect(asked).toHaveLength(2);
  });
});
