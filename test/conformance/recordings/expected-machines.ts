import type { CommandResult, MachineFacts, TestMachine } from '../../../core/azure';
import { type Expected, inGroup, type More, whereFrom } from './expectation';

const machine = `${inGroup}/Microsoft.Compute/virtualMachines/*`;

export const machines: readonly Expected[] = [
  {
    operation: 'VirtualMachines_Get',
    shape: `GET ${machine}`,
    says: saysMachine,
    wordless: {
      type: 'goldbot asked for a machine',
      etag: 'goldbot changes no machine that is there',
      'properties.hardwareProfile': 'what a machine costs is not what goldbot is asked',
      'properties.instanceView.computerName': 'goldbot says the name of the resource',
      'properties.instanceView.disks': 'disks are asked themselves',
      'properties.instanceView.hyperVGeneration': 'the image decides it',
      'properties.instanceView.statuses': 'provisioningState says it, and power is not what goldbot is asked',
      'properties.instanceView.vmAgent': 'a run command that does not come back says that the agent is ill',
      'properties.networkProfile': 'goldbot never connects to a machine',
      'properties.osProfile': 'goldbot never logs in',
      'properties.storageProfile.dataDisks': 'golden images have none',
      'properties.storageProfile.diskControllerType': 'the image decides it',
      'properties.storageProfile.osDisk': 'the disk is asked itself, by the id here',
      'properties.timeCreated': 'a test machine is as old as its run',
      'properties.vmId': 'the resource id names a machine',
    },
  },
  { operation: 'VirtualMachines_List', shape: `GET ${inGroup}/Microsoft.Compute/virtualMachines` },
  { operation: 'VirtualMachines_CreateOrUpdate', shape: `PUT ${machine}` },
  { operation: 'VirtualMachines_Delete', shape: `DELETE ${machine}` },
  {
    operation: 'VirtualMachineRunCommands_GetByVirtualMachine',
    shape: `GET ${machine}/runCommands/*`,
    says: saysCommand,
    wordless: {
      id: whereFrom,
      name: whereFrom,
      location: whereFrom,
      type: 'goldbot asked for a command',
      'properties.asyncExecution': 'goldbot wrote it',
      'properties.instanceView.endTime': 'the run has its own times',
      'properties.instanceView.executionMessage': 'repeats the exit code; goldbot says it when there is none',
      'properties.instanceView.startTime': 'the run has its own times',
      'properties.parameters': 'goldbot gives none',
      'properties.provisioningState': 'Succeeded whatever the script returned; the instance view is what counts',
      'properties.runAsUser': 'goldbot runs as root',
      'properties.source.script': 'goldbot wrote it',
      'properties.timeoutInSeconds': 'goldbot wrote it',
    },
  },
  { operation: 'VirtualMachineRunCommands_CreateOrUpdate', shape: `PUT ${machine}/runCommands/*` },
  { operation: 'Disks_Get', shape: `GET ${inGroup}/Microsoft.Compute/disks/*` },
];

interface RecordedMachine {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly properties: {
    readonly provisioningState: string;
    readonly storageProfile: { readonly imageReference: Readonly<Record<string, string>> };
    readonly instanceView?: { readonly osName?: string; readonly osVersion?: string };
  };
}

async function saysMachine(result: TestMachine, body: RecordedMachine, { ports, names }: More): Promise<void> {
  const { provisioningState, instanceView: view } = body.properties;
  const states: Readonly<Record<string, TestMachine['state']>> = { Succeeded: 'ready', Updating: 'ready' };
  expect(result.state).toBe(states[provisioningState]);
  const [osName, osVersion] = [view?.osName, view?.osVersion];
  expect(result).toMatchObject({ ...(osName && { osName }), ...(osVersion && { osVersion }) });
  const found = await ports.machines(names.id);
  expect(found).toHaveLength(1);
  saysFacts(found[0] as MachineFacts, body);
}

function saysFacts(facts: MachineFacts, { id, name, location, properties }: RecordedMachine): void {
  expect([facts.id, facts.name, facts.location]).toEqual([id, name, location]);
  expect(facts.osName).toBe(properties.instanceView?.osName);
  expect(facts.osVersion).toBe(properties.instanceView?.osVersion);
  // Whatever names the image: each word of it is in what goldbot says, `latest` as what it came to.
  const from = properties.storageProfile.imageReference;
  for (const [kind, word] of Object.entries(from)) {
    if (kind !== 'version' || word !== 'latest') expect(facts.imageReference).toContain(word);
  }
}

interface RecordedCommand {
  readonly properties: {
    readonly instanceView?: {
      readonly executionState: string;
      readonly exitCode: number;
      readonly output: string;
      readonly error: string;
    };
  };
}

function saysCommand(result: CommandResult, { properties: { instanceView: view } }: RecordedCommand): void {
  // goldbot always asks for the instance view: an answer without it must not pass for a result.
  if (!view) {
    expect(result).toEqual({ state: 'running' });
    return;
  }
  const { executionState, exitCode, output, error } = view;
  expect(['Succeeded', 'Failed']).toContain(executionState);
  expect(result).toEqual({ state: 'done', exitCode, output, error });
}
