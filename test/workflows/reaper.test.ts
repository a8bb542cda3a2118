import type { Leftover } from '../../core/azure';
import { UserError } from '../../core/errors';
import type { RequestId } from '../../core/runs';
import { hours, minutes } from '../../core/time';
import { type Held, insertRun, keepLeftovers, type NewLeftover, wantCard } from '../../store';
import { createReads } from '../../store/reads';
import { reaper } from '../../workflows/publish';
import { type TestDatabase, testDatabase } from '../store/database';

const start = new Date('2026-11-27T17:00:00Z');
const place = { subscription: 's', resourceGroup: 'rg-image-builds', location: 'westeurope' };
const terms = { owner: 'test', leaseMs: 10_000 };
const held = { leftMs: () => 10_000, lose: () => {}, confirm: async () => true } as unknown as Held;

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  await db.database.query('truncate request, run, leftover, card cascade');
});
afterAll(() => db.close());

/** A reaper over an Azure that a test fills, at a time that a test moves. */
function open() {
  const there: Leftover[] = [];
  const deleted: string[] = [];
  let now = start;
  let refusal: Error | undefined;
  const states = { build: 'succeeded' };
  const read = {
    leftovers: async () => {
      if (refusal?.message.startsWith('not listed')) throw refusal;
      return [...there];
    },
    build: async () => ({ state: states.build }),
    testMachine: async () => ({ state: 'deleting' }),
  };
  const remove = async (_: unknown, name: string) => {
    if (refusal) throw refusal;
    deleted.push(name);
  };
  const write = () => ({ deleteTemplate: remove, deleteTestMachine: remove });
  const work = reaper({ database: db.database, clock: { now: () => now }, read, write } as never);
  const reads = createReads(db.database);
  return {
    ...{ there, deleted, states, work, reads },
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
    later: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    /** One look; false when nothing is due. */
    async look(): Promise<boolean> {
      const claimed = await work.claim(terms);
      await claimed?.work(held);
      return claimed !== undefined;
    },
    known: async () =>
      (await reads.leftovers({ gone: true })).map(({ name, answer, goneAt, looks }) => ({
        name,
        answer,
        looks,
        gone: goneAt !== null,
      })),
  };
}

async function run(id: RequestId, ended: boolean): Promise<void> {
  const now = start;
  const stages = ['cleanup'];
  await db.database.query(`insert into request (id, kind) values ($1, 'run')`, [id]);
  await insertRun(db.database, { id, kind: 'publish', subject: id, plan: {}, stages, stage: 'cleanup', now });
  if (ended) await db.database.query(`update run set ended_at = $2, outcome = 'cancelled' where id = $1`, [id, now]);
}

const left = (name: string, runId: RequestId, more: Partial<NewLeftover> = {}): NewLeftover => {
  const what = { id: `/X/${name}`, kind: 'template' as const, name, runId, place: { place, target: {} } };
  return { ...what, since: start, answer: 'Azure is deleting it', dueAt: start, ...more };
};
const thing = ({ id, kind, name, runId }: NewLeftover): Leftover => ({ id, kind: kind as 'template', name, runId });

describe('the reaper', () => {
  it('touches nothing of a run that is open, and nothing before its time', async () => {
    const azure = open();
    await run('R-22222', false);
    await run('R-33333', true);
    await keepLeftovers(db.database, [
      left('open', 'R-22222'),
      left('later', 'R-33333', { dueAt: new Date(start.getTime() + 1) }),
    ]);
    expect(await azure.look()).toBe(false);
    azure.later(1);
    expect([await azure.look(), await azure.look()]).toEqual([true, false]);
    expect(await azure.known()).toMatchObject([
      { name: 'later', looks: 1 },
      { name: 'open', looks: 0 },
    ]);
  });

  it('deletes what is there, looks again ten minutes later, and tells when it is gone', async () => {
    const azure = open();
    await run('R-22222', true);
    await wantCard(db.database, { topic: 'run:R-22222', channel: 'a / b', kind: 'run' });
    const one = left('t', 'R-22222');
    await keepLeftovers(db.database, [one]);
    azure.there.push(thing(one));
    await azure.look();
    expect(azure.deleted).toEqual(['t']);
    expect(await azure.known()).toEqual([{ name: 't', answer: 'Azure was asked to delete it', looks: 1, gone: false }]);

    azure.later(minutes(10) - 1);
    expect(await azure.look()).toBe(false);
    azure.there.pop();
    azure.later(1);
    await azure.look();

    expect(await azure.known()).toEqual([{ name: 't', answer: 'it is gone', looks: 2, gone: true }]);
    const [card] = await db.database.query<{ wanted: number }>('select wanted from card');
    expect(card?.wanted).toBe(3);
    const told = (await azure.reads.audit()).filter(({ runId }) => runId === 'R-22222');
    expect(told.map(({ action, detail }) => [action, detail['name'], detail['answer']])).toEqual([
      ['leftover-gone', 't', 'it is gone'],
      ['leftover', 't', 'Azure was asked to delete it'],
    ]);
    azure.later(hours(100));
    expect(await azure.look()).toBe(false);
  });

  it('insists where Azure has been busy with it for too long, and redraws nothing while it says the same', async () => {
    const azure = open();
    await run('R-22222', true);
    await wantCard(db.database, { topic: 'run:R-22222', channel: 'a / b', kind: 'run' });
    const one = left('t', 'R-22222');
    await keepLeftovers(db.database, [one]);
    azure.there.push(thing(one));
    azure.states.build = 'cancelling';
    await azure.look();
    azure.later(hours(1));
    await azure.look();
    expect(azure.deleted).toEqual(['t', 't']);
    expect(await azure.known()).toMatchObject([
      { answer: 'Image Builder is cancelling its build, and was asked again', looks: 2 },
    ]);
    expect(await db.database.query('select wanted from card')).toEqual([{ wanted: 2 }]);
  });

  it('leaves alone what has the same name now and belongs to another run', async () => {
    const azure = open();
    await run('R-22222', true);
    const one = left('t', 'R-22222');
    await keepLeftovers(db.database, [one]);
    azure.there.push({ ...thing(one), runId: 'R-99999' });
    await azure.look();
    expect(azure.deleted).toEqual([]);
    expect(await azure.known()).toMatchObject([{ gone: true }]);
  });

  it('keeps what Azure says when it refuses, and writes nothing when its lease is over', async () => {
    const azure = open();
    await run('R-22222', true);
    const one = left('t', 'R-22222');
    await keepLeftovers(db.database, [one]);
    azure.there.push(thing(one));
    azure.refuse(new UserError('FENCED', 'This replica no longer holds it.', { hint: 'Wait.' }));
    await expect(azure.look()).rejects.toMatchObject({ code: 'FENCED' });
    expect(await azure.known()).toMatchObject([{ answer: 'Azure is deleting it', looks: 0 }]);
    await db.database.query('update leftover set leased_until = null');
    azure.refuse(new UserError('AZ_CONFLICT', 'It is locked.', { hint: 'Unlock it.' }));
    await azure.look();
    expect(await azure.known()).toMatchObject([{ answer: 'It is locked.', looks: 1, gone: false }]);
  });

  it('discards the look of a replica whose lease another one has taken over', async () => {
    const azure = open();
    await run('R-22222', true);
    await keepLeftovers(db.database, [left('t', 'R-22222')]);
    const claimed = await azure.work.claim(terms);
    expect(await azure.work.claim(terms)).toBeUndefined();
    await db.database.query('update leftover set lease_token = lease_token + 1');
    await claimed?.work(held);
    expect(await azure.known()).toMatchObject([{ looks: 0, gone: false }]);
  });

  it('finds out what a run left that could not be listed', async () => {
    const azure = open();
    await run('R-22222', true);
    const more = left('t', 'R-22222');
    await keepLeftovers(db.database, [left('whatever', 'R-22222', { id: 'unread R-22222', kind: 'unread' })]);
    azure.there.push(thing(more), { ...thing(more), id: '/X/other', runId: 'R-99999' });
    azure.refuse(new Error('not listed today'));
    await azure.look();
    expect(await azure.known()).toMatchObject([{ name: 'whatever', answer: 'not listed today', gone: false }]);
    azure.refuse(undefined);
    azure.later(minutes(10));
    await azure.look();
    expect(await azure.known()).toEqual([
      { name: 't', answer: 'it was found late', looks: 0, gone: false },
      { name: 'whatever', answer: 'Azure has told what was left', looks: 2, gone: true },
    ]);
  });

  it('begins anew with what had gone and is there again, and keeps the rhythm of what is known', async () => {
    const azure = open();
    await run('R-22222', true);
    await keepLeftovers(db.database, [left('t', 'R-22222')]);
    await azure.look();
    expect(await azure.known()).toMatchObject([{ gone: true, looks: 1 }]);
    await keepLeftovers(db.database, [left('t', 'R-22222', { answer: 'it is back' })]);
    await keepLeftovers(db.database, [left('t', 'R-22222', { answer: 'again' })]);
    expect(await azure.known()).toEqual([{ name: 't', answer: 'it is back', looks: 0, gone: false }]);
  });
});
