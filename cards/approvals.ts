import { call } from '../core/command-call';
import { minutes } from '../core/time';
import { lines, markView } from './parts/blocks';
import { count, dotted, duration, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
import { type PickRow, picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/approvals.json';

export interface ApprovalRow {
  /** Id of the approval request. */
  readonly id: string;
  readonly runId: string;
  readonly image: string;
  readonly version: string;
  readonly askedBy: string;
  readonly until: Instant;
  readonly approved: number;
  readonly quorum: number;
  /** True when the person who asks may decide. */
  readonly yours: boolean;
  /** Whose place the person takes. */
  readonly inPlaceOf?: string;
  /** If not, why: `you asked for it`, `image-approvers decide`. */
  readonly whyNot?: string;
  /** As things are, nobody can approve it. */
  readonly blocked?: boolean;
  /** Present while nobody sees its card: who is asked, in short, and since when, why, and what to do. */
  readonly unasked?: {
    readonly words: string;
    readonly short: 'nobody asked yet' | 'perhaps nobody asked yet' | 'its card was deleted';
  };
}

export interface ApprovalsView {
  /** Most urgent first. */
  readonly approvals: readonly ApprovalRow[];
  readonly total: number;
  readonly asOf: Instant;
}

/** One sentence each; the rows say it of all. */
const mostUnasked = 3;

/** What is waiting for a decision, most urgent first: a press on a row opens it where it can be decided. */
export function approvalsCard(view: ApprovalsView): Reply {
  const shown = view.approvals.slice(0, 12);
  const cut = view.total > shown.length ? `The most urgent ${shown.length} of ${number(view.total)}.` : '';
  const note = dotted(cut, `As of ${moment(view.asOf)}`);
  const unasked = shown.flatMap(({ id, unasked: why }) => (why === undefined ? [] : [`! ${id}: ${why.words}`]));
  const mine = shown.filter((row) => row.yours);
  const others = shown.filter((row) => !row.yours);
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [],
      buttons: [],
      next: (mine.length > 0 ? mine : shown)
        .slice(0, 3)
        .map((row) => call(row.yours ? 'approve' : 'status', { request: row.id })),
    },
    {
      picks: [
        ...picksPart({ rows: mine.map((row) => pickRow(row, view.asOf)) }),
        ...picksPart({
          heading: mine.length > 0 && others.length > 0 ? 'Others decide' : '',
          rows: others.map((row) => pickRow(row, view.asOf)),
        }),
      ],
      notes: lines([...unasked.slice(0, mostUnasked), note]),
    },
  );
}

function headline({ approvals, total }: ApprovalsView): string {
  const mine = approvals.filter(({ yours }) => yours).length;
  if (total === 0) return 'Nothing is waiting for a decision';
  if (mine === 0) return `${count(total, 'request')} ${total === 1 ? 'waits' : 'wait'} for others to decide`;
  return `${count(mine, 'request')} ${mine === 1 ? 'waits' : 'wait'} for you${total > mine ? `, of ${number(total)}` : ''}`;
}

function pickRow(row: ApprovalRow, asOf: Instant): PickRow {
  return {
    ...((row.yours || row.blocked) && { sign: markView('needs-person') }),
    label: `${row.image} ${row.version}`.trim(),
    details: [
      `requested by ${oneLine(row.askedBy, 40)} · ${standing(row)}`,
      `open until ${shortMoment(row.until)} UTC${left(row.until, asOf)}`,
      `${row.id} · run ${row.runId}`,
    ],
    call: call('status', { request: row.id }),
    title: `Show ${row.id}`,
  };
}

/** The list says as of when it is, so that it may say how long that is from then. */
function left(until: Instant, asOf: Instant): string {
  const ms = new Date(until).getTime() - new Date(asOf).getTime();
  return ms < minutes(1) ? '' : `, in ${duration(ms)}`;
}

function standing(row: ApprovalRow): string {
  const so = `${asked(row)}${row.approved} of ${row.quorum} approved`;
  if (row.blocked) return `nobody can approve it as things are, ${so}`;
  const place = row.inPlaceOf === undefined ? '' : ` on behalf of ${oneLine(row.inPlaceOf, 40)}`;
  if (row.yours) return `you can decide${place}, ${so}`;
  return `not you${row.whyNot === undefined ? '' : `: ${row.whyNot}`}, ${so}`;
}

function asked({ unasked }: ApprovalRow): string {
  return unasked === undefined ? '' : `${unasked.short}, `;
}
