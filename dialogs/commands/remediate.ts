import { z } from 'zod';
import { policyWords } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { call, exampleCall } from '../../core/command-call';
import {
  type Baseline,
  baselineNamed,
  baselineRows,
  canMend,
  decidedModel,
  type MachineCompliance,
  type MachinePolicy,
  policiesMeant,
  policyWord,
} from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { ChangeApproval, RemediatePlan } from '../../core/runs';
import {
  byAdmins,
  byOwners,
  clockOf,
  isAnswer,
  joinFlag,
  type Meant,
  meantPolicies,
  proposeAssignment,
  startChange,
  type Target,
  targetOf,
  timeFor,
} from '../changes';
import { type CommandContext, defineCommand, textArg, word } from '../conversation';

/** `remediate <vm> --policy`: runs the policy's own deployment on this machine alone. */
export const remediate = defineCommand({
  verb: 'remediate',
  summary:
    'Has a policy remediate one machine with its own deployment, pets by approval and appointment; proposes the assignment that brings a missing agent.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001', pick: 'machines' }),
    policy: word('Policy assignment, or what is missing', 'assignment|guest-configuration|monitor-agent', {
      example: 'machine-baseline',
      pick: 'remedies',
    }),
    at: textArg('When, by the clock of the team', { example: 'sat 22:00', form: false }).optional(),
    reason: textArg('Reason').optional(),
    join: joinFlag,
  }),
  examples: [
    'remediate vm-payments-api-001 --policy machine-baseline',
    'remediate vm-payments-hsm-001 --policy machine-baseline --at "sat 22:00"',
    'remediate vm-payments-api-005 --policy monitor-agent',
  ],

  async run(ctx, { machine, policy, at, reason, join }, deps) {
    const given = { policy, ...(at !== undefined && { at }), ...(reason !== undefined && { reason }) };
    const target = await targetOf(ctx, { verb: 'remediate', machine, given }, deps);
    if (isAnswer(target)) return target;
    const compliance = await deps.read.machineCompliance(target.id);
    const again = (near: string) => call('remediate', { machine: target.name, ...given, policy: near });
    const found = byBaseline(compliance, policy) ?? meantPolicies(compliance, policy, { machine: target.name, again });
    if ('baseline' in found) return proposeAssignment(ctx, { target, ...found, reason, join }, deps);
    if (isAnswer(found)) return found;
    const meant = mendable(found.rows, { machine: target.name, among: compliance.policies });
    const named = policyWords(meant, compliance.policies);
    const plan = planOf(ctx, { target, meant, named, at, reason }, deps.catalogue());
    return startChange(ctx, plan, deps, {
      join,
      call: call('remediate', { ...given, machine: target.id, join: true }),
    });
  },
});

/** What looks at the machine by one of Azure's own policies that bring agents, or that none does; undefined: that is not meant. */
function byBaseline(
  { policies }: Pick<MachineCompliance, 'policies'>,
  typed: string,
): Meant | { readonly baseline: Baseline } | undefined {
  const baseline = baselineNamed(typed);
  if (!baseline || policiesMeant(policies, typed).assignments.length > 0) return undefined;
  const [first, ...others] = baselineRows(baseline, policies);
  return first ? { rows: [first, ...others], one: true } : { baseline };
}

interface Wanted {
  readonly target: Target;
  readonly meant: MachinePolicy;
  /** What people call it. */
  readonly named: string;
  readonly at: string | undefined;
  readonly reason: string | undefined;
}

function planOf(
  ctx: CommandContext,
  { target, meant, named, at, reason }: Wanted,
  catalogue: Catalogue,
): RemediatePlan {
  const { id: machineId, name, team } = target;
  const approval = approvalFor(ctx, target, catalogue);
  const example = exampleCall('remediate', { machine: name, policy: named, at: 'sat 22:00' });
  return {
    ...{ verb: 'remediate', machineId, target: name, team, assignment: meant.assignment, policy: named },
    ...(meant.reference !== undefined && { reference: meant.reference }),
    ...(at !== undefined && { at: timeFor({ at, zone: clockOf(team, catalogue), example }, ctx.now).toISOString() }),
    ...(reason !== undefined && { reason }),
    ...(approval && { approval }),
  };
}

/** @throws UserError `BAD_COMMAND` when the policy only audits, when nothing fails, or when several could be meant. */
function mendable(
  rows: readonly [MachinePolicy, ...MachinePolicy[]],
  { machine, among }: { readonly machine: string; readonly among: readonly MachinePolicy[] },
): MachinePolicy {
  const able = rows.filter(({ effect }) => canMend(effect));
  const [first] = rows;
  const { reference: _, ...whole } = first;
  const name = policyWords(rows.length === 1 ? first : whole, among);
  if (able.length === 0) {
    const why = `${name} only audits (${first.effect ?? 'no effect is known'}): it cannot fix ${machine}.`;
    throw new UserError('BAD_COMMAND', `${why} Nothing was done.`, {
      hint: 'Redeploy the machine from a golden image, or request an exemption.',
      next: [exampleCall('exempt', { machine, policy: policyWord(whole, among), until: '+1mo' }, 'reason')],
    });
  }
  const failing = able.filter(({ state }) => state === 'NonCompliant');
  const [one, ...others] = failing;
  if (!one) {
    throw new UserError('BAD_COMMAND', `${name} finds nothing to fix on ${machine}. Nothing was done.`, {
      hint: 'If that surprises you, have Azure Policy evaluate again.',
      next: [call('rescan')],
    });
  }
  if (others.length === 0) return one;
  throw new UserError(
    'BAD_COMMAND',
    `${name} has several policies that fail on ${machine}: one at a time. Nothing was done.`,
    {
      hint: 'Name one.',
      next: failing.slice(0, 3).map((each) => call('remediate', { machine, policy: policyWord(each, among) })),
    },
  );
}

/** A pet is somebody's work: an owner must agree, or an admin if an owner asks. */
export function approvalFor(
  { rights }: CommandContext,
  { team, tags }: Target,
  catalogue: Catalogue,
): ChangeApproval | undefined {
  if (decidedModel(tags) !== 'pet') return undefined;
  const owns = team !== null && rights.teams.has(team);
  return (owns ? undefined : byOwners(catalogue, team)) ?? byAdmins(catalogue);
}
