import type { AzureRead } from '../azure';
import { parseAzureId, resourceGroupId } from '../azure-id';
import { isUserError } from '../errors';
import { allows } from '../preflight';
import { digestOf, type TeamRollout } from './rollout';

/**
 * Reimaging instances of scale sets, a right that each team gives by its resource group, or does not. An instance that took
 * a model and still runs another version is given a new system disk by it; without it, a rollout stops there.
 */

const action = 'Microsoft.Compute/virtualMachineScaleSets/reimage/action';

/**
 * Whether goldbot may reimage instances of a scale set, by its id. Where it may not ask, it may not.
 *
 * @throws UserError `AZ_…` when Azure does not say.
 */
export async function mayReimage(read: Pick<AzureRead, 'ownPermissions'>, setId: string): Promise<boolean> {
  const at = parseAzureId(setId);
  if (!at) return false;
  const held = await read.ownPermissions(resourceGroupId(at)).catch((error: unknown) => {
    if (isUserError(error) && (error.code === 'AZ_FORBIDDEN' || error.code === 'AZ_NOT_FOUND')) return [];
    throw error;
  });
  return allows(held, action);
}

/**
 * The plan of a team with the sets in which a rollout would reimage: those that goldbot moves batch by batch, that take a
 * reimage, and where it may. One question for each resource group. What is agreed to is told apart by it.
 *
 * @throws UserError `AZ_…`: a plan that kept this quiet would be agreed to for less than what is done.
 */
export async function withReimaging(
  read: Pick<AzureRead, 'ownPermissions'>,
  version: string,
  team: TeamRollout,
): Promise<TeamRollout> {
  const due = team.sets.filter(({ way, takesReimage }) => way === 'batches' && takesReimage);
  const asked = new Map(due.map(({ id }) => [groupOf(id), id]));
  const answers = await Promise.all(
    [...asked].map(async ([group, id]) => [group, await mayReimage(read, id)] as const),
  );
  const open = new Set(answers.flatMap(([group, may]) => (may ? [group] : [])));
  if (open.size === 0) return team;
  const sets = team.sets.map((set) =>
    due.includes(set) && open.has(groupOf(set.id)) ? { ...set, reimages: true as const } : set,
  );
  return { ...team, sets, digest: digestOf(version, sets) };
}

const groupOf = (id: string): string => {
  const at = parseAzureId(id);
  return at ? resourceGroupId(at).toLowerCase() : '';
};
