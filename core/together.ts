import { eachCall } from './azure';
import { within } from './time';

/** One that takes longer holds up nobody: the next begins beside it. Machine time. */
const patienceMs = 200;
const over = (): void => {};

/**
 * What many ask for at the same time is done once for all of them. Whoever comes while it is under way shares the next one,
 * never that one: it may have begun before what they have just done, or know of.
 */
export class Together {
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly next = new Map<string, Promise<unknown>>();

  /** `begin` is of whoever came first; asks with one key ask for the same. Rejects for all when it does. */
  ask<T>(key: string, begin: () => Promise<T>): Promise<T> {
    const known = this.next.get(key);
    if (known) return known as Promise<T>;
    const before = this.running.get(key);
    const free = before ? within(patienceMs, before.then(over, over), over) : Promise.resolve();
    const asked = free.then(() => {
      this.next.delete(key);
      return this.run(key, begin());
    });
    this.next.set(key, asked);
    return asked;
  }

  private run<T>(key: string, work: Promise<T>): Promise<T> {
    this.running.set(key, work);
    const ended = () => {
      if (this.running.get(key) === work) this.running.delete(key);
    };
    work.then(ended, ended);
    return work;
  }
}

/** A port of which many ask the same at once: one answer for those who ask while the last one is on its way. */
export function shared<Port extends object>(port: Port): Port {
  const together = new Together();
  return eachCall(port, (ask, name, args) => together.ask(JSON.stringify([name, ...args]), ask));
}

/** Sends as one what comes while the last one is under way. */
export function gathered<Item>(send: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  const items: Item[] = [];
  const together = new Together();
  return (item) => {
    items.push(item);
    return together.ask('', () => send(items.splice(0)));
  };
}
