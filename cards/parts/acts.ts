import { lines } from './blocks';
import { type Button, wire } from './buttons';
import { clip } from './format';

/** Something that people can do something about, with what they can: the first button is in sight. */
export interface ActRow {
  readonly label: string;
  readonly detail: string;
  readonly buttons: readonly Button[];
}

/** One button fits beside a row on a phone: the others are one press on its words away, below it. */
export function actsPart(heading: string, rows: readonly ActRow[], notes: readonly string[] = []): readonly object[] {
  if (rows.length === 0) return [];
  return [{ heading, rows: rows.map(rowView), notes: lines(notes) }];
}

function rowView({ label, detail, buttons }: ActRow, n: number): object {
  const [first, ...others] = buttons.map((button) => ({ ...wire(button), title: clip(button.title, 16) }));
  const words = { label, detail };
  const isFolded = others.length > 0;
  return {
    first: first ? [first] : [],
    plain: isFolded ? [] : [words],
    more: isFolded ? [{ ...words, id: `act-${n + 1}`, buttons: others }] : [],
  };
}
