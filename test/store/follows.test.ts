import { allFollows } from '../../store';
import { createFollowControl } from '../../workflows/start';
import { testDatabase } from './database';

const ada = { oid: 'oid-ada', name: 'Ada' };
const now = new Date('2026-11-28T09:00:00Z');

it('a team follows one channel of an image, the one chosen last, and an act delivered twice is one', async () => {
  const { database, close } = await testDatabase();
  try {
    const { follow } = createFollowControl({ database, clock: { now: () => now } });
    const about = { team: 'payments', image: 'ubuntu-22', person: ada } as const;
    await follow({ ...about, channel: 'stable', intent: 'one' });
    await follow({ ...about, image: 'windows-2022', channel: 'lts', intent: 'two' });
    await follow({ ...about, channel: 'canary', intent: 'three' });
    await follow({ ...about, channel: 'stable', intent: 'one' });
    expect(await allFollows(database)).toEqual([
      { team: 'payments', image: 'ubuntu-22', channel: 'canary', by: ada, since: now },
      { team: 'payments', image: 'windows-2022', channel: 'lts', by: ada, since: now },
    ]);
    await follow({ ...about, channel: 'latest', intent: 'four' });
    expect((await allFollows(database)).map(({ image }) => image)).toEqual(['windows-2022']);
  } finally {
    await close();
  }
});
