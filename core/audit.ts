import { fingerprintDigest } from './images';
import type { Approval, RequestId } from './runs';

/**
 * What stands in the audit: every action, what it is about, and what its details tell. An action without a row here does
 * not compile, nor does an entry that lacks what its row demands. What was written by earlier versions may lack some of it.
 */
export const auditActions = {
  start: {
    means: 'A run was started: a person asked for it, or a schedule came due.',
    by: 'people or goldbot',
    about: ['subject', 'request', 'runId'],
    must: { plan: 'what was asked for' },
    may: {},
  },
  join: {
    means: 'A person asked for what a run was doing already, and is one of its actors from now on.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: { plan: 'what this person asked for; the run goes by its own' },
    may: {},
  },
  cancel: {
    means: 'A person cancelled a run.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      stage: 'where the run was',
      attempt: 'which attempt it was',
      planHash: 'of its plan; null before there is one',
    },
    may: { reason: 'in the words of the person', via: 'button or text' },
  },
  rebuild: {
    means: 'A person had a failed run build again, and is one of its actors from now on.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      stage: 'where the run was',
      attempt: 'which attempt it was',
      planHash: 'of its plan; null before there is one',
    },
    may: { note: 'what was mended, in the words of the person', via: 'button or text' },
  },
  saw: {
    means: 'A person whom a trial asked said what Teams did.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      stage: 'where the run was',
      attempt: 'which attempt it was',
      planHash: 'of its plan',
    },
    may: { note: 'yes: Teams notified them; no: it did not', via: 'button or text' },
  },
  lock: {
    means: 'A person locked an image: nothing of it is built or published until it is unlocked.',
    by: 'people',
    about: ['subject'],
    must: { reason: 'in the words of the person' },
    may: {},
  },
  unlock: {
    means: 'A person lifted the lock of an image.',
    by: 'people',
    about: ['subject'],
    must: { reason: 'in the words of the person', lock: 'what it was: who had locked it, why and since when' },
    may: {},
  },
  follow: {
    means: 'A person chose which channel of an image a team is measured against.',
    by: 'people',
    about: ['subject'],
    must: {
      image: 'name in the catalogue',
      channel: 'canary, stable or lts; latest: Azure’s own',
      before: 'what it was',
    },
    may: {},
  },
  override: {
    means: 'A person asked to let a run through a freeze, and is one of its actors from now on.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      reason: 'in the words of the person',
      windows: 'names of the windows',
      planHash: 'of the plan of the run; null before there is one',
    },
    may: { via: 'button or text' },
  },
  confirm: {
    means: 'A second person agreed that a run goes through a freeze.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      override: 'what was agreed to: who asked for it, why, and for which windows',
      group: 'as a member of which this person may',
      planHash: 'of the plan of the run; null before there is one',
    },
    may: { via: 'button or text' },
  },
  appoint: {
    means: 'An owner appointed when a machine of a rollout is replaced, moved that, or took it back.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      stage: 'where the run was',
      attempt: 'which attempt it was',
      planHash: 'of its plan',
      machine: 'its resource id',
    },
    may: { when: 'the time, ISO 8601; absent when it was taken back', via: 'button or text' },
  },
  review: {
    means: 'Somebody who took no part reviewed what was done although something broke.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      stage: 'where the run was',
      attempt: 'which attempt it was',
      planHash: 'of its plan',
    },
    may: { reason: 'in the words of the person', via: 'button or text' },
  },
  stage: {
    means: 'A run went from one stage to the next.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { from: 'the stage before', to: 'the stage now', attempt: 'which attempt it is' },
    may: { planHash: 'of the plan that was fixed in this step', why: 'what went wrong, when people must repair it' },
  },
  end: {
    means: 'A run is over.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { outcome: 'published, done, cancelled, expired, failed …' },
    may: {
      said: 'what came of it, in words',
      how: 'of a change: done, failed, cancelled, expired, refused by an approver, withdrawn, superseded by a newer one',
      by: 'the name of the person who ended it',
      version: 'what was published',
      fingerprint: 'of what was published',
    },
  },
  'needs-a-look': {
    means: 'A step of a run failed five times in a row.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { stage: 'where the run is', tries: 'how often it was tried', error: 'why it failed' },
    may: {},
  },
  'schedule-fails': {
    means: 'A schedule that was due failed five times in a row; it is tried again by itself.',
    by: 'goldbot',
    about: ['subject'],
    must: { schedule: 'which one', tries: 'how often it was tried', error: 'why it failed' },
    may: {},
  },
  ask: {
    means: 'goldbot asked the approvers.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: {
      planHash: 'of the plan',
      rule: 'who decides, and how many of them',
      channel: 'where they are asked',
      expiresAt: 'until when they may decide',
    },
    may: {
      version: 'which one of an image; absent: what is decided is no publish',
      fingerprint: 'of the version that was tested',
      tattoo: 'digest of the tattoo that it must carry',
      changeNumber: 'of the change under which it is to be approved',
    },
  },
  remind: {
    means: 'Whoever decides was reminded of a request beside its card.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan', times: 'how often by then, 1 or 2' },
    may: { fingerprint: 'of the version that was tested' },
  },
  escalate: {
    means: 'A request was put to others as well, because nobody had decided; from then on they may.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan', escalation: 'who may decide now, and where they are asked' },
    may: { fingerprint: 'of the version that was tested' },
  },
  approve: {
    means: 'An approver approved.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan', reason: 'always null', via: 'button or text', outcome: 'what the request is now' },
    may: {
      version: 'which one of an image; absent: what is decided is no publish',
      fingerprint: 'of the version that was tested',
      changeNumber: 'of the change under which it is approved',
      inPlaceOf: 'whose place it takes, who had passed it on',
      group: 'for which of several groups that decide one after the other',
    },
  },
  reject: {
    means: 'An approver rejected.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: {
      planHash: 'of the plan',
      reason: 'in the words of the person',
      via: 'button or text',
      outcome: 'what the request is now',
    },
    may: {
      version: 'which one of an image; absent: what is decided is no publish',
      fingerprint: 'of the version that was tested',
      replaced: 'the earlier decision of the same person',
      inPlaceOf: 'whose place it takes, who had passed it on',
      group: 'for which of several groups that decide one after the other',
    },
  },
  'ask-next': {
    means: 'goldbot asked the group whose turn it is now, of several that decide one after the other.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan', group: 'who decides now, and how many of them', channel: 'where they are asked' },
    may: {
      fingerprint: 'of the version that was tested',
      expiresAt: 'until when they may decide, where each group has a time of its own',
    },
  },
  'drop-decision': {
    means:
      'A decision does not count any more: its person became an actor of the run, or is not in the group that decides.',
    by: 'people or goldbot',
    about: ['subject', 'request', 'runId'],
    must: {
      why: 'joined, rebuilt, or left the group',
      decision: 'what it was: verdict, reason, way and time',
      planHash: 'of the plan',
    },
    may: { fingerprint: 'of the version that was tested', person: 'whose it was, where goldbot found it' },
  },
  withdraw: {
    means: 'An actor of the run withdrew an approval request.',
    by: 'people',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan' },
    may: { reason: 'in the words of the person', fingerprint: 'of the version that was tested' },
  },
  expire: {
    means: 'An approval request was not decided in time.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { planHash: 'of the plan', expiresAt: 'when its time was over' },
    may: { fingerprint: 'of the version that was tested' },
  },
  void: {
    means: 'An approval request does not stand any more, whatever was decided.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { by: 'goldbot, or the name of who cancelled the run', planHash: 'of the plan that it was about' },
    may: {
      why: 'changed, outlived, unbound, or the reason of who cancelled',
      differences: 'what was changed after the test: before and after',
      fingerprint: 'of the version that was tested',
    },
  },
  certify: {
    means: 'goldbot signed the birth certificate of a version.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { version: 'id of the gallery version', digest: 'SHA-256 of the statement', key: 'id of the key' },
    may: {},
  },
  forget: {
    means: 'Somebody who runs goldbot had the name of a person taken out of the database.',
    by: 'goldbot',
    about: [],
    must: {
      person: 'their object id',
      rows: 'how many had the name',
      kept: 'entries of earlier versions that hold the name: they are hashed, and stay',
    },
    may: {},
  },
  checkpoint: {
    means:
      'goldbot signed a checkpoint of the audit itself: how many entries it had, and the hash of the last of them.',
    by: 'goldbot',
    about: [],
    must: {
      entries: 'how many the audit had; this entry comes later',
      head: 'hash of the last of them',
      at: 'when, ISO 8601, as it is signed',
      key: 'id of the key',
    },
    may: {},
  },
  account: {
    means: 'Somebody who has the key looked into an alteration of the audit, and answers for it as it stands.',
    by: 'goldbot',
    about: [],
    must: {
      entry: 'number of the first entry that is wrong or missing',
      why: 'what is wrong',
      by: 'object id of who answers for it',
      reason: 'in the words of the person',
      entries: 'how many the audit had; this entry comes later',
      key: 'id of the key that signed it',
    },
    may: { upTo: 'it is one up to this number' },
  },
  leftover: {
    means: 'Azure does not delete what a run made; goldbot goes on asking. Again when its answer changes.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { kind: 'template, machine, version, or unread', name: 'which one', answer: 'what Azure says' },
    may: {},
  },
  'leftover-gone': {
    means: 'What a run left behind is gone.',
    by: 'goldbot',
    about: ['subject', 'request', 'runId'],
    must: { kind: 'template, machine, version, or unread', name: 'which one', answer: 'what Azure said last' },
    may: {},
  },
  refuse: {
    means: 'Somebody asked for something that goldbot did not do.',
    by: 'people',
    about: [],
    must: { code: 'why' },
    may: {
      verb: 'what was to be done',
      message: 'what the person was told',
      said: 'the words of the message, or the title of the button',
      given: 'what the button was about',
      conversation: 'where',
      via: 'button or text',
      hash: 'which plan the card was about',
      reason: 'in the words of the person',
      note: 'in the words of the person',
      machine: 'of an appointment: resource id',
      when: 'of an appointment: the time, ISO 8601',
      tenant: 'of somebody whom goldbot does not serve',
      unsaid: 'attempts from that tenant since the last entry',
    },
  },
  look: {
    means:
      'A person was shown what belongs to teams that are not theirs; told once an hour for each command and these teams.',
    by: 'people',
    about: ['subject'],
    must: { verb: 'the command', teams: 'their names; no team: machines that belong to none' },
    may: {},
  },
  'set-digest': {
    means: 'A person changed when the digest of a team is sent.',
    by: 'people',
    about: ['subject'],
    must: { change: 'what was asked for', before: 'how it was', now: 'how it is' },
    may: {},
  },
  snooze: {
    means: 'A person set a row of the digest of a team aside until a day. No figure changes by it.',
    by: 'people',
    about: ['subject'],
    must: {
      row: 'which one',
      machines: 'how many it was about',
      until: 'when it comes back',
      reason: 'in the words of the person',
    },
    may: { before: 'who had snoozed it until when, and why' },
  },
  unsnooze: {
    means: 'A person brought back a row of the digest of a team that was set aside.',
    by: 'people',
    about: ['subject'],
    must: { row: 'which one', before: 'who had snoozed it until when, and why' },
    may: {},
  },
  subscribe: {
    means: 'A person had a conversation told what happens to an image: their own chat, or a channel.',
    by: 'people',
    about: ['subject'],
    must: {
      conversation: 'where it is told',
      events: 'which ones',
      before: 'which ones it was told before; null for none',
    },
    may: {},
  },
  unsubscribe: {
    means: 'A person ended what a conversation is told of an image.',
    by: 'people',
    about: ['subject'],
    must: { conversation: 'where it was told', before: 'which events' },
    may: {},
  },
  'notice-lost': {
    means: 'A subscriber was not told something: for a day nobody could say whether they may still look at the image.',
    by: 'goldbot',
    about: ['subject'],
    must: { event: 'id of the event', person: 'object id of the subscriber', why: 'what was in the way' },
    may: {},
  },
  delegate: {
    means: 'A person passed on to another approver what they would decide, until a moment.',
    by: 'people',
    about: [],
    must: { to: 'who decides on their behalf', image: 'of which image; null: of every one', until: 'when it ends' },
    may: { before: 'whom they had passed it on to, and until when' },
  },
  undelegate: {
    means: 'A person took back what they had passed on, before its time was over.',
    by: 'people',
    about: [],
    must: { before: 'whom they had passed it on to, and until when', image: 'of which image; null: of every one' },
    may: {},
  },
  'set-schedule': {
    means: 'A person changed when an image is published automatically.',
    by: 'people',
    about: ['subject'],
    must: { change: 'what was asked for', before: 'how it was; null for no schedule', now: 'how it is' },
    may: {},
  },
  'webhook-lost': {
    means: 'A program was not told something: its receiver is gone, or did not take it in time.',
    by: 'goldbot',
    about: [],
    must: { receiver: 'its name in the catalogue', event: 'id of the event', why: 'what it answered last' },
    may: {},
  },
  'resend-webhooks': {
    means: 'A person had sent again what a receiver of webhooks did not get.',
    by: 'people',
    about: [],
    must: { receiver: 'its name in the catalogue', events: 'how many' },
    may: {},
  },
  'bind-channel': {
    means:
      'A name of the catalogue was bound to a channel in Teams: goldbot learned it, or an admin said which is meant.',
    by: 'people or goldbot',
    about: [],
    must: {
      channel: 'as the catalogue calls it',
      conversation: 'id of the channel in Teams',
      before: 'the id before; null when there was none',
    },
    may: {},
  },
  'card-unclear': {
    means: 'Teams did not say whether it took a card.',
    by: 'goldbot',
    about: [],
    must: { topic: 'what the card is about', conversation: 'where', why: 'what was answered' },
    may: { again: 'present: it is posted again' },
  },
  'card-deleted': {
    means: 'The message of an open approval request was deleted in Teams.',
    by: 'goldbot',
    about: [],
    must: { topic: 'what the card is about', conversation: 'where it was', why: 'what Teams said' },
    may: { again: 'present: it is posted again' },
  },
  'conversation-parked': {
    means: 'goldbot may not write somewhere any more, and tries no more until it is heard from.',
    by: 'goldbot',
    about: [],
    must: { conversation: 'where', why: 'what Teams said', topic: 'what the card was about' },
    may: {},
  },
  restored: {
    means: 'goldbot was told that its database was restored from a copy: what happened after that copy is not in it.',
    by: 'goldbot',
    about: [],
    must: {
      copyOf: 'when the copy was made',
      cards: 'how many cards of open runs were drawn again',
      digests: 'teams whose digest came due since and is not sent again',
    },
    may: {},
  },
  'conversation-ambiguous': {
    means: 'Several channels have the name of one in the catalogue; cards wait until an admin says which is meant.',
    by: 'goldbot',
    about: [],
    must: { conversation: 'the name', channels: 'ids of the channels', why: 'the same in words', topic: 'what waits' },
    may: {},
  },
} as const satisfies Readonly<Record<string, ActionRow>>;

interface ActionRow {
  /** What an auditor learns from it: one sentence. */
  readonly means: string;
  readonly by: 'people' | 'goldbot' | 'people or goldbot';
  /** Columns that are never empty. */
  readonly about: readonly (keyof About)[];
  /** Details that every entry has, and what they are. */
  readonly must: Readonly<Record<string, string>>;
  /** Details that some have. */
  readonly may: Readonly<Record<string, string>>;
}

interface About {
  /** The image, team or machine. */
  readonly subject: string;
  /** The run or approval request that is meant. */
  readonly request: RequestId;
  readonly runId: RequestId;
}

type Rows = typeof auditActions;
export type AuditAction = keyof Rows;

/** Undefined would not be kept. */
export type Told = string | number | boolean | object | null;

export type AuditDetail<Action extends AuditAction> = {
  readonly [Key in keyof Rows[Action]['must']]: Told;
} & { readonly [Key in keyof Rows[Action]['may']]?: Told | undefined };

type Named<Action extends AuditAction> = Rows[Action]['about'][number];

/** What is kept for ever. */
export type AuditRecord<Actions extends AuditAction = AuditAction> = {
  [Action in Actions]: {
    /** World time. */
    readonly at: Date;
    /** `oid`: null for goldbot itself. */
    readonly who: { readonly oid: string | null; readonly name: string };
    readonly action: Action;
    readonly detail: AuditDetail<Action>;
  } & { readonly [Column in Named<Action>]: About[Column] } & {
    readonly [Column in Exclude<keyof About, Named<Action>>]?: About[Column] | null;
  };
}[Actions];

/** What a request was about, as its audit entries say it: the plan, and the object that was tested. */
export function boundTo({ planHash, fingerprint }: Pick<Approval, 'planHash' | 'fingerprint'>): {
  readonly planHash: string;
  readonly fingerprint?: string;
} {
  return { planHash, ...(fingerprint && { fingerprint: fingerprintDigest(fingerprint) }) };
}
