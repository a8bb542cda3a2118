import { type Azure, errorOf, openAzure } from '../conformance/refusals/azure';
import { gallery, galleryGroup, subscription } from '../conformance/refusals/names';

const imageReader = 'cf7c76d2-98a3-4358-a134-615aa78bf44d';
const scope = `${gallery}/images/ubuntu-22`;
const under = (type: string, name = '') =>
  `${scope}/providers/Microsoft.Authorization/${type}${name && `/${name}`}?api-version=2020-10-01`;
const held = { licences: [{ plan: 'EntraIdP2', held: true }] };
const guid = (n: number) => `5c4ed01e-0000-4000-8000-${String(n).padStart(12, '0')}`;
const viewers = 'b0bb1e50-0000-4000-8000-000000000001';

async function licensed(): Promise<Azure> {
  const azure = openAzure();
  await azure.conditions(held);
  return azure;
}

const until = (endDateTime: string) => ({
  scheduleInfo: { startDateTime: '2026-11-23T09:00:00Z', expiration: { type: 'AfterDateTime', endDateTime } },
});
const forA = (duration: string) => ({ scheduleInfo: { expiration: { type: 'AfterDuration', duration } } });

function request(azure: Azure, n: number, more: object) {
  const properties = {
    principalId: viewers,
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${imageReader}`,
    requestType: 'AdminAssign',
    justification: 'CHG0042',
    ...more,
  };
  return azure.send('PUT', under('roleAssignmentScheduleRequests', guid(n)), { properties });
}

async function listed(azure: Azure, type: string): Promise<readonly { readonly properties: object }[]> {
  return ((await azure.send('GET', `${under(type)}&$filter=atScope()`)).body as { value: { properties: object }[] })
    .value;
}

/** Who has the role on the image, by ordinary assignments. */
async function readers(azure: Azure): Promise<number> {
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '${viewers}'`;
  return ((await azure.send('GET', path)).body as { value: unknown[] }).value.length;
}

describe('a role with an end', () => {
  it('is held from the beginning of its schedule until its end, and not a minute longer', async () => {
    const azure = await licensed();
    const answer = await request(azure, 1, until('2026-11-23T12:00:00Z'));
    const [schedule] = await listed(azure, 'roleAssignmentSchedules');
    const [instance] = await listed(azure, 'roleAssignmentScheduleInstances');
    const before = await readers(azure);
    azure.later(181);

    expect(answer).toMatchObject({
      status: 201,
      body: { properties: { status: 'Provisioned', justification: 'CHG0042' } },
    });
    expect(schedule?.properties).toMatchObject({ endDateTime: '2026-11-23T12:00:00.000Z', status: 'Provisioned' });
    expect(instance?.properties).toMatchObject({ principalId: viewers, assignmentType: 'Assigned' });
    expect(before).toBe(1);
    expect(await readers(azure)).toBe(0);
    expect(await listed(azure, 'roleAssignmentSchedules')).toEqual([]);
    expect((await azure.send('GET', under('roleAssignmentScheduleRequests', guid(1)))).status).toBe(200);
  });

  it('begins later where it says so', async () => {
    const azure = await licensed();
    const scheduleInfo = {
      startDateTime: '2026-11-23T10:00:00Z',
      expiration: { type: 'AfterDuration', duration: 'PT2H' },
    };
    const answer = await request(azure, 1, { scheduleInfo });
    const before = await readers(azure);
    azure.later(61);

    expect(answer).toMatchObject({ body: { properties: { status: 'ScheduleCreated' } } });
    expect([before, await readers(azure)]).toEqual([0, 1]);
    azure.later(120);
    expect(await readers(azure)).toBe(0);
  });

  it('can be taken back, and its end can be moved', async () => {
    const azure = await licensed();
    await request(azure, 1, forA('PT1H'));
    const moved = await request(azure, 2, { requestType: 'AdminExtend', ...forA('PT5H') });
    azure.later(90);
    const still = await readers(azure);
    const removed = await request(azure, 3, { requestType: 'AdminRemove' });

    expect(moved.status).toBe(201);
    expect(still).toBe(1);
    expect(removed).toMatchObject({ status: 201, body: { properties: { status: 'Revoked' } } });
    expect(await readers(azure)).toBe(0);
    expect(errorOf(await request(azure, 4, { requestType: 'AdminRemove' })).code).toBe('RoleAssignmentDoesNotExist');
  });

  it('needs a licence that the tenant does not have at first', async () => {
    const answer = await request(openAzure(), 1, forA('PT1H'));

    expect({ status: answer.status, code: errorOf(answer).code }).toEqual({
      status: 400,
      code: 'AadPremiumLicenseRequired',
    });
  });

  it.each([
    [
      'no end',
      { scheduleInfo: { expiration: { type: 'NoExpiration' } } },
      'RoleAssignmentRequestPolicyValidationFailed',
    ],
    ['an end after more than half a year', forA('P181D'), 'RoleAssignmentRequestPolicyValidationFailed'],
    ['an end that is over', until('2026-11-23T08:00:00Z'), 'RoleAssignmentRequestPolicyValidationFailed'],
    ['no reason', { ...forA('PT1H'), justification: ' ' }, 'RoleAssignmentRequestPolicyValidationFailed'],
    ['nobody', { ...forA('PT1H'), principalId: guid(99) }, 'PrincipalNotFound'],
    ['a role that does not exist', { ...forA('PT1H'), roleDefinitionId: guid(98) }, 'RoleDefinitionDoesNotExist'],
    ['a request of another kind', { ...forA('PT1H'), requestType: 'SelfActivate' }, 'InvalidRequestType'],
  ])('is refused with %s', async (_, more, code) => {
    const azure = await licensed();

    expect(errorOf(await request(azure, 1, more)).code).toBe(code);
    expect(await readers(azure)).toBe(0);
  });

  it('is refused where it is held already, or too many are', async () => {
    const azure = await licensed();
    await request(azure, 1, forA('PT1H'));
    const again = await request(azure, 2, forA('PT1H'));
    const same = await request(azure, 1, forA('PT1H'));
    await azure.conditions({ limits: [{ what: 'roleAssignments', most: 0 }] });
    const roleDefinitionId = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

    expect([again.status, errorOf(again).code]).toEqual([409, 'RoleAssignmentExists']);
    expect(same.status).toBe(409);
    expect(errorOf(await request(azure, 3, { ...forA('PT1H'), roleDefinitionId })).code).toBe(
      'RoleAssignmentLimitExceeded',
    );
  });

  it('is of its scope alone', async () => {
    const azure = await licensed();
    await request(azure, 1, forA('PT1H'));
    const path = `${galleryGroup}/providers/Microsoft.Authorization/roleAssignmentSchedules?api-version=2020-10-01`;

    expect((await azure.send('GET', `${path}&$filter=atScope()`)).body).toEqual({ value: [] });
    expect((await azure.send('GET', path)).body).toMatchObject({ value: [{ properties: { scope } }] });
  });
});
