import { z } from 'zod';
import { appointMachine } from '../changes';
import { defineCommand, word } from '../conversation';

/** `appoint <machine> --at`: when the owners of a machine that stands alone replace it, in a rollout. */
export const appoint = defineCommand({
  verb: 'appoint',
  summary: 'Sets when owners replace a machine in a rollout; goldbot reminds them, and replaces nothing itself.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({
    machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001', pick: 'machines' }),
    at: word('When, by the clock of the team', 'when', { example: '"sat 22:00"', pick: 'moment' }),
  }),
  examples: ['appoint vm-payments-api-001 --at "sat 22:00"', 'appoint vm-payments-api-001 --at "2026-12-12 22:00"'],

  run: appointMachine,
});
