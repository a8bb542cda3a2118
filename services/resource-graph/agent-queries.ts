import { resourceGroupId } from '../../core/azure-id';
import { agentParts, type LackingMachine, type Place } from '../../core/compliance';
import { type GraphRow, kqlString, kqlStrings, listIn, numberIn, type Query, textIn } from './kql';

const vm = 'microsoft.compute/virtualmachines';
const arc = 'microsoft.hybridcompute/machines';
const association = 'microsoft.insights/datacollectionruleassociations';
const monitors = ['AzureMonitorLinuxAgent', 'AzureMonitorWindowsAgent'];

/** How the columns of the query are called, in the order of `agentParts`. */
const columns = agentParts.map((_, n) => `l${n}`);

/** Machines of one resource group that lack something. */
interface LackingRow {
  readonly machines: readonly LackingMachine[];
  /** Missing from the list, whose length Azure limits. */
  readonly unlisted: number;
}

export const agentQueries = {
  /**
   * Machines without an agent, an extension or a rule, a row for each resource group. Extensions stand beside machines in
   * one table, so that both are counted by machine in one go; associations are in another, and one join of two tables is
   * what Resource Graph allows. An extension that did not succeed is not there. Only a machine that says so has no VM agent:
   * one made of a disk says nothing.
   */
  lackingMachines: (): Query<LackingRow> => ({
    name: 'lackingMachines',
    kql: [
      'resources',
      `| where type in~ (${kqlStrings([vm, arc, `${vm}/extensions`, `${arc}/extensions`])})`,
      "| extend machine = tolower(tostring(split(tolower(id), '/extensions/')[0]))",
      "| extend isPart = tolower(id) contains '/extensions/' and tostring(properties.provisioningState) =~ 'Succeeded'",
      '| extend agent = coalesce(tostring(properties.osProfile.linuxConfiguration.provisionVMAgent), tostring(properties.osProfile.windowsConfiguration.provisionVMAgent))',
      `| summarize own = countif(type =~ ${kqlString(vm)} or type =~ ${kqlString(arc)}), off = countif(agent =~ 'false'), guest = countif(type =~ ${kqlString(arc)} or (isPart and tostring(properties.publisher) =~ 'Microsoft.GuestConfiguration')), monitor = countif(isPart and tostring(properties.type) in~ (${kqlStrings(monitors)})) by machine`,
      '| where own > 0',
      '| join kind=leftouter (',
      ...[
        'insightsresources',
        `| where type =~ ${kqlString(association)}`,
        '| where isnotempty(tostring(properties.dataCollectionRuleId))',
        `| extend machine = tolower(tostring(split(tolower(id), ${kqlString(`/providers/${association}/`)})[0]))`,
        '| summarize rules = count() by machine',
      ].map((line) => `    ${line}`),
      '  ) on machine',
      '| extend l0 = off > 0, l1 = guest == 0, l2 = monitor == 0, l3 = isnull(rules)',
      `| where ${columns.join(' or ')}`,
      "| extend subscription = tostring(split(machine, '/')[2]), resourceGroup = tostring(split(machine, '/')[4])",
      "| extend name = tostring(split(machine, '/')[8])",
      `| summarize lacking = make_list(pack_array(name, machine contains '/microsoft.hybridcompute/', ${columns.join(', ')})), counted = count() by subscription, resourceGroup`,
      "| project id = strcat(subscription, '/', resourceGroup), subscription, resourceGroup, lacking, counted",
      '| order by id asc',
    ].join('\n'),
    read: lackingIn,
  }),

  /** How many machines there are of each kind that could lack something. */
  machineTotals: (): Query<{ readonly type: 'vm' | 'arc'; readonly machines: number }> => ({
    name: 'machineTotals',
    kql: [
      'resources',
      `| where type in~ (${kqlStrings([vm, arc])})`,
      '| summarize machines = count() by what = tolower(type)',
      '| order by what asc',
    ].join('\n'),
    read: (row) => ({ type: textIn(row, 'what') === arc ? 'arc' : 'vm', machines: numberIn(row, 'machines') }),
  }),
} as const;

type Packed = readonly [name: string, isArc: boolean, ...lacks: readonly boolean[]];

function lackingIn(row: GraphRow): LackingRow {
  const place: Place = { subscription: textIn(row, 'subscription'), resourceGroup: textIn(row, 'resourceGroup') };
  const machines = (listIn(row, 'lacking') as readonly Packed[]).map(([name, isArc, ...lacks]): LackingMachine => {
    const id = `${resourceGroupId(place)}/providers/${isArc ? arc : vm}/${name}`.toLowerCase();
    return { ...place, id, name, lacks: agentParts.filter((_, n) => lacks[n] === true) };
  });
  return { machines, unlisted: numberIn(row, 'counted') - machines.length };
}
