import type { AzureWrite } from '../../core/azure';
import { unlessMissing, type WriteContext } from '../azure';

export function guestCommandWrite(azure: WriteContext): Pick<AzureWrite, 'deleteCommand'> {
  return {
    /**
     * Takes a managed run command off a machine; returns when Azure has accepted it. Safe to repeat: one that is gone is
     * no error.
     *
     * @throws UserError `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see DELETE …/virtualMachines/{machine}/runCommands/{name}
     */
    deleteCommand: (place, machine, name) =>
      azure.change(`taking \`${name}\` off \`${machine}\``, async () => {
        const { virtualMachineRunCommands } = azure.compute(place.subscription);
        await unlessMissing(virtualMachineRunCommands.delete(place.resourceGroup, machine, name).submitted());
      }),
  };
}
