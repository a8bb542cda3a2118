import { nameOfId, parseAzureId, sameId } from '../../core/azure-id';
import {
  type BaselineReach,
  type BaselineState,
  baselineId,
  baselineReach,
  baselineRole,
  baselines,
  isAssigned,
  type Place,
} from '../../core/compliance';
import type { AssignPlan } from '../../core/runs';
import { act, type ChangeContext, type ChangeKind, type Next } from './stages';

/** How many VMs of a resource group are looked at. */
const mostMachines = 1_000;

/**
 * Assigns Azure's own policy to a resource group. It ends once Azure has the assignment: what that deploys waits for a role
 * that goldbot may not give, so that the outcome says who gives it, and how.
 */
export const assign: ChangeKind<AssignPlan> = {
  async survey({ read }, plan) {
    const states = await statesOf({ read }, plan);
    const there = states.filter((state) => state !== undefined).length;
    const reach = await reachOf({ read }, plan);
    return {
      before: there === 0 ? 'not assigned' : there < states.length ? 'assigned in part' : 'assigned',
      warnings: warningsOf(plan, reach),
      plan: { ...plan, reach },
    };
  },

  async next({ read, write }, plan): Promise<Next> {
    const { assignments, title } = baselines[plan.baseline];
    const states = await statesOf({ read }, plan);
    for (const [n, assignment] of assignments.entries()) {
      const state = states[n];
      if (state && isAssigned(state, assignment)) continue;
      if (state && !sameId(state.definition, assignment.definition)) {
        const why = `${nameOfId(plan.scope)} has an assignment ${assignment.name} of another policy, ${nameOfId(state.definition)}: goldbot left it alone. Delete or rename it, then ask again.`;
        return { kind: 'failed', why };
      }
      return act(`assigning “${title}” (${n + 1} of ${assignments.length})`, () =>
        write.assignBaseline(plan, assignment),
      );
    }
    return { kind: 'so', outcome: outcomeOf(plan), data: { identities: identitiesOf(plan, states) } };
  },
};

function statesOf({ read }: Pick<ChangeContext, 'read'>, { baseline, scope }: AssignPlan) {
  return Promise.all(baselines[baseline].assignments.map((one) => read.baseline(baselineId(scope, one))));
}

async function reachOf({ read }: Pick<ChangeContext, 'read'>, { baseline, scope }: AssignPlan): Promise<BaselineReach> {
  const place = placeIn(scope);
  const [machines, lacking] = await Promise.all([
    read.machineList({ places: [place], type: 'vm' }, mostMachines),
    read.lackingMachines(),
  ]);
  return baselineReach(baselines[baseline], machines.rows, lacking.rows);
}

function placeIn(scope: string): Place {
  const id = parseAzureId(scope);
  return { subscription: id?.subscription.toLowerCase() ?? '', resourceGroup: id?.resourceGroup.toLowerCase() ?? '' };
}

/** Sentences for those who decide; four fit on the card. */
function warningsOf({ baseline, scope }: AssignPlan, { pets, closed }: BaselineReach): readonly string[] {
  const group = nameOfId(scope);
  return [
    `Its identity needs ${baselineRole.name} on ${group}, which goldbot may not give: an owner of ${group} does, by the command in the outcome. Until then Azure deploys nothing.`,
    `Azure then fits every VM of ${group} that is made or updated, pets too; one that stands there when somebody has it remediated.`,
    ...(pets.length > 0
      ? [
          `No pet is remediated with it (${namesOf(pets)}): each by a request of its own, at a time that its owner names.`,
        ]
      : []),
    ...(closed.length > 0
      ? [`Nothing can be installed on ${namesOf(closed)}: no VM agent.`]
      : baseline === 'monitor-agent'
        ? ['It passes over VMs without a system-assigned identity, which guest-configuration gives them.']
        : []),
  ];
}

function outcomeOf({ baseline, scope }: AssignPlan): string {
  const { title, assignments } = baselines[baseline];
  const group = nameOfId(scope);
  const names = assignments.map(({ name }) => name).join(' and ');
  return `“${title}” is assigned to ${group} as ${names}. Azure deploys nothing by it before an owner of ${group} has given its identity the role ${baselineRole.name}.`;
}

function identitiesOf(
  { baseline }: AssignPlan,
  states: readonly (BaselineState | undefined)[],
): Readonly<Record<string, string>> {
  const pairs = baselines[baseline].assignments.map(({ name }, n) => [name, states[n]?.identity ?? ''] as const);
  return Object.fromEntries(pairs);
}

function namesOf(names: readonly string[]): string {
  const rest = names.length - 3;
  return `${names.slice(0, 3).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
