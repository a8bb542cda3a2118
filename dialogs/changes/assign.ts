import { placeOf } from '../../core/access';
import { nameOfId, parseAzureId, sameId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { type Baseline, baselineId, baselineScopes } from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { AssignPlan } from '../../core/runs';
import type { Answer, CommandContext, Deps } from '../conversation';
import { byAdmins, startChange } from './start';
import type { Target } from './target';

interface Asked {
  readonly target: Target;
  readonly baseline: Baseline;
  readonly reason: string | undefined;
  readonly join: boolean;
}

/**
 * Proposes the assignment of a policy that looks at the machine nowhere yet, for the machine's resource group; admins
 * decide, since others may have machines there.
 *
 * @throws UserError `BAD_COMMAND` for what is no VM, and where it is assigned by goldbot's name already.
 */
export async function proposeAssignment(ctx: CommandContext, asked: Asked, deps: Deps): Promise<Answer> {
  const { target, baseline, reason, join } = asked;
  const catalogue = deps.catalogue();
  const place = placeOf(target.id);
  if (!parseAzureId(target.id)?.isA('Microsoft.Compute/virtualMachines')) throw isNoVm(target, baseline);
  const above = await assignedTo(place, baseline, deps);
  if (above !== undefined) throw isThere(target, baseline, above);
  const [scope] = baselineScopes(place);
  const approval = byAdmins(catalogue);
  const plan: AssignPlan = {
    ...{ verb: 'assign', target: baseline.name, team: target.team, baseline: baseline.name, scope },
    ...{ location: catalogue.azure.location, approval },
    ...(reason !== undefined && { reason }),
  };
  const given = { machine: target.id, policy: baseline.name, ...(reason !== undefined && { reason }) };
  return startChange(ctx, plan, deps, { join, call: call('remediate', { ...given, join: true }) });
}

/** The scope at which it is assigned already, by the assignment that a change writes last. */
async function assignedTo(
  place: Parameters<typeof baselineScopes>[0],
  { assignments }: Baseline,
  { read }: Deps,
): Promise<string | undefined> {
  const last = assignments.at(-1);
  const scopes = baselineScopes(place);
  const states = await Promise.all(scopes.map((scope) => last && read.baseline(baselineId(scope, last))));
  return scopes.find((_, n) => sameId(states[n]?.definition ?? '', last?.definition ?? ''));
}

const isNoVm = ({ name }: Target, { name: policy }: Baseline): UserError =>
  new UserError(
    'BAD_COMMAND',
    `${name} is not a virtual machine, and ${policy} is for those alone. Nothing was done.`,
    {
      hint: 'See what is said of the machine.',
      next: [call('compliance', { why: name })],
    },
  );

const isThere = ({ name, team }: Target, { name: policy }: Baseline, scope: string): UserError =>
  new UserError(
    'BAD_COMMAND',
    `${policy} is assigned to ${nameOfId(scope)}, and has nothing to say about ${name} yet. Nothing was done.`,
    {
      hint: 'Azure evaluates once a day, or when it is asked to.',
      next: [call('rescan', { team: team ?? 'orphans' }), call('compliance', { why: name })],
    },
  );
