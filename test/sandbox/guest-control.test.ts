import { baseGuest } from '../../sandbox/azure/guest/base';
import { guestControlRoutes } from '../../sandbox/azure/guest/control';
import { bootGuest, type Guest, guestOf, setGuest } from '../../sandbox/azure/guest/guest';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';
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

  it.each(['ubuntu-22', definition])(
    'breaks the versions of an image and every later build, until it is cleared: %s',
    async (name) => {
      const azure = imageBuilder();
      const set = (body: object) => ask(azure.sandbox, 'POST', '/_sandbox/guest', body);
      setGuest(azure.world, `${definition}/versions/1.5.0`, ubuntu());
      const answer = await set({ image: name, set: { services: { chrony: { active: false } } } });
      expect(answer).toMatchObject({
        status: 200,
        body: { changed: [`${definition}/versions/1.5.0`.toLowerCase()], later: true },
      });
      expect(azure.guestOf(`${definition}/versions/1.5.0`)?.services['chrony']?.active).toBe(false);
      await put(azure, 't1', template());
      azure.world.clock.advance(60);
      azure.world.settle();
      expect(azure.guestOf(`${definition}/versions/1.6.0`)?.services['chrony']).toEqual({
        enabled: false,
        active: false,
      });
      await set({ image: name, set: null });
      await put(azure, 't2', template({ distribute: { galleryImageId: `${definition}/versions/1.6.1` } }));
      azure.world.clock.advance(60);
      azure.world.settle();
      expect(azure.guestOf(`${definition}/versions/1.6.1`)?.services['chrony']?.active).toBe(true);
    },
  );

  it.each([
    ['neither image nor vm', { set: {} }],
    ['both', { image: 'a', vm: 'b', set: {} }],
    ['no set', { image: 'a' }],
    ['an unknown part', { image: 'a', set: { registry: {} } }],
    ['a value that does not fit', { image: 'a', set: { packages: { openssl: 3 } } }],
  ])('refuses %s', async (_, body) => {
    expect((await world().set(body)).status).toBe(400);
  });

  it('does not find a VM or a version that has no guest', async () => {
    expect((await world().set({ vm, set: {} })).status).toBe(404);
    expect((await world().set({ image: `${definition}/versions/9.9.9`, set: {} })).status).toBe(404);
  });
});
