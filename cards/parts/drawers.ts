import type { Fact, MarkedRow } from './blocks';
import { number, oneLine } from './format';

/** What is folded away under its own line, which says how much there is. */
export interface Drawer {
  readonly heading: string;
  readonly facts?: readonly Fact[];
  readonly rows?: readonly MarkedRow[];
  /** How much there is, where a row is about more than one thing. */
  readonly many?: number;
}

/** What a phone shows of it on one line. */
const longestHeading = 32;

/** Those that hold something. `id`: of the first, among everything that can be folded on the card. */
export function drawersPart(drawers: readonly Drawer[], id = 'drawer'): readonly object[] {
  return drawers.flatMap(({ heading, facts = [], rows = [], many = facts.length + rows.length }, i) => {
    if (many === 0) return [];
    const sets = facts.length === 0 ? [] : [{ facts }];
    const lists = rows.length === 0 ? [] : [{ rows }];
    return [{ id: `${id}-${i}`, heading: oneLine(heading, longestHeading), many: number(many), sets, lists }];
  });
}
