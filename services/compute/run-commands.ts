import type {
  ComputeManagementClient,
  VirtualMachineRunCommand,
  VirtualMachineRunCommandInstanceView,
} from '@azure/arm-compute';
import type { AzureRead, AzureWrite, CommandResult } from '../../core/azure';
import { type AzureId, azureId, nameOfId } from '../../core/azure-id';
import { arm, type ReadContext, scrub, unlessMissing, type WriteContext } from '../azure';

/** The exit code of a command that ran out of time, as timeout(1) has it. */
const timedOut = 124;
/** The script has no exit code of its own: the agent could not run it, or it was cancelled. */
const neverRan = -1;
/** API version of Microsoft.HybridCompute, for which no client is loaded. */
const hybridVersion = '2025-01-13';

export function commandRead(azure: ReadContext): Pick<AzureRead, 'command'> {
  return {
    /**
     * How a managed run command went. Its exit code is that of the instance view: the provisioning state is
     * Succeeded whatever the script returned. 124: it ran out of time; -1: it did not run to its end.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {machine}/runCommands/{name}?$expand=instanceView
     */
    command: (machine, name) =>
      azure.ask(`asking about the command “${name}” on “${nameOfId(machine)}”`, async () => {
        const found = await commandsOf(azure, machine).get(name);
        return found ? commandOf(found.instanceView, found.provisioningState) : { state: 'absent' };
      }),
  };
}

export function commandWrite(azure: WriteContext): Pick<AzureWrite, 'runCommand' | 'deleteCommand'> {
  return {
    /**
     * Starts a script on a machine as a managed run command; `command` tells how it went. Safe to repeat: the same name
     * is the same command, whatever became of it. (Azure would run it again.)
     *
     * @throws UserError `AZ_NOT_FOUND` (no such machine), `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT` (it
     * may have been accepted: read before repeating), `FENCED`.
     * @see PUT {machine}/runCommands/{name}
     */
    runCommand: ({ id, location }, command) =>
      azure.change(`running “${command.name}” on “${nameOfId(id)}”`, async () => {
        if (await commandsOf(azure.read, id).get(command.name)) return;
        await commandsOf(azure, id).put(command.name, {
          location,
          source: { script: command.script },
          timeoutInSeconds: command.timeoutSeconds,
          asyncExecution: false,
          treatFailureAsDeploymentFailure: false,
        });
      }),

    /**
     * Deletes a managed run command of a machine; returns when Azure has accepted it. Safe to repeat: one that is gone
     * is not an error.
     *
     * @throws UserError `AZ_CONFLICT`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see DELETE {machine}/runCommands/{name}
     */
    deleteCommand: (machine, name) =>
      azure.change(`deleting “${name}” on “${nameOfId(machine)}”`, async () => {
        await unlessMissing(commandsOf(azure, machine).remove(name));
      }),
  };
}

type Found = Pick<VirtualMachineRunCommand, 'instanceView' | 'provisioningState'>;

/** What each kind of machine has, under operations of its own. Writes return once Azure has accepted them. */
interface Commands {
  /** Undefined when there is none, or no such machine. */
  get(name: string): Promise<Found | undefined>;
  put(name: string, body: VirtualMachineRunCommand): Promise<unknown>;
  remove(name: string): Promise<unknown>;
}

/** @throws Error when the id is of something else: a bug. */
function commandsOf(azure: Clients, machine: string): Commands {
  const id = azureId(machine);
  if (id.isA('Microsoft.Compute/virtualMachines')) return ofVm(azure, id);
  if (id.isA('Microsoft.Compute/virtualMachineScaleSets/virtualMachines')) return ofInstance(azure, id);
  if (id.isA('Microsoft.HybridCompute/machines')) return ofArcMachine(azure, id);
  throw new Error(`${machine} cannot run commands`);
}

interface Clients extends Pick<ReadContext, 'request'> {
  readonly cloud: ReadContext['cloud'];
  compute(subscription: string): ComputeManagementClient;
}

const expand = { expand: 'instanceView' };

function ofVm(azure: Clients, { subscription, resourceGroup, name: vm }: AzureId): Commands {
  const { virtualMachineRunCommands: commands } = azure.compute(subscription);
  return {
    get: (name) => unlessMissing(commands.getByVirtualMachine(resourceGroup, vm, name, expand)),
    put: (name, body) => commands.createOrUpdate(resourceGroup, vm, name, body).submitted(),
    remove: (name) => commands.delete(resourceGroup, vm, name).submitted(),
  };
}

function ofInstance(azure: Clients, { subscription, resourceGroup, name: instance, parent = '' }: AzureId): Commands {
  const { virtualMachineScaleSetVMRunCommands: commands } = azure.compute(subscription);
  const set = nameOfId(parent);
  return {
    get: (name) => unlessMissing(commands.get(resourceGroup, set, instance, name, expand)),
    put: (name, body) => commands.createOrUpdate(resourceGroup, set, instance, name, body).submitted(),
    remove: (name) => commands.delete(resourceGroup, set, instance, name).submitted(),
  };
}

/** The instance view comes unasked. */
function ofArcMachine(azure: Clients, { text }: AzureId): Commands {
  const at = (name: string) => ({ path: `${text}/runCommands/${name}`, version: hybridVersion });
  return {
    async get(name) {
      const answer = await unlessMissing(arm(azure, { method: 'GET', ...at(name) }));
      return answer && (answer.body as { readonly properties?: Found }).properties;
    },
    put(name, { location, ...properties }) {
      return arm(azure, { method: 'PUT', ...at(name), body: { location, properties } });
    },
    remove: (name) => arm(azure, { method: 'DELETE', ...at(name) }),
  };
}

function commandOf(view: VirtualMachineRunCommandInstanceView | undefined, provisioning?: string): CommandResult {
  const output = view?.output ?? '';
  const error = scrub(view?.error ?? '');
  const why = scrub([error, view?.executionMessage].filter(Boolean).join('\n'));
  switch (view?.executionState) {
    case 'Succeeded':
      return { state: 'done', exitCode: view.exitCode ?? 0, output, error };
    case 'Failed':
      return { state: 'done', exitCode: view.exitCode || neverRan, output, error: view.exitCode ? error : why };
    case 'TimedOut':
      return { state: 'done', exitCode: timedOut, output, error: why };
    case 'Canceled':
      return { state: 'done', exitCode: neverRan, output, error: why };
    default: {
      if (provisioning !== 'Failed' && provisioning !== 'Canceled') return { state: 'running' };
      const said = view?.statuses?.map((s) => scrub(s.message ?? '')).filter(Boolean) ?? [];
      const reason = [why, ...said].filter(Boolean).join('\n') || 'The VM agent could not run the command.';
      return { state: 'done', exitCode: neverRan, output, error: reason };
    }
  }
}
