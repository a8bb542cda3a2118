import { baseGuest } from '../../sandbox/azure/guest/base';
import { guestControlRoutes } from '../../sandbox/azure/guest/control';
import { bootGuest, type Guest, guestOf, setGuest } from '../../sandbox/azure/guest/guest';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';
import { baseGuest as windows } from './guest/powershell-world';
import { definition, imageBuilder, put, template } from './image-builder-world';

const image = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: '22.04.202611120',
};
const ubuntu = () => baseGuest(image) as Guest;

function world() {
  const w = new World({ speed: 0 });
  const sandbox = new Sandbox(w);
  sandbox.add('azure', guestControlRoutes(w));
  sandbox.add('teams', guestControlRoutes(w));
  const set = (body: object) => ask(sandbox, 'POST', '/_sandbox/guest', body);
  return { w, sandbox, set };
}

const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/VM1';

describe('guests that are kept', () => {
  it('come back as they were put, in any case of the id, and as copies', () => {
    const { w } = world();
    const guest = ubuntu();
    guest.files['/etc/x'] = { content: 'x', mode: '0600', owner: 'root:root' };
    delete guest.packages['vim'];
    setGuest(w, vm, guest);
    expect(guestOf(w, vm.toLowerCase())).toEqual(guest);
    guest.packages['vim'] = '9';
    expect(guestOf(w, vm)?.packages['vim']).toBeUndefined();
  });

  it('are kept as the difference from their marketplace image', () => {
    const { w } = world();
    setGuest(w, vm, ubuntu());
    expect(JSON.stringify(w.section('guests', () => ({}))).length).toBeLessThan(400);
  });

  it('get a name, keys and running services when they boot', () => {
    const guest = ubuntu();
    delete guest.files['/etc/ssh/ssh_host_ed25519_key'];
    guest.services['chrony'] = { enabled: false, active: true };
    const booted = bootGuest(guest, 'vm1');
    expect(booted.files['/etc/hostname']?.content).toBe('vm1\n');
    expect(booted.files['/etc/ssh/ssh_host_ed25519_key']).toBeDefined();
    expect(booted.services['chrony']?.active).toBe(false);
    expect(booted.services['ssh']?.active).toBe(true);
  });
});

describe('POST /_sandbox/guest', () => {
  it('changes a VM at once', async () => {
    const { w, set } = world();
    setGuest(w, vm, ubuntu());
    const change = {
      files: { '/etc/goldbot/tattoo': null, '/etc/motd': 'hi\n' },
      packages: { openssl: null },
      services: { ssh: { active: false } },
    };
    expect((await set({ vm, set: change })).status).toBe(200);
    const guest = guestOf(w, vm);
    expect(guest?.files['/etc/motd']).toEqual({ content: 'hi\n', mode: '0644', owner: 'root:root' });
    expect(guest?.packages['openssl']).toBeUndefined();
    expect(guest?.services['ssh']).toEqual({ enabled: false, active: false });
  });

  it.each(['ubuntu-22', definition])('breaks candidates and later builds of %s until it is cleared', async (image) => {
    const azure = imageBuilder();
    const set = (change: object | null) => ask(azure.sandbox, 'POST', '/_sandbox/guest', { image, set: change });
    const chrony = (version: string) => azure.guestOf(`${definition}/versions/${version}`)?.services['chrony'];
    const build = async (version: string) => {
      await put(
        azure,
        `t-${version}`,
        template({ distribute: { galleryImageId: `${definition}/versions/${version}` } }),
      );
      azure.world.clock.advance(60);
      azure.world.settle();
    };
    const down = { enabled: false, active: false };
    setGuest(azure.world, `${definition}/versions/1.5.0`, ubuntu());
    await build('1.6.0');
    const answer = await set({ services: { chrony: { active: false } } });
    expect(answer).toMatchObject({ status: 200, body: { changed: [`${definition}/versions/1.6.0`], later: true } });
    expect(chrony('1.5.0')?.active).toBe(true);
    expect(chrony('1.6.0')).toEqual(down);
    await build('1.6.1');
    expect(chrony('1.6.1')).toEqual(down);
    await set(null);
    await build('1.6.2');
    expect(chrony('1.6.2')?.active).toBe(true);
  });

  it('changes the registry of a Windows machine, value by value', async () => {
    const { w, set } = world();
    const key = 'HKLM\\SOFTWARE\\goldbot\\tattoo';
    setGuest(w, vm, { ...windows(), registry: { [key]: { image: { kind: 'String', data: 'a' } } } });
    await set({
      vm,
      set: { registry: { 'HKEY_LOCAL_MACHINE\\software\\goldbot\\tattoo': { image: null, version: '9.9.9', n: 1 } } },
    });
    expect(guestOf(w, vm)?.registry?.[key]).toEqual({
      version: { kind: 'String', data: '9.9.9' },
      n: { kind: 'DWord', data: 1 },
    });
    await set({ vm, set: { registry: { [key]: null } } });
    expect(guestOf(w, vm)?.registry?.[key]).toBeUndefined();
  });

  it.each([
    ['neither image nor vm', { set: {} }],
    ['both', { image: 'a', vm: 'b', set: {} }],
    ['no set', { image: 'a' }],
    ['an unknown part', { image: 'a', set: { kernel: {} } }],
    ['a key that is no object', { image: 'a', set: { registry: { 'HKLM\\SOFTWARE': 'x' } } }],
    ['a value that does not fit', { image: 'a', set: { packages: { openssl: 3 } } }],
  ])('refuses %s', async (_, body) => {
    expect((await world().set(body)).status).toBe(400);
  });

  it('does not find a VM or a version that has no guest', async () => {
    expect((await world().set({ vm, set: {} })).status).toBe(404);
    expect((await world().set({ image: `${definition}/versions/9.9.9`, set: {} })).status).toBe(404);
  });
});
