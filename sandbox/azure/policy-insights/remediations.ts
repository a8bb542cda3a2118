import { randomUUID } from 'node:crypto';
import type { Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { isWithin } from '../authorization/scope';
import { type JsonObject, list, object, text } from '../compute/resource';
import { scopeOf } from '../policy/section';
import { type Extension, extensionRoutes, listOn, missing, systemData } from './extension';
import { type Member, membersOf } from './members';
import { deploys } from './remediate';
import { deploymentView, isActive, remediationView } from './remediation-view';
import { isRefusal, scopeNamed } from './scope';
import { policyInsights, type Remediation } from './section';
import { statesOf } from './states';

const minute = 60_000;
/** Azure's defaults. */
const defaults = { resourceCount: 500, parallelDeployments: 10 };

/** Remediation tasks: what policies with effect modify or deployIfNotExists would do, done to existing resources. */
export function remediationRoutes(world: World): Route[] {
  const all = () =>
    Object.fromEntries(Object.entries(policyInsights(world).remediations).filter(([, one]) => isKept(world, one)));
  const view = (one: Remediation) => remediationView(world, one);
  const found =
    (handle: (one: Remediation, on: Extension) => SandboxResponse) =>
    (on: Extension): SandboxResponse => {
      const one = all()[key(on.id)];
      return one ? handle(one, on) : missing('Remediation', on);
    };
  return extensionRoutes(
    world,
    'remediations',
    {
      list: (on) => listOn(all(), on, view),
      GET: found((one) => ({ status: 200, body: view(one) })),
      PUT: put,
      DELETE: (on) => remove(on),
    },
    {
      cancel: found((one, on) => cancel(world, one, on)),
      listDeployments: found((one) => {
        const value = one.deployments.map((_, n) => deploymentView(world, one, n));
        return { status: 200, body: { value } };
      }),
    },
  );
}

function put(on: Extension): SandboxResponse {
  const { world, request, id, name } = on;
  const { remediations } = policyInsights(world);
  const before = remediations[key(id)];
  if (before && isActive(world, before)) {
    const message = `The request to update remediation '${name}' is invalid. A remediation may not be changed or replaced while it is active.`;
    return armError(400, 'InvalidUpdateRemediationRequest', message);
  }
  const given = object(object(request.body)['properties']);
  const refused = refusedRequest(on, given) ?? overlapping(on, given);
  if (refused) return refused;
  const member = memberMeant(on, given);
  if (isRefusal(member)) return member;
  const now = world.clock.nowMs();
  const made: Remediation = {
    id,
    createdMs: now,
    properties: { resourceDiscoveryMode: 'ExistingNonCompliant', ...defaults, ...given, correlationId: randomUUID() },
    systemData: systemData(request, now, now),
    deployments: deploymentsOf(on, given, member),
    ...(deploys(member) && { deploys: true as const }),
  };
  remediations[key(id)] = made;
  for (const [n, { doneMs }] of made.deployments.entries()) {
    world.schedule(doneMs, 'policyInsights.remediate', { id: key(id), n, createdMs: now });
  }
  return { status: before ? 200 : 201, body: remediationView(world, made) };
}

const mostResources = 50_000;
const longestName = 260;

function refusedRequest({ scope, name }: Extension, given: JsonObject): SandboxResponse | undefined {
  const invalid = (why: string) =>
    armError(400, 'InvalidCreateRemediationRequest', `The request to create remediation '${name}' is invalid. ${why}`);
  if (name.length > longestName) return invalid(`The name must not exceed ${longestName} characters.`);
  if (Number(given['resourceCount'] ?? 0) > mostResources) {
    return invalid(`The resource count must not exceed ${mostResources}.`);
  }
  const evaluates = key(text(given['resourceDiscoveryMode']) ?? '') === 'reevaluatecompliance';
  if (!evaluates || /^\/subscriptions\//i.test(scope)) return undefined;
  return invalid('Evaluating compliance before remediation is only supported at subscription scope and below.');
}

/** One task at a time changes the resources of a scope for one definition of an assignment. */
function overlapping({ world, scope, name, id }: Extension, given: JsonObject): SandboxResponse | undefined {
  const about = (p: JsonObject) =>
    key(`${text(p['policyAssignmentId']) ?? ''} ${text(p['policyDefinitionReferenceId']) ?? ''}`);
  const running = Object.values(policyInsights(world).remediations).filter((one) => {
    const other = one.id.slice(0, key(one.id).lastIndexOf('/providers/microsoft.policyinsights/'));
    const meets = isWithin(scope, other) || isWithin(other, scope);
    return key(one.id) !== key(id) && meets && about(one.properties) === about(given) && isActive(world, one);
  });
  if (running.length === 0) return undefined;
  const names = running.map((one) => `'${one.id.split('/').at(-1)}'`).join(', ');
  const message = `The request to create remediation '${name}' is invalid. The following remediations: ${names} are already running for policy assignment '${String(given['policyAssignmentId'])}', definition reference '${String(given['policyDefinitionReferenceId'] ?? '')}' on a scope that conflicts with the requested scope '${scope}'.`;
  return armError(400, 'InvalidCreateRemediationRequest', message);
}

/** Documented: a task is deleted so long after its last change. */
const keptMs = 60 * 24 * 60 * minute;

function isKept(world: World, { createdMs, deployments }: Remediation): boolean {
  return world.clock.nowMs() < Math.max(createdMs, ...deployments.map(({ doneMs }) => doneMs)) + keptMs;
}

/** The one definition that a remediation is about; it must be one that can change resources. */
function memberMeant({ world, scope, name }: Extension, given: JsonObject): Member | SandboxResponse {
  const invalid = (why: string) =>
    armError(400, 'InvalidCreateRemediationRequest', `The request to create remediation '${name}' is invalid. ${why}`);
  const id = text(given['policyAssignmentId']) ?? '';
  const members = membersOf(world).filter(({ assignment }) => key(assignment.id) === key(id));
  const [first] = members;
  if (!first) return invalid(`The policy assignment '${id}' could not be found.`);
  const own = scopeOf(first.assignment.id);
  if (!isWithin(scope, own) && !isWithin(own, scope)) {
    return invalid(`The scope '${scope}' is not within that of the policy assignment '${id}'.`);
  }
  const reference = text(given['policyDefinitionReferenceId']);
  if (first.set && reference === undefined) {
    return invalid(
      `The policy assignment '${id}' assigns a policy set definition. Remediations must specify a single policy definition reference ID within the policy set definition.`,
    );
  }
  const meant = first.set ? members.find((m) => key(m.reference ?? '') === key(reference ?? '')) : first;
  if (!meant) return invalid(`The policy definition reference ID '${reference}' could not be found in '${id}'.`);
  if (key(meant.effect) === 'modify' || deploys(meant)) return meant;
  return invalid(
    `The effect '${meant.effect}' of the policy definition '${meant.definition.id}' cannot be remediated; only 'deployIfNotExists' and 'modify' can.`,
  );
}

/** Resources known to be non-compliant, a few at a time, one minute each. */
function deploymentsOf({ world, scope }: Extension, given: JsonObject, member: Member): Remediation['deployments'] {
  const about = scopeNamed(world, scope.slice(1));
  if (isRefusal(about)) return [];
  const locations = list(object(given['filters'])['locations']).map((one) => key(String(one)));
  const count = Number(given['resourceCount'] ?? defaults.resourceCount);
  const parallel = Math.max(1, Number(given['parallelDeployments'] ?? defaults.parallelDeployments));
  const targets: { target: string; location: string }[] = [];
  for (const { resource, member: of, state } of statesOf(world, { scope: about.head })) {
    if (of.key !== member.key || state !== 'NonCompliant') continue;
    if (!about.wanted({ resource, member: of })) continue;
    if (locations.length > 0 && !locations.includes(key(resource.location))) continue;
    if (targets.length >= count) break;
    targets.push({ target: key(resource.id), location: resource.location });
  }
  const startMs = world.clock.nowMs() + minute;
  return targets.map((one, n) => ({ ...one, doneMs: startMs + (Math.floor(n / parallel) + 1) * minute }));
}

function cancel(world: World, one: Remediation, { name }: Extension): SandboxResponse {
  if (!isActive(world, one) || one.cancelledMs !== undefined) {
    const message = `The request to cancel remediation '${name}' is invalid. A completed remediation cannot be cancelled.`;
    return armError(400, 'InvalidCancelRemediationRequest', message);
  }
  one.cancelledMs = world.clock.nowMs();
  return { status: 200, body: remediationView(world, one) };
}

function remove(on: Extension): SandboxResponse {
  const { remediations } = policyInsights(on.world);
  const found = remediations[key(on.id)];
  if (!found) return { status: 204 };
  if (isActive(on.world, found)) {
    const message = `The request to delete remediation '${on.name}' is invalid. A remediation may not be deleted while it is active.`;
    return armError(400, 'InvalidDeleteRemediationRequest', message);
  }
  delete remediations[key(on.id)];
  return { status: 200, body: remediationView(on.world, found) };
}
