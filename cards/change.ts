import { type CommandCall, call } from '../core/command-call';
import type { VersionVerb } from '../core/runs';
import {
  blockedLines,
  type ChangeNumberView,
  changeNumberFact,
  type DecidingStepView,
  type DecisionView,
  decisionLabel,
  type EarlierView,
  earlierGroup,
  historyBlock,
  stepsGroup,
} from './approval';
import { actsPart } from './parts/acts';
import { type Fact, facts, type Group, lines, type Mark, markedRow, type Tone, tint } from './parts/blocks';
import type { Button } from './parts/buttons';
import { dotted, due, type Instant, moment, number, oneLine } from './parts/format';
import { type Deciding, deciding, type SecondView, seconding, type Viewer } from './parts/viewer';
import { asWhom } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/change.json';

export type ChangeVerb =
  | 'classify'
  | 'exempt'
  | 'remediate'
  | 'assign'
  | 'rescan'
  | 'restrict'
  | 'leftovers'
  | 'try'
  | 'grant'
  | 'ungrant'
  | 'share'
  | 'unshare'
  | 'rollout'
  | 'defer'
  | VersionVerb;

export type ChangeStatus =
  | 'waiting-for-approval'
  | 'running'
  /** By a freeze. */
  | 'held'
  | 'done'
  | 'refused'
  | 'withdrawn'
  /** By a newer one that has taken its place. */
  | 'superseded'
  | 'expired'
  | 'cancelled'
  /** Only of a request: it does not stand any more, and the change goes on without it. */
  | 'void'
  | 'failed';

/** One change for a team, from the request to its end; the same card is edited. */
export interface ChangeView {
  /** Id of the run. */
  readonly id: string;
  readonly verb: ChangeVerb;
  /** What it is done to: `vm-pay-ledger`, `payments`. */
  readonly subject: string;
  /** One clause that follows the verb: `as pet`, `from disk-encryption until 1 Mar 2027`. */
  readonly what: string;
  readonly status: ChangeStatus;
  readonly askedBy: string;
  readonly reason?: string;
  /** Facts of the change in the order to show. */
  readonly facts: readonly { readonly title: string; readonly value: string }[];
  /** Where somebody decides about it. */
  readonly approval?: {
    readonly id: string;
    readonly hash: string;
    readonly group: string;
    readonly until: Instant;
    readonly quorum: number;
    /** Absent: none is asked for. */
    readonly changeNumber?: ChangeNumberView;
    readonly decisions: readonly DecisionView[];
    /** Of several groups that decide one after the other; absent: one decides. */
    readonly steps?: readonly DecidingStepView[];
    /** What happened to it: a line each, oldest first. */
    readonly history?: readonly string[];
    /** Whose card it is; absent: everybody's. */
    readonly viewer?: Viewer;
    /** Object ids of those who have a card of their own; absent: not known. */
    readonly owners?: readonly string[];
  };
  /** One sentence: what came of it, why it was refused, what Azure said. */
  readonly outcome?: string;
  /** What was asked of Azure and Teams, with what came of it; of trials alone. */
  readonly answers?: readonly { readonly question: string; readonly said?: string; readonly isKnown: boolean }[];
  /** What it is done to, one after the other, and how far each is; of rollouts alone. */
  readonly parts?: readonly { readonly name: string; readonly said: string; readonly mark: Mark }[];
  /** Machines that their owners replace, those first that ask for something; of rollouts alone. */
  readonly machines?: readonly MachineAct[];
  /** `3 of 7 resources mended`, while it runs. */
  readonly progress?: string;
  /** Why nobody can approve it as things are, and who can mend that: sentences. */
  readonly blocked?: readonly string[];
  /** What was asked before and refused, oldest first, and what is different now. */
  readonly earlier?: readonly EarlierView[];
  /** While it is asked for: what would break, a sentence. */
  readonly breaks?: string;
  /** What would be affected, or what deciders should know, one sentence each. */
  readonly warnings?: readonly string[];
  /** What somebody else types, elsewhere than in Teams. */
  readonly commands?: readonly string[];
  /** What comes next. */
  readonly next?: readonly CommandCall[];
  /** When it ended, or what it is shown as of. */
  readonly at: Instant;
  readonly hasEnded: boolean;
  readonly canCancel: boolean;
  /** Ends it instead of cancelling it. */
  readonly undo?: Button;
  /** While broken glass waits for its review, or an override for a second person. */
  readonly second?: SecondView;
  /** An override of the freeze can be asked for. */
  readonly canOverride?: boolean;
  /** Of the run's plan. */
  readonly hash?: string;
}

/** One machine that its owners replace, with what they can say about it. */
export interface MachineAct {
  readonly name: string;
  /** `pet on 1.3.0, appointed for Sat 5 Dec, 21:00 UTC by Linus`. */
  readonly said: string;
  readonly buttons: readonly Button[];
}

const badges: Readonly<Record<ChangeStatus, { readonly text: string; readonly tone: Tone }>> = {
  'waiting-for-approval': { text: '● Waiting', tone: 'Accent' },
  running: { text: '● In progress', tone: 'Accent' },
  held: { text: '■ Held', tone: 'Warning' },
  done: { text: '✓ Done', tone: 'Good' },
  refused: { text: '✗ Refused', tone: 'Attention' },
  withdrawn: { text: '– Withdrawn', tone: 'Informative' },
  superseded: { text: '– Superseded', tone: 'Informative' },
  expired: { text: '– Expired', tone: 'Informative' },
  cancelled: { text: '– Cancelled', tone: 'Informative' },
  void: { text: '! Void', tone: 'Attention' },
  failed: { text: '✗ Failed', tone: 'Attention' },
};

const verbs: Readonly<Record<ChangeVerb, string>> = {
  classify: 'Classify',
  exempt: 'Exempt',
  remediate: 'Remediate',
  assign: 'Assign',
  rescan: 'Rescan',
  restrict: 'Restrict',
  leftovers: 'Delete leftovers in',
  eol: 'End of life of',
  age: 'Mark as aged:',
  revoke: 'Revoke',
  retire: 'Retire',
  restore: 'Restore',
  try: 'Try',
  promote: 'Promote',
  rollback: 'Roll back',
  channel: 'Channel',
  replicate: 'Copies of',
  copy: 'Copy',
  grant: 'Grant',
  ungrant: 'Take back',
  share: 'Share',
  unshare: 'Stop sharing',
  rollout: 'Roll out',
  defer: 'Defer',
};

/** One change for a team: what is asked, who decides, what came of it. The same card is edited until it is over. */
export function changeCard(view: ChangeView): Reply {
  const entries = changeFacts(view);
  const { tints: warned, notes } = warningsOf(view);
  const tints = [...outcomeTint(view), ...warned];
  const groups = [...earlierGroup(view.earlier), ...decisionGroup(view), ...answerGroup(view), ...partGroup(view)];
  const asked = askedOf(view);
  const said = [...blockedLines(view.blocked), ...(asked?.says ?? [])];
  const blocks = { paragraphs: [...lines(said, 300), ...lines(view.commands ?? [], 500)] };
  return sheet(
    template,
    {
      title: `${verbs[view.verb]} ${oneLine(view.subject, 90)}`,
      subtitles: [
        oneLine(view.what, 160),
        dotted(view.approval?.id, view.id, `requested by ${oneLine(view.askedBy, 60)}`, until(view), asWhom),
      ],
      badge: badges[view.status],
      buttons: isDecidedOn(view) && asked ? asked.buttons : [...(asked?.buttons ?? []), ...buttons(view)],
      ...asked?.frame,
      next: [...(asked?.frame.next ?? []), call('status', { request: view.id }), ...(view.next ?? []).slice(0, 3)],
    },
    {
      ...{ ...blocks, facts: entries, tints, groups, notes: lines(notes) },
      history: historyBlock(view.approval?.history),
      acts: machineActs(view.machines),
    },
  );
}

const isDecidedOn = ({ status, approval }: ChangeView): boolean =>
  status === 'waiting-for-approval' && approval !== undefined;

/** What depends on whose card it is. */
function askedOf(view: ChangeView): Deciding | undefined {
  if (isDecidedOn(view) && view.approval) return deciding(view.approval);
  return view.second && seconding(view.second);
}

function until({ status, approval, at, hasEnded }: ChangeView): string {
  if (status === 'waiting-for-approval' && approval !== undefined) return `until ${due(approval.until)}`;
  return `${hasEnded ? 'ended' : 'as of'} ${moment(at)}`;
}

function changeFacts({ facts: given, reason, approval }: ChangeView): readonly Fact[] {
  const now = approval?.steps?.find(({ state }) => state === 'now');
  const approved = now?.approved ?? approval?.decisions.filter(({ verdict }) => verdict === 'approve').length ?? 0;
  return facts(
    ...given.slice(0, 10).map(({ title, value }) => [oneLine(title, 20), oneLine(value, 200)] as const),
    ['Reason', reason],
    [
      'Decides',
      approval && `${oneLine(approval.group, 60)}: ${number(approved)} of ${number(approval.quorum)} approved`,
    ],
    ['Change number', changeNumberFact(approval?.changeNumber)],
  );
}

const mostWarnings = 4;
/** What one looks at before anything else. */
const mostTinted = 2;

/**
 * Until it is over, what it would do to others stands above the facts: that is what is decided about. Where glass is to be
 * broken, that has said it.
 */
function warningsOf({ warnings = [], hasEnded, outcome, breaks }: ChangeView) {
  const all = warnings.slice(0, mostWarnings).map((warning) => `! ${oneLine(warning, 240)}`);
  if (hasEnded || outcome !== undefined || breaks !== undefined || all.length === 0) return { tints: [], notes: all };
  const [first = '', ...others] = all.slice(0, mostTinted);
  const tinted = [tint('warning', first), ...others.map((one) => tint('warning', '', one))];
  return {
    tints: [{ style: 'warning' as const, lines: tinted.flatMap((one) => one.lines) }],
    notes: all.slice(mostTinted),
  };
}

function outcomeTint({ outcome, progress, status, breaks }: ChangeView) {
  const words = outcome ?? progress;
  const glass = breaks === undefined ? [] : [tint('attention', '✗ Glass is to be broken.', ` ${oneLine(breaks, 300)}`)];
  if (words === undefined) return glass;
  const style = { done: 'good', failed: 'attention', refused: 'attention' } as const;
  return [...glass, tint(status in style ? style[status as keyof typeof style] : 'emphasis', oneLine(words, 400))];
}

function decisionGroup({ approval, status }: ChangeView): readonly Group[] {
  const rows = (approval?.decisions ?? []).slice(0, 10).map((decision) => {
    const { verdict, at, reason } = decision;
    const said = reason === undefined || reason === '' ? [] : [`“${oneLine(reason, 200)}”`];
    return markedRow(verdict === 'approve' ? 'done' : 'failed', decisionLabel(decision), said, moment(at));
  });
  const heading = status === 'waiting-for-approval' ? 'Decided so far' : 'Decided';
  return [...stepsGroup(approval?.steps), ...(rows.length === 0 ? [] : [{ heading, rows }])];
}

function answerGroup({ answers = [] }: ChangeView): readonly Group[] {
  const rows = answers.map(({ question, said, isKnown }) => {
    if (said === undefined) return markedRow('todo', question);
    return markedRow(isKnown ? 'done' : 'skipped', question, [said]);
  });
  return rows.length === 0 ? [] : [{ heading: 'Questions', rows }];
}

const mostParts = 12;

function partGroup({ parts = [] }: ChangeView): readonly Group[] {
  const rest = parts.length - mostParts;
  const rows = parts.slice(0, mostParts).map(({ name, said, mark }) => markedRow(mark, name, [said]));
  const more = rest > 0 ? [markedRow('todo', `and ${number(rest)} more`)] : [];
  return rows.length === 0 ? [] : [{ heading: 'Scale sets', rows: [...rows, ...more] }];
}

const mostMachines = 8;

function machineActs(machines: ChangeView['machines'] = []): readonly object[] {
  const rows = machines.slice(0, mostMachines).map(({ name, said, buttons }) => ({
    ...{ label: oneLine(name, 80), detail: oneLine(said, 160), buttons },
  }));
  const rest = machines.length - rows.length;
  return actsPart('Machines for their owners', rows, rest > 0 ? [`and ${number(rest)} more`] : []);
}

function buttons({ id, status, canCancel, undo, canOverride, hash }: ChangeView): readonly Button[] {
  const open = status === 'running' || status === 'waiting-for-approval' || status === 'held';
  if (!open || !canCancel) return [];
  const bound = hash === undefined ? {} : { hash };
  return [
    ...(canOverride ? [{ title: 'Override', call: call('override', { request: id }, 'reason'), ...bound }] : []),
    undo ?? { title: 'Cancel', call: call('cancel', { request: id }, 'reason') },
  ];
}
