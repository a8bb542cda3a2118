import { call } from '../core/command-call';
import { cell, lines, type Mark, markSign, table } from './parts/blocks';
import { statusButton } from './parts/buttons';
import { clip, count, dotted, duration, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
import { type LeftView, leftNote, leftTable } from './parts/left';
import type { Reply } from './reply';
import type { RunCardStatus } from './run';
import { sheet } from './sheet';
import template from './templates/runs.json';

export interface RunRow {
  readonly id: string;
  readonly image: string;
  readonly version?: string;
  /** The last four are for changes. */
  readonly status: RowStatus;
  /** Label of the current stage, or of the one it ended in; absent when it completed all of them. */
  readonly stage?: string;
  readonly requestedBy: string;
  readonly askedAt: Instant;
  readonly elapsedMs: number;
}

export interface RunsView {
  /** `Runs`, `In progress`, `Failed runs of ubuntu-22`. */
  readonly title: string;
  /** Newest first. */
  readonly runs: readonly RunRow[];
  readonly total: number;
  /** What to say when there are none: `Nothing is in progress.` */
  readonly none: string;
  readonly asOf: Instant;
  /** What ended runs left in Azure and is still there. */
  readonly left?: readonly LeftView[];
}

type RowStatus = RunCardStatus | 'changing' | 'done' | 'refused' | 'withdrawn' | 'superseded';

const words: Readonly<Record<RowStatus, { readonly mark: Mark; readonly text: string }>> = {
  running: { mark: 'now', text: 'publishing' },
  waiting: { mark: 'now', text: 'waits for approval' },
  'needs-repair': { mark: 'needs-person', text: 'needs repair' },
  'needs-a-look': { mark: 'needs-person', text: 'needs a look' },
  held: { mark: 'needs-person', text: 'held' },
  cancelling: { mark: 'now', text: 'cancelling' },
  published: { mark: 'done', text: 'published' },
  cancelled: { mark: 'skipped', text: 'cancelled' },
  expired: { mark: 'skipped', text: 'expired' },
  failed: { mark: 'failed', text: 'failed' },
  unchanged: { mark: 'skipped', text: 'nothing new' },
  changing: { mark: 'now', text: 'in progress' },
  done: { mark: 'done', text: 'done' },
  refused: { mark: 'failed', text: 'refused' },
  withdrawn: { mark: 'skipped', text: 'withdrawn' },
  superseded: { mark: 'skipped', text: 'superseded' },
};

const maxRows = 15;

/** Several runs at a glance; `status` without an argument and `runs`. */
export function runsCard(view: RunsView): Reply {
  const shown = view.runs.slice(0, maxRows);
  const tables = table({
    columns: [
      { title: 'Run', width: 7 },
      { title: 'Subject', width: 8 },
      { title: 'State', width: 9 },
    ],
    rows: shown.map((run) => ({ cells: runCells(run) })),
  });
  const nothing = shown.length === 0 ? [view.none] : [];
  const cut = view.total > shown.length ? `The newest ${shown.length} of ${number(view.total)}.` : '';
  const note = dotted(cut, `As of ${moment(view.asOf)}`);
  const first = shown[0];
  return sheet(
    template,
    {
      title: view.title,
      subtitles: [count(view.total, 'run')],
      buttons: first === undefined ? [] : [statusButton(first.id)],
      next: shown.slice(1, 4).map((run) => call('status', { request: run.id })),
    },
    {
      tables: [...tables, ...leftTable(view.left ?? [])],
      paragraphs: lines(nothing),
      notes: lines([leftNote(view.left ?? [], "its run's card"), note]),
    },
  );
}

function runCells(run: RunRow): readonly ReturnType<typeof cell>[] {
  const { mark, text } = words[run.status];
  const took = `${over(run.status) ? 'took ' : ''}${duration(run.elapsedMs)}`;
  const stage = run.stage === undefined ? took : `${clip(run.stage, 40)}, ${took}`;
  return [
    cell(run.id, { bold: true, under: shortMoment(run.askedAt) }),
    cell(`${clip(run.image, 60)} ${clip(run.version ?? '', 20)}`, { under: `by ${oneLine(run.requestedBy, 40)}` }),
    cell(`${markSign(mark)} ${text}`, { bold: isLoud(mark), under: stage }),
  ];
}

/** A run in a line: what it is about, and how it stands. */
export function runLine({ id, image, version, status, requestedBy }: RunRow): {
  readonly title: string;
  readonly about: string;
} {
  const title = dotted(id, oneLine(`${image} ${version ?? ''}`.trim(), 80));
  return { title, about: dotted(words[status].text, `requested by ${oneLine(requestedBy, 40)}`) };
}

function over(status: RowStatus): boolean {
  const { mark } = words[status];
  return mark !== 'now' && mark !== 'needs-person';
}

/** Bold only where somebody should look: a list of many bold words says nothing. */
function isLoud(mark: Mark): boolean {
  return mark === 'needs-person' || mark === 'failed';
}
