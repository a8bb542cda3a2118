import { randomUUID } from 'node:crypto';
import type { Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { type JsonObject, object, text } from '../compute/resource';
import { condition } from '../conditions';
import { guid, taken, tooMany, unassignable, unknownPrincipal, type Wanted, wantedOf } from './assignments';
import { isRefused, termsOf } from './filter';
import type { RoleAssignment } from './model';
import { callerOf } from './names';
import { type OnScope, onScopes } from './on-scopes';
import { isWithin } from './scope';
import { assignmentId, authorization } from './section';

/** A role that somebody has from one time until another; times are the world's. */
interface Schedule extends Wanted {
  readonly name: string;
  readonly scope: string;
  /** The name of the request that made it, and of the assignment while there is one. */
  readonly request: string;
  readonly assignment: string;
  readonly principalType: string;
  readonly condition?: string;
  readonly conditionVersion?: string;
  readonly createdMs: number;
  readonly startMs: number;
  endMs: number;
  updatedMs: number;
  by: string;
}

interface ScheduleRequest {
  readonly name: string;
  readonly scope: string;
  readonly schedule: string;
  readonly createdMs: number;
  readonly properties: JsonObject;
}

interface SchedulesSection {
  schedules: Record<string, Schedule>;
  requests: Record<string, ScheduleRequest>;
}

const section = (world: World): SchedulesSection =>
  world.section<SchedulesSection>('roleSchedules', () => ({ schedules: {}, requests: {} }));

const provider = 'Microsoft.Authorization';
const idOf = (type: string, { scope, name }: { readonly scope: string; readonly name: string }): string =>
  `${scope === '/' ? '' : scope}/providers/${provider}/${type}/${name}`;

/** Privileged Identity Management for Azure's roles: assignments with an end, api-version 2020-10-01. */
export function scheduleRoutes(world: World): Route[] {
  return [
    ...onScopes(world, 'roleAssignmentScheduleRequests', {
      list: licensed((on) => listed(on, Object.values(section(world).requests).map(requestView))),
      GET: licensed(getRequest),
      PUT: licensed(putRequest),
    }),
    ...onScopes(world, 'roleAssignmentSchedules', {
      list: licensed((on) => listed(on, Object.values(section(world).schedules).map(scheduleView))),
      GET: licensed((on) => one(on, section(world).schedules[key(on.name)], scheduleView)),
    }),
    ...onScopes(world, 'roleAssignmentScheduleInstances', {
      list: licensed((on) => listed(on, running(world).map(instanceView))),
      GET: licensed((on) =>
        one(
          on,
          running(world).find(({ assignment }) => assignment === key(on.name)),
          instanceView,
        ),
      ),
    }),
  ];
}

/** Registers when scheduled roles begin and end. */
export function registerSchedules(world: World): void {
  world.on<{ schedule: string }>('role.begin', ({ schedule: name }, atMs) => {
    const schedule = section(world).schedules[name];
    if (schedule) begin(world, schedule, atMs);
  });
  world.on<{ schedule: string }>('role.end', ({ schedule: name }, atMs) => {
    const schedule = section(world).schedules[name];
    // Its end may have been moved meanwhile.
    if (schedule && schedule.endMs <= atMs) end(world, schedule);
  });
}

/** Nothing of this without a licence that the tenant does not have at first: `licences` of `/_sandbox/conditions`. */
function licensed(act: (on: OnScope) => SandboxResponse): (on: OnScope) => SandboxResponse {
  return (on) => {
    const plans = ['EntraIdP2', 'EntraIdGovernance'];
    if (plans.some((plan) => condition(on.world, 'licences', { plan })['held'] === true)) return act(on);
    const message = 'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.';
    return armError(400, 'AadPremiumLicenseRequired', message);
  };
}

function getRequest(on: OnScope): SandboxResponse {
  return one(on, section(on.world).requests[key(on.name)], requestView);
}

function one<T>({ name }: OnScope, found: T | undefined, view: (found: T) => JsonObject): SandboxResponse {
  if (found) return { status: 200, body: view(found) };
  return armError(404, 'RoleAssignmentScheduleNotFound', `The resource '${name}' was not found.`);
}

/** Those at, above and below the scope; `atScope()` leaves out what is below. */
function listed({ request, scope }: OnScope, all: readonly JsonObject[]): SandboxResponse {
  const terms = termsOf(request.url.searchParams.get('$filter'), ['atScope', 'principalId', 'assignedTo']);
  if (isRefused(terms)) return terms.refused;
  const principal = terms['principalid'] ?? terms['assignedto'];
  const value = all.filter((one) => {
    const { scope: its = '', principalId = '' } = object(one['properties']);
    const seen = isWithin(scope, String(its)) || (!terms['atscope'] && isWithin(String(its), scope));
    return seen && (principal === undefined || key(String(principalId)) === key(String(principal)));
  });
  return { status: 200, body: { value } };
}

const removing = ['AdminRemove'];
const changing = ['AdminUpdate', 'AdminExtend', 'AdminRenew'];

/** What nobody has published about these refusals but their codes is worded by the sandbox. */
function putRequest(on: OnScope): SandboxResponse {
  const { world, request, name } = on;
  const properties = object(object(request.body)['properties']);
  const requestType = text(properties['requestType']) ?? '';
  if (!guid.test(name)) return armError(400, 'InvalidRoleAssignmentScheduleRequestId', `'${name}' must be a GUID.`);
  if (section(world).requests[key(name)]) {
    const message = `The role assignment schedule request '${name}' already exists.`;
    return armError(409, 'RoleAssignmentScheduleRequestAlreadyExists', message);
  }
  if (requestType === 'AdminAssign') return assign(on, properties);
  if (removing.includes(requestType)) return remove(on, properties);
  if (changing.includes(requestType)) return change(on, properties);
  return armError(400, 'InvalidRequestType', `The request type '${requestType}' is not supported.`);
}

function assign(on: OnScope, properties: JsonObject): SandboxResponse {
  const { world, scope, name } = on;
  const wanted = wantedOf(properties);
  const times = timesOf(world, properties);
  const refused =
    unassignable(on, wanted) ??
    unknownPrincipal(world, properties) ??
    taken(world, scope, wanted) ??
    tooMany(world, scope) ??
    ruleBreach(properties, times);
  if (refused) return refused;
  const now = world.clock.nowMs();
  const schedule: Schedule = {
    ...wanted,
    name: randomUUID(),
    scope,
    request: key(name),
    assignment: randomUUID(),
    principalType: text(properties['principalType']) ?? 'Group',
    ...given(properties, 'condition'),
    ...given(properties, 'conditionVersion'),
    createdMs: now,
    updatedMs: now,
    ...times,
    by: callerOf(on.request.headers).objectId,
  };
  section(world).schedules[schedule.name] = schedule;
  if (schedule.startMs <= now) begin(world, schedule, now);
  else world.schedule(schedule.startMs, 'role.begin', { schedule: schedule.name });
  world.schedule(schedule.endMs, 'role.end', { schedule: schedule.name });
  return accepted(on, schedule, schedule.startMs <= now ? 'Provisioned' : 'ScheduleCreated');
}

function given(properties: JsonObject, name: 'condition' | 'conditionVersion') {
  const value = text(properties[name]);
  return value === undefined ? {} : { [name]: value };
}

function remove(on: OnScope, properties: JsonObject): SandboxResponse {
  const found = scheduleOf(on, properties);
  if (!found) return doesNotExist();
  end(on.world, found);
  return accepted(on, found, 'Revoked');
}

function change(on: OnScope, properties: JsonObject): SandboxResponse {
  const found = scheduleOf(on, properties);
  if (!found) return doesNotExist();
  const times = timesOf(on.world, properties);
  const refused = ruleBreach(properties, times);
  if (refused) return refused;
  Object.assign(found, { endMs: times.endMs, updatedMs: on.world.clock.nowMs() });
  on.world.schedule(found.endMs, 'role.end', { schedule: found.name });
  return accepted(on, found, 'Provisioned');
}

const doesNotExist = (): SandboxResponse =>
  armError(404, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');

function scheduleOf({ world, scope }: OnScope, properties: JsonObject): Schedule | undefined {
  const { role, principalId } = wantedOf(properties);
  return Object.values(section(world).schedules).find(
    (s) => key(s.scope) === key(scope) && s.role === role && key(s.principalId) === key(principalId),
  );
}

/** The end is not a number where there is none. */
function timesOf(world: World, properties: JsonObject): Pick<Schedule, 'startMs' | 'endMs'> {
  const info = object(properties['scheduleInfo']);
  const { type, endDateTime, duration } = object(info['expiration']);
  const asked = Date.parse(text(info['startDateTime']) ?? '');
  const startMs = Math.max(Number.isNaN(asked) ? 0 : asked, world.clock.nowMs());
  if (type === 'AfterDateTime') return { startMs, endMs: Date.parse(text(endDateTime) ?? '') };
  return { startMs, endMs: type === 'AfterDuration' ? startMs + daysOf(duration) : Number.NaN };
}

/** `P30D`, `PT8H`. */
function daysOf(duration: unknown): number {
  const [, days, hours, minutes] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(String(duration)) ?? [];
  if (days === undefined && hours === undefined && minutes === undefined) return Number.NaN;
  return ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60_000;
}

/** As a tenant's policy begins: an active assignment ends after half a year at most, and has a reason. */
const longestMs = 180 * 86_400_000;

function ruleBreach(properties: JsonObject, { startMs, endMs }: Pick<Schedule, 'startMs' | 'endMs'>) {
  const rules = [
    ...(endMs > startMs && endMs - startMs <= longestMs ? [] : ['"ExpirationRule"']),
    ...((text(properties['justification']) ?? '').trim() === '' ? ['"JustificationRule"'] : []),
  ];
  if (rules.length === 0) return undefined;
  const message = `The following policy rules failed: [${rules.join(',')}]`;
  return armError(400, 'RoleAssignmentRequestPolicyValidationFailed', message);
}

function begin(world: World, schedule: Schedule, atMs: number): void {
  const at = new Date(atMs).toISOString();
  const { assignment: name, scope, role, principalId, principalType, by } = schedule;
  const made: RoleAssignment = {
    ...{ name, scope, role, principalId, principalType },
    ...(schedule.condition !== undefined && { condition: schedule.condition }),
    ...(schedule.conditionVersion !== undefined && { conditionVersion: schedule.conditionVersion }),
    ...{ createdOn: at, updatedOn: at, createdBy: by, updatedBy: by },
  };
  authorization(world).assignments[key(assignmentId(made))] = made;
}

function end(world: World, schedule: Schedule): void {
  delete authorization(world).assignments[key(assignmentId({ scope: schedule.scope, name: schedule.assignment }))];
  delete section(world).schedules[schedule.name];
}

/** Schedules whose role is held at this moment; an assignment that somebody deleted is held by nobody. */
function running(world: World): Schedule[] {
  const { assignments } = authorization(world);
  return Object.values(section(world).schedules).filter(
    ({ scope, assignment }) => assignments[key(assignmentId({ scope, name: assignment }))] !== undefined,
  );
}

const at = (ms: number): string => new Date(ms).toISOString();

function accepted(on: OnScope, schedule: Schedule, status: string): SandboxResponse {
  const { world, scope, name, request } = on;
  const properties = object(object(request.body)['properties']);
  const kept: ScheduleRequest = {
    name: key(name),
    scope,
    schedule: schedule.name,
    createdMs: world.clock.nowMs(),
    properties: {
      ...properties,
      scope,
      principalType: schedule.principalType,
      status,
      targetRoleAssignmentScheduleId: schedule.name,
      requestorId: callerOf(request.headers).objectId,
      createdOn: at(world.clock.nowMs()),
    },
  };
  section(world).requests[key(name)] = kept;
  return { status: 201, body: requestView(kept) };
}

function requestView({ name, scope, properties }: ScheduleRequest): JsonObject {
  const type = 'RoleAssignmentScheduleRequests';
  return { properties, name, id: idOf(type, { scope, name }), type: `${provider}/${type}` };
}

function ofSchedule(schedule: Schedule): JsonObject {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(schedule.scope)?.[0] ?? '';
  return {
    scope: schedule.scope,
    roleDefinitionId: `${subscription}/providers/${provider}/roleDefinitions/${schedule.role}`,
    principalId: schedule.principalId,
    principalType: schedule.principalType,
    assignmentType: 'Assigned',
    memberType: 'Direct',
    status: 'Provisioned',
    startDateTime: at(schedule.startMs),
    endDateTime: at(schedule.endMs),
    createdOn: at(schedule.createdMs),
    ...(schedule.condition !== undefined && { condition: schedule.condition }),
    ...(schedule.conditionVersion !== undefined && { conditionVersion: schedule.conditionVersion }),
  };
}

function scheduleView(schedule: Schedule): JsonObject {
  const { name, scope, request } = schedule;
  const type = 'RoleAssignmentSchedules';
  const properties = {
    ...ofSchedule(schedule),
    roleAssignmentScheduleRequestId: idOf('RoleAssignmentScheduleRequests', { scope, name: request }),
    updatedOn: at(schedule.updatedMs),
  };
  return { properties, name, id: idOf(type, { scope, name }), type: `${provider}/${type}` };
}

function instanceView(schedule: Schedule): JsonObject {
  const { name, scope, assignment } = schedule;
  const type = 'RoleAssignmentScheduleInstances';
  const properties = {
    ...ofSchedule(schedule),
    roleAssignmentScheduleId: idOf('RoleAssignmentSchedules', { scope, name }),
    originRoleAssignmentId: assignmentId({ scope, name: assignment }),
  };
  return { properties, name: assignment, id: idOf(type, { scope, name: assignment }), type: `${provider}/${type}` };
}
