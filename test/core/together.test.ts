import { gathered, Together } from '../../core/together';
import { until } from '../support/until';

/** Work that ends when the test says so. */
function works() {
  const begun: { readonly name: string; end(answer: string): void; fail(error: Error): void }[] = [];
  const begin = (name: string) => () =>
    new Promise<string>((end, fail) => {
      begun.push({ name, end, fail });
    });
  const soon = () => new Promise<void>((done) => setImmediate(done));
  return { begun, begin, soon, names: () => begun.map(({ name }) => name) };
}

describe('what many ask for at the same time', () => {
  it('is never what had begun before they asked, and then begins once for all of them', async () => {
    const { begun, begin, soon, names } = works();
    const together = new Together();
    const first = together.ask('runs', begin('first'));
    await soon();
    const others = ['second', 'third'].map((name) => together.ask('runs', begin(name)));
    await soon();
    expect(names()).toEqual(['first']);

    begun[0]?.end('before');
    await soon();
    expect(names()).toEqual(['first', 'second']);
    begun[1]?.end('after');

    expect(await Promise.all([first, ...others])).toEqual(['before', 'after', 'after']);
    const later = together.ask('runs', begin('fourth'));
    await soon();
    begun[2]?.end('anew');
    expect(await later).toBe('anew');
  });

  it('has nothing to do with what others ask for', async () => {
    const { begin, soon, names } = works();
    const together = new Together();
    void together.ask('runs', begin('runs'));
    void together.ask('locks', begin('locks'));
    await soon();

    expect(names()).toEqual(['runs', 'locks']);
  });

  it('begins beside one that takes too long, and after one that failed', async () => {
    const { begun, begin, names } = works();
    const together = new Together();
    const stuck = together.ask('runs', begin('stuck'));
    const next = together.ask('runs', begin('next'));
    expect(next).toBe(stuck);
    await Promise.resolve();
    const beside = together.ask('runs', begin('beside'));
    await until(() => names().length >= 2);
    begun[1]?.fail(new Error('broken'));
    await expect(beside).rejects.toThrow('broken');
    begun[0]?.end('at last');
    expect(await stuck).toBe('at last');

    const again = together.ask('runs', begin('again'));
    await until(() => names().length >= 3);
    begun[2]?.end('whole');
    expect(await again).toBe('whole');
  });

  it('is sent as one when it comes while the last one is under way', async () => {
    const sent: (readonly number[])[] = [];
    const ends: (() => void)[] = [];
    const send = gathered<number>((items) => {
      sent.push(items);
      return new Promise((done) => ends.push(done));
    });
    const all = [send(1)];
    await new Promise((done) => setImmediate(done));
    all.push(send(2), send(3));
    ends[0]?.();
    await until(() => sent.length >= 2);
    ends[1]?.();

    await Promise.all(all);
    expect(sent).toEqual([[1], [2, 3]]);
  });
});
