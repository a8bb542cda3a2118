import { copyOf } from '../../kernel/copy';
import type { Json, LroFault, Params, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound, type Operations } from '../arm';
import { scopeError } from '../compute/groups';
import { regionName } from '../compute/regions';
import { condition } from '../conditions';
import { isIdentity } from '../identities';
import { refuseApiVersion, refuseLostOutput, refuseTemplate, refuseUpdate, regionsOf, resourceType } from './admission';
import { durations } from './durations';
import { cancelRun, startRun } from './runs';
import { seen } from './schema';
import { findTemplate, type JsonObject, objectOf, type Template, templates, textOf } from './section';
import { refuseInState } from './state-refusal';
import { properties as propertiesShape } from './template-schema';
import { updated, view, withDefaults } from './view';

/** The requests on one image template. */
export class ImageTemplates {
  constructor(
    private readonly world: World,
    private readonly operations: Operations,
  ) {}

  put(request: SandboxRequest, params: Params): SandboxResponse {
    const { subscriptionId = '', resourceGroup = '', template: name = '' } = params;
    const body = objectOf(request.body as Json);
    const location = textOf(body['location']);
    const id = `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/${resourceType}/${name}`;
    const apiVersion = request.url.searchParams.get('api-version');
    const refusal =
      refuseApiVersion(apiVersion, location) ??
      scopeError(this.world, subscriptionId, resourceGroup) ??
      refuseName(name) ??
      (findTemplate(this.world, id) ? exists() : undefined) ??
      refuseTemplate(request.body, this.asked(request, id));
    if (refusal) return refusal;
    const template: Template = {
      id,
      name,
      subscriptionId,
      resourceGroup,
      location: regionName(location),
      tags: objectOf(body['tags']) as Record<string, string>,
      identity: objectOf(body['identity']),
      properties: withDefaults(seen(objectOf(body['properties']), propertiesShape, apiVersion ?? '')),
      outputs: {},
    };
    templates(this.world)[key(id)] = template;
    const { url, operation } = this.start(request, template);
    this.provisionSoon(template, operation.name, request.lroFault);
    const answered = { status: 201, headers: { 'azure-asyncoperation': url }, body: view(template, this.now) };
    return { ...answered, body: copyOf(answered.body) };
  }

  /** A fault of a PUT that also starts a build is the build's: the template itself is provisioned. */
  private provisionSoon(template: Template, operation: string, fault?: LroFault): void {
    const autoRuns = objectOf(template.properties['autoRun'])['state'] === 'Enabled';
    if (fault === 'never' && !autoRuns) return;
    const event = { template: key(template.id), operation, fault: fault ?? null };
    this.world.schedule(this.now + durations.provision, 'imageBuilder.provisioned', event);
  }

  get(params: Params): SandboxResponse {
    return this.with(
      params,
      (template) => lostRead(this.world, template) ?? { status: 200, body: view(template, this.now) },
    );
  }

  list(params: Params): SandboxResponse {
    const scope = params['resourceGroup']
      ? `/subscriptions/${params['subscriptionId']}/resourcegroups/${params['resourceGroup']}/`
      : `/subscriptions/${params['subscriptionId']}/`;
    const found = Object.entries(templates(this.world)).filter(([id]) => id.startsWith(key(scope)));
    return { status: 200, body: { value: found.map(([, template]) => view(template, this.now)) } };
  }

  patch(request: SandboxRequest, params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const refusal = refuseUpdate(request.body, this.asked(request, template.id));
      const forbidden =
        refusal ?? refuseInState(template, 'write') ?? refuseLostOutput(template, request.body as JsonObject);
      if (forbidden) return forbidden;
      const { tags, identity, properties } = request.body as JsonObject;
      if (tags) template.tags = objectOf(tags) as Record<string, string>;
      if (identity) template.identity = objectOf(identity);
      Object.assign(template.properties, updated(template.properties, objectOf(properties)));
      return { status: 200, body: view(template, this.now) };
    });
  }

  delete(request: SandboxRequest, params: Params): SandboxResponse {
    const template = this.find(params);
    if (!template)
      return scopeError(this.world, params['subscriptionId'] ?? '', params['resourceGroup']) ?? { status: 204 };
    const forbidden = refuseInState(template, 'delete');
    if (forbidden) return forbidden;
    const { url, operation } = this.start(request, template);
    template.properties['provisioningState'] = 'Deleting';
    if (request.lroFault !== 'never') {
      const event = { template: key(template.id), operation: operation.name, fault: request.lroFault ?? null };
      this.world.schedule(this.now + durations.delete, 'imageBuilder.deleted', event);
    }
    return { status: 202, headers: { 'azure-asyncoperation': url, location: url } };
  }

  run(request: SandboxRequest, params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const forbidden = refuseInState(template, 'run/action');
      if (forbidden) return forbidden;
      const { url, operation } = this.start(request, template);
      const fault = request.lroFault;
      startRun(this.world, template, { atMs: this.now, operation: operation.name, ...(fault && { fault }) });
      return { status: 202, headers: { 'azure-asyncoperation': url, location: url } };
    });
  }

  cancel(request: SandboxRequest, params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const forbidden = refuseInState(template, 'cancel/action');
      if (forbidden) return forbidden;
      const fault = request.lroFault;
      cancelRun(this.world, template, { atMs: this.now, ...(fault && { fault }) });
      return { status: 204 };
    });
  }

  outputs(params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const value = Object.keys(template.outputs).map((name) => outputView(template, name));
      return { status: 200, body: { value } };
    });
  }

  output(params: Params): SandboxResponse {
    return this.with(params, (template) => {
      const name = Object.keys(template.outputs).find((n) => key(n) === key(params['output'] ?? ''));
      if (name) return { status: 200, body: outputView(template, name) };
      return notFound(`${resourceType}/runOutputs`, `${template.name}/${params['output']}`, template.resourceGroup);
    });
  }

  private asked({ url }: SandboxRequest, templateId: string) {
    const apiVersion = url.searchParams.get('api-version') ?? '';
    const regions = regionsOf(this.world);
    return { apiVersion, templateId, regions, isIdentity: (id: string) => isIdentity(this.world, id) };
  }

  private get now(): number {
    return this.world.clock.nowMs();
  }

  private find({ subscriptionId, resourceGroup, template }: Params): Template | undefined {
    return findTemplate(
      this.world,
      `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/${resourceType}/${template}`,
    );
  }

  private with(params: Params, act: (template: Template) => SandboxResponse): SandboxResponse {
    const { subscriptionId = '', resourceGroup = '', template: name = '' } = params;
    const template = this.find(params);
    // A copy: the answer must not change with the state behind it.
    if (template) return copyOf(act(template));
    return scopeError(this.world, subscriptionId, resourceGroup) ?? notFound(resourceType, name, resourceGroup);
  }

  private start(request: SandboxRequest, { subscriptionId, location }: Template) {
    const path = `Microsoft.VirtualMachineImages/locations/${location}/operations`;
    return this.operations.start(request, subscriptionId, { path, upperCaseName: true });
  }
}

function refuseName(name: string): SandboxResponse | undefined {
  if (/^[A-Za-z0-9-_.]{1,64}$/.test(name)) return undefined;
  return armError(
    400,
    'InvalidResourceName',
    `The resource name '${name}' is invalid. It must match the pattern '^[A-Za-z0-9-_.]{1,64}$'.`,
  );
}

/** People report reads that fail in the middle of a build, and work again a moment later. */
function lostRead(world: World, { run }: Template): SandboxResponse | undefined {
  const nth = condition(world, 'providers', { namespace: 'Microsoft.VirtualMachineImages' })['losesEachNthRead'];
  if (run?.state !== 'Running' || typeof nth !== 'number' || nth === 0) return undefined;
  run.reads = (run.reads ?? 0) + 1;
  if (run.reads % nth !== 0) return undefined;
  return armError(500, 'InternalOperationError', 'Internal error occurred. This is a generic error.');
}

function exists(): SandboxResponse {
  return armError(
    409,
    'Conflict',
    'Update/Upgrade of image templates is currently not supported. Please change the name of the template you are submitting. If you have previously tried to submit a template and it failed to provision, you must delete it first and then resubmit. For more information, go to https://aka.ms/azvmimagebuilderts.',
  );
}

function outputView(template: Template, name: string): JsonObject {
  const type = `${resourceType}/runOutputs`;
  return { properties: template.outputs[name] ?? {}, id: `${template.id}/runOutputs/${name}`, name, type };
}
