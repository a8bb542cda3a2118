import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { storyPolicies } from '../estate/policies';
import { builtInPolicy } from './built-in';
import { type PolicyObject, type PolicyType, policyTypes } from './model';

export { type PolicyObject, type PolicyType, policyTypes } from './model';

/** Each kind by lower-case id. */
type PolicySection = Record<PolicyType, Record<string, PolicyObject>>;

/** The policies of the tenant; those of the story to begin with. */
export function policies(world: World): PolicySection {
  return world.section<PolicySection>('policy', () => (world.isEmpty ? noPolicies() : storyPolicies(world.beganMs)));
}

const noPolicies = (): PolicySection => ({
  policyDefinitions: {},
  policySetDefinitions: {},
  policyAssignments: {},
  policyExemptions: {},
});

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
  return policyTypes.map((type) => all[type][key(id)]).find((found) => found !== undefined) ?? builtInPolicy(id);
}

export function displayNameOf({ name, properties }: PolicyObject): string {
  const display: Json | undefined = properties['displayName'];
  return typeof display === 'string' && display !== '' ? display : name;
}
