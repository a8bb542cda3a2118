import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { versionRef } from '../../sandbox/azure/estate/images';
import { ask } from './client';
import { galleryUrl, open, url } from './gallery-world';

const identifier = { publisher: 'contoso', offer: 'gold', sku: 'debian-13' };
const definition = { osType: 'Linux', osState: 'Generalized', identifier };
const at = (name: string, version = '2025-03-03') => url(`/images/${name}`).replace(/[\d-]+$/, version);

type Opened = ReturnType<typeof open>;

async function put({ sandbox, world }: Opened, properties: object, target = at('debian-13')) {
  const answer = await ask(sandbox, 'PUT', target, { location: 'westeurope', properties });
  world.clock.advance(1);
  return answer;
}

describe('an image definition', () => {
  it('is Gen2 and ready for trusted launch by default since api-version 2025-03-03, and Gen1 before', async () => {
    const modern = await put(open(), definition);
    const classic = await put(open(), definition, at('debian-13', '2023-07-03'));
    const explicit = await put(open(), { ...definition, hyperVGeneration: 'V1', disallowed: {} });

    const features = [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }];
    expect(modern.body).toMatchObject({ properties: { hyperVGeneration: 'V2', architecture: 'x64', features } });
    expect(classic.body).toMatchObject({ properties: { hyperVGeneration: 'V1', architecture: 'x64' } });
    for (const { body, status } of [classic, explicit]) {
      expect(status).toBe(201);
      expect(JSON.stringify(body)).not.toMatch(/features|disallowed/);
    }
  });

  it.each([
    ['without an operating system', { osType: undefined }],
    ['with an operating system that does not exist', { osType: 'BeOS' }],
    ['without a state', { osState: undefined }],
    ['with a state that does not exist', { osState: 'Sleepy' }],
    ['without an identifier', { identifier: undefined }],
    ['with a publisher of strange letters', { identifier: { ...identifier, publisher: 'con toso' } }],
    ['with an offer that ends with a period', { identifier: { ...identifier, offer: 'gold.' } }],
    ['with a SKU of 65 letters', { identifier: { ...identifier, sku: 'x'.repeat(65) } }],
    ['with a minimum above the maximum', { recommended: { vCPUs: { min: 8, max: 2 } } }],
  ])('is refused %s', async (_, change) => {
    const answer = await put(open(), { ...definition, ...change });

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'InvalidParameter' } } });
  });

  it('is refused by a name that ends with a period', async () => {
    const answer = await put(open(), definition, at('debian.'));

    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'InvalidParameter' } } });
  });

  it.each([
    ['osType', 'Windows'],
    ['osState', 'Specialized'],
    ['hyperVGeneration', 'V1'],
    ['architecture', 'Arm64'],
    ['identifier', { ...identifier, sku: 'other' }],
  ])('never changes its %s', async (name, value) => {
    const opened = open();
    await put(opened, definition);

    const replaced = await put(opened, { ...definition, [name]: value });
    const patched = await ask(opened.sandbox, 'PATCH', at('debian-13'), { properties: { [name]: value } });

    for (const answer of [replaced, patched]) {
      expect(answer).toMatchObject({
        status: 409,
        body: { error: { code: 'PropertyChangeNotAllowed', target: `galleryImage.properties.${name}` } },
      });
    }
  });

  it('shares its identifier with no other one of its gallery', async () => {
    const opened = open();
    await put(opened, definition);

    const answer = await put(opened, definition, at('twin'));

    expect(answer).toMatchObject({
      status: 409,
      body: {
        error: {
          message:
            'Gallery image: debian-13 identified by (publisher:contoso, offer:gold, sku:debian-13) already exists. Choose a different publisher, offer, sku combination.',
        },
      },
    });
  });

  it('with versions cannot be deleted, and neither can its gallery', async () => {
    const { sandbox } = open();

    for (const path of ['/images/ubuntu-22', '']) {
      expect(await ask(sandbox, 'DELETE', url(path))).toMatchObject({
        status: 409,
        body: {
          error: {
            code: 'CannotDeleteResource',
            message: expect.stringContaining(versionRef('ubuntu-22', '1.5.0')),
          },
        },
      });
    }
  });

  it('stays in its region', async () => {
    const { sandbox } = open();
    const answer = await ask(sandbox, 'PUT', at('ubuntu-22'), { location: 'northeurope', properties: definition });

    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'InvalidResourceLocation' } } });
  });
});

describe('a gallery', () => {
  it('is refused by a name with a dash and in a region that does not exist', async () => {
    const { sandbox } = open();
    const target = (name: string) => url('').replace(/gold\?/, `${name}?`);

    const dashed = await ask(sandbox, 'PUT', target('gold-er'), { location: 'westeurope' });
    const lost = await ask(sandbox, 'PUT', target('golder'), { location: 'atlantis' });

    expect(dashed).toMatchObject({ status: 400, body: { error: { code: 'InvalidParameter' } } });
    expect(lost).toMatchObject({ status: 400, body: { error: { code: 'LocationNotAvailableForResourceType' } } });
  });

  it.each([
    ['galleries', 100, galleryUrl, ''],
    ['definitions', 1_000, `${galleryUrl}/images/ubuntu-22`, '/images/one-more'],
    ['versions', 10_000, versionRef('ubuntu-22', '1.5.0'), '/images/ubuntu-22/versions/7.7.7'],
  ])('is refused when a region has all its %s', async (_, limit, like, path) => {
    const opened = open();
    const { resources } = compute(opened.world);
    const model = resources[like.toLowerCase()] as Resource;
    const there = Object.values(resources).filter((r) => r.type === model.type && r.location === model.location).length;
    for (let n = there; n < limit; n += 1)
      resources[`${like.toLowerCase()}-copy-${n}`] = { ...model, id: `${like}-copy-${n}` };
    const properties = path.includes('versions')
      ? { storageProfile: { source: { id: versionRef('ubuntu-22', '1.5.0') } } }
      : definition;
    const target = path === '' ? url('').replace('/gold?', '/silver?') : url(path);

    const full = await put(opened, properties, target);
    delete resources[`${like.toLowerCase()}-copy-${limit - 1}`];
    const room = await put(opened, properties, target);

    expect(full).toMatchObject({ status: 409, body: { error: { code: 'OperationNotAllowed' } } });
    expect(JSON.stringify(full.body)).toContain(
      `Current Limit: ${limit}, Current Usage: ${limit}, Additional Required: 1`,
    );
    expect(room.status).toBe(201);
  });
});
