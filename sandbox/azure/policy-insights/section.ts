import type { World } from '../../kernel/world';
import type { JsonObject } from '../compute/resource';

/** The six states in Azure Policy's words. */
export const rawStates = ['Compliant', 'NonCompliant', 'Exempt', 'Conflict', 'Unknown', 'Error'] as const;
export type RawState = (typeof rawStates)[number];

/** By the key of what is in force: its state (an index of `rawStates`) and when it was found, in world milliseconds. */
export type Told = Record<string, readonly [state: number, atMs: number]>;

/** A remediation or an attestation as it is kept. */
export interface Kept {
  readonly id: string;
  readonly createdMs: number;
  readonly properties: JsonObject;
  readonly systemData?: JsonObject;
}

export interface Remediation extends Kept {
  /** The machines that it changes, by lower-case id, and when each is done. */
  readonly deployments: readonly { readonly target: string; readonly location: string; readonly doneMs: number }[];
  cancelledMs?: number;
  /** Whether it deploys, in place of writing tags. */
  readonly deploys?: true;
  /** Why resources could not be changed, by their place. */
  failed?: Readonly<Record<number, string>>;
}

export interface Event {
  readonly resource: string;
  readonly member: string;
  readonly state: number;
  readonly atMs: number;
}

interface PolicyInsightsSection {
  /** What Azure Policy last said about each resource, by lower-case id. */
  told: Record<string, Told>;
  /** The daily evaluation that is in `told`; 0 before the first look. */
  cycleMs: number;
  /** What is due to be evaluated, by lower-case id of a resource or scope: world time. */
  due: Record<string, number>;
  /** Evaluations that somebody asked for: lower-case scope and world time of their end. */
  scans: { readonly scope: string; readonly endMs: number }[];
  remediations: Record<string, Remediation>;
  attestations: Record<string, Kept>;
  /** What evaluations found non-compliant, newest last. */
  events: Event[];
}

/** What Microsoft.PolicyInsights keeps. */
export function policyInsights(world: World): PolicyInsightsSection {
  return world.section<PolicyInsightsSection>('policyInsights', () => ({
    told: {},
    cycleMs: 0,
    due: {},
    scans: [],
    remediations: {},
    attestations: {},
    events: [],
  }));
}
