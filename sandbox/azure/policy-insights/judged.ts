import { createHash } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { policies } from '../policy/section';
import { judge } from './judge';
import type { Member } from './members';
import { type Kept, policyInsights, type RawState } from './section';

/** What one resource is told: the key of a member, and its state. */
export type Verdicts = readonly (readonly [member: string, state: RawState])[];

/**
 * Judges resources as `judge` does, but nothing twice: what was said of the very same resource under the very same
 * policies is said again. Evaluations look at hundreds of resources of which one has changed, and every world of a test
 * begins with the same estate.
 *
 * One of these is for one moment: nothing may change while it is used. `members` is asked only if something is judged.
 */
export function judgeOf(world: World, members: () => readonly Member[], atMs: number): (one: Resource) => Verdicts {
  const rules = rulesAt(world, atMs);
  const beneath = extensionsByMachine(world);
  return (resource) => {
    const all = [rules, resource, beneath.get(key(resource.id)) ?? []];
    const asked = digest(JSON.stringify(all));
    const known = said.get(asked);
    if (known) return known;
    const found = judge(world, resource, members(), atMs).map(({ member, state }) => [member, state] as const);
    if (said.size >= mostSaid) said.clear();
    said.set(asked, found);
    return found;
  };
}

/** By everything that a judgement depends on; the same in every world of a process. */
const said = new Map<string, Verdicts>();
const mostSaid = 20_000;

/** Everything but the resource: policies, and of what expires what holds at this time. */
function rulesAt(world: World, atMs: number): string {
  const { policyExemptions, ...others } = policies(world);
  const holds = ({ properties }: Pick<Kept, 'properties'>) =>
    !(Date.parse(text(properties['expiresOn']) ?? '') <= atMs);
  const lasting = Object.values(others).map((all) => Object.values(all).map(digestOf));
  const expiring = [policyExemptions, policyInsights(world).attestations].map((all) =>
    Object.values<Pick<Kept, 'properties'>>(all).filter(holds),
  );
  return digest(JSON.stringify([lasting, expiring]));
}

/** What a policy that deploys looks for below a machine. */
function extensionsByMachine(world: World): ReadonlyMap<string, readonly Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const resource of Object.values(compute(world).resources)) {
    if (!resource.type.endsWith('/extensions')) continue;
    const machine = key(resource.id).slice(0, key(resource.id).lastIndexOf('/extensions/'));
    found.set(machine, [...(found.get(machine) ?? []), resource]);
  }
  return found;
}

/** A policy object is replaced, never changed. */
const digests = new WeakMap<object, string>();

function digestOf(policy: object): string {
  const found = digests.get(policy) ?? digest(JSON.stringify(policy));
  digests.set(policy, found);
  return found;
}

const digest = (written: string): string => createHash('sha1').update(written).digest('base64');
