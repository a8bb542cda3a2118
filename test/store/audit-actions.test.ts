import { setTimeout as pause } from 'node:timers/promises';
import { forgetPerson } from '../../app/forget-person';
import { Delivery } from '../../bot/delivery';
import { Strangers } from '../../bot/front-door';
import { TeamsError } from '../../bot/teams';
import { type AuditAction, auditActions } from '../../core/audit';
import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import { fingerprintDigest } from '../../core/images';
import type { RequestId } from '../../core/runs';
import { days, minutes } from '../../core/time';
import {
  bindChannels,
  chooseChannel,
  goldbot,
  type Held,
  keepCertificate,
  keepNotices,
  keepWebhooks,
  noteLooked,
  noteRestored,
  parkConversation,
  putSchedule,
  saveConversation,
  wantCard,
  writeSubscription,
} from '../../store';
import { bumpTopics } from '../../store/cards';
import { type AuditEntry, createReads } from '../../store/reads';
import { findSchedule } from '../../store/schedules';
import { accountFor, checkpoints } from '../../workflows/checkpoints';
import { createDigestControl } from '../../workflows/digest';
import type { ScheduleKind } from '../../workflows/engine';
import { tick } from '../../workflows/engine/schedules';
import { reaper, signatures } from '../../workflows/publish';
import { createScheduleControl } from '../../workflows/schedule';
import {
  createDelegationControl,
  createFollowControl,
  createLockControl,
  createSubscriptionControl,
  createWebhookControl,
} from '../../workflows/start';
import { notices } from '../../workflows/subscriptions';
import { webhooks } from '../../workflows/webhooks';
import { card, MemoryLog } from '../bot/world';
import { dialogWorld } from '../dialogs/support/world';
import { say } from '../engine/asking';
import {
  ada,
  type Bench,
  bench,
  grace,
  heidi,
  intent,
  rule,
  type ToyContext,
  type ToyStep,
  toyWorkflow,
} from '../engine/bench';
import { misfit } from '../support/audit';
import { testKey } from '../support/signing';
import { until } from '../support/until';

/** What stands in the audit about every action, by value: each is played, and its entry read. */

const tattoo = 'f'.repeat(64);
const object = { source: 'galleries/gold/images/ubuntu-22', 'tag goldbot-tattoo-sha256': tattoo };
const bound = { planHash: 'hash-1', fingerprint: fingerprintDigest(object) };
const leftover = { kind: 'template', name: 'ubuntu-22-t', answer: 'Azure is deleting it' } as const;
const quorum = { ...rule, quorum: 2 };
const first = [{ group: 'security', groupName: 'Security', quorum: 1, channel: 'security' }];
const escalation = { group: 'heads', groupName: 'Heads', channel: 'heads' };

/** Plans, asks two people about an object, and obeys; the subject says what is special about it. */
function plan({ run }: ToyContext): ToyStep {
  if (run.subject === 'broken') throw new UserError('AZ_UNAVAILABLE', 'Azure answered 500.', { hint: 'Wait.' });
  const why = run.subject === 'stage' && { why: 'nothing else was left' };
  return { kind: 'to', stage: 'approve', plan: { value: {}, hash: 'hash-1' }, ...why };
}

function approve({ run, approval, inbox, now }: ToyContext): ToyStep {
  if (inbox.some(({ kind }) => kind === 'cancel')) {
    const left = { ...leftover, id: `/x/${run.id}`, runId: run.id, place: {}, since: now, dueAt: now };
    return { kind: 'end', outcome: 'cancelled', audit: { said: 'not now', by: 'Ada' }, leftovers: [left] } as ToyStep;
  }
  if (!approval && run.subject === 'escalate') {
    return { kind: 'ask', rule: { ...quorum, reminders: {}, escalation }, ttlMs: 1, lookMs: 0, channel: 'approvals' };
  }
  if (!approval && run.subject === 'ask-next') {
    return { kind: 'ask', rule: { ...quorum, first, channel: 'approvals' }, ttlMs: minutes(60), channel: 'approvals' };
  }
  if (!approval) {
    return { kind: 'ask', rule: quorum, ttlMs: minutes(60), channel: 'approvals', fingerprint: object };
  }
  const remind = run.subject === 'escalate' && { remind: { request: approval.id, times: 2 } };
  if (approval.status !== 'approved') return { kind: 'again', ms: minutes(600), ...remind };
  return { kind: 'to', stage: 'plan', voids: { why: 'changed', differences: [{ part: 'source', was: 'a', is: 'b' }] } };
}

let b: Bench;
beforeAll(async () => {
  const takes = ['cancel', 'rebuild', 'decided', 'withdraw', 'override', 'confirm', 'saw', 'appoint', 'review'];
  b = await bench(toyWorkflow({ plan, approve }, { approve: takes }));
  b.replica({ settings: { backOffMs: 1 } });
});
afterAll(() => b.close());

/** A run that waits for two approvers. */
async function asked(subject: string): Promise<{ id: RequestId; request: RequestId }> {
  const { id } = await b.start(subject);
  for (;;) {
    const [newest] = await b.reads.approvalsOfRun(id);
    if (newest) return { id, request: newest.id };
    await pause(10);
  }
}

/** A run that a freeze holds, as its workflow would have left it. */
async function held(subject: string, data: object = {}): Promise<{ id: RequestId }> {
  const { id } = await asked(subject);
  const holds = [{ kind: 'freeze', by: 'year end', why: 'w', since: 's' }];
  const kept = JSON.stringify({ held: { before: 'publish', at: 'then', holds }, ...data });
  const plan = JSON.stringify({ fixed: { rule } });
  await b.db.database.query('update run set data = data || $2::jsonb, plan = $3 where id = $1', [id, kept, plan]);
  return { id };
}

interface Expected extends Partial<Pick<AuditEntry, 'who' | 'subject' | 'request' | 'runId'>> {
  readonly detail: object;
}

const cancel = async (subject: string) => {
  const { id, request } = await asked(subject);
  const body = { reason: 'not now' };
  await b.control.signal({ request: id, kind: 'cancel', person: ada, via: 'text', body, intent: intent() });
  return { id, request };
};
const webhookFor = (receiver: string) =>
  keepWebhooks(b.db.database, [
    {
      ...{ eventId: 'R-22222-published-1.0.0', receiver, kind: 'published', subject: 'ubuntu-22/1.0.0', body: '{}' },
      at: b.clock.now(),
    },
  ]);
/** Its receiver says that it is gone. */
const loseIt = async (name: string) => {
  const receiver = { name, url: 'https://r.example.com/', events: ['published' as const], secret: 'GOLDBOT_WEBHOOK_A' };
  const programs = { audience: '', applications: [], webhooks: [receiver] };
  const work = webhooks({
    ...{ database: b.db.database, clock: b.clock, catalogue: () => ({ programs }) as unknown as Catalogue },
    ...{ secret: () => `whsec_${'A'.repeat(40)}`, deliver: async () => ({ status: 410 }), machineMs: Date.now },
  });
  const claimed = await work.claim({ owner: 'test', leaseMs: 10_000 });
  await claimed?.work({ confirm: async () => true } as unknown as Held);
};
const snoozing = (team: string) => {
  const catalogue = () => ({ teams: new Map() }) as never;
  const digests = createDigestControl({ database: b.db.database, clock: b.clock, catalogue });
  const until = new Date(b.clock.now().getTime() + 86_400_000);
  return { digests, about: { team, row: 'ubuntu-22@1.3.0' }, until };
};
const delegations = () => createDelegationControl({ database: b.db.database, clock: b.clock });
const signalled = { stage: 'approve', attempt: 1, planHash: 'hash-1' };
const ofRun = (subject: string, id: RequestId, request = id) => ({ subject, request, runId: id });

const plays: Readonly<Record<AuditAction, () => Promise<Expected>>> = {
  async start() {
    const { id } = await b.start('start');
    return { who: ada, ...ofRun('start', id), detail: { plan: {} } };
  },
  async join() {
    const { id } = await b.start('join');
    await b.start('join', grace);
    return { who: grace, ...ofRun('join', id), detail: { plan: {} } };
  },
  async remind() {
    const { id, request } = await asked('escalate');
    await until(async () => (await b.reads.audit()).some(({ action }) => action === 'remind'));
    return { who: goldbot, ...ofRun('escalate', id, request), detail: { planHash: 'hash-1', times: 2 } };
  },
  async escalate() {
    // Its last reminder is due as soon as it is asked.
    const { id, request } = await asked('escalate');
    await until(async () => (await b.reads.audit()).some(({ action }) => action === 'escalate'));
    return { who: goldbot, ...ofRun('escalate', id, request), detail: { planHash: 'hash-1', escalation } };
  },
  async 'ask-next'() {
    const { id, request } = await asked('ask-next');
    await b.control.decide(say(request, grace));
    const detail = { planHash: 'hash-1', group: quorum, channel: 'approvals' };
    return { who: goldbot, ...ofRun('ask-next', id, request), detail };
  },
  async cancel() {
    const { id } = await cancel('cancel');
    return { who: ada, ...ofRun('cancel', id), detail: { ...signalled, via: 'text', reason: 'not now' } };
  },
  async rebuild() {
    const { id } = await asked('rebuild');
    const body = { note: 'sshd mended' };
    await b.control.signal({ request: id, kind: 'rebuild', person: grace, body, intent: intent() });
    return { who: grace, ...ofRun('rebuild', id), detail: { ...signalled, note: 'sshd mended' } };
  },
  async saw() {
    const { id } = await asked('saw');
    const body = { note: 'yes' };
    await b.control.signal({ request: id, kind: 'saw', person: grace, via: 'text', body, intent: intent() });
    return { who: grace, ...ofRun('saw', id), detail: { ...signalled, via: 'text', note: 'yes' } };
  },
  async appoint() {
    const { id } = await asked('appoint');
    const body = { machine: '/vm', when: '2026-12-05T21:00:00.000Z' };
    await b.control.signal({ request: id, kind: 'appoint', person: grace, via: 'text', body, intent: intent() });
    return { who: grace, ...ofRun('appoint', id), detail: { ...signalled, via: 'text', ...body } };
  },
  async lock() {
    await createLockControl({ database: b.db.database, clock: b.clock }).lock({
      image: 'lock',
      reason: 'openssl regression',
      person: ada,
      intent: intent(),
    });
    return { who: ada, subject: 'lock', detail: { reason: 'openssl regression' } };
  },
  async unlock() {
    const locks = createLockControl({ database: b.db.database, clock: b.clock });
    await locks.lock({ image: 'unlock', reason: 'openssl regression', person: ada, intent: intent() });
    await locks.unlock({ image: 'unlock', reason: 'mended', person: grace, isAdmin: true, intent: intent() });
    const lock = { by: 'Ada', reason: 'openssl regression', since: b.clock.now().toISOString() };
    return { who: grace, subject: 'unlock', detail: { reason: 'mended', lock } };
  },
  async follow() {
    const follows = createFollowControl({ database: b.db.database, clock: b.clock });
    const about = { team: 'follow', image: 'ubuntu-22', person: ada } as const;
    await follows.follow({ ...about, channel: 'stable', intent: intent() });
    return { who: ada, subject: 'follow', detail: { image: 'ubuntu-22', channel: 'stable', before: 'latest' } };
  },
  async delegate() {
    const about = { person: grace, to: heidi, image: 'ubuntu-22', until: new Date('2027-01-01T00:00:00Z') };
    await delegations().delegate({ ...about, intent: intent() });
    const { to, image, until } = about;
    return { who: grace, subject: 'ubuntu-22', detail: { to, image, until: until.toISOString() } };
  },
  async undelegate() {
    const about = { person: heidi, image: null };
    await delegations().delegate({ ...about, to: grace, until: new Date('2027-01-01T00:00:00Z'), intent: intent() });
    await delegations().undelegate({ ...about, intent: intent() });
    return { who: heidi, detail: { before: { to: grace, until: '2027-01-01T00:00:00.000Z' }, image: null } };
  },
  async override() {
    const { id } = await held('override');
    await b.control.override({ request: id, person: grace, reason: 'CVE', via: 'text', intent: intent() });
    const detail = { reason: 'CVE', windows: ['year end'], planHash: 'hash-1', via: 'text' };
    return { who: grace, ...ofRun('override', id), detail };
  },
  async confirm() {
    const override = { reason: 'CVE', by: ada, at: 'then', windows: ['year end'] };
    const { id } = await held('confirm', { override });
    await b.control.override({ request: id, person: grace, via: 'text', intent: intent() });
    const detail = { override: { ...override, by: 'Ada' }, group: rule.groupName, planHash: 'hash-1', via: 'text' };
    return { who: grace, ...ofRun('confirm', id), detail };
  },
  async review() {
    const { id } = await asked('review');
    const body = { reason: 'it had to be' };
    await b.control.signal({ request: id, kind: 'review', person: grace, via: 'text', body, intent: intent() });
    return { who: grace, ...ofRun('review', id), detail: { ...signalled, via: 'text', reason: 'it had to be' } };
  },
  async stage() {
    const { id } = await asked('stage');
    const detail = { from: 'plan', to: 'approve', attempt: 1, planHash: 'hash-1' };
    return { ...ofRun('stage', id), detail: { ...detail, why: 'nothing else was left' } };
  },
  async end() {
    const { id } = await cancel('end');
    await b.until(id, ({ endedAt }) => endedAt !== null);
    return { ...ofRun('end', id), detail: { outcome: 'cancelled', said: 'not now', by: 'Ada' } };
  },
  async 'needs-a-look'() {
    const { id } = await b.start('broken');
    await b.until(id, ({ tries }) => tries > 5);
    return { ...ofRun('broken', id), detail: { stage: 'plan', tries: 5, error: 'Azure answered 500.' } };
  },
  async 'schedule-fails'() {
    const { database } = b.db;
    const key = 'toy:failing';
    await putSchedule(database, { key, kind: 'toy', spec: {}, nextAt: b.clock.now() });
    const kind: ScheduleKind = {
      ...{ kind: 'toy', reconcile: async () => {}, about: () => ({ subject: 'failing' }) },
      fire: () => Promise.reject(new Error('it breaks')),
    };
    const tries = async () => (await findSchedule(database, key))?.tries ?? 0;
    while ((await tries()) < 5) {
      await tick({ database, clock: b.clock, kinds: [kind], backOffMs: 1 }, { reconcile: false });
    }
    return { subject: 'failing', detail: { schedule: key, tries: 5, error: 'Error: it breaks' } };
  },
  async ask() {
    const { id, request } = await asked('ask');
    const expiresAt = new Date(b.clock.now().getTime() + minutes(60)).toISOString();
    return {
      ...ofRun('ask', id, request),
      detail: { ...bound, tattoo, rule: quorum, channel: 'approvals', expiresAt },
    };
  },
  async approve() {
    const { id, request } = await asked('approve');
    await b.control.decide(say(request, grace, { via: 'button', hash: 'hash-1' }));
    const detail = { ...bound, reason: null, via: 'button', outcome: 'pending' };
    return { who: grace, ...ofRun('approve', id, request), detail };
  },
  async reject() {
    const { id, request } = await asked('reject');
    await b.control.decide(say(request, grace));
    await b.control.decide(say(request, grace, { verdict: 'reject', reason: 'too old' }));
    const replaced = { verdict: 'approve', reason: null, via: 'text', at: b.clock.now().toISOString() };
    const detail = { ...bound, reason: 'too old', via: 'text', outcome: 'rejected', replaced };
    return { who: grace, ...ofRun('reject', id, request), detail };
  },
  async 'drop-decision'() {
    const { id, request } = await asked('drop');
    await b.control.decide(say(request, grace));
    await b.control.signal({ request: id, kind: 'rebuild', person: grace, intent: intent() });
    const decision = { verdict: 'approve', reason: null, via: 'text', at: b.clock.now().toISOString() };
    return { who: grace, ...ofRun('drop', id, request), detail: { ...bound, why: 'rebuilt', decision } };
  },
  async withdraw() {
    const { id, request } = await asked('withdraw');
    await b.control.withdraw({ request, person: ada, reason: 'better base', intent: intent() });
    return { who: ada, ...ofRun('withdraw', id, request), detail: { ...bound, reason: 'better base' } };
  },
  async expire() {
    const { id, request } = await asked('expire');
    const expiresAt = new Date(b.clock.now().getTime() + minutes(60)).toISOString();
    b.clock.advance(minutes(60));
    await until(async () => (await b.reads.approval(request))?.status !== 'pending');
    return { ...ofRun('expire', id, request), detail: { ...bound, expiresAt } };
  },
  async void() {
    const { id, request } = await asked('void');
    for (const person of [grace, heidi]) await b.control.decide(say(request, person));
    await until(async () => (await b.reads.approval(request))?.status === 'void');
    const differences = [{ part: 'source', was: 'a', is: 'b' }];
    return { ...ofRun('void', id, request), detail: { ...bound, by: 'goldbot', why: 'changed', differences } };
  },
  async certify() {
    const { id } = await cancel('certify');
    const { database } = b.db;
    const certificate = {
      versionId: '/Versions/1.6.0',
      runId: id,
      payload: '{}',
      digest: 'abc',
      madeAt: b.clock.now(),
    };
    await keepCertificate(database, certificate);
    const { signer } = testKey();
    const work = signatures({ database, clock: b.clock, signer: () => signer });
    await (await work.claim({ owner: 'test', leaseMs: 10_000 }))?.work({} as never);
    const kept = await b.reads.certificate('/versions/1.6.0');
    const key = kept?.signature?.keyId;
    expect([...(await b.reads.signingKeys()).keys()]).toContain(key);
    return { ...ofRun('certify', id), detail: { version: '/versions/1.6.0', digest: 'abc', key } };
  },
  async look() {
    const look = { who: ada, verb: 'compliance', teams: ['payments'] };
    for (const _ of [1, 2]) await noteLooked(b.db.database, { ...look, at: b.clock.now() });
    return { who: ada, subject: 'payments', detail: { verb: 'compliance', teams: ['payments'] } };
  },
  async forget() {
    const person = '0b1ec700-0000-4000-8000-000000000001';
    await forgetPerson(b.db.database, person, b.clock.now());
    return { who: goldbot, detail: { person, rows: 0, kept: 0 } };
  },
  async checkpoint() {
    const { id } = await cancel('closed');
    await b.until(id, ({ endedAt }) => endedAt !== null);
    const { database } = b.db;
    const { signer } = testKey();
    const catalogue = () => ({ azure: {} }) as Catalogue;
    const work = checkpoints({
      database,
      clock: b.clock,
      catalogue,
      signer: () => signer,
      log: () => {},
      outside: () => ({}) as never,
    });
    await work.claim({ owner: 'test', leaseMs: 10_000 });
    b.clock.advance(days(1));
    await (await work.claim({ owner: 'test', leaseMs: 10_000 }))?.work({} as never);
    const [kept] = await database.query(
      'select entries, head, at, key_id as key from audit_checkpoint order by entries desc limit 1',
    );
    return { who: goldbot, detail: { ...kept, at: new Date(kept?.['at'] as Date).toISOString() } };
  },
  async account() {
    const { database } = b.db;
    // Put back at the end: entries of others are looked at later.
    await database.query(`update audit set prev = 'x' || prev where seq = 1`);
    const asked = { entry: 1, by: 'oid-1', reason: 'A disk was broken.', at: b.clock.now() };
    const { entries, altered } = await accountFor(database, testKey().signer, asked);
    await database.query(`update audit set prev = substr(prev, 2) where seq = 1`);
    return {
      who: goldbot,
      detail: { entry: 1, why: altered.why, by: 'oid-1', reason: asked.reason, entries, key: expect.any(String) },
    };
  },
  async leftover() {
    const { id } = await cancel('leftover');
    await b.until(id, ({ endedAt }) => endedAt !== null);
    return { ...ofRun('leftover', id), detail: leftover };
  },
  async 'leftover-gone'() {
    const { id } = await cancel('gone');
    await b.until(id, ({ endedAt }) => endedAt !== null);
    await b.db.database.query('update leftover set gone_at = due_at where run_id <> $1', [id]);
    const read = { leftovers: async () => [] };
    const work = reaper({ database: b.db.database, clock: b.clock, read, write: () => ({}) } as never);
    const fence = { leftMs: () => 10_000, lose: () => {}, confirm: async () => true };
    await (await work.claim({ owner: 'test', leaseMs: 10_000 }))?.work(fence as never);
    return { ...ofRun('gone', id), detail: { ...leftover, answer: 'it is gone' } };
  },
  async refuse() {
    const { id, request } = await asked('refuse');
    const forged = say(request, grace, { via: 'button', hash: 'forged' });
    await expect(b.control.decide(forged)).rejects.toMatchObject({ code: 'APPROVAL_STALE' });
    const message = `The plan of ${id} is not the one that this card shows.`;
    const detail = { verb: 'approve', code: 'APPROVAL_STALE', via: 'button', hash: 'forged', message };
    return { who: grace, ...ofRun('refuse', id, request), detail };
  },
  async 'set-digest'() {
    const teams = new Map([['payments', { digest: { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } }]]);
    const catalogue = () => ({ teams }) as never;
    const digests = createDigestControl({ database: b.db.database, clock: b.clock, catalogue });
    await digests.set({ team: 'payments', change: { day: 'tue' }, person: ada, intent: intent() });
    await digests.set({ team: 'payments', change: { on: false }, person: grace, intent: intent() });
    const before = { team: 'payments', day: 'tue', time: '09:00', zone: 'Europe/Berlin', onlyChanges: false, on: true };
    return {
      who: grace,
      subject: 'payments',
      detail: { change: { on: false }, before, now: { ...before, on: false } },
    };
  },
  async snooze() {
    const { digests, about, until } = snoozing('snooze');
    await digests.snooze({ ...about, machines: 5, until, reason: 'freeze', person: ada, intent: intent() });
    await digests.snooze({ ...about, machines: 6, until, reason: 'still', person: grace, intent: intent() });
    const before = { by: ada.name, machines: 5, until: until.toISOString(), reason: 'freeze' };
    const detail = { row: about.row, machines: 6, until: until.toISOString(), reason: 'still', before };
    return { who: grace, subject: about.team, detail };
  },
  async unsnooze() {
    const { digests, about, until } = snoozing('unsnooze');
    await digests.snooze({ ...about, machines: 5, until, reason: 'freeze', person: ada, intent: intent() });
    await digests.unsnooze({ ...about, person: grace, intent: intent() });
    const before = { by: ada.name, machines: 5, until: until.toISOString(), reason: 'freeze' };
    return { who: grace, subject: about.team, detail: { row: about.row, before } };
  },
  async 'set-schedule'() {
    const image = { name: 'ubuntu-22', os: 'Linux', regions: [{ name: 'West Europe', replicas: 1 }] };
    const catalogue = () => ({ images: [image] }) as never;
    const schedules = createScheduleControl({ database: b.db.database, clock: b.clock, catalogue });
    const rhythm = { readyBy: 1, zone: 'UTC' } as const;
    await schedules.set({ image: image.name, change: { rhythm }, person: ada, intent: intent() });
    await schedules.set({ image: image.name, change: { on: false }, person: grace, intent: intent() });
    const before = { image: image.name, rhythm, on: true };
    return {
      who: grace,
      subject: image.name,
      detail: { change: { on: false }, before, now: { ...before, on: false } },
    };
  },
  async subscribe() {
    const hears = createSubscriptionControl({ database: b.db.database, clock: b.clock });
    const about = { conversationId: '19:subscribe', image: 'ubuntu-22', own: false, person: ada };
    await hears.subscribe({ ...about, events: ['published'], intent: intent() });
    return {
      ...{ who: ada, subject: 'ubuntu-22' },
      detail: { conversation: '19:subscribe', events: ['published'], before: null },
    };
  },
  async unsubscribe() {
    const hears = createSubscriptionControl({ database: b.db.database, clock: b.clock });
    const about = { conversationId: '19:unsubscribe', image: 'debian-12', person: ada };
    await hears.subscribe({ ...about, events: ['retired'], own: true, intent: intent() });
    await hears.unsubscribe({ ...about, intent: intent() });
    return { who: ada, subject: 'debian-12', detail: { conversation: '19:unsubscribe', before: ['retired'] } };
  },
  async 'notice-lost'() {
    const at = new Date(b.clock.now().getTime() - days(1));
    const hears = { conversationId: '19:lost', image: 'lost', person: ada.oid, by: ada, since: at };
    await channel('19:lost', 'lost');
    await writeSubscription(b.db.database, { ...hears, events: ['retired'] });
    const data = { image: 'lost', version: '1.0.0' };
    await keepNotices(b.db.database, [{ kind: 'retired', subject: 'lost/1.0.0', runId: 'R-22222', data }], at);
    const silent = new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Wait.' });
    const work = notices({
      ...{ database: b.db.database, clock: b.clock, directory: { memberOf: () => Promise.reject(silent) } },
      catalogue: () => ({ roles: [], teams: new Map() }) as unknown as Catalogue,
    });
    const claimed = await work.claim({ owner: 'test', leaseMs: 10_000 });
    await claimed?.work({ confirm: async () => true } as unknown as Held);
    const why = 'Microsoft Graph did not say which groups the person is in';
    return { subject: 'lost', detail: { event: 'R-22222-retired-1.0.0', person: ada.oid, why } };
  },
  async 'webhook-lost'() {
    await webhookFor('lost');
    await loseIt('lost');
    return { detail: { receiver: 'lost', event: 'R-22222-published-1.0.0', why: 'it answered 410: it wants no more' } };
  },
  async 'resend-webhooks'() {
    await webhookFor('resent');
    await loseIt('resent');
    await createWebhookControl({ database: b.db.database, clock: b.clock }).resend({ receiver: 'resent', person: ada });
    return { who: ada, detail: { receiver: 'resent', events: 1 } };
  },
  async 'bind-channel'() {
    for (const id of ['19:old', '19:new']) await channel(id, `Factory / ${id}`);
    await bindChannels(b.db.database, ['Factory / 19:old'], b.clock.now());
    const choice = { name: 'Factory / 19:old', conversationId: '19:new', who: grace, at: b.clock.now() };
    await chooseChannel(b.db.database, choice);
    const detail = { channel: 'Factory / 19:old', conversation: '19:new', before: '19:old' };
    return { who: grace, detail };
  },
  async 'card-unclear'() {
    await channel('19:silent', 'silent');
    await deliver('digest:silent', 'silent', new TeamsError('unclear', '503'));
    return { detail: { topic: 'digest:silent', conversation: 'silent', why: '503', again: true } };
  },
  async 'card-deleted'() {
    const { request } = await asked('deleted');
    await channel('19:approvals', 'approvals');
    const topic = `approval:${request}`;
    await deliver(topic, 'approvals');
    await deliver(topic, 'approvals', new TeamsError('lost', '404'));
    return { detail: { topic, conversation: 'approvals', why: '404', again: true } };
  },
  async 'conversation-parked'() {
    await channel('19:closed', 'closed');
    await deliver('digest:closed', 'closed', new TeamsError('closed', 'goldbot is not in this team'));
    return { detail: { topic: 'digest:closed', conversation: 'closed', why: 'goldbot is not in this team' } };
  },
  async restored() {
    const { database } = b.db;
    const copyOf = b.clock.now();
    const restore = { copyOf, now: copyOf, passOver: async () => ['payments'] };
    // Nothing is noted of a moment that has not come, so that the right one counts.
    const early = { ...restore, copyOf: new Date(copyOf.getTime() + 1) };
    await expect(noteRestored(database, early)).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
    const done = await noteRestored(database, restore);
    // Told again by another replica: once is enough.
    expect(await noteRestored(database, restore)).toBeUndefined();
    return { detail: { copyOf: copyOf.toISOString(), cards: done?.cards, digests: ['payments'] } };
  },
  async 'conversation-ambiguous'() {
    for (const id of ['19:one', '19:two']) await channel(id, 'same');
    await deliver('digest:same', 'same');
    const why = '2 channels are called "same"; nobody has said which is meant';
    return { detail: { topic: 'digest:same', conversation: 'same', channels: ['19:one', '19:two'], why } };
  },
};

async function channel(id: string, name: string): Promise<void> {
  await saveConversation(b.db.database, { id, tenantId: 't', serviceUrl: 's', reference: { kind: 'channel' }, name });
}

/** Every drawing looks different: what looks as before is not edited, so nobody would hear that it is gone. */
let looks = 0;

/** Delivers all cards that are due to a Teams that answers so. */
async function deliver(topic: string, name: string, answer?: TeamsError): Promise<void> {
  const { database } = b.db;
  await wantCard(database, { topic, channel: name, kind: topic.split(':')[0] ?? topic });
  await bumpTopics(database, [topic]);
  const post = async () => {
    if (answer) throw answer;
    return { activityId: 'posted' };
  };
  const render = async () => card(`${topic}, look ${++looks}`);
  const delivery = new Delivery({
    ...{ database, clock: b.clock, sleep: async () => {}, log: new MemoryLog(), render },
    teams: { post, update: async () => void (await post()) },
    pace: { forMessage: async () => {}, forEdit: async () => {}, hold: async () => {} } as never,
    places: { park: (id, why) => parkConversation(database, id, why) },
  });
  const fence = { leftMs: () => 60_000, lose: () => {}, confirm: async () => true };
  await database.query(
    `update card set not_before = case when topic = $1 then '-infinity' else 'infinity' end::timestamptz`,
    [topic],
  );
  await database.query(`update conversation set edit_not_before = '-infinity'`);
  await (await delivery.claim({ owner: 'test', leaseMs: 60_000 }))?.work(fence);
}

it.each(Object.keys(auditActions) as AuditAction[])(
  '%s: who did it, when, to what, and what an auditor asks',
  async (action) => {
    const expected = { who: goldbot, subject: null, request: null, runId: null, ...(await plays[action]()) };
    const entries = await b.reads.audit({ limit: 1_000 });
    // A void goes before the step that made it.
    const found = entries.filter((e) => e.action === action && e.runId === expected.runId);
    expect(found).toContainEqual({ seq: expect.any(Number), at: b.clock.now(), action, ...expected });
  },
);

it('is held to its row wherever a test makes an entry: nothing may be missing, unknown, or by the wrong hands', () => {
  const about = { subject: 'payments:2026-W47', request: null, runId: 'R-22222' as RequestId };
  const entry = { action: 'start', who: goldbot, ...about, detail: { plan: {} } };
  expect(misfit({ ...entry, request: 'R-22222' as RequestId })).toEqual([]);
  expect(misfit({ ...entry, detail: { colour: 'red' } })).toEqual([
    'start lacks request',
    'start lacks detail plan',
    'start tells colour, of which no row knows',
  ]);
  expect(misfit({ ...entry, action: 'bless' })).toEqual(['bless is no action']);
  const asked = { planHash: 'h', rule: {}, channel: 'c', expiresAt: 'x' };
  const ask = { ...entry, request: 'R-33333' as RequestId, action: 'ask', detail: asked };
  expect(misfit(ask)).toEqual([]);
  expect(misfit({ ...ask, who: ada })).toEqual(['ask is done by goldbot, not by Ada']);
});

it('takes the request of whoever cancelled the run with it, and tells the reason', async () => {
  const { id, request } = await cancel('void by cancel');
  await b.until(id, ({ endedAt }) => endedAt !== null);
  const found = (await b.reads.audit()).find(({ action, runId }) => action === 'void' && runId === id);
  expect(found).toMatchObject({ request, detail: { by: 'Ada', why: 'not now', ...bound } });
});

it('tells of what dialogs refuse in which words and where, and of strangers how often', async () => {
  const world = dialogWorld();
  await world.say('nobody', 'publish ubuntu-22').catch(() => {});
  expect(world.refusals).toMatchObject([
    {
      who: { oid: 'a9', name: 'Nobody' },
      request: null,
      detail: { code: 'WRONG_ROLE', said: 'publish ubuntu-22', via: 'text', conversation: '19:general' },
    },
  ]);

  const strangers = new Strangers(b.db.database, b.clock, new MemoryLog());
  for (const name of ['Mallory', 'Eve']) await strangers.note({ tenant: 'evil', oid: 'm1', name });
  const told = (await createReads(b.db.database).audit({ limit: 1_000 })).filter(
    ({ detail }) => detail['code'] === 'WRONG_TENANT',
  );
  expect(told.map(({ who, detail }) => [who, detail])).toEqual([
    [
      { oid: 'm1', name: 'Mallory' },
      { code: 'WRONG_TENANT', tenant: 'evil', unsaid: 0 },
    ],
  ]);
});
