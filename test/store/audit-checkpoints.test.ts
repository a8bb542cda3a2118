import { checkpointsIn, judgedAudit } from '../../app/audit-judged';
import { readQueues } from '../../app/telemetry';
import { keysIn } from '../../app/verify-file';
import type { AuditRecord } from '../../core/audit';
import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { envelopesIn, type OutsidePlace, type Signer } from '../../core/provenance';
import { days, hours } from '../../core/time';
import { renderTopic } from '../../dialogs/present/topic';
import { appendAudit, type Held } from '../../store';
import { verifyAudit } from '../../store/audit';
import { checkpointOf } from '../../store/checkpoints';
import { createReads } from '../../store/reads';
import { accountFor, checkpoints, outsideCopies } from '../../workflows/checkpoints';
import { testKey } from '../support/signing';
import { type TestDatabase, testDatabase } from './database';

/** What somebody can do to the audit who may write to the whole database, and who sees it. */

const own = testKey();
const stranger = testKey();
const start = new Date('2026-11-30T09:00:00Z');
const midnight = '2026-12-01T00:00:00.000Z';
const keys = keysIn(own.publicPem, 'key.pem');

let db: TestDatabase;
let now: Date;
let logged: string[];
let container: Map<string, string>;
beforeEach(async () => {
  logged = [];
  container = new Map();
  now = start;
  db = await testDatabase();
});
afterEach(() => db.close());

async function write(count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, i): AuditRecord => {
    return { at: now, who: { oid: 'oid-ada', name: 'Ada' }, action: 'refuse', detail: { code: 'NO', verb: `v${i}` } };
  });
  await db.database.transaction((tx) => appendAudit(tx, records));
}

const place: OutsidePlace = {
  keep: async (name, envelope) => {
    const text = JSON.stringify(envelope);
    if (!container.has(name)) container.set(name, text);
    return container.get(name) === text ? 'kept' : 'another';
  },
  names: async () => [...container.keys()].sort(),
  read: async (name) => container.get(name),
};
const address = 'https://contoso.blob.core.windows.net/audit';

/** The look that hands checkpoints to the container. */
async function handOver(outside = place): Promise<void> {
  const catalogue = () =>
    ({ azure: { audit: { container: address, channel: 'Factory / audit' } } }) as unknown as Catalogue;
  const log = (message: string) => void logged.push(message);
  const work = outsideCopies({
    database: db.database,
    clock: { now: () => now },
    catalogue,
    log,
    outside: () => outside,
  });
  now = new Date(now.getTime() + hours(1));
  await (await work.claim({ owner: 'test', leaseMs: 10_000 }))?.work({} as Held);
}

function signing(signer: () => Signer | undefined = () => own.signer, named?: string | object) {
  const catalogue = () =>
    ({
      azure: named === undefined ? {} : { audit: typeof named === 'string' ? { channel: named } : named },
    }) as unknown as Catalogue;
  const outside = () => place;
  const log = (message: string) => void logged.push(message);
  const work = checkpoints({ database: db.database, clock: { now: () => now }, catalogue, signer, log, outside });
  return async (ms: number): Promise<boolean> => {
    now = new Date(now.getTime() + ms);
    const claimed = await work.claim({ owner: 'test', leaseMs: 10_000 });
    await claimed?.work({} as Held);
    return claimed !== undefined;
  };
}

/** Ten entries, a checkpoint at midnight, which is the eleventh, and ten more. Returns what a channel has. */
async function recorded(): Promise<string> {
  await write(10);
  const pass = signing();
  await pass(0);
  expect(await pass(days(1))).toBe(true);
  await write(10);
  return saved(10);
}

const saved = async (entries: number) => JSON.stringify(await checkpointOf(db.database, entries));
const sql = async (...statements: readonly string[]) => {
  for (const statement of statements) await db.database.query(statement);
};
/** As somebody who owns the table can. */
const without = (statement: string) => [
  'alter table audit_checkpoint disable trigger all',
  statement,
  'alter table audit_checkpoint enable trigger all',
];
const check = () => verifyAudit(db.database);
const checkWhole = (text?: string) =>
  judgedAudit(db.database, text === undefined ? [] : [{ name: 'saved', text }], keys);

/** The chain computed anew from the first entry on, and its head: what an attacker does who has read the code. */
async function recompute(): Promise<void> {
  const rows = await db.database.query<{ seq: number }>('select seq from audit order by seq');
  for (const { seq } of rows) {
    await db.database.query(
      `update audit set prev = coalesce((select hash from audit where seq = $1 - 1), '') where seq = $1`,
      [seq],
    );
    await db.database.query(
      `update audit set hash = encode(sha256(convert_to(seq || E'\\n' || prev || E'\\n' || entry, 'UTF8')), 'hex')
       where seq = $1`,
      [seq],
    );
  }
  await sql('update audit_head set (seq, hash) = (select seq, hash from audit order by seq desc limit 1)');
}

const headBack = 'update audit_head set (seq, hash) = (select seq, hash from audit order by seq desc limit 1)';

describe('a checkpoint of the audit', () => {
  it('is signed once a day by the key of certificates, stands in the audit, and is what the record fits', async () => {
    const text = await recorded();
    expect(await check()).toEqual({ intact: true, entries: 21, checkpoint: { entries: 10, at: expect.any(String) } });
    const [entry] = (await createReads(db.database).audit({ limit: 20 })).filter(
      ({ action }) => action === 'checkpoint',
    );
    const [head] = await db.database.query('select hash from audit where seq = 10');
    expect(entry).toMatchObject({ seq: 11, who: { oid: null }, detail: { entries: 10, head: head?.['hash'] } });
    expect(await checkWhole(text)).toEqual({
      lines: [
        'whole: 21 entries, each as it was written and none missing.',
        `It fits the checkpoint of ${entry?.detail['at']} over its first 10 entries.`,
        'Of 1 checkpoints given it fits 1.',
      ],
      exitCode: 0,
    });
  });

  it('is made by one replica at midnight, and the next one a day later', async () => {
    await write(1);
    const [one, other] = [signing(), signing()];
    await one(0);
    expect(await one(Date.parse(midnight) - now.getTime() - 1)).toBe(false);
    expect([await one(1), await other(0), await one(hours(23)), await one(hours(1))]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    const made = await db.database.query('select at from audit_checkpoint order by entries');
    expect(made).toEqual([{ at: new Date(midnight) }, { at: new Date(Date.parse(midnight) + days(1)) }]);
  });

  it('waits an hour for a key that is silent, and is not signed where none is set', async () => {
    await write(1);
    const silence = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });
    let signer: Signer | undefined = { sign: () => Promise.reject(silence) };
    const pass = signing(() => signer);
    await pass(0);
    expect(await pass(days(1))).toBe(true);
    expect(await pass(hours(1) - 1)).toBe(false);
    signer = undefined;
    expect(await pass(1)).toBe(true);
    expect(await saved(1)).toBeUndefined();
    signer = own.signer;
    expect(await pass(hours(1))).toBe(true);
    expect(await saved(1)).toContain('audit-checkpoint');
  });

  it('is not signed over a record that was altered, and every check is one of the whole until it is mended', async () => {
    await recorded();
    await sql(`update audit set entry = replace(entry, 'v3', 'v8') where seq = 4`);
    expect(await check()).toMatchObject({ intact: true });
    const pass = signing();
    expect(await pass(days(1))).toBe(true);
    expect(await db.database.query('select 1 from audit_checkpoint')).toHaveLength(1);
    expect(await check()).toMatchObject({ intact: false, firstBroken: 4, why: 'the entry was edited' });
    await sql(`update audit set entry = replace(entry, 'v8', 'v3') where seq = 4`);
    expect(await check()).toMatchObject({ intact: true, checkpoint: { entries: 10 } });
  });

  it('stays as it is: the table refuses to change, delete or empty', async () => {
    await recorded();
    for (const change of [
      'update audit_checkpoint set entries = 9',
      'delete from audit_checkpoint',
      'truncate audit_checkpoint',
    ]) {
      await expect(sql(change)).rejects.toThrow('appended to alone');
    }
  });

  it('is posted where azure.yaml says', async () => {
    await write(3);
    const pass = signing(() => own.signer, 'Image Factory / audit');
    await pass(0);
    await pass(days(1));
    const cards = await db.database.query('select topic, conversation_name, kind from card');
    expect(cards).toEqual([{ topic: 'checkpoint:3', conversation_name: 'Image Factory / audit', kind: 'checkpoint' }]);
  });
});

describe('those who keep the audit', () => {
  const told = async () => {
    const cards = await db.database.query<{ topic: string }>(
      `select topic from card where kind = 'alteration' order by id`,
    );
    return cards.map(({ topic }) => topic);
  };
  const shown = async () => (await renderTopic('altered:2026-12-02', createReads(db.database), now)).text;

  it('are told each day that it was altered, which entry and what to do, and once that it is whole again', async () => {
    await recorded();
    const pass = signing(() => own.signer, 'Image Factory / audit');
    await sql(`update audit set entry = replace(entry, 'v3', 'v8') where seq = 15`);
    for (const _ of [1, 2]) expect(await pass(days(1))).toBe(true);
    expect(await pass(hours(1))).toBe(false);
    expect(await told()).toEqual(['altered:2026-12-02', 'altered:2026-12-03']);
    expect(logged).toEqual(Array(2).fill('the audit is not as it was written; nothing is signed'));
    expect((await shown()).split('\n').slice(0, 5)).toEqual([
      'The audit has been altered',
      '! Entry 15 is the first that is wrong or missing: the entry was edited.',
      'The record fits the checkpoint of Tue 1 Dec, 09:00 UTC over its first 10 entries: what is wrong was done to what came after it.',
      'Found on Wed 2 Dec, 09:00 UTC. No checkpoint is signed over it, and this is said each day until the record is whole again.',
      'Find out who can write to the database, compare with its copies, and run npm run audit:verify with a checkpoint from this channel: it names what is wrong by what nobody could alter.',
    ]);
    await sql(`update audit set entry = replace(entry, 'v8', 'v3') where seq = 15`);
    for (const _ of [1, 2]) expect(await pass(days(1))).toBe(true);
    expect(await told()).toEqual(['altered:2026-12-02', 'altered:2026-12-03', 'altered:2026-12-04']);
    expect((await shown()).split('\n').slice(0, 2)).toEqual([
      'The audit is as it was written again',
      'The check of the whole record found nothing wrong with it. Checkpoints are signed again.',
    ]);
    expect(await readQueues(db.database, { now: () => now })).toContainEqual({
      name: 'goldbot.audit.altered',
      value: 0,
      by: {},
    });
  });

  it('are told by the metric of operators while it is altered', async () => {
    await recorded();
    await sql('delete from audit where seq = 12');
    await signing()(days(1));
    expect(await readQueues(db.database, { now: () => now })).toContainEqual({
      name: 'goldbot.audit.altered',
      value: 1,
      by: {},
    });
    expect(await createReads(db.database).alteration()).toMatchObject({ firstBroken: 12, since: now.toISOString() });
    await sql(
      ...without('delete from audit_checkpoint'),
      `update audit set entry = replace(entry, 'v3', 'v8') where seq = 4`,
    );
    await recompute();
    await signing()(days(1));
    expect((await shown()).split('\n').slice(1, 3)).toEqual([
      '! Entry 11 is the first that is wrong or missing: the checkpoint that the entry tells of is gone.',
      'The record fits no checkpoint.',
    ]);
  });
});

describe('what was done to the audit by somebody who may write to the whole database', () => {
  it('five entries cut off and the head moved back: by the checkpoint, the entry is missed that was next', async () => {
    const text = await recorded();
    await sql('delete from audit where seq > 6', headBack);
    expect(await check()).toMatchObject({ intact: false, entries: 6, firstBroken: 7 });
    const { lines, exitCode } = await checkWhole(text);
    expect(lines[0]).toMatch(
      /^altered: entry 7 is the first that is wrong or missing: the checkpoint of .* counts 10 entries\.$/,
    );
    expect(exitCode).toBe(2);
  });

  it('the checkpoint taken away as well: by the copy from outside', async () => {
    const text = await recorded();
    await sql('delete from audit where seq > 6', headBack, ...without('delete from audit_checkpoint'));
    expect(await check()).toEqual({ intact: true, entries: 6 });
    const { lines, exitCode } = await checkWhole(text);
    expect(lines[0]).toMatch(/^altered: entry 7 is/);
    expect(exitCode).toBe(2);
  });

  it('a word changed and the chain computed anew: within the entries that the checkpoint was signed over', async () => {
    const text = await recorded();
    await sql(`update audit set entry = replace(entry, 'v3', 'v8') where seq = 4`);
    await recompute();
    expect(await check()).toMatchObject({ intact: false, firstBroken: 1, upTo: 10 });
    await sql(...without('delete from audit_checkpoint'));
    const { lines } = await checkWhole(text);
    expect(lines[0]).toMatch(
      /^altered: the first that is wrong is one of the entries 1 to 10: entry 10 is not the one /,
    );
  });

  it('the same after the first of two checkpoints is narrowed down to the day between them', async () => {
    await recorded();
    expect(await signing()(days(1))).toBe(true);
    await sql(`update audit set entry = replace(entry, 'v3', 'v8') where seq = 15`);
    await recompute();
    expect(await check()).toMatchObject({ intact: false, firstBroken: 11, upTo: 21, checkpoint: { entries: 10 } });
  });

  it('the checkpoints taken away alone: by the entry that tells of the first', async () => {
    await recorded();
    await sql(...without('delete from audit_checkpoint'));
    const why = 'the checkpoint that the entry tells of is gone';
    expect(await check()).toMatchObject({ intact: false, firstBroken: 11, why });
  });

  it('everything wiped, keys and checkpoints too: by the copy from outside and its key', async () => {
    const text = await recorded();
    await sql('delete from audit', `update audit_head set seq = 0, hash = ''`, 'delete from signing_key');
    await sql(...without('delete from audit_checkpoint'));
    expect(await check()).toEqual({ intact: true, entries: 0 });
    const { lines, exitCode } = await checkWhole(text);
    expect(lines[0]).toMatch(/^altered: entry 1 is the first that is wrong or missing/);
    expect(exitCode).toBe(2);
    expect(await judgedAudit(db.database, [{ name: 'saved', text }], [])).toMatchObject({
      lines: [
        expect.any(String),
        'It fits no checkpoint.',
        expect.any(String),
        expect.stringContaining('by --key'),
        expect.any(String),
      ],
      exitCode: 4,
    });
  });

  it('a record of somebody else, with checkpoints signed by their key: by the key alone', async () => {
    await write(10);
    const pass = signing(() => stranger.signer);
    await pass(0);
    await pass(days(1));
    expect(await check()).toMatchObject({ intact: true, checkpoint: { entries: 10 } });
    const { lines, exitCode } = await checkWhole();
    expect(lines[0]).toMatch(/ the checkpoint over 10 entries is signed by local:[0-9a-f]+, which is no known key\.$/);
    expect(exitCode).toBe(2);
  });

  it('a checkpoint changed to fit: by its signature', async () => {
    await recorded();
    await sql(...without(`update audit_checkpoint set payload = replace(payload, '"entries":10', '"entries":11')`));
    expect(await check()).toMatchObject({ intact: false, firstBroken: 1, upTo: 10 });
  });

  it('a word changed, the chain computed anew and the head in the checkpoint with it: by its signature alone', async () => {
    await recorded();
    await sql(`update audit set entry = replace(entry, 'v3', 'v9') where seq = 4`);
    await recompute();
    const head = `(select hash from audit where seq = audit_checkpoint.entries)`;
    const fit = `regexp_replace(payload, '"head":"[0-9a-f]+"', '"head":"' || ${head} || '"')`;
    await sql(...without(`update audit_checkpoint set payload = ${fit}`));
    expect(await check()).toMatchObject({ intact: false, why: expect.stringContaining('is not as it was signed') });
  });
});

describe('checkpoints in a container that nobody can change', () => {
  const withContainer = () => ({ channel: 'Factory / audit', container: address });

  it('are handed over oldest first, once, and audit:verify holds the record against them', async () => {
    await recorded();
    await signing()(days(1));
    await handOver();
    await handOver();
    expect([...container.keys()]).toEqual(['000000000010.json', '000000000021.json']);
    expect(logged).toEqual([]);
    const files = await checkpointsIn(place, address);
    expect((await judgedAudit(db.database, files, keys)).lines[2]).toBe('Of 2 checkpoints given it fits 2.');
  });

  it('wait for a container that is silent, which is said once', async () => {
    await recorded();
    const silence = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });
    const silent: OutsidePlace = { ...place, keep: () => Promise.reject(silence) };
    await handOver(silent);
    await handOver(silent);
    expect(logged).toEqual(['a checkpoint of the audit could not be kept outside of the database']);
    await handOver();
    expect([...container.keys()]).toEqual(['000000000010.json']);
  });

  it('find by themselves at midnight that everything was wiped and written anew, and whoever keeps the audit is told', async () => {
    await recorded();
    await handOver();
    await sql('delete from audit', `update audit_head set seq = 0, hash = ''`, 'delete from signing_key');
    await sql(...without('delete from audit_checkpoint'));
    await write(30);
    expect(await check()).toMatchObject({ intact: true, entries: 30 });
    await signing(() => own.signer, withContainer())(days(1));
    const found = await createReads(db.database).alteration();
    expect(found).toMatchObject({
      firstBroken: 1,
      upTo: 10,
      why: expect.stringMatching(/^entry 10 is not the one that/),
    });
    const { lines, exitCode } = await judgedAudit(db.database, await checkpointsIn(place, address), keys);
    expect(lines[3]).toBe(
      `The first of those that it does not fit is that of 2026-12-01T09:00:00.000Z over 10 entries, in ${address}/000000000010.json.`,
    );
    expect(exitCode).toBe(2);
  });

  it('tell of another one in the place of one, each day in the channel', async () => {
    await recorded();
    container.set('000000000010.json', '{}');
    await handOver();
    expect(logged).toEqual(['outside of the database another checkpoint is kept in the place of one']);
    expect(await createReads(db.database).alteration()).toEqual({
      ...{ since: now.toISOString(), firstBroken: 1, upTo: 10 },
      why: `${address} keeps another checkpoint over 10 entries`,
    });
    expect(await db.database.query(`select topic from card where kind = 'alteration'`)).toHaveLength(1);
    const { text } = await renderTopic('altered:2026-12-01', createReads(db.database), now);
    expect(text.split('\n')[1]).toBe(
      `! One of the entries 1 to 10 is the first that is wrong or missing: ${address} keeps another checkpoint over 10 entries.`,
    );
  });

  it('are no reason not to check and sign when they cannot be read', async () => {
    await recorded();
    const silence = new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Wait.' });
    const names = jest.spyOn(place, 'names').mockRejectedValue(silence);
    await signing(() => own.signer, withContainer())(days(1));
    names.mockRestore();
    expect(logged).toEqual([
      'the checkpoints outside of the database could not be read; the audit is checked without them',
    ]);
    expect(await saved(21)).toContain('audit-checkpoint');
  });
});

describe('checkpoints from outside', () => {
  it('are found in whatever was copied from a channel, line breaks and all', async () => {
    const text = (await recorded()).replace(/(.{90})/g, '$1\n');
    const { lines } = await checkWhole(`goldbot 00:00\nCheckpoint of the audit\n${text}\nGrace: seen\n${text}`);
    expect(lines[2]).toBe('Of 2 checkpoints given it fits 2.');
  });

  it('are not used when their signature does not fit, and that is said', async () => {
    const envelope = JSON.parse(await recorded());
    const lie = Buffer.from(envelope.payload, 'base64').toString('utf8').replace('"entries":10', '"entries":99');
    const forged = JSON.stringify({ ...envelope, payload: Buffer.from(lie).toString('base64') });
    const { lines, exitCode } = await checkWhole(forged);
    expect(lines.at(-1)).toMatch(/^unknown: the checkpoint of .* over 99 entries is not as local:\S+ signed it/);
    expect(exitCode).toBe(4);
  });

  it('must be in the file', async () => {
    await expect(checkWhole('seen by Grace')).rejects.toThrow('saved holds no checkpoint.');
  });
});

it('is told in the channel so that it can be copied from there', async () => {
  const text = await recorded();
  const reads = createReads(db.database);
  const { text: twin, card } = await renderTopic('checkpoint:10', reads, now);
  expect(twin).toMatch(
    /^Checkpoint of the audit: 10 entries\nSigned .* by local:[0-9a-f]{64}\. Hash of the last entry: /,
  );
  const shown = JSON.stringify(card?.body).match(/"text":"(?:[^"\\]|\\.)*"/g) ?? [];
  const copied = shown.map((one) => JSON.parse(`{${one}}`).text as string).join('\n');
  expect(twin).toContain(
    'Whoever has this message can hold the audit against it later: save what follows for npm run audit:verify.',
  );
  for (const whole of [twin, copied]) expect(envelopesIn(whole).map((one) => JSON.stringify(one))).toEqual([text]);
});

describe('somebody answers for an alteration', () => {
  const asked = (entry: number) => ({ entry, by: 'oid-dana', reason: 'A disk was broken.', at: now });
  const account = (entry: number) => accountFor(db.database, own.signer, asked(entry));
  /** A word of the fourth entry is another one, and nothing else. */
  const alter = () => sql(`update audit set entry = replace(entry, 'v3', 'v9') where seq = 4`);

  /** Altered, accounted for, and three entries more. */
  async function accounted(): Promise<void> {
    await recorded();
    await alter();
    now = new Date(now.getTime() + hours(1));
    await account(4);
    await write(3);
  }

  it('and the chain goes on from how it stood; what was altered and who answered is named for ever', async () => {
    await accounted();
    expect(await verifyAudit(db.database, { whole: true })).toMatchObject({ intact: true, entries: 25 });
    const { lines, exitCode } = await checkWhole(await saved(10));
    expect(lines.slice(0, 2)).toEqual([
      'accounted for: 25 entries; the first 21 stand as somebody answered for them, and each since is as it was written.',
      'accounted for: entry 4 was found altered (the entry was edited). oid-dana answered on 2026-12-01T10:00:00.000Z for how the first 21 entries stood: A disk was broken.',
    ]);
    expect(exitCode).toBe(2);
    expect((await judgedAudit(db.database, [], keys, { accounted: true })).exitCode).toBe(0);
  });

  it('and at midnight a checkpoint is signed again; whoever keeps the audit learns who answered', async () => {
    await recorded();
    await alter();
    const pass = signing(() => own.signer, 'Factory / audit');
    await pass(days(1));
    expect(await createReads(db.database).alteration()).toMatchObject({ firstBroken: 4 });
    await account(4);
    await pass(days(1));

    expect(await createReads(db.database).alteration()).toBeUndefined();
    expect(await check()).toMatchObject({ intact: true, checkpoint: { entries: 22 } });
    const { text } = await renderTopic('altered:2026-12-03', createReads(db.database), now);
    expect(text).toContain('Somebody answers for what was altered in the audit');
    expect(text).toContain(
      'oid-dana answered for it on Wed 2 Dec, 09:00 UTC, with the key that signs checkpoints: A disk was broken.',
    );
    expect(text).toContain(
      'The first 21 entries stand as they were then, and what came since is as it was written. Checkpoints are signed again; npm run audit:verify names the alteration for ever.',
    );
    expect(text).toContain('Entry 4 is the first that is wrong or missing: the entry was edited');
  });

  it('and not for what is altered later, before or since', async () => {
    await accounted();
    await sql(`update audit set entry = replace(entry, 'v5', 'v8') where seq = 6`);
    expect(await verifyAudit(db.database, { whole: true })).toMatchObject({
      intact: false,
      firstBroken: 4,
      why: expect.stringContaining('nor is the record as it was accounted for'),
    });
    await sql(`update audit set entry = replace(entry, 'v8', 'v5') where seq = 6`);
    await sql(`update audit set entry = replace(entry, 'v1', 'v7') where seq = 24`);
    expect(await verifyAudit(db.database, { whole: true })).toMatchObject({ intact: false, firstBroken: 24 });
  });

  it('with the key alone: an account by another one counts for nothing at midnight, nor for who has the key', async () => {
    await recorded();
    await alter();
    await accountFor(db.database, stranger.signer, asked(4));
    await signing()(days(1));

    expect(await createReads(db.database).alteration()).toMatchObject({ firstBroken: 4 });
    expect((await checkWhole()).exitCode).toBe(2);
    expect((await checkWhole()).lines[0]).toMatch(/^altered: entry 4 /);
  });

  it('only for what they have found, and for nothing where all is well', async () => {
    await recorded();
    await expect(account(4)).rejects.toThrow('The audit is as it was written, or accounted for.');
    await alter();
    await expect(account(5)).rejects.toThrow('The first wrong entry is 4, not 5: the entry was edited.');
    expect(await createReads(db.database).accounts()).toEqual([]);
    await sql(
      `insert into audit (seq, at, entry, prev, hash) select 40, at, entry, prev, hash from audit where seq = 4`,
    );
    await expect(account(4)).rejects.toThrow('Entry 40 stands behind the head of the chain');
  });

  it('also for a record that was restored from a copy, whose newer checkpoints do not fit', async () => {
    await recorded();
    const newer = await saved(10);
    await sql('delete from audit where seq > 8', headBack, ...without('delete from audit_checkpoint'));
    const given = [{ ...JSON.parse(Buffer.from(JSON.parse(newer).payload, 'base64').toString()) }];
    now = new Date(now.getTime() + hours(1));
    await accountFor(db.database, own.signer, { ...asked(9), given });
    await write(5);

    const { lines, exitCode } = await judgedAudit(db.database, [{ name: 'saved', text: newer }], keys, {
      accounted: true,
    });
    expect([exitCode, lines[1]]).toEqual([0, expect.stringContaining('entry 9 was found altered')]);
  });
});
