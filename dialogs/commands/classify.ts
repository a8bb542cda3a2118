import { z } from 'zod';
import { isAnswer, startChange, targetOf } from '../changes';
import { choice, defineCommand, textArg, word } from '../conversation';

/** `classify <vm> pet|cattle --reason`: the owner's word, kept as a tag of the machine. */
export const classify = defineCommand({
  verb: 'classify',
  summary: 'Records whether a machine is a pet or cattle, as a tag that everybody can see.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001', pick: 'machines' }),
    model: choice('What it is', ['pet', 'cattle']),
    reason: textArg('Reason'),
  }),
  examples: ['classify vm-payments-api-001 pet --reason "its disk is the ledger"'],

  async run(ctx, { machine, model, reason }, deps) {
    const target = await targetOf(ctx, { verb: 'classify', machine, given: { model, reason } }, deps);
    if (isAnswer(target)) return target;
    const { id: machineId, name, team } = target;
    return startChange(ctx, { verb: 'classify', machineId, model, target: name, team, reason }, deps);
  },
});
