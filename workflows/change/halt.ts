import { parseAzureId } from '../../core/azure-id';
import { isUserError } from '../../core/errors';
import type { RollingUpgrade, SetProgress } from '../../core/lifecycle';
import { minutes } from '../../core/time';
import { type ChangeContext, type Next, waits } from './stages';

/**
 * What Azure upgrades by itself goes on after a rollout is cancelled, until somebody stops it: goldbot does where its role
 * covers that, and otherwise names the command.
 */

type Progress = Readonly<Record<string, SetProgress>>;

/** A set as it is now; `upgrade`: what has become of the upgrade by Azure that the rollout began, if it did. */
interface Halting {
  readonly set: { readonly id: string; readonly name: string };
  readonly upgrade: RollingUpgrade['state'] | undefined;
  readonly progress: Progress;
}

/** What is to be done before the rollout can end; undefined: nothing of Azure's goes on, or goldbot may not stop it. */
export function halting(
  { write }: Pick<ChangeContext, 'write'>,
  { set: { id, name }, upgrade, progress }: Halting,
): Next | undefined {
  const one = progress[id];
  if (!one || upgrade !== 'running' || one.halt === 'forbidden') return undefined;
  if (one.halt === 'asked') {
    const why = `Azure stops upgrading ${name}`;
    return { kind: 'wait', progress: why, wait: waits.instances, lookMs: minutes(1), data: { rollout: progress } };
  }
  const act = async () => ({ rollout: { ...progress, [id]: { ...one, halt: await halt(write, id) } } });
  return { kind: 'do', progress: `${name}: having Azure stop`, act };
}

async function halt(write: ChangeContext['write'], id: string): Promise<NonNullable<SetProgress['halt']>> {
  try {
    await write.cancelUpgrade(id);
    return 'asked';
  } catch (error) {
    if (isUserError(error) && error.code === 'AZ_FORBIDDEN') return 'forbidden';
    // It has just come to its end: the next look says to which.
    if (isUserError(error) && error.code === 'AZ_CONFLICT') return 'asked';
    throw error;
  }
}

/** As the card has a set whose upgrade was cancelled with the rollout: nothing failed. */
export function halted({ set: { id }, upgrade, progress }: Halting): Progress {
  const one = progress[id];
  if (!one || upgrade !== 'cancelled') return progress;
  return { ...progress, [id]: { ...one, state: 'now', halt: 'asked', note: 'had its upgrade by Azure cancelled' } };
}

/** What becomes of a set that Azure upgrades, a clause after how far it is. */
export function goesOnWords({ id, name }: Halting['set'], { halt: said }: SetProgress): string {
  if (said === 'asked') return 'its upgrade by Azure is cancelled';
  if (said === undefined) return 'Azure goes on with it by itself';
  const group = parseAzureId(id)?.resourceGroup ?? '';
  const command = `az vmss rolling-upgrade cancel --resource-group ${group} --name ${name}`;
  return `Azure goes on with it: goldbot may not stop that, and whoever owns the set does with ${command}`;
}
