import { UserError } from '../core/errors';
import { minutes, seconds } from '../core/time';
import type { CommandPace } from '../dialogs';
import { admit, beginHold, type Queryable, type Standing, takeSlot, type Windows } from '../store';
import type { Log } from './log';
import { QuietLog } from './log';

/** One person, or one program, cannot slow the others. `docs/reference/limits.md` is written from `limits`. */
export interface Limit {
  /** In words, as many of them. */
  readonly what: string;
  /** What one person may ask in any stretch of machine time, at all replicas together. */
  readonly windows: Windows;
  /** How many of one person's messages may be without an answer; those being answered count. */
  readonly waiting: number;
  /** How many of one person a replica works on at once; what Azure has still to say counts. */
  readonly eachAtOnce: number;
  /** How many a replica answers at once, whosever they are; what Azure has still to say does not count. */
  readonly atOnce: number;
}

export const limits: Readonly<Record<CommandPace, Limit>> = {
  decision: {
    what: 'decisions',
    windows: [
      [40, seconds(10)],
      [120, minutes(1)],
    ],
    waiting: 40,
    eachAtOnce: 4,
    atOnce: 8,
  },
  look: {
    what: 'questions about its own records',
    windows: [
      [30, seconds(10)],
      [90, minutes(1)],
    ],
    waiting: 20,
    eachAtOnce: 2,
    atOnce: 8,
  },
  azure: {
    what: 'questions about Azure',
    windows: [
      [20, seconds(10)],
      [60, minutes(1)],
    ],
    waiting: 15,
    eachAtOnce: 6,
    atOnce: 24,
  },
  export: {
    what: 'questions about the audit log',
    windows: [
      [6, seconds(10)],
      [20, minutes(1)],
    ],
    waiting: 5,
    eachAtOnce: 1,
    atOnce: 2,
  },
  change: {
    what: 'changes',
    windows: [
      [20, seconds(10)],
      [60, minutes(1)],
    ],
    waiting: 15,
    eachAtOnce: 2,
    atOnce: 8,
  },
};

/** What is asked without anybody meaning to: by a client, or letter by letter. */
export type Aside = 'own card' | 'letters';

/**
 * What one replica takes of it from one person. It is counted in memory: there are many of them, each does little, and to
 * refuse one has to cost less than to answer it.
 */
export const asides: Readonly<Record<Aside, { readonly what: string; readonly windows: Windows }>> = {
  // A client asks for each card in sight, again with every edit of it.
  'own card': { what: 'looks at cards', windows: [[200, seconds(10)]] },
  letters: { what: 'searches', windows: [[40, seconds(10)]] },
};

/** For so long nothing more of a class is taken from a person who asked for more of it than goldbot takes. */
export const holdMs = seconds(30);
/** From so many questions before theirs on, people are told that theirs waits. */
export const placeFrom = 5;
/** In one conversation a person is told so once in this time. */
export const placeAgainMs = seconds(30);
const placeWindows: Windows = [[1, placeAgainMs]];

/** What was asked beyond the limit. */
export interface TooMuch {
  /** For the person, or the program. */
  readonly error: UserError;
  readonly waitMs: number;
  /** Whether the person still has to be told: once for each hold. */
  readonly tells: boolean;
}

/** What each person may ask, at all replicas together. Without a database nothing is limited. */
export class Allowance {
  private readonly quiet: QuietLog;
  /** What was held when this replica last looked: a flood costs the database nothing. By monotonic time. */
  private readonly held = new Map<string, number>();

  constructor(
    private readonly database: Queryable,
    log: Log,
  ) {
    this.quiet = new QuietLog(log);
  }

  /** Whether this replica knows that nothing of this class is taken from the person now, of which they were told. */
  isHeld(person: string, pace: CommandPace): boolean {
    return (this.held.get(keyOf(person, pace)) ?? 0) > performance.now();
  }

  /**
   * Where a message stands, by its key, and counts it; `refused` undefined: it is taken. Otherwise nothing of its class is
   * taken from this person for a while.
   */
  async message(person: string, pace: CommandPace, key: string): Promise<Standing & { readonly refused?: TooMuch }> {
    const slot = keyOf(person, pace);
    const { windows, waiting: mostWaiting } = limits[pace];
    const { waitMs: untilMs, ...standing } = await admit(this.database, key, { slot, windows, mostWaiting });
    if (untilMs === 0) return standing;
    const isFull = untilMs === undefined;
    const waitMs = untilMs ?? holdMs;
    const tells = await beginHold(this.database, slot, holdMs);
    this.remember(slot, tells ? holdMs : waitMs);
    this.log(pace);
    return { ...standing, refused: { waitMs, tells, error: refusedMessage(pace, isFull) } };
  }

  /** Counts what is answered at once, of which each is told by itself; undefined: it is taken. */
  async press(person: string, pace: CommandPace): Promise<TooMuch | undefined> {
    const waitMs = await this.slot(keyOf(person, pace), pace);
    if (waitMs === 0) return undefined;
    this.log(pace);
    return { waitMs, tells: true, error: refusedPress(pace, waitMs) };
  }

  /** Whether somebody is to be told that their questions wait in this conversation. */
  async tellsPlace(lane: string): Promise<boolean> {
    return (await takeSlot(this.database, `place ${lane}`, 0, placeWindows)) === 0;
  }

  private slot(key: string, pace: CommandPace): Promise<number> {
    return takeSlot(this.database, key, 0, limits[pace].windows);
  }

  private remember(key: string, ms: number): void {
    const now = performance.now();
    for (const [other, until] of this.held) if (until <= now) this.held.delete(other);
    this.held.set(key, now + ms);
  }

  private log(pace: CommandPace): void {
    this.quiet.warn(`pace ${pace}`, {}, 'a person or a program asks more than is taken');
  }
}

/** Counts asides; machine time. */
export class Asides {
  private readonly heard = new Map<string, number[]>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Counts one; undefined: it is taken. One that is not taken does not count. */
  refuses(person: string, aside: Aside): UserError | undefined {
    const now = this.nowMs();
    const key = `${aside} ${person}`;
    const longest = Math.max(...asides[aside].windows.map(([, ms]) => ms));
    const heard = (this.heard.get(key) ?? []).filter((at) => at > now - longest);
    const waits = asides[aside].windows.map(([calls, ms]) => {
      const first = heard.at(-calls);
      return first === undefined ? 0 : first + ms - now;
    });
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return refusedAside(aside, waitMs);
    heard.push(now);
    this.remember(key, heard, now - longest);
    return undefined;
  }

  /** Of how many it remembers something. */
  get size(): number {
    return this.heard.size;
  }

  private remember(key: string, heard: number[], forgetBefore: number): void {
    if (this.heard.size >= mostAsides) {
      for (const [other, times] of this.heard) if ((times.at(-1) ?? 0) <= forgetBefore) this.heard.delete(other);
    }
    this.heard.set(key, heard);
  }
}

/** People of whom a replica counts asides before it forgets those who are quiet. */
const mostAsides = 1_000;

function refusedAside(aside: Aside, waitMs: number): UserError {
  const { what, windows } = asides[aside];
  return new UserError('ASKED_TOO_MUCH', `Nothing is shown: goldbot takes at most ${inWindows(what, windows)}.`, {
    hint: `Try again in ${Math.ceil(waitMs / 1_000)} seconds.`,
  });
}

const keyOf = (person: string, pace: CommandPace): string => `asks ${pace} ${person}`;

function refusedMessage(pace: CommandPace, isFull: boolean): UserError {
  const { what, waiting } = limits[pace];
  const rule = isFull ? `keeps at most ${waiting} ${what} of one person waiting` : `takes at most ${rateOf(pace)}`;
  const others = pace === 'decision' ? '' : ' Decisions are taken as before.';
  return new UserError('ASKED_TOO_MUCH', `This message is not answered: goldbot ${rule}.`, {
    hint: `Send it again in ${holdMs / 1_000} seconds. Until then goldbot takes no ${what} from you, and says so only this once.${others}`,
  });
}

function refusedPress(pace: CommandPace, waitMs: number): UserError {
  return new UserError('ASKED_TOO_MUCH', `goldbot did nothing this time: it takes at most ${rateOf(pace)}.`, {
    hint: `Ask again in ${Math.ceil(waitMs / 1_000)} seconds.`,
  });
}

/** `20 questions about Azure in 10 seconds from one person, and 60 in 60 seconds`. */
export function rateOf(pace: CommandPace): string {
  return inWindows(limits[pace].what, limits[pace].windows);
}

function inWindows(what: string, windows: Windows): string {
  const [[first, firstMs] = [0, 0], ...more] = windows;
  const rest = more.map(([calls, ms]) => `, and ${calls} in ${ms / 1_000} seconds`).join('');
  return `${first} ${what} in ${firstMs / 1_000} seconds from one person${rest}`;
}

/** The way through the turnstile; both may be called more than once. */
export interface Pass {
  /** The first answer is known: somebody else may go. */
  answered(): void;
  /** The person may go again. */
  over(): void;
}

interface Waiting {
  readonly person: string;
  go(): void;
}

/**
 * How much one replica works on at once. Each class has its own places, so that no decision waits for a question. Next
 * is whoever has the fewest in progress, of those whoever came first.
 */
export class Turnstile {
  private readonly lines: Readonly<Record<CommandPace, Line>>;

  constructor(table: Readonly<Record<CommandPace, Pick<Limit, 'atOnce' | 'eachAtOnce'>>> = limits) {
    const { decision, look, azure, change } = table;
    this.lines = {
      decision: new Line(decision),
      look: new Line(look),
      azure: new Line(azure),
      export: new Line(table.export),
      change: new Line(change),
    };
  }

  /** Undefined when it would have to wait and `signal` is aborted. */
  enter(person: string, pace: CommandPace, signal?: AbortSignal): Promise<Pass | undefined> {
    return this.lines[pace].enter(person, signal);
  }
}

class Line {
  private answering = 0;
  private readonly own = new Map<string, number>();
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly limit: Pick<Limit, 'atOnce' | 'eachAtOnce'>) {}

  async enter(person: string, signal?: AbortSignal): Promise<Pass | undefined> {
    const isIn = await new Promise<boolean>((done) => {
      const leave = () => {
        this.waiting.delete(waiting);
        done(false);
      };
      const go = () => {
        signal?.removeEventListener('abort', leave);
        done(true);
      };
      const waiting: Waiting = { person, go };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.add(waiting);
      this.admit();
      if (signal?.aborted && this.waiting.has(waiting)) leave();
    });
    return isIn ? this.pass(person) : undefined;
  }

  private ownOf(person: string): number {
    return this.own.get(person) ?? 0;
  }

  private admit(): void {
    while (this.answering < this.limit.atOnce) {
      const next = this.next();
      if (!next) return;
      this.waiting.delete(next);
      this.answering += 1;
      this.own.set(next.person, this.ownOf(next.person) + 1);
      next.go();
    }
  }

  private next(): Waiting | undefined {
    let best: Waiting | undefined;
    for (const one of this.waiting) {
      const own = this.ownOf(one.person);
      if (own < this.limit.eachAtOnce && (!best || own < this.ownOf(best.person))) best = one;
    }
    return best;
  }

  private pass(person: string): Pass {
    const answered = once(() => {
      this.answering -= 1;
      this.admit();
    });
    const over = once(() => {
      const left = this.ownOf(person) - 1;
      if (left > 0) this.own.set(person, left);
      else this.own.delete(person);
      answered();
      this.admit();
    });
    return { answered, over };
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
