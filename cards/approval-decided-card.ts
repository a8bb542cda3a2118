import { type ApprovalFacts, approvalBody, type DecisionView, readButtons } from './approval-card';
import type { Color } from './blocks';
import { lines } from './blocks';
import { dotted, type Instant, moment, oneLine } from './format';
import { statusButton } from './parts/buttons';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/approval.json';

export type DecidedStatus = 'approved' | 'rejected' | 'expired' | 'withdrawn' | 'void';

export interface ApprovalDecidedView extends ApprovalFacts {
  readonly status: DecidedStatus;
  readonly decisions: readonly DecisionView[];
  readonly at: Instant;
  /** Who withdrew it; not for the other states. */
  readonly by?: string;
  /** What changed and made it void: `base 22.04.202611120 → 22.04.202611190`. */
  readonly changes?: readonly string[];
}

const looks: Readonly<
  Record<
    DecidedStatus,
    { readonly title: string; readonly badge: string; readonly color: Color; readonly next: string }
  >
> = {
  approved: { title: 'Approved:', badge: '✓ Approved', color: 'Good', next: 'It is being published.' },
  rejected: {
    title: 'Rejected:',
    badge: '✗ Rejected',
    color: 'Attention',
    next: 'The run is back in repair with this reason. Nothing was published.',
  },
  expired: { title: 'Not decided in time:', badge: '– Expired', color: 'Default', next: 'Nothing was published.' },
  withdrawn: { title: 'Withdrawn:', badge: '– Withdrawn', color: 'Default', next: 'Nothing was published.' },
  void: {
    title: 'No longer valid:',
    badge: '! Void',
    color: 'Attention',
    next: 'The plan changed, so nobody can decide on this any more; a new approval is asked for.',
  },
};

/** What an approval card turns into: how it ended, and no button that decides. */
export function approvalDecidedCard(view: ApprovalDecidedView): Reply {
  const look = looks[view.status];
  const body = approvalBody(view, view.decisions, 'Decided');
  const changes = (view.changes ?? []).slice(0, 8).map((change) => `Changed: ${change}`);
  const by = view.by === undefined ? '' : `by ${oneLine(view.by, 60)}`;
  const news = lines([look.next, ...changes], 300);
  return sheet(
    template,
    {
      title: `${look.title} ${view.image} ${view.version}`,
      subtitles: [dotted(view.id, `run ${view.runId}`, by, moment(view.at))],
      badge: { text: look.badge, color: look.color },
      twin: [...news.map((line) => line.text), ...body.twin],
      buttons: [statusButton(view.runId, 'Show the run'), ...readButtons(view)],
    },
    { ...body.blocks, paragraphs: news },
  );
}
