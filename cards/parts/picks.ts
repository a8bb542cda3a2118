import { lines, type Sign } from './blocks';
import { type Button, shortTitle, wire } from './buttons';
import { oneLine } from './format';

/** A row that answers with what it is about: all of it is the target, for a thumb. */
export interface PickRow extends Pick<Button, 'call' | 'asksFirst'> {
  readonly label: string;
  readonly details?: readonly string[];
  /** When, in a column to the left, with the sign under it: `9 Dec`. */
  readonly when?: string;
  /** How it stands; absent: no row of the list has one. */
  readonly sign?: Sign;
  /** A number or a word to the right, which does not wrap. */
  readonly figure?: string;
  /** What a press does, for who listens. */
  readonly title: string;
}

interface PickList {
  readonly heading?: string;
  /** What is so of all its rows. */
  readonly remark?: string;
  readonly rows: readonly PickRow[];
  /** A line under it: what is left out. */
  readonly more?: string;
}

/** No list at all when it has no rows. */
export function picksPart({ heading = '', remark = '', rows, more = '' }: PickList): readonly object[] {
  if (rows.length === 0) return [];
  return [{ headings: lines([heading], 80), remarks: lines([remark]), rows: rows.map(pickView), more: lines([more]) }];
}

const none: Sign = { badges: [], signs: [] };

function pickView({ label, details = [], when = '', sign = none, figure = '', title, ...acts }: PickRow): object {
  return {
    ...(when === '' ? sign : none),
    whens: lines([when], 12).map((one) => ({ ...one, ...sign })),
    label: oneLine(label, 120),
    details: lines(details, 160),
    figures: lines([figure], 24),
    title: shortTitle(title),
    ...wire(acts),
  };
}
