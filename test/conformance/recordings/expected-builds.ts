import type { Build } from '../../../core/azure';
import { type Expected, inGroup, whereFrom } from './expectation';

const templates = `${inGroup}/Microsoft.VirtualMachineImages/imageTemplates`;
const template = `${templates}/*`;

export const builds: readonly Expected[] = [
  {
    operation: 'VirtualMachineImageTemplates_Get',
    shape: `GET ${template}`,
    says: (result: Build, { properties: { provisioningState, lastRunStatus: run } }: RecordedTemplate) => {
      // Of a run that was recorded somebody has to write down what goldbot should say.
      expect([provisioningState, run]).toEqual(['Succeeded', undefined]);
      expect(result).toEqual({ state: 'idle' });
    },
    wordless: {
      id: whereFrom,
      name: whereFrom,
      location: whereFrom,
      type: 'goldbot asked for a template',
      identity: 'goldbot wrote it',
      'properties.buildTimeoutInMinutes': 'goldbot wrote it',
      'properties.customize': 'goldbot wrote it',
      'properties.distribute': 'goldbot wrote it',
      'properties.exactStagingResourceGroup': 'read when the log is asked for',
      'properties.source': 'goldbot names an exact version, so there is nothing to resolve',
      'properties.stagingResourceGroup': 'goldbot leaves it to Azure',
      'properties.vmProfile': 'goldbot wrote it',
    },
  },
  {
    operation: 'VirtualMachineImageTemplates_GetRunOutput',
    shape: `GET ${template}/runOutputs/*`,
    before: { [`GET ${template}`]: { properties: { lastRunStatus: { runState: 'Succeeded' } } } },
    says: (result: Build, { properties }: RecordedOutput) => {
      expect(properties.provisioningState).toBe('Succeeded');
      expect(result).toEqual({ state: 'succeeded', artifactId: properties.artifactId });
    },
    wordless: { id: whereFrom, name: whereFrom, type: 'goldbot asked for a run output' },
  },
  { operation: 'VirtualMachineImageTemplates_ListRunOutputs', shape: `GET ${template}/runOutputs` },
  { operation: 'VirtualMachineImageTemplates_ListByResourceGroup', shape: `GET ${templates}` },
  {
    operation: 'VirtualMachineImageTemplates_List',
    shape: 'GET /subscriptions/*/providers/Microsoft.VirtualMachineImages/imageTemplates',
  },
  { operation: 'Triggers_ListByImageTemplate', shape: `GET ${template}/triggers` },
  { operation: 'VirtualMachineImageTemplates_CreateOrUpdate', shape: `PUT ${template}` },
  { operation: 'VirtualMachineImageTemplates_Run', shape: `POST ${template}/run` },
  { operation: 'VirtualMachineImageTemplates_Cancel', shape: `POST ${template}/cancel` },
  { operation: 'VirtualMachineImageTemplates_Delete', shape: `DELETE ${template}` },
];

interface RecordedTemplate {
  readonly properties: { readonly provisioningState: string; readonly lastRunStatus?: object };
}

interface RecordedOutput {
  readonly properties: { readonly provisioningState: string; readonly artifactId: string };
}
