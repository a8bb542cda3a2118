import type { AzureRead } from '../../core/azure';
import { remembered } from '../../services';

function counting(answer: () => Promise<unknown>) {
  const asked: unknown[][] = [];
  const look = (...args: unknown[]) => {
    asked.push(args);
    return answer();
  };
  const read = {
    machineCounts: look,
    policyCounts: look,
    machineList: look,
    machineSizes: look,
  } as unknown as AzureRead;
  let time = 0;
  return { asked, ...remembered(read, 5_000, () => time), pass: (ms: number) => (time += ms) };
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

  it('serve a minute where Azure’s list is the longest', async () => {
    const { asked, read, pass } = counting(async () => []);
    await read.machineSizes('s', 'westeurope', ['Standard_D2s_v5']);
    pass(59_999);
    await read.machineSizes('s', 'westeurope', ['Standard_D2s_v5']);
    expect(asked).toHaveLength(1);
    pass(1);
    await read.machineSizes('s', 'westeurope', ['Standard_D2s_v5']);
    expect(asked).toHaveLength(2);
  });

  it('are those to the same question alone', async () => {
    const { asked, read } = counting(async () => ({ rows: [] }));
    await Promise.all([read.machineCounts(['team']), read.machineCounts(['owner']), read.policyCounts([])]);
    expect(asked).toHaveLength(3);
  });

  it('serve whoever asks for a part of what is known, and not the other way round', async () => {
    const { asked, read, pass } = counting(async () => ({ rows: [] }));
    const scope = { tag: { name: 'team', value: 'web' } };
    const part = await read.machineCounts(['team'], scope);
    const [all, of] = await Promise.all([read.machineCounts(['team']), read.machineCounts(['team'], scope)]);
    expect(all).not.toBe(part);
    expect(of).toBe(all);
    expect(asked).toEqual([[['team'], scope], [['team']]]);
    pass(5_000);
    await read.machineCounts(['team'], scope);
    expect(asked).toHaveLength(3);
  });

  it('are never errors: the next person asks again', async () => {
    const { asked, read } = counting(() => Promise.reject(new Error('silent')));
    await expect(read.policyCounts([])).rejects.toThrow('silent');
    await expect(read.policyCounts([])).rejects.toThrow('silent');
    expect(asked).toHaveLength(2);
  });

  it('are not lists of single machines', async () => {
    const { asked, read } = counting(async () => ({ rows: [] }));
    await read.machineList({}, 1);
    await read.machineList({}, 1);
    expect(asked).toHaveLength(2);
  });
});

describe('answers that move slowly', () => {
  const versions = () => {
    const answers: { done: (rows: string[]) => void; fail: (error: Error) => void }[] = [];
    const look = () => new Promise((done, fail) => answers.push({ done: (rows) => done({ rows }), fail }));
    let time = 0;
    const { read, renew, forgetVersions } = remembered(
      { publishedVersions: look } as unknown as AzureRead,
      5_000,
      () => time,
    );
    const ask = async () => (await read.publishedVersions([])).rows as unknown as string[];
    const anew = () => renew((slow) => slow.publishedVersions([]));
    return { answers, ask, anew, forgetVersions, pass: (ms: number) => (time += ms) };
  };

  it('are used while they are read again, and nobody waits for it', async () => {
    const { answers, ask, pass } = versions();
    const first = ask();
    answers[0]?.done(['1.5.0']);
    await first;
    pass(119_999);
    await ask();
    expect(answers).toHaveLength(1);

    pass(1);
    expect(await Promise.all([ask(), ask()])).toEqual([['1.5.0'], ['1.5.0']]);
    expect(answers).toHaveLength(2);
    answers[1]?.done(['1.6.0']);
    await new Promise((done) => setImmediate(done));
    expect(await ask()).toEqual(['1.6.0']);
  });

  it('are there for the first who asks when they were renewed before, and never asked for while they are renewed', async () => {
    const { answers, ask, anew, pass } = versions();
    const first = anew();
    answers[0]?.done(['1.5.0']);
    await first;
    expect(await ask()).toEqual(['1.5.0']);
    for (const version of ['1.6.0', '1.7.0', '1.8.0']) {
      pass(60_000);
      const again = anew();
      const meanwhile = ask();
      answers.at(-1)?.done([version]);
      await again;
      expect(await meanwhile).not.toEqual([version]);
      expect(await ask()).toEqual([version]);
    }
    expect(answers).toHaveLength(4);
  });

  it('stay when reading them again fails, but for ten minutes at most', async () => {
    const { answers, ask, pass } = versions();
    const first = ask();
    answers[0]?.done(['1.5.0']);
    await first;
    pass(599_999);
    await ask();
    answers[1]?.fail(new Error('silent'));
    await new Promise((done) => setImmediate(done));
    expect(await ask()).toEqual(['1.5.0']);

    pass(1);
    const late = ask();
    answers[2]?.fail(new Error('silent'));
    await new Promise((done) => setImmediate(done));
    const asked = ask();
    answers[3]?.done(['1.6.0']);
    expect(await asked).toEqual(['1.6.0']);
    await late;
  });

  it('are forgotten once goldbot has changed a version, even while they are read', async () => {
    const { answers, ask, forgetVersions } = versions();
    const before = ask();
    forgetVersions();
    const after = ask();
    answers[1]?.done(['1.6.0']);
    answers[0]?.done(['1.5.0']);
    expect(await Promise.all([before, after])).toEqual([['1.5.0'], ['1.6.0']]);
    expect(await ask()).toEqual(['1.6.0']);
    expect(answers).toHaveLength(2);
  });
});

describe('an answer that takes longer than it is kept', () => {
  it('is waited for by everybody who asks meanwhile', async () => {
    let done: (answer: object) => void = () => {};
    const { asked, read, pass } = counting(() => new Promise((resolve) => (done = resolve)));
    const first = read.policyCounts([]);
    pass(20_000);
    const second = read.policyCounts([]);
    done({ rows: [] });
    expect(await second).toBe(await first);
    expect(asked).toHaveLength(1);
  });
});
