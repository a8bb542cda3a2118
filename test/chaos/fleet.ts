import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ReplicaConfig } from './scenario';

export interface FleetOptions extends Pick<ReplicaConfig, 'databaseUrl' | 'worldUrl' | 'freezes' | 'leaseMs'> {
  /** Path of the program that is one replica. */
  readonly program: string;
  readonly replicas: number;
  readonly seed: number;
}

const mostCrashes = 20;

/** Replicas as real processes: those that die are replaced, those that freeze are thawed beside their heir. */
export class Fleet {
  readonly killed = new Map<string, number>();
  readonly frozen = new Map<string, number>();
  /** What replicas said on stderr. */
  readonly complaints: string[] = [];
  private readonly children = new Set<ChildProcess>();
  /** Frozen replicas, and since when. */
  private readonly icy = new Map<ChildProcess, number>();
  /** How many were thawed while an heir was at work. */
  twins = 0;
  /** How many ended by themselves: nobody had told them to die. */
  crashes = 0;
  private spawned = 0;
  private killing = true;
  private ended = false;

  constructor(private readonly options: FleetOptions) {
    for (let i = 0; i < options.replicas; i++) this.spawn();
  }

  get kills(): number {
    return [...this.killed.values(), ...this.frozen.values()].reduce((sum, n) => sum + n, 0);
  }

  /** From now on nobody dies: all replicas are replaced by peaceful ones. */
  makePeace(): void {
    this.killing = false;
    for (const child of this.children) child.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.ended = true;
    const gone = [...this.children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.children) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
    }
    await Promise.all(gone);
  }

  private spawn(): void {
    const { replicas: _, program, seed, ...rest } = this.options;
    const index = this.spawned++;
    const covered = [...this.killed.keys(), ...this.frozen.keys()];
    const config: ReplicaConfig = {
      ...rest,
      covered,
      owner: `replica-${index}`,
      seed: seed * 1_000 + index,
      killing: this.killing,
    };
    const child = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.children.add(child);
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.heard(child, line));
    child.stderr?.on('data', (data: Buffer) => this.complaints.push(data.toString().trim()));
    child.once('exit', (code) => {
      // Whoever is killed has no code.
      if (code !== null && !this.ended) this.crashes += 1;
      this.children.delete(child);
      this.icy.delete(child);
      if (!this.ended) this.spawn();
    });
  }

  /** @throws Error with what they said when replicas do not even stay up. */
  check(): void {
    if (this.crashes > mostCrashes)
      throw new Error(`replicas end by themselves: ${this.complaints.slice(-5).join('\n')}`);
  }

  private heard(child: ChildProcess, line: string): void {
    const [how, point] = [line.slice(0, 7), line.slice(8)];
    if (how === 'INHERIT') this.thaw();
    if (how !== 'SIGSTOP' && how !== 'SIGKILL') return;
    const tally = how === 'SIGSTOP' ? this.frozen : this.killed;
    tally.set(point, (tally.get(point) ?? 0) + 1);
    if (how !== 'SIGSTOP') return;
    this.icy.set(child, Date.now());
    // Nobody inherits what it did outside of a step.
    setTimeout(() => child.kill('SIGCONT'), this.options.leaseMs * 3).unref();
  }

  /** Somebody works on a step that another replica began: twins whose lease is over go on where they stood. */
  private thaw(): void {
    for (const [child, since] of this.icy) {
      if (Date.now() - since < this.options.leaseMs) continue;
      this.icy.delete(child);
      if (child.kill('SIGCONT')) this.twins += 1;
    }
  }
}
