import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ClockState, WorldClock } from './clock';
import type { Json } from './types';

interface PendingEvent {
  readonly at: number;
  readonly seq: number;
  readonly kind: string;
  readonly payload: Json;
}

interface SavedWorld {
  world: string;
  clock: ClockState;
  sections: Record<string, object>;
  events: PendingEvent[];
  seq: number;
  /** A tenant in which nobody has made anything yet. */
  empty?: true;
}

export interface WorldOptions {
  /** Where the state is journaled; only in memory when absent. */
  readonly file?: string;
  readonly startMs?: number;
  readonly speed?: number;
  readonly machine?: () => number;
}

type EventHandler = (payload: never, atMs: number) => void;

/**
 * The state of everything the sandbox pretends to be: named sections of plain JSON, a clock, and events that come due
 * in world time. Sections are asked for by name each time and never kept: a reset replaces them.
 */
export class World {
  clock: WorldClock;
  private saved: SavedWorld;
  private readonly handlers = new Map<string, EventHandler>();
  private readonly initials = new Map<string, () => object>();
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  /** How often somebody asked for a section and may have changed it. */
  private asked = 0;
  private isRead = false;
  private hashed: { readonly asked: number; readonly hash: string } | undefined;

  constructor(private readonly options: WorldOptions = {}) {
    const loaded = options.file ? load(options.file) : undefined;
    this.clock = this.newClock(loaded?.clock);
    this.saved = loaded ?? this.empty();
    if (options.file) {
      this.save();
      this.heartbeat = setInterval(() => this.save(), 5_000);
      this.heartbeat.unref();
    }
  }

  /** Names this world: a bot's database is bound to it. */
  get id(): string {
    return this.saved.world;
  }

  /** Whether this world began with nothing in it: what sections begin with depends on it. */
  get isEmpty(): boolean {
    return this.saved.empty === true;
  }

  /** When this world began, in its own time: what its beginning is dated from. */
  get beganMs(): number {
    return this.saved.clock.worldMs;
  }

  /** The section's live state; changes to it are saved. */
  section<T extends object>(name: string, initial: () => T): T {
    this.initials.set(name, initial);
    if (!this.isRead || !this.saved.sections[name]) this.asked += 1;
    this.saved.sections[name] ??= initial();
    return this.saved.sections[name] as T;
  }

  /** Work that changes nothing, up to its first pause; see `state`. */
  reading<T>(work: () => T): T {
    const before = this.isRead;
    this.isRead = true;
    try {
      return work();
    } finally {
      this.isRead = before;
    }
  }

  /**
   * Everything that is kept, as a hash: equal in worlds that hold the same. It is made again once somebody has asked for a
   * section who may have changed it, which is anybody who is not `reading`.
   */
  state(): string {
    if (this.hashed?.asked !== this.asked) {
      const hash = createHash('sha1').update(JSON.stringify([this.beganMs, this.isEmpty, this.saved.sections]));
      this.hashed = { asked: this.asked, hash: hash.digest('base64') };
    }
    return this.hashed.hash;
  }

  /** Registers what happens when an event of this kind comes due; call it before the first `settle`. */
  on<P extends Json>(kind: string, handler: (payload: P, atMs: number) => void): void {
    this.handlers.set(kind, handler as EventHandler);
  }

  /** `atMs` is world time. Events due at the same instant run in the order they were scheduled. */
  schedule(atMs: number, kind: string, payload: Json): void {
    this.saved.seq += 1;
    const event = { at: atMs, seq: this.saved.seq, kind, payload };
    const after = this.saved.events.findIndex((e) => e.at > atMs);
    this.saved.events.splice(after < 0 ? this.saved.events.length : after, 0, event);
  }

  /** Runs everything that is due by now. Called before each request is answered. */
  settle(): void {
    for (let next = this.saved.events[0]; next && next.at <= this.clock.nowMs(); next = this.saved.events[0]) {
      this.saved.events.shift();
      const handler = this.handlers.get(next.kind);
      if (!handler) throw new Error(`sandbox: no handler for the event ${next.kind}`);
      handler(next.payload as never, next.at);
    }
  }

  /** Saves soon; many changes in a row cost one write. */
  touch(): void {
    if (!this.options.file || this.timer) return;
    this.timer = setTimeout(() => this.save(), 150);
    this.timer.unref();
  }

  save(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.options.file) return;
    mkdirSync(dirname(this.options.file), { recursive: true });
    const next = `${this.options.file}.next`;
    writeFileSync(next, JSON.stringify({ ...this.saved, clock: this.clock.snapshot() }));
    renameSync(next, this.options.file);
  }

  /**
   * Back to the initial world, or to one with nothing in it: a new id, no chats, no faults. World time goes on; it never
   * goes back.
   */
  reset({ empty = false }: { readonly empty?: boolean } = {}): void {
    this.saved = { ...this.empty(), ...(empty && { empty }) };
    this.asked += 1;
    for (const [name, initial] of this.initials) this.saved.sections[name] = initial();
    this.save();
  }

  close(): void {
    this.save();
    if (this.heartbeat) clearInterval(this.heartbeat);
  }

  private newClock(saved?: ClockState): WorldClock {
    const { startMs, speed } = this.options;
    const start = { ...(startMs !== undefined && { worldMs: startMs }), ...(speed !== undefined && { speed }) };
    return new WorldClock(saved ? { ...start, saved } : start, this.options.machine);
  }

  private empty(): SavedWorld {
    return { world: randomUUID().slice(0, 8), clock: this.clock.snapshot(), sections: {}, events: [], seq: 0 };
  }
}

function load(file: string): SavedWorld | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SavedWorld;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`sandbox: ${file} cannot be read (${String(error)}). \`npm run reset\` starts a new world.`);
  }
}
