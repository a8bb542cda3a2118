import type { Resource } from '../compute/resource';
import { location } from '../names';
import { fleet } from './fleet';
import { galleryResources, secondGalleryResources } from './images';
import { random } from './random';
import { scaleSets } from './scale-sets';
import { day, teamGroup } from './shape';
import { fleetVms } from './vms';

export interface Estate {
  readonly resources: Resource[];
  /** Lower-case ids of the VMs that are not running. */
  readonly stopped: string[];
}

/** What the world begins with: a gallery with a past, and four teams' VMs made from it. Dates count from the start. */
export function initialEstate(startMs: number): Estate {
  const next = random(20_261);
  const vms = fleet.flatMap((group) => fleetVms(group, startMs, next));
  const stopped = vms
    .filter((r) => r.type === 'Microsoft.Compute/virtualMachines')
    .filter((_, n) => n % 23 === 7)
    .map((r) => r.id.toLowerCase());
  return {
    resources: [
      ...galleryResources(startMs),
      ...secondGalleryResources(startMs),
      ...vms,
      ...scaleSets(startMs, next),
      ...arcMachines(startMs),
    ],
    stopped,
  };
}

/** Machines outside Azure that Arc connected: they have no image reference at all. */
function arcMachines(startMs: number): Resource[] {
  const machine = (n: number, team: 'data' | 'legacy', osName: string): Resource => ({
    id: `${teamGroup(team)}/providers/Microsoft.HybridCompute/machines/arc-${team}-${n}`,
    name: `arc-${team}-${n}`,
    type: 'Microsoft.HybridCompute/machines',
    location,
    tags: { team },
    kind: 'VMware',
    properties: {
      status: n % 2 === 0 ? 'Disconnected' : 'Connected',
      lastStatusChange: new Date(startMs - (n % 2 === 0 ? 19 : 33) * day - n * 3_600_000).toISOString(),
      displayName: `arc-${team}-${n}`,
      machineFqdn: `arc-${team}-${n}.contoso.example`,
      osName: osName.startsWith('Windows') ? 'windows' : 'linux',
      osType: osName.startsWith('Windows') ? 'windows' : 'linux',
      osSku: osName,
      agentVersion: '1.51.02955.1213',
      provisioningState: 'Succeeded',
    },
  });
  return [
    machine(1, 'data', 'Ubuntu 22.04.5 LTS'),
    machine(2, 'data', 'Ubuntu 20.04.6 LTS'),
    machine(1, 'legacy', 'Windows Server 2019 Standard'),
    machine(2, 'legacy', 'Windows Server 2016 Standard'),
    machine(3, 'legacy', 'Red Hat Enterprise Linux 8.10'),
  ];
}
