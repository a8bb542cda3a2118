import {
  accessCard,
  costCard,
  costsCard,
  driftCard,
  leftoversCard,
  lineageCard,
  parityCard,
  runsCard,
  tattooCard,
  versionsCard,
} from '../../cards';
import type { TattooVerdict } from '../../core/images';
import { cases as access } from '../fixtures/cards/access';
import { casesOfAll, cases as costs } from '../fixtures/cards/cost';
import { cases as drifts } from '../fixtures/cards/drift';
import { cases as leftovers } from '../fixtures/cards/leftovers';
import { cases as families } from '../fixtures/cards/lineage';
import { cases as parities } from '../fixtures/cards/parity';
import { cases as runs } from '../fixtures/cards/runs';
import { cases as tattoos } from '../fixtures/cards/tattoo';
import { cases as versions } from '../fixtures/cards/versions';
import { of } from './reading';

const headline = ({ text }: { readonly text: string }): string => text.split('\n')[0] ?? '';

describe('what a machine is', () => {
  const typical = of(tattoos, 'typical');
  const image = { image: 'ubuntu-22', version: '1.5.0' };

  it.each<[TattooVerdict, string]>([
    ['verified', 'vm-1 is ubuntu-22 1.5.0'],
    ['upgraded in place', 'vm-1 was upgraded in place'],
    ['reimaged', 'vm-1 was reimaged from something else'],
    ['rebranded', 'vm-1 is not what its image says'],
    ['forged', 'Nothing proves what vm-1 is'],
    ['unknown', 'vm-1 was made from ubuntu-22 1.5.0'],
  ])('is said as far as it is known: %s', (verdict, said) => {
    const { text } = tattooCard({ ...typical, machine: 'vm-1', image, verdict });
    expect(headline({ text })).toBe(said);
    expect(text.includes('named ubuntu-22 1.5.0')).toBe(!said.includes('1.5.0'));
    expect(text.includes('not checked inside')).toBe(verdict === 'unknown');
  });

  it('is not said of what no golden image made, nor while nobody has looked', () => {
    const { image: _, ...stranger } = { ...typical, machine: 'vm-1' };
    expect(headline(tattooCard(stranger))).toBe('vm-1 is not known to come from a golden image');
    expect(headline(tattooCard({ ...stranger, unread: 'the inside is being read' }))).toBe('Tattoo of vm-1');
  });

  it('has its fields in the words of people, and the id as it is', () => {
    const { text } = tattooCard(typical);
    expect(text).toContain('\nSystem: Ubuntu 22.04.5 LTS\nBuilt: Wed 21 Oct, 08:12 UTC\nRun: R-4KD2M\n');
    expect(text).toContain(`\n  ${typical.resourceId}\n`);
  });
});

describe('drift', () => {
  const typical = of(drifts, 'typical');
  const none = { drift: 0, unknown: 0, stale: 0, upgraded: 0, asMade: 0 };
  const said = (counts: Partial<typeof none>, more: Partial<typeof typical> = {}) =>
    headline(driftCard({ ...typical, rows: [], total: 0, counts: { ...none, ...counts }, ...more }));

  it('says how many have changed, or what is not known instead', () => {
    expect(said({ drift: 1, asMade: 2 })).toBe('1 of 3 golden VMs of payments has changed inside');
    expect(said({ drift: 2, asMade: 2 })).toBe('2 of 4 golden VMs of payments have changed inside');
    expect(said({ stale: 1, asMade: 2 })).toBe('None of 3 golden VMs of payments is known to have changed');
    expect(said({ asMade: 3 })).toBe('None of 3 golden VMs of payments has changed inside');
    expect(said({ asMade: 3 }, { teams: ['a', 'b'] })).toBe('None of 3 golden VMs of all teams has changed inside');
    expect(said({}, { teams: [null] })).toBe('There is no golden VM without a team');
    const besides = { ...typical.besides, unlooked: 2 };
    expect(said({}, { besides })).toBe('Nobody knows whether 2 golden VMs of payments have changed');
  });

  it('counts those with the one cause that was asked for', () => {
    const counts = { drift: 1, unknown: 2, stale: 2, upgraded: 2, asMade: 3 };
    expect(said(counts, { cause: 'unknown', total: 2 })).toBe('2 of 10 golden VMs of payments are not known');
    expect(said(counts, { cause: 'stale', total: 2 })).toBe('2 of 10 golden VMs of payments were checked too long ago');
    expect(said(counts, { cause: 'upgraded', total: 2 })).toBe('2 of 10 golden VMs of payments were upgraded in place');
  });

  it('says once what is so of several machines, and beside each what is so of it alone', () => {
    const rows = typical.rows.filter(({ finding }) => finding.cause === 'unknown');
    const [first] = rows;
    if (!first) throw new Error('no row');
    const { text } = driftCard({ ...typical, rows: [...rows, { ...first, name: 'vm-twin' }] });
    expect(text.match(/it is stopped, new, or without a running agent/g)).toHaveLength(1);
    expect(text).toMatch(
      /^– Not known, 2 machines:\nIts agent has never reported: .*\nvm-payments-api-008 .*\nvm-twin /m,
    );
    expect(text).toMatch(/^vm-payments-core-005 · no guest configuration checks it: it lacks/m);
  });

  it('says of a reading what it found', () => {
    const at = new Date('2026-11-20T10:00:00Z');
    const row = (verdict: 'reimaged' | 'rebranded') => ({
      ...{ name: 'vm-1', resourceGroup: 'rg', image: 'ubuntu-22', version: '1.4.1' },
      finding: { cause: 'drift' as const, reading: { machine: '', at, verdict } },
    });
    expect(driftCard({ ...typical, rows: [row('reimaged')] }).text).toContain('its OS disk is of another image');
    expect(driftCard({ ...typical, rows: [row('rebranded')] }).text).toContain('another system runs inside');
    const bare = { ...row('reimaged'), finding: { cause: 'unknown' as const, why: 'no assignment' as const } };
    expect(driftCard({ ...typical, rows: [bare] }).text).toContain('its agent or the assignment is missing');
  });
});

describe('access', () => {
  const typical = of(access, 'typical');
  const [row] = typical.rows;
  if (!row) throw new Error('no row');
  const said = (more: Partial<typeof typical>) => accessCard({ ...typical, ...more });

  it('counts who may use the image, each once', () => {
    expect(headline(said({}))).toBe('3 groups, 1 person and 2 services may use ubuntu-22');
    expect(headline(said({ rows: [row, row] }))).toBe('1 group may use ubuntu-22');
    expect(headline(said({ rows: [{ ...row, kind: 'other' }] }))).toBe('1 identity of unknown kind may use ubuntu-22');
    const two = ['a', 'b'].map((who) => ({ ...row, who, kind: 'other' as const }));
    expect(headline(said({ rows: two }))).toBe('2 identities of unknown kind may use ubuntu-22');
    expect(headline(said({ rows: [] }))).toBe('No role lets anybody use ubuntu-22');
  });

  it('says before all roles that everybody may, and with whom the gallery is not shared', () => {
    const shared = (madeFor: 'community' | 'groups') => said({ sharing: { madeFor, subscriptions: [], tenants: [] } });
    expect(headline(shared('community'))).toBe('Everybody in Azure may use ubuntu-22');
    expect(shared('groups').text).toContain('with nobody yet; the gallery can share directly');
  });

  it('says what a role allows where there are words for it', () => {
    const { text } = said({});
    expect(text).toContain('Owner on the tenant’s root group, above every subscription · it allows everything');
    expect(text).toContain('it allows reading everything');
    expect(text).toContain('“Microsoft.Compute/galleries/images/versions/read”');
  });
});

describe('lineage', () => {
  const typical = of(families, 'typical');
  const alone = of(families, 'of-one');

  it('says how many machines are behind, and whether anything was made of the image', () => {
    expect(headline(lineageCard(typical))).toBe('32 of 135 machines of ubuntu-22 and what is made of it are behind');
    expect(headline(lineageCard(alone))).toBe('1 machine runs ubuntu-22 1.5.0, none behind');
    const [one] = alone.kin;
    if (!one) throw new Error('no kin');
    expect(headline(lineageCard({ ...alone, kin: [{ ...one, machines: 0 }] }))).toBe('No machine runs ubuntu-22 1.5.0');
    const late = [{ team: null, machines: 1 }];
    expect(headline(lineageCard({ ...alone, kin: [{ ...one, machines: 3, behind: late }] }))).toBe(
      '1 of 3 machines of ubuntu-22 1.5.0 is behind',
    );
  });

  it('names the source that all share once, and of each what it was built from', () => {
    const { text } = lineageCard(typical);
    expect(text).toContain('from Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2\n');
    expect(text).toMatch(/^ubuntu-22 1\.5\.0 · built from 22\.04\.202610150 · 88 · who uses/m);
    const [first] = typical.kin;
    if (!first) throw new Error('no kin');
    const { base: _, ...untold } = first;
    expect(lineageCard({ ...typical, kin: [untold] }).text).toContain('its tags do not say what it was built from');
  });
});

describe('the lists', () => {
  it('of costs says what is in the figures, and draws what differs alone', () => {
    const drawn = (card: ReturnType<typeof costCard>) =>
      JSON.stringify(card.card).includes('Chart.HorizontalBar.Stacked');
    const typical = of(costs, 'typical');
    expect(headline(costCard(typical))).toBe('ubuntu-22 costs at most US$ 16.02 a month, as far as known');
    expect(headline(costCard(of(costs, 'empty')))).toBe('ubuntu-22 costs nothing yet');
    expect(drawn(costCard(typical))).toBe(true);
    const alike = typical.versions.map((row) => ({ ...row, gib: 30, usd: 5, saves: 5 }));
    const same = costCard({ ...typical, versions: alike });
    expect(drawn(same)).toBe(false);
    expect(same.text).toContain('retiring it saves all of it');
    expect(headline(costsCard(of(casesOfAll, 'not-known')))).toBe('What all images cost is not known');
    expect(costsCard(of(casesOfAll, 'typical')).text).toContain('no older version');
  });

  it('of parity says what hurts most', () => {
    const typical = of(parities, 'typical');
    const [finding] = [...typical.wrong, ...typical.missing];
    if (!finding) throw new Error('no finding');
    const none = { ...typical, wrong: [], missing: [], otherwise: [] };
    expect(headline(parityCard(typical))).toBe('gold_dr offers 1 version that nobody should take');
    expect(headline(parityCard({ ...none, missing: [finding] }))).toBe('gold_dr lacks 1 thing that gold has');
    expect(headline(parityCard({ ...none, otherwise: [finding], image: 'a' }))).toBe(
      'gold_dr says 1 thing of a otherwise than gold',
    );
    expect(headline(parityCard(none))).toBe('gold_dr has all that gold offers');
    expect(headline(parityCard({ ...none, offered: 0 }))).toBe('gold offers no version yet');
    expect(headline(parityCard(of(parities, 'not-told-whole')))).toBe(
      'Whether gold_dr has what gold offers is not known',
    );
  });

  it('of leftovers says what can be deleted, or that nothing is left', () => {
    const typical = of(leftovers, 'typical');
    expect(headline(leftoversCard(typical))).toBe(
      'Builds have left 3 things that goldbot can delete, at most US$ 86 a month',
    );
    expect(headline(leftoversCard({ ...typical, own: [] }))).toBe(
      'Builds have left 2 things that goldbot may not delete',
    );
    expect(headline(leftoversCard(of(leftovers, 'empty')))).toBe('Builds have left nothing behind that nobody needs');
  });

  it('of runs says what waits for somebody, what goes on, or how the last one ended', () => {
    const open = of(runs, 'open');
    const [waiting, building] = open.runs;
    if (!waiting || !building) throw new Error('no runs');
    expect(headline(runsCard(open))).toBe('1 of 2 runs needs a person');
    expect(headline(runsCard({ ...open, runs: [building], total: 1 }))).toBe('1 run is in progress');
    const over = { ...building, status: 'failed' as const };
    expect(headline(runsCard({ ...open, runs: [over], total: 1 }))).toBe('Last run: windows-2022, failed');
    expect(headline(runsCard(of(runs, 'empty')))).toBe('Nothing is in progress');
  });

  it('of versions names the latest, also where it is forged or where there is none', () => {
    const typical = of(versions, 'typical');
    expect(headline(versionsCard(typical))).toBe('1.6.0 is the latest ubuntu-22');
    const forged = typical.versions.map((row) =>
      row.version === '1.6.0' ? { ...row, state: 'forged' as const } : row,
    );
    expect(headline(versionsCard({ ...typical, versions: forged }))).toBe('1.6.0, the latest ubuntu-22, is forged');
    const { latestByNumber: _, ...none } = typical;
    expect(headline(versionsCard(none))).toBe('No version of ubuntu-22 counts as latest');
    expect(headline(versionsCard(of(versions, 'empty')))).toBe('ubuntu-22 has no version yet');
  });
});
