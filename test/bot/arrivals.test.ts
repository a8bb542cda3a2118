import { general, TestWorld } from './world';

describe('where goldbot is added', () => {
  let world: TestWorld;
  // One for each: where goldbot was added once, it is known.
  beforeEach(async () => {
    world = await TestWorld.open();
    await world.bot();
  });
  afterEach(() => world.close());
  const install = (as: string, where: string) => world.teams('POST', '/_sandbox/install', { as, in: where });
  const hellos = async (where: string) =>
    (await world.messages(where)).filter(({ text }) => text.startsWith('Hello, ')).map(({ text }) => text);

  it('says nothing where it has been all along', async () => {
    expect(world.script.arrivals).toEqual([]);
    expect(await hellos(general)).toEqual([]);
  });

  it('says hello once in one’s own chat, though Teams tells of it twice', async () => {
    expect(await install('Ada', 'goldbot')).toMatchObject({ delivered: 2 });
    expect(await hellos('Ada and goldbot')).toEqual(['Hello, Ada.']);
    expect(world.script.arrivals).toMatchObject([
      { turn: { person: { name: 'Ada' }, conversation: { kind: 'personal' } } },
    ]);
    expect(world.script.arrivals[0]).not.toHaveProperty('team');
    // Told again, by a Teams that had no answer.
    await install('Ada', 'goldbot');
    expect(await hellos('Ada and goldbot')).toEqual(['Hello, Ada.']);
  });

  it('says hello in the channel that was chosen, knowing the team', async () => {
    await install('Grace', 'payments / ops');
    expect(await hellos('payments / ops')).toEqual(['Hello, Grace.']);
    expect(world.script.arrivals).toMatchObject([{ team: 'payments', turn: { conversation: { kind: 'channel' } } }]);
  });

  it('says hello in a chat of several people', async () => {
    await world.teams('POST', '/_sandbox/chats', { name: 'Release crew', members: ['Heidi', 'Linus'] });
    expect(await hellos('Release crew')).toEqual(['Hello, Heidi.']);
  });

  it('says nothing when somebody else is added, when it is removed or updated', async () => {
    const before = world.script.arrivals.length;
    const deliver = (activity: object) =>
      world.teams('POST', '/_sandbox/deliver', { as: 'Judy', in: 'goldbot', activity });
    await deliver({ type: 'conversationUpdate', membersAdded: [{ id: '29:somebody' }] });
    await deliver({ type: 'installationUpdate', action: 'remove' });
    await deliver({ type: 'installationUpdate', action: 'add-upgrade' });
    expect(world.script.arrivals).toHaveLength(before);
  });

  it('is heard of all the same when it cannot say hello, and tries again with what Teams says next', async () => {
    const real = world.script.handleArrival.bind(world.script);
    let tries = 0;
    world.script.handleArrival = (arrival) => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('broken')) : real(arrival);
    };
    await install('Dana', 'goldbot');
    expect([tries, await hellos('Dana and goldbot')]).toEqual([2, ['Hello, Dana.']]);
    expect(world.log.entries).toContainEqual(
      expect.objectContaining({ level: 'warn', text: 'goldbot did not say hello where it was added' }),
    );
  });
});
