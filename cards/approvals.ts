import { call } from '../core/command-call';
import { minutes } from '../core/time';
import { cell, lines, table } from './parts/blocks';
import { statusButton } from './parts/buttons';
import { count, dotted, duration, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
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

/** What is waiting for a decision. */
export function approvalsCard(view: ApprovalsView): Reply {
  const shown = view.approvals.slice(0, 12);
  const tables = table({
    columns: [
      { title: 'Request', width: 7 },
      { title: 'Subject', width: 8 },
      { title: 'Open until (UTC)', width: 9 },
    ],
    rows: shown.map((row) => ({
      cells: [
        cell(row.id, { bold: true, under: `run ${row.runId}` }),
        cell(`${row.image} ${row.version}`.trim(), { under: `requested by ${oneLine(row.askedBy, 40)}` }),
        cell(`${shortMoment(row.until)}${left(row.until, view.asOf)}`, { under: yours(row) }),
      ],
    })),
  });
  const nothing = shown.length === 0 ? ['Nothing is waiting for a decision.'] : [];
  const cut = view.total > shown.length ? `The most urgent ${shown.length} of ${number(view.total)}.` : '';
  const note = dotted(cut, `As of ${moment(view.asOf)}`);
  const unasked = shown.flatMap(({ id, unasked: why }) => (why === undefined ? [] : [`! ${id}: ${why.words}`]));
  const first = shown.find((row) => row.yours) ?? shown[0];
  const mine = shown.filter((row) => row.yours).slice(0, 3);
  return sheet(
    template,
    {
      title: 'Waiting for a decision',
      subtitles: [count(view.total, 'approval')],
      buttons: first === undefined ? [] : [statusButton(first.id)],
      next: mine.map((row) => call('approve', { request: row.id })),
    },
    { tables, paragraphs: lines(nothing), notes: lines([...unasked.slice(0, mostUnasked), note]) },
  );
}

/** The list says as of when it is, so that it may say how long that is from then. */
function left(until: Instant, asOf: Instant): string {
  const ms = new Date(until).getTime() - new Date(asOf).getTime();
  return ms < minutes(1) ? '' : `, in ${duration(ms)}`;
}

function yours(row: ApprovalRow): string {
  const so = `${asked(row)}${row.approved} of ${row.quorum} approved`;
  if (row.blocked) return `! nobody can approve it as things are, ${so}`;
  const place = row.inPlaceOf === undefined ? '' : ` in the place of ${oneLine(row.inPlaceOf, 40)}`;
  if (row.yours) return `! you can decide${place}, ${so}`;
  return `– not you${row.whyNot === undefined ? '' : `: ${row.whyNot}`}, ${so}`;
}

function asked({ unasked }: ApprovalRow): string {
  return unasked === undefined ? '' : `${unasked.short}, `;
}
