import {
  type ComplianceFigures,
  countTeams,
  type Exemption,
  forecast,
  type VersionFigures,
} from '../../core/compliance';
import type { ForecastInput } from '../../core/compliance/forecast';
import type { RetiringBase, RetiringImage } from '../../core/compliance/retiring';
import { exampleCatalogue } from '../support/catalogue';

const now = new Date('2026-11-23T12:00:00Z');
const days = (n: number) => new Date(now.getTime() + n * 86_400_000);
const none = { rows: [], asOf: now };
const [blank] = countTeams({
  ...{
    catalogue: exampleCatalogue(),
    managementGroups: new Map(),
    now,
    versions: none,
    machines: { ...none, members: [] },
  },
  ...{ policies: none, guests: none, exemptions: none },
});

function team(name: string | null, more: Partial<ComplianceFigures>): ComplianceFigures {
  if (!blank) throw new Error('no team');
  return { ...blank, team: name, ...more };
}

const version = (number: string, machines: number, endOfLife?: Date): VersionFigures => ({
  ...{ image: 'ubuntu-22', version: number, lineage: 'behind', versionsBehind: 1, daysBehind: 1, machines },
  ...(endOfLife && { endOfLife }),
});
const exemption = (name: string, expiresAt?: Date): Exemption => ({
  ...{ id: `/x/${name}`, name, scope: '/subscriptions/s', assignment: 'a', category: 'Waiver' },
  ...(expiresAt && { expiresAt }),
});
const input = (more: Partial<ForecastInput>): ForecastInput => ({
  figures: [],
  bases: [],
  published: [],
  approvals: [],
  given: [],
  now,
  ...more,
});

describe('the forecast', () => {
  it('has rights and shares on the day on which they end, and one whose end has passed as of now', () => {
    const given = [3, -1, 40].map((n) => ({ what: `right ${n}`, image: 'ubuntu-22', at: days(n) }));
    expect(forecast(input({ given }), 30)).toEqual([
      { kind: 'given', image: 'ubuntu-22', what: 'right 3', at: days(3) },
      { kind: 'given', image: 'ubuntu-22', what: 'right -1' },
    ]);
  });

  it('adds up the machines of every team whose version ends, most first', () => {
    const entries = forecast(
      input({
        figures: [
          team('web', { versions: [version('1.3.0', 2, days(5)), version('1.4.0', 9)] }),
          team('data', { versions: [version('1.3.0', 7, days(5))] }),
          team(null, { versions: [version('1.3.0', 1, days(5)), version('1.2.0', 4, days(-1))] }),
        ],
      }),
      30,
    );
    expect(entries).toEqual([
      {
        ...{ kind: 'endOfLife', at: days(5), image: 'ubuntu-22', version: '1.3.0', machines: 10 },
        teams: [
          { team: 'data', machines: 7 },
          { team: 'web', machines: 2 },
          { team: null, machines: 1 },
        ],
      },
    ]);
  });

  it('is in the order of time, within the days asked for, with what has no date at the end', () => {
    const base = { image: 'ubuntu-22', base: 'Canonical:jammy:22_04' };
    const given = input({
      figures: [
        team('web', {
          versions: [version('1.3.0', 2, days(29))],
          exemptions: [exemption('late', days(31)), exemption('a')],
        }),
        team('data', { exemptions: [exemption('soon', days(3)), exemption('late', days(31))] }),
      ],
      approvals: [
        { request: 'R-AAAAA', what: 'publish ubuntu-22 1.6.0', expiresAt: days(1) },
        { request: 'R-BBBBB', what: 'publish windows-2022 1.3.0', expiresAt: days(-1) },
        { request: 'R-CCCCC', what: 'publish debian-12 1.0.0', expiresAt: days(0) },
      ],
      bases: [
        {
          ...base,
          used: '22.04.1',
          newest: '22.04.2',
          retirement: { state: 'scheduled', retiresAt: days(14), alternative: 'noble' },
        },
      ],
    });
    const kinds = (within: number) => forecast(given, within).map(({ kind }) => kind);
    expect(kinds(30)).toEqual(['approval', 'exemption', 'retiringBase', 'endOfLife', 'newerBase']);
    expect(kinds(7)).toEqual(['approval', 'exemption', 'newerBase']);
    const late = forecast(given, 31).find((e) => e.kind === 'exemption' && e.exemption.name === 'late');
    expect(late).toMatchObject({ at: days(31), teams: ['web', 'data'] });
    expect(forecast(given, 30)[2]).toEqual({
      ...{ kind: 'retiringBase', at: days(14), ...base, state: 'scheduled', retiresAt: days(14), alternative: 'noble' },
      ...{ versions: [], machines: 0, next: true },
    });
    expect(forecast(given, 30)[4]).toEqual({ kind: 'newerBase', ...base, used: '22.04.1', newest: '22.04.2' });
  });

  it('says nothing of a base that is the newest, and does not hide a deprecation without a day', () => {
    const base = { image: 'ubuntu-22', base: 'Canonical:jammy:22_04' };
    expect(
      forecast(
        input({
          bases: [
            { ...base, used: '1', newest: '1' },
            { ...base, newest: '1' },
          ],
        }),
        30,
      ),
    ).toEqual([]);
    const undated = { ...base, used: '1', newest: '1', retirement: { state: 'scheduled' as const } };
    expect(forecast(input({ bases: [undated] }), 30)).toEqual([
      { kind: 'retiringBase', ...base, state: 'scheduled', versions: [], machines: 0, next: true },
    ]);
  });
});

describe('bases that are retired', () => {
  const base = 'Canonical:jammy:22_04';
  const of = (number: string, exact: string, more: Partial<RetiringBase> = {}): RetiringBase => ({
    ...{ image: 'ubuntu-22', version: number, base: `${base}:${exact}`, state: 'scheduled', retiresAt: days(9) },
    ...more,
  });

  it('of versions with one fate are one entry, with the machines that run them, and the next build where it shares it', () => {
    const figures = [team('web', { versions: [version('1.3.0', 2), version('1.4.0', 5), version('1.5.0', 90)] })];
    const published = [of('1.3.0', '1'), of('1.4.0', '2'), of('1.5.0', '3', { retiresAt: days(10) })];
    const next = { image: 'ubuntu-22', base, retirement: { state: 'scheduled', retiresAt: days(10) } } as const;
    expect(forecast(input({ figures, published, bases: [next] }), 30)).toEqual([
      {
        ...{ kind: 'retiringBase', at: days(9), image: 'ubuntu-22', base, state: 'scheduled', retiresAt: days(9) },
        ...{ versions: ['1.3.0', '1.4.0'], machines: 7, next: false },
      },
      {
        ...{ kind: 'retiringBase', at: days(10), image: 'ubuntu-22', base, state: 'scheduled', retiresAt: days(10) },
        ...{ versions: ['1.5.0'], machines: 90, next: true },
      },
    ]);
  });

  it('are told whatever the days when that is over, and by their day while it is to come', () => {
    const published = [
      of('1.1.0', '1', { state: 'gone', retiresAt: days(-90) }),
      of('1.2.0', '2', { state: 'deprecated', retiresAt: days(-9) }),
      of('1.3.0', '3'),
    ];
    const told = (ahead: number) =>
      forecast(input({ published }), ahead).map((entry) => (entry.kind === 'retiringBase' ? entry.state : entry.kind));
    expect(told(8)).toEqual(['gone', 'deprecated']);
    expect(told(9)).toEqual(['scheduled', 'gone', 'deprecated']);
  });
});

describe('marketplace images of machines that are retired', () => {
  const image = (number: string, machines: number, more: Partial<RetiringImage> = {}): RetiringImage => ({
    ...{ source: 'canonical:jammy:22_04', version: number, machines, state: 'scheduled', retiresAt: days(5) },
    ...more,
  });
  const having = (name: string | null, ...images: readonly RetiringImage[]) =>
    team(name, { retiring: { images, unknown: [] } });

  it('are one entry for all teams and versions, by the first day; what ends after the days asked for is left out', () => {
    const figures = [
      having('web', image('1', 2), image('2', 3, { retiresAt: days(8) }), image('3', 50, { retiresAt: days(31) })),
      having('data', image('1', 9)),
      having(null, image('9', 1, { state: 'gone' })),
    ];
    const source = 'canonical:jammy:22_04';
    expect(forecast(input({ figures }), 30)).toEqual([
      {
        ...{ kind: 'retiringMachines', at: days(5), source, state: 'scheduled', retiresAt: days(5) },
        ...{ versions: 2, machines: 14, teams: ['data', 'web'] },
      },
      {
        ...{ kind: 'retiringMachines', source, state: 'gone', retiresAt: days(5) },
        ...{ versions: 1, machines: 1, teams: [null] },
      },
    ]);
  });
});
