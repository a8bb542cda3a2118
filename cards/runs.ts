import { call } from '../core/command-call';
import { lines, type Mark, markView } from './parts/blocks';
import { statusButton } from './parts/buttons';
import { clip, count, dotted, duration, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
import { type LeftView, leftNote, leftTable } from './parts/left';
import { type PickRow, picksPart } from './parts/picks';
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
  /** How many of all wait for somebody, and how many go on; counted among `runs` when absent. */
  readonly asking?: number;
  readonly open?: number;
  /** What to say when there are none: `Nothing is in progress` */
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
  const cut = view.total > shown.length ? `The newest ${shown.length} of ${number(view.total)}.` : '';
  const note = dotted(cut, `As of ${moment(view.asOf)}`);
  const first = shown[0];
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [`${view.title}: ${number(view.total)}`],
      buttons: [],
      next: first === undefined ? [] : [call('status', { request: first.id })],
    },
    {
      picks: picksPart({ rows: shown.map(rowOf) }),
      tables: leftTable(view.left ?? []),
      notes: lines([leftNote(view.left ?? [], "its run's card"), note]),
    },
  );
}

/** What of them somebody has to do something about, or else how many go on, or how the last one ended. */
function headline({ runs, total, none, ...counted }: RunsView): string {
  const among = (n: number, one: string, many: string) =>
    n === total
      ? `${count(n, 'run')} ${n === 1 ? one : many}`
      : `${number(n)} of ${count(total, 'run')} ${n === 1 ? one : many}`;
  const isAsking = ({ status }: RunRow) => status === 'waiting' || words[status].mark === 'needs-person';
  const asking = counted.asking ?? runs.filter(isAsking).length;
  if (asking > 0) return among(asking, 'needs a person', 'need a person');
  const open = counted.open ?? runs.filter(({ status }) => !over(status)).length;
  if (open > 0) return among(open, 'is in progress', 'are in progress');
  const [last] = runs;
  return last ? `Last run: ${subjectOf(last)}, ${words[last.status].text}` : oneLine(none, 120);
}

const subjectOf = ({ image, version = '' }: RunRow): string => `${clip(image, 60)} ${clip(version, 20)}`.trim();

/** A press shows the run. */
function rowOf(run: RunRow): PickRow {
  const { id, status, stage, requestedBy, askedAt, elapsedMs } = run;
  const { mark, text } = words[status];
  const took = `${over(status) ? 'took ' : ''}${duration(elapsedMs)}`;
  const { call: show, title } = statusButton(id);
  return {
    label: subjectOf(run),
    details: [
      dotted(text, stage === undefined ? took : `${clip(stage, 40)}, ${took}`),
      dotted(id, `by ${oneLine(requestedBy, 40)}`, shortMoment(askedAt)),
    ],
    ...{ sign: markView(mark), call: show, title },
  };
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
