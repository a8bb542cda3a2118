import { z } from 'zod';
import { policyWords } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { call, exampleCall } from '../../core/command-call';
import { canMend, decidedModel, type MachinePolicy, policyWord } from '../../core/compliance';
import { UserError } from '../../core/errors';
import type { ChangeApproval } from '../../core/runs';
import { byAdmins, byOwners, isAnswer, joinFlag, meantPolicies, startChange, type Target, targetOf } from '../changes';
import { type CommandContext, defineCommand, textArg, word } from '../conversation';

/** `remediate <vm> --policy`: runs the policy's own deployment on this machine alone. */
export const remediate = defineCommand({
  verb: 'remediate',
  summary: 'Has a policy remediate one machine with its own deployment; pets need an approval.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001' }),
    policy: word('Policy assignment', 'assignment', { example: 'machine-baseline' }),
    reason: textArg('Reason').optional(),
    join: joinFlag,
  }),
  examples: ['remediate vm-payments-api-001 --policy machine-baseline'],

  async run(ctx, { machine, policy, reason, join }, deps) {
    const given = { policy, ...(reason !== undefined && { reason }) };
    const target = await targetOf(ctx, { verb: 'remediate', machine, given }, deps);
    if (isAnswer(target)) return target;
    const { id: machineId, name, team } = target;
    const compliance = await deps.read.machineCompliance(machineId);
    const again = (near: string) => call('remediate', { machine: name, ...given, policy: near });
    const found = meantPolicies(compliance, policy, { machine: name, again });
    if (isAnswer(found)) return found;
    const meant = mendable(found.rows, { machine: name, among: compliance.policies });
    const approval = approvalFor(ctx, target, deps.catalogue());
    return startChange(
      ctx,
      {
        ...{ verb: 'remediate', machineId, target: name, team },
        ...{ assignment: meant.assignment, policy: policyWords(meant, compliance.policies) },
        ...(meant.reference !== undefined && { reference: meant.reference }),
        ...(reason !== undefined && { reason }),
        ...(approval && { approval }),
      },
      deps,
      { join, call: call('remediate', { ...given, machine: machineId, join: true }) },
    );
  },
});

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
