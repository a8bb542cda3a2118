import { copyOf } from '../../kernel/copy';
import type { Json, LroFault, Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound, Operations } from '../arm';
import { scopeError } from '../compute/groups';
import { condition } from '../conditions';
import { refuseApiVersion, resourceType } from './admission';
import { durations } from './durations';
import { resolveSource } from './provisioning';
import { startRun } from './runs';
import { badValue, missing } from './schema';
import {
  findTemplate,
  isRunning,
  type JsonObject,
  listOf,
  objectOf,
  type Template,
  type Trigger,
  templates,
  textOf,
} from './section';

const type = `${resourceType}/triggers`;

type TriggerEvent = { template: string; trigger: string; operation: string; fault: LroFault | null };
type CheckEvent = { template: string; trigger: string; since: number };

/** Registers how triggers are made, deleted and fired; once per world, before its first `settle`. */
export function registerTriggers(world: World): void {
  world.on<TriggerEvent>('imageBuilder.triggerReady', ({ template, trigger: name, operation, fault }, atMs) => {
    const trigger = triggersOf(findTemplate(world, template))[key(name)];
    if (!trigger) return;
    trigger.provisioningState = fault === 'failed' || fault === 'canceled' ? 'Failed' : 'Succeeded';
    end(world, operation, fault, atMs);
    if (trigger.provisioningState === 'Failed') return;
    Object.assign(trigger, { message: 'Trigger is active', statusMs: atMs });
    checkLater(world, { template, trigger: name, since: trigger.createdMs }, atMs);
  });
  world.on<TriggerEvent>('imageBuilder.triggerDeleted', ({ template, trigger: name, operation, fault }, atMs) => {
    const triggers = triggersOf(findTemplate(world, template));
    const trigger = triggers[key(name)];
    if (!trigger) return;
    end(world, operation, fault, atMs);
    if (fault === 'failed' || fault === 'canceled') trigger.provisioningState = 'Failed';
    else delete triggers[key(name)];
  });
  world.on<CheckEvent>('imageBuilder.triggerCheck', (event, atMs) => {
    const template = findTemplate(world, event.template);
    const trigger = triggersOf(template)[key(event.trigger)];
    if (!template || trigger?.createdMs !== event.since) return;
    fire(world, template, atMs);
    checkLater(world, event, atMs);
  });
}

/** A build for a source with a newer version; a busy template is looked at again at the next check. */
function fire(world: World, template: Template, atMs: number): void {
  if (template.properties['provisioningState'] !== 'Succeeded' || isRunning(template) || !isHealthy(template)) return;
  const source = objectOf(template.properties['source']);
  const resolved = resolveSource(world, source, template.location, atMs);
  if ('error' in resolved || resolved.exactVersion === source['exactVersion']) return;
  startRun(world, template, { atMs });
}

function checkLater(world: World, event: CheckEvent, atMs: number): void {
  world.schedule(atMs + durations.triggerCheck, 'imageBuilder.triggerCheck', event);
}

function end(world: World, operation: string, fault: LroFault | null, atMs: number): void {
  const error = { code: 'InternalOperationError', message: 'Internal error occurred.' };
  if (fault === 'failed') new Operations(world).end(operation, 'Failed', atMs, error);
  else new Operations(world).end(operation, fault === 'canceled' ? 'Canceled' : 'Succeeded', atMs);
}

function triggersOf(template: Template | undefined): Record<string, Trigger> {
  if (!template) return {};
  template.triggers ??= {};
  return template.triggers;
}

/** Triggers of a template: of the kind SourceImage, the only one there is. */
export function triggerRoutes(world: World, operations: Operations, template: string): Route[] {
  const triggers = new Triggers(world, operations);
  const one = `${template}/triggers/{trigger}`;
  return [
    { method: 'GET', path: `${template}/triggers`, handle: (_, p) => triggers.list(p) },
    { method: 'GET', path: one, handle: (_, p) => triggers.get(p) },
    { method: 'PUT', path: one, handle: (request, p) => triggers.put(request, p) },
    { method: 'DELETE', path: one, handle: (request, p) => triggers.delete(request, p) },
  ];
}

class Triggers {
  constructor(
    private readonly world: World,
    private readonly operations: Operations,
  ) {}

  list(params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const value = Object.values(triggersOf(template)).map((trigger) => view(template, trigger));
      return { status: 200, body: { value } };
    });
  }

  get(params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const trigger = triggersOf(template)[key(params['trigger'] ?? '')];
      if (trigger) return { status: 200, body: view(template, trigger) };
      return notFound(type, `${template.name}/${params['trigger']}`, template.resourceGroup);
    });
  }

  put(request: SandboxRequest, params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const name = params['trigger'] ?? '';
      const apiVersion = request.url.searchParams.get('api-version');
      const refusal = refuseApiVersion(apiVersion, template.location) ?? refuseTrigger(request.body as Json, name);
      if (refusal) return refusal;
      const existing = triggersOf(template)[key(name)];
      if (existing) return { status: 200, body: view(template, existing) };
      const unfit = refuseFor(this.world, template);
      if (unfit !== undefined) return armError(400, 'ValidationFailed', unfit);
      const nowMs = this.world.clock.nowMs();
      const trigger: Trigger = { name, createdMs: nowMs, statusMs: nowMs, message: '', provisioningState: 'Creating' };
      triggersOf(template)[key(name)] = trigger;
      const url = this.start(request, template, { name, event: 'imageBuilder.triggerReady' });
      return { status: 201, headers: { 'azure-asyncoperation': url }, body: view(template, trigger) };
    });
  }

  delete(request: SandboxRequest, params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const trigger = triggersOf(template)[key(params['trigger'] ?? '')];
      if (!trigger) return { status: 204 };
      trigger.provisioningState = 'Deleting';
      const url = this.start(request, template, { name: trigger.name, event: 'imageBuilder.triggerDeleted' });
      return { status: 202, headers: { 'azure-asyncoperation': url, location: url } };
    });
  }

  private start(request: SandboxRequest, template: Template, { name, event }: { name: string; event: string }): string {
    const { subscriptionId, location } = template;
    const path = `Microsoft.VirtualMachineImages/locations/${location}/operations`;
    const { url, operation } = this.operations.start(request, subscriptionId, { path, upperCaseName: true });
    const payload = { template: key(template.id), trigger: name, operation: operation.name };
    if (request.lroFault !== 'never') {
      const atMs = this.world.clock.nowMs() + durations.provision;
      this.world.schedule(atMs, event, { ...payload, fault: request.lroFault ?? null });
    }
    return url;
  }

  private with(params: Params, act: (template: Template) => SandboxResponse): SandboxResponse {
    const { subscriptionId = '', resourceGroup = '', template: name = '' } = params;
    const scope = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
    const template = findTemplate(this.world, `${scope}/providers/${resourceType}/${name}`);
    if (template) return copyOf(act(template));
    return scopeError(this.world, subscriptionId, resourceGroup) ?? notFound(resourceType, name, resourceGroup);
  }
}

function refuseTrigger(body: Json, name: string): SandboxResponse | undefined {
  const { kind } = objectOf(objectOf(body)['properties']);
  const path = 'Trigger.properties';
  if (!/^[A-Za-z0-9-_.]{1,64}$/.test(name)) {
    return armError(400, 'InvalidResourceName', `The resource name '${name}' is invalid.`);
  }
  if (kind === 'SourceImage') return undefined;
  const message = kind === undefined ? missing(path, 'kind') : badValue(path, 'kind', kind);
  return armError(400, 'ValidationFailed', message);
}

/** Documented: triggers of a subscription in a region. */
const mostTriggers = 100;

/** Why this template cannot have a (further) trigger. The words and the code are not documented. */
function refuseFor(world: World, template: Template): string | undefined {
  const { provisioningState } = template.properties;
  if (provisioningState !== 'Succeeded') {
    return `The image template '${template.name}' must have been provisioned; its provisioning state is '${provisioningState}'.`;
  }
  const [other] = Object.values(triggersOf(template));
  if (other)
    return `The image template '${template.name}' has a SourceImage trigger, '${other.name}'; there can be one.`;
  return unfitSource(template) ?? tooMany(world, template);
}

/** A trigger waits for newer versions of the source and makes newer versions of another definition. */
function unfitSource({ properties }: Template): string | undefined {
  const source = objectOf(properties['source']);
  const asked =
    source['type'] === 'PlatformImage' ? textOf(source['version'] ?? 'latest') : textOf(source['imageVersionId']);
  if (source['type'] === 'ManagedImage' || !/(?:^|\/versions\/)latest$/i.test(asked)) {
    return `The source of a template with a trigger must be a platform or gallery image at latest, not '${asked || textOf(source['imageId'])}'.`;
  }
  const targets = listOf(properties['distribute']).map((output) => textOf(output['galleryImageId']));
  const exact = targets.find((id) => /\/versions\//i.test(id));
  if (exact !== undefined) return `The version of '${exact}' is incremented automatically and must not be named.`;
  const same = targets.find((id) => key(id) === key(asked.replace(/\/versions\/.*$/i, '')));
  return same && `The source and the target may not be the same image definition, '${same}'.`;
}

function tooMany(world: World, { subscriptionId, location }: Template): string | undefined {
  const limit = Number(condition(world, 'limits', { what: 'imageBuilderTriggers' })['most'] ?? mostTriggers);
  const there = Object.values(templates(world))
    .filter((t) => t.subscriptionId === subscriptionId && t.location === location)
    .reduce((sum, t) => sum + Object.keys(triggersOf(t)).length, 0);
  if (there < limit) return undefined;
  return `The limit of ${limit} triggers of the subscription ${subscriptionId} in ${location} has been reached.`;
}

/** Documented without a number: after several failures in a row, manual runs included, triggers wait for a success. */
const mostFailures = 3;

const isHealthy = ({ failures = 0 }: Template): boolean => failures < mostFailures;

function view(template: Template, { name, statusMs, message: said, provisioningState }: Trigger): JsonObject {
  const { id } = template;
  const code = isHealthy(template) ? 'Healthy' : 'Deactivated';
  const message = isHealthy(template) ? said : `Deactivated: the last ${mostFailures} builds failed. Run the template.`;
  const status = { code, message, time: new Date(statusMs).toISOString() };
  return { properties: { kind: 'SourceImage', status, provisioningState }, id: `${id}/triggers/${name}`, name, type };
}
