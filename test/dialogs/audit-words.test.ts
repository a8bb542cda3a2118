import { type AuditAction, auditActions } from '../../core/audit';
import { auditRow } from '../../dialogs/present';
import { now } from './support/world';

/** What each action says of Grace and ubuntu-22, with these details where its words use any. */
const said: Readonly<Record<AuditAction, readonly [string, Readonly<Record<string, unknown>>?]>> = {
  start: ['started a run of ubuntu-22'],
  join: ['joined the run of ubuntu-22'],
  cancel: ['cancelled the run of ubuntu-22'],
  rebuild: ['rebuilt ubuntu-22'],
  saw: ['said what Teams did in the trial of ubuntu-22'],
  lock: ['locked ubuntu-22'],
  unlock: ['unlocked ubuntu-22'],
  follow: [
    'set payments to follow stable of ubuntu-22',
    { subject: 'payments', channel: 'stable', image: 'ubuntu-22' },
  ],
  override: ['asked to go on in spite of a freeze with ubuntu-22'],
  confirm: ['agreed to go on in spite of a freeze with ubuntu-22'],
  appoint: ['withdrew the appointment of ubuntu-22'],
  review: ['reviewed the emergency of ubuntu-22'],
  stage: ['moved ubuntu-22 from test to approve', { from: 'test', to: 'approve' }],
  end: ['ended the run of ubuntu-22 1.6.0: published', { outcome: 'published', version: '1.6.0' }],
  'needs-a-look': ['could not go on with ubuntu-22'],
  'schedule-fails': ['could not start what was due for ubuntu-22'],
  ask: ['asked for approval of ubuntu-22'],
  'ask-next': ['asked the next group to approve ubuntu-22'],
  remind: ['reminded approvers of ubuntu-22'],
  escalate: ['asked more approvers about ubuntu-22'],
  approve: ['approved ubuntu-22'],
  reject: ['rejected ubuntu-22'],
  'drop-decision': ['dropped the decision of Heidi about ubuntu-22', { person: 'Heidi' }],
  withdraw: ['withdrew the request for ubuntu-22'],
  expire: ['closed for lack of a decision the request for ubuntu-22'],
  void: ['voided the request for ubuntu-22'],
  certify: ['certified ubuntu-22'],
  forget: [
    'took out the name of 0b1ec700-0000-4000-8000-000000000001',
    { person: '0b1ec700-0000-4000-8000-000000000001' },
  ],
  checkpoint: ['signed a checkpoint of the audit, 1200 entries', { entries: 1200 }],
  account: ['took down that oid-1 answers for the altered entry 12', { entry: 12, by: 'oid-1' }],
  leftover: ['could not delete what was left of ubuntu-22'],
  'leftover-gone': ['saw gone what was left of ubuntu-22'],
  refuse: ['was refused: approve R-22222 ubuntu-22', { verb: 'approve' }],
  look: ['looked at payments with compliance', { subject: 'payments', verb: 'compliance', teams: ['payments'] }],
  'set-digest': ['changed the digest of ubuntu-22'],
  snooze: [
    'snoozed pets of payments until Mon 30 Nov, 09:00 UTC',
    { subject: 'payments', row: 'pets', until: '2026-11-30T09:00:00.000Z' },
  ],
  unsnooze: ['brought back pets of payments', { subject: 'payments', row: 'pets' }],
  subscribe: ['subscribed to ubuntu-22'],
  unsubscribe: ['unsubscribed from ubuntu-22'],
  'notice-lost': ['could not tell a subscriber about ubuntu-22'],
  delegate: ['passed decisions about ubuntu-22 on to Heidi', { to: { name: 'Heidi' } }],
  undelegate: ['took back decisions about every image', { subject: null, request: null }],
  'set-schedule': ['changed the schedule of ubuntu-22'],
  'webhook-lost': ['could not reach tickets', { receiver: 'tickets' }],
  'resend-webhooks': ['sent again what tickets missed', { receiver: 'tickets' }],
  'bind-channel': ['bound the channel approvals', { channel: 'approvals' }],
  'card-unclear': ['does not know whether Teams took a card about something', { subject: null, request: null }],
  'card-deleted': ['found a card deleted in Teams about a request', { subject: null, request: null }],
  'conversation-parked': ['stopped writing to a conversation about something', { subject: null, request: null }],
  restored: ['was restored from a copy', { subject: null, request: null }],
  'conversation-ambiguous': ['found several channels of one name', { subject: null, request: null }],
};

const base = { seq: 1, at: now, who: { oid: 'a2', name: 'Grace' }, runId: null } as const;

describe('what an entry of the audit says', () => {
  it.each(Object.keys(auditActions) as AuditAction[])('%s', (action) => {
    const [sentence, { subject = 'ubuntu-22', request = 'R-22222', ...detail } = {}] = said[action];
    const entry = { ...base, action, detail, subject: subject as string | null, request: request as 'R-22222' | null };
    expect(auditRow(entry).what).toBe(sentence);
  });

  it('of what is decided names the version, where the entry has one', () => {
    const entry = {
      ...base,
      action: 'approve',
      detail: { version: '1.6.0' },
      subject: 'ubuntu-22',
      request: 'R-9WXB4' as const,
    };
    expect(auditRow(entry)).toMatchObject({ what: 'approved ubuntu-22 1.6.0' });
    expect(auditRow({ ...entry, detail: {} })).toMatchObject({ what: 'approved ubuntu-22' });
  });

  it('an action of a later version is named as it is', () => {
    const entry = { ...base, action: 'teleport', detail: { why: 'no room' }, subject: null, request: null };
    expect(auditRow(entry)).toMatchObject({ who: 'Grace', what: 'teleport', details: ['no room'] });
  });
});
