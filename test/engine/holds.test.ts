import type { RequestId } from '../../core/runs';
import { minutes, momentOf } from '../../core/time';
import {
  createLockControl,
  createRunControl,
  type LockControl,
  mayStart,
  type RunControl,
} from '../../workflows/start';
import { exampleCatalogue } from '../support/catalogue';
import { asking } from './asking';
import { ada, type Bench, bench, grace, heidi, intent, rule } from './bench';

/** Locks and overrides, where they are judged: under the run's lock, with Graph asked at that moment. */
const mallory = { oid: 'oid-mallory', name: 'Mallory' };
const admins = 'group-admins';
const lockedBy = ({ since }: { readonly since: Date }) =>
  `Locked by Ada since ${momentOf(since)}: “openssl regression”.`;
const unlockHint = 'Ask Ada to unlock it; an admin can, too.';

/** Who is in which group, as Graph says it. */
let groups: Readonly<Record<string, readonly string[]>> | 'silent' = {};

let b: Bench;
let locks: LockControl;
let control: RunControl;
beforeAll(async () => {
  const workflow = asking(2);
  const takes = workflow.stages.map((stage) => ({
    ...stage,
    takes: ['cancel', 'rebuild', 'decided', 'withdraw', 'override', 'confirm'] as const,
  }));
  b = await bench({ ...workflow, stages: takes });
  const deps = { database: b.db.database, clock: b.clock };
  locks = createLockControl(deps);
  const directory = {
    membersNow: async (group: string, oids: Iterable<string>) => {
      if (groups === 'silent') throw new Error('Graph is silent');
      return new Set([...oids].filter((oid) => groups !== 'silent' && groups[group]?.includes(oid)));
    },
  };
  const catalogue = () => ({
    ...exampleCatalogue(),
    roles: [{ group: admins, name: 'goldbot-admins', role: 'admin' as const }],
  });
  control = createRunControl({ ...deps, directory, workflows: [{ ...workflow, stages: takes }] as never, catalogue });
});
afterAll(() => b.close());

const start = (image: string, person = ada) =>
  control.startOrJoin({ kind: 'publish', subject: image, plan: {}, person, intent: intent() });
const lock = (image: string, person = ada) =>
  locks.lock({ image, reason: 'openssl regression', person, intent: intent() });
const unlock = (image: string, person = ada, isAdmin = false) =>
  locks.unlock({ image, reason: 'mended', person, isAdmin, intent: intent() });
const refused = (code: string, message: string, hint: string) => ({ code, message, hint });

describe('a locked image', () => {
  const heldNow = async (image: string) => {
    const held = await b.reads.lockOf(image);
    if (!held) throw new Error(`nobody holds ${image}`);
    return held;
  };

  it('starts nothing, and tells who holds it, why, since when and what to do', async () => {
    const image = 'locked';
    await lock(image);
    const since = lockedBy(await heldNow(image));
    const told = refused('IMAGE_LOCKED', `${image} is locked, so nothing was started. ${since}`, unlockHint);
    const next = [{ verb: 'unlock', values: { image }, blanks: ['reason'] }];
    await expect(start(image, grace)).rejects.toMatchObject({ ...told, next });
    const hint = 'You locked it yourself: unlock it when the reason is gone.';
    await expect(start(image)).rejects.toMatchObject({ ...told, hint, next });
    expect(await b.reads.runs({ image })).toEqual([]);
  });

  it('stays the lock of whoever locked it first', async () => {
    const image = 'stays locked';
    await lock(image);
    const first = await heldNow(image);
    b.clock.advance(minutes(5));
    expect((await lock(image))?.lock).toMatchObject({ by: ada, since: first.since });
    const stays = refused('IMAGE_LOCKED', `${image} is locked, so it stays as it is. ${lockedBy(first)}`, unlockHint);
    await expect(lock(image, grace)).rejects.toMatchObject(stays);
    await expect(unlock(image, grace)).rejects.toMatchObject(stays);
    expect(await b.reads.lockOf(image)).toEqual(first);
  });

  it('is unlocked by its holder, or by an admin, and then starts', async () => {
    const image = 'unlocked';
    await lock(image);
    expect((await unlock(image, heidi, true))?.lock.by).toEqual(ada);
    expect(await unlock(image)).toBeUndefined();
    expect((await start(image)).joined).toBe(false);
  });

  it('unlocks once per act, even if somebody locks it again meanwhile', async () => {
    const act = { image: 'once', reason: 'mended', person: heidi, isAdmin: true, intent: intent() };
    await lock('once');
    await locks.unlock(act);
    await lock('once');
    expect(await locks.unlock(act)).toBeUndefined();
    expect((await b.reads.lockOf('once'))?.by).toEqual(ada);
  });

  it('locks once per act, even if somebody unlocks it meanwhile', async () => {
    const act = { image: 'relocked', reason: 'openssl regression', person: ada, intent: intent() };
    const first = await locks.lock(act);
    expect(await locks.lock(act)).toEqual(first);
    await unlock('relocked');
    expect(await locks.lock(act)).toBeUndefined();
    expect(await b.reads.lockOf('relocked')).toBeUndefined();
  });

  it('is joined where a run is open, which cannot be rebuilt, and which an unlock wakes', async () => {
    const { run } = await start('open');
    await lock('open', heidi);
    expect((await start('open', grace)).joined).toBe(true);
    await expect(
      control.signal({ request: run.id, kind: 'rebuild', person: ada, intent: intent() }),
    ).rejects.toMatchObject({ code: 'IMAGE_LOCKED' });
    await b.db.database.query(`update run set due_at = due_at + interval '1 day' where id = $1`, [run.id]);
    expect(await unlock('open', heidi)).toMatchObject({ openRun: run.id });
    expect((await b.reads.run(run.id))?.dueAt).toEqual(b.clock.now());
  });

  it('is told to a schedule, as are an open window, with its end, and an open run', async () => {
    const window = { name: 'year end', from: '2026-11-20', to: '2026-12-31', zone: 'UTC', reason: 'closed' };
    const next = { ...window, name: 'after it', from: '2027-01-01', to: '2027-01-06', images: ['windows-2022'] };
    const example = exampleCatalogue();
    const told = (freeze: readonly object[]) => (name: string) => {
      const image = example.images.find((one) => one.name === name);
      if (!image) throw new Error(`no image ${name}`);
      const catalogue = () => ({ azure: { ...example.azure, freeze: freeze as typeof example.azure.freeze } });
      return mayStart(catalogue)(b.db.database, image, b.clock.now());
    };
    await lock('ubuntu-22');
    const { run } = await start('windows-2022');
    expect(await told([window])('ubuntu-22')).toEqual({ why: expect.stringMatching(/^Locked by Ada since/) });
    expect(await told([window, next])('windows-2022')).toEqual({
      why: 'Frozen until Fri 1 Jan, 00:00 UTC by the window “year end”: “closed”.',
      until: new Date('2027-01-07T00:00:00Z'),
    });
    expect((await told([])('windows-2022'))?.why).toContain(`${run.id}, begun by Ada`);
    await unlock('ubuntu-22');
    expect(await told([])('ubuntu-22')).toBeUndefined();
  });
});

/** A run that is held, as its workflow would have left it. */
async function held(image: string, data: object = {}, kinds = ['freeze']): Promise<RequestId> {
  const { run } = await start(image);
  const holds = kinds.map((kind) => ({
    kind,
    by: kind === 'lock' ? 'Ada' : 'year end',
    why: 'w',
    since: '2026-11-27T09:00:00Z',
  }));
  const kept = { held: { before: 'publish', at: 'then', holds }, ...data };
  const plan = { fixed: { rule }, approvalChannel: 'Image Factory / approvals' };
  await b.db.database.query(`update run set data = $2, plan = $3, plan_hash = 'hash-1' where id = $1`, [
    run.id,
    JSON.stringify(kept),
    JSON.stringify(plan),
  ]);
  return run.id;
}
const override = (request: RequestId, person = ada, more = {}) =>
  control.override({ request, person, reason: 'CVE', intent: intent(), ...more });
const confirm = (request: RequestId, person = grace, more = {}) =>
  control.override({ request, person, intent: intent(), ...more });
const signals = async (id: RequestId) =>
  (await b.db.database.query<{ kind: string }>('select kind from signal where run_id = $1 order by id', [id])).map(
    ({ kind }) => kind,
  );
const asked = { override: { reason: 'CVE', by: ada, at: 'then', windows: ['year end'] } };

describe('an override', () => {
  it('is asked for once, makes whoever asks part of the run, and is shown to those who can agree', async () => {
    const id = await held('asked');
    const act = { intent: intent() };
    await override(id, heidi, act);
    await override(id, heidi, act);
    expect(await signals(id)).toEqual(['override']);
    expect((await b.reads.run(id))?.actors.map(({ name, did }) => `${name} ${did}`)).toEqual([
      'Ada requested',
      'Heidi overrode',
    ]);
    const cards = await b.db.database.query('select conversation_name as channel from card where topic like $1', [
      `news:${id}:override-%`,
    ]);
    expect(cards).toEqual([{ channel: 'Image Factory / approvals' }]);
  });

  it('is about freezes alone', async () => {
    const id = await held('by a lock', {}, ['lock']);
    const hint = async (person = grace) => (await override(id, person).catch((error) => error)).hint;
    expect(await hint()).toBe('It has just been unlocked: the run goes on by itself.');
    await lock('by a lock');
    expect(await hint(ada)).toBe('You locked it yourself: unlock it when the reason is gone.');
    await expect(override(id, grace)).rejects.toMatchObject(
      refused(
        'RUN_BUSY',
        `${id} is held by a lock, not by a freeze. Locked by Ada since Fri 27 Nov, 09:00 UTC: “w”.`,
        unlockHint,
      ),
    );
    await expect(override(await held('by both', {}, ['lock', 'freeze']))).resolves.toMatchObject({
      subject: 'by both',
    });
  });

  it('is not asked for twice', async () => {
    const id = await held('twice', asked);
    await expect(override(id, heidi)).rejects.toMatchObject(
      refused(
        'RUN_BUSY',
        `Ada has asked to override the freeze for ${id} already: “CVE”.`,
        'Somebody else, an approver or admin who has no part in the run, confirms it.',
      ),
    );
  });

  it('is confirmed by an approver, or an admin', async () => {
    for (const [image, group] of [
      ['by approver', rule.group],
      ['by admin', admins],
    ] as const) {
      const id = await held(image, asked);
      groups = { [group]: [grace.oid] };
      await confirm(id);
      expect(await signals(id)).toEqual(['confirm']);
    }
  });

  it('is confirmed by nobody who has a part in the run, is in no such group, or answers an old card', async () => {
    groups = { [rule.group]: [ada.oid, grace.oid] };
    const id = await held('refused', asked);
    await expect(confirm(id, ada)).rejects.toMatchObject(
      refused(
        'APPROVAL_OWN',
        `Ada requested ${id} and cannot confirm its override.`,
        'Ask an approver or admin who has no part in it.',
      ),
    );
    await expect(confirm(id, mallory)).rejects.toMatchObject(
      refused(
        'APPROVAL_NOT_YOURS',
        `Mallory is not in ${rule.groupName} or goldbot-admins, who confirm the override of ${id}.`,
        `Ask a member of ${rule.groupName} or goldbot-admins.`,
      ),
    );
    await expect(confirm(id, grace, { via: 'button', hash: 'another' })).rejects.toMatchObject({ code: 'CARD_STALE' });
    await expect(confirm(id, grace, { via: 'button' })).rejects.toMatchObject({ code: 'CARD_STALE' });
    await expect(confirm('R-ZZZZZ')).rejects.toMatchObject({ code: 'UNKNOWN_REQUEST' });
    expect(await signals(id)).toEqual([]);
  });

  it('is not confirmed before somebody has asked', async () => {
    const id = await held('unasked');
    await expect(confirm(id)).rejects.toMatchObject(
      refused(
        'RUN_BUSY',
        `Nobody has asked to override the freeze for ${id}; nothing was confirmed.`,
        'Ask for it, and say why; somebody else confirms it then.',
      ),
    );
  });

  it('is not confirmed while Graph is silent', async () => {
    const id = await held('silent', asked);
    groups = 'silent';
    await expect(confirm(id)).rejects.toMatchObject({
      code: 'DIRECTORY_SILENT',
      message: `Microsoft Graph did not say who is in ${rule.groupName}; nothing was confirmed for ${id}.`,
    });
    expect(await signals(id)).toEqual([]);
  });
});
