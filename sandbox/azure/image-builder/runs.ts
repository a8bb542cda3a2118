import { randomUUID } from 'node:crypto';
import type { LroFault } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key, Operations } from '../arm';
import { condition } from '../conditions';
import { type Build, blocked, build, unreachable } from './build';
import type { ImageBuilderHooks } from './distribute';
import { durations } from './durations';
import { obstacleOf, sizeOf } from './obstacles';
import { outcomeOf } from './outcome';
import { distribute } from './outputs';
import { resolveSource, sourceGuest } from './provisioning';
import { findTemplate, noteStart, objectOf, phaseOf, type Run, type Template } from './section';

export interface RunStart {
  readonly atMs: number;
  /** The operation of `POST run`. */
  readonly operation?: string;
  readonly fault?: LroFault;
}

type RunEvent = { template: string; run: string };

/** Starts a run: what it will do is computed now, world events bring it about. */
export function startRun(world: World, template: Template, { atMs, operation, fault }: RunStart): Run {
  const built = buildAt(world, template, { atMs, ...(fault && { fault }) });
  noteStart(world, template, atMs);
  const minutes = Number(template.properties['buildTimeoutInMinutes'] ?? 0);
  const deadlineMs = atMs + (minutes > 0 ? minutes * 60_000 : durations.defaultTimeout);
  const run: Run = {
    id: randomUUID(),
    ...(operation && { operation }),
    startMs: atMs,
    deadlineMs,
    ...(fault === 'never' ? hanging(built) : planned(built)),
    state: 'Running',
    message: '',
  };
  template.run = run;
  template.outputs = {};
  const event = { template: key(template.id), run: run.id };
  if (fault === 'canceled') world.schedule((atMs + run.builtMs) / 2, 'imageBuilder.canceled', event);
  if (run.guest && run.builtMs < deadlineMs) world.schedule(run.builtMs, 'imageBuilder.distribute', event);
  else world.schedule(Math.min(run.builtMs, deadlineMs), 'imageBuilder.end', event);
  return run;
}

function buildAt(world: World, template: Template, { atMs, fault }: RunStart): Build {
  const obstacle = fault === undefined ? obstacleOf(world, template, atMs) : undefined;
  if (obstacle) return blocked(template, obstacle, atMs);
  takeLatest(world, template, atMs);
  const source = sourceGuest(world, template);
  const isReached = condition(world, 'builds', { size: sizeOf(template) })['reached'] !== false;
  if (!source || fault === 'failed' || !isReached) return unreachable(template, atMs, Boolean(source?.registry));
  return build(template, source, atMs);
}

/** `latest` is looked up anew by each run. */
function takeLatest(world: World, template: Template, atMs: number): void {
  const source = objectOf(template.properties['source']);
  if (source['type'] === 'ManagedImage') return;
  const found = resolveSource(world, source, template.location, atMs);
  if (!('error' in found)) template.properties['source'] = { ...source, exactVersion: found.exactVersion };
}

function planned({ phases, log, endMs, guest, failure, refusal }: Build) {
  const why = { ...(failure && { failure }), ...(refusal !== undefined && { refusal }) };
  return { phases, log, builtMs: endMs, ...(guest && { guest }), ...why };
}

/** A build that stops answering in the middle of its customizers: nothing but its timeout ends it. */
function hanging({ phases, log }: Build) {
  const customizing = phases.findIndex((p) => p.subState === 'Customizing');
  const fromMs = phases[customizing]?.atMs ?? 0;
  const heard = log.filter(([at]) => at <= fromMs + durations.customizer);
  return { phases: phases.slice(0, customizing + 1), log: heard, builtMs: Number.MAX_SAFE_INTEGER };
}

/**
 * Asks a run to end; it is Canceled a minute later. People report runs that stay in Canceling for days (`never`), and
 * some that run on as if nobody had asked (`failed`).
 */
export function cancelRun(world: World, template: Template, { atMs, fault }: Omit<RunStart, 'operation'>): void {
  if (template.run?.state !== 'Running' || fault === 'failed') return;
  template.run.state = 'Canceling';
  template.run.message = 'Canceling image build';
  if (fault === 'never') return;
  world.schedule(atMs + durations.cancel, 'imageBuilder.canceled', {
    template: key(template.id),
    run: template.run.id,
  });
}

/** Registers how runs proceed; once per world, before its first `settle`. */
export function registerRuns(world: World, hooks: ImageBuilderHooks): void {
  const during = (state: Run['state'][], act: (template: Template, run: Run, atMs: number) => void) => {
    return ({ template: id, run: runId }: RunEvent, atMs: number) => {
      const template = findTemplate(world, id);
      if (template?.run?.id === runId && state.includes(template.run.state)) act(template, template.run, atMs);
    };
  };
  world.on<RunEvent>(
    'imageBuilder.distribute',
    during(['Running'], (template, run, atMs) => {
      run.distribution = distribute(world, { template, run, hooks, atMs });
      delete run.guest;
      const event = { template: key(template.id), run: run.id };
      world.schedule(Math.min(run.distribution.readyMs, run.deadlineMs), 'imageBuilder.end', event);
    }),
  );
  world.on<RunEvent>(
    'imageBuilder.end',
    during(['Running'], (template, run, atMs) => end(world, template, run, atMs)),
  );
  world.on<RunEvent>(
    'imageBuilder.canceled',
    during(['Running', 'Canceling'], (template, run, atMs) => {
      stop(run, 'Canceled', 'Image build was canceled', atMs);
      settleOutputs(template, false);
      if (run.operation) new Operations(world).end(run.operation, 'Canceled', atMs);
    }),
  );
}

function end(world: World, template: Template, run: Run, atMs: number): void {
  const { state, error } = outcomeOf(template, run, atMs);
  stop(run, state, error?.message ?? '', atMs);
  if (state === 'Failed') template.failures = (template.failures ?? 0) + 1;
  else delete template.failures;
  settleOutputs(template, state === 'Succeeded' || state === 'PartiallySucceeded' || run.distribution !== undefined);
  if (!run.operation) return;
  new Operations(world).end(
    run.operation,
    state === 'Succeeded' ? 'Succeeded' : 'Failed',
    atMs,
    error?.inOperation ?? error,
  );
}

function stop(run: Run, state: Run['state'], message: string, atMs: number): void {
  const endedIn = phaseOf(run, atMs);
  if (endedIn && state !== 'Succeeded') run.endedIn = endedIn;
  const heard = run.log.filter(([at]) => at <= atMs);
  run.log.splice(0, run.log.length, ...heard);
  delete run.guest;
  Object.assign(run, { state, message, endMs: atMs });
}

function settleOutputs(template: Template, succeeded: boolean): void {
  for (const output of Object.values(template.outputs))
    output['provisioningState'] = succeeded ? 'Succeeded' : 'Failed';
}
