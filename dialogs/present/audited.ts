import { type AuditRow, moment } from '../../cards';
import type { AuditAction } from '../../core/audit';
import type { AuditEntry } from '../../store/reads';

/** What an entry of the audit says, as a sentence about whoever did it. */

type Detail = AuditEntry['detail'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const nameIn = (detail: Detail, part: string): string => text((detail[part] as Detail | null | undefined)?.['name']);
const until = ({ until: end }: Detail): string => (text(end) === '' ? '' : ` until ${moment(new Date(text(end)))}`);

/** What follows the name. `about`: the image, team or machine; otherwise the request. */
type Words = (about: string, detail: Detail) => string;

const of =
  (did: string, otherwise = ''): Words =>
  (about) =>
    `${did} ${about || otherwise}`.trim();

/** What was written by earlier versions names none. */
const ofVersion =
  (did: string): Words =>
  (about, { version }) =>
    `${did} ${about} ${text(version)}`.trim();

/** What was asked: the command, or the words or the button where it was not understood. */
function refusedWords(about: string, { verb, said }: Detail): string {
  const asked = text(verb) || text(said);
  return [asked, asked.includes(about) ? '' : about].filter(Boolean).join(' ');
}

/** A row for every action: a new one does not compile without its words. */
const words: Readonly<Record<AuditAction, Words>> = {
  start: of('started a run of'),
  join: of('joined the run of'),
  cancel: of('cancelled the run of'),
  rebuild: of('rebuilt'),
  saw: of('said what Teams did in the trial of'),
  lock: of('locked'),
  unlock: of('unlocked'),
  follow: (about, { image, channel }) => `set ${about} to follow ${text(channel)} of ${text(image)}`,
  override: of('asked to go on in spite of a freeze with'),
  confirm: of('agreed to go on in spite of a freeze with'),
  appoint: (about, { when }) => `${when === undefined ? 'withdrew' : 'set'} the appointment of ${about}`,
  review: of('reviewed the emergency of'),
  stage: (about, { from, to }) => `moved ${about} from ${text(from)} to ${text(to)}`,
  end: (about, { outcome, version }) => `ended the run of ${`${about} ${text(version)}`.trim()}: ${text(outcome)}`,
  'needs-a-look': of('could not go on with'),
  'schedule-fails': of('could not start what was due for'),
  ask: ofVersion('asked for approval of'),
  'ask-next': of('asked the next group to approve'),
  remind: of('reminded approvers of'),
  escalate: of('asked more approvers about'),
  approve: ofVersion('approved'),
  reject: ofVersion('rejected'),
  'drop-decision': (about, { person }) => `dropped the decision ${text(person) && `of ${text(person)} `}about ${about}`,
  withdraw: of('withdrew the request for'),
  expire: of('closed for lack of a decision the request for'),
  void: of('voided the request for'),
  certify: of('certified'),
  forget: (_, { person }) => `took out the name of ${text(person)}`,
  checkpoint: (_, { entries }) => `signed a checkpoint of the audit, ${String(entries)} entries`,
  account: (_, { entry, by }) => `took down that ${text(by)} answers for the altered entry ${String(entry)}`,
  leftover: of('could not delete what was left of'),
  'leftover-gone': of('saw gone what was left of'),
  refuse: (about, detail) => `was refused: ${refusedWords(about, detail) || 'a message'}`,
  look: (about, { verb }) => `looked at ${about} with ${text(verb)}`,
  'set-digest': of('changed the digest of'),
  snooze: (about, { row, ...detail }) => `snoozed ${text(row)} of ${about}${until(detail)}`,
  unsnooze: (about, { row }) => `brought back ${text(row)} of ${about}`,
  subscribe: of('subscribed to'),
  unsubscribe: of('unsubscribed from'),
  'notice-lost': of('could not tell a subscriber about'),
  delegate: (about, detail) =>
    `passed decisions ${about && `about ${about} `}on to ${nameIn(detail, 'to') || 'somebody'}${until(detail)}`,
  undelegate: of('took back decisions about', 'every image'),
  'set-schedule': of('changed the schedule of'),
  'webhook-lost': (_, { receiver }) => `could not reach ${text(receiver)}`,
  'resend-webhooks': (_, { receiver }) => `sent again what ${text(receiver)} missed`,
  'bind-channel': (_, { channel }) => `bound the channel ${text(channel)}`,
  'card-unclear': of('does not know whether Teams took a card about', 'something'),
  'card-deleted': of('found a card deleted in Teams about', 'a request'),
  'conversation-parked': of('stopped writing to a conversation about', 'something'),
  restored: of('was restored from a copy'),
  'conversation-ambiguous': of('found several channels of one name', ''),
};

const signs: Readonly<Partial<Record<AuditAction, NonNullable<AuditRow['mark']>>>> = {
  approve: 'done',
  certify: 'done',
  reject: 'failed',
  refuse: 'stopped',
  'needs-a-look': 'needs-person',
  'schedule-fails': 'needs-person',
};

/** A later version of goldbot may have written what this one does not know. */
export function auditRow(entry: AuditEntry): AuditRow {
  const { at, detail, who } = entry;
  const action = entry.action as AuditAction;
  const mark = signs[action];
  // What was refused is told by the request that it was about, which may be nobody's.
  const id = entry.request ?? entry.runId ?? '';
  const about = (action === 'refuse' ? [id, entry.subject] : [entry.subject ?? id]).filter(Boolean).join(' ');
  const said = ['code', 'reason', 'note', 'stage', 'error', 'said', 'why'].map((key) => text(detail[key]));
  const what = words[action]?.(about, detail) ?? `${entry.action} ${about}`.trim();
  const details = [about.includes(id) ? '' : id, ...said].filter(
    (one) => one !== '' && (action !== 'refuse' || !what.includes(one)),
  );
  const byItself = who.oid === null && mark !== 'needs-person';
  return { at, who: who.name, what, details, ...(mark && { mark }), ...(byItself && { byItself }) };
}
