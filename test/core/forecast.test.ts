import {
  type ComplianceFigures,
  countTeams,
  type Exemption,
  forecast,
  type VersionFigures,
} from '../../core/compliance';
import type { ForecastInput } from '../../core/compliance/forecast';
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
  approvals: [],
  now,
  ...more,
});

describe('the forecast', () => {
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
          deprecation: { at: days(14).toISOString(), alternative: 'noble' },
        },
      ],
    });
    const kinds = (within: number) => forecast(given, within).map(({ kind }) => kind);
    expect(kinds(30)).toEqual(['approval', 'exemption', 'deprecation', 'endOfLife', 'newerBase']);
    expect(kinds(7)).toEqual(['approval', 'exemption', 'newerBase']);
    const late = forecast(given, 31).find((e) => e.kind === 'exemption' && e.exemption.name === 'late');
    expect(late).toMatchObject({ at: days(31), teams: ['web', 'data'] });
    expect(forecast(given, 30)[2]).toEqual({ kind: 'deprecation', at: days(14), ...base, alternative: 'noble' });
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
    expect(forecast(input({ bases: [{ ...base, used: '1', newest: '1', deprecation: {} }] }), 30)).toEqual([
      { kind: 'deprecation', ...base },
    ]);
  });
});
