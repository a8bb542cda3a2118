import * as compute from '@azure/arm-compute';
import * as imageBuilder from '@azure/arm-imagebuilder';
import { recordedTraffic } from './protocol/recorded';

import { judged } from './shared';
import { judgeTypes, typeJudge } from './types';
import { findType } from './types/bicep';
import { deviations, nullTakesAway, openLists } from './types/exceptions';
import { openListsOf } from './types/lists';
import type { Wire } from './wire';

type Json = Record<string, unknown>;

const group = 'https://management.azure.com/subscriptions/s/resourceGroups/g/providers';
const version = `${group}/Microsoft.Compute/galleries/gold/images/ubuntu/versions/1.0.0?api-version=2025-03-03`;
const template = `${group}/Microsoft.VirtualMachineImages/imageTemplates/t?api-version=2025-10-01`;
const machine = `${group}/Microsoft.Compute/virtualMachines/m?api-version=2026-03-01`;

/** Bodies without a mistake; every planted one is a copy with one change. */
const good = {
  version: {
    id: '/subscriptions/s/…',
    name: '1.0.0',
    type: 'Microsoft.Compute/galleries/images/versions',
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'West Europe', storageAccountType: 'Standard_LRS' }] },
      storageProfile: { source: { id: 'x' } },
      provisioningState: 'Succeeded',
    },
  },
  template: {
    location: 'westeurope',
    identity: { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/i': {} } },
    properties: {
      source: { type: 'PlatformImage', publisher: 'p', offer: 'o', sku: 's', version: '1' },
      customize: [{ type: 'Shell', name: 'a', inline: ['true'] }],
      distribute: [{ type: 'SharedImage', galleryImageId: 'x', runOutputName: 'r', targetRegions: [{ name: 'a' }] }],
    },
  },
  patch: { properties: { publishingProfile: { targetRegions: [{ name: 'West Europe' }], endOfLifeDate: null } } },
  machine: {
    location: 'westeurope',
    properties: { hardwareProfile: { vmSize: 'Standard_D2s_v5' }, osProfile: { adminPassword: 'x' } },
  },
} as const;

const wire = (method: string, url: string, bodies: { request?: unknown; response?: unknown }): Wire => ({
  method,
  url,
  requestHeaders: {},
  requestBody: bodies.request ?? null,
  status: 200,
  responseHeaders: {},
  responseBody: bodies.response ?? null,
});

/** A copy with `value` at `path`; undefined takes it away. */
function planted(body: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(body) as Json;
  const parts = path.split('/').slice(1);
  const last = parts.pop() ?? '';
  const place = parts.reduce<Json>((at, part) => at[part] as Json, copy);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

const answered = (body: unknown) => wire('GET', version, { response: body });
const versionPatched = (body: unknown) => wire('PATCH', version, { request: body });
const templatePut = (body: unknown) => wire('PUT', template, { request: body });
const machinePut = (body: unknown) => wire('PUT', machine, { request: body });

const mistakes: readonly [
  what: string,
  exchange: (body: unknown) => Wire,
  body: unknown,
  at: string,
  value: unknown,
][] = [
  ['a typo in an answer', answered, good.version, '/properties/publishingProfil', {}],
  ['a missing required field of an answer', answered, good.version, '/properties/storageProfile', undefined],
  ['an answer without id', answered, good.version, '/id', undefined],
  ['an api-version in a body', answered, good.version, '/apiVersion', '2025-03-03'],
  ['the type of another resource', answered, good.version, '/type', 'Microsoft.Compute/galleries/images'],
  ['a state that the list does not know', answered, good.version, '/properties/provisioningState', 'Ready'],
  [
    'a value outside an open list',
    answered,
    good.version,
    '/properties/publishingProfile/targetRegions/0/storageAccountType',
    'standard_lrs',
  ],
  ['null for an object', answered, good.version, '/properties/publishingProfile', null],
  ['text for a number', answered, good.version, '/properties/publishingProfile/replicaCount', '3'],
  ['a read-only field in a PATCH', versionPatched, good.patch, '/properties/publishingProfile/publishedDate', 'x'],
  [
    'a region without a name in a PATCH',
    versionPatched,
    good.patch,
    '/properties/publishingProfile/targetRegions/0',
    {},
  ],
  ['null for a list in a PATCH', versionPatched, good.patch, '/properties/publishingProfile/targetRegions', null],
  ['a missing location', templatePut, good.template, '/location', undefined],
  ['a read-only field in a PUT', templatePut, good.template, '/properties/provisioningState', 'Succeeded'],
  ['a name in a PUT', templatePut, good.template, '/name', 't'],
  ['an unknown customizer', templatePut, good.template, '/properties/customize/0/type', 'Bash'],
  ['a field of another customizer', templatePut, good.template, '/properties/customize/0/destination', '/tmp/x'],
  ['a distributor without its output', templatePut, good.template, '/properties/distribute/0/runOutputName', undefined],
  ['a disk option', machinePut, good.machine, '/properties/storageProfile', { osDisk: { createOption: 'fromImage' } }],
];

judged('resource types as judges', () => {
  it.each(mistakes)('see %s', (_, exchange, body, path, value) => {
    expect(judgeTypes(exchange(body))).toEqual([]);

    expect(judgeTypes(exchange(planted(body, path, value)))).toEqual([expect.stringContaining('/')]);
  });

  it('see a password in an answer', () => {
    const response = { id: 'x', name: 'm', type: 'Microsoft.Compute/virtualMachines', ...good.machine };

    expect(judgeTypes(wire('GET', machine, { response }))).toEqual([
      'response /properties/osProfile/adminPassword: is secret',
    ]);
  });

  it('see a mistake in one item of a list, and say which', () => {
    const value = [good.version, planted(good.version, '/location', 7)];
    const list = wire('GET', version.replace('/1.0.0?', '?'), { response: { value } });

    expect(judgeTypes(list)).toEqual(['response /value/1/location: must be string, but is 7']);
  });

  it('judge the request of a refused change, and take no error for a resource', () => {
    const refused = {
      ...templatePut(planted(good.template, '/locaton', 'x')),
      status: 400,
      responseBody: { error: {} },
    };

    expect(judgeTypes(refused)).toEqual(['request /locaton: is no field of the type']);
  });

  it('take the next newer version where the exact one is absent, and say so', () => {
    const older = version.replace('2025-03-03', '2023-07-03');
    const typo = wire('GET', older, { response: planted(good.version, '/tag', {}) });

    expect(typeJudge(typo)).toMatchObject({ asked: '2023-07-03', judgedBy: '2024-03-03' });
    expect(judgeTypes(typo)).toEqual([
      'response /tag: is no field of the type (by 2024-03-03, the nearest to 2023-07-03)',
    ]);
  });

  it.each([
    ['POST', '/subscriptions/s/resourceGroups/g/providers/Microsoft.VirtualMachineImages/imageTemplates/t/run'],
    ['GET', '/subscriptions/s/providers/Microsoft.Compute/locations/l/operations/o'],
    [
      'GET',
      '/subscriptions/s/providers/Microsoft.Compute/locations/l/publishers/p/artifacttypes/vmimage/offers/o/skus/s',
    ],
    ['GET', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts'],
    ['POST', '/providers/Microsoft.ResourceGraph/resources'],
    ['GET', '/subscriptions/s/resourceGroups/g'],
  ])('have no word about %s %s', (method, path) => {
    const url = `https://management.azure.com${path}?api-version=2025-10-01`;

    expect(judgeTypes(wire(method, url, { response: { anything: true } }))).toBeUndefined();
  });

  it('find no fault with what Azure was recorded to say', () => {
    const exchanges = recordedTraffic().flatMap((tape) => tape.exchanges);
    const verdicts = exchanges.map((exchange) => judgeTypes(exchange));

    expect(verdicts.filter((wrong) => wrong !== undefined).length).toBeGreaterThan(70);
    expect(verdicts.flatMap((wrong) => wrong ?? [])).toEqual([]);
  });

  it("know the same words as the clients' lists, wherever a list is open", () => {
    const known = [...knownLists(compute), ...knownLists(imageBuilder)];

    const strange = pinned.flatMap(([type, version]) => {
      const found = findType(type, version);
      expect(found).toMatchObject({ type, version });
      const lists = found ? openListsOf(found) : new Map<string, readonly string[]>();
      expect(lists.size).toBeGreaterThan(0);
      return [...lists].filter(([, words]) => !known.includes(sorted(words))).map(([name]) => `${type}: ${name}`);
    });

    expect(strange).toEqual([]);
  });

  it('excuse only what stands in the types', () => {
    const names = new Set(
      pinned.flatMap(([type, version]) => {
        const types = findType(type, version)?.types ?? [];
        return types.flatMap((t) =>
          t.$type === 'ObjectType' ? Object.keys(t.properties).map((name) => `${t.name}.${name}`) : [],
        );
      }),
    );

    expect([...openLists.keys(), ...nullTakesAway.keys()].filter((name) => !names.has(name))).toEqual([]);
    expect(deviations.every(({ type, why }) => findType(type, '2026-01-01') && why !== '')).toBe(true);
  });
});

/** What the pinned clients send and get. */
const pinned = [
  ['Microsoft.Compute/galleries/images/versions', '2025-03-03'],
  ['Microsoft.Compute/virtualMachines', '2026-03-01'],
  ['Microsoft.Compute/virtualMachines/runCommands', '2026-03-01'],
  ['Microsoft.Compute/disks', '2025-01-02'],
  ['Microsoft.VirtualMachineImages/imageTemplates', '2025-10-01'],
  ['Microsoft.VirtualMachineImages/imageTemplates/runOutputs', '2025-10-01'],
] as const;

const sorted = (words: readonly string[]) => [...words].sort().join();

function knownLists(sdk: object): string[] {
  const lists = Object.entries(sdk).filter(([name]) => name.startsWith('Known'));
  return lists.map(([, list]) => sorted(Object.values(list as Record<string, string>)));
}
