import type { JsonObject, Resource, SeedParameters } from '../compute/resource';
import { goldImages, imageRef, versionRef } from './images';
import { random } from './random';
import { day, syntheticSubscription, vmsPerSubscription } from './shape';

/** One or two bytes for each fact about a VM: a million VMs take a few megabytes. */
interface Columns {
  readonly team: Uint16Array;
  /** Index into `sources`. */
  readonly source: Uint8Array;
  /** 0 undecided, 1 pet, 2 cattle. */
  readonly model: Uint8Array;
  readonly region: Uint8Array;
  /** Days before the start. */
  readonly age: Uint16Array;
}

const models = [undefined, 'pet', 'cattle'] as const;
const regions = ['westeurope', 'northeurope', 'eastus'] as const;

/** What VMs are made from, and how many in a hundred: most on the latest version, the rest behind or outside. */
const sources = [
  { from: 'ubuntu-22@1.5.0', share: 46 },
  { from: 'ubuntu-22@1.4.1', share: 20 },
  { from: 'ubuntu-22@1.3.0', share: 8 },
  { from: 'windows-2022@1.2.0', share: 10 },
  { from: 'windows-2022@1.1.0', share: 4 },
  { from: 'ubuntu-22@latest', share: 6 },
  { from: 'marketplace', share: 6 },
] as const;

/** Taken out once: with millions of calls, looking up a global costs more than the arithmetic. */
const { floor, min } = Math;

let last: { readonly of: SeedParameters; readonly columns: Columns } | undefined;

/** The columns of the estate that was requested last; any other is computed again. */
function columns(of: SeedParameters): Columns {
  const { vms, teams, seed } = of;
  if (last && last.of.vms === vms && last.of.teams === teams && last.of.seed === seed) return last.columns;
  const next = random(seed);
  const made: Columns = {
    team: new Uint16Array(vms),
    source: new Uint8Array(vms),
    model: new Uint8Array(vms),
    region: new Uint8Array(vms),
    age: new Uint16Array(vms),
  };
  const perGroup = vmsPerGroup(of);
  let team = 0;
  for (let n = 0; n < vms; n += 1) {
    // A resource group belongs to one team, as resource groups mostly do.
    if (n % perGroup === 0) team = floor(next() * teams);
    made.team[n] = team;
    made.source[n] = pick(next() * 100);
    made.model[n] = floor(next() * 3);
    made.region[n] = min(2, floor(next() * 4));
    made.age[n] = floor(next() * 30);
  }
  last = { of: { ...of }, columns: made };
  return made;
}

/** Ten VMs in a resource group at least and 500 at most: a thousand groups of an estate of some size. */
const vmsPerGroup = ({ vms }: SeedParameters): number => min(500, Math.max(10, Math.ceil(vms / 1_000)));

/** The number of the resource group that the nth VM is in; groups grow with n. */
export const syntheticGroupOf = (seed: SeedParameters, n: number): number => floor(n / vmsPerGroup(seed));

/** The first VM of each resource group. */
export function syntheticGroupStarts(seed: SeedParameters): readonly number[] {
  const perGroup = vmsPerGroup(seed);
  return Array.from({ length: Math.ceil(seed.vms / perGroup) }, (_, group) => group * perGroup);
}

/** The id of the resource group of the nth VM. */
export function syntheticGroupId(seed: SeedParameters, n: number): string {
  const name = `rg-fleet-${String(syntheticGroupOf(seed, n)).padStart(5, '0')}`;
  return `/subscriptions/${syntheticSubscription(floor(n / vmsPerSubscription))}/resourceGroups/${name}`;
}

function pick(at: number): number {
  let sum = 0;
  for (let n = 0; n < sources.length; n += 1) {
    sum += sources[n]?.share ?? 0;
    if (at < sum) return n;
  }
  return sources.length - 1;
}

const syntheticTeam = (n: number): string => `team-${String(n + 1).padStart(4, '0')}`;

const width = 7;

/** The nth VM of the estate; ids grow with n, so the estate is in the order of its ids. */
export function syntheticAt(seed: SeedParameters, n: number): Resource {
  const c = columns(seed);
  const name = `vm-${String(n).padStart(width, '0')}`;
  const team = syntheticTeam(c.team[n] ?? 0);
  const model = models[c.model[n] ?? 0];
  const source = sourceOf(c.source[n] ?? 0);
  return {
    id: `${syntheticGroupId(seed, n)}/providers/Microsoft.Compute/virtualMachines/${name}`,
    name,
    type: 'Microsoft.Compute/virtualMachines',
    location: regions[c.region[n] ?? 0] ?? 'westeurope',
    tags: model ? { team, 'service-model': model } : { team },
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      provisioningState: 'Succeeded',
      storageProfile: {
        imageReference: source.reference,
        osDisk: { osType: source.osType, createOption: 'FromImage' },
        dataDisks: [],
      },
      osProfile: { computerName: name },
      timeCreated: new Date(seed.startMs - (c.age[n] ?? 0) * day).toISOString(),
    },
  };
}

/** VMs of one number differ only in their names, teams and ages. */
export function syntheticClass(seed: SeedParameters, n: number): number {
  const c = columns(seed);
  return ((c.source[n] ?? 0) * models.length + (c.model[n] ?? 0)) * regions.length + (c.region[n] ?? 0);
}

export const syntheticTeamOf = (seed: SeedParameters, n: number): number => columns(seed).team[n] ?? 0;

interface Source {
  readonly reference: JsonObject;
  readonly osType: 'Linux' | 'Windows';
}

/** One object for all VMs of a source: they only ever read it. */
const described = new Map<number, Source>();

function sourceOf(n: number): Source {
  const known = described.get(n) ?? describe(sources[n] ?? sources[0]);
  described.set(n, known);
  return known;
}

function describe({ from }: (typeof sources)[number]): Source {
  if (from === 'marketplace') {
    const reference = {
      publisher: 'Canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts-gen2',
      version: 'latest',
      exactVersion: '22.04.202609030',
    };
    return { reference, osType: 'Linux' };
  }
  const [image = '', version = ''] = from.split('@');
  const gold = goldImages.find((i) => i.name === image);
  const exactVersion = version === 'latest' ? (gold?.versions.at(-1)?.version ?? '') : version;
  const id = version === 'latest' ? imageRef(image) : versionRef(image, version);
  return { reference: { id, exactVersion }, osType: gold?.osType ?? 'Linux' };
}

/** The VM with this id, when the estate has it. */
export function syntheticVm(seed: SeedParameters, id: string): Resource | undefined {
  const n = syntheticNumber(seed, id);
  return n === undefined ? undefined : syntheticAt(seed, n);
}

/** The number of the VM with this id, when the estate has it. */
export function syntheticNumber(seed: SeedParameters, id: string): number | undefined {
  const n = Number(/\/virtualmachines\/vm-(\d{7})$/i.exec(id)?.[1] ?? Number.NaN);
  if (!Number.isInteger(n) || n >= seed.vms) return undefined;
  return syntheticAt(seed, n).id.toLowerCase() === id.toLowerCase() ? n : undefined;
}

/** The place of the first VM whose lower-case id comes after this one. */
export function syntheticAfter(seed: SeedParameters, id: string): number {
  let [low, high] = [0, seed.vms];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (syntheticAt(seed, middle).id.toLowerCase() > id) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The VMs under a scope (lower case, with a slash at its end), in the order of their ids. */
export function* syntheticVmsIn(seed: SeedParameters, scope: string): Generator<Resource> {
  for (let n = 0; n < seed.vms; n += 1) {
    const subscription = `/subscriptions/${syntheticSubscription(Math.floor(n / vmsPerSubscription))}/`;
    if (!scope.startsWith(subscription)) {
      n = (Math.floor(n / vmsPerSubscription) + 1) * vmsPerSubscription - 1;
      continue;
    }
    const vm = syntheticAt(seed, n);
    if (vm.id.toLowerCase().startsWith(scope)) yield vm;
  }
}
