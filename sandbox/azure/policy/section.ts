import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
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

/** Each kind by lower-case id. */
type PolicySection = Record<PolicyType, Record<string, PolicyObject>>;

/** The policies of the tenant; none to begin with. */
export function policies(world: World): PolicySection {
  return world.section<PolicySection>('policy', () => ({
    policyDefinitions: {},
    policySetDefinitions: {},
    policyAssignments: {},
    policyExemptions: {},
  }));
}

export function policyId(scope: string, type: PolicyType, name: string): string {
  return `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/${type}/${name}`;
}

/** The scope that a policy object lives on, `/` for the tenant. */
export function scopeOf(id: string): string {
  const at = id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/');
  return at > 0 ? id.slice(0, at) : '/';
}

export function policyNamed(world: World, id: string): PolicyObject | undefined {
  const all = policies(world);
  return policyTypes.map((type) => all[type][key(id)]).find((found) => found !== undefined);
}

export function displayNameOf({ name, properties }: PolicyObject): string {
  const display: Json | undefined = properties['displayName'];
  return typeof display === 'string' && display !== '' ? display : name;
}
