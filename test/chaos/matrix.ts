import { isChaos, isFull } from '../support/size';

/** How many, in `npm test`, `npm run test:full` and `npm run chaos`. */
type Sizes = readonly [sample: number, full: number, chaos: number];

/** A test file, all of it or the tests alone whose names match. */
interface Suite {
  readonly test: string;
  readonly only?: string;
}

/** A row of the table of faults. */
interface Fault {
  /** What befalls goldbot. */
  readonly fault: string;
  /** How it is made, for whoever doubts it. */
  readonly made: string;
  /** What counts as a mistake. */
  readonly mistake: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** By what plays it; the sum is the size of the row. */
  readonly parts: Readonly<Record<string, Sizes>>;
  /** Who plays it: test files, or one of the harnesses of tools/chaos.ts. */
  readonly plays: readonly Suite[] | 'kills' | 'teams' | 'months';
}

/**
 * What goldbot is to survive, each with who plays it and how often. From here read `npm run chaos` with its `--only`, the
 * tests with their sizes, and the table in docs/reliability.md.
 */
const matrix = {
  kills: {
    fault: 'A replica is killed (kill -9), or frozen past its lease and thawed beside its heir',
    made: 'three processes over one database kill or stop themselves before or after a call to Azure, before a commit, or with all written and nothing committed, at points that a seed draws; each dead one is replaced',
    mistake:
      'anything built, made, published or decided twice; a run stuck; a signal or decision lost; a machine or template left; a write sent after its lease',
    unit: 'deaths',
    parts: { toy: [12, 200, 300], publish: [0, 200, 400], house: [0, 40, 300] },
    plays: 'kills',
  },
  'kills around Teams': {
    fault: 'A replica dies around a call to Teams or an act of a person',
    made: 'the bot as a process kills itself at each boundary of a post, an edit, a click and a message',
    mistake: 'a card, act or answer lost or done twice; a second message that the audit does not name',
    unit: 'deaths',
    parts: { deaths: [6, 10, 16] },
    plays: 'teams',
  },
  months: {
    fault: 'Months of scheduled publishes under deaths, freezes, failures of Azure and slow approvers',
    made: 'replicas in one process on a clock that goes on when all is quiet; deaths before and after each request',
    mistake: 'a month without exactly one version or the word that nothing changed, or late without a warning',
    unit: 'months of an image',
    parts: { months: [0, 2, 48] },
    plays: 'months',
  },
  races: {
    fault:
      'People decide at the same moment: approve and reject, approve and approve, approve and expiry, cancel and go on',
    made: '6 to 20 calls at once over one pool about each request, or while the clock passes its end',
    mistake: 'not exactly one decision, or a loser who is not told',
    unit: 'races',
    parts: {
      reject: [6, 200, 2_500],
      approve: [4, 200, 2_500],
      expiry: [6, 250, 2_500],
      cancel: [15, 400, 2_500],
    },
    plays: [{ test: 'test/engine/races.test.ts' }],
  },
  duplicates: {
    fault: 'Teams delivers again: the same id four times, the same act under a new id twice',
    made: 'six requests at once to two replicas over one database, for each act',
    mistake: 'an act that is done twice or not at all, or two of its deliveries that are answered differently',
    unit: 'deliveries',
    parts: { clicks: [12, 1_200, 10_002] },
    plays: [{ test: 'test/bot/repeats.test.ts' }],
  },
  failover: {
    fault: 'The database server dies between a commit and its answer, and comes back',
    made: 'a server of its own, sent SIGQUIT when a commit has just gone out through a cable, and started again; two replicas go on meanwhile, and people ask once more when they get no answer',
    mistake:
      'an effect, run, decision or end that is there twice or not at all; a broken audit; a replica that does not go on by itself',
    unit: 'failovers',
    parts: { commits: [0, 3, 60] },
    plays: [{ test: 'test/store/failover.test.ts', only: 'in mid-commit' }],
  },
  'database down': {
    fault: 'The database is gone for a minute',
    made: 'its server is killed and started again after that time',
    mistake:
      'something accepted that is not stored, an answer other than that the database is silent, a process that ends',
    unit: 'seconds without a database',
    parts: { seconds: [0, 2, 60] },
    plays: [{ test: 'test/store/failover.test.ts', only: 'is down' }],
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof matrix;
export const faultNames = Object.keys(matrix) as readonly FaultName[];
export const faults: Readonly<Record<FaultName, Fault>> = matrix;

/** How many of a part are played now. */
export function sizeOf<Name extends FaultName>(
  name: Name,
  part: keyof (typeof matrix)[Name]['parts'] & string,
): number {
  const sizes = faults[name].parts[part];
  if (!sizes) throw new Error(`${name} has no part ${part}`);
  return sizes[isChaos ? 2 : isFull ? 1 : 0];
}

/** The size of a row in `npm test`, `npm run test:full` and `npm run chaos`. */
export function sizesOf(name: FaultName): Sizes {
  const all = Object.values(faults[name].parts);
  const sum = (at: 0 | 1 | 2) => all.reduce((total, sizes) => total + sizes[at], 0);
  return [sum(0), sum(1), sum(2)];
}
