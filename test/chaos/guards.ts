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
    guard: 'the fence of a write',
    what: 'every request that changes Azure asks how much of its lease is left, and none is sent twice',
    harms: ['a write leaves after its lease, beside that of the heir', 'a write whose answer was lost is sent again'],
  },
  {
    guard: 'the memory of acts',
    what: 'a delivery, an act and an intent are each remembered; the last in the transaction that does the act',
    harms: ['an act that is delivered again is done again', 'a click that Teams repeats runs again'],
  },
  {
    guard: 'the judgement of a decision',
    what: 'under the lock of its request, by who is in the group at that moment',
    harms: [
      'two people decide one request at the same moment',
      'who has left the group counts when the last one decides',
      'a press approves what its card did not list',
    ],
  },
  {
    guard: 'the list of stages',
    what: 'a run names the stages that it may need, and a replica leaves alone what it does not know',
    harms: ['a replica of an older release takes a run with a stage that it does not know'],
  },
  {
    guard: 'what a stage takes',
    what: 'a signal to a run that is over is refused, and one that comes in mid-step is heard',
    harms: [
      'a signal to an ended change is accepted and never heard',
      'a cancel that was accepted while a step was under way is not heard',
    ],
  },
  {
    guard: 'the look after a commit without an answer',
    what: 'it may be done or not: whoever asks again under the same intent gets what it came to',
    harms: ['an act whose commit got through without an answer is done again'],
  },
  {
    guard: 'the parked conversation',
    what: 'where goldbot may not speak it is silent after one try, until it hears from there',
    harms: ['a conversation that is closed to goldbot is tried for ever'],
  },
  {
    guard: 'the pace',
    what: 'one for all replicas, which waits for as long as Teams says',
    harms: ['a message comes before the time that Teams has named'],
  },
  {
    guard: 'the size of a card',
    what: 'every card is cut to 25 KB, and says so',
    harms: ['a card is larger than Teams takes'],
  },
  {
    guard: 'gaps',
    what: 'what Azure did not tell is a gap, and never counts as compliant',
    harms: ['figures of which Azure left rows out look whole'],
  },
];
