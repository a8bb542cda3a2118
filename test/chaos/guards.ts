/** A guard against doing something twice, losing it, or saying what is not so. */
export interface Guard {
  readonly guard: string;
  readonly what: string;
  /** Mistakes of test/mutants/list.ts that take it away: `npm run mutants:known` puts each back and sees its suite red. */
  readonly harms: readonly string[];
}

/** What the table of faults rests on, for docs/reliability.md. */
export const guards: readonly Guard[] = [
  {
    guard: 'the token of a lease',
    what: 'every claim of a row counts it up, and whoever commits must still have the newest',
    harms: [
      'two replicas commit a step of one run: the lock',
      'two replicas commit a step of one run: the update',
      'a step that thaws beside its heir commits',
    ],
  },
  {
    guard: 'the fence of a post',
    what: 'who was frozen between its claim and its post sends nothing once the lease is over',
    harms: ['a second approval card: the lease was lost between claim and create'],
  },
  {
    guard: 'the rest of what kills',
    what: 'a row over which six replicas died in a row rests, ever longer, and what was in the same hands comes back at another moment',
    harms: [
      'a card that kills whoever draws it takes one replica after the other',
      'what was in the hands of a replica that died rests and comes back together with what killed it',
    ],
  },
  {
    guard: 'what a stage takes',
    what: 'a signal to a run that is over, or to a stage that would not hear it, is refused instead of accepted',
    harms: ['a signal to an ended change is accepted and never heard'],
  },
];
