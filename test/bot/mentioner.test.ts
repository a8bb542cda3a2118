import { Mentioner, type MentionerDeps } from '../../bot/mentioner';
import { TeamsError } from '../../bot/teams';
import { UserError } from '../../core/errors';
import type { Mentions } from '../../core/mentions';

const address = { conversationId: '19:a@thread.tacv2', kind: 'channel', tenantId: 't', serviceUrl: 's' } as const;
const approvers = { group: 'g1', name: 'approvers' };
const roster: Record<string, string> = { grace: 'Grace', heidi: 'Heidi', ada: 'Ada' };

function mentioner(more: Partial<MentionerDeps> = {}) {
  const asked: string[] = [];
  const deps: MentionerDeps = {
    catalogue: () =>
      ({ azure: {}, images: [], teams: new Map([['payments', { owners: { group: 'g2', name: 'owners' } }]]) }) as never,
    deciders: async (group) => {
      const ids = group === 'g1' ? ['grace', 'heidi', 'left'] : ['linus'];
      return { size: 'fits', count: ids.length, ids };
    },
    memberAt: async ({ userId }) => {
      asked.push(userId);
      const name = roster[userId];
      return name === undefined ? undefined : { name };
    },
    chatsOf: async () => [],
    clock: { now: () => new Date('2026-12-01T20:00:00Z') },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    ...more,
  };
  const calling = (mentions: Mentions) => new Mentioner(deps).calling(mentions);
  return {
    calling,
    whom: (mentions: object) => new Mentioner(deps).whom({ to: 'your decision', waits: true, ...mentions }, address),
    asked,
  };
}

describe('whom a message mentions', () => {
  it('is who of the group is a member where it is posted; who has left is not', async () => {
    expect(await mentioner().whom({ groups: [approvers] })).toEqual({
      people: [
        { oid: 'grace', name: 'Grace' },
        { oid: 'heidi', name: 'Heidi' },
      ],
      others: 1,
      groups: ['approvers'],
      why: 'elsewhere',
    });
  });

  it('is nobody who takes part or has decided', async () => {
    const { whom, asked } = mentioner();
    expect((await whom({ groups: [approvers], but: ['HEIDI', 'left'] })).people).toEqual([
      { oid: 'grace', name: 'Grace' },
    ]);
    expect(asked).toEqual(['grace']);
    expect(await whom({ groups: [approvers], but: ['grace', 'heidi', 'left'] })).toEqual({
      people: [],
      others: 0,
      groups: ['approvers'],
    });
  });

  it('is nobody of a group of five hundred, and Teams is not asked five hundred times', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `p${n}`);
    const { whom, asked } = mentioner({ deciders: async () => ({ size: 'fits', count: 500, ids }) });
    expect(await whom({ groups: [approvers], but: ['p0'] })).toEqual({
      people: [],
      others: 499,
      groups: ['approvers'],
      why: 'many',
    });
    expect(asked).toEqual([]);
  });

  it('is read for a team from the catalogue in force, and nobody of a team that it does not have', async () => {
    const { whom } = mentioner({ memberAt: async () => ({ name: 'Linus' }) });
    expect((await whom({ groups: [{ ownersOf: 'payments' }] })).people).toEqual([{ oid: 'linus', name: 'Linus' }]);
    expect(await whom({ groups: [{ ownersOf: 'gone' }] })).toEqual({ people: [], others: 0, groups: [] });
  });

  it('is nobody, and said to be, while Entra does not answer', async () => {
    const silent = new UserError('DIRECTORY_SILENT', 'Entra is silent.', { hint: 'Wait.' });
    const { whom } = mentioner({ deciders: () => Promise.reject(silent) });
    expect(await whom({ groups: [approvers] })).toMatchObject({ people: [], why: 'silent' });
  });

  it('is who is known by name while Teams does not say who is there', async () => {
    const { whom } = mentioner({ memberAt: () => Promise.reject(new TeamsError('throttled', 'Teams: 429')) });
    const found = await whom({ people: [{ oid: 'ada', name: 'Ada' }], groups: [approvers] });
    expect(found).toMatchObject({ people: [{ oid: 'ada', name: 'Ada' }], others: 3, why: 'silent' });
  });

  it('is nobody in quiet hours, and it is said until when', async () => {
    const quiet = { from: '19:00', to: '07:00', weekends: false, zone: 'Europe/Berlin' };
    const catalogue = () => ({ azure: { quiet }, images: [], teams: new Map() }) as never;
    const { whom, asked } = mentioner({ catalogue });
    expect(await whom({ groups: [approvers] })).toEqual({
      people: [],
      others: 3,
      groups: ['approvers'],
      why: 'quiet',
      until: '2026-12-02T06:00:00.000Z',
    });
    expect(asked).toEqual([]);
  });

  it('is sent a copy who is not where it is posted, as far as goldbot knows their chat; others are counted', async () => {
    const asked: unknown[] = [];
    const chatsOf = async (oids: readonly string[]) => {
      asked.push(oids);
      return [{ oid: 'judy', name: 'Judy', conversationId: 'a:judy', serviceUrl: 's' }];
    };
    const ids = ['grace', 'judy', 'left'];
    const deciders = async () => ({ size: 'fits', count: 3, ids }) as const;
    const { whom } = mentioner({ chatsOf, deciders });
    expect(await whom({ groups: [approvers], copies: true })).toEqual({
      people: [{ oid: 'grace', name: 'Grace' }],
      copied: [{ oid: 'judy', name: 'Judy' }],
      ...{ others: 1, groups: ['approvers'], why: 'elsewhere' },
    });
    expect((await whom({ groups: [approvers] })).copied).toBeUndefined();
    expect(asked).toEqual([['judy', 'left']]);
  });

  it('is called as in their own chat who has never written, and somebody where Teams does not tell', async () => {
    const chatsOf = async () => [{ oid: 'judy', name: null, conversationId: 'a:judy', serviceUrl: 's' }];
    const deciders = async () => ({ size: 'fits', count: 1, ids: ['judy'] }) as const;
    const copied = async (inOwnChat: () => { name: string }) => {
      const memberAt: MentionerDeps['memberAt'] = async ({ conversationId }) =>
        conversationId === 'a:judy' ? inOwnChat() : undefined;
      return (await mentioner({ chatsOf, deciders, memberAt }).whom({ groups: [approvers], copies: true })).copied;
    };
    expect(await copied(() => ({ name: 'Judy' }))).toEqual([{ oid: 'judy', name: 'Judy' }]);
    const silent = () => {
      throw new TeamsError('throttled', 'Teams: 429');
    };
    expect(await copied(silent)).toEqual([{ oid: 'judy', name: 'somebody' }]);
  });

  it('is sent a copy of whom Teams does not say whether they are there', async () => {
    const chatsOf = async (oids: readonly string[]) =>
      oids.map((oid) => ({ oid, name: oid, conversationId: `a:${oid}`, serviceUrl: 's' }));
    const { whom } = mentioner({ chatsOf, memberAt: () => Promise.reject(new TeamsError('throttled', 'Teams: 429')) });
    expect(await whom({ groups: [approvers], copies: true })).toMatchObject({
      ...{ people: [], others: 0, why: 'silent' },
      copied: [{ oid: 'grace' }, { oid: 'heidi' }, { oid: 'left' }],
    });
  });

  it('is whoever stands in for a member, and nobody who stands in for somebody else', async () => {
    const inPlace = [
      { of: 'GRACE', person: { oid: 'ada', name: 'Ada' } },
      { of: 'linus', person: { oid: 'heidi', name: 'Heidi' } },
    ];
    const deciders = async () => ({ size: 'fits', count: 1, ids: ['grace'] }) as const;
    const { whom } = mentioner({ deciders });
    const oids = async (more: object) =>
      (await whom({ groups: [approvers], inPlace, ...more })).people.map(({ oid }) => oid);
    expect(await oids({})).toEqual(['ada', 'grace']);
    expect(await oids({ but: ['ada'] })).toEqual(['grace']);
  });

  it.each([
    [true, 'later'],
    [false, 'silent'],
  ] as const)('in quiet hours what waits for people (%j) calls %s, and nothing calls now', (waits, when) => {
    const quiet = { from: '19:00', to: '07:00', weekends: false, zone: 'Europe/Berlin' };
    const catalogue = () => ({ azure: { quiet }, images: [], teams: new Map() }) as never;
    const { calling } = mentioner({ catalogue });
    expect(calling({ to: 'your decision', waits })).toEqual({ when, until: new Date('2026-12-02T06:00:00Z') });
    expect(mentioner().calling({ to: 'your decision', waits })).toEqual({ when: 'now' });
  });

  it('does not hide a mistake of goldbot’s own', async () => {
    const { whom } = mentioner({ deciders: () => Promise.reject(new TypeError('a bug')) });
    await expect(whom({ groups: [approvers] })).rejects.toThrow('a bug');
  });
});
