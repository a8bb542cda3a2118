import type { Fault } from './kernel/faults';
import type { Sandbox } from './kernel/sandbox';
import type { Exchange, Route, SandboxRequest, SandboxResponse } from './kernel/types';

export interface ControlHooks {
  /** Replaces the estate with a synthetic one; returns what it made. */
  readonly seed?: (options: SeedOptions) => unknown;
  /** Called once the world is back at its beginning; may wait until the bot has followed into it. */
  readonly afterReset?: () => void | Promise<void>;
  /** Called after somebody moved the clock. */
  readonly afterClock?: () => void;
}

export interface SeedOptions {
  readonly vms: number;
  readonly teams: number;
  /** The same seed makes the same estate. */
  readonly seed: number;
}

/** `/_sandbox/*`: clock, faults, what was asked, estate, reset. The same on both faces. */
export function controlRoutes(sandbox: Sandbox, hooks: ControlHooks = {}): Route[] {
  type Handle = (r: SandboxRequest) => SandboxResponse | Promise<SandboxResponse>;
  const route = (method: string, name: string, handle: Handle): Route => ({
    method,
    host: '*',
    path: `/_sandbox/${name}`,
    handle: (request) => checked(() => handle(request)),
  });
  const { moments } = sandbox;
  const faults = () => ok({ faults: sandbox.faults.list() });
  return [
    route('GET', 'clock', () => ok(clock(sandbox))),
    route('POST', 'clock', ({ body }) => {
      moveClock(sandbox, fields(body, 'advanceMinutes', 'speed', 'until'));
      hooks.afterClock?.();
      return ok(clock(sandbox));
    }),
    route('GET', 'moments', () => ok({ moments: moments.ahead })),
    route('POST', 'moments', ({ body }) => {
      moments.set(fields(body, 'moments')['moments']);
      return ok({ moments: moments.ahead });
    }),
    route('GET', 'faults', faults),
    route('POST', 'faults', ({ body }) => {
      const given = Array.isArray(body) ? body : [body];
      for (const fault of given) sandbox.faults.add(fields(fault) as unknown as Fault);
      return faults();
    }),
    route('DELETE', 'faults', () => {
      sandbox.faults.clear();
      return faults();
    }),
    route('GET', 'requests', ({ url }) => ok(withoutPasswords(requests(sandbox, url.searchParams)))),
    route('DELETE', 'requests', () => {
      sandbox.exchanges.length = 0;
      return ok([]);
    }),
    route('POST', 'seed', ({ body }) => seed(hooks, fields(body, 'vms', 'teams', 'seed'))),
    route('POST', 'reset', async ({ body }) => {
      sandbox.world.reset({ empty: isEmptied(body) });
      sandbox.forget();
      await hooks.afterReset?.();
      return ok(clock(sandbox));
    }),
  ];
}

/** Without a body, or with an empty one, the world's own story begins again. */
function isEmptied(body: unknown): boolean {
  if (body === undefined || body === null || body === '') return false;
  const { empty = false } = fields(body, 'empty');
  if (typeof empty !== 'boolean') throw new BadInput('`empty` must be true or false.');
  return empty;
}

/** Ten years. */
const furthestMinutes = 10 * 366 * 24 * 60;

class BadInput extends Error {}

async function checked(handle: () => SandboxResponse | Promise<SandboxResponse>): Promise<SandboxResponse> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof BadInput) && !(error instanceof SyntaxError) && !isPlain(error)) throw error;
    return { status: 400, body: { error: { code: 'BadInput', message: (error as Error).message } } };
  }
}

/** What the kernel throws on bad input is a plain Error; anything more specific is a bug of ours. */
const isPlain = (error: unknown) => error instanceof Error && error.constructor === Error;

const ok = (body: unknown): SandboxResponse => ({ status: 200, body });

/** The body as an object with no fields but these (any field when none is named). */
function fields(body: unknown, ...known: string[]): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadInput('The body must be a JSON object, sent with content-type application/json.');
  }
  const unknown = Object.keys(body).filter((k) => known.length > 0 && !known.includes(k));
  if (unknown.length > 0) throw new BadInput(`There is no ${unknown.join(', ')}; give ${known.join(', ')}.`);
  return body as Record<string, unknown>;
}

function numberField(input: Record<string, unknown>, name: string, max: number): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= max) return value;
  throw new BadInput(`\`${name}\` must be a number from 0 to ${max}.`);
}

/** World time in milliseconds, not further ahead than the clock may be moved. */
function timeField(input: Record<string, unknown>, name: string, now: number): number | undefined {
  const value = input[name];
  if (value === undefined) return undefined;
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (at <= now + furthestMinutes * 60_000) return at;
  throw new BadInput(`\`${name}\` must be a time within ten years, like "2026-11-30T08:00:00Z".`);
}

function clock({ world }: Sandbox) {
  return { world: world.id, now: world.clock.now().toISOString(), speed: world.clock.speed };
}

function moveClock({ world }: Sandbox, input: Record<string, unknown>): void {
  const minutes = numberField(input, 'advanceMinutes', furthestMinutes);
  const speed = numberField(input, 'speed', 1_000_000);
  const until = timeField(input, 'until', world.clock.nowMs());
  if (minutes === undefined && speed === undefined && until === undefined)
    throw new BadInput('Give `advanceMinutes`, `until` or `speed`.');
  if (speed !== undefined) world.clock.setSpeed(speed);
  if (minutes !== undefined) world.clock.advance(minutes);
  // What is past already needs no move, and world time never goes back.
  if (until !== undefined) world.clock.advance((until - world.clock.nowMs()) / 60_000);
  world.settle();
}

/** Newest last; `face`, `method` and `url` (a regular expression) filter it. */
function requests({ exchanges }: Sandbox, query: URLSearchParams): Exchange[] {
  const [face, method] = [query.get('face'), query.get('method')?.toUpperCase()];
  const url = query.has('url') ? new RegExp(query.get('url') ?? '', 'i') : undefined;
  return exchanges.filter(
    (e) => (!face || e.face === face) && (!method || e.method === method) && (!url || url.test(e.url)),
  );
}

function seed(hooks: ControlHooks, input: Record<string, unknown>): SandboxResponse {
  const whole = (name: string, max: number) => {
    const value = numberField(input, name, max);
    if (value !== undefined && !Number.isInteger(value)) throw new BadInput(`\`${name}\` must be a whole number.`);
    return value;
  };
  const [vms, teams] = [whole('vms', 1_000_000), whole('teams', 1_000)];
  if (vms === undefined || teams === undefined) throw new BadInput('Give `vms` and `teams`.');
  if (!hooks.seed) {
    const message = 'This sandbox has no synthetic estates yet.';
    return { status: 501, body: { error: { code: 'NotImplementedInSandbox', message } } };
  }
  return ok(hooks.seed({ vms, teams, seed: whole('seed', 2 ** 31) ?? 1 }) ?? {});
}

/** What anybody on this machine may read has no password of a machine in it. */
function withoutPasswords(exchanges: readonly Exchange[]): unknown {
  return JSON.parse(JSON.stringify(exchanges, (key, value) => (key === 'adminPassword' ? '(not shown)' : value)));
}
