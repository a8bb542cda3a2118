import { call } from '../core/command-call';
import { minutes } from '../core/time';
import {
  facts,
  type Group,
  lines,
  logBlock,
  type Mark,
  type MarkedRow,
  markedRow,
  markView,
  markWord,
  type Tint,
  type Tone,
  tint,
} from './parts/blocks';
import { type Button, logsButton, portalLinks, publishButton, showButton } from './parts/buttons';
import { type Field, fieldView } from './parts/fields';
import { blocksOf } from './parts/figures';
import { type FindingView, findingsBlock } from './parts/findings';
import { capital, clip, dotted, duration, type Instant, list, moment, oneLine } from './parts/format';
import { type LeftView, leftGroups, leftNote } from './parts/left';
import { type SecondView, seconding } from './parts/viewer';
import { asWhom } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/run.json';
import { type SignatureView, signatureWords } from './verify';

const titles: Readonly<Record<RunCardStatus, string>> = {
  running: 'Publishing',
  waiting: 'Waiting for approval:',
  'needs-repair': 'Needs repair:',
  'needs-a-look': 'Needs a look:',
  held: 'Held:',
  cancelling: 'Cancelling',
  published: 'Published',
  cancelled: 'Cancelled:',
  expired: 'Expired:',
  failed: 'Failed:',
  unchanged: 'Nothing new:',
};

/** The one live card of a run; the same card is edited until the run is over. */
export function runCard(view: RunView): Reply {
  const left = view.left ?? [];
  const groups = [...runGroups(view), ...leftGroups(left)];
  const fields = runFields(view);
  const asked = view.second && seconding(view.second);
  const notes = [
    ...(asked?.says ?? []),
    ...(view.held ?? []).slice(0, 6),
    view.remark ?? '',
    mend(view),
    view.certificate ? `Certificate: ${signatureWords(view.certificate)}.` : '',
    leftNote(left, 'this card'),
    view.note === undefined ? '' : `Note: ${view.note}`,
  ];
  return sheet(
    template,
    {
      title: `${titles[view.status]} ${named(view)}`,
      subtitles: [subtitle(view)],
      ...badge(view),
      buttons: [...(asked?.buttons ?? []), ...runButtons(view)],
      links: portalLinks(view.portal),
      ...asked?.frame,
    },
    {
      progress: progressPart(view),
      stages: view.stages.map(stageRow),
      groups,
      findings: findingsBlock(`! ${view.failure?.error}`, view.failure?.findings ?? []),
      failures: view.failure === undefined ? [] : [failurePart(view.failure)],
      notes: lines(notes),
      fields: fields.map(fieldView),
    },
  );
}

function mend({ status, failure }: RunView): string {
  if (status !== 'needs-repair') return '';
  if (failure?.isPublished)
    return 'The version is published and stays that way. A rebuild makes what is missing; a cancel ends the run without it.';
  // Where publishing itself stopped, the failure says what is public.
  return `A rebuild takes the next patch number.${failure?.stage === 'Publish' || failure?.isPublic ? '' : ' Nothing was published.'}`;
}

function named(view: RunView): string {
  return view.version === undefined ? view.image : `${view.image} ${view.version}`;
}

function subtitle(view: RunView): string {
  return dotted(
    view.id,
    `requested by ${oneLine(view.requestedBy, 60)}`,
    view.joinedBy.length > 0 &&
      `joined by ${list(
        view.joinedBy.map((name) => oneLine(name, 40)),
        4,
      )}`,
    view.attempt > 1 && `attempt ${view.attempt}`,
    timeLine(view),
    asWhom,
  );
}

function timeLine(view: RunView): string | undefined {
  if (view.elapsedMs === undefined) return undefined;
  if (isOver(view.status)) return `took ${duration(view.elapsedMs)}`;
  // Nobody edits the card while it waits for people: what is measured from now on would soon be untrue.
  if (view.status !== 'running') return view.startedAt && `since ${moment(view.startedAt)}`;
  const so = `for ${duration(view.elapsedMs)}`;
  if (view.usualMs === undefined) return view.first === true ? `${so} · ${firstEstimate(view.typicalMs)}` : so;
  return leftMs(view) === undefined ? `longer than the usual ${duration(view.usualMs)}` : so;
}

/** By the median of earlier runs; undefined where there is none, and when it is over. */
function leftMs({ status, usualMs, elapsedMs }: RunView): number | undefined {
  if (status !== 'running' || usualMs === undefined || elapsedMs === undefined) return undefined;
  const left = usualMs - elapsedMs;
  return left >= minutes(1) ? left : undefined;
}

function progressPart(view: RunView): readonly object[] {
  const left = leftMs(view);
  if (left === undefined || view.usualMs === undefined) return [];
  const share = 1 - left / view.usualMs;
  const text = `about ${duration(left)} left, of the usual ${duration(view.usualMs)}`;
  return [{ percent: Math.round(100 * share), blocks: blocksOf(share), text: capital(text) }];
}

function firstEstimate(typicalMs: number | undefined): string {
  return typicalMs === undefined ? 'no estimate yet' : `Windows takes about ${duration(typicalMs)}`;
}

const badges: Readonly<Record<Exclude<RunCardStatus, 'running'>, { readonly text: string; readonly tone: Tone }>> = {
  waiting: { text: '● Waiting', tone: 'Accent' },
  'needs-repair': { text: '! Repair', tone: 'Warning' },
  'needs-a-look': { text: '! Check', tone: 'Warning' },
  held: { text: '■ Held', tone: 'Warning' },
  cancelling: { text: '● Cancelling', tone: 'Informative' },
  published: { text: '✓ Published', tone: 'Good' },
  cancelled: { text: '– Cancelled', tone: 'Informative' },
  expired: { text: '– Expired', tone: 'Informative' },
  failed: { text: '✗ Failed', tone: 'Attention' },
  unchanged: { text: '– Nothing new', tone: 'Informative' },
};

function badge(view: RunView): { readonly badge?: { readonly text: string; readonly tone: Tone } } {
  if (view.status !== 'running') return { badge: badges[view.status] };
  const now = view.stages.find((stage) => stage.mark === 'now');
  return now === undefined ? {} : { badge: { text: now.label, tone: 'Accent' } };
}

function stageRow(stage: StageView): object {
  const begun = stage.mark !== 'todo' && stage.mark !== 'skipped';
  return {
    ...markView(stage.mark),
    label: stage.label,
    weight: begun ? 'Bolder' : 'Default',
    subtle: !begun,
    details: lines([stage.detail ?? stage.word ?? (stage.mark === 'stopped' ? 'stopped' : '')], 240),
    time: stage.elapsedMs === undefined ? '' : duration(stage.elapsedMs),
  };
}

/** The tests if one stopped the run, otherwise the regions while it replicates; never both. */
function runGroups(view: RunView): readonly Group[] {
  const tests = [...(view.tests ?? [])].sort((a, b) => Number(b.mark === 'failed') - Number(a.mark === 'failed'));
  if (view.failure !== undefined) {
    return group('Tests', tests, (t) =>
      markedRow(t.mark, clip(t.name, 80), [clip(t.detail ?? '', 160)], markWord(t.mark)),
    );
  }
  return group('Regions', view.regions ?? [], (r) =>
    markedRow(r.mark, `${clip(r.name, 60)} ×${r.replicas}`, [], oneLine(r.detail ?? '', 60)),
  );
}

const maxRows = 12;

function group<T>(heading: string, items: readonly T[], row: (item: T) => MarkedRow): readonly Group[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, maxRows).map(row);
  const cut = items.length > maxRows ? `, ${maxRows} of ${items.length}` : '';
  return [{ heading: `${heading}${cut}`, rows: shown }];
}

/** The statuses of a run, and those in which a person is needed. */
export type RunCardStatus =
  | 'running'
  | 'waiting'
  | 'needs-repair'
  | 'needs-a-look'
  /** By a lock or a freeze. */
  | 'held'
  | 'cancelling'
  | 'published'
  | 'cancelled'
  | 'expired'
  | 'failed'
  | 'unchanged';

export interface StageView {
  /** `customise`. */
  readonly name: string;
  /** `Customise`. */
  readonly label: string;
  readonly mark: Mark;
  /** How it ended, where there is no detail: `rejected`, `withdrawn`. */
  readonly word?: string;
  /** What is happening, or what came of it: `5 of 8 steps · harden-sshd`. */
  readonly detail?: string;
  /** How long it took, or has been taking. */
  readonly elapsedMs?: number;
}

export interface RegionView {
  readonly name: string;
  readonly replicas: number;
  readonly mark: Mark;
  /** `40 %`, `in place`, or Azure's error. */
  readonly detail?: string;
}

export interface TestView {
  readonly name: string;
  readonly mark: Mark;
  /** Output of a failed test. */
  readonly detail?: string;
}

export interface RunView {
  /** `R-7F3KQ`. */
  readonly id: string;
  /** The plan's hash; absent until the plan is fixed. */
  readonly hash?: string;
  readonly image: string;
  /** Absent until the plan is fixed. */
  readonly version?: string;
  readonly status: RunCardStatus;
  readonly requestedBy: string;
  /** Names of those who asked for the same thing while it was running. */
  readonly joinedBy: readonly string[];
  readonly stages: readonly StageView[];
  /** From 1. */
  readonly attempt: number;
  /** World time. */
  readonly startedAt?: Instant;
  readonly elapsedMs?: number;
  /** The median of earlier runs; only until this run first waits for people, which makes it meaningless. */
  readonly usualMs?: number;
  /** True when there is no earlier run to compare with. */
  readonly first?: boolean;
  /** What such images take by experience, for the first. */
  readonly typicalMs?: number;
  readonly note?: string;
  /** One more line: why it is waiting, what was cleaned up, what Azure said. */
  readonly remark?: string;
  /** The pending approval's id, to say where the decision is asked for. */
  readonly approvalId?: string;
  /** While replicating. */
  readonly regions?: readonly RegionView[];
  /** Of the last attempt, when one failed. */
  readonly tests?: readonly TestView[];
  /** Sentences about what holds it, while something does. */
  readonly held?: readonly string[];
  /** An override of the freeze can be asked for. */
  readonly canOverride?: boolean;
  /** While an override waits for a second person. */
  readonly second?: SecondView;
  /** In repair. */
  readonly failure?: FailureView;
  /** How far the birth certificate of what was published is. */
  readonly certificate?: SignatureView;
  /** What could not be deleted in time, also what has gone since. */
  readonly left?: readonly LeftView[];
  /** The page in Azure's portal of what it makes, while that is there: the template, then the version. */
  readonly portal?: string;
  /** False once publishing has begun. */
  readonly canCancel: boolean;
}

/** A card that is being edited has no inputs: an edit would wipe what somebody is typing. */
export function isStill(status: RunCardStatus): boolean {
  return status === 'needs-repair' || status === 'waiting' || status === 'needs-a-look' || status === 'held';
}

function isOver(status: RunCardStatus): boolean {
  return ['published', 'cancelled', 'expired', 'failed', 'unchanged'].includes(status);
}

/** Why an attempt stopped, and what a person can do about it. */
export interface FailureView {
  /** Where: `Customise`, `Test`, `Publish`. */
  readonly stage: string;
  /** True when only what is made of the version afterwards is missing. */
  readonly isPublished?: boolean;
  /** The version is public although the run has not published it as planned; the error says so. */
  readonly isPublic?: boolean;
  /** The failing step or test by its name in the catalogue. */
  readonly what: string;
  /** The first real error, one line. */
  readonly error: string;
  /** When several tests failed: each with its own reason, shown instead of `what` and `error`. */
  readonly failed?: readonly { readonly what: string; readonly error: string }[];
  /** When looks before the build stopped it: all that they found, shown instead of `what` and `error`. */
  readonly findings?: readonly FindingView[];
  /** Lines of the log around it, oldest first; the last 12 are shown. */
  readonly log: readonly string[];
  /** What is known to help. */
  readonly remedy?: string;
  /** From 1. */
  readonly attempt: number;
  /** Who should act: a name or a group. */
  readonly owner?: string;
}

/** The part of a card that explains a failure: what, the first real error, its log lines, the remedy. */
function failurePart(view: FailureView): object {
  const tints = view.findings ? [] : [reasons(view)];
  const entries = facts(
    ['Attempt', `${view.attempt}, stopped in ${view.stage}`],
    ['Remedy', view.remedy],
    ['Who acts', view.owner],
  );
  return { tints, logs: logBlock(view.log, 12), facts: entries };
}

function reasons({ failed = [], what, error }: FailureView): Tint {
  const all = failed.length > 0 ? failed.slice(0, 8) : [{ what, error }];
  const most = all.length > 1 ? 200 : 500;
  const each = all.map((one) => tint('attention', `! ${oneLine(one.what, 120)}: `, oneLine(one.error, most)));
  return { style: 'attention', lines: each.flatMap((one) => one.lines) };
}

/** A reason is asked for after the click. What a rebuild may be told has a field, while nothing edits the card. */
function runFields(view: RunView): readonly Field[] {
  if (!isStill(view.status)) return [];
  const note: Field = {
    name: 'note',
    label: 'Note (what was fixed)',
    kind: 'text',
    placeholder: 'What is different now?',
  };
  return view.status === 'needs-repair' ? [note] : [];
}

function runButtons(view: RunView): readonly Button[] {
  const bound = view.hash === undefined ? {} : { hash: view.hash };
  const rebuild: Button = {
    title: 'Rebuild',
    call: call('rebuild', { request: view.id }),
    ...bound,
    style: 'positive',
    takesInputs: true,
  };
  const cancel: Button = {
    title: 'Cancel',
    call: call('cancel', { request: view.id }, 'reason'),
    ...bound,
  };
  const override: Button = {
    title: 'Override',
    call: call('override', { request: view.id }, 'reason'),
    ...bound,
  };
  return [
    ...(view.status === 'needs-repair' ? [rebuild] : []),
    ...(view.canOverride ? [override] : []),
    ...(view.status === 'published' && view.version !== undefined ? [showButton(view.image, view.version)] : []),
    ...(isOver(view.status) && view.status !== 'published' ? [publishButton(view.image, 'Publish again')] : []),
    logsButton(view.id),
    ...(view.canCancel && !isOver(view.status) && view.status !== 'cancelling' ? [cancel] : []),
  ];
}
