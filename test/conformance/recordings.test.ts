import { differences } from './recordings/differ';
import { type Answer, shapeOf } from './recordings/tape';
import { watched } from './recordings/watched';

const azure: Answer = {
  status: 201,
  headers: {
    'azure-asyncoperation': 'https://x/operations/1',
    date: 'today',
    'x-ms-ratelimit-remaining-resource': 'a',
  },
  body: {
    name: '1.0.0',
    tags: { team: 'tea' },
    properties: {
      provisioningState: 'Creating',
      publishingProfile: {
        replicaCount: 1,
        targetRegions: [{ name: 'West Europe' }, { name: 'East US', encryption: {} }],
      },
      instanceView: { statuses: [{ code: 'PowerState/running' }, { code: 'ProvisioningState/succeeded' }] },
    },
  },
};

/** The sandbox's answer with one mistake planted. */
function planted(mistake: (answer: { status: number; headers: Json; body: Body }) => void): string[] {
  const answer = structuredClone(azure) as never;
  mistake(answer);
  return differences(azure, answer);
}

type Json = Record<string, unknown>;
type Body = { name: unknown; tags: Json; properties: { provisioningState: string; [name: string]: Json | string } };

describe('the differ of recordings', () => {
  it('sees no difference between answers that differ in values alone', () => {
    const answer: Answer = {
      status: 201,
      headers: {
        'Azure-AsyncOperation': 'https://y/2',
        'x-ms-request-id': 'id',
        'x-ms-ratelimit-remaining-resource': '',
      },
      body: {
        name: '9.9.9',
        tags: { other: 'people name tags' },
        properties: {
          provisioningState: 'Creating',
          publishingProfile: { replicaCount: 3, targetRegions: [{ name: 'North Europe', encryption: {} }] },
          instanceView: { statuses: [{ code: 'ProvisioningState/succeeded' }, { code: 'PowerState/running' }] },
        },
      },
    };
    expect(differences(azure, answer)).toEqual([]);
  });

  it('catches a lost and an added header', () => {
    expect(planted(({ headers }) => delete headers['azure-asyncoperation'])).toEqual([
      'header azure-asyncoperation lost',
    ]);
    expect(planted(({ headers }) => Object.assign(headers, { Location: 'x' }))).toEqual(['header location added']);
  });

  it('catches a wrong status, and says why where an error came instead', () => {
    expect(planted((answer) => Object.assign(answer, { status: 200 }))).toEqual(['status 201 became 200']);
    const error = { status: 409, headers: {}, body: { error: { code: 'Conflict', message: 'It is there.' } } };
    expect(differences(azure, error)).toEqual(['status 201 became 409: Conflict It is there.']);
  });

  it('catches a typo in a field', () => {
    const found = planted(({ body }) => {
      body.properties['publishingProfil'] = body.properties['publishingProfile'] as Json;
      delete body.properties['publishingProfile'];
    });
    expect(found).toEqual([
      'body properties.publishingProfile (object) lost',
      'body properties.publishingProfil (object) added',
    ]);
  });

  it('catches a field of another kind, and one that only an item of a list has', () => {
    expect(planted(({ body }) => Object.assign(body, { name: 1 }))).toEqual([
      'body name (string) lost',
      'body name (number) added',
    ]);
    const found = planted(({ body }) => {
      const profile = body.properties['publishingProfile'] as { targetRegions: Json[] };
      delete profile.targetRegions[1]?.['encryption'];
    });
    expect(found).toEqual(['body properties.publishingProfile.targetRegions[].encryption (object) lost']);
  });

  it('catches a body that is not there at all', () => {
    expect(planted((answer) => Object.assign(answer, { body: null }))).toEqual(['body as a whole (object) lost']);
  });

  it('catches a wrong state, also where it is a code among others', () => {
    expect(planted(({ body }) => Object.assign(body.properties, { provisioningState: 'Succeeded' }))).toEqual([
      'state properties.provisioningState: Creating became Succeeded',
    ]);
    const found = planted(({ body }) => {
      const view = body.properties['instanceView'] as { statuses: Json[] };
      view.statuses[0] = { code: 'PowerState/stopped' };
    });
    expect(found).toEqual([
      'state properties.instanceView.statuses[].code: PowerState/running, ProvisioningState/succeeded became PowerState/stopped, ProvisioningState/succeeded',
    ]);
  });
});

describe('the reading of recordings', () => {
  it('knows which leaves of a body were not read', () => {
    const { body, unread } = watched<{ a: { b: string }[]; c: { d: number; e: null } }>({
      a: [{ b: 'x', f: 1 }, { b: 'y' }],
      c: { d: 1, e: null },
    });
    expect(body.a.map(({ b }) => b)).toEqual(['x', 'y']);
    expect(body.c.d).toBe(1);
    expect(unread()).toEqual(['a[].f', 'c.e']);
  });

  it('names an address by its types alone', () => {
    const url = 'https://management.azure.com/Subscriptions/s/resourcegroups/g/providers/Microsoft.Compute/disks/d?x=1';
    expect(shapeOf('GET', url)).toBe('GET /Subscriptions/*/resourceGroups/*/providers/Microsoft.Compute/disks/*');
    expect(shapeOf('POST', url.replace('?', '/beginGetAccess?'))).toMatch(/^POST .*\/disks\/\*\/beginGetAccess$/);
  });
});
