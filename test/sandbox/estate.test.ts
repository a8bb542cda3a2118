import { createHash } from 'node:crypto';
import { addAzureFace } from '../../sandbox/azure';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { versionRef } from '../../sandbox/azure/estate/images';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { initialEstate } from '../../sandbox/azure/estate/story';
import { syntheticAt } from '../../sandbox/azure/estate/synthetic';
import { guestOf } from '../../sandbox/azure/guest/guest';
import { findProduct, versionsAt } from '../../sandbox/azure/marketplace/catalogue';
import { galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';

const start = Date.UTC(2026, 10, 23, 9);

function open(options: { machine?: () => number } = {}) {
  const world = new World({ startMs: start, speed: 0 });
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox, options);
  return { world, sandbox };
}

const vms = (resources: readonly Resource[]) => resources.filter((r) => r.type === 'Microsoft.Compute/virtualMachines');

describe('the initial estate', () => {
  it('is the same each time, moved to the start of its world', () => {
    expect(initialEstate(start)).toEqual(initialEstate(start));
    expect(vms(initialEstate(start + 86_400_000).resources).map((r) => r.name)).toEqual(
      vms(initialEstate(start).resources).map((r) => r.name),
    );
  });

  it('has 200 VMs of four teams in three subscriptions, pets, cattle and undecided, some outside the gallery', () => {
    const all = vms(initialEstate(start).resources);
    const kinds = (of: (vm: Resource) => string | undefined) => new Set(all.map(of));

    expect(all).toHaveLength(200);
    expect(kinds((vm) => vm.id.split('/')[2]).size).toBe(3);
    expect(kinds((vm) => vm.tags?.['team'])).toEqual(new Set(['payments', 'web', 'data', 'legacy', undefined]));
    expect(kinds((vm) => vm.tags?.['service-model'])).toEqual(new Set(['pet', 'cattle', undefined]));
    expect(
      kinds(
        (vm) =>
          (vm.properties['storageProfile'] as { imageReference: { publisher?: string } }).imageReference.publisher,
      ),
    ).toEqual(new Set([undefined, 'Canonical', 'MicrosoftWindowsServer']));
  });

  it('mirrors the tattoo inside every Linux version in its tags, made of a source that the marketplace really had', () => {
    const { world } = open();
    const product = findProduct('Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2');

    for (const version of ['1.3.0', '1.4.1', '1.5.0']) {
      const id = versionRef('ubuntu-22', version);
      const tags = compute(world).resources[id.toLowerCase()]?.tags ?? {};
      const file = guestOf(world, id)?.files['/etc/goldbot/tattoo']?.content ?? '';
      const lines = Object.fromEntries(
        file
          .trim()
          .split('\n')
          .map((line) => line.split(/=(.*)/s).slice(0, 2)),
      );

      expect(Object.keys(lines)).toEqual(['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe']);
      for (const [name, value] of Object.entries(lines)) expect(tags[`goldbot-${name}`]).toBe(value);
      expect(tags['goldbot-tattoo-sha256']).toBe(createHash('sha256').update(file).digest('hex'));
      const builtMs = Date.parse(tags['goldbot-built'] ?? '');
      expect(product && versionsAt(product, builtMs).map((v) => v.version)).toContain(
        tags['goldbot-source']?.split(':')[3],
      );
    }
  });

  it('is back with its guests after a reset', async () => {
    const { world, sandbox } = open();
    const url = `${versionRef('ubuntu-22', '1.3.0')}?api-version=2025-03-03`;
    await ask(sandbox, 'DELETE', url);
    world.clock.advance(5);
    const gone = await ask(sandbox, 'GET', url);
    world.reset();

    const back = await ask(sandbox, 'GET', url);

    expect(gone.status).toBe(404);
    expect(back.status).toBe(200);
    expect(guestOf(world, versionRef('ubuntu-22', '1.5.0'))?.files['/etc/goldbot/tattoo']).toBeDefined();
  });
});

describe('a synthetic estate', () => {
  it('is told by its seed, keeps no row, and answers each VM by its id', async () => {
    const { world, sandbox } = open();
    const made = seedEstate(world, { vms: 1_000_000, teams: 300, seed: 42 });
    const parameters = compute(world).seed;
    if (!parameters) throw new Error('no seed');
    const last = syntheticAt(parameters, 999_999);

    const answer = await ask(sandbox, 'GET', `${last.id.toUpperCase()}?api-version=2026-03-01`);
    const beyond = await ask(sandbox, 'GET', `${last.id.replace('0999999', '1000000')}?api-version=2026-03-01`);

    expect(made).toEqual({ vms: 1_000_000, teams: 300, seed: 42 });
    expect(answer).toMatchObject({ status: 200, body: { id: last.id, tags: { team: last.tags?.['team'] } } });
    expect(beyond.status).toBe(404);
    expect(JSON.stringify(compute(world)).length).toBeLessThan(30_000);
    expect(syntheticAt({ ...parameters, seed: 43 }, 17)).not.toEqual(syntheticAt(parameters, 17));
  });

  it('keeps a VM that somebody changes', async () => {
    const { world, sandbox } = open();
    seedEstate(world, { vms: 100, teams: 3 });
    const parameters = compute(world).seed;
    if (!parameters) throw new Error('no seed');
    const url = `${syntheticAt(parameters, 5).id}?api-version=2026-03-01`;
    await ask(sandbox, 'PATCH', url, { tags: { team: 'mine' } });

    expect(await ask(sandbox, 'GET', url)).toMatchObject({ body: { tags: { team: 'mine' } } });
  });
});

describe("ARM's door", () => {
  const groups = `/subscriptions/${platformSubscription}/resourcegroups`;

  it('asks for an api-version and knows only those of the type', async () => {
    const { sandbox } = open();
    const url = versionRef('ubuntu-22', '1.5.0');

    expect(await ask(sandbox, 'GET', url)).toMatchObject({
      status: 400,
      body: { error: { code: 'MissingApiVersionParameter' } },
    });
    expect(await ask(sandbox, 'GET', `${url}?api-version=2099-01-01`)).toMatchObject({
      status: 400,
      body: { error: { code: 'NoRegisteredProviderFound' } },
    });
    expect(await ask(sandbox, 'GET', `${url}?api-version=latest`)).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidApiVersionParameter' } },
    });
  });

  it('names every answer and says what is left', async () => {
    const { sandbox } = open({ machine: () => 0 });

    const answer = await ask(sandbox, 'GET', `${groups}/${galleryResourceGroup}?api-version=2021-04-01`);

    expect(answer).toMatchObject({ status: 200, body: { name: galleryResourceGroup } });
    expect(answer.headers).toMatchObject({
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-correlation-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-ms-ratelimit-remaining-subscription-reads': '249',
      'x-ms-ratelimit-remaining-subscription-global-reads': '3749',
    });
  });

  it('throttles a caller who empties the bucket, until it fills again in machine time', async () => {
    let now = 0;
    const { sandbox } = open({ machine: () => now });
    const url = `${groups}?api-version=2021-04-01`;
    for (let n = 0; n < 250; n += 1) await ask(sandbox, 'GET', url);

    const refused = await ask(sandbox, 'GET', url);
    now += 1_000;
    const again = await ask(sandbox, 'GET', url);

    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'SubscriptionRequestsThrottled' } },
    });
    expect(again.status).toBe(200);
  });

  it.each([
    ['a subscription', `/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups`, 'SubscriptionNotFound'],
    ['a resource group', `${groups}/nope`, 'ResourceGroupNotFound'],
  ])('does not find %s that is not there', async (_, path, code) => {
    const { sandbox } = open();

    expect(await ask(sandbox, 'GET', `${path}?api-version=2021-04-01`)).toMatchObject({
      status: 404,
      body: { error: { code } },
    });
  });
});
