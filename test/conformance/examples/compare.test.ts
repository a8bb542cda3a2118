import { lost, missing } from './compare';
import { refusals, unkept } from './exceptions';
import { wrong } from './requests';

describe('what an answer says', () => {
  const kept = [
    { from: 'name', to: 'version' },
    { from: 'properties.regions[].name', to: 'regions[].name' },
    { from: 'properties.published', to: 'at' },
  ];
  const answer = {
    name: '1.0.0',
    properties: { regions: [{ name: 'West US' }, { name: 'East US' }], published: '2026-01-01T00:00:00Z' },
  };
  const result = {
    version: '1.0.0',
    regions: [{ name: 'West US' }, { name: 'East US' }],
    at: new Date('2026-01-01T00:00:00Z'),
  };

  it('is all there when it is', () => {
    expect(lost(kept, answer, result)).toEqual([]);
  });

  it.each([
    ['a field that was dropped', { ...result, version: undefined }, 'name → version: "1.0.0", but nothing'],
    [
      'an item that was dropped',
      { ...result, regions: [{ name: 'West US' }] },
      'properties.regions[].name → regions[1].name: "East US", but nothing',
    ],
    ['another value', { ...result, version: '1.0.1' }, 'name → version: "1.0.0", but "1.0.1"'],
    [
      'another notation',
      { ...result, regions: [{ name: 'westus' }, { name: 'East US' }] },
      'properties.regions[].name → regions[0].name: "West US", but "westus"',
    ],
    [
      'another day',
      { ...result, at: new Date('2026-01-02T00:00:00Z') },
      'properties.published → at: "2026-01-01T00:00:00Z", but "2026-01-02T00:00:00.000Z"',
    ],
    ['no result at all', undefined, 'name → version: "1.0.0", but nothing'],
  ])('is missed after %s', (_, spoilt, said) => {
    expect(lost(kept, answer, spoilt)).toContain(said);
  });
});

describe('what was sent', () => {
  const sent = {
    location: 'westus',
    tags: { a: 'b' },
    properties: { disks: [{ lun: 0 }, { lun: 1 }], end: '2026-01-01T00:00:00Z' },
  };
  const back = {
    location: 'West US',
    tags: { a: 'b' },
    properties: { disks: [{ lun: 0, size: 3 }, { lun: 1 }], end: '2026-01-01T00:00:00.000+00:00', state: 'Succeeded' },
  };

  it('is there in Azure’s notation, with what Azure adds', () => {
    expect(missing(sent, back)).toEqual([]);
  });

  it.each([
    ['a field', { ...back, properties: { ...back.properties, end: undefined } }, ['properties.end']],
    ['an item', { ...back, properties: { ...back.properties, disks: [{ lun: 0 }] } }, ['properties.disks[1]']],
    ['a value', { ...back, tags: { a: 'c' } }, ['tags.a']],
    ['a region', { ...back, location: 'West US 2' }, ['location']],
  ])('is missed where %s is another or gone', (_, spoilt, fields) => {
    expect(missing(sent, spoilt)).toEqual(fields);
  });
});

describe('an answer of the sandbox', () => {
  const example = { title: 'Things_Create 2026-01-01: Create a thing', responses: [{ status: 200 }, { status: 201 }] };

  it('is right when the example has its status and nothing was lost', () => {
    expect(wrong(example, { status: 201, missing: [] })).toEqual([]);
  });

  it('is wrong with a status that the example does not have, and with a field that was lost', () => {
    expect(wrong(example, { status: 202, missing: [] })).toEqual(['expected 200 or 201, got 202 ']);
    expect(wrong(example, { status: 400, code: 'BadRequest', missing: [] })).toHaveLength(1);
    expect(wrong(example, { status: 201, missing: ['tags'] })).toEqual(['tags did not come back']);
  });

  it('is wrong when an exception is over', () => {
    const refused = {
      ...example,
      title: 'VirtualMachines_CreateOrUpdate 2024-07-01: Create a VM from a shared gallery image',
    };
    const silent = {
      ...example,
      title: 'VirtualMachines_CreateOrUpdate 2024-07-01: Create a vm with DiskEncryptionSet resource id',
    };

    expect(refusals.filter(({ example: which }) => which.test(refused.title))).toHaveLength(1);
    expect(wrong(refused, { status: 201, missing: [] })).toHaveLength(1);
    expect(unkept.filter(({ example: which }) => which.test(silent.title))).toHaveLength(1);
    expect(wrong(silent, { status: 201, missing: [] })).toHaveLength(1);
  });
});
