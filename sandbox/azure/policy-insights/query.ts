import type { SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import type { JsonObject } from '../compute/resource';
import { applyOf, type Transformation } from './apply';
import { fieldNamed, filterOf, ODataError, order, type Test } from './odata';

const day = 86_400_000;

/** What `$filter`, `$apply`, `$orderby`, `$select`, `$top`, `$from` and `$to` ask for. */
export interface QueryOptions {
  readonly filter: Test;
  readonly apply: Transformation | undefined;
  readonly sort: ((a: JsonObject, b: JsonObject) => number) | undefined;
  readonly select: readonly string[] | undefined;
  readonly top: number | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly expanded: boolean;
  readonly skipToken: string | undefined;
}

/** Names, in lower case, of what a record has. */
export const recordFields: ReadonlySet<string> = new Set(
  [
    ...['timestamp', 'resourceId', 'policyAssignmentId', 'policyDefinitionId', 'effectiveParameters', 'isCompliant'],
    ...['subscriptionId', 'resourceType', 'resourceLocation', 'resourceGroup', 'resourceTags'],
    ...['policyAssignmentName', 'policyAssignmentOwner', 'policyAssignmentParameters', 'policyAssignmentScope'],
    ...['policyDefinitionName', 'policyDefinitionAction', 'policyDefinitionCategory', 'policySetDefinitionId'],
    ...['policySetDefinitionName', 'policySetDefinitionOwner', 'policySetDefinitionCategory'],
    ...['policySetDefinitionParameters', 'managementGroupIds', 'policyDefinitionReferenceId', 'complianceState'],
    ...['policyDefinitionGroupNames', 'policyDefinitionVersion', 'policySetDefinitionVersion'],
    ...['policyAssignmentVersion', 'complianceReasonCode', 'tenantId', 'principalOid'],
  ].map((name) => name.toLowerCase()),
);

/** @throws ODataError for what Policy Insights does not accept. */
export function optionsOf(world: World, { url }: SandboxRequest): QueryOptions {
  const of = (name: string) => {
    const value = [...url.searchParams].find(([n]) => n.toLowerCase() === name)?.[1];
    return value?.trim() ? value : undefined;
  };
  const toMs = instant(of('$to')) ?? world.clock.nowMs();
  const fromMs = instant(of('$from')) ?? toMs - day;
  if (fromMs > toMs) throw new ODataError("The value of '$from' must not be after that of '$to'.");
  const [filter, apply] = [of('$filter'), of('$apply')];
  const applied = apply === undefined ? undefined : applyOf(apply, recordFields);
  const fields = applied?.fields ?? recordFields;
  const expand = of('$expand');
  if (expand !== undefined && !/^(?:policyevaluationdetails|components)$/i.test(expand)) {
    throw new ODataError(`The value '${expand}' of '$expand' is not supported.`);
  }
  return {
    filter: filter === undefined ? () => true : filterOf(filter, recordFields),
    apply: applied,
    sort: sortOf(of('$orderby'), fields),
    select: of('$select')
      ?.split(',')
      .map((name) => known(name.trim(), fields)),
    top: topOf(of('$top')),
    fromMs,
    toMs,
    expanded: /^policyevaluationdetails$/i.test(expand ?? ''),
    skipToken: of('$skiptoken'),
  };
}

function instant(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const atMs = Date.parse(value);
  if (Number.isNaN(atMs)) throw new ODataError(`'${value}' is not a date and time in ISO 8601.`);
  return atMs;
}

function topOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  throw new ODataError(`The value '${value}' of '$top' must be a whole number that is not negative.`);
}

function known(name: string, fields: ReadonlySet<string>): string {
  if (fields.has(name.toLowerCase())) return name;
  throw new ODataError(`Could not find a property named '${name}' on type 'Microsoft.PolicyInsights.PolicyState'.`);
}

/** Without a direction the order is descending, as documented. */
function sortOf(given: string | undefined, fields: ReadonlySet<string>): QueryOptions['sort'] {
  if (given === undefined) return undefined;
  const keys = given.split(',').map((part) => {
    const [name = '', direction = 'desc', ...more] = part.trim().split(/\s+/);
    if (more.length > 0 || !/^(?:asc|desc)$/i.test(direction)) {
      throw new ODataError(`Syntax error in '$orderby': '${part.trim()}'.`);
    }
    return { name: known(name, fields), sign: direction.toLowerCase() === 'asc' ? 1 : -1 };
  });
  return (a, b) => {
    for (const { name, sign } of keys) {
      const difference = order(fieldNamed(a, name), fieldNamed(b, name)) * sign;
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** Policy Insights' 400; its exact words are not documented. */
export function refusedQuery(error: unknown): SandboxResponse {
  if (!(error instanceof ODataError)) throw error;
  return armError(400, 'InvalidQueryParameters', `The query parameters of the request are invalid. ${error.message}`);
}

export function selected(record: JsonObject, select: readonly string[] | undefined): JsonObject {
  if (!select) return record;
  return Object.fromEntries(
    Object.entries(record).filter(([name]) => select.some((wanted) => wanted.toLowerCase() === name.toLowerCase())),
  );
}
