import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { isWithin } from '../authorization/scope';
import { type JsonObject, list, object, text } from '../compute/resource';
import { compute } from '../compute/section';
import { standingOn } from '../resource-graph/part-rows';
import { type Evaluation, evaluate } from './evaluate';
import { type Lookup, templateOf } from './expressions';
import type { PolicyResource } from './fields';
import { hasRelated } from './related';
import { ruleOf } from './rule';
import { type PolicyObject, policies, policyNamed, scopeOf } from './section';

/** One definition as an assignment puts it in force; an assigned set puts several in force. */
export interface InForce {
  readonly definition: PolicyObject;
  readonly parameters: JsonObject;
  readonly set?: PolicyObject;
  /** The name of the definition in its set. */
  readonly reference?: string;
}

/** What one assignment says about a resource through one definition. */
export interface PolicyVerdict extends InForce, Evaluation {
  readonly assignment: PolicyObject;
  /** Parameter values of the assignment, without their wrapping. */
  readonly assigned: JsonObject;
  /** False with `enforcementMode: DoNotEnforce`: the state is reported, nothing is refused. */
  readonly enforced: boolean;
  /** Ids of the exemptions in force; with any the resource is exempt. */
  readonly exemptions: readonly string[];
  readonly state: 'Compliant' | 'NonCompliant' | 'Exempt';
}

/**
 * What every assignment above the resource says about it, in the order of creation; those with `notScopes` around
 * it and disabled effects are left out, and so is what mode Indexed does not look at.
 */
export function evaluatePolicies(world: World, resource: PolicyResource, asked: Asked = {}): PolicyVerdict[] {
  const { atMs = world.clock.nowMs(), wanted = () => true, puts = (assignment) => inForce(world, assignment) } = asked;
  return Object.values(policies(world).policyAssignments)
    .filter((assignment) => isOver(assignment, resource.id))
    .flatMap((assignment) =>
      puts(assignment)
        .filter((one) => wanted(one, assignment))
        .flatMap((one) => verdict(world, assignment, one, { resource, atMs }) ?? []),
    );
}

interface Asked {
  /** World time at which exemptions count; now when absent. */
  readonly atMs?: number;
  /** Definitions that are considered; all when absent. */
  readonly wanted?: (one: InForce, assignment: PolicyObject) => boolean;
  /** What an assignment puts in force, where that is known already. */
  readonly puts?: (assignment: PolicyObject) => readonly InForce[];
}

/** Whether the resource is within an assignment's scope and outside all its `notScopes`. */
export function isOver({ id, properties }: PolicyObject, resourceId: string): boolean {
  if (!isWithin(resourceId, scopeOf(id))) return false;
  return !list(properties['notScopes']).some((not) => isWithin(resourceId, String(not)));
}

/** What an assignment puts in force. */
export function inForce(world: World, assignment: PolicyObject): InForce[] {
  const target = policyNamed(world, text(assignment.properties['policyDefinitionId']) ?? '');
  if (!target) return [];
  const parameters = parameterValues(target, valuesOf(assignment.properties['parameters']));
  if (!list(target.properties['policyDefinitions']).length) return [{ definition: target, parameters }];
  return list(target.properties['policyDefinitions'])
    .map(object)
    .flatMap((member) => {
      const definition = policyNamed(world, text(member['policyDefinitionId']) ?? '');
      if (!definition) return [];
      const given = mapped(valuesOf(member['parameters']), parameters);
      const reference = text(member['policyDefinitionReferenceId']) ?? '';
      return [{ definition, parameters: parameterValues(definition, given), set: target, reference }];
    });
}

function verdict(
  world: World,
  assignment: PolicyObject,
  one: InForce,
  { resource, atMs }: { readonly resource: PolicyResource; readonly atMs: number },
): PolicyVerdict | undefined {
  const { definition, parameters, reference } = one;
  if (!looksAt(definition, resource.type)) return undefined;
  const rule = ruleOf(definition.properties['policyRule']);
  const evaluation = evaluate(rule, resource, parameters);
  const effect = key(evaluation.effect);
  if (effect === 'disabled') return undefined;
  // What it does not apply to has no state by it.
  if (effect === 'deployifnotexists' && !evaluation.holds) return undefined;
  const isThere =
    effect === 'deployifnotexists' && hasRelated(extensionsOf(world, resource), rule, resource, parameters);
  const exemptions = exemptionsOf(world, { assignment, reference, resourceId: resource.id, atMs });
  const state = exemptions.length > 0 ? 'Exempt' : evaluation.holds && !isThere ? 'NonCompliant' : 'Compliant';
  return {
    ...one,
    ...evaluation,
    assignment,
    assigned: valuesOf(assignment.properties['parameters']),
    enforced: assignment.properties['enforcementMode'] !== 'DoNotEnforce',
    exemptions,
    state,
  };
}

/** What may stand on a machine: deployed, or there since the story began. */
function extensionsOf(world: World, { id }: PolicyResource) {
  return [...Object.values(compute(world).resources), ...standingOn(world, id)];
}

/** Mode Indexed looks at types that have tags and a location. */
function looksAt({ properties }: PolicyObject, type: string): boolean {
  if (String(properties['mode'] ?? 'Indexed').toLowerCase() !== 'indexed') return true;
  return !/^microsoft\.(?:authorization|resources|policyinsights)\/|\/runoutputs$/i.test(type);
}

interface ExemptionQuestion {
  readonly assignment: PolicyObject;
  readonly reference: string | undefined;
  readonly resourceId: string;
  readonly atMs: number;
}

function exemptionsOf(world: World, { assignment, reference, resourceId, atMs }: ExemptionQuestion): string[] {
  return Object.values(policies(world).policyExemptions)
    .filter(({ properties }) => key(text(properties['policyAssignmentId']) ?? '') === key(assignment.id))
    .filter(({ properties }) => !(Date.parse(text(properties['expiresOn']) ?? '') <= atMs))
    .filter(({ properties }) => {
      const only = list(properties['policyDefinitionReferenceIds']).map((r) => key(String(r)));
      return only.length === 0 || (reference !== undefined && only.includes(key(reference)));
    })
    .filter(({ id }) => isWithin(resourceId, scopeOf(id)))
    .map(({ id }) => id);
}

/** `{a: {value: 1}}` as `{a: 1}`. */
export function valuesOf(parameters: Json | undefined): Readonly<JsonObject> {
  const written = object(parameters);
  const known = unwrapped.get(written);
  if (known) return known;
  const found = Object.fromEntries(
    Object.entries(written).map(([name, given]) => [name, object(given)['value'] ?? null]),
  );
  unwrapped.set(written, found);
  return found;
}

/** An assignment is replaced, never changed. */
const unwrapped = new WeakMap<JsonObject, JsonObject>();

/** The values that hold for a definition or set: what was given, otherwise its defaults. */
export function parameterValues({ properties }: PolicyObject, given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object(properties['parameters'])).flatMap(([name, declared]) => {
      const own = Object.keys(given).find((k) => k.toLowerCase() === name.toLowerCase());
      const value = own === undefined ? object(declared)['defaultValue'] : given[own];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A set passes its own parameters on: `[parameters('effect')]`. */
function mapped(given: JsonObject, parameters: JsonObject): JsonObject {
  const lookup: Lookup = {
    parameter: (name) => parameters[Object.keys(parameters).find((k) => key(k) === key(name)) ?? ''],
    field: () => undefined,
    current: () => undefined,
  };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, templateOf(value)(lookup) ?? null]));
}
