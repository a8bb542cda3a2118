import { complianceCard, digestCard } from '../../cards';
import type { ComplianceFigures } from '../../core/compliance';
import { cases as compliances } from '../fixtures/cards/compliance';
import { cases as digests } from '../fixtures/cards/digest';
import { noStates, payments } from '../fixtures/cards/figures';
import { recorded } from '../fixtures/cards/hostile';
import { all, clicks, type Node, nodes, of, texts } from './reading';

describe('the compliance card', () => {
  const typical = of(compliances, 'typical');
  const reply = complianceCard(typical);

  it('shows four numbers that, with those it says have no verdict, are all machines of the team', () => {
    const big = all(reply, 'TextBlock').filter((block) => block['size'] === 'ExtraLarge');
    const shown = big.map((block) => Number(block['text']));
    const without = Number(/(\d+) more machine without a verdict/.exec(reply.text)?.[1]);

    expect(shown).toEqual([34, 9, 5, 3]);
    expect(reply.text).toContain('6 scale set instances are not among them: Azure Policy evaluates their scale sets.');
    expect(shown.reduce((sum, n) => sum + n, without + 6)).toBe(payments.machines);
  });

  it('says what Azure says small and of what', () => {
    const [azure] = all(reply, 'TextBlock').filter((block) => String(block['text']).startsWith('Azure shows'));

    expect(azure).toMatchObject({
      text: 'Azure shows 82 %: 40 of 49 resources (a scale set is one) are compliant, exempt or unknown.',
      size: 'Small',
    });
  });

  it.each([
    [{ good: 998, all: 999 }, 'Azure shows 99 %: 998 of 999 resources'],
    [{ good: 999, all: 999 }, 'Azure shows 100 %: 999 of 999 resources'],
    [{ good: 1, all: 3 }, 'Azure shows 33 %: 1 of 3 resources (a scale set is one) is compliant'],
    [{ good: 0, all: 1 }, 'Azure shows 0 %: 0 of 1 resource (a scale set is one) are'],
    [{ good: 0, all: 0 }, 'Azure shows no percentage: it has evaluated nothing here.'],
  ])('rounds %j, to 100 only when all are good: %s', (azure, words) => {
    const { figures, ...rest } = typical;
    const { policy, ...others } = figures;
    if (!policy) throw new Error('the typical team has policies');
    expect(complianceCard({ ...rest, figures: { ...others, policy: { ...policy, azure } } }).text).toContain(words);
  });

  it('says nothing of Azure’s share where an earlier version stored the figures: it counted something else', () => {
    const { figures, ...rest } = typical;
    const { policy: { azure: _, ...stored } = { machines: {}, notEvaluated: 0 }, ...others } = figures as never as {
      policy?: { azure?: object };
    };
    const { text } = complianceCard({
      ...rest,
      figures: { ...others, policy: { ...stored, azurePercent: 84 } } as never,
    });
    expect(text).toContain('34 evaluated and compliant');
    expect(text).not.toContain('Azure shows');
  });

  it('says in words that a clock stands still', () => {
    const partial = complianceCard(of(compliances, 'partial'));

    expect(reply.text).toContain('control plane as of 07:12 UTC · in the guest as of 08:55 UTC');
    expect(reply.text).not.toContain('stale');
    expect(partial.text).toContain('control plane as of Fri 20 Nov, 06:00 UTC (stale: 3 d 3 h old)');
    expect(partial.text).toContain('in the guest: no answer');
  });

  it('does not take a silent Azure for one that has evaluated nothing', () => {
    const { policy, ...others } = typical.figures;
    const { newest: _, oldest: __, ...never } = policy ?? { machines: noStates, notEvaluated: 0 };
    const clocks = (figures: ComplianceFigures) => complianceCard({ ...typical, figures }).text;

    expect(clocks(others)).toContain('control plane: no answer · in the guest as of 08:55 UTC');
    expect(clocks({ ...others, policy: never })).toContain('control plane: never evaluated · in the guest as of');
  });

  it('says each figure that is missing', () => {
    const { figures, ...rest } = typical;
    const missing = ['Nobody can tell A.', 'Nobody can tell B.'];
    const { card, text } = complianceCard({ ...rest, figures: { ...figures, gaps: missing.map(recorded) } });

    for (const sentence of missing) {
      expect(text).toContain(sentence);
      expect(JSON.stringify(card)).toContain(sentence);
    }
  });

  it('draws bars as long as their numbers, also where Teams draws none', () => {
    const bars = all(reply, 'ProgressBar');

    expect(bars.map(({ value, max }) => `${String(value)} of ${String(max)}`)).toEqual(
      [33, 14, 4, 3, 4].map((value) => `${value} of 33`),
    );
    expect(bars.map(({ fallback }) => String((fallback as Node)['text']).lastIndexOf('■') + 1)).toEqual([
      10, 4, 1, 1, 1,
    ]);
  });

  it('keeps the numbers apart from a sum of zero: no bar for nothing', () => {
    expect(all(complianceCard(of(compliances, 'empty')), 'ProgressBar')).toEqual([]);
  });

  it('answers a click on each number with its rows', () => {
    const lists = clicks(reply).filter(({ data }) => data['list'] === true);
    const asked = new Set(lists.map(({ data }) => data['state'] ?? data['lineage']));

    const states = ['compliant', 'not-compliant', 'not-evaluated', 'exempt'];
    const lineages = ['latest', 'one-behind', 'far-behind', 'past-end', 'not-golden'];
    expect([...asked].sort()).toEqual([...states, ...lineages].sort());
  });

  it('offers no rescan to those who may not act', () => {
    expect(clicks(reply).some(({ verb }) => verb === 'rescan')).toBe(true);
    expect(clicks(complianceCard({ ...typical, canAct: false })).some(({ verb }) => verb === 'rescan')).toBe(false);
  });
});

describe('the digest', () => {
  it('says how each number differs from last week, in words', () => {
    const { text } = digestCard(of(digests, 'typical'));

    expect(text).toContain('34 evaluated and compliant (▲ 5 more)');
    expect(text).toContain('9 non-compliant (▼ 3 fewer)');
    expect(text).toContain('5 not evaluated (= unchanged)');
  });

  it('says that it is the first instead of comparing with nothing', () => {
    const { text } = digestCard(of(digests, 'first-and-late'));

    expect(text).toContain('This is the first digest: there is nothing to compare it with yet.');
    expect(text).not.toMatch(/▲|▼|What changed/);
    expect(text).toContain('Late: it was due Sun 22 Nov, 08:00 UTC.');
  });

  it('says that nothing changed, when nothing did', () => {
    expect(digestCard(of(digests, 'nothing-changed')).text).toMatch(/What changed:\n– Nothing changed\./);
  });

  it('gives each row of what to do a button that names the machine', () => {
    const typical = of(digests, 'typical');
    const rows = all(digestCard(typical), 'ActionSet').flatMap((set) => set['actions'] as Node[]);

    expect(rows.map(({ data }) => (data as Node)['values'] ?? data)).toEqual(
      typical.next.items.flatMap(({ buttons }) => buttons.map(({ call }) => call.values)),
    );
  });

  it('fits 5,000 offenders into 25 KB and says how many it leaves out and how to see them', () => {
    const reply = digestCard(of(digests, 'largest'));
    const folded = all(reply, 'Container').filter(({ id }) => String(id).startsWith('act-'));
    const shown = all(reply, 'ActionSet').length - folded.length;
    const team = of(digests, 'largest').figures.team;

    expect(Buffer.byteLength(JSON.stringify(reply.card))).toBeLessThanOrEqual(25 * 1024);
    expect(shown).toBeGreaterThanOrEqual(2);
    expect(texts(reply)).toContain(`${(5_000 - shown).toLocaleString('en-GB')} of them are snoozed.`);
    const more = `and ${(5_000 - shown).toLocaleString('en-GB')} more: compliance ${team} --list`;
    expect(texts(reply)).toContain(more);
    expect(reply.text).toContain(more);
  });

  it('names who snoozed a row until when and why, and counts those that it leaves out', () => {
    const { text } = digestCard(of(digests, 'snoozed'));

    expect(text).toMatch(/9 machines non-compliant · by policies · cattle · its snooze ended on 20 Nov 2026/);
    expect(text).toContain(
      'snoozed until Fri 11 Dec, 12:00 UTC by Linus, when it was 24 machines: moves with the release in December',
    );
    expect(text).toContain('and 2 more: compliance payments --list');
    expect(text).toContain('2 of them are snoozed.');
    expect(digestCard(of(digests, 'typical')).text).not.toContain('snoozed');
  });

  it('draws the last eight weeks, the same in the chart and in its fallback', () => {
    const reply = digestCard(of(digests, 'largest'));
    const [chart = {}] = all(reply, 'Chart.Line');
    const under = texts({ ...reply, card: chart['fallback'] as never }).filter((text) => text.includes('%'));
    const points = [...nodes(chart['data'])].filter((node) => node['x'] !== undefined);

    expect(points.map(({ x }) => x)).toEqual(['W22', 'W23', 'W24', 'W25', 'W26', 'W27', 'W28', 'W29']);
    expect(under).toEqual([points.map(({ x, y }) => `${String(x)} ${String(y)}%`).join(' · ')]);
  });

  it('draws no line through a single week', () => {
    expect(all(digestCard(of(digests, 'first-and-late')), 'Chart.Line')).toEqual([]);
  });
});
