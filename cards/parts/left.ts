import { cell, type Group, markedRow, type TableBlock, table } from './blocks';
import { type Instant, moment, oneLine, shortMoment } from './format';

/** Something that a run left in Azure because it could not be deleted in time. */
export interface LeftView {
  /** `image template ubuntu-22-1-6-0-a1-3f9c1ab2`, `test machine gbt-7f3kq-a1`, `candidate ubuntu-22@1.6.0`. */
  readonly what: string;
  /** The resource group. */
  readonly where: string;
  /** The run that made it: `R-7F3KQ`. */
  readonly run: string;
  /** Since when goldbot has been trying to delete it. */
  readonly since: Instant;
  /** What Azure last said about it, a clause. */
  readonly said: string;
  /** Absent while it is there. */
  readonly goneAt?: Instant;
}

const maxRows = 8;

/** On the card of the run that made it. */
export function leftGroups(left: readonly LeftView[]): readonly Group[] {
  if (left.length === 0) return [];
  const rows = left
    .slice(0, maxRows)
    .map(({ what, since, said, goneAt }) =>
      goneAt === undefined
        ? markedRow('needs-person', what, [`since ${moment(since)}: ${oneLine(said, 240)}`])
        : markedRow('done', what, [`gone since ${moment(goneAt)}`]),
    );
  const more = left.length > maxRows ? [markedRow('skipped', `and ${left.length - maxRows} more`)] : [];
  return [{ heading: 'Left in Azure', rows: [...rows, ...more] }];
}

/**
 * What becomes of it, and what a person can do; empty when nothing is left. `follows`: where it shows when it is gone; the
 * card of a run is kept up to date, a list is not.
 */
export function leftNote(left: readonly LeftView[], follows: 'this card' | "its run's card"): string {
  const there = left.filter(({ goneAt }) => goneAt === undefined);
  if (there.length === 0) return '';
  const groups = [...new Set(there.map(({ where }) => where))].join(', ');
  return `goldbot keeps trying to delete what is left, at least once a day; ${follows} shows when it is gone, and no other run waits for it. If it stays: delete it in the Azure portal (${groups}), or open a support request with Microsoft.`;
}

/** On the message that tells the outcome. */
export function leftSentence({ what, said, since }: LeftView): string {
  return `${what} could not be deleted since ${moment(since)}: ${said}`;
}

/** Beside the list of what is in progress. */
export function leftTable(left: readonly LeftView[]): readonly TableBlock[] {
  if (left.length === 0) return [];
  return table({
    heading: 'Left in Azure',
    columns: [
      { title: 'What', width: 10 },
      { title: 'State', width: 10 },
    ],
    rows: left.slice(0, maxRows).map(({ what, where, run, since, said }) => ({
      cells: [
        cell(what, { bold: true, under: `of ${run}, in ${where}` }),
        cell(oneLine(said, 160), { under: `since ${shortMoment(since)}` }),
      ],
    })),
    more: left.length > maxRows ? `The oldest ${maxRows} of ${left.length}.` : '',
  });
}
