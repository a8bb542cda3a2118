import { z } from 'zod';
import { policyWords } from '../../cards';
import { call, exampleCall, type Values } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseWhen } from '../../core/time';
import { byAdmins, isAnswer, joinFlag, meantPolicies, startChange, targetOf } from '../changes';
import { defineCommand, textArg, word } from '../conversation';

/** `exempt <vm> --policy --until --reason`: sets one policy aside for one machine until a day; repeating renews it. */
export const exempt = defineCommand({
  verb: 'exempt',
  summary: 'Exempts one machine from a policy until a given day, once an admin approves.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001', pick: 'machines' }),
    policy: word('Policy assignment', 'assignment', { example: 'only-golden-images', pick: 'policies' }),
    until: word('Until, such as +3mo or 2027-03-01', 'when', { example: '+3mo', pick: 'day' }),
    reason: textArg('Reason'),
    join: joinFlag,
  }),
  examples: ['exempt vm-payments-api-001 --policy only-golden-images --until +3mo --reason "vendor image"'],

  async run(ctx, { machine, policy, until, reason, join }, deps) {
    const ends = endOf({ machine, policy, until, reason }, ctx.now);
    const target = await targetOf(ctx, { verb: 'exempt', machine, given: { policy, until, reason } }, deps);
    if (isAnswer(target)) return target;
    const { id: machineId, name, team } = target;
    const again = (near: string) => call('exempt', { machine: name, policy: near, until, reason });
    const compliance = await deps.read.machineCompliance(machineId);
    const found = meantPolicies(compliance, policy, { machine: name, again });
    if (isAnswer(found)) return found;
    const [meant] = found.rows;
    const { reference, ...whole } = meant;
    const words = policyWords(found.one ? meant : whole, compliance.policies);
    return startChange(
      ctx,
      {
        ...{ verb: 'exempt', machineId, target: name, team, reason },
        ...{ assignment: meant.assignment, policy: words, until: ends.toISOString() },
        ...(found.one && reference !== undefined && { reference }),
        approval: byAdmins(deps.catalogue()),
      },
      deps,
      { join, call: call('exempt', { machine: machineId, policy, until, reason, join: true }) },
    );
  },
});

/** To the whole second: Azure keeps no fractions, and the same command again must mean the same moment. */
function endOf(given: Values & { readonly until: string }, now: Date): Date {
  const text = given.until;
  const when = parseWhen(text, now);
  if (when && when > now) return new Date(Math.floor(when.getTime() / 1_000) * 1_000);
  throw new UserError(
    'BAD_COMMAND',
    `"${text.slice(0, 40)}" ${when ? 'is in the past' : 'is not a date'}; exemptions must end.`,
    {
      hint: 'Write a date or a duration.',
      facts: { field: 'until' },
      next: [exampleCall('exempt', { ...given, until: '+3mo' })],
    },
  );
}
