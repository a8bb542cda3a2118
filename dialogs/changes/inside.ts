import type { MachineFacts } from '../../core/azure';
import type { CommandCall } from '../../core/command-call';
import type { Answer, CommandContext, Deps } from '../conversation';
import { mustAct, type Seen, unknownMachine } from '../inventory';
import { startChange } from './start';

interface Inside {
  readonly seen: Seen;
  /** As Azure knows it; undefined when it is gone. */
  readonly facts: MachineFacts | undefined;
  /** Holds what is read against the certificate of the machine's version. */
  readonly verify?: true;
  /** What shows as much as is known without it. */
  readonly otherwise: CommandCall;
}

/**
 * Has the tattoo inside a machine read. Runs something on the machine, so it is a run of its own; its card is edited when
 * it is over.
 *
 * @throws UserError `WRONG_ROLE`, `UNKNOWN_MACHINE`.
 */
export async function readInside(
  ctx: CommandContext,
  { seen, facts, verify, otherwise }: Inside,
  deps: Deps,
): Promise<Answer> {
  const { machine, team } = seen;
  mustAct(ctx, deps.catalogue(), team, {
    act: `run a command on ${machine.name} to read its tattoo`,
    otherwise: { hint: 'Ask one of them, or see what is known without it.', next: [otherwise] },
  });
  if (!facts) throw unknownMachine(machine.name);
  const { id: machineId, os, location } = facts;
  const plan = { machineId, os, location, target: machine.name, team, ...(verify && { verify }) };
  return startChange(ctx, { verb: 'tattoo', ...plan }, deps);
}
