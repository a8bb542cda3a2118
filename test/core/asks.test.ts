import { type Ask, type AskSeen, changedTopics, type Deferral, deferralLimit, nextAsks } from '../../core/lifecycle';
import { type AsksHeld, asksOn } from '../../core/lifecycle/asks';
import { deferralsOf } from '../../core/runs';

const start = Date.parse('2026-12-01T10:00:00Z');
const at = (minutes: number): Date => new Date(start + minutes * 60_000);
const seen = (more: Partial<AskSeen> = {}): AskSeen => ({
  ...{ set: '/s/Front', name: 'front', team: 'web', channel: 'web / ops', image: 'ubuntu-22', version: '1.6.0' },
  ...{ question: 'q1', behind: 3, until: at(60).toISOString(), latest: at(2_880).toISOString(), otherwise: 'approve' },
  ...more,
});
const put: Deferral = {
  id: 'R-22222',
  team: 'web',
  image: 'ubuntu-22',
  until: at(120),
  reason: 'closing',
  by: 'Linus',
};
const nothing: AsksHeld = { deferrals: [], rolledOut: new Set<string>(), silent: new Set<string>() };
const topicsOf = (asks: readonly Ask[]) => asks.map(({ topic }) => topic);

/** Looks one after the other, each ten minutes later; the topics of new cards after each. */
function looks(...all: readonly (readonly [found: readonly AskSeen[], held?: Partial<AsksHeld>])[]) {
  let asks: readonly Ask[] = [];
  const posted = all.map(([found, held], n) => {
    const known = new Set(topicsOf(asks));
    asks = nextAsks(asks, found, { ...nothing, ...held }, at(n * 10));
    return new Set(topicsOf(asks).filter((topic) => topic !== undefined && !known.has(topic))).size;
  });
  return { posted, asks };
}

describe('who is told of what Azure asks', () => {
  it('once, however often it is looked, and whatever its deadline becomes', () => {
    const later = seen({ until: at(90).toISOString() });
    expect(looks([[seen()]], [[seen()]], [[later]]).posted).toEqual([1, 0, 0]);
    expect(looks([[seen()]], [[later]]).asks).toMatchObject([{ until: later.until }]);
  });

  it('by one card for all sets of a team and an image that are found in one look; a set that comes later has its own', () => {
    const [other, data] = [
      seen({ set: '/s/b', name: 'b' }),
      seen({ set: '/s/c', team: 'data', channel: 'data / ops' }),
    ];
    const { posted, asks } = looks([[seen(), other, data]], [[seen(), other, data, seen({ set: '/s/d' })]]);
    expect(posted).toEqual([2, 1]);
    expect(asksOn(asks[0]?.topic ?? 'asks:', { asks }).map(({ set }) => set)).toEqual(['/s/Front', '/s/b']);
  });

  it('not of each batch of an upgrade that they were told of; of another version they are', () => {
    const batch = seen({ question: 'q2' });
    expect(looks([[seen()]], [[batch]], [[seen({ question: 'q3' })]]).posted).toEqual([1, 0, 0]);
    expect(looks([[seen()]], [[seen({ question: 'q9', version: '1.7.0' })]]).posted).toEqual([1, 1]);
  });

  it('not while it is deferred; anew once that is over, and not because somebody took it back', () => {
    const deferred = { deferrals: [{ ...put, until: at(20) }] };
    const { posted, asks } = looks([[seen()]], [[seen()], deferred], [[seen()]], [[seen()]]);
    expect(posted).toEqual([1, 0, 1, 0]);
    expect(asks[0]).not.toHaveProperty('deferred');
    expect(looks([[seen()]], [[seen()], { deferrals: [put] }], [[seen()]]).posted).toEqual([1, 0, 0]);
    // Whoever was not told before is told when nothing holds it back any more.
    expect(looks([[seen()], { deferrals: [put] }], [[seen()]]).posted).toEqual([0, 1]);
    expect(looks([[seen()], { deferrals: [{ ...put, team: 'data' }] }]).posted).toEqual([1]);
  });

  it('not while a rollout answers for them; once it ended and Azure still asks, they are', () => {
    const rolledOut = new Set(['/s/front 1.6.0']);
    expect(looks([[seen({ version: '1.7.0' })], { rolledOut }]).posted).toEqual([1]);
    expect(looks([[seen()], { rolledOut }], [[seen()], { rolledOut }], [[seen()]], [[seen()]]).posted).toEqual([
      0, 0, 1, 0,
    ]);
  });

  it('keeps what Azure does not tell now, and knows of what is over for a month', () => {
    const silent = new Set(['/s/front']);
    expect(looks([[seen()]], [[], { silent }]).asks).toEqual(looks([[seen()]]).asks);
    const { asks } = looks([[seen()]], [[]]);
    expect(asks).toMatchObject([{ over: at(10).toISOString() }]);
    expect(nextAsks(asks, [], nothing, at(20))).toEqual(asks);
    expect(nextAsks(asks, [], nothing, at(60 * 24 * 31))).toEqual([]);
  });

  it('draws a card anew when something on it is different, and no other', () => {
    const before = nextAsks([], [seen(), seen({ set: '/s/c', team: 'data', channel: 'data / ops' })], nothing, at(0));
    const [first] = before;
    const after = nextAsks(before, [seen({ behind: 2 }), ...before.slice(1)], nothing, at(10));
    expect(changedTopics([], before)).toHaveLength(2);
    expect(changedTopics(before, after)).toEqual([{ topic: first?.topic, channel: 'web / ops' }]);
    expect(changedTopics(after, after)).toEqual([]);
  });
});

describe('until when something can be put off', () => {
  const hook = (latest?: Date) => ({
    ...{ name: 'front', asks: 'hook' as const },
    questions: latest ? [{ name: 'q', waiting: [], until: at(1), latest, otherwise: 'approve' as const }] : [],
  });

  it.each([
    ['as long as Azure waits with what asks soonest', [hook(at(600)), hook(at(300))], at(300)],
    ['two days where a hook asks nothing yet', [hook()], at(2 * 24 * 60)],
    [
      'ninety days where Azure names no end',
      [{ name: 'a', asks: 'deferral' as const, questions: [] }],
      at(90 * 24 * 60),
    ],
    ['ninety days where it asks nobody', [], at(90 * 24 * 60)],
  ])('%s', (_, sets, limit) => {
    expect(deferralLimit(sets, at(0)).at).toEqual(limit);
  });

  it('says which set it is', () => {
    expect(deferralLimit([hook(at(5))], at(0)).why).toBe('Azure waits with front no longer');
    expect(deferralLimit([hook()], at(0)).why).toBe('Azure waits for the hook of front two days at most');
  });
});

it('a deferral is in force while its run waits for its end', () => {
  const { id, by, until, ...same } = put;
  const run = (stage: string) =>
    ({
      ...{ id, stage, actors: [{ oid: 'l', name: by, did: 'requested' }] },
      plan: { verb: 'defer', target: 'x', sets: [], until: until.toISOString(), ...same },
    }) as never;
  expect(deferralsOf([run('wait')])).toEqual([put]);
  expect(deferralsOf([run('plan'), run('apply')])).toEqual([]);
});
