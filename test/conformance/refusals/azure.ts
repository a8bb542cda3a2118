import { type AzureOptions, addAzureFace } from '../../../sandbox/azure';
import { compute } from '../../../sandbox/azure/compute/section';
import { testSubnet } from '../../../sandbox/azure/names';
import { Sandbox } from '../../../sandbox/kernel/sandbox';
import type { SandboxResponse } from '../../../sandbox/kernel/types';
import { World } from '../../../sandbox/kernel/world';
import { ask } from '../../sandbox/client';
import { buildGroup, gallery } from './names';

/** Newest api-versions that the sandbox knows, by what stands in the path; the first that fits. */
const apiVersions: readonly (readonly [part: RegExp, version: string])[] = [
  [/\/providers\/Microsoft\.Compute\/galleries/i, '2025-03-03'],
  [/\/providers\/Microsoft\.Compute\/disks/i, '2024-03-02'],
  [/\/lifecycleHookEvents/i, '2026-03-01'],
  [/\/providers\/Microsoft\.VirtualMachineImages/i, '2024-02-01'],
  [/\/providers\/Microsoft\.Authorization\/role/i, '2022-04-01'],
  [/\/providers\/Microsoft\.Authorization\/locks/i, '2020-05-01'],
  [/\/providers\/Microsoft\.Authorization\/policyExemptions/i, '2022-07-01-preview'],
  [/\/providers\/Microsoft\.Authorization\/policy/i, '2023-04-01'],
  [/\/providers\/Microsoft\.PolicyInsights\/policyStates/i, '2019-10-01'],
  [/\/providers\/Microsoft\.PolicyInsights/i, '2021-10-01'],
  [/\/providers\/Microsoft\.ResourceGraph/i, '2024-04-01'],
  [/\/providers\/Microsoft\.Resources\/tags/i, '2022-09-01'],
  [/./, '2024-07-01'],
];

export type Headers = Readonly<Record<string, string>>;

/** An Azure of its own for one row: plain requests, as anybody's tool would send them, and a clock that stands still. */
export interface Azure {
  readonly world: World;
  readonly sandbox: Sandbox;
  /** `path` without its api-version; a path that has one keeps it. */
  send(method: string, path: string, body?: unknown, headers?: Headers): Promise<SandboxResponse>;
  /** Sends, waits until its operation has ended, and insists that all went well: for what a row plants. */
  done(method: string, path: string, body?: unknown): Promise<SandboxResponse>;
  later(minutes: number): void;
  /** The operation document that an accepted request points to, as of now. */
  operation(answer: SandboxResponse): Promise<{ readonly status: string; readonly error?: AzureError }>;
  conditions(body: object): Promise<void>;
}

export interface AzureError {
  readonly code?: string;
  readonly message: string;
  readonly target?: string;
  readonly details?: readonly { readonly code: string }[];
}

/** World time in which every operation of these rows has ended, in minutes. */
const patience = 60;

const ofFleet = /^Microsoft\.(?:Compute\/(?:virtualMachines|disks)|Network\/networkInterfaces|HybridCompute\/.*)$/;

let story: ReturnType<typeof compute> | undefined;

/**
 * The story's galleries, scale sets and policies on a Monday morning, without its machines, and with clocks that stand
 * still: nobody's requests are forgotten either.
 */
export function newSandbox(options: AzureOptions = { machine: () => 0 }) {
  const world = new World({ startMs: Date.UTC(2026, 10, 23, 9), speed: 0 });
  // Made once: the story's machines take as long as all else that a row does.
  const made = story;
  if (made) world.section('compute', () => structuredClone(made));
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox, options);
  // Hundreds of machines that no row is about, and that Azure Policy would look at before the first write.
  const { resources } = compute(world);
  for (const [id, { type }] of Object.entries(resources)) if (ofFleet.test(type)) delete resources[id];
  // Their guests are not of the copy: each world seeds its own.
  story ??= structuredClone({ ...compute(world), guestsSeeded: false });
  return { sandbox, world };
}

export function openAzure(): Azure {
  const { sandbox, world } = newSandbox();
  const send: Azure['send'] = (method, path, body, headers) => ask(sandbox, method, versioned(path), body, headers);
  const later = (minutes: number) => world.clock.advance(minutes);
  const operation: Azure['operation'] = async ({ headers = {}, body }) => {
    const url = headers['azure-asyncoperation'];
    if (isRemediation(body)) return remediated(send, body.id);
    if (url === undefined) return { status: 'Succeeded' };
    return (await ask(sandbox, 'GET', url)).body as { status: string; error?: AzureError };
  };
  const done: Azure['done'] = async (method, path, body) => {
    const answer = await send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    later(patience);
    const { status, error } = await operation(answer);
    if (status !== 'Succeeded') throw new Error(`${method} ${path}: ${status} ${JSON.stringify(error)}`);
    return answer;
  };
  const conditions: Azure['conditions'] = async (body) => {
    const answer = await ask(sandbox, 'POST', '/_sandbox/conditions', body);
    if (answer.status !== 200) throw new Error(`conditions: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return { world, sandbox, send, done, later, operation, conditions };
}

function isRemediation(body: unknown): body is { readonly id: string } {
  const { type, properties } = (body ?? {}) as { type?: string; properties?: { provisioningState?: string } };
  return type === 'Microsoft.PolicyInsights/remediations' && properties?.provisioningState === 'Accepted';
}

/** A remediation is its own operation; why it failed stands at its deployments alone. */
async function remediated(send: Azure['send'], id: string): ReturnType<Azure['operation']> {
  const task = (await send('GET', id)).body as { properties?: { provisioningState: string } };
  const { value = [] } = (await send('POST', `${id}/listDeployments`)).body as { value?: { error?: AzureError }[] };
  const error = value.find((one) => one.error)?.error;
  return { status: task.properties?.provisioningState ?? 'Succeeded', ...(error && { error }) };
}

function versioned(path: string): string {
  if (path.includes('api-version=')) return path;
  const version = apiVersions.find(([part]) => part.test(path))?.[1] ?? '';
  return `${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
}

/** What came of an accepted request once its operation has ended. */
export async function outcome(azure: Azure, answer: SandboxResponse) {
  azure.later(patience);
  return azure.operation(answer);
}

/** Storage answers in XML, with its code in a header, too. */
export function errorOf({ body, headers = {} }: SandboxResponse): AzureError {
  const code = headers['x-ms-error-code'];
  return code === undefined ? (body as { error: AzureError }).error : { code, message: String(body) };
}

/** A machine in the test subnet from the newest golden Ubuntu: fine as it stands. */
export const machine = (change: MachineChange = {}): object => ({
  location: 'westeurope',
  ...change.top,
  properties: {
    hardwareProfile: { vmSize: change.size ?? 'Standard_D2s_v5' },
    storageProfile: {
      imageReference: change.image ?? { id: `${gallery}/images/ubuntu-22/versions/1.5.0` },
      osDisk: { createOption: 'FromImage', ...change.osDisk },
    },
    osProfile: { computerName: 'row', adminUsername: 'row', adminPassword: 'Correct-Horse-7-Battery' },
    networkProfile: {
      networkApiVersion: '2022-11-01',
      networkInterfaceConfigurations: [
        {
          name: 'nic',
          properties: { ipConfigurations: [{ name: 'ip', properties: { subnet: { id: testSubnet } } }] },
        },
      ],
    },
    ...change.properties,
  },
});

interface MachineChange {
  readonly size?: string;
  readonly image?: object;
  readonly osDisk?: object;
  /** Beside `properties`: plan, zones, identity. */
  readonly top?: object;
  /** `undefined` takes a property away. */
  readonly properties?: object;
}

export const vm = (name = 'vm-row'): string => `${buildGroup}/providers/Microsoft.Compute/virtualMachines/${name}`;
