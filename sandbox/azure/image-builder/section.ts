import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Guest } from '../guest/guest';
import type { LogLine } from './packer-log';

export type JsonObject = { [name: string]: Json };

/** The fields of a template's `properties` that the sandbox reads; all others are kept and echoed. */
export interface TemplateProperties {
  [name: string]: Json;
}

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  tags: Record<string, string>;
  identity: JsonObject;
  properties: TemplateProperties;
  /** Set once the staging group exists. */
  staging?: { groupId: string; account: string; ownsGroup: boolean };
  run?: Run;
  outputs: Record<string, JsonObject>;
  /** Runs that have failed since one succeeded. */
  failures?: number;
  /** By lower-case name. */
  triggers?: Record<string, Trigger>;
}

/** Starts a run when the source image has a newer version. */
export interface Trigger {
  readonly name: string;
  readonly createdMs: number;
  statusMs: number;
  message: string;
  provisioningState: 'Creating' | 'Succeeded' | 'Failed' | 'Deleting';
}

export type SubState = 'Queued' | 'Building' | 'Customizing' | 'Optimizing' | 'Validating' | 'Distributing';
export type RunState = 'Running' | 'Canceling' | 'Succeeded' | 'PartiallySucceeded' | 'Failed' | 'Canceled';

export interface Phase {
  readonly subState: SubState;
  readonly atMs: number;
}

export interface RunError extends OperationError {
  /** What the operation of the run says, where that is something else. */
  readonly inOperation?: OperationError;
}

interface OperationError {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly code: string; readonly message: string }[];
}

/** One run of a template. What it will do is computed when it starts; the clock shows how far it has come. */
export interface Run {
  /** Names the run in events, and the folder of its logs. */
  readonly id: string;
  /** The operation of `POST run`; a run that started by itself has none. */
  readonly operation?: string;
  readonly startMs: number;
  readonly deadlineMs: number;
  readonly phases: readonly Phase[];
  readonly log: LogLine[];
  /** The image as it will be distributed; absent when there is nothing to distribute. */
  guest?: Guest;
  /** When the image is built, or the build has failed. */
  readonly builtMs: number;
  /** Which part fails; distributing may still happen, as `continueDistributeOnFailure` says. */
  readonly failure?: 'customizing' | 'validating';
  /** What stood in its way before anything was built; such a run fails with these words. */
  readonly refusal?: { readonly said: string; readonly code?: string };
  /** Once distributing has begun: when the last output is ready, and what went wrong. */
  distribution?: { readonly readyMs: number; readonly total: number; readonly errors: readonly string[] };
  /** How often it was read while it ran, where reads get lost. */
  reads?: number;
  state: RunState;
  /** The last sub-state of a run that failed. */
  endedIn?: SubState;
  endMs?: number;
  message: string;
}

interface ImageBuilderSection {
  templates: Record<string, Template>;
  /** When runs were started lately; absent in worlds of earlier versions. */
  starts?: RunStarted[];
}

export interface RunStarted {
  readonly subscriptionId: string;
  readonly location: string;
  readonly atMs: number;
}

const section = (world: World) => world.section<ImageBuilderSection>('imageBuilder', () => ({ templates: {} }));

export const templates = (world: World): Record<string, Template> => section(world).templates;

const remembered = 10 * 60_000;

export const runStarts = (world: World): readonly RunStarted[] => section(world).starts ?? [];

export function noteStart(world: World, { subscriptionId, location }: Template, atMs: number): void {
  const lately = runStarts(world).filter((s) => s.atMs > atMs - remembered);
  section(world).starts = [...lately, { subscriptionId, location, atMs }];
}

export function findTemplate(world: World, id: string): Template | undefined {
  return templates(world)[key(id)];
}

export function isRunning(template: Template): boolean {
  return template.run?.state === 'Running' || template.run?.state === 'Canceling';
}

/** An object where one is expected; empty otherwise, since the body was validated before. */
export function objectOf(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

export function listOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The part that a run is in, or was in when it ended. */
export function phaseOf(run: Run, nowMs: number) {
  return run.phases.filter((p) => p.atMs <= nowMs).at(-1)?.subState;
}
