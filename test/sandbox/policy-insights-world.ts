import { createSandbox } from '../../sandbox';
import { rootGroupId } from '../../sandbox/azure/estate/management-groups';
import { teamGroup } from '../../sandbox/azure/estate/shape';
import { ask } from './client';

export const start = Date.parse('2026-11-23T09:00:00Z');
const json = { 'content-type': 'application/json' };

export interface StateRecord {
  readonly [name: string]: unknown;
  readonly resourceId: string;
  readonly complianceState: string;
  readonly policyAssignmentName: string;
  readonly policyDefinitionReferenceId: string;
  readonly timestamp: string;
}

interface Records {
  readonly '@odata.count': number;
  readonly '@odata.nextLink'?: string;
  readonly value: readonly StateRecord[];
}

/** The story's estate at a Monday morning, its clock moved by hand. */
export function insightsWorld() {
  const open = createSandbox({
    speed: 0,
    startMs: start,
    azure: { throttle: false, resourceGraph: { queries: 10_000 } },
  });
  const { sandbox, world } = open;
  const send = (method: string, url: string, body?: unknown) => ask(sandbox, method, url, body, json);
  const query = (
    scope: string,
    options: Readonly<Record<string, string>> = {},
    what = 'policyStates/latest/queryResults',
  ) => {
    const parameters = new URLSearchParams({ 'api-version': '2024-10-01', ...options });
    return send('POST', `${scope}/providers/Microsoft.PolicyInsights/${what}?${parameters}`);
  };
  /** All records, page by page. */
  const states = async (scope: string, options: Readonly<Record<string, string>> = {}) => {
    const found: StateRecord[] = [];
    let answer = await query(scope, options);
    for (;;) {
      if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      const page = answer.body as Records;
      found.push(...page.value);
      const next = page['@odata.nextLink'];
      if (next === undefined) return found;
      answer = await send('POST', next);
    }
  };
  const rows = async (kql: string) => {
    const answer = await send('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
      query: kql,
      options: { $top: 1_000 },
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return (answer.body as { data: Record<string, never>[] }).data;
  };
  const wait = (minutes: number) => {
    world.clock.advance(minutes);
    world.settle();
  };
  return { sandbox, world, send, query, states, rows, wait };
}

export const everything = rootGroupId;
export const machineOf = (team: Parameters<typeof teamGroup>[0], name: string): string =>
  `${teamGroup(team)}/providers/Microsoft.Compute/virtualMachines/${name}`;
