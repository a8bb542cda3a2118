import type { World } from '../../kernel/world';
import { object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { baseGuest, baseGuestNamed } from '../guest/base';
import { bootGuest, type Guest, guestOf, setKnownGuest } from '../guest/guest';
import { tattooKey, tattooPath } from '../guest/windows/tattoo';
import { drifted, upgradedInPlace } from './fleet';
import { tattooFile, tattooOf, versionRef } from './images';

/** Gives the versions of the initial estate what they have inside; done once per world. */
export function seedGuests(world: World): void {
  const section = compute(world);
  if (section.guestsSeeded) return;
  section.guestsSeeded = true;
  for (const version of Object.values(section.resources)) {
    const tags = tattooOf(version);
    if (tags) setKnownGuest(world, version.id, JSON.stringify(tags), () => guestOfVersion(tags));
  }
}

function guestOfVersion(tags: Readonly<Record<string, string>>): Guest | undefined {
  const guest = baseGuestNamed(tags['goldbot-source'] ?? '');
  return guest && tattooed(guest, tags);
}

/** The guest of a VM: its own once something ran in it, otherwise what it was deployed with. */
export function vmGuest(world: World, vm: Resource): Guest | undefined {
  const own = guestOf(world, vm.id);
  if (own) return own;
  const deployed = vm.type === 'Microsoft.HybridCompute/machines' ? arcGuest(vm) : imageGuest(world, vm);
  const { name, image, version } = upgradedInPlace;
  const upgraded =
    vm.name === name ? tattooOf(compute(world).resources[versionRef(image, version).toLowerCase()]) : undefined;
  const host = text(object(vm.properties['osProfile'])['computerName']) ?? vm.name;
  return deployed && edited(bootGuest(upgraded ? tattooed(deployed, upgraded) : deployed, host), vm.name);
}

/** Azure did not make it: it is a system as its publisher has it, and nobody tattooed it. */
function arcGuest({ properties }: Resource): Guest | undefined {
  const system = text(properties['osSku']) ?? '';
  const urn = arcSystems.find(([name]) => name.test(system))?.[1];
  return urn === undefined ? undefined : baseGuestNamed(urn);
}

const arcSystems: readonly (readonly [system: RegExp, urn: string])[] = [
  [/^Ubuntu 22\.04/, 'canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202609030'],
  [/^Ubuntu 20\.04/, 'canonical:0001-com-ubuntu-server-focal:20_04-lts-gen2:20.04.202505200'],
  [/^Windows Server 2022/, 'microsoftwindowsserver:windowsserver:2022-datacenter-g2:20348.4300.261013'],
  [/^Windows Server 2019/, 'microsoftwindowsserver:windowsserver:2019-datacenter-gensecond:17763.8000.260811'],
];

function edited(guest: Guest, machine: string): Guest {
  const file = guest.files[drifted.file];
  if (machine !== drifted.name || !file) return guest;
  guest.files[drifted.file] = { ...file, content: file.content.replace(drifted.from, drifted.to) };
  return guest;
}

/** What the VM's image has inside: a gallery version's guest or a marketplace image's. */
function imageGuest(world: World, vm: Resource): Guest | undefined {
  const reference = object(object(vm.properties['storageProfile'])['imageReference']);
  const version = text(reference['exactVersion']) ?? '';
  const id = text(reference['id']);
  if (id) return guestOf(world, /\/versions\//i.test(id) ? id : `${id}/versions/${version}`);
  const [publisher = '', offer = '', sku = ''] = ['publisher', 'offer', 'sku'].map((name) => text(reference[name]));
  return baseGuest({ publisher, offer, sku, version });
}

function tattooed(guest: Guest, tags: Readonly<Record<string, string>>): Guest {
  if (guest.registry) {
    guest.registry[tattooPath] = tattooKey(tattooFile(tags));
    return guest;
  }
  guest.files['/etc/goldbot/tattoo'] = { content: tattooFile(tags), mode: '0644', owner: 'root:root' };
  return guest;
}
