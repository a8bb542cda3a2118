import { z } from 'zod';
import { withdrawAppointment } from '../changes';
import { defineCommand, word } from '../conversation';

/** `unappoint <machine>`: takes back when a machine is replaced. */
export const unappoint = defineCommand({
  verb: 'unappoint',
  summary: 'Takes back when owners replace a machine in a rollout; the rollout still waits for it.',
  group: 'Comply',
  role: 'owner',
  effect: 'write',
  args: z.object({ machine: word('Machine', 'vm|resource id', { example: 'vm-payments-api-001', pick: 'machines' }) }),
  examples: ['unappoint vm-payments-api-001'],

  run: (ctx, { machine }, deps) => withdrawAppointment(ctx, machine, deps),
});
