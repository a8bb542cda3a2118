import { randomUUID } from 'node:crypto';
import type { Fence } from '../../core/azure';
import { resourceId } from '../../core/azure-id';
import { changeSubject, type PublishRun, type TattooPlan } from '../../core/runs';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, people } from './azure-world';

const held: Fence = { leftMs: () => 20_000 };

/** A machine that somebody deploys from what a run has published. */
export async function machineFrom(world: AzureWorld, run: PublishRun, versionId: string) {
  const fixed = run.plan.fixed;
  if (!fixed) throw new Error('nothing was published');
  await world.certificate(versionId);
  const { place, testVmSize: vmSize, testSubnetId: subnetId, testSecurity, recipe } = fixed;
  const name = `vm-${fixed.image}`.slice(0, 15);
  const spec = {
    versionId,
    vmSize,
    subnetId,
    os: recipe.os,
    tags: {},
    ...(testSecurity && { security: testSecurity }),
  };
  await world.azure.write(held).createTestMachine(place, name, spec);
  for (let looks = 0; looks < 50; looks += 1) {
    if ((await world.azure.read.testMachine(place, name)).state === 'ready') break;
    world.world.clock.advance(1);
  }
  const machineId = resourceId(place, 'Microsoft.Compute/virtualMachines', name);
  const plan: TattooPlan = {
    ...{ verb: 'tattoo', verify: true, machineId, location: place.location, os: recipe.os },
    ...{ target: name, team: null },
  };
  return {
    /** `verify <vm> --fresh`: the verdict, and what differs. */
    async verify(): Promise<readonly string[]> {
      const subject = changeSubject(plan);
      const asked = { kind: 'change', subject, plan, person: people.ada, intent: randomUUID() } as const;
      const { run: reading } = await world.control.startOrJoin(asked);
      const { verified } = (await world.endOfChange(reading.id)).data;
      const differing = verified?.checks.flatMap(({ name: check, state }) => (state === 'differs' ? [check] : []));
      return [verified?.verdict ?? 'nothing', ...(differing ?? [])];
    },
    /** Somebody changes what is inside. */
    async tamper(set: Json): Promise<void> {
      const { status } = await ask(world.sandbox, 'POST', '/_sandbox/guest', { vm: machineId, set });
      if (status !== 200) throw new Error(`the guest was not changed: ${status}`);
    },
  };
}
