import { versionRef } from '../../sandbox/azure/estate/images';
import type { SandboxResponse } from '../../sandbox/kernel/types';
import { ask } from './client';
import { type open, url } from './gallery-world';
import { deploy, rg as vmGroup, vmUrl } from './vm-world';

export type Opened = ReturnType<typeof open>;

export const path = '/images/ubuntu-22/versions/2.0.0';
export const current = '/images/ubuntu-22/versions/1.5.0';
export const source = { id: versionRef('ubuntu-22', '1.5.0') };

export async function put(
  { sandbox, world }: Opened,
  properties: object,
  at = path,
  minutes = 10,
): Promise<SandboxResponse> {
  const answer = await ask(sandbox, 'PUT', url(at), { location: 'westeurope', properties });
  world.clock.advance(minutes);
  return answer;
}

export async function version({ sandbox }: Opened, at = path) {
  const answer = await ask(sandbox, 'GET', url(at));
  return (answer.body as { properties: Record<string, Record<string, unknown>> }).properties;
}

export const error = (answer: SandboxResponse) => (answer.body as { error: { code: string; message: string } }).error;

export async function resting(opened: Opened, generalize: boolean): Promise<string> {
  const { client, world } = opened;
  await deploy({ ...opened, clientOf: () => client });
  const poller = client.virtualMachines.deallocate(vmGroup, 'vm-test');
  await poller.submitted();
  world.clock.advance(1);
  await poller;
  if (generalize) await client.virtualMachines.generalize(vmGroup, 'vm-test');
  return vmUrl('vm-test');
}
