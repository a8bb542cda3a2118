import {
  changeCard,
  complianceCard,
  digestCard,
  forecastCard,
  machineCard,
  machinesCard,
  type Reply,
  restrictCard,
  whoUsesCard,
} from '../../cards';
import { call } from '../../core/command-call';
import { commands } from '../../dialogs';
import { parse } from '../../dialogs/conversation/grammar';
import { cases as changes } from '../fixtures/cards/change';
import { cases as compliances } from '../fixtures/cards/compliance';
import { cases as digests } from '../fixtures/cards/digest';
import { cases as forecasts } from '../fixtures/cards/forecast';
import { cases as machine } from '../fixtures/cards/machine';
import { cases as machines } from '../fixtures/cards/machines';
import { cases as restrictions } from '../fixtures/cards/restrict';
import { cases as users } from '../fixtures/cards/who-uses';
import { clicks, of } from './reading';

describe('who uses', () => {
  it('adds up all machines, also those of teams that it does not show', () => {
    const view = of(users, 'largest');
    const { text } = whoUsesCard(view);

    expect(text).toContain('400,000,000 machines of 400 teams run ubuntu-22 1.3.0');
    expect(text).toContain('388,000,000 more machines of 388 teams.');
  });

  it('does not count “no team” among the teams', () => {
    const view = of(users, 'typical');
    const row = (team: string | null) => ({ team, machines: { vm: 2, instance: 0, arc: 0 } });
    const headline = (...teams: (string | null)[]) =>
      whoUsesCard({ ...view, teams: teams.map(row) }).text.split('\n')[0] ?? '';
    expect(headline('web', null)).toContain('4 machines of 1 team and without a team run');
    expect(headline('web', 'data')).toContain('4 machines of 2 teams run');
    expect(headline(null)).toContain('2 machines without a team run');
    const thirteen = Array.from({ length: 12 }, (_, n) => `team-${n}`);
    expect(whoUsesCard({ ...view, teams: [...thirteen, null].map(row) }).text).toContain(
      '2 more machines without a team.',
    );
  });

  it('says that scale sets refer to it even when no machine runs it', () => {
    const { text } = whoUsesCard(of(users, 'scale-sets-alone'));

    expect(text).toContain('No machine that goldbot can see runs ubuntu-22 1.3.0, but scale sets refer to it');
    expect(text).toContain('2 scale sets deploy it again');
  });
});

describe('the card of one machine', () => {
  it('shows first what fails', () => {
    const { text } = machineCard(of(machine, 'typical'));
    const at = ['Disk encryption', 'Allowed locations', 'Backup', 'Azure Monitor Agent'].map((n) => text.indexOf(n));

    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(at).not.toContain(-1);
  });

  it('does not take silence for good', () => {
    expect(machineCard(of(machine, 'empty')).text).toContain(
      'has never evaluated this machine, which does not mean that it is compliant',
    );
  });

  it('offers nothing to those who may not act', () => {
    expect(clicks(machineCard(of(machine, 'not-yours')))).toEqual([]);
  });

  it('offers an owner who decided the other kind alone', () => {
    const decided = of(machine, 'not-yours');
    const kinds = clicks(machineCard({ ...decided, canAct: true })).filter(({ verb }) => verb === 'classify');

    expect(kinds.map(({ data }) => data['model'])).toEqual(['pet']);
  });
});

describe('a list of machines', () => {
  it('says which of how many it shows, and has the next page', () => {
    const reply = machinesCard(of(machines, 'second-page'));

    expect(reply.text).toContain('16 to 30 of 4,988');
    expect(clicks(reply).map(({ data }) => data['from'])).toContain(31);
  });
});

describe('the forecast', () => {
  it('sorts by day, week by week from Monday on', () => {
    const { text } = forecastCard(of(forecasts, 'typical'));
    const weeks = [...text.matchAll(/^(This week|Week of .*):$/gm)].map((found) => found[1]);

    expect(weeks).toEqual(['This week', 'Week of Mon 30 Nov 26', 'Week of Mon 7 Dec 26', 'Week of Mon 21 Dec 26']);
  });

  it('counts Sunday to the week that ends with it', () => {
    const view = of(forecasts, 'typical');
    const entries = ['2026-11-29T23:00:00Z', '2026-11-30'].map((at) => ({
      ...{ at, kind: 'scheduled' as const, what: at },
      call: call('schedule', { image: 'ubuntu-22' }),
    }));

    expect(forecastCard({ ...view, entries }).text).toMatch(/This week:\n.*11-29.*\nWeek of Mon 30 Nov 26:\n/);
  });

  it('says from when on it leaves out what does not fit', () => {
    expect(forecastCard(of(forecasts, 'largest')).text).toMatch(/8,980 more, from 17 Dec 2026 on\./);
  });
});

describe('the plan of a restriction', () => {
  it('says who would have failed, and offers the gentler way first', () => {
    const reply = restrictCard(of(restrictions, 'typical'));

    expect(reply.text).toContain(
      '! 17 deployments of 3 teams and without a team would have failed in the last 30 days.',
    );
    expect(clicks(reply).map(({ data }) => data['effect'])).toEqual(['audit', 'deny']);
  });

  it('does not say that audit fails anything', () => {
    const reply = restrictCard(of(restrictions, 'audit'));

    expect(reply.text).toContain('would be reported in the last 30 days. Audit blocks nothing.');
    expect(clicks(reply)).toEqual([]);
  });
});

describe('what a restriction finds in place', () => {
  const { now: _, ...free } = of(restrictions, 'unenforced');
  it.each([
    ['deny', true, 1, 'deny: blocks deployments'],
    ['deny', false, 1, 'deny, but not enforced: reports, blocks nothing'],
    ['audit', true, 2, 'audit: reports, blocks nothing (in the first of 2 subscriptions)'],
    ['audit', false, 1, 'audit, but not enforced: reports, blocks nothing'],
  ] as const)('%s, enforced %s, in %i', (effect, enforced, scopes, words) => {
    expect(restrictCard({ ...free, now: { effect, enforced }, scopes }).text).toContain(`Now: ${words}\n`);
  });

  it('is nothing where nothing is assigned', () => {
    expect(restrictCard(free).text).toContain('Now: not restricted\n');
  });
});

describe('the card of a change', () => {
  it('asks while it waits, bound to what was shown, and not any more when it is decided', () => {
    const waiting = clicks(changeCard(of(changes, 'for-an-approver'))).filter(({ verb }) => verb !== 'view');

    expect(waiting.map(({ verb }) => verb)).toEqual(['approve', 'reject']);
    for (const { data } of waiting) expect(data).toHaveProperty('hash');
    expect(clicks(changeCard(of(changes, 'waiting-elsewhere'))).map(({ verb }) => verb)).toEqual(['cancel']);
    expect(clicks(changeCard(of(changes, 'refused')))).toEqual([]);
    expect(clicks(changeCard(of(changes, 'done')))).toEqual([]);
  });
});

describe('the commands at the foot of a card and of its words', () => {
  const cards = [
    ...Object.values(compliances).map(complianceCard),
    ...Object.values(digests).map(digestCard),
    ...Object.values(machine).slice(0, 3).map(machineCard),
    ...Object.values(machines).map(machinesCard),
    ...Object.values(users).slice(0, 5).map(whoUsesCard),
    ...Object.values(restrictions).map(restrictCard),
    ...Object.values(changes).slice(0, 6).map(changeCard),
  ];

  it('mean what their buttons send', () => {
    const typed = cards.flatMap((reply) => footOf(reply).map((command) => parse(command, commands)));
    const meant = new Set(typed.map((p) => (p.kind === 'command' ? inWords(p.command.verb, p.values) : '')));
    const sent = cards.flatMap(({ card }) => (card ? clicks({ text: '', card: { ...card, body: [] } }) : []));

    expect(sent.length).toBeGreaterThan(30);
    expect(
      sent
        .filter(({ verb }) => verb !== 'view')
        .map(({ verb, data }) => inWords(verb, data))
        .filter((words) => !meant.has(words)),
    ).toEqual([]);
  });
});

/** The card shows the first of them; the words have all, in their last lines and beside what a click on it would do. */
function footOf(reply: Reply): readonly string[] {
  const known = new Set(clicks(reply).map(({ verb }) => verb));
  const said = reply.text.split('\n').flatMap((line) => line.split(' · '));
  return said.filter((part) => [...known].some((verb) => part.startsWith(`${verb} `)) && !/[.:,]( |$)/.test(part));
}

/** Without what a person fills in, and what binds a click to what was shown. */
function inWords(verb: string, values: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(values).filter(([name]) => !['hash', 'reason', 'until'].includes(name));
  const words = own.map(([name, value]) => `${name}=${String(value)}`);
  return [verb, ...words.sort()].join(' ');
}
