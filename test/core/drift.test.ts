import { policyDashboard } from '../../core/cloud';
import {
  type AgentPart,
  driftOf,
  type GuestLook,
  guestLacks,
  type Machine,
  readingOf,
  type TattooReading,
} from '../../core/compliance';
import type { Judgement } from '../../core/images';

const now = new Date('2026-11-23T09:00:00Z');
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const machine = { version: '1.4.1', createdAt: ago(1_000) } as Machine;
const look = (status: GuestLook['status'], hours?: number, name = 'AzureLinuxBaseline'): GuestLook => ({
  ...{ name, status, reasons: [] },
  ...(hours !== undefined && { checkedAt: ago(hours) }),
});
const tattoo = (verdict: TattooReading['verdict'], more: Partial<TattooReading> = {}): TattooReading => ({
  ...{ machine: 'm', at: ago(30), verdict, reference: { image: 'ubuntu-22', version: '1.4.1' } },
  ...more,
});
const cause = (looks: readonly GuestLook[] | undefined, reading?: TattooReading, of = machine) => {
  const report = looks && { machine: 'm', looks };
  return driftOf(of, { image: 'ubuntu-22', ...(report && { report }), ...(reading && { reading }) }, now);
};
const newer = { runs: { image: 'ubuntu-22', version: '1.5.0' } };
const fine = [look('Compliant', 1), look('Compliant', 0.2, 'GoldbotTattoo')];

describe('what is the matter with a machine', () => {
  it('is nothing where every look is of today and found it in order', () => {
    expect(cause(fine)).toBeUndefined();
    expect(cause(fine, tattoo('verified'))).toBeUndefined();
    expect(cause(fine, tattoo('unknown'))).toBeUndefined();
  });

  it('is drift where a check fails, however old it is, and the others are not named', () => {
    const failed = look('NonCompliant', 50);
    expect(cause([failed, look('Compliant', 1, 'b')])).toEqual({ cause: 'drift', looks: [failed] });
    expect(cause([failed, look('Pending', undefined, 'b')])).toEqual({ cause: 'drift', looks: [failed] });
  });

  it.each(['rebranded', 'forged', 'reimaged'] as const)('is drift where its tattoo was read: %s', (verdict) => {
    expect(cause(fine, tattoo(verdict))).toEqual({ cause: 'drift', reading: tattoo(verdict) });
  });

  it('is no drift where it was brought to another version, though the check of the tattoo fails', () => {
    const failed = look('NonCompliant', 1, 'GoldbotTattoo');
    const upgraded = tattoo('upgraded in place', newer);
    expect(cause([failed], upgraded)).toEqual({ cause: 'upgraded', reading: upgraded });
    expect(cause(fine, tattoo('reimaged', newer))?.cause).toBe('upgraded');
    expect(cause(fine, tattoo('upgraded in place'))?.cause).toBe('upgraded');
    expect(cause([look('NonCompliant', 1)], upgraded)?.cause).toBe('drift');
    expect(cause([failed])?.cause).toBe('drift');
  });

  it('is not what was read before the machine was made anew or moved on', () => {
    const read = tattoo('rebranded');
    expect(cause(fine, read, { ...machine, createdAt: ago(29) })).toBeUndefined();
    expect(cause(fine, read, { ...machine, version: '1.5.0' })).toBeUndefined();
    expect(cause(fine, tattoo('rebranded', { reference: { image: 'other', version: '1.4.1' } }))).toBeUndefined();
  });

  it('is not known where nobody looks or has ever reported, of one check among several too', () => {
    expect(cause(undefined)).toEqual({ cause: 'unknown', why: 'no assignment' });
    expect(cause([])).toEqual({ cause: 'unknown', why: 'no assignment' });
    expect(cause([look('Pending')])).toEqual({ cause: 'unknown', why: 'no report' });
    expect(cause([look('Compliant', 1), look('Pending')])).toEqual({ cause: 'unknown', why: 'no report' });
  });

  it('names what is missing where nothing is known, and nowhere else', () => {
    const lacks = ['guest configuration'] as const;
    const known = { image: 'ubuntu-22', lacks };
    expect(driftOf(machine, known, now)).toEqual({ cause: 'unknown', why: 'no assignment', lacks });
    expect(driftOf(machine, { ...known, report: { machine: 'm', looks: fine } }, now)).toBeUndefined();
    const failing = { machine: 'm', looks: [look('NonCompliant', 1)] };
    expect(driftOf(machine, { ...known, report: failing }, now)).not.toHaveProperty('lacks');
  });

  it('is the VM agent alone where that is missing; other agents do not look inside', () => {
    const one = (name: string, ...lacks: AgentPart[]) => ({
      subscription: 's',
      resourceGroup: 'g',
      id: name,
      name,
      lacks,
    });
    const found = guestLacks([
      one('a', 'vm agent', 'guest configuration', 'monitor agent'),
      one('b', 'guest configuration', 'collection rule'),
      one('c', 'monitor agent'),
    ]);
    expect([...found]).toEqual([
      ['a', ['vm agent']],
      ['b', ['guest configuration']],
      ['c', []],
    ]);
  });

  it('is that the oldest look is more than a day old', () => {
    expect(cause([look('Compliant', 1), look('Compliant', 24)])).toBeUndefined();
    const old = look('Compliant', 24.1, 'b');
    expect(cause([look('Compliant', 25), { ...old, checkedAt: ago(90) }])).toMatchObject({
      cause: 'stale',
      look: { name: 'b', checkedAt: ago(90) },
    });
    expect(cause([old])?.cause).toBe('stale');
  });
});

describe('what a judgement says here', () => {
  const reference = { image: 'ubuntu-22', version: '1.4.1' };
  const judgement = {
    verdict: 'verified',
    because: 'all agree',
    reference,
    made: reference,
    evidence: [],
  } as Judgement;

  it('is the version that it names and the one that really runs', () => {
    expect(readingOf({ ...judgement, inside: reference })).toEqual({
      ...{ verdict: 'verified', reference, runs: reference, inside: reference },
    });
    expect(readingOf({ ...judgement, verdict: 'unknown', unread: { why: 'no tattoo' } }).isBare).toBe(true);
    const other = { image: 'ubuntu-22', version: '1.5.0' };
    const swapped = { ...judgement, verdict: 'reimaged', made: other } as Judgement;
    expect(readingOf(swapped)).toEqual({ verdict: 'reimaged', reference, runs: other });
    expect(readingOf({ ...swapped, made: { reference: 'debian' } })).toEqual({ verdict: 'reimaged', reference });
    expect(readingOf(judgement)).toEqual({ verdict: 'verified', reference });
  });

  it('is its verdict alone where an earlier version kept it as a sentence', () => {
    expect(readingOf({ verdict: 'rebranded', sentence: 'It is not.', evidence: [] })).toEqual({ verdict: 'rebranded' });
  });
});

it.each([
  ['westeurope', 'https://portal.azure.com/'],
  ['usgovvirginia', 'https://portal.azure.us/'],
  ['usdodeast', 'https://portal.azure.us/'],
  ['chinanorth3', 'https://portal.azure.cn/'],
])('the dashboard of Azure Policy for %s is in the portal %s', (region, portal) => {
  expect(policyDashboard(region)).toBe(`${portal}#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance`);
});
