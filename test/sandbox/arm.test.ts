import { addAzureFace } from '../../sandbox/azure';
import { galleryName, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';

const world = new World({ startMs: Date.UTC(2026, 10, 23, 9), speed: 0 });
const sandbox = new Sandbox(world);
addAzureFace(sandbox);

const subscription = `/subscriptions/${platformSubscription}`;
const gallery = `${subscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Compute/galleries/${galleryName}`;
const send = (method: string, path: string, body?: object) =>
  ask(sandbox, method, `${path}?api-version=${path.includes('galleries') ? '2025-03-03' : '2022-09-01'}`, body);
const codeOf = async (answer: ReturnType<typeof send>) =>
  ((await answer).body as { error?: { code: string } } | undefined)?.error?.code;

describe('a subscription', () => {
  it('has locations, by the names that everything else uses', async () => {
    const { status, body } = await send('GET', `${subscription}/locations`);
    const { value } = body as { value: { name: string; displayName: string }[] };

    expect(status).toBe(200);
    expect(value).toContainEqual(
      expect.objectContaining({
        id: `${subscription}/locations/westeurope`,
        name: 'westeurope',
        displayName: 'West Europe',
      }),
    );
    expect((await send('GET', '/subscriptions/nobody/locations')).status).toBe(404);
  });

  it('is found although the address has a slash too many', async () => {
    const address = `https://management.azure.com/${subscription}//resourcegroups`;

    expect(await send('GET', address)).toMatchObject({ status: 200 });
  });
});

describe('a resource group', () => {
  it('is made, stays where it is, and goes with all that is in it', async () => {
    const group = `${subscription}/resourcegroups/rg-new`;
    const inside = `${group}/providers/Microsoft.Compute/galleries/inner`;

    expect(await send('PUT', group, { location: 'West Europe', tags: { a: '1' } })).toMatchObject({
      status: 201,
      body: { name: 'rg-new', location: 'westeurope', tags: { a: '1' } },
    });
    expect(await codeOf(send('PUT', group, { location: 'northeurope' }))).toBe('InvalidResourceGroupLocation');
    expect((await send('PUT', inside, { location: 'westeurope' })).status).toBe(201);
    const { status, headers = {} } = await send('DELETE', group);
    expect(status).toBe(202);
    expect((await ask(sandbox, 'GET', headers['location'] ?? '')).status).toBe(202);
    world.clock.advance(6);
    expect((await ask(sandbox, 'GET', headers['location'] ?? '')).status).toBe(200);
    expect((await send('GET', group)).status).toBe(404);
    expect(await codeOf(send('GET', inside))).toBe('ResourceGroupNotFound');
  });
});

describe('the tags of every resource', () => {
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`t${i}`, 'x']));

  it.each([
    ['fifty of them', many(50), undefined],
    ['one more', many(51), 'TagCountExceedsLimit'],
    ['a value of 256 characters', { a: 'x'.repeat(256) }, undefined],
    ['a value of 257', { a: 'x'.repeat(257) }, 'InvalidTagNameOrValueLength'],
    ['a name of 512 characters', { ['n'.repeat(512)]: '' }, undefined],
    ['a name of 513', { ['n'.repeat(513)]: '' }, 'InvalidTagNameOrValueLength'],
    ['a name with a slash', { 'a/b': '' }, 'InvalidTagNameCharacters'],
    ['a name with a question mark', { 'a?': '' }, 'InvalidTagNameCharacters'],
  ])('%s', async (_, tags, code) => {
    const group = `${subscription}/resourcegroups/rg-tags`;

    expect(await codeOf(send('PUT', group, { location: 'westeurope', tags }))).toBe(code);
    expect(await codeOf(send('PATCH', gallery, { tags }))).toBe(code);
  });
});

describe('conditions', () => {
  const set = (body: unknown) => ask(sandbox, 'POST', '/_sandbox/conditions', body);

  it('are kept until they are taken back', async () => {
    const { body } = await set({ quota: [{ location: 'West Europe', cores: 7 }] });
    const narrower = await set({ quota: [{ location: 'westeurope', family: 'standardDSv5Family', cores: 1 }] });

    expect(body).toEqual({ quota: [{ location: 'westeurope', cores: 7 }] });
    expect(narrower.body).toEqual({
      quota: [
        { location: 'westeurope', cores: 7 },
        { location: 'westeurope', family: 'standarddsv5family', cores: 1 },
      ],
    });
    expect((await set({ quota: [{ location: 'westeurope', cores: null }] })).body).toEqual({
      quota: [{ location: 'westeurope', family: 'standarddsv5family', cores: 1 }],
    });
    expect((await ask(sandbox, 'DELETE', '/_sandbox/conditions')).body).toEqual({});
  });

  it.each([
    ['what there is not', { weather: [] }, /no condition `weather`; there are quota, sizes/],
    ['no list', { quota: { location: 'westeurope', cores: 1 } }, /`quota` is a list/],
    ['nowhere', { quota: [{ cores: 1 }] }, /say which: location, family/],
    ['nothing', { quota: [{ location: 'westeurope' }] }, /say what is so: cores/],
    ['an answer', { quota: [{ location: 'westeurope', cores: 1, status: 409 }] }, /there is no `status`/],
    ['half a core', { quota: [{ location: 'westeurope', cores: 0.5 }] }, /`cores` cannot be 0.5/],
    ['no object', 'quota', /must be a JSON object/],
  ])('are refused that say %s', async (_, body, words) => {
    const answer = await set(body);

    expect(answer.status).toBe(400);
    expect((answer.body as { error: { message: string } }).error.message).toMatch(words);
  });
});

describe('enforced roles', () => {
  const rbac = (body: object) => ask(sandbox, 'POST', '/_sandbox/rbac', body);
  const as = (token: string) =>
    ask(sandbox, 'GET', `${gallery}?api-version=2025-03-03`, undefined, { authorization: token });
  const jwt = (claims: object) => `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  afterAll(() => rbac({ enforce: false }));

  it('make the object id of a token the principal, and take no token that names none', async () => {
    const before = await as('Bearer anything');
    const set = await rbac({ enforce: true });

    expect(before.status).toBe(200);
    expect(set).toMatchObject({ status: 200, body: { enforce: true } });
    expect(await codeOf(as('Bearer anything'))).toBe('AuthenticationFailed');
    expect(await codeOf(as(jwt({ oid: '0b1ec700-0000-4000-8000-0000000000ff' })))).toBe('AuthorizationFailed');
    expect(await codeOf(as(jwt({})))).toBe('AuthorizationFailed');
    expect((await as('Bearer sandbox')).status).toBe(200);
    expect((await rbac({ enforce: 'yes' })).status).toBe(400);
  });
});
