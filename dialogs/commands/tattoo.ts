import { z } from 'zod';
import { tattooCard } from '../../cards';
import type { MachineFacts } from '../../core/azure';
import { call } from '../../core/command-call';
import { startChange } from '../changes';
import { type Answer, type CommandContext, type Deps, defineCommand, flag, word } from '../conversation';
import { chooseMachine, evidenceOf, machineSeen, mustAct, type Seen, unknownMachine } from '../inventory';
import { presentTattoo } from '../present';

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
    if (fresh) return readInside(ctx, seen, facts, deps);
    const evidence = await evidenceOf(deps, seen, facts);
    return tattooCard(presentTattoo({ ...evidence, canRead: canRead(ctx, seen), now: ctx.now }));
  },
});

/** Runs something on the machine, so it is a run of its own; its card is edited when it is over. */
async function readInside(
  ctx: CommandContext,
  seen: Seen,
  facts: MachineFacts | undefined,
  deps: Deps,
): Promise<Answer> {
  const { machine, team } = seen;
  const otherwise = {
    hint: 'Ask one of them, or see what is known without it.',
    next: [call('tattoo', { machine: machine.name })],
  };
  mustAct(ctx, deps.catalogue(), team, { act: `run a command on ${machine.name} to read its tattoo`, otherwise });
  if (!facts) throw unknownMachine(machine.name);
  const { id: machineId, os, location } = facts;
  return startChange(ctx, { verb: 'tattoo', machineId, os, location, target: machine.name, team }, deps);
}

function canRead({ rights }: CommandContext, { team }: Seen): boolean {
  return rights.actsFor(team);
}
