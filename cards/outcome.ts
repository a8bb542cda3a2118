import { call } from '../core/command-call';
import type { Tone } from './parts/blocks';
import { type Group, lines, type Mark, markedRow } from './parts/blocks';
import { type Button, logsButton, publishButton, showButton } from './parts/buttons';
import { dotted, duration, oneLine } from './parts/format';
import { asWhom } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/outcome.json';

export interface OutcomeView {
  readonly id: string;
  readonly image: string;
  /** Absent when the run ended before it had a number. */
  readonly version?: string;
  readonly outcome: 'published' | 'cancelled' | 'expired' | 'failed';
  readonly requestedBy: string;
  /** One sentence: why it ended, in the words of who ended it. */
  readonly why?: string;
  readonly by?: string;
  readonly tookMs?: number;
  /** What exists now: `ubuntu-22 1.6.0 in West Europe ×3`. */
  readonly exists: readonly string[];
  /** What was removed: `test VM gbt-7f3kq-a1`. */
  readonly cleaned: readonly string[];
  /** What is left and needs a person. */
  readonly left?: readonly string[];
}

const looks: Readonly<
  Record<OutcomeView['outcome'], { readonly title: string; readonly badge: string; readonly tone: Tone }>
> = {
  published: { title: 'is published', badge: '✓ Published', tone: 'Good' },
  cancelled: { title: 'was cancelled', badge: '– Cancelled', tone: 'Informative' },
  expired: { title: 'expired without a decision', badge: '– Expired', tone: 'Informative' },
  failed: { title: 'failed', badge: '✗ Failed', tone: 'Attention' },
};

/** How a run ended: what exists now, what was cleaned up, what to do next. */
export function outcomeCard(view: OutcomeView): Reply {
  const look = looks[view.outcome];
  const name = view.version === undefined ? `The publish of ${view.image}` : `${view.image} ${view.version}`;
  const by = view.by === undefined ? '' : `${oneLine(view.by, 60)}: `;
  const why = view.why === undefined ? [] : [`${by}${view.why}`];
  const groups = [
    ...rows('What exists now', view.exists, 'done'),
    ...rows('Needs attention', view.left ?? [], 'needs-person'),
    ...rows('Cleaned up', view.cleaned, 'skipped'),
  ];
  return sheet(
    template,
    {
      title: `${name} ${look.title}`,
      subtitles: [
        dotted(
          view.id,
          `requested by ${oneLine(view.requestedBy, 60)}`,
          view.tookMs !== undefined && `took ${duration(view.tookMs)}`,
          asWhom,
        ),
      ],
      badge: { text: look.badge, tone: look.tone },
      buttons: nextButtons(view),
      next: [call('versions', { image: view.image })],
    },
    { paragraphs: lines(why), groups },
  );
}

function rows(heading: string, items: readonly string[], mark: Mark): readonly Group[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, 10).map((item) => markedRow(mark, item));
  const more = items.length > 10 ? [markedRow('skipped', `and ${items.length - 10} more`)] : [];
  return [{ heading, rows: [...shown, ...more] }];
}

function nextButtons(view: OutcomeView): readonly Button[] {
  const log = logsButton(view.id);
  if (view.outcome === 'published' && view.version !== undefined) return [showButton(view.image, view.version), log];
  return [publishButton(view.image, 'Publish again'), log];
}
