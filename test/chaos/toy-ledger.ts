import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Arrivals } from './arrivals';

/** How long a build takes, and how long any request takes to arrive, in milliseconds. */
const buildMs = 60;
const latencyMs = 8;

export interface Template {
  /** Builds that were ever started of it; nothing here forgives a second one. */
  runs: number;
  startedAt: number;
}

/**
 * A tiny Azure that counts what is done to it and makes no request idempotent that is not.
 */
export class Ledger {
  readonly templates = new Map<string, Template>();
  readonly machines = new Set<string>();
  /** Everything ever made, to tell a leak from a thing that never was. */
  readonly machinesMade = new Map<string, number>();
  readonly published = new Map<string, number>();
  readonly arrivals = new Arrivals();
  private server: Server | undefined;

  async listen(): Promise<string> {
    this.server = createServer((request, response) => {
      void pause(latencyMs).then(async () => {
        const [, op, name] = decodeURIComponent(request.url ?? '').split('/');
        const isLost = this.arrivals.isLost(request.headers);
        const answer = isLost ? { error: 'lost' } : this.answer(op ?? '', name ?? '');
        await pause(latencyMs);
        response.statusCode = isLost ? 504 : 200;
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private answer(op: string, name: string): unknown {
    switch (op) {
      case 'build':
        return this.build(name);
      case 'startBuild':
        if (!this.templates.has(name)) this.templates.set(name, { runs: 0, startedAt: 0 });
        return {};
      case 'runTemplate':
        return this.run(name);
      case 'testMachine':
        return { state: this.machines.has(name) ? 'ready' : 'absent' };
      case 'createTestMachine':
        if (!this.machines.has(name)) this.machinesMade.set(name, (this.machinesMade.get(name) ?? 0) + 1);
        this.machines.add(name);
        return {};
      case 'deleteTestMachine':
        this.machines.delete(name);
        return {};
      case 'version':
        return { published: this.published.has(name) };
      case 'updateVersion':
        this.published.set(name, (this.published.get(name) ?? 0) + 1);
        return {};
      default:
        return { error: op };
    }
  }

  private build(name: string): unknown {
    const template = this.templates.get(name);
    if (!template) return { state: 'absent' };
    if (template.runs === 0) return { state: 'idle' };
    return { state: Date.now() - template.startedAt > buildMs ? 'succeeded' : 'running', subState: 'building' };
  }

  private run(name: string): unknown {
    const template = this.templates.get(name);
    if (template) Object.assign(template, { runs: template.runs + 1, startedAt: Date.now() });
    return {};
  }
}
