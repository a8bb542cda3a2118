import { ask } from './client';

import { gallery, galleryUrl, open, rg, url } from './gallery-world';

describe('the compute gallery, when it is asked for what it does not do', () => {
  it.each([
    ['a version whose definition is missing', '/images/nope/versions/1.0.0', 404, 'ParentResourceNotFound'],
    ['a version number of two parts', '/images/ubuntu-22/versions/1.0', 400, 'InvalidParameter'],
    ['a version number beyond 32 bits', '/images/ubuntu-22/versions/1.0.2147483648', 400, 'InvalidParameter'],
    ['a source that is not there', '/images/ubuntu-22/versions/9.0.0', 404, 'NotFound'],
  ])('refuses %s', async (_, path, status, code) => {
    const { sandbox } = open();
    const source = { id: `${galleryUrl}/images/ubuntu-22/versions/0.0.1` };
    const body = { location: 'westeurope', properties: { storageProfile: { source } } };

    const answer = await ask(sandbox, 'PUT', url(path), body);

    expect(answer).toMatchObject({ status, body: { error: { code } } });
  });

  it.each([
    [
      'the storage account type',
      { publishingProfile: { storageAccountType: 'Premium_LRS' } },
      'PropertyChangeNotAllowed',
    ],
    ['the replication mode', { publishingProfile: { replicationMode: 'Shallow' } }, 'PropertyChangeNotAllowed'],
    ['the source', { storageProfile: { source: { id: '/subscriptions/x' } } }, 'PropertyChangeNotAllowed'],
    [
      'a region that does not exist',
      { publishingProfile: { targetRegions: [{ name: 'Atlantis' }] } },
      'InvalidParameter',
    ],
    [
      '101 replicas',
      { publishingProfile: { targetRegions: [{ name: 'westeurope', regionalReplicaCount: 101 }] } },
      'InvalidParameter',
    ],
    ['regions without its own', { publishingProfile: { targetRegions: [{ name: 'eastus' }] } }, 'InvalidParameter'],
  ])('refuses a patch of %s', async (_, properties, code) => {
    const { sandbox } = open();

    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { properties });

    expect(answer).toMatchObject({ body: { error: { code } } });
    expect(answer.status).toBe(code === 'InvalidParameter' ? 400 : 409);
  });

  it('answers a second change with a conflict while the first one goes on', async () => {
    const { sandbox } = open();
    const path = url('/images/ubuntu-22/versions/1.5.0');

    const first = await ask(sandbox, 'PATCH', path, { tags: { a: '1' } });
    const second = await ask(sandbox, 'PATCH', path, { tags: { b: '2' } });

    expect(first.status).toBe(200);
    expect(first.headers?.['azure-asyncoperation']).toContain('/locations/westeurope/capsOperations/');
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'Conflict' } } });
  });

  it('finds resources by ids of the wrong case', async () => {
    const { sandbox } = open();

    const answer = await ask(
      sandbox,
      'GET',
      url('/images/UBUNTU-22/versions/1.5.0').toUpperCase().replace('API-VERSION', 'api-version'),
    );

    expect(answer).toMatchObject({ status: 200, body: { name: '1.5.0' } });
  });

  it.each([
    ['failed', 'Failed', 'Failed'],
    ['canceled', 'Canceled', 'Failed'],
  ] as const)('lets an operation end %s when a fault says so', async (lro, status, provisioningState) => {
    const { sandbox, world, versions } = open();
    sandbox.faults.add({ match: { face: 'azure', method: 'PATCH' }, lro });
    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: {} });
    world.clock.advance(5);

    const poll = await ask(sandbox, 'GET', answer.headers?.['azure-asyncoperation'] ?? '');

    expect(poll).toMatchObject({ status: 200, body: { status, error: { code: expect.any(String) } } });
    expect((await versions.get(rg, gallery, 'ubuntu-22', '1.5.0')).provisioningState).toBe(provisioningState);
  });

  it('forgets an operation that is gone although the change took place', async () => {
    const { sandbox, world, versions } = open();
    sandbox.faults.add({ match: { face: 'azure', method: 'PATCH' }, lro: 'gone' });
    const answer = await ask(sandbox, 'PATCH', url('/images/ubuntu-22/versions/1.5.0'), { tags: { x: 'y' } });
    world.clock.advance(5);

    const poll = await ask(sandbox, 'GET', answer.headers?.['azure-asyncoperation'] ?? '');

    expect(poll.status).toBe(404);
    expect(await versions.get(rg, gallery, 'ubuntu-22', '1.5.0')).toMatchObject({
      provisioningState: 'Succeeded',
      tags: { x: 'y' },
    });
  });
});
