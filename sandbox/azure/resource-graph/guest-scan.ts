import type { World } from '../../kernel/world';
import { type JsonObject, object, type Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { type GuestAssignment, resourceOf } from '../guest-configuration/assignments';
import { syntheticAssignmentsOf } from '../guest-configuration/synthetic';
import { syntheticUnder } from '../policy-insights/synthetic-states';
import { guestRows } from './guest-rows';
import type { Row } from './kql/values';
import { row, subscriptionOf, type Wanted } from './rows';

/**
 * All rows of `guestconfigurationresources` for a caller that keeps none of them. VMs of a synthetic estate with the
 * same result share a bag of properties, in which only what differs is rewritten; report ids, which need a hash, are
 * computed when somebody looks.
 */
export function* guestScan(world: World, asked: Wanted): Generator<Row> {
  for (const [, live] of guestRows(world, asked, '', 'live')) yield live;
  if (!compute(world).seed) return;
  const nowMs = world.clock.nowMs();
  const templates = new Map<string, Template>();
  for (const { n, resource: machine } of syntheticUnder(world, '')) {
    if (!asked.wanted(subscriptionOf(machine.id))) continue;
    for (const one of syntheticAssignmentsOf(n, machine, nowMs)) {
      const kind = `${one.configuration.name} ${one.status}`;
      const template = templates.get(kind) ?? new Template(one);
      templates.set(kind, template);
      yield template.rowOf(one);
    }
  }
}

class Template {
  private one: GuestAssignment;
  private readonly row: Row;
  private readonly bag: JsonObject;
  private readonly report: JsonObject;
  private readonly type: string;

  constructor(one: GuestAssignment) {
    this.one = one;
    const made: Resource = resourceOf(one);
    this.row = row(made);
    this.bag = made.properties;
    this.report = object(made.properties['latestAssignmentReport']);
    this.type = made.type;
    this.later(this.bag, 'latestReportId');
    for (const name of ['id', 'reportId', 'vm', 'startTime', 'endTime']) this.later(this.report, name);
  }

  /** The properties of the whole resource are made when this one is looked at. */
  private later(bag: JsonObject, name: string): void {
    if (!Object.hasOwn(bag, name)) return;
    const inner = bag === this.report;
    const get = () => {
      const { properties } = resourceOf(this.one);
      return (inner ? object(properties['latestAssignmentReport']) : properties)[name];
    };
    Object.defineProperty(bag, name, { get, enumerable: true, configurable: true });
  }

  rowOf(one: GuestAssignment): Row {
    const { machine, configuration, checkedMs } = one;
    this.one = one;
    this.bag['targetResourceId'] = machine.id;
    if (checkedMs !== undefined) this.bag['lastComplianceStatusChecked'] = new Date(checkedMs).toISOString();
    this.row[0] = `${machine.id}/providers/${this.type}/${configuration.name}`;
    this.row[5] = machine.location;
    const [, , subscription = '', , group = ''] = machine.id.split('/', 5);
    this.row[6] = group.toLowerCase();
    this.row[7] = subscription;
    return this.row;
  }
}
