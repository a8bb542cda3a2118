import type { Color } from './blocks';
import { type Group, groupLines, lines, type MarkedRow, markColor, markedRow, markSign, markWord } from './blocks';
import { failurePart } from './failure-part';
import { fieldLine, fieldView } from './fields';
import { clip, dotted, duration, list, oneLine } from './format';
import type { Reply } from './reply';
import { runButtons, runFields } from './run-actions';
import { isOver, type RunCardStatus, type RunView, type StageView } from './run-view';
import { sheet } from './sheet';
import template from './templates/run.json';

const titles: Readonly<Record<RunCardStatus, string>> = {
  running: 'Publishing',
  waiting: 'Waiting for approval:',
  'needs-repair': 'Needs repair:',
  'needs-a-look': 'Needs a look:',
  cancelling: 'Cancelling',
  published: 'Published',
  cancelled: 'Cancelled:',
  expired: 'Expired:',
  failed: 'Failed:',
};

/** The one live card of a run; the same card is edited until the run is over. */
export function runCard(view: RunView): Reply {
  const failure = view.failure === undefined ? undefined : failurePart(view.failure);
  const groups = runGroups(view);
  const fields = runFields(view);
  const mend = view.status === 'needs-repair' ? 'A rebuild takes the next patch number. Nothing was published.' : '';
  const notes = [view.remark ?? '', mend, view.note === undefined ? '' : `Note: ${view.note}`];
  return sheet(
    template,
    {
      title: `${titles[view.status]} ${named(view)}`,
      subtitles: [subtitle(view)],
      ...badge(view),
      twin: [
        ...view.stages.map(stageLine),
        ...groupLines(groups),
        ...(failure?.twin ?? []),
        ...lines(notes).map((line) => line.text),
        ...fields.map(fieldLine),
      ],
      buttons: runButtons(view),
    },
    {
      stages: view.stages.map(stageRow),
      groups,
      failures: failure?.blocks ?? [],
      notes: lines(notes),
      fields: fields.map(fieldView),
    },
  );
}

function named(view: RunView): string {
  return view.version === undefined ? view.image : `${view.image} ${view.version}`;
}

function subtitle(view: RunView): string {
  return dotted(
    view.id,
    `asked by ${oneLine(view.requestedBy, 60)}`,
    view.joinedBy.length > 0 &&
      `joined by ${list(
        view.joinedBy.map((name) => oneLine(name, 40)),
        4,
      )}`,
    view.attempt > 1 && `attempt ${view.attempt}`,
    timeLine(view),
  );
}

function timeLine(view: RunView): string | undefined {
  if (view.elapsedMs === undefined) return undefined;
  if (isOver(view.status)) return `took ${duration(view.elapsedMs)}`;
  if (view.status !== 'running') return `for ${duration(view.elapsedMs)}`;
  const so = `for ${duration(view.elapsedMs)}`;
  if (view.usualMs === undefined) return view.first === true ? `${so} · no estimate yet` : so;
  const left = view.usualMs - view.elapsedMs;
  return left >= 60_000 ? `about ${duration(left)} left` : `longer than the usual ${duration(view.usualMs)}`;
}

const badges: Readonly<Record<Exclude<RunCardStatus, 'running'>, { readonly text: string; readonly color: Color }>> = {
  waiting: { text: '● Waiting', color: 'Accent' },
  'needs-repair': { text: '! Repair', color: 'Attention' },
  'needs-a-look': { text: '! Look', color: 'Attention' },
  cancelling: { text: '● Cancelling', color: 'Default' },
  published: { text: '✓ Published', color: 'Good' },
  cancelled: { text: '– Cancelled', color: 'Default' },
  expired: { text: '– Expired', color: 'Default' },
  failed: { text: '✗ Failed', color: 'Attention' },
};

function badge(view: RunView): { readonly badge?: { readonly text: string; readonly color: Color } } {
  if (view.status !== 'running') return { badge: badges[view.status] };
  const now = view.stages.find((stage) => stage.mark === 'now');
  return now === undefined ? {} : { badge: { text: now.label, color: 'Accent' } };
}

function stageRow(stage: StageView): object {
  const begun = stage.mark !== 'todo' && stage.mark !== 'skipped';
  return {
    mark: markSign(stage.mark),
    color: markColor(stage.mark),
    label: stage.label,
    weight: begun ? 'Bolder' : 'Default',
    subtle: !begun,
    detail: oneLine(stage.detail ?? '', 240),
    time: stage.elapsedMs === undefined ? '' : duration(stage.elapsedMs),
  };
}

function stageLine(stage: StageView): string {
  const time = stage.elapsedMs === undefined ? undefined : duration(stage.elapsedMs);
  return dotted(
    `${markSign(stage.mark)} ${stage.label}: ${stage.word ?? markWord(stage.mark)}`,
    oneLine(stage.detail ?? '', 240),
    time,
  );
}

/** The tests when one stopped the run, else the regions while it replicates: never both. */
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
