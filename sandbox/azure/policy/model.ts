import type { JsonObject } from '../compute/resource';

/** A policy definition, set, assignment or exemption as ARM answers it. */
export interface PolicyObject {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly location?: string;
  readonly identity?: JsonObject;
  readonly systemData: JsonObject;
  readonly properties: JsonObject;
}

export const policyTypes = [
  'policyDefinitions',
  'policySetDefinitions',
  'policyAssignments',
  'policyExemptions',
] as const;
export type PolicyType = (typeof policyTypes)[number];
