import { wantCard } from '../../store';
import { queueLengths } from '../../store/queues';
import { card, general, TestWorld, until } from './world';

/** What one process after the other has died over: who waits for it is told. */

let world: TestWorld;
beforeEach(async () => {
  world = await TestWorld.open();
});
afterEach(() => world.close());

const topic = 'run:R-7F3KQ';

/** As six holders leave a row that died over it, the last one long ago; machine time. */
const asSixDied = `tries = 6, leased_until = clock_timestamp() - interval '9 minutes', lease_owner = 'the dead'`;
/** In one transaction: the bot looks on. */
const wantedAsSixDied = () =>
  world.db.database.transaction(async (tx) => {
    await wantCard(tx, { topic, channel: general, kind: 'run' });
    await tx.query(`update card set ${asSixDied}`);
  });
const row = async () =>
  (
    await world.db.database.query<{ behind: boolean; tries: number; free: boolean }>(
      'select shown < wanted as behind, tries, leased_until is null as free from card where topic = $1',
      [topic],
    )
  )[0];
const told = async (where: string, what: string) =>
  (await world.messages(where)).filter(({ from, text }) => from === 'goldbot' && text.includes(what));
const instead = 'goldbot cannot show how R-7F3KQ stands';

/** Teams has told goldbot where its channels are. */
async function installed(deps: Parameters<TestWorld['bot']>[0] = {}): Promise<void> {
  await world.bot(deps);
  await world.say('Ada', general, '@goldbot help');
  await until(async () => (await told(general, 'You said:')).length > 0);
}

it('a card has words in its place, by which nothing is drawn, and stands there itself once it can be', async () => {
  let drawn = 0;
  const render = async () => {
    drawn += 1;
    return card('R-7F3KQ is built');
  };
  await installed({ render });
  await wantedAsSixDied();
  const [words] = await until(async () => {
    const found = await told(general, instead);
    return found.length > 0 ? found : undefined;
  });

  expect(words?.card).toBeUndefined();
  expect(words?.text).toContain('Ask “runs”, which lists it.');
  expect(words?.text).toContain(`its log names ${topic}`);
  expect(drawn).toBe(0);
  await until(async () => (await row())?.free === false);
  expect(await row()).toMatchObject({ behind: true, tries: 7 });
  expect(world.log.entries).toContainEqual(
    expect.objectContaining({ level: 'error', text: 'a card stops every process that shows it; its place says so' }),
  );
  const { queues } = await queueLengths(world.db.database, new Date());
  expect(queues.find(({ queue }) => queue === 'cards')).toMatchObject({ due: 1 });

  await world.db.database.query(`update card set ${asSixDied}`);
  await until(async () => (await row())?.behind === false);

  expect(await row()).toMatchObject({ behind: false, tries: 0, free: true });
  expect(await told(general, instead)).toEqual([]);
  const shown = (await world.messages(general)).filter(({ summary }) => summary === 'R-7F3KQ is built');
  expect(shown.map(({ id }) => id)).toEqual([words?.id]);
});

it('what stood there before is no longer taken for how things are', async () => {
  world.script.topics.set(topic, card('R-7F3KQ is being built'));
  await installed();
  await wantCard(world.db.database, { topic, channel: general, kind: 'run' });
  await until(async () => (await row())?.behind === false);
  const [before] = (await world.messages(general)).filter(({ summary }) => summary === 'R-7F3KQ is being built');

  await wantedAsSixDied();
  const [after] = await until(async () => {
    const found = await told(general, instead);
    return found.length > 0 ? found : undefined;
  });
  expect(after?.id).toBe(before?.id);
});

it('whoever sent a message is told that it will not be answered, and it is tried no more', async () => {
  await installed();
  const answered = world.script.texts.length;

  // Of what is answered only the id is kept.
  const activity = JSON.stringify(world.lastMessage('help'));
  await world.db.database.query(
    `update delivery set answered_at = null, answer = null, activity = $1, ${asSixDied.replace('6', '4')} where id like 'message %'`,
    [activity],
  );
  await until(async () => (await told(general, 'goldbot cannot answer this')).length > 0);
  await until(async () => {
    const [open] = await world.db.database.query<{ n: number }>(
      'select count(*)::int as n from delivery where activity is not null and answered_at is null',
    );
    return open?.n === 0;
  });

  expect(world.script.texts).toHaveLength(answered);
});
