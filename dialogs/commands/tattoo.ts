import { z } from 'zod';
import { tattooCard } from '../../cards';
import { azureId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { readInside } from '../changes';
import { type CommandContext, defineCommand, flag, word } from '../conversation';
import { chooseMachine, evidenceOf, machineSeen, mayBeRead, type Seen } from '../inventory';
import { portalOf, presentTattoo } from '../present';

/** `tattoo <vm>`: where a machine came from, by its image reference, its OS disk and what is known from inside. */
export const tattoo = defineCommand({
  verb: 'tattoo',
  summary: 'Shows which image a machine came from, and whether the two still match.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({
    machine: word('Virtual machine', 'vm|resource id', { example: 'vm-payments-api-001' }),
    fresh: flag('Read the tattoo inside the machine now; for its owners and admins'),
  }),
  examples: ['tattoo vm-payments-api-001', 'tattoo vm-payments-api-001 --fresh'],

  async run(ctx, { machine: asked, fresh }, deps) {
    const seen = await machineSeen(ctx, asked, deps);
    if (!('machine' in seen)) {
      const about = (id: string) => call('tattoo', { machine: id, ...(fresh && { fresh }) });
      return chooseMachine(
        asked,
        seen.map((one) => one.machine),
        about,
      );
    }
    const [facts] = await deps.read.machines(seen.machine.id);
    const otherwise = call('tattoo', { machine: seen.machine.name });
    if (fresh) return readInside(ctx, { seen, facts, otherwise }, deps);
    const evidence = await evidenceOf(deps, seen, facts);
    const canRead = actsFor(ctx, seen) && mayBeRead(evidence);
    // An instance of a scale set has no page of its own.
    const portal = portalOf(azureId(seen.machine.id).parent ?? seen.machine.id, deps);
    return tattooCard(presentTattoo({ ...evidence, canRead, portal, now: ctx.now }));
  },
});

function actsFor({ rights }: CommandContext, { team }: Seen): boolean {
  return rights.actsFor(team);
}
