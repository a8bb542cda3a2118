import type { Offender } from './weeks';

/*
 * Rows of a digest that somebody has set aside for a while. It changes no figure: the row stays on the card, counted and
 * named as snoozed, below those that still ask for something.
 */

/** A row of a team's digest that is set aside, in force until `until`; a team has at most one for each row. */
export interface Snooze {
  readonly team: string;
  /** `rowOf` what the row is about. */
  readonly row: string;
  /** How many machines the row was about then. */
  readonly machines: number;
  /** World time. */
  readonly until: Date;
  /** In the words of the person. */
  readonly reason: string;
  readonly by: { readonly oid: string; readonly name: string };
  /** World time. */
  readonly at: Date;
}

/** A row that nobody looks at for longer than this is no row that somebody meant to come back to. */
export const longestSnoozeDays = 90;

const words = {
  policy: 'non-compliant',
  guest: 'guest-non-compliant',
  'not golden': 'not-golden',
  undecided: 'undecided',
} as const satisfies Readonly<Record<Exclude<Offender['kind'], 'version'>, string>>;

/** The word by which people name a row, the same from week to week: `non-compliant`, `ubuntu-22@1.3.0`. */
export function rowOf(offender: Offender): string {
  return offender.kind === 'version' ? `${offender.image}@${offender.version}` : words[offender.kind];
}

/** Whether a row's word was meant: in any case, a version also as `ubuntu-22 1.3.0`. */
export function isRow(typed: string, row: string): boolean {
  return typed.trim().toLowerCase().replace(/\s+/g, '@') === row.toLowerCase();
}

/** A row as a digest shows it. */
export interface DigestRow {
  readonly offender: Offender;
  /** It is set aside now. */
  readonly snoozed?: Snooze;
  /** It was set aside, and that ended since the digest before. */
  readonly woken?: Snooze;
}

/**
 * Every row once: those that ask for something in their order, then those that are snoozed at `now`. `since`: of the
 * digest before; without one, nothing has ended since.
 */
export function rowsOf(
  offenders: readonly Offender[],
  snoozes: readonly Snooze[],
  { now, since }: { readonly now: Date; readonly since?: Date | undefined },
): readonly DigestRow[] {
  const known = new Map(snoozes.map((snooze) => [snooze.row, snooze]));
  const rows = offenders.map((offender): DigestRow => {
    const snooze = known.get(rowOf(offender));
    if (!snooze) return { offender };
    if (snooze.until > now) return { offender, snoozed: snooze };
    return since && snooze.until > since ? { offender, woken: snooze } : { offender };
  });
  return [...rows.filter(({ snoozed }) => !snoozed), ...rows.filter(({ snoozed }) => snoozed)];
}
