import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type JsonObject, object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { guidOf } from '../compute/vm-view';
import { silentAgents, withoutAgent } from '../estate/fleet';
import { day } from '../estate/shape';
import { platformSubscription } from '../names';
import { type Check, type Configuration, configurationsFor, Inspector } from './checks';

export const assignmentType = 'Microsoft.GuestConfiguration/guestConfigurationAssignments';

type Status = 'Compliant' | 'NonCompliant' | 'Pending';

/** What a machine was assigned, and what its agent last reported. */
export interface GuestAssignment {
  readonly machine: Resource;
  readonly configuration: Configuration;
  readonly status: Status;
  /** World time of the last check; absent while the first one is awaited. */
  readonly checkedMs?: number;
  readonly checks: readonly Check[];
}

const vmType = 'Microsoft.Compute/virtualMachines';
/** An agent looks every quarter of an hour, each at its own minute. */
const everyMs = 900_000;

/** Machines that can have assignments, in the order of the live state. */
export function assignable(world: World): Resource[] {
  return Object.values(compute(world).resources).filter(isAssignable);
}

/** Build machines of the platform have no agent: they live for minutes. */
export function isAssignable({ type, name, id }: Resource): boolean {
  if (type === 'Microsoft.HybridCompute/machines') return true;
  return type === vmType && !withoutAgent.has(name) && id.split('/', 3)[2] !== platformSubscription;
}

export function assignmentsOf(world: World, machine: Resource, inspector = new Inspector(world)): GuestAssignment[] {
  return configurationsFor(osTypeOf(machine)).map((configuration) => {
    if (isPending(world, machine)) return { machine, configuration, status: 'Pending', checks: [] };
    const silent = silentSince(world, machine);
    if (silent !== undefined) {
      return { machine, configuration, status: 'Compliant', checkedMs: lastCheck(silent, machine.id), checks: [] };
    }
    const checks = machine.type === vmType ? inspector.checks(machine, configuration) : arcChecks(configuration);
    const status = checks.some(({ reasons }) => reasons.length > 0) ? 'NonCompliant' : 'Compliant';
    return { machine, configuration, status, checkedMs: lastCheck(world.clock.nowMs(), machine.id), checks };
  });
}

function osTypeOf({ type, properties }: Resource): 'Linux' | 'Windows' {
  const named =
    type === vmType ? object(object(properties['storageProfile'])['osDisk'])['osType'] : properties['osType'];
  return String(named).toLowerCase() === 'windows' ? 'Windows' : 'Linux';
}

function isPending(world: World, machine: Resource): boolean {
  if (machine.properties['status'] === 'Disconnected' || compute(world).power[key(machine.id)]) return true;
  const createdMs = Date.parse(text(machine.properties['timeCreated']) ?? '') || 0;
  return world.clock.nowMs() - createdMs < everyMs;
}

/** World time of the last word from an agent that has stopped reporting: what happens inside since, nobody hears of. */
function silentSince(world: World, { name, type }: Resource): number | undefined {
  const ago = type === vmType ? silentAgents[name] : undefined;
  return ago === undefined ? undefined : world.beganMs - ago * day;
}

/** Machines outside Azure never saw the gallery. */
function arcChecks({ name }: Configuration): readonly Check[] {
  if (name !== 'GoldbotTattoo') return [{ setting: `[${name}]All`, reasons: [] }];
  const reason = { code: 'TattooMissing', phrase: 'There is no tattoo inside this machine.' };
  return [{ setting: '[goldbot]TattooPresent', reasons: [reason] }];
}

export function lastCheck(nowMs: number, id: string, offset = Number.parseInt(guidOf(id).slice(0, 6), 16)): number {
  const shift = (offset % 900) * 1_000;
  return Math.floor((nowMs - shift) / everyMs) * everyMs + shift;
}

/** An assignment as Microsoft.GuestConfiguration and the table `guestconfigurationresources` show it. */
export function resourceOf(one: GuestAssignment): Resource {
  const { machine, configuration, status, checkedMs } = one;
  const id = assignmentId(one);
  const report = reportId(one);
  const hash = `${guidOf(configuration.name).replaceAll('-', '').toUpperCase()}`;
  return {
    id,
    name: configuration.name,
    type: assignmentType,
    location: machine.location,
    properties: {
      targetResourceId: machine.id,
      complianceStatus: status,
      ...(checkedMs !== undefined && {
        lastComplianceStatusChecked: new Date(checkedMs).toISOString(),
        latestReportId: `${id}/reports/${report}`,
        latestAssignmentReport: latestReport(one, checkedMs, report),
      }),
      assignmentHash: `${hash}.${hash}`,
      context: 'Azure Policy',
      guestConfiguration: {
        kind: 'DSC',
        name: configuration.name,
        version: configuration.version,
        contentType: configuration.contentType,
        assignmentType: 'Audit',
        configurationParameter: [],
      },
      provisioningState: 'Succeeded',
      resourceType: machine.type === vmType ? 'VM' : 'Arc',
    },
  };
}

export const assignmentId = ({ machine, configuration }: GuestAssignment): string =>
  `${machine.id}/providers/${assignmentType}/${configuration.name}`;

export const reportId = (one: GuestAssignment): string => guidOf(`${assignmentId(one)} ${one.checkedMs}`);

/** A check takes twenty seconds. */
const startOf = (checkedMs: number): string => new Date(checkedMs - 20_000).toISOString();

function latestReport(one: GuestAssignment, checkedMs: number, report: string): JsonObject {
  return {
    id: `${assignmentId(one)}/reports/${report}`,
    reportId: report,
    assignment: assignmentInfo(one.configuration),
    vm: machineInfo(one.machine),
    startTime: startOf(checkedMs),
    endTime: new Date(checkedMs).toISOString(),
    complianceStatus: one.status,
    operationType: 'Consistency',
    resources: one.checks.map(checked),
  };
}

const assignmentInfo = ({ name, version }: Configuration): JsonObject => ({ name, configuration: { name, version } });

const machineInfo = ({ id, properties }: Resource): JsonObject => ({
  id,
  uuid: text(properties['vmId']) ?? guidOf(id),
});

const checked = ({ setting, reasons }: Check): JsonObject => ({
  complianceStatus: reasons.length > 0 ? 'NonCompliant' : 'Compliant',
  resourceId: setting,
  reasons: reasons.map((reason) => ({ ...reason })),
});

/** A report as its own resource; the only one that is kept is the latest. */
export function reportOf(one: GuestAssignment, checkedMs: number): JsonObject {
  const [startTime, endTime] = [startOf(checkedMs), new Date(checkedMs).toISOString()];
  const common = { complianceStatus: one.status, startTime, endTime };
  return {
    id: `${assignmentId(one)}/reports/${reportId(one)}`,
    name: reportId(one),
    properties: {
      ...common,
      reportId: reportId(one),
      assignment: assignmentInfo(one.configuration),
      vm: machineInfo(one.machine),
      details: {
        ...common,
        jobId: reportId(one),
        operationType: 'Consistency',
        resources: one.checks.map(checked),
      },
    },
  };
}
