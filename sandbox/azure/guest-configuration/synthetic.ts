import type { World } from '../../kernel/world';
import { key } from '../arm';
import { object, type Resource } from '../compute/resource';
import { syntheticUnder } from '../policy-insights/synthetic-states';
import { type GuestAssignment, lastCheck, resourceOf } from './assignments';
import { type Check, configurationsFor } from './checks';

/** Assignments of the VMs of a synthetic estate, from an id on: derived from their numbers: nothing is inside. */
export function* syntheticAssignments(world: World, after: string): Generator<{ id: string; resource: Resource }> {
  const nowMs = world.clock.nowMs();
  // One character less: the VM that the last page ended in may have more.
  for (const { n, resource: machine } of syntheticUnder(world, '', after.slice(0, -1))) {
    for (const one of syntheticAssignmentsOf(n, machine, nowMs)) {
      const resource = resourceOf(one);
      yield { id: key(resource.id), resource };
    }
  }
}

const missing: readonly Check[] = [
  {
    setting: '[goldbot]TattooPresent',
    reasons: [{ code: 'TattooMissing', phrase: 'There is no tattoo inside this machine.' }],
  },
];
const rootLogin: readonly Check[] = [
  {
    setting: '[LinuxBaseline]SshPermitRootLogin',
    reasons: [
      {
        code: 'PermitRootLogin:yes',
        phrase: "/etc/ssh/sshd_config sets 'PermitRootLogin yes'; the baseline wants 'no'.",
      },
    ],
  },
];

/** One machine in 40 has no agent, one in 50 is awaited, one in 25 fails its baseline; marketplace images have no tattoo. */
export function syntheticAssignmentsOf(n: number, machine: Resource, nowMs: number): GuestAssignment[] {
  if (n % 40 === 39) return [];
  const storage = object(machine.properties['storageProfile']);
  const osType = object(storage['osDisk'])['osType'] === 'Windows' ? 'Windows' : 'Linux';
  const golden = typeof object(storage['imageReference'])['id'] === 'string';
  return configurationsFor(osType).map((configuration): GuestAssignment => {
    if (n % 50 === 7) return { machine, configuration, status: 'Pending', checks: [] };
    const isTattoo = configuration.name === 'GoldbotTattoo';
    const checks = isTattoo ? (golden ? [] : missing) : n % 25 === 3 && osType === 'Linux' ? rootLogin : [];
    const status = checks.length > 0 ? 'NonCompliant' : 'Compliant';
    return { machine, configuration, status, checkedMs: lastCheck(nowMs, machine.id, n * 13), checks };
  });
}
