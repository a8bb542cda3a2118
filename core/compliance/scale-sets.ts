import type { ImageRef, InventoryRead } from '../azure';
import { definitionId } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { machineTeams } from './read';

/**
 * Scale sets that upgrade by themselves when a version of this image becomes the latest, with the team that the catalogue
 * gives them: `payments/vmss-api`. Undefined when Azure told of some of them alone.
 *
 * @throws UserError `AZ_…`
 */
export async function selfUpgradingSets(
  read: Pick<InventoryRead, 'scaleSets' | 'managementGroups'>,
  catalogue: Pick<Catalogue, 'teams'>,
  image: ImageRef,
): Promise<readonly string[] | undefined> {
  const [sets, teamOf] = await Promise.all([read.scaleSets(definitionId(image)), machineTeams(read, catalogue)]);
  if (sets.partial) return undefined;
  return sets.rows
    .filter(({ selfUpgrading }) => selfUpgrading)
    .map((set) => {
      const team = teamOf(set);
      return team === null ? set.name : `${team}/${set.name}`;
    });
}
