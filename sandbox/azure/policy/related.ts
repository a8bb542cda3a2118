import { key } from '../arm';
import { type JsonObject, list, object, type Resource, text } from '../compute/resource';
import { holdsFor, valueFor } from './evaluate';
import { PolicyRuleError, templateOf } from './expressions';
import type { PolicyResource } from './fields';
import { possibleEffects } from './references';
import { conditionOf, type Rule } from './rule';

/** What policies with deployIfNotExists can deploy here, and so what they may look for. */
const deployable = 'Microsoft.Compute/virtualMachines/extensions';

type Parameters = JsonObject;

/** Whether what a policy with deployIfNotExists looks for is there, below the resource. */
export function hasRelated(
  resources: readonly Resource[],
  { details }: Rule,
  resource: PolicyResource,
  parameters: Parameters,
): boolean {
  const wanted =
    details['name'] === undefined ? undefined : valueFor(templateOf(details['name']), resource, parameters);
  const last = key(
    String(wanted ?? '')
      .split('/')
      .at(-1) ?? '',
  );
  return resources
    .filter(({ type, id }) => key(type) === key(deployable) && key(id).startsWith(`${key(resource.id)}/`))
    .filter(({ name }) => last === '' || key(name) === last)
    .some((one) => {
      const { existenceCondition } = details;
      if (existenceCondition === undefined) return true;
      const related = { id: one.id, type: one.type, body: one as unknown as JsonObject };
      return holdsFor(conditionOf(existenceCondition), related, parameters);
    });
}

interface Deployed {
  /** Where ARM would run the deployment: the resource group. */
  readonly group: string;
  readonly resources: readonly Resource[];
}

/** What the deployment of a policy makes for a resource: the parameters of its template are computed by the policy. */
export function deploymentFor({ details }: Rule, resource: PolicyResource, parameters: Parameters): Deployed {
  const { template, parameters: given } = object(object(object(details['deployment'])['properties']));
  const values = Object.entries(object(given)).map(([name, one]) => {
    const value = templateOf(object(one)['value'] ?? null);
    return [name, valueFor(value, resource, parameters) ?? null] as const;
  });
  const group = resource.id.split('/').slice(0, 5).join('/');
  const resources = list(object(template)['resources']).map((one) =>
    resourceOf(object(one), { group, resource, values: Object.fromEntries(values) }),
  );
  return { group, resources };
}

interface Place {
  readonly group: string;
  readonly resource: PolicyResource;
  readonly values: Parameters;
}

function resourceOf(written: JsonObject, { group, resource, values }: Place): Resource {
  const compute = (value: unknown) => String(valueFor(templateOf(String(value)), resource, values));
  const type = String(written['type']);
  const [namespace = '', ...types] = type.split('/');
  const names = compute(written['name']).split('/');
  const path = types.map((one, i) => `${one}/${names[i]}`).join('/');
  return {
    id: `${group}/providers/${namespace}/${path}`,
    name: names.at(-1) ?? '',
    type,
    location: compute(written['location'] ?? object(resource.body)['location']),
    properties: { ...object(written['properties']), provisioningState: 'Succeeded' },
  };
}

/** Why a definition that may deploy cannot be read; undefined when it can, or deploys nothing. */
export function refusedDeployment(given: JsonObject): string | undefined {
  if (!possibleEffects(given).some((one) => key(one) === 'deployifnotexists')) return undefined;
  const details = object(object(object(given['policyRule'])['then'])['details']);
  const template = object(object(object(details['deployment'])['properties'])['template']);
  if (text(details['type']) === undefined) return "The policy rule must contain 'then.details.type'.";
  if (list(details['roleDefinitionIds']).length === 0) {
    return "The policy rule must contain 'then.details.roleDefinitionIds' that its deployments need.";
  }
  const types = [details['type'], ...list(template['resources']).map((one) => object(one)['type'])];
  const other = types.find((type) => key(String(type)) !== key(deployable));
  if (other !== undefined || types.length === 1) {
    return `Policies of this sandbox deploy '${deployable}' alone, and one of them at least; this one has '${String(other ?? 'nothing')}'.`;
  }
  try {
    if (details['existenceCondition'] !== undefined) conditionOf(details['existenceCondition']);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyRuleError)) throw error;
    return error.message;
  }
}
